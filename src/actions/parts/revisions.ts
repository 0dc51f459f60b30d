/** Earlier revisions of a workload, as the cluster keeps them: replica sets of a Deployment, revisions of the others. */
import type { KubernetesObject } from '../../core/kubernetes/api.ts'
import { type Cluster, find, type Found, selectorOf } from '../../core/kubernetes/cluster.ts'
import { fieldAt, listAt, nameOf, numberAt, textAt } from '../../core/kubernetes/fields-of.ts'
import { ActionFault } from '../../core/ports/action.ts'
import type { Json } from '../../core/units.ts'

export interface Earlier {
  readonly now: number
  readonly revision: number
  readonly form: 'json' | 'strategic'
  /** The patch that goes back, with what guards it and notes it. */
  readonly body: (guard: { readonly resourceVersion: string }, annotations: Readonly<Record<string, string>>) => Json
}

type Workload = Found & { readonly object: KubernetesObject }

/** The newest before the one in use, or the one that is asked for. Throws ActionFault where there is none. */
export async function earlier(cluster: Cluster, found: Workload, wanted: number | null): Promise<Earlier> {
  const { kind } = found.resource
  if (kind === 'Deployment') return earlierDeployment(cluster, found, wanted)
  if (kind === 'StatefulSet' || kind === 'DaemonSet') return earlierRevision(cluster, found, wanted)
  throw new ActionFault(`a ${kind} keeps no revisions to go back to`)
}

const revisionOf = 'metadata.annotations["deployment.kubernetes.io/revision"]'

async function earlierDeployment(cluster: Cluster, { object }: Workload, wanted: number | null): Promise<Earlier> {
  const own = await ownedBy(cluster, object, 'replicasets.apps')
  const rows = own.map((one) => ({ one, revision: Number(textAt(one, revisionOf)) }))
  const now = Number(textAt(object, revisionOf))
  const { one, revision } = pick(rows, now, wanted, nameOf(object))
  const template = structuredClone(fieldAt(one, 'spec.template')) as { metadata: { labels?: Record<string, string> } }
  delete template.metadata.labels?.['pod-template-hash']
  return {
    now,
    revision,
    form: 'json',
    // A merge would leave what only the newer one has.
    body: ({ resourceVersion }, annotations) => [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/spec/template', value: template as Json },
      ...Object.entries(annotations).map(([name, value]) => ({
        op: 'add',
        path: `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        value,
      })),
    ],
  }
}

async function earlierRevision(
  cluster: Cluster,
  { object, resource }: Workload,
  wanted: number | null,
): Promise<Earlier> {
  const own = await ownedBy(cluster, object, 'controllerrevisions.apps')
  const rows = own.map((one) => ({ one, revision: numberAt(one, 'revision') ?? Number.NaN }))
  const inUse = textAt(object, 'status.updateRevision')
  const newest = Math.max(...rows.map(({ revision }) => revision))
  const now =
    rows.find(({ one }) => nameOf(one) === inUse)?.revision ?? (resource.kind === 'DaemonSet' ? newest : Number.NaN)
  const { one, revision } = pick(rows, now, wanted, nameOf(object))
  const data = (fieldAt(one, 'data') ?? {}) as KubernetesObject
  return {
    now,
    revision,
    form: 'strategic',
    body: (guard, annotations) => ({ ...data, metadata: { ...guard, annotations } }),
  }
}

async function ownedBy(cluster: Cluster, object: KubernetesObject, type: string): Promise<readonly KubernetesObject[]> {
  const { objects } = await find(cluster, type, selectorOf(object))
  const uid = textAt(object, 'metadata.uid')
  return objects.filter((one) => listAt(one, 'metadata.ownerReferences').some((owner) => owner['uid'] === uid))
}

function pick<T extends { readonly revision: number }>(
  rows: readonly T[],
  now: number,
  wanted: number | null,
  name: string,
): T {
  if (!Number.isFinite(now)) throw new ActionFault(`nobody knows which revision of ${name} is in use`)
  const known = rows.filter(({ revision }) => Number.isFinite(revision)).toSorted((a, b) => b.revision - a.revision)
  const found = known.find(({ revision }) => (wanted === null ? revision < now : revision === wanted))
  if (found !== undefined) return found
  const all = known.map(({ revision }) => revision).join(', ')
  throw new ActionFault(`${name} has no revision ${wanted ?? `before ${now}`}; the cluster keeps ${all || 'none'}`)
}
