/**
 * The canary's own share against an absolute limit p0: binomial likelihood ratios towards m*p0, divided by the
 * dispersion factor. Needs no stable arm.
 */
import { bet, copyMixture, type Mixture, newMixture } from './mixture.ts'
import { remembered } from './remembered.ts'
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

/** What one bad and one good request say about each alternative: it depends on the limit alone. */
interface Words {
  readonly bad: Float64Array
  readonly good: Float64Array
}

const aboveLimit = remembered((limit) =>
  wordsFor(
    damage.multiples.map((multiple) => Math.min(multiple, mostShare / limit)),
    limit,
    // An alternative beyond what a share can be bets on nothing.
    (multiple) => multiple > 1,
  ),
)
const belowLimit = remembered((limit) => wordsFor(lowLevel.multiples, limit, () => true))

function wordsFor(multiples: readonly number[], limit: number, isBet: (multiple: number) => boolean): Words {
  const base = Math.log1p(-Math.min(limit, 1 - 1e-9))
  return {
    bad: Float64Array.from(multiples, (multiple) => (isBet(multiple) ? Math.log(multiple) : 0)),
    good: Float64Array.from(multiples, (multiple) => (isBet(multiple) ? Math.log1p(-limit * multiple) - base : 0)),
  }
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
  weigh(factors, aboveLimit(limit), x, n, factor)
  bet(one.materiality, damage.prior, factors, cap, turn.stakes.damage)
}

/** `x` of `n` beyond the limit below which the canary must be to go on. In place. */
export function betBelow(one: Level, x: number, n: number, limit: number, factor: number, turn: Turn): void {
  if (!(n > 0) || !(limit > 0)) return
  weigh(lowFactors, belowLimit(limit), x, n, factor)
  bet(one.certificate, lowLevel.prior, lowFactors, turn.caps.health, turn.stakes.health)
}

function weigh(into: Float64Array, { bad, good }: Words, x: number, n: number, factor: number): void {
  for (let i = 0; i < into.length; i += 1) into[i] = (x * (bad[i] as number) + (n - x) * (good[i] as number)) / factor
}
