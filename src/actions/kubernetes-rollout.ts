/** `yaml run kind: kubernetes-rollout`: a workload gets another image, goes back a revision, or starts anew, and is waited for. */
import { z } from 'zod'
import type { KubernetesObject } from '../core/kubernetes/api.ts'
import { type Cluster, findOne, type Found } from '../core/kubernetes/cluster.ts'
import { listAt, textAt } from '../core/kubernetes/fields-of.ts'
import { rolloutState } from '../core/kubernetes/rollout-state.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import {
  beforeOf,
  clusterSettings,
  everyField,
  guardOf,
  inCluster,
  markOf,
  noteOf,
  patiently,
  thenOut,
  waitField,
  withCluster,
  workloadField,
} from './parts/cluster.ts'
import { earlier } from './parts/revisions.ts'

const text = z.string().min(1)

const config = z
  .strictObject({
    ...clusterSettings.fields,
    workload: workloadField,
    image: z
      .union([text, z.record(text, text)])
      .optional()
      .describe('Image of its only container, or of the one that is called as it is; else `CONTAINER: IMAGE` of each'),
    undo: z
      .union([z.literal(true), z.number().int().min(1)])
      .optional()
      .describe('Back to the revision before, or to this one; `image` with `{{ previous }}` says more'),
    restart: z.literal(true).optional().describe('Every pod is started anew, in turn'),
    wait: waitField,
    every: everyField,
  })
  .refine((given) => [given.image, given.undo, given.restart].filter((one) => one !== undefined).length === 1, {
    error: 'expected one of image, undo and restart',
  })

type Config = z.infer<typeof config>
type Workload = Found & { readonly object: KubernetesObject }

export const kubernetesRollout = defineAction({
  kind: 'kubernetes-rollout',
  summary: 'A workload of Kubernetes gets another image, goes back a revision, or starts anew, and is waited for',
  config,
  timeoutMs: 900_000,
  example:
    '```yaml run\nkind: kubernetes-rollout\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\nworkload: deployment/api\nimage: registry.example.com/shop/api:{{ version }}\n```',
  captures: ['previous_image'],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const said = await patiently(() => order(cluster, given, powers), powers)
      return thenOut(cluster, said, given, powers)
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const { resource, object } = await findOne(cluster, given.workload)
      if (!isOrdered(object, given, powers)) return false
      return !given.wait || rolloutState(resource.kind, object).state === 'done'
    }),
})

function isOrdered(object: KubernetesObject, given: Config, powers: ActionPowers): boolean {
  if (given.image === undefined) return beforeOf(object, markOf(powers)) !== null
  return wantedImages(object, given.image).every(({ is, wanted }) => is === wanted)
}

async function order(cluster: Cluster, given: Config, powers: ActionPowers): Promise<string> {
  const found = await findOne(cluster, given.workload)
  const before = beforeOf(found.object, markOf(powers))
  if (given.image !== undefined) return setImage(cluster, found, given.image, before, powers)
  if (before !== null) return `${given.workload} was ${given.restart ? 'restarted' : 'taken back'} by this step already`
  if (given.restart) return restart(cluster, found, given, powers)
  return undo(cluster, found, given, powers)
}

interface WantedImage {
  readonly list: 'containers' | 'initContainers'
  readonly name: string
  readonly is: string
  readonly wanted: string
}

function wantedImages(object: KubernetesObject, image: NonNullable<Config['image']>): readonly WantedImage[] {
  const all = (['containers', 'initContainers'] as const).flatMap((list) =>
    listAt(object, `spec.template.spec.${list}`).map((one) => ({
      list,
      name: textAt(one, 'name'),
      is: textAt(one, 'image'),
    })),
  )
  const main = all.filter(({ list }) => list === 'containers')
  const own = main.length === 1 ? main[0] : main.find(({ name }) => name === textAt(object, 'metadata.name'))
  const images = typeof image === 'string' ? { [own?.name ?? '']: image } : image
  return Object.entries(images).map(([name, wanted]) => {
    const container = all.find((one) => one.name === name)
    if (container !== undefined) return { ...container, wanted }
    const known = all.map((one) => one.name).join(', ')
    throw new ActionFault(
      name === ''
        ? `it has several containers, name the one that is meant: ${known}`
        : `it has no container ${name}, only ${known}`,
    )
  })
}

async function setImage(
  cluster: Cluster,
  { path, object }: Workload,
  image: NonNullable<Config['image']>,
  before: string | null,
  powers: ActionPowers,
): Promise<string> {
  const images = wantedImages(object, image)
  // A second attempt finds the new image there; what was before it is noted beside it.
  const previous = before ?? images.map(({ is }) => is).join(' ')
  powers.capture('previous_image', previous)
  const all = images.map(({ wanted }) => wanted).join(', ')
  if (images.every(({ is, wanted }) => is === wanted)) return `it runs ${all} already`
  const ofList = (list: WantedImage['list']): object => {
    const rows = images.filter((one) => one.list === list).map(({ name, wanted }) => ({ name, image: wanted }))
    return rows.length === 0 ? {} : { [list]: rows }
  }
  await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'strategic', {
    metadata: { ...guardOf(object), annotations: noteOf(markOf(powers), previous) },
    spec: { template: { spec: { ...ofList('containers'), ...ofList('initContainers') } } },
  })
  return `${all} instead of ${previous}`
}

async function restart(
  cluster: Cluster,
  { path, object }: Workload,
  { workload }: Config,
  powers: ActionPowers,
): Promise<string> {
  const mark = markOf(powers)
  await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'strategic', {
    metadata: { ...guardOf(object), annotations: noteOf(mark, 'running') },
    spec: { template: { metadata: { annotations: { 'holdpoint.dev/restarted-for': mark } } } },
  })
  return `${workload} restarts`
}

async function undo(
  cluster: Cluster,
  found: Workload,
  { undo: wanted, workload }: Config,
  powers: ActionPowers,
): Promise<string> {
  const target = await earlier(cluster, found, typeof wanted === 'number' ? wanted : null)
  const annotations = noteOf(markOf(powers), `revision ${target.now}`)
  await cluster.api.patch(
    `${found.path}?fieldManager=holdpoint`,
    target.form,
    target.body(guardOf(found.object), annotations),
  )
  return `${workload} goes back from revision ${target.now} to ${target.revision}`
}
