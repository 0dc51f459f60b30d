/** What a window of a metric comes to: median, mean, 95th percentile, range, spread, and how much of it was seen. */
import type { Instant, Millis } from '../units.ts'

/** One look at a metric; null = nothing was known at that instant. */
export interface Point {
  readonly at: Instant
  readonly value: number | null
}

export interface Summary {
  readonly samples: number
  readonly expected: number
  readonly median: number
  readonly mean: number
  /** Nearest rank: a value that was really seen. */
  readonly p95: number
  readonly lowest: number
  readonly highest: number
  /** Median absolute deviation from the median, times 1.4826: the standard deviation of normal scatter. */
  readonly spread: number
}

/** null where not one point has a finite value. */
export function summaryOf(points: readonly Point[]): Summary | null {
  const values = points.flatMap(({ value }) => (value !== null && Number.isFinite(value) ? [value] : []))
  if (values.length === 0) return null
  const sorted = values.toSorted((one, other) => one - other)
  const median = medianOf(sorted)
  const deviations = sorted.map((value) => Math.abs(value - median)).sort((one, other) => one - other)
  return {
    samples: values.length,
    expected: points.length,
    median,
    mean: meanOf(sorted),
    p95: sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? median,
    lowest: sorted[0] ?? median,
    highest: sorted.at(-1) ?? median,
    spread: medianOf(deviations) * 1.4826,
  }
}

/** Of values in ascending order; of an even number the middle of the two in the middle. */
export function medianOf(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  if (sorted.length % 2 === 1) return upper
  const lower = sorted[half - 1] ?? Number.NaN
  return lower + (upper - lower) / 2
}

/** Runs along with the values, so that a sum of large numbers does not overflow. */
function meanOf(values: readonly number[]): number {
  return values.reduce((mean, value, index) => mean + (value - mean) / (index + 1), 0)
}

/** A row of instants that ends at `to`; the first is one interval after the beginning of the window. */
export function gridOf(to: Instant, overMs: Millis, everyMs: Millis): readonly Instant[] {
  const count = Math.max(1, Math.floor(overMs / everyMs + 1e-9))
  return Array.from({ length: count }, (_, index) => to - (count - 1 - index) * everyMs)
}
