/**
 * Canary against stable for one share of requests (failed, slower than an edge): three bodies of evidence about their
 * ratio. Only counts are compared, interval by interval, so stable's own rate, the traffic, its weight and every shock
 * common to both arms may change at will.
 *
 * For a null ratio L and an alternative L*m the log factor of one interval is the conditional-binomial one,
 *   x_c ln m + (x_c + x_s) [ln(1 + L w) - ln(1 + L m w)], w = n_c / n_s, divided by the dispersion factor.
 * Its expectation under the null is at most 1 for every rate of stable: with a = m b and b = (1+Lw)/(1+Lmw),
 * E <= exp(n_c p_c (a-1) + n_s p_s (b-1)), and at p_c = L p_s the exponent is 0.
 */
import { addToDispersion, copyDispersion, type Dispersion, newDispersion } from './dispersion.ts'
import { bet, copyMixture, type Mixture, newMixture, type Stakes } from './mixture.ts'
import { remembered } from './remembered.ts'
import { remember } from './recent-past.ts'
import { damage, health, type Tuning } from './tuning.ts'

/** Bad and all requests of both arms in one interval. For what is good when it is high, the arms are swapped. */
export interface Pair {
  readonly xc: number
  readonly nc: number
  readonly xs: number
  readonly ns: number
}

/** Ratios canary / stable: beyond `rollback` is damage, `go` must be excluded to go on; null = no such limit. Greater is worse. */
export interface RatioLimits {
  readonly rollback: number | null
  readonly go: number | null
}

/** Plain JSON. */
export interface Comparison {
  /** Against "no worse than stable", against "within the limit", against "at or beyond the go limit". */
  significance: Mixture
  materiality: Mixture
  certificate: Mixture
  history: Dispersion[]
  live: Dispersion[]
  /** Blocks of about a tenth of the recent past: seconds, xc, nc, xs, ns. */
  recent: [number, number, number, number, number][]
  persistence: Persistence
  /** All counts of this stage. */
  total: { xc: number; nc: number; xs: number; ns: number }
  goLimit: number | null
  /** Noise of the canary's own that is assumed before anything is known. */
  readonly noise: number
}

/** For how long the damage has been plain in every interval without a break, and how great it was. */
export interface Persistence {
  seconds: number
  sum: number
  intervals: number
  fades: boolean
}

const logDamage = damage.multiples.map(Math.log)
const factors = new Float64Array(damage.multiples.length)
const healthFactors = new Float64Array(health.powers.length)

/** Alternatives below a go limit: their logarithms, and themselves. */
const healthBelow = remembered((limit) => {
  const logLimit = Math.log(Math.max(limit, 1.02))
  const down = Float64Array.from(health.powers, (power) => -logLimit * power)
  return { down, multiples: down.map(Math.exp) }
})

export function newComparison(tuning: Tuning, kind: 'errors' | 'events' | 'latency'): Comparison {
  return {
    significance: newMixture(damage.prior.length),
    materiality: newMixture(damage.prior.length),
    certificate: newMixture(health.prior.length),
    history: tuning.blockSeconds.map(newDispersion),
    live: tuning.blockSeconds.map(newDispersion),
    recent: [],
    persistence: noPersistence(),
    total: { xc: 0, nc: 0, xs: 0, ns: 0 },
    goLimit: null,
    noise: tuning.priorWithout.noise[kind],
  }
}

export function copyComparison(one: Comparison): Comparison {
  return {
    significance: copyMixture(one.significance),
    materiality: copyMixture(one.materiality),
    certificate: copyMixture(one.certificate),
    history: one.history.map(copyDispersion),
    live: one.live.map(copyDispersion),
    recent: one.recent.map((block) => [...block]),
    persistence: { ...one.persistence },
    total: { ...one.total },
    goLimit: one.goLimit,
    noise: one.noise,
  }
}

