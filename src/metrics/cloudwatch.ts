/** CloudWatch: metrics of AWS and of one's own, whole periods at a time, a while after they happened. */
import { z } from 'zod'
import { awsAddresses, awsEndpoint, awsRegion, awsRole } from '../core/aws/fields.ts'
import type { ArmSample } from '../core/judge/verdict.ts'
import {
  defineMetricSource,
  type HistoryQuestion,
  type MetricPowers,
  type MetricQuestion,
  type MetricSource,
} from '../core/ports/metrics.ts'
import type { Instant, Millis } from '../core/units.ts'
import { millisOf, timeoutField } from './answer.ts'
import { asked, keysOf, type Known, type Point, pointsIn, type Sent, type Span } from './cloudwatch-answer.ts'
import { checkQuery, type CloudwatchQuery, queryExample, readQuery, unfit } from './cloudwatch-query.ts'

const secret = z.string().min(1).describe('`{{ secret.NAME }}` of a declared secret')

const config = z.strictObject({
  region: awsRegion,
  'access-key': secret,
  'secret-key': secret,
  'session-token': secret.optional(),
  role: awsRole,
  endpoint: awsEndpoint,
  period: timeoutField
    .default('60s')
    .describe('What CloudWatch keeps together: 60s, or 1s, 5s, 10s, 30s of metrics that are kept so finely'),
  delay: z
    .string()
    .regex(/^\d+(?:s|m)$/, { error: 'expected a duration such as 2m' })
    .default('2m')
    .describe('What is read lies this far back, as a metric arrives some time after it happened'),
  timeout: timeoutField.describe('longest time one query may take'),
})
type Config = z.infer<typeof config>

export const cloudwatch = defineMetricSource<Config>({
  kind: 'cloudwatch',
  summary: 'Metrics of CloudWatch, with counts, percentiles and buckets, or by a query of Metrics Insights',
  config: config as unknown as z.ZodType<Config>,
  example:
    'sources:\n  metrics: { kind: cloudwatch, region: eu-west-1, access-key: "{{ secret.AWS_ACCESS_KEY_ID }}", secret-key: "{{ secret.AWS_SECRET_ACCESS_KEY }}" }',
  timeoutMs: 5000,
  addresses: awsAddresses(['monitoring']),
  checkQuery,
  open: (given) => open(config.parse(given)),
})

/** A number now is one of the last so many periods. */
const newestOf = 5

