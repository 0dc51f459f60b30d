/** An alias of Lambda: it points to one version and gives a part of the calls to another. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { aliasOf, type LambdaAlias, updateAlias } from '../core/aws/lambda.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { awsFor, cannotTell, readingOf } from './aws.ts'
import { isReached, reachedBy, requireWeight, show } from './weight.ts'

const version = z
  .string()
  .regex(/^(?:\d{1,10}|.*\{\{.*)$/, { error: 'expected the number of a published version, such as 42' })

const config = z.strictObject({
  region: awsRegion,
  function: z.string().min(1).describe('name of the function'),
  alias: z.string().min(1).describe('alias that callers use'),
  stable: version.describe('version in use, such as {{ stable_version }}'),
  canary: version.describe('new version, such as {{ canary_version }}'),
  ...awsFields,
})
type Config = z.infer<typeof config>

export const awsLambda = defineTrafficDriver<Config>({
  kind: 'aws-lambda',
  summary: 'Weights of an alias of Lambda, changed only as they were read',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: aws-lambda, region: eu-west-1, function: shop-api, alias: live, stable: "{{ stable_version }}", canary: "{{ canary_version }}" }',
  secrets: awsSecrets,
  addresses: awsAddresses(['lambda']),
  open: (given) => open(config.parse(given)),
})

function open(given: Config): TrafficDriver {
  const { function: name, alias, stable, canary } = given
  const look = async (powers: TrafficPowers): Promise<LambdaAlias> => {
    const found = await aliasOf(awsFor(given, powers), name, alias)
    if (found === null) throw new Error(`there is no alias ${alias} of ${name}`)
    return found
  }
  const order = async (percent: WeightPercent, powers: TrafficPowers, fromAnywhere: boolean): Promise<void> => {
    requireWeight(percent)
    if (stable === canary) throw new Error(`stable and canary are the same version ${stable}`)
    const before = await look(powers)
    const reading = readingIn(before, given)
    if (reading.kind === 'weight' && reading.percent === percent) return
    if (reading.kind === 'cannot-tell' && !fromAnywhere) throw new Error(reading.say)
    const to =
      percent === 100
        ? { version: canary, weights: {} }
        : { version: stable, weights: percent === 0 ? {} : { [canary]: Number((percent / 100).toFixed(6)) } }
    await updateAlias(awsFor(given, powers), name, alias, { ...to, revision: before.revision })
  }
  const read = (powers: TrafficPowers): Promise<Reading> => readingOf(async () => readingIn(await look(powers), given))
  return {
    read,
    set: (percent, powers) => order(percent, powers, false),
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers, true),
  }
}

function readingIn({ version: main, weights }: LambdaAlias, { alias, stable, canary }: Config): Reading {
  const other = [main, ...Object.keys(weights)].find((each) => each !== stable && each !== canary)
  if (other !== undefined)
    return cannotTell(`${alias} sends calls to version ${other}, which is neither ${stable} nor ${canary}`)
  const part = main === stable ? (weights[canary] ?? 0) : 1 - (weights[stable] ?? 0)
  const percent = Number((part * 100).toFixed(4))
  const say = `${alias} gives ${show(percent)} to version ${canary}`
  return isReached(percent, percent)
    ? { kind: 'weight', percent, say }
    : cannotTell(`${alias} has no weight that is one`)
}
