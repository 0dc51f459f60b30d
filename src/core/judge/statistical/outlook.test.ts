/** What is told beside a verdict: the interval of the ratio, and how long a certificate may take. */
import { describe, expect, test } from 'vitest'
import { type Comparison, compare, newComparison, type Turn } from './comparison.ts'
import type { Certificate } from './decide.ts'
import { evidence } from './mixture.ts'
import {
  comparisonInterval,
  currentDispersion,
  inverted,
  ratioInterval,
  secondsToCompare,
  secondsToShow,
} from './outlook.ts'
import { sampler } from './samplers.fixture.ts'
import { capFor, tuning } from './tuning.ts'

const stakes = { first: 0.65, later: 0.01 }
const turn: Turn = {
  seconds: 15,
  stakes: { damage: stakes, health: { first: 0.9, later: 0.01 } },
  caps: { damage: capFor(tuning.damageCap, 15), health: capFor(tuning.healthCap, 15) },
  tuning,
}
const certificate: Certificate = {
  metric: 'errors',
  quantile: null,
  dryRun: false,
  against: 'stable',
  have: 1,
  need: 20,
}
const capPerSecond = turn.caps.health / 15

function healthy(intervals: number, perInterval: number): Comparison {
  const one = newComparison(tuning, 'errors')
  const pair = { xc: perInterval, nc: perInterval * 300, xs: 4 * perInterval, ns: 1200 * perInterval }
  for (let i = 0; i < intervals; i += 1) compare(one, pair, { rollback: 1.25, go: 2 }, turn)
  return one
}

describe('the interval of the ratio', () => {
  test('holds the observed ratio, is wider for fewer events and for more scatter', () => {
    const much = ratioInterval({ xc: 60, nc: 10_000, xs: 120, ns: 40_000 }, 1)
    const little = ratioInterval({ xc: 6, nc: 1000, xs: 12, ns: 4000 }, 1)
    const scattered = ratioInterval({ xc: 60, nc: 10_000, xs: 120, ns: 40_000 }, 4)
    if (much === null || little === null || scattered === null) throw new Error('an interval is missing')
    expect(much.value).toBeCloseTo(2, 1)
    expect(much.low).toBeLessThan(much.value)
    expect(much.high).toBeGreaterThan(much.value)
    expect(little.high / little.low).toBeGreaterThan(much.high / much.low)
    expect(scattered.high / scattered.low).toBeGreaterThan(much.high / much.low)
  })

  test('an arm without traffic has none', () => {
    expect(ratioInterval({ xc: 0, nc: 0, xs: 4, ns: 100 }, 1)).toBeNull()
    expect(ratioInterval({ xc: 1, nc: 10, xs: 0, ns: 0 }, 1)).toBeNull()
    expect(comparisonInterval(newComparison(tuning, 'errors'), tuning)).toBeNull()
    expect(currentDispersion(newComparison(tuning, 'errors'), tuning)).toBe(1)
  })

  test('where less is worse it is turned back to canary / stable', () => {
    expect(inverted({ value: 2, low: 1.25, high: 4 })).toEqual({ value: 0.5, low: 0.25, high: 0.8 })
    expect(inverted(null)).toBeNull()
  })

  test('misses the truth ever, at any of 100 looks, in at most 5 % of rollouts', () => {
    let missed = 0
    const runs = 400
    for (let run = 0; run < runs; run += 1) {
      const random = sampler(run + 1)
      const total = { xc: 0, nc: 0, xs: 0, ns: 0 }
      for (let look = 0; look < 100; look += 1) {
        total.xc += random.poisson(3)
        total.nc += 1000
        total.xs += random.poisson(6)
        total.ns += 4000
        const found = ratioInterval(total, 1)
        if (found !== null && !(found.low <= 2 && found.high >= 2)) {
          missed += 1
          break
        }
      }
    }
    // 5 % and three standard errors.
    expect(missed / runs).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs))
  })
})

describe('how long it may take', () => {
  test('is near what it then takes at the same traffic', () => {
    const one = healthy(4, 5)
    const have = evidence(one.certificate)
    const told = secondsToCompare(one, { ...certificate, have }, tuning, capPerSecond)
    let took = 0
    while (evidence(one.certificate) < 20 && took < 100_000) {
      compare(one, { xc: 5, nc: 1500, xs: 20, ns: 6000 }, { rollback: 1.25, go: 2 }, turn)
      took += 15
    }
    expect(told).not.toBeNull()
    expect(told as number).toBeGreaterThan(took / 2)
    expect(told as number).toBeLessThan(took * 2)
  })

  test('is shorter with more traffic, and nothing when it is there', () => {
    const slow = secondsToCompare(healthy(4, 1), certificate, tuning, capPerSecond) ?? 0
    const fast = secondsToCompare(healthy(4, 10), certificate, tuning, capPerSecond) ?? 0
    expect(slow).toBeGreaterThan(fast)
    expect(secondsToCompare(healthy(4, 10), { ...certificate, have: 25 }, tuning, capPerSecond)).toBe(0)
  })

  test('nobody can tell without traffic, or without a limit', () => {
    expect(secondsToCompare(newComparison(tuning, 'errors'), certificate, tuning, capPerSecond)).toBeNull()
    const unlimited = { ...healthy(4, 5), goLimit: null }
    expect(secondsToCompare(unlimited, certificate, tuning, capPerSecond)).toBeNull()
    expect(secondsToShow(newComparison(tuning, 'errors'), 0.01, certificate, tuning, capPerSecond)).toBeNull()
  })

  test('a canary beyond the limit that it is to be shown below will never be there', () => {
    expect(secondsToShow(healthy(4, 5), 0.001, certificate, tuning, capPerSecond)).toBeNull()
    expect(secondsToShow(healthy(4, 5), 0.01, certificate, tuning, capPerSecond)).toBeGreaterThan(0)
  })
})
