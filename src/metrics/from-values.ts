/** A metric source made of something that answers one value to one query: counts of an interval, or totals whose growth is counted. */
import type { ArmSample } from '../core/judge/verdict.ts'
import type { HistoryQuestion, MetricPowers, MetricQuestion, MetricSource } from '../core/ports/metrics.ts'
import type { Instant, Json } from '../core/units.ts'
import { edgeOf } from './bucket-edge.ts'

export type Known<T> = { readonly known: T } | { readonly why: string }

/** `from` null = a number now, of no interval. */
export interface Span {
  readonly from: Instant | null
  readonly to: Instant
}

export interface ValueReader {
  /** Every answer is of the interval that is asked about, whatever its query says. */
  readonly isTimed?: boolean
  /** Never throws. */
  read(text: string, span: Span, labels: MetricQuestion['labels'], powers: MetricPowers): Promise<Known<Json>>
  probe(powers: MetricPowers): Promise<{ ok: boolean; say: string }>
}

/** Requests for the past that run at the same time, and how many intervals one question may have. */
const atOnce = 4
const mostIntervals = 500

export function sourceFrom(reader: ValueReader): MetricSource {
  const memory = new Map<string, { readonly at: Instant; readonly total: Json }>()
  const answer = (question: MetricQuestion, keep: boolean, powers: MetricPowers): Promise<ArmSample> => {
    const span = { from: question.from, to: question.to }
    if (!(span.to > span.from)) return Promise.resolve(noData('the interval has no length'))
    const read = async (name: string): Promise<Known<Json>> => {
      const text = question.queries[name]
      if (text === undefined || text.trim() === '') return { why: `the query \`${name}\` is missing` }
      if (reader.isTimed === true) return reader.read(text, span, question.labels, powers)
      if (question.kind !== 'gauge' && !asksFrom(text) && /\$to/.test(text)) return { why: countOfAnother }
      if (question.kind === 'gauge' || asksFrom(text)) return reader.read(text, span, question.labels, powers)
      if (!keep)
        return { why: 'it says only its total since the beginning, so of the past nothing: write $from and $to' }
      return grown(
        JSON.stringify([question.arm, name, text]),
        await reader.read(text, span, question.labels, powers),
        question,
      )
    }
    const grown = (key: string, now: Known<Json>, { from, to }: MetricQuestion): Known<Json> => {
      if ('why' in now) return now
      const before = memory.get(key)
      if (before === undefined || to > before.at) memory.set(key, { at: to, total: now.known })
      if (before === undefined) return { why: 'first reading: growth is known from the next one on' }
      if (to <= before.at) return { why: 'asked again for a time already read' }
      if (from - before.at > Math.max(1_000, (to - from) * 1.5)) return { why: 'first reading after a gap' }
      return growthOf(before.total, now.known)
    }
    return sampleOf(question, read)
  }
  return {
    sample: (questions, powers) => Promise.all(questions.map((question) => answer(question, true, powers))),
    history: (questions, powers) =>
      Promise.all(
        questions.map((question) => pastOf(question, reader.isTimed === true, (one) => answer(one, false, powers))),
      ),
    async value(text, at, powers) {
      if (reader.isTimed !== true && asksFrom(text))
        return { noData: 'a number now is of no interval: write $to-5m where $from stands' }
      const told = numberIn(await reader.read(text, { from: null, to: at }, {}, powers))
      return 'why' in told ? { noData: told.why } : { value: told.known }
    },
    probe: (powers) => reader.probe(powers),
  }
}

/** `$from` stands in it: the answer is of the interval, not a total since the beginning. */
export function asksFrom(text: string): boolean {
  return text.includes('$from')
}

export const countOfAnother = 'a count is of the interval: write $from and $to, or neither for a total that grows'

async function pastOf(
  { everyMs, ...question }: HistoryQuestion,
  isTimed: boolean,
  answer: (one: MetricQuestion) => Promise<ArmSample>,
): Promise<readonly ArmSample[]> {
  const count = Math.floor((question.to - question.from) / everyMs + 1e-9)
  if (!(everyMs > 0) || !(count > 0)) return []
  const none = (why: string): readonly ArmSample[] => Array.from({ length: count }, () => noData(why))
  if (count > mostIntervals) return none(`${count} intervals of the past, at most ${mostIntervals} can be asked for`)
  const texts = Object.values(question.queries)
  if (!isTimed && !texts.every((text) => /\$(?:from|to)/.test(text)))
    return none('its query says no time, so it knows only now: write $from and $to')
  const samples = none('not asked') as ArmSample[]
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      const to = question.to - (count - 1 - index) * everyMs
      samples[index] = await answer({ ...question, from: to - everyMs, to })
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work))
  return samples
}

