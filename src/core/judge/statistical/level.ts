/**
 * The canary's own share against an absolute limit p0: binomial likelihood ratios towards m*p0, divided by the
 * dispersion factor. Needs no stable arm.
 */
import { bet, copyMixture, type Mixture, newMixture } from './mixture.ts'
import { damage, lowLevel } from './tuning.ts'
import type { Turn } from './comparison.ts'

/** Plain JSON. */
export interface Level {
  materiality: Mixture
  certificate: Mixture
}

const factors = new Float64Array(damage.multiples.length)
const lowFactors = new Float64Array(lowLevel.multiples.length)
const mostShare = 0.98

export function newLevel(): Level {
  return { materiality: newMixture(damage.prior.length), certificate: newMixture(lowLevel.prior.length) }
}

export function copyLevel(one: Level): Level {
  return { materiality: copyMixture(one.materiality), certificate: copyMixture(one.certificate) }
}

export function enterLevelStage(one: Level): void {
  one.certificate = newMixture(lowLevel.prior.length)
}

/** `x` of `n` beyond the limit that must not be exceeded. In place. */
export function betAbove(
  one: Level,
  x: number,
  n: number,
  limit: number,
  factor: number,
  turn: Turn,
  cap: number,
): void {
  if (!(n > 0) || !(limit > 0)) return
  const base = Math.log1p(-Math.min(limit, 1 - 1e-9))
  for (let i = 0; i < factors.length; i += 1) {
    const multiple = Math.min(damage.multiples[i] as number, mostShare / limit)
    // An alternative beyond what a share can be bets on nothing.
    factors[i] = multiple > 1 ? (x * Math.log(multiple) + (n - x) * (Math.log1p(-limit * multiple) - base)) / factor : 0
  }
  bet(one.materiality, damage.prior, factors, cap, turn.stakes.damage)
}

/** `x` of `n` beyond the limit below which the canary must be to go on. In place. */
export function betBelow(one: Level, x: number, n: number, limit: number, factor: number, turn: Turn): void {
  if (!(n > 0) || !(limit > 0)) return
  const base = Math.log1p(-Math.min(limit, 1 - 1e-9))
  for (let i = 0; i < lowFactors.length; i += 1) {
    const multiple = lowLevel.multiples[i] as number
    lowFactors[i] = (x * Math.log(multiple) + (n - x) * (Math.log1p(-limit * multiple) - base)) / factor
  }
  bet(one.certificate, lowLevel.prior, lowFactors, turn.caps.health, turn.stakes.health)
}
