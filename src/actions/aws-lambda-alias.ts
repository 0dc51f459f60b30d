/** `yaml run kind: aws-lambda-alias`: an alias of a function points to one version and to no other, which is published first where that is asked. */
import { z } from 'zod'
import type { Aws } from '../core/aws/client.ts'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import {
  aliasOf,
  functionOf,
  type LambdaAlias,
  type LambdaVersion,
  publishVersion,
  updateAlias,
} from '../core/aws/lambda.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { withAws } from './parts/aws.ts'

const config = z.strictObject({
  region: awsRegion,
  function: z.string().min(1).describe('Name of the function'),
  alias: z.string().min(1).describe('Alias that callers use'),
  version: z
    .string()
    .regex(/^(?:\d{1,10}|.*\{\{.*)$/, { error: 'expected the number of a published version, such as "42"' })
    .optional()
    .describe('Version it has to point to; without one, what is not published yet is published'),
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsLambdaAlias = defineAction({
  kind: 'aws-lambda-alias',
  summary: 'An alias of Lambda points to a version, which is published first where none is named',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run capture="new_version from version"\nkind: aws-lambda-alias\nregion: eu-west-1\nfunction: shop-api\nalias: live\nirreversible: the rollback points it to the version before\n```',
  captures: ['version', 'previous_version'],
  secrets: (given) => awsSecrets(given),
  programs: [],
  addresses: awsAddresses(['lambda']),
  run: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { function: name, alias } = given
      const before = await aliasOf(aws, name, alias)
      if (before === null) throw new ActionFault(`there is no alias ${alias} of ${name}`)
      const wanted = await versionFor(aws, given)
      powers.capture('version', wanted.version)
      if (pointsTo(before, wanted.version)) return `${alias} of ${name} points to version ${wanted.version} already`
      await ready(aws, name, wanted.version, powers)
      await updateAlias(aws, name, alias, { version: wanted.version, weights: {}, revision: before.revision })
      const after = await aliasOf(aws, name, alias)
      if (after === null || !pointsTo(after, wanted.version))
        throw new ActionFault(`${alias} of ${name} does not point to version ${wanted.version} after all`)
      powers.capture('previous_version', before.version)
      return `${alias} of ${name} points to version ${wanted.version}, and pointed to ${before.version}`
    }),
  probe: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { function: name, alias, version } = given
      const found = await aliasOf(aws, name, alias)
      if (found === null) throw new ActionFault(`there is no alias ${alias} of ${name}`)
      if (version !== undefined) return pointsTo(found, version)
      const [latest, pointed] = [await functionOf(aws, name), await functionOf(aws, name, found.version)]
      return pointsTo(found, found.version) && latest !== null && latest.codeSha256 === pointed?.codeSha256
    }),
})

function pointsTo({ version, weights }: LambdaAlias, wanted: string): boolean {
  return version === wanted && Object.values(weights).every((part) => part === 0)
}

async function versionFor(aws: Aws, { function: name, version }: Config): Promise<LambdaVersion> {
  const found = await functionOf(aws, name, version)
  if (found === null)
    throw new ActionFault(`there is no ${version === undefined ? '' : `version ${version} of `}${name}`)
  if (version !== undefined) return found
  if (found.lastUpdate === 'InProgress') throw new ActionFault(`the code of ${name} is still being changed`)
  return publishVersion(aws, name, found.codeSha256)
}

/** A version that is just published takes a while to be ready for calls. */
async function ready(aws: Aws, name: string, version: string, powers: ActionPowers): Promise<void> {
  for (;;) {
    const found = await functionOf(aws, name, version)
    if (found === null || found.state === 'Failed' || found.lastUpdate === 'Failed')
      throw new ActionFault(
        `version ${version} of ${name} cannot be called: ${found?.stateReason ?? found?.state ?? 'it is gone'}`,
      )
    if (found.state !== 'Pending' && found.lastUpdate !== 'InProgress') return
    powers.say(`version ${version} is being made ready`)
    await powers.sleep(1_000)
  }
}
