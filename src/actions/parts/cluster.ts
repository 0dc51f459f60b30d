/** A cluster as actions use it: their powers, its refusals as theirs, waiting until a version is out, and marks of a step. */
import { z } from 'zod'
import { KubernetesFault, type KubernetesObject } from '../../core/kubernetes/api.ts'
import { type Cluster, clusterOf, findOne } from '../../core/kubernetes/cluster.ts'
import { fieldAt, textAt } from '../../core/kubernetes/fields-of.ts'
import {
  kubernetesFields,
  kubernetesSecrets,
  type KubernetesSettings,
  kubernetesSource,
} from '../../core/kubernetes/fields.ts'
import { ManifestFault } from '../../core/kubernetes/manifest.ts'
import { readNamed } from '../../core/kubernetes/resources.ts'
import { rolloutState } from '../../core/kubernetes/rollout-state.ts'
import { parseDuration } from '../../core/plan/duration.ts'
import { ActionFault, type ActionPowers } from '../../core/ports/action.ts'

export const everyField = z
  .string()
  .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 2s' })
  .default('2s')
  .describe('How often it is looked at')

export const waitField = z
  .boolean()
  .default(true)
  .describe('Ends once the new version is out; `false` once it was ordered')

export const workloadField = z
  .string()
  .refine((text) => text.includes('{{') || readNamed(text)?.name != null, {
    error: 'expected a type and a name such as deployment/api',
  })
  .describe('`deployment/NAME`, `statefulset/NAME`, `daemonset/NAME`')

/** Of every action about a cluster. */
export const clusterSettings = {
  fields: kubernetesFields,
  takes: kubernetesSource,
  secrets: kubernetesSecrets,
} as const

export const inCluster = ['https://kubernetes.default.svc'] as const

export async function withCluster<T>(
  given: KubernetesSettings,
  powers: ActionPowers,
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  try {
    return await use(clusterOf(given, { ask: powers.http, sleep: powers.sleep, secret: powers.secret }))
  } catch (fault) {
    if (fault instanceof KubernetesFault) throw new ActionFault(fault.message, fault.status)
    if (fault instanceof ManifestFault) throw new ActionFault(fault.message)
    throw fault
  }
}

/** Looks until it is out; what does not get better by waiting is a fault. */
export async function waitUntilOut(
  cluster: Cluster,
  kind: string,
  path: string,
  every: string,
  powers: ActionPowers,
): Promise<string> {
  for (let told = ''; ; ) {
    const object = await cluster.api.get(path)
    if (object === null) throw new ActionFault(`${path} is gone`)
    const { state, say } = rolloutState(kind, object)
    if (state === 'done') return say
    if (state === 'failed') throw new ActionFault(say)
    if (fieldAt(object, 'spec.paused') === true) throw new ActionFault(`${textAt(object, 'metadata.name')} is paused`)
    if (say !== told) powers.say(say)
    told = say
    await powers.sleep(millisOf(every))
  }
}

/** What was ordered, and with `wait` how the workload came out. */
export async function thenOut(
  cluster: Cluster,
  said: string,
  given: { readonly workload: string; readonly wait: boolean; readonly every: string },
  powers: ActionPowers,
): Promise<string> {
  if (!given.wait) return said
  const { resource, path } = await findOne(cluster, given.workload)
  return `${said}; ${await waitUntilOut(cluster, resource.kind, path, given.every, powers)}`
}

export function millisOf(every: string): number {
  const parsed = parseDuration(every)
  return parsed.ok ? Math.max(parsed.value, 100) : 2_000
}

/** The same for every attempt of a step, and another for another step or release. */
export function markOf({ facts }: ActionPowers): string {
  const { release = '', attempt = '' } = facts
  if (release === '') throw new ActionFault('it belongs to no release, and could not be told from another')
  return `${release}:${attempt.slice(0, attempt.lastIndexOf('/'))}`
}

/** Annotation of a workload: which step changed it last, and what was there before. */
export const stepAnnotation = 'holdpoint.dev/step'

const noted = z.object({ for: z.string(), before: z.string() })

/** What was there before this step changed it; null = it has not. */
export function beforeOf(object: KubernetesObject, mark: string): string | null {
  const written = textAt(object, `metadata.annotations["${stepAnnotation}"]`)
  try {
    const read = noted.safeParse(JSON.parse(written))
    return read.success && read.data.for === mark ? read.data.before : null
  } catch {
    return null
  }
}

export function noteOf(mark: string, before: string): Readonly<Record<string, string>> {
  return { [stepAnnotation]: JSON.stringify({ for: mark, before }) }
}

/** So that what somebody else changes in between is not lost: the cluster refuses, and it is looked at again. */
export function guardOf(object: KubernetesObject): { readonly resourceVersion: string } {
  return { resourceVersion: textAt(object, 'metadata.resourceVersion') }
}

/** Somebody was faster: looked at again, a few times. */
export async function patiently<T>(change: () => Promise<T>, powers: ActionPowers): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change()
    } catch (fault) {
      if (!(fault instanceof KubernetesFault) || fault.status !== 409 || attempt === 5) throw fault
      await powers.sleep(attempt * 200)
    }
  }
}
