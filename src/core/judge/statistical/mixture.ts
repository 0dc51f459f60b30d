/**
 * Evidence that may be looked at after every sample: a mixture of likelihood ratios over effect sizes and start times.
 * Under its null it is a non-negative supermartingale that begins at 1, so it ever reaches 1/a with a chance of at most
 * a (Ville's inequality). Source: Ramdas, Grünwald, Vovk, Shafer, Game-theoretic statistics and safe anytime-valid
 * inference, 2023, sections 2 and 3.
 */

/** Plain JSON. `rest` is the part of the unit stake that has not been placed yet; `stakes` one number per effect size. */
export interface Mixture {
  rest: number
  stakes: number[]
}

/**
 * How the stake is placed: `first` of it on the first judged interval, then with every interval the part `later` of what
 * is left, for faults that begin late. Something is left however long it takes.
 */
export interface Stakes {
  readonly first: number
  readonly later: number
}

const most = 1e280

export function newMixture(size: number): Mixture {
  return { rest: 1, stakes: Array.from({ length: size }, () => 0) }
}

export function copyMixture(mixture: Mixture): Mixture {
  return { rest: mixture.rest, stakes: mixture.stakes.slice() }
}

/**
 * One interval, in place. `logFactors` are the log-likelihood ratios per effect size, in nats; each counts at most
 * `cap`, which may depend on anything seen before this interval and on nothing in it.
 */
export function bet(
  mixture: Mixture,
  prior: readonly number[],
  logFactors: Float64Array,
  cap: number,
  stakes: Stakes,
): void {
  const placed = mixture.rest === 1 ? stakes.first : mixture.rest * stakes.later
  mixture.rest -= placed
  const held = mixture.stakes
  for (let i = 0; i < held.length; i += 1) {
    const log = logFactors[i] as number
    // What cannot be told (0 times infinity, of absurd counts) is no evidence, and does not spoil what is known.
    const factor = log < cap ? Math.exp(log) : log >= cap ? Math.exp(cap) : 1
    const stake = ((held[i] as number) + placed * (prior[i] as number)) * factor
    held[i] = stake < most ? stake : most
  }
}

/** The e-value now: how many times the unit stake has grown. */
export function evidence(mixture: Mixture): number {
  let sum = mixture.rest
  const { stakes } = mixture
  for (let i = 0; i < stakes.length; i += 1) sum += stakes[i] as number
  return sum
}
