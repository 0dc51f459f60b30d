/** Objects of a small shop, as manifests have them. */
import type { Cluster } from './kubernetes-cluster.ts'
import { kindRows } from './kubernetes-kinds.ts'
import type { Row } from './kubernetes-patches.ts'

export const namespace: Row = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }

export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  image: string,
  more: Row = {},
): Row {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop', labels },
    spec: {
      ...(kind !== 'DaemonSet' && { replicas: 2 }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
      ...more,
    },
  }
}

export function session(name: string, phase: string): Row {
  return {
    apiVersion: 'stream.example.com/v1alpha1',
    kind: 'Session',
    metadata: { name, namespace: 'shop' },
    spec: { user: 'ana' },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False', message: phase }] },
  }
}

export function warning(reason: string, at: string): Row {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `api.${reason.toLowerCase()}`, namespace: 'shop' },
    type: 'Warning',
    reason,
    message: `${reason} of api`,
    involvedObject: { kind: 'Pod', name: 'api-0' },
    lastTimestamp: at,
  }
}

/** Names of the pods with these labels, in order, once the controllers have made them and they are ready. */
export function podNames(cluster: Cluster, labels: string): readonly string[] {
  const kind = kindRows(cluster.kinds).find((one) => one.plural === 'pods')
  if (kind === undefined) return []
  const query = new URLSearchParams({ labelSelector: labels })
  // Controllers go on whenever somebody looks.
  const looks = [1, 2, 3, 4, 5].map(() => cluster.list({ kind, namespace: 'shop', name: '', sub: '' }, query))
  const { items } = looks.at(-1) as { items: { metadata: { name: string } }[] | null }
  return (items ?? []).map(({ metadata }) => metadata.name).toSorted()
}

/** A pod of its own, with these containers. */
export function podOf(name: string, phase: 'Running' | 'Pending', containers: readonly string[]): Row {
  const isRunning = phase === 'Running'
  const state = isRunning ? { running: {} } : { waiting: {} }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { pod: name } },
    spec: { containers: containers.map((each) => ({ name: each, image: `${each}:1` })) },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: isRunning ? 'True' : 'False' }],
      containerStatuses: containers.map((each) => ({ name: each, state })),
    },
  }
}
