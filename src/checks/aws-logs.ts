/** `yaml check kind: aws-logs`: a log group of CloudWatch says what it should and nothing that it should not, over a bounded time. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { type LogEvent, logEventsOf } from '../core/aws/watching.ts'
import { defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { found, missing, told } from './aws-state/told.ts'
import { secretIn } from './parts/secret-shapes.ts'
import { durationField, millisOf, patternField, patternOf } from './parts/fields.ts'
import { counted, type Finding } from './parts/finding.ts'
import { oneLine } from './parts/say.ts'

const config = z.strictObject({
  region: awsRegion,
  group: z.string().min(1).describe('Log group, such as /aws/lambda/shop-api'),
  last: durationField.describe('Lines of this time before now'),
  filter: z.string().min(1).optional().describe('Only lines that this filter pattern of CloudWatch matches'),
  forbid: patternField.optional().describe('Lines that must not be there, or not more often than `max`'),
  max: z.number().int().nonnegative().default(0).describe('How many lines `forbid` may match'),
  require: patternField.optional().describe('A line that must be there'),
  'min-lines': z.number().int().nonnegative().default(1).describe('Fewer lines than this are no proof'),
  secrets: z
    .boolean()
    .default(true)
    .describe('No line may hold what looks like a key, a token or a password in an address'),
  ...awsFields,
})

type Config = z.infer<typeof config>

/** What is more than this is not read: name a filter. */
const mostLines = 50_000
const mostShown = 200

export const awsLogs = defineCheck({
  kind: 'aws-logs',
  summary: 'A log group of CloudWatch says what it should and nothing that it should not, over a bounded time',
  config,
  needs: ['http', 'secret'],
  addresses: awsAddresses(['logs']),
  secrets: awsSecrets,
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: aws-logs\nregion: eu-west-1\ngroup: /aws/lambda/shop-api\nlast: 15m\nforbid: "(?i)\\\\b(error|timed out)\\\\b"\n```',
  facts: { lines: 'int', forbidden: 'int' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const now = powers.clock.now()
    const { group, filter = null } = asked
    const span = { from: now - millisOf(asked.last), to: now }
    const seen = await logEventsOf(awsFor(asked, powers), { group, filter, ...span, most: mostLines })
    if (seen === null) return missing(`there is no log group ${group}`)
    const { findings, shown } = look(seen.events, seen.isAll, asked)
    return told(group, findings, shown, powers)
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const now = powers.clock.now()
    const span = { from: now - 1_000, to: now, most: 1 }
    const seen = await logEventsOf(awsFor(asked, powers), { group: asked.group, filter: null, ...span })
    return { ok: seen !== null, say: seen === null ? `there is no log group ${asked.group}` : `${asked.group} answers` }
  },
})

function look(
  events: readonly LogEvent[],
  isAll: boolean,
  given: Config,
): { readonly findings: readonly Finding[]; readonly shown: readonly string[] } {
  const forbid = given.forbid === undefined ? null : patternOf(given.forbid)
  const require = given.require === undefined ? null : patternOf(given.require)
  const bad = forbid === null ? [] : events.filter(({ text }) => forbid.find(text))
  const leaks = given.secrets ? events.filter(({ text }) => secretIn(text) !== null) : []
  const facts = { lines: events.length, forbidden: bad.length }
  const many = counted(events.length, 'line')
  const findings = [found(true, `${many} in ${given.last}, nothing amiss`, facts)]
  if (bad.length > given.max)
    findings.push(
      found(
        false,
        `${counted(bad.length, 'line')} match ${given.forbid}, at most ${given.max} allowed: ${oneLine(safe(bad[0]), 120)}`,
      ),
    )
  if (leaks.length > 0) findings.push(found(false, `${counted(leaks.length, 'line')} hold what looks like a secret`))
  if (require !== null && isAll && !events.some(({ text }) => require.find(text)))
    findings.push(found(false, `no line matches ${given.require}`))
  if (!isAll)
    findings.push(
      found('unknown', `there are more lines than are read (${events.length}); name a filter or a shorter time`),
    )
  if (isAll && events.length < given['min-lines'])
    findings.push(found('unknown', `${many} in ${given.last}, expected at least ${given['min-lines']}`))
  const shown = bad.slice(0, mostShown).map((event) => `${new Date(event.at).toISOString()} ${safe(event)}`)
  return { findings, shown }
}

/** What looks like a secret is neither said nor kept. */
function safe(event: LogEvent | undefined): string {
  if (event === undefined) return ''
  return secretIn(event.text) === null ? oneLine(event.text, 2_000) : '(a line with what looks like a secret)'
}
