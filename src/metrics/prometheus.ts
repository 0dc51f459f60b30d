/** A Prometheus server, or anything with its query API (Thanos, Mimir, VictoriaMetrics). */
import { z } from 'zod'
import type { ArmSample } from '../core/judge/verdict.ts'
import {
  defineMetricSource,
  type HistoryQuestion,
  type MetricPowers,
  type MetricQuestion,
  type MetricSource,
} from '../core/ports/metrics.ts'
import type { Instant, Millis } from '../core/units.ts'
import { addressField, type Answer, ask, type Bounds, millisOf, timeoutField } from './answer.ts'
import { edgeOf } from './bucket-edge.ts'
import { nothing, readVector, type Vector } from './promql-answer.ts'
import { membersQuery } from './promql-members.ts'
import { type Grid, piecesOf, rangeForm, readRange } from './promql-range.ts'
import { scaleOf } from './promql-scale.ts'
import { zeroQuestion } from './promql-zero.ts'

const config = z.strictObject({
  url: addressField.describe('base address, with a path prefix if there is one'),
  headers: z.record(z.string(), z.string()).default({}).describe('sent with every query, such as a bearer token'),
  timeout: timeoutField.describe('longest time one query may take'),
})
type Config = z.infer<typeof config>

export const prometheus = defineMetricSource<Config>({
  kind: 'prometheus',
  summary: 'A Prometheus server, asked through its query API',
  config,
  example: 'sources:\n  metrics: { kind: prometheus, url: http://127.0.0.1:9090 }',
  timeoutMs: 5000,
  open: (given) => open(config.parse(given)),
})

const mostBytes = 8_000_000
/** An instant query answers with the time it was asked for; what lies further off comes out of a cache. */
const skewMs = 5000

function open(given: Config): MetricSource {
  const bounds: Bounds = { timeoutMs: millisOf(given.timeout), mostBytes }
  const post = (path: string, body: string, powers: MetricPowers): Promise<Answer> => {
    const headers = {
      ...given.headers,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    }
    return ask({ method: 'POST', url: `${given.url.replace(/\/+$/, '')}${path}`, headers, body }, bounds, powers)
  }
  const query: Query = async (text, at, powers) => {
    const form = new URLSearchParams({ query: text, time: (at / 1000).toFixed(3) }).toString()
    return readVector(await post('/api/v1/query', form, powers), at, skewMs)
  }
  const range: Range = async (text, grid, powers) => {
    const vectors: Vector[] = []
    for (const piece of piecesOf(grid))
      vectors.push(...readRange(await post('/api/v1/query_range', rangeForm(text, piece), powers), piece))
    return vectors
  }
  return {
    sample: (questions, powers) => Promise.all(questions.map((question) => answerOne(question, query, powers))),
    history: (questions, powers) => Promise.all(questions.map((question) => answerMany(question, range, powers))),
    async members(question, powers) {
      const asked = membersQuery(question)
      if ('noData' in asked) return asked
      const answer = await query(asked.query, question.to, powers)
      if (answer.kind === 'no-data') return answer.why === nothing ? { members: [] } : { noData: answer.why }
      const values = new Set(answer.series.map(({ labels }) => labels[question.label] ?? ''))
      values.delete('')
      return { members: [...values].sort() }
    },
    async value(text, at, powers) {
      const one = single(await query(text, at, powers))
      return one.kind === 'number' ? { value: one.value } : { noData: one.why }
    },
    async probe(powers) {
      const answer = await query('vector(1)', powers.clock.now(), powers)
      return answer.kind === 'series'
        ? { ok: true, say: `${given.url} answers queries` }
        : { ok: false, say: `${given.url} ${answer.why}` }
    },
  }
}

type Range = (text: string, grid: Grid, powers: MetricPowers) => Promise<readonly Vector[]>

/** As `answerOne` for each interval, with every query asked once for all of them. */
async function answerMany(
  question: HistoryQuestion,
  range: Range,
  powers: MetricPowers,
): Promise<readonly ArmSample[]> {
  const { from, to, everyMs, ...one } = question
  const points = Math.floor((to - from) / everyMs + 1e-9)
  if (!(everyMs > 0) || !(points > 0)) return []
  const grid: Grid = { first: to - (points - 1) * everyMs, everyMs, points }
  const known = new Map<string, Promise<readonly Vector[]>>()
  const query: Query = async (text, at) => {
    const vectors = known.get(text) ?? range(text, grid, powers)
    known.set(text, vectors)
    return (await vectors)[Math.round((at - grid.first) / everyMs)] ?? { kind: 'no-data', why: nothing }
  }
  return Promise.all(
    Array.from({ length: points }, (_, i) => {
      const end = grid.first + i * everyMs
      return answerOne({ ...one, from: end - everyMs, to: end }, query, powers)
    }),
  )
}

type Query = (text: string, at: Instant, powers: MetricPowers) => Promise<Vector>
type Single = { readonly kind: 'number'; readonly value: number } | { readonly kind: 'no-data'; readonly why: string }

