/** A declared database as a source of metrics: a query gives one number, or numbers with their times, or counts by bucket. */
import { z } from 'zod'
import { type DatabaseRows, defineMetricSource, type MetricPowers, type MetricSource } from '../core/ports/metrics.ts'
import type { Instant, Json, Millis } from '../core/units.ts'
import { millisOf, timeoutField } from './answer.ts'
import { type Known, sourceFrom, type Span } from './from-values.ts'
import { bound, checkQuery } from './sql-query.ts'

const config = z.strictObject({
  database: z.string().min(1).describe('Another source, of the kind postgres, sqlite or clickhouse'),
  'max-age': timeoutField.default('5m').describe('A query that gives times with its numbers: what is older is no data'),
  timeout: timeoutField.describe('longest time one query may take'),
})
type Config = z.infer<typeof config>

export const sql = defineMetricSource<Config>({
  kind: 'sql',
  summary: 'A database whose rows are counted: sign-ups, orders, what a business looks at',
  config: config as unknown as z.ZodType<Config>,
  example:
    'sources:\n  orders: { kind: postgres, url: "postgres://reader:{{ secret.DB_PASSWORD }}@db/app" }\n  business: { kind: sql, database: orders }',
  timeoutMs: 5000,
  checkQuery,
  open: (given) => open(config.parse(given)),
})

const skewMs = 60_000

function open(given: Config): MetricSource {
  const ask = async (
    text: string,
    span: Span,
    labels: Readonly<Record<string, string>>,
    powers: MetricPowers,
  ): Promise<Known<DatabaseRows>> => {
    const query = bound(text, span, labels)
    if ('why' in query) return query
    if (powers.database === undefined) return { why: 'no database can be asked here' }
    if (powers.signal.aborted) return { why: 'cancelled' }
    const timeoutMs = millisOf(given.timeout)
    const late = AbortSignal.timeout(timeoutMs)
    const signal = AbortSignal.any([powers.signal, late])
    try {
      return { known: await powers.database(given.database, query.statement, query.values, { timeoutMs, signal }) }
    } catch (error) {
      if (late.aborted) return { why: `no answer within ${timeoutMs / 1_000} s` }
      return { why: `${given.database}: ${error instanceof Error ? error.message : String(error)}` }
    }
  }
  return sourceFrom({
    async read(text, span, labels, powers) {
      const told = await ask(text, span, labels, powers)
      if ('why' in told) return told
      return valueIn(told.known, span, powers.clock.now(), millisOf(given['max-age']))
    },
    async probe(powers) {
      const told = await ask('select 1', { from: null, to: powers.clock.now() }, {}, powers)
      return 'why' in told ? { ok: false, say: told.why } : { ok: true, say: `${given.database} answers queries` }
    },
  })
}

function valueIn({ columns, rows, more }: DatabaseRows, span: Span, now: Instant, mostMs: Millis): Known<Json> {
  if (more) return { why: 'answered with too many rows: let it count or limit itself' }
  const [first] = rows
  if (first === undefined) return { why: 'answered without any row' }
  if (columns.length === 2 && columns[0]?.toLowerCase() === 'le')
    return { known: Object.fromEntries(rows.map(([edge, count]) => [String(edge), count as Json])) }
  if (columns.length === 2) return newest(rows, span, now, mostMs)
  if (columns.length !== 1 || rows.length !== 1)
    return {
      why: `answered with ${rows.length} rows of ${columns.length} columns, expected one number, or time and number, or le and count`,
    }
  return { known: first[0] as Json }
}

/** Of rows with times the newest up to the end of what is asked about. */
function newest(rows: DatabaseRows['rows'], { from, to }: Span, now: Instant, mostMs: Millis): Known<Json> {
  let best: { readonly at: Instant; readonly value: unknown } | null = null
  for (const [time, value] of rows) {
    const at = instantOf(time)
    if (at === null) return { why: `answered with ${String(time).slice(0, 60)} in its first column, a time expected` }
    if (at > now + skewMs)
      return { why: `answered with a value from ${Math.round((at - now) / 1_000)} s in the future` }
    if (at <= to && (best === null || at >= best.at)) best = { at, value }
  }
  if (best === null) return { why: 'answered without a row up to the time asked for' }
  const ageMs = Math.min(to - best.at, from === null ? Infinity : Math.max(0, from - best.at))
  return ageMs <= mostMs
    ? { known: best.value as Json }
    : { why: `answered with a value ${Math.round(ageMs / 1_000)} s older than asked for, at most ${mostMs / 1_000} s` }
}

/** Dates of databases, of which those without a zone are UTC; or seconds or milliseconds since 1970. */
function instantOf(time: unknown): Instant | null {
  if (typeof time === 'number') return time < 1e10 ? time * 1_000 : time
  const text = time instanceof Date ? time.toISOString() : typeof time === 'string' ? time.trim().replace(' ', 'T') : ''
  const full = text.replace(/([+-]\d\d)$/, '$1:00')
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(full) || !full.includes('T') ? full : `${full}Z`)
  return Number.isFinite(at) ? at : null
}
