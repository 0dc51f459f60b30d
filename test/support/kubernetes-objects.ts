/** Objects of a small shop, as manifests have them. */
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
