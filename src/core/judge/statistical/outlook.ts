/** What people want to know beside the verdict: how far canary and stable are apart, and how long it may take. */
import { type Comparison, dispersionOf, recentPair, type Pair } from './comparison.ts'
import type { Certificate } from './decide.ts'
import type { Tuning } from './tuning.ts'

/** Canary / stable. `low` and `high` miss the truth ever, at any look, in at most 5 % of rollouts. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

const mixingVariance = 0.25
const confidence = 20

/**
 * Of the logarithm of the ratio, with the normal mixture of Robbins (1970): th ± sqrt(2 v (v+t2)/t2 (ln 20 + ½ ln((v+t2)/v))),
 * v = dispersion (1/(x_c+½) + 1/(x_s+½)). null = an arm has no traffic.
 */
export function ratioInterval({ xc, nc, xs, ns }: Pair, dispersion: number): Interval | null {
  if (!(nc > 0 && ns > 0)) return null
  const middle = Math.log((xc + 0.5) / nc) - Math.log((xs + 0.5) / ns)
  const v = dispersion * (1 / (xc + 0.5) + 1 / (xs + 0.5))
  const sum = v + mixingVariance
  const half = Math.sqrt(((2 * v * sum) / mixingVariance) * (Math.log(confidence) + 0.5 * Math.log(sum / v)))
  return { value: Math.exp(middle), low: Math.exp(middle - half), high: Math.exp(middle + half) }
}

/** Where less is worse the arms were swapped: back to canary / stable. */
export function inverted(interval: Interval | null): Interval | null {
  return interval === null ? null : { value: 1 / interval.value, low: 1 / interval.high, high: 1 / interval.low }
}

export function comparisonInterval(comparison: Comparison, tuning: Tuning): Interval | null {
  const { total } = comparison
  return ratioInterval(total, currentDispersion(comparison, tuning))
}

export function currentDispersion(comparison: Comparison, tuning: Tuning): number {
  const pair = recentPair(comparison)
  if (!(pair.nc > 0 && pair.ns > 0)) return 1
  return dispersionOf(comparison, pair, secondsOf(comparison), tuning)
}

function secondsOf(comparison: Comparison): number {
  let seconds = 0
  for (const block of comparison.recent) seconds += block[0]
  return Math.max(1, seconds)
}

/** Seconds until a healthy canary has the certificate at the traffic of the last minutes; null = nobody can tell. */
export function secondsToCompare(
  comparison: Comparison,
  { have, need }: Certificate,
  tuning: Tuning,
  capPerSecond: number,
): number | null {
  const limit = comparison.goLimit
  const { nc, xs, ns } = recentPair(comparison)
  const seconds = secondsOf(comparison)
  if (limit === null || !(limit > 1) || !(nc > 0 && ns > 0)) return null
  const share = (xs + 0.5) / ns
  const perSecond = (share * nc * natsToCompare(limit, nc / ns)) / seconds / currentDispersion(comparison, tuning)
  return secondsFor(have, need, Math.min(perSecond, capPerSecond))
}

/** The same for an absolute limit `p0` that a share `p` is to be shown below. */
export function secondsToShow(
  comparison: Comparison,
  p0: number,
  { have, need }: Certificate,
  tuning: Tuning,
  capPerSecond: number,
): number | null {
  const { xc, nc } = recentPair(comparison)
  const seconds = secondsOf(comparison)
  if (!(nc > 0)) return null
  const p = (xc + 0.5) / nc
  if (!(p < p0) || !(p0 < 1)) return null
  const perSecond = (natsToShow(p, p0) * nc) / seconds / currentDispersion(comparison, tuning)
  return secondsFor(have, need, Math.min(perSecond, capPerSecond))
}

/** Evidence per event of the canary for "better than `limit` times stable", if it is as good; `w` = requests canary / stable. */
export function natsToCompare(limit: number, w: number): number {
  return Math.log(1 / limit) + (1 + 1 / w) * (Math.log1p(limit * w) - Math.log1p(w))
}

/** Evidence per request for a share `p` against `p0`. */
export function natsToShow(p: number, p0: number): number {
  return (p > 0 ? p * Math.log(p / p0) : 0) + (1 - p) * Math.log((1 - p) / (1 - p0))
}

/** The part of the stake that rides on the right size is about a third: a nat more. */
function secondsFor(have: number, need: number, perSecond: number): number | null {
  if (!(perSecond > 0)) return null
  return Math.max(0, Math.log(need / Math.max(have, 1 / 3))) / perSecond
}
