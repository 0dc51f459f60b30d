/** The counts of one arm over a sliding window of intervals: what fits, what is doubted, and what it sums up to. */
import type { ArmSample } from './verdict.ts'
import type { Instant, Millis } from '../units.ts'
import type { MetricPlan } from '../plan/plan.ts'
import { quantileOf } from './quantile.ts'

/** Plain JSON. `parts` holds one entry per interval with data; `doubt` says why the newest interval has none. */
export interface ArmWindow {
  readonly le: readonly number[] | null
  readonly parts: readonly { readonly from: Instant; readonly to: Instant; readonly n: readonly number[] }[]
  readonly doubt: string | null
  /** The newest sample's own sentence. */
  readonly say?: string
}

export interface Interval {
  readonly from: Instant
  readonly to: Instant
}

/** What an arm comes to over its window. `atLeast`: the true value is somewhere above the last finite bucket edge. */
export type ArmValue =
  | { readonly kind: 'value'; readonly value: number; readonly atLeast: boolean; readonly samples: number }
  | { readonly kind: 'none'; readonly samples: number; readonly say: string }

export const emptyWindow: ArmWindow = { le: null, parts: [], doubt: 'not sampled yet' }

/** JSON has no infinity: the last bucket edge of a stored sample may be any of these. */
const lastEdge = Number.MAX_VALUE
const mostBuckets = 400
export const noTotal = -1

/** What a sample comes to: counts in the order of its kind (bad, total; cumulative buckets; count, total or -1), or why not. */
export type Numbers =
  | { readonly kind: 'numbers'; readonly le: readonly number[] | null; readonly n: readonly number[] }
  | { readonly kind: 'doubt'; readonly why: string }

/** Folds one interval in. A doubtful sample leaves the counts alone and is remembered as doubt. */
export function foldArm(
  arm: ArmWindow,
  sample: ArmSample | undefined,
  metric: MetricPlan,
  at: Interval,
  everyMs: Millis,
): ArmWindow {
  const numbers = numbersOf(sample, metric.kind)
  const own = sample && 'say' in sample ? { say: sample.say } : {}
  if (numbers.kind === 'doubt')
    return { le: arm.le, parts: within(arm.parts, metric, at.to, everyMs), doubt: numbers.why, ...own }
  // Other bucket edges (a new build of the service) cannot be added to the old ones: the window begins again.
  const kept = sameEdges(arm.le, numbers.le) ? arm.parts : []
  const parts = within([...kept, { from: at.from, to: at.to, n: numbers.n }], metric, at.to, everyMs)
  return { le: numbers.le, parts, doubt: null, ...own }
}

function within(parts: ArmWindow['parts'], metric: MetricPlan, to: Instant, everyMs: Millis): ArmWindow['parts'] {
  const most = Math.ceil(metric.windowMs / Math.max(1, everyMs)) + 2
  return parts.filter((part) => part.to === to || part.to > to - metric.windowMs).slice(-most)
}

function sameEdges(one: readonly number[] | null, other: readonly number[] | null): boolean {
  if (one === null || other === null) return one === other
  return one.length === other.length && one.every((edge, i) => edge === other[i])
}

/** Only finite, non-negative, consistent numbers count; everything else is doubt with its reason. */
export function numbersOf(sample: ArmSample | undefined, kind: MetricPlan['kind']): Numbers {
  if (sample === undefined) return doubt('not sampled')
  if (sample.kind === 'no-data') return doubt(sample.why)
  if (sample.kind !== kind) return doubt(`answered as ${sample.kind}, ${kind} expected`)
  switch (sample.kind) {
    case 'ratio':
      if (!isCount(sample.bad) || !isCount(sample.total)) return doubt(`not a count: ${sample.bad} of ${sample.total}`)
      if (sample.bad > sample.total) return doubt(`${round(sample.bad)} bad of only ${round(sample.total)}`)
      return numbers(null, [sample.bad, sample.total])
    case 'gauge':
      if (!isNumber(sample.value)) return doubt(`not a number: ${sample.value}`)
      return numbers(null, [sample.value])
    case 'events':
      if (!isCount(sample.count)) return doubt(`not a count: ${sample.count}`)
      if (sample.total !== null && !isCount(sample.total)) return doubt(`not a count: total ${sample.total}`)
      return numbers(null, [sample.count, sample.total ?? noTotal])
    case 'histogram':
      return histogramNumbers(sample.le, sample.counts)
  }
}

