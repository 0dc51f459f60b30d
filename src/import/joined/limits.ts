/** Limits on numbers that a metric source can give, read from the words of an item: metric, operator, value and quantile. */
import { quantitiesIn, type Quantity } from '../reading/quantities.ts'

export interface Metric {
  readonly name: string
  readonly kind: 'ratio' | 'histogram' | 'gauge'
  readonly worse: 'higher' | 'lower'
}

export interface FoundLimit {
  readonly metric: Metric
  readonly operator: '<' | '<=' | '>' | '>='
  readonly value: number
  /** `%`, `s`, `ms` or '' for a plain number. */
  readonly unit: string
  /** `p95`; null = none is named. */
  readonly quantile: string | null
  /** The value is a distance from what was before. */
  readonly isRelative: boolean
  /** `for 5 minutes`, as a duration of the language; null = nothing is said. */
  readonly lasts: string | null
}

type Known = readonly [pattern: RegExp, metric: Metric]

const gauge = (name: string, worse: Metric['worse'] = 'higher'): Metric => ({ name, kind: 'gauge', worse })

/** The first that fits is meant; what is not listed is no number that could be asked for by itself. */
const known: readonly Known[] = [
  [/\b(?:cache )?hit (?:rate|ratio)\b/i, gauge('hit-rate', 'lower')],
  [/\bcompletion (?:rate|ratio)\b/i, gauge('completion-rate', 'lower')],
  [/\bconversion(?: rate)?\b/i, gauge('conversion-rate', 'lower')],
  [/\bavailability\b|\buptime\b/i, gauge('availability', 'lower')],
  [/\b(?:error|failure|fail|5xx) (?:rates?|ratio|percentage)\b|\berrors\b|\b5xx\b/i, ratio('error-rate')],
  [/\blatenc(?:y|ies)\b|\bresponse times?\b/i, { name: 'latency', kind: 'histogram', worse: 'higher' }],
  [/\bcpu\b/i, gauge('cpu')],
  [/\bgpu\b/i, gauge('gpu')],
  [/\bmemory\b|\bheap\b/i, gauge('memory')],
  [/\bdisk\b/i, gauge('disk')],
  [/\bconnections?\b|\bpool\b/i, gauge('connections')],
  [/\bqueue (?:depth|length|size)\b|\bbacklog\b/i, gauge('queue-depth')],
  [/\b(?:consumer|replication) lag\b/i, gauge('lag')],
  [/\bsaturation\b/i, gauge('saturation')],
  [/\bthroughput\b/i, gauge('throughput', 'lower')],
]

function ratio(name: string): Metric {
  return { name, kind: 'ratio', worse: 'higher' }
}

/** The metric that these words name; null = none that could be asked for. */
export function metricIn(words: string): Metric | null {
  const success = /\b((?:[a-z-]+ ){0,2})success (?:rate|ratio)\b/i.exec(words)
  if (success) {
    const before = (success[1] ?? '')
      .trim()
      .toLowerCase()
      .replaceAll(/[^a-z]+/g, '-')
    return gauge(`${before === '' ? '' : `${before}-`}success-rate`, 'lower')
  }
  return known.find(([pattern]) => pattern.test(words))?.[1] ?? null
}

const operators = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const

/** In the order of the text. */
export function limitsIn(source: string): readonly FoundLimit[] {
  const text = source.slice(0, 600)
  const quantities = quantitiesIn(text)
  const lasts = lastingIn(quantities)
  const found: FoundLimit[] = []
  let before: Metric | null = null
  for (const each of quantities) {
    const words = clauseOf(text, each.at)
    const metric: Metric | null = metricIn(words) ?? (each.statistic === null ? null : before)
    if (metric === null) continue
    before = metric
    const limit = limitOf(each, metric, words)
    if (limit) found.push({ ...limit, lasts })
  }
  return found
}

function limitOf(each: Quantity, metric: Metric, words: string): Omit<FoundLimit, 'lasts'> | null {
  const isBetween = each.operator === 'between'
  if (each.operator === 'eq' || each.sense === 'age') return null
  const isRelative =
    each.unit === '%' &&
    /\b(?:increase|decrease|degrad\w+|regress\w+|drop|spike|higher|worse|versus|vs\.?|baseline|compared)\b/i.test(words)
  if (!isRelative && !fitsUnit(metric, each.unit)) return null
  // `2-5 %` begins where the lower end is passed.
  const operator = isBetween ? (metric.worse === 'higher' ? '>' : '<') : operators[each.operator]
  const value = isBetween && metric.worse === 'lower' ? (each.upTo ?? each.value) : each.value
  return { metric, operator, value, unit: each.unit, quantile: each.statistic, isRelative }
}

/** An error rate in minutes or a latency in percent was read wrongly. */
function fitsUnit({ kind }: Metric, unit: string): boolean {
  if (kind === 'ratio') return unit === '%'
  if (kind === 'histogram') return unit === 's' || unit === 'ms'
  return unit === '%' || unit === ''
}

/** The part of a sentence around this place. */
function clauseOf(text: string, at: number): string {
  const from = Math.max(...[',', ';', ' or ', ' and '].map((mark) => text.lastIndexOf(mark, at)), -1)
  const rest = text.slice(from + 1)
  return /^[,;]?\s*(?:(?:or|and)\s)?.*?(?=,\s|;|\sor\s|\sand\s|$)/s.exec(rest)?.[0] ?? rest
}

function lastingIn(quantities: readonly Quantity[]): string | null {
  const span = quantities.find(
    ({ operator, sense, unit }) => operator === 'eq' && sense === 'duration' && unit !== 'ms',
  )
  return span ? durationOf(span.value, span.unit) : null
}

/** `30m`; null = a unit that the language has no word for. */
export function durationOf(value: number, unit: string): string | null {
  const name = { s: 's', min: 'm', h: 'h', d: 'd' }[unit]
  return name === undefined || !Number.isFinite(value) || value <= 0 ? null : `${value}${name}`
}
