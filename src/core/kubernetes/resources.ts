/** What a name such as `deploy/api` or `sessions.stream.io/test` means at a cluster: the cluster itself says which kinds it has. */
import { type Kubernetes, KubernetesFault, type KubernetesObject } from './api.ts'
import { listAt, textAt } from './fields-of.ts'

/** A kind of object, as the cluster has it. */
export interface Resource {
  /** `apps/v1`, `v1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly isNamespaced: boolean
}

/** `TYPE/NAME` or `TYPE`. */
export interface Named {
  readonly type: string
  /** Null = all of the type. */
  readonly name: string | null
}

/** Groups of kinds that people name without one; those of `v1` have the empty group. */
const groups: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'configmaps cm endpoints ep events ev limitranges limits namespaces ns nodes no persistentvolumeclaims pvc persistentvolumes pv pods po replicationcontrollers rc resourcequotas quota secrets serviceaccounts sa services svc'
      .split(' ')
      .map((name) => [name, '']),
  ),
  ...grouped('apps', 'deployments deploy statefulsets sts daemonsets ds replicasets rs controllerrevisions'),
  ...grouped('batch', 'jobs cronjobs cj'),
  ...grouped('autoscaling', 'horizontalpodautoscalers hpa'),
  ...grouped('policy', 'poddisruptionbudgets pdb'),
  ...grouped('networking.k8s.io', 'ingresses ing networkpolicies netpol'),
  ...grouped('storage.k8s.io', 'storageclasses sc'),
  ...grouped('snapshot.storage.k8s.io', 'volumesnapshots vs volumesnapshotcontents volumesnapshotclasses'),
  ...grouped('apiextensions.k8s.io', 'customresourcedefinitions crd crds'),
  ...grouped('gateway.networking.k8s.io', 'gateways gtw httproutes grpcroutes'),
  ...grouped('monitoring.coreos.com', 'prometheusrules promrule servicemonitors smon podmonitors pmon alertmanagers'),
  ...grouped('cert-manager.io', 'certificates cert issuers clusterissuers'),
  ...grouped('argoproj.io', 'rollouts ro applications app analysisruns'),
  ...grouped('flagger.app', 'canaries'),
}

function grouped(group: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, group]))
}

/** Null = it is no such name. */
export function readNamed(text: string): Named | null {
  const found = /^([A-Za-z][A-Za-z0-9-]*(?:\.[a-z0-9.-]+)?)(?:\/([A-Za-z0-9][A-Za-z0-9.:_-]*))?$/.exec(text)
  return found?.[1] === undefined ? null : { type: found[1], name: found[2] ?? null }
}

export interface Resources {
  /** By the name of a type: plural, singular, short or kind, with its group where it is not a common one. Throws KubernetesFault. */
  readonly named: (type: string) => Promise<Resource>
  /** By what stands in a manifest. Throws KubernetesFault. */
  readonly ofKind: (apiVersion: string, kind: string) => Promise<Resource>
}

export function resourcesOf(kubernetes: Kubernetes): Resources {
  // What was answered holds for as long as this client does; a fault is no answer.
  const known = new Map<string, KubernetesObject>()
  const ask = async (path: string): Promise<KubernetesObject> => {
    const found = known.get(path) ?? (await kubernetes.get(path)) ?? {}
    known.set(path, found)
    return found
  }
  const listOf = async (apiVersion: string): Promise<readonly KubernetesObject[]> =>
    listAt(await ask(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`), 'resources')
  const ofKind: Resources['ofKind'] = async (apiVersion, kind) => {
    const rows = await quietly(listOf(apiVersion), [])
    const row = rows.find((one) => one['kind'] === kind && !textAt(one, 'name').includes('/'))
    if (row === undefined) throw new KubernetesFault(`the cluster has no kind ${kind} of ${apiVersion}`, 404)
    return resourceOf(row, apiVersion)
  }
  const named: Resources['named'] = async (type) => {
    const dot = type.indexOf('.')
    const bare = (dot === -1 ? type : type.slice(0, dot)).toLowerCase()
    const group = dot === -1 ? groupOf(bare) : type.slice(dot + 1)
    if (group === null)
      throw new KubernetesFault(`${type} is no common kind; name its group too, such as ${bare}.example.com`, 0)
    const apiVersion = group === '' ? 'v1' : await preferred(ask, group)
    const row = (await listOf(apiVersion)).find((one) => isCalled(one, bare))
    if (row === undefined) throw new KubernetesFault(`the cluster has no ${bare} in ${apiVersion}`, 404)
    return resourceOf(row, apiVersion)
  }
  return { named, ofKind }
}

/** Also of the singular. */
function groupOf(name: string): string | null {
  const plural = [name, `${name}s`, `${name}es`, name.replace(/y$/, 'ies')].find((one) => Object.hasOwn(groups, one))
  return plural === undefined ? null : (groups[plural] ?? null)
}

async function preferred(ask: (path: string) => Promise<KubernetesObject>, group: string): Promise<string> {
  const found = await quietly(ask(`/apis/${group}`), {})
  const version = textAt(found, 'preferredVersion.groupVersion')
  if (version === '') throw new KubernetesFault(`the cluster has nothing of ${group}`, 404)
  return version
}

/** What a cluster does not have at all it answers as any web server does, and not as of an object. */
async function quietly<T>(asked: Promise<T>, none: T): Promise<T> {
  try {
    return await asked
  } catch (fault) {
    if (fault instanceof KubernetesFault && fault.status === 404) return none
    throw fault
  }
}

function isCalled(row: KubernetesObject, name: string): boolean {
  const own = textAt(row, 'name')
  if (own.includes('/')) return false
  const short = row['shortNames']
  return (
    own === name ||
    textAt(row, 'singularName') === name ||
    textAt(row, 'kind').toLowerCase() === name ||
    (Array.isArray(short) && short.includes(name))
  )
}

function resourceOf(row: KubernetesObject, apiVersion: string): Resource {
  return {
    apiVersion,
    kind: textAt(row, 'kind'),
    plural: textAt(row, 'name'),
    isNamespaced: row['namespaced'] === true,
  }
}

/** `/apis/apps/v1/namespaces/shop/deployments/api`; without a name that of the list. */
export function pathOf(resource: Resource, namespace: string, name: string | null): string {
  const { apiVersion, plural, isNamespaced } = resource
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = isNamespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${within}/${plural}${name === null ? '' : `/${encodeURIComponent(name)}`}`
}
