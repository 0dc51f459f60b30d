/** Server-side apply: what manifests would change, as the cluster itself says by a dry run, and the change. */
import type { Json } from '../units.ts'
import { KubernetesFault, type KubernetesObject } from './api.ts'
import type { Cluster } from './cluster.ts'
import { textAt } from './fields-of.ts'
import { calledAs, type Manifest } from './manifest.ts'
import { pathOf, type Resource } from './resources.ts'

export interface ApplyAs {
  /** Who owns the fields that are applied. */
  readonly manager: string
  /** Fields that somebody else owns are taken over. */
  readonly takeOver: boolean
}

export interface Placed {
  readonly manifest: Manifest
  readonly resource: Resource
  readonly path: string
}

/** How it would be after it was applied, and how it is; `live` null = it is not there. */
export interface DryRun extends Placed {
  readonly live: KubernetesObject | null
  readonly changes: boolean
}

/** Where each object goes. Throws KubernetesFault for a kind that the cluster does not have. */
export async function placed(cluster: Cluster, manifest: Manifest): Promise<Placed> {
  const { object } = manifest
  const resource = await cluster.resources.ofKind(textAt(object, 'apiVersion'), textAt(object, 'kind'))
  const namespace = textAt(object, 'metadata.namespace') || cluster.namespace
  return { manifest, resource, path: pathOf(resource, namespace, textAt(object, 'metadata.name')) }
}

/** Nothing is changed. Throws KubernetesFault where the cluster would not take it. */
export async function dryRun(cluster: Cluster, one: Placed, as: ApplyAs): Promise<DryRun> {
  const live = await cluster.api.get(one.path)
  const after = await send(cluster, one, as, '&dryRun=All')
  return { ...one, live, changes: live === null || !isSame(live, after) }
}

export function apply(cluster: Cluster, one: Placed, as: ApplyAs): Promise<KubernetesObject> {
  return send(cluster, one, as, '')
}

async function send(
  cluster: Cluster,
  { path, manifest }: Placed,
  { manager, takeOver }: ApplyAs,
  more: string,
): Promise<KubernetesObject> {
  const query = `?fieldManager=${encodeURIComponent(manager)}&force=${takeOver}&fieldValidation=Strict${more}`
  try {
    return await cluster.api.patch(path + query, 'apply', manifest.object)
  } catch (fault) {
    if (!(fault instanceof KubernetesFault)) throw fault
    const hint = fault.status === 409 ? '; take-over: true makes these fields ours' : ''
    throw new KubernetesFault(
      `${manifest.file}:${manifest.line} ${calledAs(manifest)}: ${fault.message}${hint}`,
      fault.status,
    )
  }
}

/** What the server keeps beside the object changes with every write, and is no change of it. */
function isSame(live: KubernetesObject, after: KubernetesObject): boolean {
  return JSON.stringify(sorted(essence(live))) === JSON.stringify(sorted(essence(after)))
}

function essence({ status: _status, metadata, ...rest }: KubernetesObject): Json {
  const {
    managedFields: _fields,
    resourceVersion: _version,
    generation: _generation,
    ...kept
  } = (metadata ?? {}) as KubernetesObject
  return { ...rest, metadata: kept }
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => sorted(one))
  if (typeof value !== 'object' || value === null) return value
  const rows = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(rows.map(([name, one]) => [name, sorted(one as Json)]))
}

/** What others need is made first: others of the set live in it, or are of its kind. */
export function firstOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(({ object }) => ['Namespace', 'CustomResourceDefinition'].includes(textAt(object, 'kind')))
}
