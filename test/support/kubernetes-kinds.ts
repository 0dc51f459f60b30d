/** The kinds that a cluster has, and how it tells them: its discovery. */

export interface KindRow {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly short: readonly string[]
  readonly isNamespaced: boolean
}

const row = (apiVersion: string, kind: string, plural: string, short = '', isNamespaced = true): KindRow => ({
  apiVersion,
  kind,
  plural,
  short: short === '' ? [] : short.split(' '),
  isNamespaced,
})

export const builtIn: readonly KindRow[] = [
  row('v1', 'Namespace', 'namespaces', 'ns', false),
  row('v1', 'Pod', 'pods', 'po'),
  row('v1', 'Service', 'services', 'svc'),
  row('v1', 'ConfigMap', 'configmaps', 'cm'),
  row('v1', 'Event', 'events', 'ev'),
  row('apps/v1', 'Deployment', 'deployments', 'deploy'),
  row('apps/v1', 'StatefulSet', 'statefulsets', 'sts'),
  row('apps/v1', 'DaemonSet', 'daemonsets', 'ds'),
  row('apps/v1', 'ReplicaSet', 'replicasets', 'rs'),
  row('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  row('batch/v1', 'Job', 'jobs'),
]

/** Of operators that somebody has installed. */
export const installed = {
  session: row('stream.example.com/v1alpha1', 'Session', 'sessions'),
  snapshot: row('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', 'volumesnapshots', 'vs'),
  rule: row('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules', 'promrule'),
  route: row('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'),
  rollout: row('argoproj.io/v1alpha1', 'Rollout', 'rollouts', 'ro'),
} as const

export function kindRows(more: readonly KindRow[]): readonly KindRow[] {
  return [...builtIn, ...more]
}

/** What stands at an address of discovery; null = it is another address. */
export function discovery(path: string, more: readonly KindRow[]): unknown {
  const rows = kindRows(more)
  if (path === '/version') return { major: '1', minor: '31', gitVersion: 'v1.31.0' }
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  const groups = [...new Set(rows.map(({ apiVersion }) => apiVersion).filter((each) => each.includes('/')))]
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) }
  const version = path.replace(/^\/apis?\//, '')
  if (version === 'v1' || groups.includes(version)) return listOf(version, rows)
  const group = groups.find((each) => path === `/apis/${each.split('/')[0]}`)
  return group === undefined ? null : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) }
}

function groupOf(groupVersion: string): object {
  const [name, version] = groupVersion.split('/')
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
}

function listOf(groupVersion: string, rows: readonly KindRow[]): unknown {
  const resources = rows
    .filter(({ apiVersion }) => apiVersion === groupVersion)
    .flatMap(({ kind, plural, short, isNamespaced }) => [
      {
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced: isNamespaced,
        kind,
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
        ...(short.length > 0 && { shortNames: short }),
      },
      { name: `${plural}/status`, singularName: '', namespaced: isNamespaced, kind, verbs: ['get', 'patch', 'update'] },
    ])
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
}
