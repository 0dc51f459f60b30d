/** A share of requests as a metric: failed ones, against stable and against absolute limits, or wanted ones that stay away. */
import {
  betOnDamage,
  type Comparison,
  compare,
  copyComparison,
  dispersionOf,
  enterStage,
  learnScatter,
  newComparison,
  type Pair,
  type RatioLimits,
  type Turn,
  watchPersistence,
} from './comparison.ts'
import { betAbove, betBelow, copyLevel, enterLevelStage, type Level, newLevel } from './level.ts'
import { copyMixture, type Mixture, newMixture } from './mixture.ts'
import { damage, type Tuning } from './tuning.ts'

const nobody: Counts = { x: 0, n: 0 }

/** An outage is many times what stable has, and never what a service with many errors has every day. */
const outageRatio = 2

/** Nats: enough to decide at once, and finite. */
const outageCap = 60

/** Bad and all requests of one arm in one interval. */
export interface Counts {
  readonly x: number
  readonly n: number
}

/**
 * Fractions; null = no such limit. For `worse: lower` ratios are below 1, and `rollback` and `go` are shares of requests
 * that lack what is wanted.
 */
export interface ShareLimits {
  readonly ratio: RatioLimits | null
  readonly rollback: number | null
  readonly go: number | null
}

/** What does not change over the stages. */
export interface ShareSettings {
  readonly worse: 'higher' | 'lower'
  /** Below this share a ratio alone never rolls back; null = no such floor. */
  readonly floor: number | null
  /** Beyond this share, and worse than stable, nothing waits for the warm-up or for several intervals; null = no fast path. */
  readonly outage: number | null
}

/** Plain JSON. */
export interface Share {
  comparison: Comparison
  level: Level
  floor: Level
  /** Uncapped evidence that the canary has more than twice what stable has, for the outage. */
  fast: Mixture
  outage: Level
}

export function newShare(worse: ShareSettings['worse'], tuning: Tuning): Share {
  return {
    comparison: newComparison(tuning, worse === 'higher' ? 'errors' : 'events'),
    level: newLevel(),
    floor: newLevel(),
    fast: newMixture(damage.prior.length),
    outage: newLevel(),
  }
}

export function copyShare(one: Share): Share {
  return {
    comparison: copyComparison(one.comparison),
    level: copyLevel(one.level),
    floor: copyLevel(one.floor),
    fast: copyMixture(one.fast),
    outage: copyLevel(one.outage),
  }
}

export function enterShareStage(one: Share, tuning: Tuning): void {
  enterStage(one.comparison, tuning)
  for (const level of [one.level, one.floor, one.outage]) enterLevelStage(level)
}

export function learnShare(
  one: Share,
  seconds: number,
  canary: Counts,
  stable: Counts,
  settings: ShareSettings,
  tuning: Tuning,
): void {
  learnScatter(one.comparison, seconds, pairOf(canary, stable, settings), tuning)
}

/** The outage's own, uncapped evidence; it also runs in the warm-up. In place. */
export function watchOutage(
  one: Share,
  canary: Counts,
  stable: Counts | null,
  settings: ShareSettings,
  turn: Turn,
): void {
  if (settings.outage === null) return
  const pair = pairOf(canary, stable ?? nobody, settings)
  const factor = dispersionOf(one.comparison, pair, turn.seconds, turn.tuning)
  if (pair.nc > 0 && pair.ns > 0) betOnDamage(one.fast, pair, outageRatio, factor, outageCap, turn.stakes.damage)
  betAbove(one.outage, canary.x, canary.n, settings.outage, factor, turn, outageCap)
}

/** In the warm-up nothing is judged, but damage that stays is noticed. In place. */
export function warmShare(
  one: Share,
  canary: Counts,
  stable: Counts | null,
  limits: ShareLimits,
  settings: ShareSettings,
  turn: Turn,
): void {
  if (stable === null || limits.ratio === null) return
  watchPersistence(one.comparison, pairOf(canary, stable, settings), ratioOf(limits.ratio, settings).rollback, turn)
}

/** One judged interval, in place. */
export function judgeShare(
  one: Share,
  canary: Counts,
  stable: Counts | null,
  limits: ShareLimits,
  settings: ShareSettings,
  turn: Turn,
): void {
  const factor = dispersionOf(one.comparison, pairOf(canary, stable ?? nobody, settings), turn.seconds, turn.tuning)
  if (stable !== null && limits.ratio !== null) {
    const pair = pairOf(canary, stable, settings)
    const ratio = ratioOf(limits.ratio, settings)
    compare(one.comparison, pair, ratio, turn)
    watchPersistence(one.comparison, pair, ratio.rollback, turn)
  }
  const { n } = canary
  const x = settings.worse === 'higher' ? canary.x : n - canary.x
  const cap = turn.caps.damage
  if (settings.floor !== null) {
    betAbove(one.floor, x, n, settings.floor, factor, turn, cap)
    betBelow(one.floor, x, n, settings.floor, factor, turn)
  }
  if (limits.rollback !== null) betAbove(one.level, x, n, limits.rollback, factor, turn, cap)
  if (limits.go !== null) betBelow(one.level, x, n, limits.go, factor, turn)
}

/** Where less is worse, stable plays the part of the canary: then a greater ratio is damage, as everywhere. */
function pairOf(canary: Counts, stable: Counts, { worse }: ShareSettings): Pair {
  return worse === 'higher'
    ? { xc: canary.x, nc: canary.n, xs: stable.x, ns: stable.n }
    : { xc: stable.x, nc: stable.n, xs: canary.x, ns: canary.n }
}

function ratioOf(ratio: RatioLimits, { worse }: ShareSettings): RatioLimits {
  return worse === 'higher' ? ratio : { rollback: inverse(ratio.rollback), go: inverse(ratio.go) }
}

function inverse(ratio: number | null): number | null {
  return ratio === null ? null : 1 / ratio
}