function open(given: Config): MetricSource {
  const periodMs = millisOf(given.period)
  const delayMs = Number(given.delay.slice(0, -1)) * (given.delay.endsWith('m') ? 60_000 : 1_000)
  const keys = keysOf(given)
  const floored = (at: Instant): Instant => Math.floor((at - delayMs) / periodMs) * periodMs
  const spanOf = ({ from, to }: Span): Span => ({ from: floored(from), to: floored(to) })

  /** Points of each query within a span, by its id. */
  const read = async (
    sent: readonly Sent[],
    span: Span,
    powers: MetricPowers,
  ): Promise<Known<ReadonlyMap<string, readonly Point[]>>> => {
    const values: Record<string, string> = {
      StartTime: new Date(span.from).toISOString(),
      EndTime: new Date(span.to).toISOString(),
      ScanBy: 'TimestampAscending',
    }
    sent.forEach((each, index) => {
      for (const [name, value] of Object.entries({ Id: each.id, ReturnData: 'true', ...each.values }))
        values[`MetricDataQueries.member.${index + 1}.${name}`] = value
    })
    const answer = await asked(given, keys, 'GetMetricData', values, powers)
    return 'why' in answer ? answer : pointsIn(answer.known, sent, span)
  }

  const history: NonNullable<MetricSource['history']> = (questions, powers) =>
    Promise.all(
      questions.map(async (question) => {
        const { from, to, everyMs } = question
        const count = Math.floor((to - from) / everyMs + 1e-9)
        if (!(everyMs > 0) || !(count > 0)) return []
        const spans = Array.from({ length: count }, (_, index) => {
          const end = to - (count - 1 - index) * everyMs
          return spanOf({ from: end - everyMs, to: end })
        })
        const answer = await pointsFor(
          question,
          { from: spans[0]?.from ?? 0, to: spans.at(-1)?.to ?? 0 },
          periodMs,
          (sent, span) => read(sent, span, powers),
        )
        return spans.map((span) =>
          'why' in answer ? noData(answer.why) : sampleOf(question, answer.known, span, periodMs),
        )
      }),
    )

  return {
    history,
    sample: async (questions, powers) => {
      const asRows = questions.map(
        (question): HistoryQuestion => ({ ...question, everyMs: question.to - question.from }),
      )
      const rows = await history(asRows, powers)
      return rows.map(([sample]) => sample ?? noData('the interval has no length'))
    },
    async value(text, at, powers) {
      const parsed = fitting('value', text)
      if ('why' in parsed) return { noData: parsed.why }
      const to = floored(at)
      const answer = await read(
        [sentOf('q', parsed.known, periodMs, null)],
        { from: to - newestOf * periodMs, to },
        powers,
      )
      if ('why' in answer) return { noData: answer.why }
      const newest = answer.known.get('q')?.at(-1)
      if (newest !== undefined) return { value: newest.value }
      return parsed.known.absentIsZero ? { value: 0 } : { noData: nothing }
    },
    async probe(powers) {
      const to = floored(powers.clock.now())
      const query: Sent = { id: 'probe', values: statOf('AWS/Usage', 'CallCount', [], 'Sum', periodMs) }
      const answer = await read([query], { from: to - periodMs, to }, powers)
      return 'why' in answer
        ? { ok: false, say: `CloudWatch in ${given.region} ${answer.why}` }
        : { ok: true, say: `CloudWatch in ${given.region} answers queries` }
    },
  }
}

const nothing = 'answered without any value (if that means zero, write … or 0)'

function fitting(kind: MetricQuestion['kind'] | 'value', text: string | undefined): Known<CloudwatchQuery> {
  if (text === undefined || text.trim() === '') return { why: 'the query is missing' }
  const read = readQuery(text)
  if (read.kind === 'refused') return { why: `${read.why}, expected such as ${queryExample}` }
  const why = unfit(kind, read.query)
  return why === null ? { known: read.query } : { why }
}

/** `edge` = how many values were at most this. */
function sentOf(id: string, query: CloudwatchQuery, periodMs: Millis, edge: number | null): Sent {
  if (query.kind === 'insights')
    return { id, values: { Expression: query.expression, Period: String(periodMs / 1_000) } }
  const { namespace, metric, dimensions, stat } = query.asked
  const said = edge === null ? (stat ?? 'SampleCount') : `TC(:${edge})`
  return { id, values: statOf(namespace, metric, dimensions, said, periodMs) }
}

function statOf(
  namespace: string,
  metric: string,
  dimensions: readonly (readonly [string, string])[],
  stat: string,
  periodMs: Millis,
): Readonly<Record<string, string>> {
  const named = dimensions.flatMap(([name, value], index) => [
    [`MetricStat.Metric.Dimensions.member.${index + 1}.Name`, name],
    [`MetricStat.Metric.Dimensions.member.${index + 1}.Value`, value],
  ])
  return {
    'MetricStat.Metric.Namespace': namespace,
    'MetricStat.Metric.MetricName': metric,
    'MetricStat.Period': String(periodMs / 1_000),
    'MetricStat.Stat': stat,
    ...Object.fromEntries(named),
  }
}

/** What one question reads: by the name of each query, its points and what their absence means. */
interface Asked {
  readonly query: CloudwatchQuery
  readonly points: readonly (readonly Point[])[]
}

