/** `yaml check kind: trend`: a metric does not grow, jump or fall away over the time just past. */
import { z } from 'zod'
import { renderPromql } from '../core/plan/promql-template.ts'
import { parseQuantity } from '../core/plan/quantity.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { gridOf, type Point } from '../core/series/summary.ts'
import { readTrend, type TrendReading, type TrendSettings, usualWithin } from '../core/series/trend.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { oneLine, sayMillis, sayNumber } from './parts/say.ts'

const rules = ['stable', 'no-leak', 'no-decline', 'no-spike', 'no-drop', 'grows', 'shrinks'] as const
const wanting: readonly string[] = ['grows', 'shrinks']

const settingsField = z.strictObject({
  on: z.string().min(1).describe('Declared source that keeps a past (`prometheus`); the only one needs no naming'),
  query: z.string().min(1).describe('Gives one number; {{ name }} only inside string literals'),
  rule: z
    .enum(rules)
    .describe(
      '`stable`: neither rises nor falls; `no-leak`: does not keep growing; `no-decline`: does not keep falling; `no-spike`, `no-drop`: no sample far from the median; `grows`, `shrinks`: it has to',
    ),
  over: durationField.default('1h').describe('Length of the time that is looked at, up to now'),
  samples: z.number().int().min(8).max(2000).default(120).describe('Instants asked for in that time'),
  within: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Greatest change: `10%` of the median, or an amount such as `50` or `200ms`; usual are 10 % (stable, no-leak, no-decline), 100 % (no-spike), 50 % (no-drop)',
    ),
  by: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Least change of what `grows` or `shrinks`, as of `within`; any that is clear if absent'),
  atLeast: durationField
    .nullable()
    .default(null)
    .describe('Shortest time that tells; less is inconclusive. Half of `over` if absent'),
  restarts: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('A query whose value changes when what is measured begins anew, such as max(process_start_time_seconds)'),
})

const config = settingsField.superRefine(({ rule, within, by }, context) => {
  const isWanting = wanting.includes(rule)
  if (isWanting ? within === null : by === null) return
  const message = isWanting ? `nothing: ${rule} has a least change, by: 10%` : `nothing: ${rule} has within: 10%`
  context.addIssue({ code: 'custom', path: [isWanting ? 'within' : 'by'], message })
})

type Config = z.infer<typeof config>

