/**
 * The promises of the statistical judge, simulated with fixed seeds: under the null the evidence has a mean of at most 1
 * and ever reaches 1 / alpha in at most alpha of the rollouts. Bands are those of the simulation itself (3.5 standard errors).
 */
import { describe, expect, test } from 'vitest'
import { betOnDamage, type Pair } from './comparison.ts'
import { betAbove, newLevel } from './level.ts'
import { evidence, newMixture } from './mixture.ts'
import { usualTurn } from './policy.fixture.ts'
import { type Sampler, sampler } from './samplers.fixture.ts'
import { damage } from './tuning.ts'

const intervals = 120
const stakes = { first: 0.5, later: 1 / intervals }
const sigmas = 3.5

/** Counts of the i-th interval. */
type Draw = (random: Sampler, i: number) => Pair

/** Canary exactly at the null: its share is `limit` times that of stable, whose own rate does what it likes. */
const worlds: readonly { name: string; factor: number; limit: number; draw: () => Draw }[] = [
  { name: 'independent Poisson counts', factor: 1, limit: 1, draw: () => poisson(() => 1, 1, 1) },
  { name: 'Poisson counts at a limit of 1.25', factor: 1, limit: 1.25, draw: () => poisson(() => 1, 1, 1.25) },
  {
    name: 'binomial counts of a share that is not small',
    factor: 1,
    limit: 1,
    draw: () => (random) => ({ xc: random.binomial(60, 0.1), nc: 60, xs: random.binomial(240, 0.1), ns: 240 }),
  },
  {
    name: 'events that come four at a time, at that dispersion',
    factor: 4,
    limit: 1,
    draw: () => poisson(() => 1, 4, 1),
  },
  {
    name: 'shocks common to both arms',
    factor: 1,
    limit: 1,
    draw: () => poisson((_, i) => (i % 11 < 2 ? 3 : 1), 1, 1),
  },
  {
    name: 'a common rate that wanders at random',
    factor: 1,
    limit: 1,
    draw: () => poisson((random) => Math.exp(0.8 * random.normal()), 1, 1),
  },
  {
    name: 'traffic that varies threefold and weights that change between intervals',
    factor: 1,
    limit: 1,
    draw: () => (random, i) => {
      const all = 4000 * (2 + Math.sin(i / 6))
      const weight = [0.05, 0.25, 0.5][Math.floor(i / 40)] ?? 0.5
      const [nc, ns] = [all * weight, all * (1 - weight)]
      return { xc: random.poisson(0.003 * nc), nc, xs: random.poisson(0.003 * ns), ns }
    },
  },
]

function poisson(shock: (random: Sampler, i: number) => number, size: number, limit: number): Draw {
  return (random, i) => {
    const common = shock(random, i)
    const xc = random.clustered(6 * size * common * limit, size)
    return { xc, nc: 2000 * size, xs: random.clustered(24 * size * common, size), ns: 8000 * size }
  }
}

interface Simulated {
  readonly mean: number
  readonly error: number
  /** Shares of rollouts in which evidence ever reached 1 / alpha. */
  readonly crossed: (alpha: number) => number
}

function simulate(
  runs: number,
  one: (random: Sampler) => { readonly last: number; readonly greatest: number },
): Simulated {
  let [sum, squares] = [0, 0]
  const greatest: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const found = one(sampler(9_000 + run))
    sum += found.last
    squares += found.last ** 2
    greatest.push(found.greatest)
  }
  const mean = sum / runs
  return {
    mean,
    error: Math.sqrt(Math.max(0, squares / runs - mean ** 2) / runs),
    crossed: (alpha) => greatest.filter((one) => one >= 1 / alpha).length / runs,
  }
}

const band = (alpha: number, runs: number): number => alpha + sigmas * Math.sqrt((alpha * (1 - alpha)) / runs)

/** Evidence of damage in one rollout: after its last interval, and the greatest that a look at any time would have seen. */
function damageIn(draw: Draw, limit: number, factor: number, cap: number, count = intervals) {
  return (random: Sampler): { last: number; greatest: number } => {
    const mixture = newMixture(damage.prior.length)
    let greatest = 1
    for (let i = 0; i < count; i += 1) {
      betOnDamage(mixture, draw(random, i), limit, factor, cap, stakes)
      greatest = Math.max(greatest, evidence(mixture))
    }
    return { last: evidence(mixture), greatest }
  }
}

describe.each(worlds)('$name', ({ factor, limit, draw }) => {
  test('the evidence of a canary at the null has a mean of at most 1', () => {
    // Few intervals: over many nearly all of the mean sits in rollouts that no simulation meets.
    const found = simulate(20_000, damageIn(draw(), limit, factor, Number.POSITIVE_INFINITY, 3))
    expect(found.mean).toBeLessThanOrEqual(1 + sigmas * found.error)
    expect(found.error).toBeLessThan(0.25)
  })

  test('it ever reaches 1 / alpha in at most alpha of the rollouts, capped or not', () => {
    const runs = 2000
    for (const cap of [Number.POSITIVE_INFINITY, usualTurn.caps.damage]) {
      const { crossed } = simulate(runs, damageIn(draw(), limit, factor, cap))
      for (const alpha of [0.2, 0.05, 0.01]) expect(crossed(alpha)).toBeLessThanOrEqual(band(alpha, runs))
    }
  })
})

describe('the simulation itself', () => {
  test('finds a canary that is worse than the null, and evidence that ignores the scatter', () => {
    const worse: Draw = (random) => ({ xc: random.poisson(9), nc: 2000, xs: random.poisson(24), ns: 8000 })
    expect(simulate(200, damageIn(worse, 1, 1, Number.POSITIVE_INFINITY)).crossed(0.01)).toBeGreaterThan(0.9)
    const ignored = simulate(
      400,
      damageIn(
        poisson(() => 1, 4, 1),
        1,
        1,
        Number.POSITIVE_INFINITY,
      ),
    )
    expect(ignored.crossed(0.05)).toBeGreaterThan(band(0.05, 400))
  })
})

test('the canary alone, exactly at an absolute limit, is called beyond it in at most alpha of the rollouts', () => {
  const runs = 2000
  const { crossed } = simulate(runs, (random) => {
    const level = newLevel()
    let greatest = 1
    for (let i = 0; i < intervals; i += 1) {
      betAbove(level, random.binomial(500, 0.02), 500, 0.02, 1, usualTurn, usualTurn.caps.damage)
      greatest = Math.max(greatest, evidence(level.materiality))
    }
    return { last: evidence(level.materiality), greatest }
  })
  for (const alpha of [0.2, 0.05, 0.01]) expect(crossed(alpha)).toBeLessThanOrEqual(band(alpha, runs))
})
