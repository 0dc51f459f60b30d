/** `yaml check kind: aws-lambda`: an alias of a function points where it should, with the weights it should have, and the function works. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { aliasOf, functionOf, type LambdaAlias, type LambdaVersion } from '../core/aws/lambda.ts'
import { defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { compared, found, missing, told } from './aws-state/told.ts'
import type { Finding } from './parts/finding.ts'

const config = z.strictObject({
  region: awsRegion,
  function: z.string().min(1).describe('Name of the function'),
  alias: z.string().min(1).optional().describe('Alias that is looked at; without one, what is not published'),
  version: z.string().min(1).optional().describe('Version that the alias has to point to'),
  'not-version': z.string().min(1).optional().describe('Version that it must not point to'),
  weights: z
    .record(z.string().min(1), z.number().min(0).max(100))
    .optional()
    .describe('Percent of the calls that go to other versions, such as { "42": 5 }; {} = all go to one'),
  runtime: z.string().min(1).optional().describe('Such as nodejs22.x'),
  'code-sha256': z.string().min(1).optional().describe('Of the code, as the build told it'),
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsLambda = defineCheck({
  kind: 'aws-lambda',
  summary:
    'An alias of a function of Lambda points where it should, with the weights it should have, and the function is active',
  config: config.refine(
    ({ alias, version, weights, 'not-version': other }) =>
      alias !== undefined || (version === undefined && other === undefined && weights === undefined),
    { error: 'expected alias with version, not-version and weights, such as alias: live' },
  ),
  needs: ['http', 'secret'],
  addresses: awsAddresses(['lambda']),
  secrets: awsSecrets,
  timeoutMs: 60_000,
  example:
    '```yaml check capture="live_version from version"\nkind: aws-lambda\nregion: eu-west-1\nfunction: shop-api\nalias: live\nweights: {}\nruntime: nodejs22.x\n```',
  facts: {
    version: 'string',
    weights: 'map',
    state: 'string',
    last_update: 'string',
    runtime: 'string',
    code_hash: 'string',
    memory_mb: 'int',
  },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const { function: name, alias } = asked
    const aws = awsFor(asked, powers)
    const pointed = alias === undefined ? null : await aliasOf(aws, name, alias)
    if (alias !== undefined && pointed === null) return missing(`there is no alias ${alias} of ${name}`)
    const works = await functionOf(aws, name, pointed?.version)
    if (works === null) return missing(`there is no function ${name}`)
    const others = await Promise.all(Object.keys(pointed?.weights ?? {}).map((each) => functionOf(aws, name, each)))
    const findings = [
      ...(pointed === null ? [] : aliasFindings(pointed, asked)),
      ...versionFindings(works, asked),
      ...others.flatMap((other) => (other === null ? [] : activeFinding(other))),
    ]
    const where = `${name}${alias === undefined ? '' : `:${alias}`}`
    return told(where, findings, [JSON.stringify({ alias: pointed, function: works }, null, 2)], powers, {
      version: works.version,
    })
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const works = await functionOf(awsFor(asked, powers), asked.function)
    return {
      ok: works !== null,
      say: works === null ? `there is no function ${asked.function}` : `${asked.function} answers`,
    }
  },
})

function aliasFindings(alias: LambdaAlias, given: Config): readonly Finding[] {
  const weights = Object.fromEntries(Object.entries(alias.weights).map(([name, part]) => [name, percentOf(part)]))
  const parts = Object.entries(weights).map(([name, percent]) => `${percent} % at ${name}`)
  const findings = [found(true, [`version ${alias.version}`, ...parts].join(', '), { version: alias.version, weights })]
  const { version, 'not-version': other, weights: wanted } = given
  if (version !== undefined && alias.version !== version)
    findings.push(found(false, `it points to version ${alias.version}, expected ${version}`))
  if (other !== undefined && alias.version === other) findings.push(found(false, `it points to version ${other}`))
  if (wanted !== undefined && !sameWeights(weights, wanted))
    findings.push(found(false, `its weights are ${JSON.stringify(weights)}, expected ${JSON.stringify(wanted)}`))
  return findings
}

/** Lambda keeps parts, whose hundredfold may end in 0.0000001. */
function percentOf(part: number): number {
  return Number((part * 100).toFixed(4))
}

function sameWeights(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => (a[name] ?? 0) === (b[name] ?? 0))
}

function versionFindings(works: LambdaVersion, given: Config): readonly Finding[] {
  const { runtime, codeSha256, memoryMb, state, lastUpdate } = works
  const facts = {
    ...(state !== null && { state }),
    ...(lastUpdate !== null && { last_update: lastUpdate }),
    ...(runtime !== null && { runtime }),
    ...(memoryMb !== null && { memory_mb: memoryMb }),
    code_hash: codeSha256,
  }
  const wanted = given['code-sha256']
  return [
    ...activeFinding(works).map((finding) => ({ ...finding, facts })),
    ...(given.runtime === undefined ? [] : [compared('runtime', runtime, given.runtime)]),
    ...(wanted === undefined ? [] : [compared('the hash of the code', codeSha256, wanted)]),
  ]
}

/** `Inactive` = nobody called it for weeks: the next call wakes it. */
function activeFinding({ version, state, stateReason, lastUpdate }: LambdaVersion): readonly Finding[] {
  if (state === null) return [found('unknown', `version ${version} does not say whether it is active`)]
  if (state === 'Pending' || lastUpdate === 'InProgress')
    return [found('unknown', `version ${version} is still being made ready`)]
  if (state !== 'Active' && state !== 'Inactive')
    return [found(false, `version ${version} is ${state}${stateReason === null ? '' : `: ${stateReason}`}`)]
  if (lastUpdate === 'Failed') return [found(false, `the last update of version ${version} failed`)]
  return [found(true, state.toLowerCase())]
}