async function sampleOf(
  { kind, queries }: MetricQuestion,
  read: (name: string) => Promise<Known<Json>>,
): Promise<ArmSample> {
  const count = async (name: string): Promise<Known<number>> => {
    const told = numberIn(await read(name))
    if ('why' in told) return { why: `${name}: ${told.why}` }
    return told.known < 0 ? { why: `${name}: answered ${told.known}, a count expected` } : told
  }
  switch (kind) {
    case 'gauge': {
      const told = numberIn(await read('query'))
      return 'why' in told ? noData(`query: ${told.why}`) : { kind: 'gauge', value: told.known }
    }
    case 'ratio': {
      const [bad, total] = await Promise.all([count('bad'), count('total')])
      if ('why' in bad) return noData(bad.why)
      return 'why' in total ? noData(total.why) : { kind: 'ratio', bad: bad.known, total: total.known }
    }
    case 'events': {
      const hasTotal = queries['total'] !== undefined
      const [counted, total] = await Promise.all([count('count'), hasTotal ? count('total') : null])
      if ('why' in counted) return noData(counted.why)
      if (total === null) return { kind: 'events', count: counted.known, total: null }
      return 'why' in total ? noData(total.why) : { kind: 'events', count: counted.known, total: total.known }
    }
    case 'histogram':
      return bucketsIn(await read('buckets'))
  }
}

function numberIn(told: Known<Json>): Known<number> {
  if ('why' in told) return told
  if (typeof told.known === 'number' && Number.isFinite(told.known)) return { known: told.known }
  return { why: `answered ${short(told.known)}, a finite number expected` }
}

/** By the upper edge of a bucket how many were at most that. */
function bucketsIn(told: Known<Json>): ArmSample {
  if ('why' in told) return noData(`buckets: ${told.why}`)
  const rows = mapIn(told.known)
  if (rows === null)
    return noData(`buckets: answered ${short(told.known)}, expected a count by edge such as {"0.5": 90, "+Inf": 100}`)
  const buckets = rows.map(([edge, count]) => [edgeOf(edge), count] as const).sort(([a], [b]) => (a ?? 0) - (b ?? 0))
  const le = buckets.flatMap(([edge]) => (edge === null ? [] : [edge]))
  const counts = buckets.map(([, count]) => count)
  if (le.length < buckets.length) return noData('buckets: an edge is no number')
  if (le.at(-1) !== Number.MAX_VALUE) return noData('buckets: the bucket "+Inf" is missing')
  if (counts.some((count, index) => !(count >= (counts[index - 1] ?? 0))))
    return noData('buckets: a bucket holds less than one within it')
  return { kind: 'histogram', le, counts }
}

function mapIn(value: Json): readonly (readonly [string, number])[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const rows = Object.entries(value)
  return rows.length > 0 && rows.every(([, count]) => typeof count === 'number' && Number.isFinite(count))
    ? (rows as readonly (readonly [string, number])[])
    : null
}

/** A total that fell was counted anew, nobody knows since when. */
function growthOf(before: Json, now: Json): Known<Json> {
  if (typeof before === 'number' && typeof now === 'number')
    return now >= before
      ? { known: now - before }
      : { why: `fell from ${before} to ${now}, a total that grows expected` }
  const [then, rows] = [mapIn(before), mapIn(now)]
  if (then === null || rows === null) return { known: now }
  const old = new Map(then)
  const fell = rows.find(([edge, count]) => count < (old.get(edge) ?? 0))
  if (fell !== undefined) return { why: `the bucket ${fell[0]} fell to ${fell[1]}, totals that grow expected` }
  return { known: Object.fromEntries(rows.map(([edge, count]) => [edge, count - (old.get(edge) ?? 0)])) }
}

function short(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function noData(why: string): ArmSample {
  return { kind: 'no-data', why }
}