/** A zero has no sign: one with a sign would not be the same after JSON. */
function numbers(le: readonly number[] | null, n: readonly number[]): Numbers {
  return { kind: 'numbers', le: le === null ? null : le.map((edge) => edge + 0), n: n.map((value) => value + 0) }
}

function histogramNumbers(le: readonly (number | null)[], counts: readonly number[]): Numbers {
  if (!Array.isArray(le) || !Array.isArray(counts) || le.length === 0) return doubt('a histogram without buckets')
  if (le.length !== counts.length) return doubt(`${le.length} bucket edges with ${counts.length} counts`)
  if (le.length > mostBuckets) return doubt(`${le.length} buckets, at most ${mostBuckets} are read`)
  const last = le.length - 1
  const edges = le.map((edge, i) =>
    i === last && (edge === null || edge === Number.POSITIVE_INFINITY) ? lastEdge : edge,
  )
  const n: number[] = []
  for (const [i, edge] of edges.entries()) {
    const count = counts[i] as number
    if (!isNumber(edge) || !isCount(count)) return doubt(`not a bucket: ${count} up to ${edge}`)
    if (i > 0 && (edge as number) <= (edges[i - 1] as number)) return doubt('bucket edges out of order')
    const before = n[i - 1] ?? 0
    // Rates of buckets differ in the last digits; more than that is a wrong answer.
    if (count < before * (1 - 1e-9) - 1e-9) return doubt('bucket counts fall where they can only rise')
    n.push(Math.max(before, count))
  }
  return numbers(edges as number[], n)
}

/** The number limits look at: share, quantile, latest value, or events per request. */
export function valueOf(arm: ArmWindow, metric: MetricPlan, quantile: number | null): ArmValue {
  const sum = sums(arm)
  const samples = samplesIn(arm, metric.kind, sum)
  if (arm.doubt !== null) return { kind: 'none', samples, say: arm.doubt }
  const latest = arm.parts.at(-1)
  if (!latest) return { kind: 'none', samples: 0, say: 'no interval in the window' }
  const value = (number: number): ArmValue =>
    Number.isFinite(number)
      ? { kind: 'value', value: number, atLeast: false, samples }
      : { kind: 'none', samples, say: 'not a finite number' }
  switch (metric.kind) {
    case 'gauge':
      return value(latest.n[0] ?? Number.NaN)
    case 'ratio':
      return samples > 0 ? value((sum[0] ?? 0) / samples) : { kind: 'none', samples: 0, say: 'no requests' }
    case 'events':
      if (hasTotals(arm))
        return samples > 0 ? value((sum[0] ?? 0) / samples) : { kind: 'none', samples: 0, say: 'no requests' }
      return value((sum[0] ?? 0) / seconds(arm))
    case 'histogram': {
      const found = quantileOf(quantile ?? 0.95, arm.le ?? [], sum)
      if (found === null) return { kind: 'none', samples, say: 'no requests' }
      return { kind: 'value', value: found.value, atLeast: found.atLeast, samples }
    }
  }
}

/** Events by a total can be compared between arms of different size; bare counts cannot. */
export function hasTotals(arm: ArmWindow): boolean {
  return arm.parts.length > 0 && arm.parts.every((part) => part.n[1] !== undefined && part.n[1] !== noTotal)
}

function samplesIn(arm: ArmWindow, kind: MetricPlan['kind'], sum: readonly number[]): number {
  switch (kind) {
    case 'gauge':
      return arm.parts.length
    case 'ratio':
      return sum[1] ?? 0
    case 'histogram':
      return sum.at(-1) ?? 0
    case 'events':
      return hasTotals(arm) ? (sum[1] ?? 0) : arm.parts.length
  }
}

function sums(arm: ArmWindow): readonly number[] {
  const width = arm.parts.at(-1)?.n.length ?? 0
  const sum: number[] = Array.from({ length: width }, () => 0)
  for (const { n } of arm.parts)
    for (let i = 0; i < width; i += 1) {
      const count = n[i]
      if (count !== undefined) sum[i] = (sum[i] as number) + count
    }
  return sum
}

function seconds(arm: ArmWindow): number {
  return arm.parts.reduce((ms, part) => ms + (part.to - part.from), 0) / 1000
}

/** What was stored as JSON may hold null where there was no number. */
function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function doubt(why: string): Numbers {
  return { kind: 'doubt', why }
}