export const trend = defineCheck<Config>({
  kind: 'trend',
  summary: 'A metric does not grow, jump or fall away',
  config,
  needs: ['series'],
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: trend\non: metrics\nrule: no-leak\nover: 2h\nwithin: 10%\nquery: sum(process_resident_memory_bytes{version="{{version}}"})\n```',
  facts: { change: 'double', median: 'double', lowest: 'double', highest: 'double', samples: 'int', chance: 'double' },
  async run(given, powers) {
    const settings = settingsOf(given)
    const instants = gridOf(powers.clock.now(), millisOf(given.over), settings.everyMs)
    const series = await seriesOf(given.on, given.query, instants, powers)
    if ('noData' in series)
      return { outcome: 'inconclusive', say: `no data: ${oneLine(series.noData, 300)}`, evidence: [] }
    const restarts = given.restarts === null ? [] : await restartsOf(given, instants, powers)
    if ('noData' in restarts)
      return { outcome: 'inconclusive', say: `restarts: no data: ${oneLine(restarts.noData, 300)}`, evidence: [] }
    return conclude(given, readTrend(series.points, { ...settings, restarts }), series.points, powers)
  },
})

function settingsOf({ rule, over, samples, within, by, atLeast }: Config): TrendSettings {
  const everyMs = Math.max(1000, Math.round(millisOf(over) / samples))
  const written = within ?? by
  const quantity = written === null ? null : parseQuantity(written)
  if (quantity !== null && !(quantity.ok && quantity.value.value > 0))
    throw new ConfigFault(
      `${by === null ? 'within' : 'by'}=${written}: expected a share such as 10%, or an amount such as 50 or 200ms, above 0`,
    )
  const allowed = quantity?.ok ? quantity.value : { value: usualWithin[rule], unit: 'ratio' as const }
  return {
    rule,
    within: allowed.unit === 'ratio' ? { share: allowed.value } : { amount: allowed.value },
    atLeastMs: atLeast === null ? millisOf(over) / 2 : millisOf(atLeast),
    everyMs,
  }
}

type Series = Awaited<ReturnType<CheckPowers['series']>>

async function seriesOf(on: string, query: string, instants: readonly number[], powers: CheckPowers): Promise<Series> {
  const rendered = renderPromql(query, powers.variables)
  return rendered.ok ? powers.series(on, rendered.text, instants) : { noData: rendered.why }
}

/** Instants at which the value is another than before; what is not known is no restart. */
async function restartsOf(
  { on, restarts }: Config,
  instants: readonly number[],
  powers: CheckPowers,
): Promise<readonly number[] | { readonly noData: string }> {
  const series = await seriesOf(on, restarts ?? '', instants, powers)
  if ('noData' in series) return series
  const known = series.points.filter(({ value }) => value !== null)
  return known.flatMap(({ at, value }, index) => (index > 0 && known[index - 1]?.value !== value ? [at] : []))
}

function conclude(given: Config, reading: TrendReading, points: readonly Point[], powers: CheckPowers): CheckResult {
  const lines = points.map(({ at, value }) => `${new Date(at).toISOString()}\t${value ?? 'no data'}`)
  const evidence = textEvidence('samples.tsv', `${lines.join('\n')}\n`, 'text/tab-separated-values; charset=utf-8')
  const { median, lowest, highest, samples, change, chance } = reading
  const facts: Record<string, number> =
    samples === 0
      ? { samples }
      : { samples, median, lowest, highest, ...(change !== null && { change }), ...(chance !== null && { chance }) }
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({ outcome, say, evidence, facts })
  const words = wordsFor(given, reading)
  if (reading.is === 'unproven')
    return answer('inconclusive', `${given.rule}: ${reading.why}${samples === 0 ? '' : `; ${words}`}`)
  if (reading.is === 'broken') return answer('failed', words)
  const verdict = powers.expect(facts)
  if (verdict === null || verdict === true) return answer('passed', words)
  if (verdict === false) return answer('failed', `${words}, expected ${powers.expectation ?? ''}`)
  return answer('inconclusive', `${words}; cannot decide ${powers.expectation ?? ''}: ${verdict.inconclusive}`)
}

/** `no-leak: +12.4 (8.1 % of the median 153) in 58m, at most 10 %`. */
function wordsFor({ rule, within, by }: Config, { median, highest, lowest, change, seenMs }: TrendReading): string {
  const limit = limitWords(rule, within, by)
  const span = ` in ${sayMillis(seenMs)}`
  if (rule === 'no-spike')
    return `${rule}: highest ${sayNumber(highest)}, median ${sayNumber(median)}${span}, ${limit} above it`
  if (rule === 'no-drop')
    return `${rule}: lowest ${sayNumber(lowest)}, median ${sayNumber(median)}${span}, ${limit} below it`
  if (change === null) return `median ${sayNumber(median)}${span}, ${limit}`
  const share =
    median === 0 ? '' : ` (${sayNumber((change / Math.abs(median)) * 100)} % of the median ${sayNumber(median)})`
  return `${rule}: ${change < 0 ? '−' : '+'}${sayNumber(Math.abs(change))}${share}${span}, ${limit}`
}

function limitWords(rule: Config['rule'], within: string | null, by: string | null): string {
  if (!wanting.includes(rule)) return `at most ${within ?? `${usualWithin[rule] * 100}%`}`
  const way = rule === 'grows' ? 'growth' : 'fall'
  return by === null ? `a clear ${way} expected` : `a ${way} of more than ${by} expected`
}
