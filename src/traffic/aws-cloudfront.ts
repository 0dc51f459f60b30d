/** A policy of CloudFront for continuous deployment: a part of the calls, 15 % at most, goes to a staging distribution. */
import { z } from 'zod'
import { type DeploymentPolicy, deploymentPolicyOf, setDeploymentWeight } from '../core/aws/continuous-deployment.ts'
import { awsAddresses, awsFields, awsSecrets } from '../core/aws/fields.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { awsFor, cannotTell, readingOf } from './aws.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const config = z.strictObject({
  policy: z.string().min(1).describe('id of the policy, which goes by a weight and names the staging distribution'),
  ...awsFields,
})
type Config = z.infer<typeof config>

/** CloudFront accepts no more. */
const mostPercent = 15

export const awsCloudfront = defineTrafficDriver<Config>({
  kind: 'aws-cloudfront',
  summary:
    'The weight of a staging distribution of CloudFront, 15 % at most; all traffic is for `aws-cloudfront-config`',
  config: config as unknown as z.ZodType<Config>,
  example: 'web: { traffic: aws-cloudfront, policy: "{{ input.policy }}" }',
  secrets: awsSecrets,
  addresses: awsAddresses(['cloudfront']),
  open: (given) => open(config.parse(given)),
})

function open(given: Config): TrafficDriver {
  const look = async (powers: TrafficPowers): Promise<DeploymentPolicy> => {
    const found = await deploymentPolicyOf(awsFor(given, powers), given.policy)
    if (found === null) throw new Error(`there is no policy ${given.policy}`)
    return found
  }
  const order = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    if (percent > mostPercent)
      throw new Error(`CloudFront gives a staging distribution at most ${mostPercent} %, not ${show(percent)}.`)
    const before = await look(powers)
    const reading = readingIn(before, given)
    if (reading.kind === 'cannot-tell') throw new Error(reading.say)
    if (reading.percent === percent) return
    const weight = Number((percent / 100).toFixed(6))
    await setDeploymentWeight(awsFor(given, powers), given.policy, before, { weight, isEnabled: percent > 0 })
  }
  const read = (powers: TrafficPowers): Promise<Reading> => readingOf(async () => readingIn(await look(powers), given))
  return {
    read,
    set: order,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers),
  }
}

function readingIn({ isEnabled, weight }: DeploymentPolicy, { policy }: Config): Reading {
  if (weight === null) return cannotTell(`policy ${policy} goes by a header, not by a weight`)
  const percent = isEnabled ? Number((weight * 100).toFixed(4)) : 0
  return { kind: 'weight', percent, say: `policy ${policy} gives ${show(percent)} to the staging distribution` }
}
