/**
 * The promises of the whole policy, simulated with fixed seeds: how often a healthy canary is rolled back and a harmful
 * one goes, whatever the traffic does, and that neither batching nor further failures turn a verdict round.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pair } from './comparison.ts'
import { type Decision, decide } from './decide.ts'
import { errorArms, errorsLimits, errorsSettings, interval, policySettings } from './policy.fixture.ts'
import { learnInterval, newPolicyState, observeInterval, type PolicySettings, type StageLimits } from './policy.ts'
import { type Sampler, sampler } from './samplers.fixture.ts'

const intervals = 120
const sigmas = 3.5
const settings = policySettings()

/** The counts of one arm pair, interval after interval; each rollout has a world of its own. */
type World = (random: Sampler) => () => Pair

interface Rollouts {
  readonly world: World
  readonly runs: number
  /** Intervals before the rollout, in which both arms are the same version. */
  readonly history?: World
  readonly past?: number
  readonly settings?: PolicySettings
  readonly limits?: StageLimits
}

/** Shares of rollouts that end in a rollback, and that could ever go. */
function play({ world, history = world, past = 240, runs, ...given }: Rollouts): { rollback: number; go: number } {
  const used = given.settings ?? settings
  const limits = given.limits ?? [errorsLimits]
  let [rollback, go] = [0, 0]
  for (let run = 0; run < runs; run += 1) {
    const random = sampler(70_000 + run)
    const state = newPolicyState(used)
    const before = history(random)
    for (let i = 0; i < past; i += 1) learnInterval(state, used, 15, [arms(before())])
    const now = world(random)
    let went = false
    for (let i = 1; i <= intervals; i += 1) {
      observeInterval(state, used, interval(i, [arms(now())], { limits }))
      const { zone } = decide(state, used, { at: 15 * i, limits, alone: false, sharedBreach: 'hold' })
      if (zone === 'go') went = true
      if (zone === 'rollback') {
        rollback += 1
        break
      }
    }
    if (went) go += 1
  }
  return { rollback: rollback / runs, go: go / runs }
}

function arms({ xc, nc, xs, ns }: Pair): ReturnType<typeof errorArms> {
  return errorArms(xc, nc, xs, ns)
}

const band = (chance: number, runs: number): number => chance + sigmas * Math.sqrt((chance * (1 - chance)) / runs)

function independent(ratio: number, canary = 6): World {
  return (random) => () => ({
    xc: random.poisson(canary * ratio),
    nc: (canary * 1000) / 3,
    xs: random.poisson(4 * canary),
    ns: (canary * 4000) / 3,
  })
}

function clustered(size: number): World {
  return (random) => () => ({ xc: random.clustered(6, size), nc: 2000, xs: random.clustered(24, size), ns: 8000 })
}

/** Each arm's rate wanders by itself: AR(1) of the logarithm, standard deviation `sd`, correlated over `seconds`. */
function wandering(sd: number, seconds: number): World {
  return (random) => {
    const keep = Math.exp(-15 / seconds)
    const noise = [sd * random.normal(), sd * random.normal()]
    const next = (arm: 0 | 1): number => {
      noise[arm] = keep * (noise[arm] as number) + sd * Math.sqrt(1 - keep * keep) * random.normal()
      return Math.exp(noise[arm])
    }
    return () => ({ xc: random.poisson(6 * next(0)), nc: 2000, xs: random.poisson(24 * next(1)), ns: 8000 })
  }
}

/** Traffic by the hour, bursts of failures in both arms, and a weight that grows. */
function eventful(random: Sampler): () => Pair {
  let i = 0
  return () => {
    i += 1
    const all = 4000 * (2 + Math.sin(i / 9))
    const weight = 0.05 + (0.4 * (i % intervals)) / intervals
    const share = random.uniform() < 0.05 ? 0.03 : 0.003
    const [nc, ns] = [all * weight, all * (1 - weight)]
    return { xc: random.poisson(share * nc), nc, xs: random.poisson(share * ns), ns }
  }
}

describe('a healthy canary is rolled back in at most alpha of the rollouts', () => {
  const runs = 500

  test.each<[string, World, number]>([
    ['with independent failures', independent(1), 240],
    ['with independent failures and no history', independent(1), 0],
    ['with failures in clusters of four', clustered(4), 240],
    ['with noise of its own that lasts two minutes', wandering(0.15, 120), 240],
    ['with noise of its own, little of it and no history', wandering(0.1, 120), 0],
    ['with eventful traffic', eventful, 240],
  ])('%s', (_, world, past) => {
    expect(play({ world, past, runs }).rollback).toBeLessThanOrEqual(band(settings.alpha, runs))
  })

  test('at whatever alpha the checklist states, without the help of a limit', () => {
    // Any difference is beyond this limit: only the evidence stands between the canary and a rollback.
    const strict: StageLimits = [
      { kind: 'share', limits: { ratio: { rollback: 0.5, go: null }, rollback: null, go: null } },
    ]
    const metrics = [errorsSettings({ floor: 1e-6, outage: null })]
    for (const alpha of [0.2, 0.05]) {
      const { rollback } = play({
        world: independent(1),
        runs,
        limits: strict,
        settings: policySettings({ alpha, metrics }),
      })
      expect(rollback).toBeLessThanOrEqual(band(alpha, runs))
    }
  })
})

