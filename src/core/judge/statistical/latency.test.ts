/** Latency as shares of slow requests: which edges are looked at, and what "so many times slower" means there. */
import { describe, expect, test } from 'vitest'
import {
  copyLatency,
  enterLatencyStage,
  judgeLatency,
  type Latency,
  type LatencyLimits,
  learnLatency,
  newLatency,
  useEdges,
  warmLatency,
} from './latency.ts'
import { evidence } from './mixture.ts'
import { buckets, latencies, usualTurn } from './policy.fixture.ts'
import { tuning } from './tuning.ts'

const quantiles = [0.75, 0.95, 0.99]
const limits: LatencyLimits = { ratio: [{ quantile: null, rollback: 1.2, go: 1.35 }], absolute: [] }

function judged(
  times: number,
  {
    rounds = 40,
    median = 0.1,
    le = buckets,
    sigma = 0.8,
    given = limits,
    absolute = [] as { quantile: number }[],
  } = {},
): Latency {
  const one = newLatency(absolute)
  useEdges(one, le)
  for (let i = 0; i < 8; i += 1) warmLatency(one, null, latencies(4000, median, sigma, le), given, quantiles, usualTurn)
  for (let i = 0; i < rounds; i += 1)
    judgeLatency(
      one,
      latencies(1000, median * times, sigma, le),
      latencies(4000, median, sigma, le),
      given,
      quantiles,
      usualTurn,
    )
  return one
}

const damageAt = (one: Latency): readonly number[] =>
  (one.edges ?? []).map(({ comparison }) => evidence(comparison.materiality))
const healthAt = (one: Latency): readonly number[] =>
  (one.edges ?? []).map(({ comparison }) => evidence(comparison.certificate))

describe('the edges that are compared', () => {
  test('are those whose share of slow requests is nearest to that of the quantiles', () => {
    // Median 0.15 s, sigma 0.8: p75 = 0.26 s, p95 = 0.56 s, p99 = 0.96 s.
    expect(judged(1, { median: 0.15 }).edges?.map(({ quantile, index }) => [quantile, buckets[index]])).toEqual([
      [0.75, 0.25],
      [0.95, 0.5],
      [0.99, 1],
    ])
  })

  test('are each compared once, however coarse the buckets are', () => {
    const le = [0.05, 0.3, Number.POSITIVE_INFINITY]
    const edges = judged(1, { le }).edges ?? []
    expect(edges.map(({ index }) => index)).toEqual([1])
  })

  test('wait until enough is known of stable', () => {
    const one = newLatency([])
    useEdges(one, buckets)
    judgeLatency(one, latencies(20, 0.1), latencies(80, 0.1), limits, quantiles, usualTurn)
    expect(one.edges).toBeNull()
  })

  test('do not change once chosen, even where stable gets slower', () => {
    const one = judged(1, { rounds: 5 })
    const before = one.edges?.map(({ index }) => index)
    for (let i = 0; i < 200; i += 1)
      judgeLatency(one, latencies(1000, 0.3), latencies(4000, 0.3), limits, quantiles, usualTurn)
    expect(one.edges?.map(({ index }) => index)).toEqual(before)
    expect(Math.max(...damageAt(one))).toBeLessThan(5)
  })

  test('of another bucket layout begin to be learnt again, and are not compared with the old ones', () => {
    const one = judged(1)
    const other = [0.02, 0.2, 2, Number.POSITIVE_INFINITY]
    useEdges(one, other)
    expect(one).toMatchObject({ le: other, reference: null, edges: null })
    useEdges(one, [...other])
    expect(one.le).toEqual(other)
  })

  test('of the same layout in another list are the same', () => {
    const one = judged(1)
    const before = copyLatency(one)
    useEdges(one, [...buckets])
    expect(one).toEqual(before)
  })
})

