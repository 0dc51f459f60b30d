/** `yaml check kind: aws-cloudfront`: a distribution is deployed, is configured as it should be, and its cache was cleared. */
import { z } from 'zod'
import type { Aws } from '../core/aws/client.ts'
import { type Distribution, distributionOf, invalidationOf, newestInvalidations } from '../core/aws/cloudfront.ts'
import { awsAddresses, awsFields, awsSecrets } from '../core/aws/fields.ts'
import { elementsAt, isWay } from '../core/aws/way.ts'
import { nodesAt } from '../core/aws/xml.ts'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { found, missing, told } from './aws-state/told.ts'
import { ageProblem } from './parts/age.ts'
import { durationField } from './parts/fields.ts'
import { type Finding, listed } from './parts/finding.ts'
import { sayMillis } from './parts/say.ts'

const config = z.strictObject({
  distribution: z.string().min(1).describe('Its id, such as E2EXAMPLE'),
  enabled: z.boolean().default(true).describe('It answers, or with false does not'),
  deployed: z.literal(true).default(true).describe('Its last change has reached every place'),
  config: z
    .record(
      z.string().refine(isWay, { error: 'expected a way such as DefaultCacheBehavior.TargetOriginId' }),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .default({})
    .describe(
      'Ways in its configuration and what stands there, such as `Origins.Items.Origin[Id=web].OriginPath: /v2`',
    ),
  aliases: z.array(z.string().min(1)).default([]).describe('Names that it answers to'),
  invalidation: z.string().min(1).optional().describe('Id of an invalidation that has to be completed'),
  'invalidated-within': durationField
    .optional()
    .describe('An invalidation of all the paths was ordered at most this long ago, and is completed'),
  paths: z.array(z.string().startsWith('/')).min(1).default(['/*']).describe('Paths of that invalidation'),
  ...awsFields,
})

type Config = z.infer<typeof config>

/** Whoever invalidates more often asks for one by its id. */
const mostInvalidations = 20

export const awsCloudfront = defineCheck({
  kind: 'aws-cloudfront',
  summary: 'A distribution of CloudFront is deployed, is configured as it should be, and its cache was cleared',
  config,
  needs: ['http', 'secret'],
  addresses: awsAddresses(['cloudfront']),
  secrets: awsSecrets,
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: aws-cloudfront\ndistribution: E2EXAMPLE\nconfig: { DefaultCacheBehavior.ViewerProtocolPolicy: redirect-to-https }\ninvalidated-within: 30m\n```',
  facts: { status: 'string', enabled: 'bool', domain: 'string', invalidation: 'string', invalidation_status: 'string' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const aws = awsFor(asked, powers)
    const seen = await distributionOf(aws, asked.distribution)
    if (seen === null) return missing(`there is no distribution ${asked.distribution}`)
    const findings = [...stateFindings(seen, asked), ...(await invalidationFindings(aws, asked, powers))]
    return told(asked.distribution, findings, [], powers)
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const seen = await distributionOf(awsFor(asked, powers), asked.distribution)
    const say =
      seen === null ? `there is no distribution ${asked.distribution}` : `${asked.distribution} is ${seen.status}`
    return { ok: seen !== null, say }
  },
})

function stateFindings({ status, isEnabled, domain, config: tree }: Distribution, given: Config): readonly Finding[] {
  const facts = { status, enabled: isEnabled, domain }
  const findings = [
    found(
      status === 'Deployed' ? 'good' : 'unknown',
      status === 'Deployed' ? 'deployed' : `it is ${status}, not yet Deployed`,
      facts,
    ),
  ]
  if (isEnabled !== given.enabled) findings.push(found(false, isEnabled ? 'it is enabled' : 'it is not enabled'))
  for (const [way, wanted] of Object.entries(given.config)) {
    const values = elementsAt(tree, way).map(({ text }) => text)
    const isThere = values.includes(String(wanted))
    const say = `${way} is ${listed(values) || 'not there'}${isThere ? '' : `, expected ${wanted}`}`
    findings.push(found(isThere, say))
  }
  const names = nodesAt(tree, 'Aliases', 'Items', 'CNAME').map(({ text }) => text)
  const lacks = given.aliases.filter((name) => !names.includes(name))
  if (lacks.length > 0) findings.push(found(false, `it does not answer to ${listed(lacks)}`))
  return findings
}

async function invalidationFindings(aws: Aws, given: Config, { clock }: CheckPowers): Promise<readonly Finding[]> {
  const { distribution, invalidation: id, 'invalidated-within': within, paths } = given
  const findings: Finding[] = []
  if (id !== undefined) {
    const one = await invalidationOf(aws, distribution, id)
    findings.push(
      one === null
        ? found(false, `there is no invalidation ${id}`)
        : found(one.status === 'Completed' ? 'good' : 'unknown', `invalidation ${id} is ${one.status}`, {
            invalidation: id,
            invalidation_status: one.status,
          }),
    )
  }
  if (within === undefined) return findings
  const newest = await newestInvalidations(aws, distribution, mostInvalidations)
  const one = newest.find((each) => each.paths.includes('/*') || paths.every((path) => each.paths.includes(path)))
  if (one === undefined) return [...findings, found(false, `nobody has invalidated ${listed(paths)}`)]
  const ageMs = clock.now() - one.at
  const facts = { invalidation: one.id, invalidation_status: one.status }
  const old = ageProblem(`invalidation ${one.id}`, ageMs, within)
  if (old !== null) return [...findings, found(old.outcome === 'failed' ? 'bad' : 'unknown', old.say, facts)]
  const say = `invalidation ${one.id} of ${sayMillis(Math.max(0, ageMs))} ago is ${one.status}`
  return [...findings, found(one.status === 'Completed' ? 'good' : 'unknown', say, facts)]
}
