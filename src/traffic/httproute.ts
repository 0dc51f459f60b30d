/** Weights of an HTTPRoute of the Gateway API; a weight counts once the gateways say that they have read it. */
import { z } from 'zod'
import type { KubernetesObject } from '../core/kubernetes/api.ts'
import { findOne } from '../core/kubernetes/cluster.ts'
import { listAt, nameOf, numberAt, textAt } from '../core/kubernetes/fields-of.ts'
import { kubernetesFields, kubernetesSecrets, kubernetesSource } from '../core/kubernetes/fields.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { Json, WeightPercent } from '../core/units.ts'
import { cannotTell, changed, clusterFor } from './cluster-object.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const name = z
  .string()
  .regex(/^[a-z0-9{}]([-a-z0-9.{} ]*[a-z0-9{}])?$/, { error: 'expected a name as the cluster has it' })

const config = z.strictObject({
  ...kubernetesFields,
  route: name.describe('HTTPRoute'),
  stable: name.describe('Service of the version in use; every rule that has both services gets the weights'),
  canary: name.describe('Service of the new version'),
})
type Config = z.infer<typeof config>

export const httproute = defineTrafficDriver<Config>({
  kind: 'httproute',
  summary: 'Weights of an HTTPRoute of the Gateway API on Kubernetes',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: httproute, server: "https://cluster.example.com:6443", namespace: shop, route: api, stable: api-v1, canary: api-v2 }',
  takes: kubernetesSource,
  secrets: kubernetesSecrets,
  addresses: () => ['https://kubernetes.default.svc'],
  patienceMs: 60_000,
  open: (given) => open(config.parse(given)),
})

/** Hundredths of a percent as whole weights. */
const parts = 10_000

function open(given: Config): TrafficDriver {
  const route = `httproutes.gateway.networking.k8s.io/${given.route}`

  const order = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    const canary = Math.round((percent / 100) * parts)
    if (percent > 0 && canary === 0)
      throw new Error(`An HTTPRoute splits by hundredths of a percent, not ${percent} %.`)
    const weights = { [given.canary]: canary, [given.stable]: parts - canary }
    await changed(clusterFor(given, powers), route, powers, (object) => {
      const rules = weighed(object, given, weights)
      return JSON.stringify(rules) === JSON.stringify(listAt(object, 'spec.rules')) ? null : { spec: { rules } }
    })
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    try {
      const { object } = await findOne(clusterFor(given, powers), route)
      return whyNotRead(object) ?? shareOf(object, given)
    } catch (fault) {
      return cannotTell(fault)
    }
  }

  return {
    read,
    set: order,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers),
  }
}

type Services = Pick<Config, 'stable' | 'canary'>

function splits(rule: KubernetesObject, { stable, canary }: Services): boolean {
  const names = listAt(rule, 'backendRefs').map((one) => textAt(one, 'name'))
  return names.includes(stable) && names.includes(canary)
}

function weighed(object: KubernetesObject, given: Services, weights: Readonly<Record<string, number>>): Json {
  const rules = listAt(object, 'spec.rules')
  if (!rules.some((rule) => splits(rule, given))) throw new Error(noRule(object, given))
  return rules.map((rule) => {
    if (!splits(rule, given)) return rule
    const backends = listAt(rule, 'backendRefs')
    const other = backends.find((one) => weights[textAt(one, 'name')] === undefined && numberAt(one, 'weight') !== 0)
    if (other !== undefined)
      throw new Error(
        `a rule of ${nameOf(object)} also leads to ${textAt(other, 'name')}, and no weight would be a share of all.`,
      )
    return { ...rule, backendRefs: backends.map((one) => ({ ...one, weight: weights[textAt(one, 'name')] ?? 0 })) }
  })
}

function noRule(object: KubernetesObject, { stable, canary }: Services): string {
  return `no rule of ${nameOf(object)} leads to both ${stable} and ${canary}.`
}

/** What the canary gets in each rule that leads to both; where they differ nobody can tell one number. */
function shareOf(object: KubernetesObject, given: Services): Reading {
  const shares = listAt(object, 'spec.rules')
    .filter((rule) => splits(rule, given))
    .map((rule) => shareIn(rule, given))
  const [percent] = shares
  if (percent === undefined) return cannotTell(noRule(object, given))
  if (Number.isNaN(percent)) return cannotTell(`no service of ${nameOf(object)} has a weight`)
  if (shares.some((one) => one !== percent))
    return cannotTell(`the rules of ${nameOf(object)} differ: ${shares.map(show).join(', ')}`)
  return { kind: 'weight', percent, say: `canary has ${show(percent)} in ${nameOf(object)}` }
}

function shareIn(rule: KubernetesObject, { canary }: Services): WeightPercent {
  const rows = listAt(rule, 'backendRefs').map((one) => ({
    name: textAt(one, 'name'),
    weight: numberAt(one, 'weight') ?? 1,
  }))
  const all = rows.reduce((sum, { weight }) => sum + weight, 0)
  return (100 * (rows.find((one) => one.name === canary)?.weight ?? 0)) / (all === 0 ? Number.NaN : all)
}

/** Every gateway that has the route says whether it took it, and of which generation; null = all took this one. */
function whyNotRead(object: KubernetesObject): Reading | null {
  const generation = numberAt(object, 'metadata.generation') ?? Number.NaN
  const parents = listAt(object, 'status.parents')
  if (parents.length === 0) return cannotTell(`no gateway has taken ${nameOf(object)}`)
  for (const parent of parents) {
    const accepted = listAt(parent, 'conditions').find((one) => one['type'] === 'Accepted')
    const who = textAt(parent, 'parentRef.name') || 'a gateway'
    if (accepted === undefined || !((numberAt(accepted, 'observedGeneration') ?? Number.NaN) >= generation))
      return cannotTell(`${who} has not read ${nameOf(object)} since it was changed`)
    if (accepted['status'] !== 'True')
      return cannotTell(`${who} does not take ${nameOf(object)}: ${textAt(accepted, 'message')}`)
  }
  return null
}