async function pointsFor(
  question: MetricQuestion,
  span: Span,
  periodMs: Millis,
  read: (sent: readonly Sent[], span: Span) => Promise<Known<ReadonlyMap<string, readonly Point[]>>>,
): Promise<Known<ReadonlyMap<string, Asked>>> {
  if (!(span.to > span.from)) return { why: tooShort(periodMs) }
  const queries = new Map<string, CloudwatchQuery>()
  for (const name of namesOf(question)) {
    const parsed = fitting(question.kind, question.queries[name])
    if ('why' in parsed) return { why: `${name}: ${parsed.why}` }
    queries.set(name, parsed.known)
  }
  const sent = [...queries].flatMap(([name, query]) => {
    const edges = query.kind === 'metric' ? [...query.asked.edges, null] : [null]
    return edges.map((edge, index) => sentOf(`${name}_${index}`, query, periodMs, edge))
  })
  const answer = await read(sent, span)
  if ('why' in answer) return answer
  const byName = [...queries].map(([name, query]): readonly [string, Asked] => {
    const ids = sent.map(({ id }) => id).filter((id) => id.startsWith(`${name}_`))
    return [name, { query, points: ids.map((id) => answer.known.get(id) ?? []) }]
  })
  return { known: new Map(byName) }
}

function namesOf({ kind, queries }: MetricQuestion): readonly string[] {
  if (kind === 'ratio') return ['bad', 'total']
  if (kind === 'histogram') return ['buckets']
  return kind === 'gauge' ? ['query'] : ['count', ...(queries['total'] === undefined ? [] : ['total'])]
}

function sampleOf(
  { kind, queries }: MetricQuestion,
  asked: ReadonlyMap<string, Asked>,
  span: Span,
  periodMs: Millis,
): ArmSample {
  if (!(span.to > span.from)) return noData(tooShort(periodMs))
  const counted = (name: string): Known<number> => countOf(name, asked.get(name), span)
  switch (kind) {
    case 'gauge': {
      const newest = within(asked.get('query')?.points[0] ?? [], span).at(-1)
      if (newest !== undefined) return { kind: 'gauge', value: newest.value }
      return asked.get('query')?.query.absentIsZero === true ? { kind: 'gauge', value: 0 } : noData(`query: ${nothing}`)
    }
    case 'ratio': {
      const [bad, total] = [counted('bad'), counted('total')]
      if ('why' in bad) return noData(bad.why)
      return 'why' in total ? noData(total.why) : { kind: 'ratio', bad: bad.known, total: total.known }
    }
    case 'events': {
      const count = counted('count')
      if ('why' in count) return noData(count.why)
      if (queries['total'] === undefined) return { kind: 'events', count: count.known, total: null }
      const total = counted('total')
      return 'why' in total ? noData(total.why) : { kind: 'events', count: count.known, total: total.known }
    }
    case 'histogram':
      return histogramOf(asked.get('buckets'), span)
  }
}

function countOf(name: string, asked: Asked | undefined, span: Span, index = 0): Known<number> {
  const points = within(asked?.points[index] ?? [], span)
  if (points.length === 0 && asked?.query.absentIsZero !== true) return { why: `${name}: ${nothing}` }
  const sum = points.reduce((all, { value }) => all + value, 0)
  return points.some(({ value }) => value < 0)
    ? { why: `${name}: answered a negative number, a count expected` }
    : { known: sum }
}

/** The last query counts everything, those before it what was at most their edge. */
function histogramOf(asked: Asked | undefined, span: Span): ArmSample {
  if (asked === undefined || asked.query.kind !== 'metric') return noData('buckets: not asked')
  const { edges } = asked.query.asked
  const all = countOf('buckets', asked, span, edges.length)
  if ('why' in all) return noData(all.why)
  // A bucket that nothing fell into has no value.
  const counts = edges.map((_edge, index) =>
    within(asked.points[index] ?? [], span).reduce((sum, { value }) => sum + value, 0),
  )
  const row = [...counts, all.known]
  if (row.some((count, index) => count < (row[index - 1] ?? 0)))
    return noData('buckets: a bucket holds less than one within it')
  return { kind: 'histogram', le: [...edges, Number.MAX_VALUE], counts: row }
}

function within(points: readonly Point[], span: Span): readonly Point[] {
  return points.filter(({ at }) => at >= span.from && at < span.to)
}

function tooShort(periodMs: Millis): string {
  return `the interval is shorter than a period of CloudWatch (${periodMs / 1_000} s)`
}

function noData(why: string): ArmSample {
  return { kind: 'no-data', why }
}