/** A certificate is of one stage; evidence of damage is of the whole rollout. */
export function enterStage(one: Comparison, tuning: Tuning): void {
  one.certificate = newMixture(health.prior.length)
  one.live = tuning.blockSeconds.map(newDispersion)
  one.recent = []
  one.total = { xc: 0, nc: 0, xs: 0, ns: 0 }
}

/** An interval from before the rollout, in which a part of stable played the canary. */
export function learnScatter(one: Comparison, seconds: number, pair: Pair, tuning: Tuning): void {
  addScatter(one.history, seconds, pair, tuning)
}

function addScatter(all: Dispersion[], seconds: number, { xc, nc, xs, ns }: Pair, tuning: Tuning): void {
  for (let i = 0; i < all.length; i += 1)
    addToDispersion(all[i] as Dispersion, tuning.blockSeconds[i] as number, 3, [seconds, xc, nc, xs, ns])
}

/**
 * The dispersion factor, at least 1: the greatest over the block lengths. What was measured counts as far as it stands
 * out from its own error, so that quiet counts are not punished for the luck of a few blocks. Without history the canary
 * may have noise of its own that only time shows: its part grows with the events there are in a block.
 */
export function dispersionOf(one: Comparison, pair: Pair, seconds: number, tuning: Tuning): number {
  let greatest = 1
  for (let i = 0; i < one.live.length; i += 1) {
    const past = one.history[i] as Dispersion
    const live = one.live[i] as Dispersion
    // Without the greatest: a step, as a fault is one, inflates one pair only.
    const isLong = live.blocks >= 4
    const blocks = isLong ? live.blocks - 1 : live.blocks
    const sum = isLong ? (live.sum - live.greatest) * 1.25 : live.sum
    if (past.blocks > 0) {
      const weight = Math.min(past.blocks, tuning.historyBlocks)
      // Live counts alone may overrule a history that was too quiet.
      greatest = Math.max(
        greatest,
        measured((past.sum / past.blocks) * weight + sum, weight + blocks),
        measured(sum, blocks),
      )
    } else {
      const { factor, blocks: worth } = tuning.priorWithout
      // Of stable: a canary that fails often is not noisy for that.
      const usual = pair.ns > 0 ? (pair.xs * pair.nc) / pair.ns / seconds : 0
      const prior = factor + one.noise * one.noise * usual * (tuning.blockSeconds[i] as number)
      greatest = Math.max(greatest, (prior * worth + sum) / (worth + blocks))
    }
  }
  return greatest
}

/** So many blocks without any scatter are taken for granted: the luck of the first few says little. */
const quietBlocks = 4

/**
 * The mean of the chi-squares, its excess over 1 shrunk by its own variance (James and Stein, positive part).
 * `sum` of `blocks` chi-squares.
 */
function measured(sum: number, blocks: number): number {
  const all = blocks + quietBlocks
  const excess = (sum - blocks) / all
  return excess > 0 ? 1 + Math.max(0, excess - 2.5 / all / excess) : 1
}

export interface Turn {
  readonly seconds: number
  readonly stakes: { readonly damage: Stakes; readonly health: Stakes }
  readonly caps: { readonly damage: number; readonly health: number }
  readonly tuning: Tuning
}

/** One judged interval, in place. */
export function compare(one: Comparison, pair: Pair, limits: RatioLimits, turn: Turn): void {
  if (!(pair.nc > 0 && pair.ns > 0)) return
  const { tuning, seconds } = turn
  const factor = dispersionOf(one, pair, seconds, tuning)
  const cap = persists(one.persistence, tuning) ? Number.POSITIVE_INFINITY : turn.caps.damage
  betOnDamage(one.significance, pair, 1, factor, cap, turn.stakes.damage)
  if (limits.rollback !== null) betOnDamage(one.materiality, pair, limits.rollback, factor, cap, turn.stakes.damage)
  if (limits.go !== null) betOnHealth(one.certificate, pair, limits.go, factor, turn)
  addScatter(one.live, seconds, pair, tuning)
  note(one, seconds, pair, limits.go, tuning)
}

