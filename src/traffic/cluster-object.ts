/** Objects of a cluster as traffic drivers change them: read, fenced against older releases, and never over somebody else's change. */
import { KubernetesFault, type KubernetesObject } from '../core/kubernetes/api.ts'
import { type Cluster, clusterOf, findOne, type Found } from '../core/kubernetes/cluster.ts'
import { textAt } from '../core/kubernetes/fields-of.ts'
import type { KubernetesSettings } from '../core/kubernetes/fields.ts'
import type { Reading, TrafficPowers } from '../core/ports/traffic.ts'
import type { Json } from '../core/units.ts'

const epochAnnotation = 'holdpoint.dev/epoch'
const attempts = 5

export function clusterFor(given: KubernetesSettings, powers: TrafficPowers): Cluster {
  return clusterOf(given, {
    ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
    sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    secret: powers.secret,
  })
}

/** `change` gives the merge patch for an object as it is, or null where nothing is to be done. Throws a sentence. */
export async function changed(
  cluster: Cluster,
  name: string,
  powers: TrafficPowers,
  change: (object: KubernetesObject) => { readonly spec: Json } | null,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findOne(cluster, name)
    fence(found.object, name, powers)
    const patch = change(found.object)
    if (patch === null) return
    try {
      await order(cluster, found, patch, powers)
      return
    } catch (fault) {
      // Somebody changed it between the look and the order: it is looked at again.
      if (!(fault instanceof KubernetesFault) || fault.status !== 409 || attempt === attempts) throw fault
      await powers.clock.sleep(attempt * 200, powers.signal)
    }
  }
}

function fence(object: KubernetesObject, name: string, { epoch }: TrafficPowers): void {
  const written = Number(textAt(object, `metadata.annotations["${epochAnnotation}"]`) || 0)
  if (written > epoch) throw new Error(`${name} was changed by a later release (epoch ${written}, ours is ${epoch}).`)
}

async function order(
  cluster: Cluster,
  { path, object }: Found & { readonly object: KubernetesObject },
  patch: { readonly spec: Json },
  { epoch }: TrafficPowers,
): Promise<void> {
  const metadata = {
    resourceVersion: textAt(object, 'metadata.resourceVersion'),
    annotations: { [epochAnnotation]: String(epoch) },
  }
  await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'merge', { metadata, ...patch })
}

export function cannotTell(fault: unknown): Reading {
  return { kind: 'cannot-tell', say: fault instanceof Error ? fault.message : String(fault) }
}
