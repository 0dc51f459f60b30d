/** A load balancer of AWS: a listener or rule that splits between two target groups by their weights. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { actionsOf, groupsIn, setGroups } from '../core/aws/load-balancing.ts'
import type { XmlNode } from '../core/aws/xml.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { awsFor, cannotTell, readingOf } from './aws.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const listener = /^(?:arn:aws[\w-]*:elasticloadbalancing:.*:listener(?:-rule)?\/\S+|.*\{\{.*)$/
const group = /^(?:arn:aws[\w-]*:elasticloadbalancing:.*:targetgroup\/\S+|.*\{\{.*)$/
const own = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012'
const groupField = z
  .string()
  .regex(group, { error: `expected an ARN such as ${own}:targetgroup/shop-1/73e2d6bc24d8a067` })

const config = z.strictObject({
  region: awsRegion,
  split: z
    .string()
    .regex(listener, { error: `expected an ARN such as ${own}:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2` })
    .describe('ARN of the listener or rule that forwards to both target groups'),
  stable: groupField.describe('ARN of the target group of the version in use'),
  canary: groupField.describe('ARN of the target group of the new version'),
  ...awsFields,
})
type Config = z.infer<typeof config>

export const awsAlb = defineTrafficDriver<Config>({
  kind: 'aws-alb',
  summary: 'Weights of two target groups of an Application Load Balancer, in a listener or a rule',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: aws-alb, region: eu-west-1, split: "{{ input.listener }}", stable: "{{ input.stable_group }}", canary: "{{ input.canary_group }}" }',
  secrets: awsSecrets,
  addresses: awsAddresses(['loadBalancing']),
  open: (given) => open(config.parse(given)),
})

function open(given: Config): TrafficDriver {
  const { split, stable, canary } = given
  const look = async (powers: TrafficPowers): Promise<readonly XmlNode[]> => {
    const actions = await actionsOf(awsFor(given, powers), split)
    if (actions === null) throw new Error(`there is no listener or rule ${split}`)
    return actions
  }
  const order = async (percent: WeightPercent, powers: TrafficPowers, fromAnywhere: boolean): Promise<void> => {
    requireWeight(percent)
    if (stable === canary) throw new Error('stable and canary are the same target group')
    const actions = await look(powers)
    const reading = readingIn(actions, given)
    if (reading.kind === 'weight' && reading.percent === percent) return
    if (reading.kind === 'cannot-tell' && !fromAnywhere) throw new Error(reading.say)
    // Weights are whole numbers up to 999: most parts of a percent are a whole number of some eighths, fifths, …
    const scale = [1, 2, 4, 5, 8].find((each) => Number.isInteger(percent * each)) ?? 9
    const part = Math.round(percent * scale)
    const weights = new Map([
      [stable, 100 * scale - part],
      [canary, part],
    ])
    await setGroups(awsFor(given, powers), split, actions, weights)
  }
  const read = (powers: TrafficPowers): Promise<Reading> => readingOf(async () => readingIn(await look(powers), given))
  return {
    read,
    set: (percent, powers) => order(percent, powers, false),
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers, true),
  }
}

function readingIn(actions: readonly XmlNode[], { stable, canary }: Config): Reading {
  const groups = groupsIn(actions)
  const other = [...groups].find(([group, weight]) => weight > 0 && group !== stable && group !== canary)
  if (other !== undefined) return cannotTell(`it forwards to ${other[0]} too, which is neither stable nor canary`)
  const [kept, given] = [groups.get(stable) ?? 0, groups.get(canary) ?? 0]
  if (kept + given === 0) return cannotTell('both target groups have no weight')
  const percent = Number(((100 * given) / (kept + given)).toFixed(4))
  return { kind: 'weight', percent, say: `the canary's target group has ${show(percent)}` }
}
