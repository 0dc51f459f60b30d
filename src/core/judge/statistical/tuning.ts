/** The constants of the method, each with what it buys. They are the same for every metric and every service. */

/** Effect sizes that evidence of damage bets on, as multiples of the null's ratio, and how much of the stake each gets. */
export const damage = {
  multiples: [1.04, 1.09, 1.18, 1.35, 1.7, 2.2, 3, 4.5, 7, 12, 30],
  prior: [0.03, 0.05, 0.1, 0.14, 0.17, 0.16, 0.13, 0.09, 0.07, 0.04, 0.02],
} as const

/**
 * What a certificate bets on: how far below the go limit the canary is, as a power of the limit's own distance from
 * "no difference". 1 = the canary is exactly as good as stable, which is what a healthy canary is.
 */
export const health = {
  powers: [0.3, 0.6, 1, 1.4, 2.5],
  prior: [0.1, 0.15, 0.45, 0.2, 0.1],
} as const

/** The same for an absolute limit, as multiples of it. */
export const lowLevel = {
  multiples: [0.95, 0.85, 0.7, 0.5, 0.25, 0.1],
  prior: [0.1, 0.15, 0.2, 0.2, 0.2, 0.15],
} as const

export interface Tuning {
  /** Greatest chance of calling a canary beyond its limit that is worse than stable, yet within it; per guard. */
  readonly limitAlpha: number
  /** Shares of alpha per class of metric, made to sum to 1 over the classes that are there. */
  readonly weights: {
    readonly errors: number
    readonly latency: number
    readonly events: number
    readonly outage: number
  }
  /** Most evidence, in nats, that an interval may add: per second of it, and its bounds. */
  readonly damageCap: Cap
  readonly healthCap: Cap
  /** Damage that has lasted this long already is no burst: the cap no longer holds it back. Seconds. */
  readonly persistedSeconds: number
  /** Damage that fades is a cold start: at least this part of what it was before must be left. */
  readonly persistedPart: number
  /** Length of the blocks between which scatter is measured, in seconds. */
  readonly blockSeconds: readonly number[]
  /** Most blocks that history counts as, against what is measured live. */
  readonly historyBlocks: number
  /**
   * What is assumed before anything is known, worth so many blocks: a factor (events come in clusters) and noise of the
   * canary's own (standard deviation of the logarithm of its share).
   */
  readonly priorWithout: {
    readonly factor: number
    readonly noise: { readonly errors: number; readonly events: number; readonly latency: number }
    readonly blocks: number
  }
  /** Part of the stake placed on the first judged interval. */
  readonly firstStake: { readonly damage: number; readonly health: number }
  /** Length of the recent past that the point estimate of a go looks at, and the half-life of the reference of latencies. */
  readonly recentSeconds: number
  readonly referenceHalfLife: number
}

interface Cap {
  readonly perSecond: number
  readonly least: number
  readonly most: number
}

export const tuning: Tuning = {
  limitAlpha: 0.2,
  weights: { errors: 0.35, latency: 0.3, events: 0.25, outage: 0.1 },
  damageCap: { perSecond: 0.165, least: 0.8, most: 5 },
  healthCap: { perSecond: 0.08, least: 1, most: 3 },
  persistedSeconds: 45,
  persistedPart: 0.7,
  blockSeconds: [15, 60, 180],
  historyBlocks: 60,
  priorWithout: { factor: 1.8, noise: { errors: 0.1, events: 0.015, latency: 0.05 }, blocks: 5 },
  firstStake: { damage: 0.65, health: 0.9 },
  recentSeconds: 300,
  referenceHalfLife: 1800,
}

export function capFor(cap: Cap, seconds: number): number {
  return Math.min(cap.most, Math.max(cap.least, cap.perSecond * seconds))
}
