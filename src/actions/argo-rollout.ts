/** `yaml run kind: argo-rollout`: a Rollout of Argo goes on to its next pause, to its end, or back to the stable version. */
import { z } from 'zod'
import { KubernetesFault, type KubernetesObject } from '../core/kubernetes/api.ts'
import { type Cluster, findOne, type Found } from '../core/kubernetes/cluster.ts'
import { fieldAt, numberAt } from '../core/kubernetes/fields-of.ts'
import { rolloutState } from '../core/kubernetes/rollout-state.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import type { Json } from '../core/units.ts'
import {
  beforeOf,
  clusterSettings,
  everyField,
  guardOf,
  inCluster,
  markOf,
  millisOf,
  noteOf,
  patiently,
  waitField,
  withCluster,
} from './parts/cluster.ts'

const config = z.strictObject({
  ...clusterSettings.fields,
  rollout: z.string().min(1).describe('Name of the Rollout'),
  do: z
    .enum(['promote', 'promote-full', 'abort'])
    .describe(
      '`promote` from the pause where it is to the next, or to its end · `promote-full` past all steps · `abort` back to the stable version',
    ),
  wait: waitField.describe('Ends once it is there; `false` once it was ordered'),
  every: everyField,
})

type Config = z.infer<typeof config>
type Rollout = Found & { readonly object: KubernetesObject }

export const argoRollout = defineAction({
  kind: 'argo-rollout',
  summary: 'A Rollout of Argo goes on to its next pause, to its end, or back to the stable version',
  config,
  timeoutMs: 1_800_000,
  example:
    '```yaml run\nkind: argo-rollout\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\nrollout: api\ndo: promote\n```',
  captures: ['step'],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const said = await patiently(() => order(cluster, given, powers), powers)
      if (given.wait) await untilThere(cluster, given, powers)
      const { object } = await look(cluster, given)
      powers.capture('step', String(stepOf(object)))
      return given.wait ? `${said}; ${rolloutState('Rollout', object).say}` : said
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const { object } = await look(cluster, given)
      if (given.do === 'promote' && beforeOf(object, markOf(powers)) === null) return false
      return given.wait ? isThere(object, given, powers) : isOrdered(object, given, powers)
    }),
})

function look(cluster: Cluster, { rollout }: Config): Promise<Rollout> {
  return findOne(cluster, `rollouts.argoproj.io/${rollout}`)
}

function stepOf(object: KubernetesObject): number {
  return numberAt(object, 'status.currentStepIndex') ?? 0
}

function isPaused(object: KubernetesObject): boolean {
  const conditions = fieldAt(object, 'status.pauseConditions')
  return fieldAt(object, 'spec.paused') === true || (Array.isArray(conditions) && conditions.length > 0)
}

function isAborted(object: KubernetesObject): boolean {
  return fieldAt(object, 'status.abort') === true
}

function isHealthy(object: KubernetesObject): boolean {
  return rolloutState('Rollout', object).state === 'done'
}

function isOrdered(object: KubernetesObject, given: Config, powers: ActionPowers): boolean {
  if (given.do === 'abort') return isAborted(object)
  if (given.do === 'promote-full') return isHealthy(object) || fieldAt(object, 'status.promoteFull') === true
  const before = beforeOf(object, markOf(powers))
  return before !== null && (isHealthy(object) || stepOf(object) > Number(before))
}

/** At the next pause, at the end, or with nothing left for the canary. */
function isThere(object: KubernetesObject, given: Config, powers: ActionPowers): boolean {
  if (!isOrdered(object, given, powers)) return false
  if (given.do === 'abort') return (numberAt(object, 'status.canary.weights.canary.weight') ?? 0) === 0
  return isHealthy(object) || (given.do === 'promote' && isPaused(object))
}

async function order(cluster: Cluster, given: Config, powers: ActionPowers): Promise<string> {
  const found = await look(cluster, given)
  if (isOrdered(found.object, given, powers)) return `${given.rollout}: ${given.do} was done already`
  if (given.do === 'promote') return promote(cluster, found, given, powers)
  if (isAborted(found.object)) throw new ActionFault(`${given.rollout} was aborted, and has nothing to promote`)
  await patchStatus(
    cluster,
    found,
    given.do === 'abort' ? { abort: true } : { promoteFull: true, pauseConditions: null },
  )
  return given.do === 'abort'
    ? `${given.rollout} goes back to the stable version`
    : `${given.rollout} goes past all its steps`
}

/** Where it was is noted first: an attempt that finds it further on does not promote it once more. */
async function promote(cluster: Cluster, found: Rollout, given: Config, powers: ActionPowers): Promise<string> {
  const { object, path } = found
  const mark = markOf(powers)
  const step = stepOf(object)
  if (!isPaused(object) || isAborted(object))
    throw new ActionFault(`${given.rollout} stands at no pause: ${rolloutState('Rollout', object).say}`)
  if (beforeOf(object, mark) === null)
    await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'merge', {
      metadata: { ...guardOf(object), annotations: noteOf(mark, String(step)) },
    })
  if (fieldAt(object, 'spec.paused') === true)
    await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'merge', { spec: { paused: false } })
  await patchStatus(cluster, found, { pauseConditions: null })
  return `${given.rollout} goes on from step ${step}`
}

/** Installations without the subresource keep the status in the object itself. */
async function patchStatus(
  cluster: Cluster,
  { path }: Rollout,
  status: { readonly [name: string]: Json },
): Promise<void> {
  try {
    await cluster.api.patch(`${path}/status?fieldManager=holdpoint`, 'merge', { status })
  } catch (fault) {
    if (!(fault instanceof KubernetesFault) || fault.status !== 404) throw fault
    await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'merge', { status })
  }
}

async function untilThere(cluster: Cluster, given: Config, powers: ActionPowers): Promise<void> {
  for (let told = ''; ; ) {
    const { object } = await look(cluster, given)
    if (isThere(object, given, powers)) return
    const { state, say } = rolloutState('Rollout', object)
    if (state === 'failed' && given.do !== 'abort') throw new ActionFault(say)
    if (say !== told) powers.say(say)
    told = say
    await powers.sleep(millisOf(given.every))
  }
}