/** Evidence that the ratio is greater than `limit`, in place. */
export function betOnDamage(
  mixture: Mixture,
  { xc, nc, xs, ns }: Pair,
  limit: number,
  factor: number,
  cap: number,
  stakes: Stakes,
): void {
  const w = limit * (nc / ns)
  const all = xc + xs
  const base = Math.log1p(w)
  for (let i = 0; i < factors.length; i += 1)
    factors[i] =
      (xc * (logDamage[i] as number) + all * (base - Math.log1p(w * (damage.multiples[i] as number)))) / factor
  bet(mixture, damage.prior, factors, cap, stakes)
}

function betOnHealth(
  mixture: Mixture,
  { xc, nc, xs, ns }: Pair,
  limit: number,
  factor: number,
  { caps, stakes }: Turn,
): void {
  const w = limit * (nc / ns)
  const all = xc + xs
  const base = Math.log1p(w)
  const { down, multiples } = healthBelow(limit)
  for (let i = 0; i < healthFactors.length; i += 1)
    healthFactors[i] = (xc * (down[i] as number) + all * (base - Math.log1p(w * (multiples[i] as number)))) / factor
  bet(mixture, health.prior, healthFactors, caps.health, stakes.health)
}

/**
 * Watches for damage that stays, also in the warm-up, where nothing is judged: what has been plain for a while when an
 * interval begins may count in full. Called after `compare`, so that an interval never lifts its own cap.
 */
export function watchPersistence(one: Comparison, pair: Pair, limit: number | null, turn: Turn): void {
  const { xc, nc, xs, ns } = pair
  const before = one.persistence
  if (!(nc > 0 && ns > 0)) return
  const ratio = (xc + 0.5) / nc / ((xs + 0.5) / ns) / (limit ?? 1)
  const w = (limit ?? 1) * (nc / ns)
  const best = ratio > 1 ? xc * Math.log(ratio) + (xc + xs) * (Math.log1p(w) - Math.log1p(w * ratio)) : 0
  if (best < turn.caps.damage) {
    one.persistence = noPersistence()
    return
  }
  const excess = ratio - 1
  const usual = before.intervals > 0 ? before.sum / before.intervals : 0
  one.persistence = {
    seconds: before.seconds + turn.seconds,
    sum: before.sum + excess,
    intervals: before.intervals + 1,
    fades: excess < turn.tuning.persistedPart * usual,
  }
}

function persists({ seconds, fades }: Persistence, tuning: Tuning): boolean {
  return seconds >= tuning.persistedSeconds && !fades
}

function noPersistence(): Persistence {
  return { seconds: 0, sum: 0, intervals: 0, fades: false }
}

function note(one: Comparison, seconds: number, pair: Pair, goLimit: number | null, tuning: Tuning): void {
  const { xc, nc, xs, ns } = pair
  const { total } = one
  total.xc += xc
  total.nc += nc
  total.xs += xs
  total.ns += ns
  remember(one.recent, [seconds, xc, nc, xs, ns], tuning.recentSeconds)
  one.goLimit = goLimit
}

/** The counts of the recent past, summed up. */
export function recentPair(one: Comparison): Pair {
  let [xc, nc, xs, ns] = [0, 0, 0, 0]
  for (const block of one.recent) {
    xc += block[1]
    nc += block[2]
    xs += block[3]
    ns += block[4]
  }
  return { xc, nc, xs, ns }
}

/** The ratio canary / stable of the recent past; NaN when an arm had no traffic. */
export function recentRatio(one: Comparison): number {
  const { xc, nc, xs, ns } = recentPair(one)
  return nc > 0 && ns > 0 ? (xc + 0.5) / nc / ((xs + 0.5) / ns) : Number.NaN
}