async function answerOne(question: MetricQuestion, query: Query, powers: MetricPowers): Promise<ArmSample> {
  const { queries, to } = question
  const intervalMs = to - question.from
  if (!(intervalMs > 0)) return noData('the interval has no length')
  switch (question.kind) {
    case 'gauge': {
      const value = await named(queries, 'query', (text) => query(text, to, powers).then(single))
      return value.kind === 'number' ? { kind: 'gauge', value: value.value } : noData(value.why)
    }
    case 'ratio': {
      const [bad, total] = await Promise.all(
        ['bad', 'total'].map((name) => named(queries, name, (text) => count(text, intervalMs, to, query, powers))),
      )
      const zero = bad?.kind === 'no-data' && bad.why === nothing && total?.kind === 'number'
      if (bad?.kind !== 'number' && !(zero && (await isHonestZero(question, query, powers))))
        return noData(`bad: ${hintForZero(bad?.why ?? 'not asked')}`)
      if (total?.kind !== 'number') return noData(`total: ${total?.why ?? 'not asked'}`)
      return { kind: 'ratio', bad: bad?.kind === 'number' ? bad.value : 0, total: total.value }
    }
    case 'events': {
      const counted = await named(queries, 'count', (text) => count(text, intervalMs, to, query, powers))
      if (counted.kind !== 'number') return noData(`count: ${counted.why}`)
      if (queries['total'] === undefined) return { kind: 'events', count: counted.value, total: null }
      const total = await count(queries['total'], intervalMs, to, query, powers)
      return total.kind === 'number'
        ? { kind: 'events', count: counted.value, total: total.value }
        : noData(`total: ${total.why}`)
    }
    case 'histogram':
      return histogram(queries['buckets'], intervalMs, to, query, powers)
  }
}

async function named(
  queries: MetricQuestion['queries'],
  name: string,
  answer: (text: string) => Promise<Single>,
): Promise<Single> {
  const text = queries[name]
  return text === undefined || text.trim() === ''
    ? { kind: 'no-data', why: `the query \`${name}\` is missing` }
    : answer(text)
}

async function count(
  text: string,
  intervalMs: Millis,
  at: Instant,
  query: Query,
  powers: MetricPowers,
): Promise<Single> {
  const scale = scaleOf(text, intervalMs)
  if (scale.kind === 'refused') return { kind: 'no-data', why: scale.why }
  const answer = await query(text, at, powers)
  if (answer.kind === 'no-data') return answer
  // Counts of several instances or paths add up to the count of the arm.
  const negative = answer.series.find(({ value }) => value < 0)
  if (negative) return { kind: 'no-data', why: `answered ${negative.value}, a count expected` }
  return { kind: 'number', value: answer.series.reduce((sum, { value }) => sum + value, 0) * scale.factor }
}

/** No bad event was ever counted, in a metric that does count them. */
async function isHonestZero(question: MetricQuestion, query: Query, powers: MetricPowers): Promise<boolean> {
  const text = zeroQuestion(question.queries['bad'] ?? '', question.labels)
  if (text === null) return false
  const one = single(await query(text, question.to, powers))
  return one.kind === 'number' && one.value > 0
}

function single(answer: Vector): Single {
  if (answer.kind === 'no-data') return answer
  const [first] = answer.series
  if (answer.series.length > 1 || !first)
    return {
      kind: 'no-data',
      why: `answered with ${answer.series.length} series, exactly one expected: write sum(…) around the query`,
    }
  return { kind: 'number', value: first.value }
}

async function histogram(
  text: string | undefined,
  intervalMs: Millis,
  at: Instant,
  query: Query,
  powers: MetricPowers,
): Promise<ArmSample> {
  if (text === undefined || text.trim() === '') return noData('the query `buckets` is missing')
  const scale = scaleOf(text, intervalMs)
  if (scale.kind === 'refused') return noData(scale.why)
  const answer = await query(text, at, powers)
  if (answer.kind === 'no-data') return noData(answer.why)
  const buckets = new Map<number, number>()
  for (const { labels, value } of answer.series) {
    const edge = edgeOf(labels['le'])
    if (edge === null) return noData('answered with a series without a bucket edge `le`: write sum by (le) (…)')
    if (value < 0) return noData(`answered ${value}, a count expected`)
    buckets.set(edge, (buckets.get(edge) ?? 0) + value * scale.factor)
  }
  if (!buckets.has(Number.MAX_VALUE)) return noData('answered without the bucket le="+Inf"')
  const le = [...buckets.keys()].sort((a, b) => a - b)
  return { kind: 'histogram', le, counts: le.map((edge) => buckets.get(edge) as number) }
}

function hintForZero(why: string): string {
  return why === nothing ? `${why} (if that means zero, write … or vector(0))` : why
}

function noData(why: string): ArmSample {
  return { kind: 'no-data', why }
}
