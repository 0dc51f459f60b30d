/** From evidence to a decision: how alpha is shared, and everything that can be missing. */
import { describe, expect, test } from 'vitest'
import { type Decision, decide } from './decide.ts'
import {
  errorArms,
  errorsLimits,
  errorsSettings,
  interval,
  latencies,
  latencyLimits,
  latencySettings,
  buckets,
  policySettings,
} from './policy.fixture.ts'
import {
  type Arms,
  type MetricSettings,
  newPolicyState,
  observeInterval,
  type PolicySettings,
  type StageLimits,
} from './policy.ts'

interface Told {
  readonly settings?: PolicySettings
  readonly limits?: StageLimits
  readonly weight?: number | null
  readonly alone?: boolean
  readonly sharedBreach?: 'hold' | 'rollback'
  /** Seconds after the last interval. */
  readonly late?: number
}

function after(
  intervals: readonly (readonly Arms[])[],
  { settings = policySettings(), limits = [errorsLimits], weight = 0.2, ...told }: Told = {},
): Decision {
  const state = newPolicyState(settings)
  for (const [i, metrics] of intervals.entries())
    observeInterval(state, settings, interval(i + 1, metrics, { limits, weight }))
  const { alone = false, sharedBreach = 'hold', late = 0 } = told
  return decide(state, settings, { at: intervals.length * 15 + late, limits, alone, sharedBreach })
}

function times<T>(count: number, one: T): readonly T[] {
  return Array.from({ length: count }, () => one)
}

const healthy = [errorArms(6, 2000, 24, 8000)]
const broken = [errorArms(100, 2000, 24, 8000)]
const why = ({ missing }: Decision): readonly string[] => missing.map((one) => one.why)

describe('a decision', () => {
  test('goes when all is certified, and nothing is missing', () => {
    const found = after(times(120, healthy))
    expect(found).toMatchObject({ zone: 'go', by: null, missing: [] })
    for (const { have, need } of found.certificates) expect(have).toBeGreaterThanOrEqual(need)
  })

  test('rolls back by the part with the most evidence, which is more than 1 / alpha', () => {
    const found = after(times(20, broken))
    expect(found.zone).toBe('rollback')
    expect(found.by?.metric).toBe('errors')
    expect(found.evidence).toBeGreaterThanOrEqual(found.needed)
    expect(found.needed).toBe(100)
  })

  test('holds before anything is known', () => {
    expect(after([])).toMatchObject({ zone: 'hold' })
    expect(why(after([]))).toContain('no-canary')
  })

  test('evidence of a difference within the limit is no reason to turn back', () => {
    const found = after(times(400, [errorArms(55, 20_000, 192, 80_000)]))
    expect(found.zone).not.toBe('rollback')
    expect(found.parts.find(({ aspect }) => aspect === 'share')?.open).toBe(false)
  })
})

describe('the shares of alpha', () => {
  const metrics: readonly MetricSettings[] = [
    errorsSettings(),
    errorsSettings({ name: 'more-errors' }),
    errorsSettings({ name: 'signups', worse: 'lower', floor: null, outage: null }),
    latencySettings(),
  ]
  const limits: StageLimits = [
    errorsLimits,
    errorsLimits,
    { kind: 'share', limits: { ratio: { rollback: 0.9, go: 0.8 }, rollback: null, go: null } },
    latencyLimits,
  ]
  const arms = [
    ...times(2, errorArms(6, 2000, 24, 8000)),
    errorArms(200, 2000, 800, 8000),
    { kind: 'latency', le: buckets, canary: latencies(4000, 0.15), stable: latencies(16_000, 0.15) },
  ] as const

  test.each([
    ['of all metrics', metrics],
    ['without latency', metrics.slice(0, 3)],
    ['of errors alone', metrics.slice(0, 1)],
  ])('%s sum to 1', (_, some) => {
    const settings = policySettings({ metrics: some })
    const { parts } = after(times(10, arms.slice(0, some.length)), { settings, limits: limits.slice(0, some.length) })
    expect(parts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
  })

  test('of what is a dry run are given to nobody else, and it takes none', () => {
    const dry = metrics.map((metric, i) => (i === 1 ? { ...metric, dryRun: true } : metric))
    const { parts } = after(times(10, arms), { settings: policySettings({ metrics: dry }), limits })
    const judged = parts.filter(({ dryRun }) => !dryRun)
    expect(judged.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
    expect(judged).toHaveLength(parts.length - 2)
  })
})

describe('what can be missing', () => {
  test('a certificate, before there is enough data', () => {
    expect(why(after(times(2, healthy)))[0]).toBe('certificate')
  })

  test('a canary that went silent', () => {
    expect(why(after(times(120, healthy), { late: 61 }))).toEqual(['no-canary'])
    expect(after(times(120, healthy), { late: 59 }).zone).toBe('go')
  })

  test('the traffic that the canary was promised', () => {
    expect(why(after(times(120, healthy), { weight: 0.9 }))).toEqual(['traffic-share'])
    expect(after(times(120, healthy), { weight: 0.9, alone: true }).missing).toEqual([])
  })

  test('an opinion on what is worse than stable, and may or may not be beyond the limit', () => {
    const found = after(times(15, [errorArms(62, 8000, 160, 32_000)]))
    expect(found.zone).toBe('hold')
    expect(why(found)).toContain('suspicion')
  })

  test('a quiet last few minutes, although all was certified before', () => {
    const settings = policySettings({ metrics: [errorsSettings({ outage: null })] })
    const found = after([...times(200, healthy), [errorArms(200, 2000, 24, 8000)]], { settings })
    expect(found.zone).toBe('hold')
    expect(why(found)).toContain('recent')
  })

  test('a reference to compare latencies with', () => {
    const settings = policySettings({ metrics: [latencySettings()] })
    const few: Arms = { kind: 'latency', le: buckets, canary: latencies(10, 0.1), stable: latencies(40, 0.1) }
    expect(why(after(times(2, [few]), { settings, limits: [latencyLimits] }))).toContain('no-reference')
  })

  test('the canary to blame for what stable breaks as well; a checklist may turn back all the same', () => {
    const both = times(40, [errorArms(60, 2000, 240, 8000)])
    const held = after(both)
    expect(held.zone).toBe('hold')
    expect(why(held)).toContain('shared-breach')
    expect(after(both, { sharedBreach: 'rollback' })).toMatchObject({ zone: 'rollback', by: { beyond: 'limit' } })
  })
})

describe('without stable', () => {
  const lonely = (x: number): readonly Arms[] => [{ kind: 'share', canary: { x, n: 2000 }, stable: null }]

  test('an absolute limit rests on its own evidence', () => {
    expect(after(times(20, lonely(100)), { alone: true }).zone).toBe('rollback')
    expect(after(times(120, lonely(6)), { alone: true }).zone).toBe('go')
  })

  test('a comparison that was declared cannot be made, so nothing goes', () => {
    expect(after(times(120, lonely(6))).zone).toBe('hold')
  })

  test('an outage needs no second interval', () => {
    expect(after([lonely(1000)], { alone: true })).toMatchObject({ zone: 'rollback', by: { aspect: 'outage' } })
  })
})

test('what is a dry run neither holds nor rolls back, and is told', () => {
  const settings = policySettings({ metrics: [errorsSettings(), errorsSettings({ name: 'dry', dryRun: true })] })
  const limits = [errorsLimits, errorsLimits]
  const found = after(times(120, [...healthy, ...broken]), { settings, limits })
  expect(found.zone).toBe('go')
  expect(found.parts.filter(({ metric }) => metric === 'dry').length).toBeGreaterThan(0)
})