test('a canary exactly at the rollback limit is rolled back in at most the chance that a limit allows', () => {
  const runs = 200
  const { rollback } = play({ world: independent(1.25), history: independent(1), runs })
  expect(rollback).toBeLessThanOrEqual(band(settings.tuning.limitAlpha, runs))
})

describe('a canary at a go limit goes in at most beta of the stages', () => {
  const runs = 500

  test.each([
    ['twice the failures of stable', independent(2)],
    ['three times the failures of stable', independent(3, 1)],
  ])('%s', (_, world) => {
    expect(play({ world, history: independent(1), runs }).go).toBeLessThanOrEqual(band(settings.beta, runs))
  })

  test('an absolute share exactly at its limit, which stable has as well', () => {
    const limits: StageLimits = [{ kind: 'share', limits: { ratio: null, rollback: null, go: 0.003 } }]
    const metrics = [errorsSettings({ floor: null, outage: null })]
    const found = play({ world: independent(1), runs, limits, settings: policySettings({ metrics }) })
    expect(found.go).toBeLessThanOrEqual(band(settings.beta, runs))
  })
})

test('a harmful canary is found, and a healthy one goes: the promises are not kept by doing nothing', () => {
  expect(play({ world: independent(4), history: independent(1), runs: 40 }).rollback).toBe(1)
  expect(play({ world: independent(1), runs: 40 }).go).toBeGreaterThan(0.9)
})

function follow(pairs: readonly Pair[], seconds = 15): Decision {
  const state = newPolicyState(settings)
  for (const [i, pair] of pairs.entries())
    observeInterval(state, settings, interval(i + 1, [arms(pair)], { at: seconds * (i + 1), seconds }))
  return decide(state, settings, {
    at: seconds * pairs.length,
    limits: [errorsLimits],
    alone: false,
    sharedBreach: 'hold',
  })
}

describe('samples in other batches', () => {
  test.each([
    ['healthy', 1, 'go'],
    ['harmful', 6, 'rollback'],
  ] as const)('a %s canary gets the same verdict from intervals of 15, 30 and 60 s', (_, ratio, zone) => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const next = independent(ratio)(sampler(seed))
      const fine = Array.from({ length: 120 }, next)
      for (const merged of [1, 2, 4]) {
        const coarse: Pair[] = []
        for (let i = 0; i < fine.length; i += merged) coarse.push(sum(fine.slice(i, i + merged)))
        expect(follow(coarse, 15 * merged).zone).toBe(zone)
      }
    }
  })
})

function sum(pairs: readonly Pair[]): Pair {
  return pairs.reduce(
    (all, { xc, nc, xs, ns }) => ({ xc: all.xc + xc, nc: all.nc + nc, xs: all.xs + xs, ns: all.ns + ns }),
    { xc: 0, nc: 0, xs: 0, ns: 0 },
  )
}

describe('further failures of the canary', () => {
  const rollouts = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    ratio: fc.constantFrom(0.5, 1, 1.3, 2, 4),
    length: fc.integer({ min: 5, max: 80 }),
    more: fc.integer({ min: 1, max: 60 }),
    from: fc.nat(79),
  })
  const rank = { rollback: 0, hold: 1, go: 2 } as const

  test('in the last interval never make a verdict better', () => {
    fc.assert(
      fc.property(rollouts, ({ seed, ratio, length, more }) => {
        const pairs = Array.from({ length }, independent(ratio)(sampler(seed)))
        const worse = pairs.map((pair, i) => (i === length - 1 ? { ...pair, xc: pair.xc + more } : pair))
        expect(rank[follow(worse).zone]).toBeLessThanOrEqual(rank[follow(pairs).zone])
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  test('from any moment on never make a go of a hold', () => {
    fc.assert(
      fc.property(rollouts, ({ seed, ratio, length, more, from }) => {
        const pairs = Array.from({ length }, independent(ratio)(sampler(seed)))
        const worse = pairs.map((pair, i) => (i >= from % length ? { ...pair, xc: pair.xc + more } : pair))
        expect(rank[follow(worse).zone]).toBeLessThanOrEqual(Math.max(rank.hold, rank[follow(pairs).zone]))
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})

test('the same intervals give the same decision, number for number', () => {
  const pairs = Array.from({ length: 60 }, independent(1.5)(sampler(4)))
  expect(follow(pairs)).toEqual(follow(structuredClone(pairs)))
})
