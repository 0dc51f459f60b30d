/** Traffic by the number of pods behind one service on Kubernetes: two Deployments share a total; what counts are pods that are ready. */
import { z } from 'zod'
import { type Cluster, findOne } from '../core/kubernetes/cluster.ts'
import { numberAt } from '../core/kubernetes/fields-of.ts'
import { kubernetesFields, kubernetesSecrets, kubernetesSource } from '../core/kubernetes/fields.ts'
import { readNamed } from '../core/kubernetes/resources.ts'
import { parseDuration } from '../core/plan/duration.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { cannotTell, changed, clusterFor } from './cluster-object.ts'
import { isReached, reachedBy, requireWeight, show } from './weight.ts'

const workload = z.string().refine((text) => text.includes('{{') || readNamed(text)?.name != null, {
  error: 'expected one such as deployment/api-v2',
})

const config = z.strictObject({
  ...kubernetesFields,
  stable: workload.describe('Workload of the version in use, such as deployment/api-v1; no autoscaler may have it'),
  canary: workload.describe('Workload of the new version; one service leads to the pods of both'),
  total: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .describe('How many pods both have together; with 20, a pod is 5 % of the traffic'),
  'ready-within': z
    .string()
    .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 5m' })
    .default('5m')
    .describe('How long new pods may take; only then others are taken away'),
})
type Config = z.infer<typeof config>

export const replicas = defineTrafficDriver<Config>({
  kind: 'replicas',
  summary: 'Traffic by the number of pods behind one service on Kubernetes',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: replicas, server: "https://cluster.example.com:6443", namespace: shop, stable: deployment/api-v1, canary: deployment/api-v2, total: 20 }',
  takes: kubernetesSource,
  secrets: kubernetesSecrets,
  addresses: () => ['https://kubernetes.default.svc'],
  patienceMs: 120_000,
  open: (given) => open(config.parse(given)),
})

const lookEveryMs = 1_000

function open(given: Config): TrafficDriver {
  const known = parseDuration(given['ready-within'])
  const readyWithinMs = known.ok ? known.value : 300_000

  const scale = (name: string, wanted: number, cluster: Cluster, powers: TrafficPowers): Promise<void> =>
    changed(cluster, name, powers, (object) =>
      numberAt(object, 'spec.replicas') === wanted ? null : { spec: { replicas: wanted } },
    )

  const set = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    const canary = podsFor(percent, given.total)
    const cluster = clusterFor(given, powers)
    const now = (await stateOf(cluster, given.canary)).wanted
    // What grows comes first, so that never fewer pods than before take the traffic.
    const orders = [
      { name: given.canary, wanted: canary },
      { name: given.stable, wanted: given.total - canary },
    ]
    const [first, second] = canary >= now ? orders : orders.toReversed()
    if (first === undefined || second === undefined) return
    await scale(first.name, first.wanted, cluster, powers)
    await untilReady(cluster, first.name, first.wanted, readyWithinMs, powers)
    await scale(second.name, second.wanted, cluster, powers)
  }

  const restore = async (powers: TrafficPowers): Promise<void> => {
    const cluster = clusterFor(given, powers)
    await scale(given.stable, given.total, cluster, powers)
    // A canary that should go is not waited for, unless nobody else would answer.
    if ((await stateOf(cluster, given.stable)).ready === 0)
      await untilReady(cluster, given.stable, 1, readyWithinMs, powers)
    await scale(given.canary, 0, cluster, powers)
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    try {
      const cluster = clusterFor(given, powers)
      const [canary, stable] = [await stateOf(cluster, given.canary), await stateOf(cluster, given.stable)]
      const fresh = [canary, stable].find(({ isSeen }) => !isSeen)
      if (fresh !== undefined)
        return cannotTell(`${fresh.name} has not been looked at by its controller since it was changed`)
      const all = canary.ready + stable.ready
      if (all === 0) return cannotTell(`no pod of ${given.stable} or ${given.canary} is ready`)
      const percent = (100 * canary.ready) / all
      return { kind: 'weight', percent, say: `canary has ${show(percent)} (${canary.ready} of ${all} ready pods)` }
    } catch (fault) {
      return cannotTell(fault)
    }
  }

  return {
    read,
    set,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore,
  }
}

/** Throws a sentence where so many pods cannot give the weight. */
export function podsFor(percent: WeightPercent, total: number): number {
  requireWeight(percent)
  const canary = Math.round((percent / 100) * total)
  const nearest = (100 * canary) / total
  if (isReached(nearest, percent)) return canary
  throw new Error(
    `${total} pods cannot give ${show(percent)}: the nearest is ${show(nearest)}, a pod is ${show(100 / total)}.`,
  )
}

interface PodsState {
  readonly name: string
  /** Pods that are ordered. */
  readonly wanted: number
  readonly ready: number
  /** The controller has seen the newest order. */
  readonly isSeen: boolean
}

async function stateOf(cluster: Cluster, name: string): Promise<PodsState> {
  const { object } = await findOne(cluster, name)
  const generation = numberAt(object, 'metadata.generation') ?? Number.NaN
  return {
    name,
    wanted: numberAt(object, 'spec.replicas') ?? 1,
    ready: numberAt(object, 'status.readyReplicas') ?? 0,
    isSeen: (numberAt(object, 'status.observedGeneration') ?? Number.NaN) >= generation,
  }
}

async function untilReady(
  cluster: Cluster,
  name: string,
  wanted: number,
  withinMs: number,
  { clock, signal }: TrafficPowers,
): Promise<void> {
  const deadline = clock.now() + withinMs
  for (;;) {
    const state = await stateOf(cluster, name)
    if (state.isSeen && state.ready >= wanted) return
    signal.throwIfAborted()
    if (clock.now() >= deadline)
      throw new Error(
        `${state.ready} of ${wanted} pods of ${name} are ready; none has been taken from the other version.`,
      )
    await clock.sleep(lookEveryMs, signal)
  }
}