describe('a canary', () => {
  test('as fast as stable earns a certificate at every edge', () => {
    const one = judged(1)
    expect(Math.min(...healthAt(one))).toBeGreaterThan(20)
    expect(Math.max(...damageAt(one))).toBeLessThan(5)
  })

  test('half as slow again is beyond 1.2 times', () => {
    expect(Math.max(...damageAt(judged(1.5)))).toBeGreaterThan(100)
  })

  test('within the limit is no damage, and beyond the go limit no certificate', () => {
    expect(Math.max(...damageAt(judged(1.1)))).toBeLessThan(5)
    expect(Math.max(...healthAt(judged(1.4)))).toBeLessThan(20)
  })

  test.each([
    ['default', buckets],
    ['coarse', [0.1, 0.4, 1.6, Number.POSITIVE_INFINITY]],
    ['fine', [...Array.from({ length: 40 }, (_, i) => 0.01 * 1.18 ** i), Number.POSITIVE_INFINITY]],
  ])('exactly at a limit, with %s buckets, is neither beyond nor within it', (_, le) => {
    for (const { comparison, limits } of judged(1.2, { le }).edges ?? [])
      expect(comparison.total.xc / comparison.total.nc / (comparison.total.xs / comparison.total.ns)).toBeCloseTo(
        limits.rollback as number,
        1,
      )
    expect(Math.max(...damageAt(judged(1.2, { le })))).toBeLessThan(5)
  })
})

describe('where stable never passes an edge', () => {
  // All of stable is below 50 ms, the next edge is at a second.
  const le = [0.005, 0.05, 1, Number.POSITIVE_INFINITY]
  const fast = { le, median: 0.01, sigma: 0.3 }

  test('the canary is certified by its own share of slow requests', () => {
    const one = judged(1, fast)
    const floors = (one.edges ?? []).map(({ floor }) => floor)
    expect(floors.length).toBeGreaterThan(0)
    for (const floor of floors) {
      expect(evidence(floor.certificate)).toBeGreaterThan(20)
    }
  })

  test('a canary that does pass it is beyond the limit and gets no certificate', () => {
    const one = judged(20, fast)
    expect(Math.max(...damageAt(one))).toBeGreaterThan(100)
    for (const { floor } of one.edges ?? []) expect(evidence(floor.certificate)).toBeLessThan(20)
  })
})

describe('an absolute limit of a quantile', () => {
  const absolute = [{ quantile: 0.95 }]
  const given: LatencyLimits = { ratio: null, absolute: [{ quantile: 0.95, go: 1, rollback: 1 }] }

  test('is broken by a canary whose quantile is beyond it, whatever stable does', () => {
    const [level] = judged(10, { given, absolute }).levels
    expect(evidence(level!.level.materiality)).toBeGreaterThan(100)
    expect(evidence(level!.level.certificate)).toBeLessThan(1)
  })

  test('is kept by a canary that is well within it', () => {
    const [level] = judged(1, { given, absolute }).levels
    expect(evidence(level!.level.certificate)).toBeGreaterThan(20)
    expect(evidence(level!.level.materiality)).toBeLessThan(1)
  })

  test('beyond the last edge is judged at the last edge: what is above it is not known to be within', () => {
    const beyond: LatencyLimits = { ratio: null, absolute: [{ quantile: 0.95, go: 60, rollback: 60 }] }
    const [level] = judged(300, { given: beyond, absolute }).levels
    expect(evidence(level!.level.certificate)).toBeLessThan(1)
  })

  test('needs no stable arm', () => {
    const one = newLatency(absolute)
    useEdges(one, buckets)
    for (let i = 0; i < 40; i += 1) judgeLatency(one, latencies(1000, 0.1), null, given, [0.95], usualTurn)
    expect(evidence(one.levels[0]!.level.certificate)).toBeGreaterThan(20)
  })
})

describe('the past of stable', () => {
  test('chooses the edges and teaches how much they scatter, and judges nothing', () => {
    const one = newLatency([])
    useEdges(one, buckets)
    for (let i = 0; i < 60; i += 1)
      learnLatency(one, 15, latencies(1000 + (i % 3), 0.15), latencies(4000, 0.15), quantiles, tuning)
    expect(one.edges?.length).toBe(3)
    for (const { comparison } of one.edges ?? []) {
      expect(evidence(comparison.significance)).toBe(1)
      expect(comparison.history[0]?.blocks).toBeGreaterThan(0)
    }
  })

  test('a new stage keeps edges, reference and damage, and starts certificates afresh', () => {
    const one = judged(1.5)
    const before = copyLatency(one)
    enterLatencyStage(one, tuning)
    expect(one.reference).toEqual(before.reference)
    expect(damageAt(one)).toEqual(damageAt(before))
    for (const health of healthAt(one)) expect(health).toBe(1)
  })
})
