/**
 * The rank-sum test of two samples and the interval for the shift between them.
 * Source: Mann and Whitney (1947) for the test; Hodges and Lehmann (1963) for the shift; the interval is the test turned
 * around, as in Hollander and Wolfe, Nonparametric Statistical Methods, chapter 4.
 */
import { normalCdf, normalQuantile } from './statistical/normal.ts'

export interface Shift {
  /** Median of all differences x − y: how much higher the first sample lies. */
  readonly estimate: number
  /** All shifts that a two-sided test at this level does not reject lie between these. */
  readonly low: number
  readonly high: number
}

/** Up to these sizes all orders are counted; above them, and with ties, the normal distribution stands in. */
const mostCounted = 50

/** Two-sided chance of samples at least so far apart, if both come from one distribution. Neither may be empty. */
export function rankSumChance(xs: readonly number[], ys: readonly number[]): number {
  const u = pairsAbove(xs, ys)
  const pairs = xs.length * ys.length
  const least = Math.min(u, pairs - u)
  const ties = tieTerm([...xs, ...ys])
  if (ties === 0 && isCounted(xs, ys)) return Math.min(1, 2 * chanceAtMost(least, xs.length, ys.length))
  const deviation = deviationOf(xs.length, ys.length, ties)
  if (deviation === 0) return 1
  // Half a step towards the middle: a whole number stands for all that would be rounded to it.
  const z = (least + 0.5 - pairs / 2) / deviation
  return Math.min(1, 2 * normalCdf(Math.min(0, z)))
}

/** Two-sided: `level` 0.98 leaves 1 % on each side. Neither sample may be empty. */
export function shiftBetween(xs: readonly number[], ys: readonly number[], level: number): Shift {
  const differences = xs.flatMap((x) => ys.map((y) => x - y)).sort((a, b) => a - b)
  const outside = outsideOf(xs, ys, (1 - level) / 2)
  const at = (index: number): number => differences[index] ?? Number.NaN
  const last = differences.length - 1
  return {
    estimate: (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2,
    // With too few values for this level nothing is excluded.
    low: outside === 0 ? Number.NEGATIVE_INFINITY : at(outside - 1),
    high: outside === 0 ? Number.POSITIVE_INFINITY : at(last - (outside - 1)),
  }
}

/** How many differences lie at or beyond each end of the interval; 0 = there is none at this level. */
function outsideOf(xs: readonly number[], ys: readonly number[], tail: number): number {
  const [n, m] = [xs.length, ys.length]
  // A shift by any amount but a few keeps ties within a sample, and parts those between them.
  const ties = tieTerm(xs) + tieTerm(ys)
  if (ties > 0 || !isCounted(xs, ys))
    return Math.max(0, Math.floor((n * m) / 2 + normalQuantile(tail) * deviationOf(n, m, ties)))
  const counts = ordersByPairs(n, m)
  const all = counts.reduce((sum, count) => sum + count, 0)
  let below = 0
  let outside = 0
  while (outside < counts.length && below + (counts[outside] as number) <= tail * all) {
    below += counts[outside] as number
    outside += 1
  }
  return outside
}

function isCounted(xs: readonly number[], ys: readonly number[]): boolean {
  return xs.length + ys.length <= mostCounted
}

/** Mann and Whitney's U: pairs in which x is above y, a tie counting half. */
function pairsAbove(xs: readonly number[], ys: readonly number[]): number {
  let above = 0
  for (const x of xs) for (const y of ys) above += x > y ? 1 : x === y ? 0.5 : 0
  return above
}

/** Sum of t³ − t over groups of t equal values. */
function tieTerm(values: readonly number[]): number {
  const groups = new Map<number, number>()
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1)
  return [...groups.values()].reduce((sum, t) => sum + t ** 3 - t, 0)
}

function deviationOf(n: number, m: number, ties: number): number {
  const all = n + m
  return Math.sqrt(Math.max(0, ((n * m) / 12) * (all + 1 - (all > 1 ? ties / (all * (all - 1)) : 0))))
}

function chanceAtMost(u: number, n: number, m: number): number {
  const counts = ordersByPairs(n, m)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return counts.slice(0, Math.floor(u) + 1).reduce((sum, count) => sum + count, 0) / all
}

/**
 * Orders of n and m values by the pairs that are above: the coefficients of the Gaussian binomial, which is the product of
 * (1 − q^(m+i)) / (1 − q^i) for i from 1 to n. Exact in doubles up to the sizes that are counted.
 */
function ordersByPairs(n: number, m: number): readonly number[] {
  const most = n * m
  const counts = Array.from({ length: most + 1 }, () => 0)
  counts[0] = 1
  for (let i = 1; i <= n; i += 1) {
    for (let u = most; u >= m + i; u -= 1) counts[u] = (counts[u] as number) - (counts[u - m - i] as number)
    for (let u = i; u <= most; u += 1) counts[u] = (counts[u] as number) + (counts[u - i] as number)
  }
  return counts
}
