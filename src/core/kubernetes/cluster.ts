/** A cluster as blocks use it: the client, its namespace, and what names such as `deploy/api` mean there. */
import { type Kubernetes, kubernetesAt, KubernetesFault, type KubernetesObject, type KubernetesPowers } from './api.ts'
import type { KubernetesSettings } from './fields.ts'
import { nameOf } from './fields-of.ts'
import { pathOf, readNamed, type Resource, type Resources, resourcesOf } from './resources.ts'

export interface ClusterPowers {
  readonly ask: (
    url: string,
    init: Parameters<KubernetesPowers['ask']>[1] & { readonly ca?: string },
  ) => ReturnType<KubernetesPowers['ask']>
  readonly sleep: KubernetesPowers['sleep']
  readonly secret: (name: string) => string
}

export interface Cluster {
  readonly api: Kubernetes
  readonly resources: Resources
  readonly namespace: string
}

/** `settings` with the values of their `{{ name }}`. */
export function clusterOf(settings: KubernetesSettings, powers: ClusterPowers): Cluster {
  const ca = settings.ca === undefined ? {} : { ca: powers.secret(settings.ca) }
  const token = settings.token === false ? null : powers.secret(settings.token)
  const api = kubernetesAt(
    { server: settings.server.replace(/\/+$/, ''), token },
    { ask: (url, init) => powers.ask(url, { ...init, ...ca }), sleep: powers.sleep },
  )
  return { api, resources: resourcesOf(api), namespace: settings.namespace }
}

export interface Found {
  readonly resource: Resource
  /** Of the object, or of the list. */
  readonly path: string
  readonly objects: readonly KubernetesObject[]
}

/** What `TYPE/NAME`, or `TYPE` with a selector for labels, names now. Throws KubernetesFault where that cannot be told. */
export async function find(cluster: Cluster, written: string, selector: string | null): Promise<Found> {
  const named = readNamed(written)
  if (named === null) throw new KubernetesFault(`"${written}" does not come out as a name such as deployment/api`, 0)
  const resource = await cluster.resources.named(named.type)
  const path = pathOf(resource, cluster.namespace, named.name)
  if (named.name !== null) {
    const object = await cluster.api.get(path)
    return { resource, path, objects: object === null ? [] : [object] }
  }
  const query = selector === null ? '' : `?labelSelector=${encodeURIComponent(selector)}`
  return { resource, path, objects: await cluster.api.list(path + query) }
}

/** The object itself, which has to be there. */
export async function findOne(
  cluster: Cluster,
  written: string,
): Promise<Found & { readonly object: KubernetesObject }> {
  if (readNamed(written)?.name === null)
    throw new KubernetesFault(`"${written}" is a type without a name; expected one such as ${written}/api`, 0)
  const found = await find(cluster, written, null)
  const [object] = found.objects
  if (object === undefined)
    throw new KubernetesFault(`there is no ${written} in the namespace ${cluster.namespace}`, 404)
  return { ...found, object }
}

/** A list of a namespace that is not there is empty, and an object of it not found: neither proves anything. */
export async function needNamespace({ api, namespace }: Cluster): Promise<void> {
  if ((await api.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`)) === null)
    throw new KubernetesFault(`there is no namespace ${namespace}`, 404)
}

/** The labels by which a workload knows its pods, as a selector. Throws KubernetesFault where it has none. */
export function selectorOf(object: KubernetesObject): string {
  const { matchLabels = {}, matchExpressions = [] } = ((object['spec'] as KubernetesObject | undefined)?.['selector'] ??
    {}) as { matchLabels?: Record<string, string>; matchExpressions?: readonly Expression[] }
  const terms = [
    ...Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`),
    ...matchExpressions.map(termOf),
  ]
  if (terms.length === 0) throw new KubernetesFault(`${nameOf(object)} does not say which pods are its own`, 0)
  return terms.join(',')
}

/** Labels as they are, those of `deploy/api`, or none for `all`. */
export async function podSelector(cluster: Cluster, written: string): Promise<string | null> {
  if (written === 'all') return null
  if (!/^[a-z][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/i.test(written)) return written
  return selectorOf((await findOne(cluster, written)).object)
}

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

function termOf({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`
    case 'NotIn':
      return `${key} notin (${values.join(',')})`
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      throw new KubernetesFault(`the selector has the operator ${operator}, which is not known`, 0)
  }
}
