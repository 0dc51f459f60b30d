/** A checklist's limits as the statistical policy sees them. */
import { describe, expect, test } from 'vitest'
import type { MetricPlan, StagePlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import { limit, metric, stage, subject, versus } from '../build.fixture.ts'
import { newPolicyState, observeInterval } from './policy.ts'
import { errorArms } from './policy.fixture.ts'
import { countedMetrics, limitsOf, settingsOf } from './subject.ts'

const arms = { canary: { version: 'new' }, stable: { version: 'old' } }

function of(one: Partial<MetricPlan>, at: Partial<StagePlan> = {}): JudgeSubject {
  return subject({ arms, metrics: [metric(one)] }, stage(at))
}

function limits(given: JudgeSubject): unknown {
  return limitsOf(given, newPolicyState(settingsOf(given)))[0]?.limits
}

const isCounted = (one: Partial<MetricPlan>): boolean => {
  const { judge, stage } = of(one)
  return countedMetrics(judge, stage).length === 1
}

describe('what counts events', () => {
  test('is judged by evidence: shares, histograms, events', () => {
    expect(isCounted({})).toBe(true)
    expect(isCounted({ kind: 'histogram', go: [limit('<', 2, 0.95)], rollback: [limit('>', 3, 0.95)] })).toBe(true)
    expect(isCounted({ kind: 'events', go: [], rollback: [], versusStable: [versus(-0.1)] })).toBe(true)
  })

  test('the rest is judged by its limits: gauges, rates per second, limits that point the other way', () => {
    expect(isCounted({ kind: 'gauge' })).toBe(false)
    expect(isCounted({ kind: 'events', go: [limit('>', 3)], rollback: [] })).toBe(false)
    expect(isCounted({ go: [limit('>', 0.01)] })).toBe(false)
    expect(isCounted({ rollback: [limit('<', 0.02)] })).toBe(false)
    expect(isCounted({ rollback: [limit('>', 2)] })).toBe(false)
    expect(isCounted({ go: [limit('<=', 0)] })).toBe(false)
  })

  test('a success rate, good when it is high, is counted with its limits the other way round', () => {
    const success = { worse: 'lower', go: [limit('>', 0.99)], rollback: [limit('<', 0.98)] } as const
    expect(isCounted(success)).toBe(true)
    const found = limits(of(success)) as { rollback: number; go: number }
    expect(found.rollback).toBeCloseTo(0.02, 12)
    expect(found.go).toBeCloseTo(0.01, 12)
  })
})

describe('the settings of a rollout', () => {
  test('are those of the checklist, with the usual ones for what it leaves out', () => {
    expect(settingsOf(of({}))).toMatchObject({
      alpha: 0.01,
      beta: 0.05,
      stepSeconds: 10,
      planSeconds: 60,
      metrics: [{ kind: 'share', name: 'errors', worse: 'higher', floor: 0.001, outage: 0.05 }],
    })
    expect(settingsOf({ ...of({}), plannedMs: 3_600_000 }).planSeconds).toBe(3600)
    expect(settingsOf({ ...of({}), stage: null }).planSeconds).toBe(1800)
  })

  test('an outage is 5 %, or 2.5 times a limit that is greater than usual, or what the checklist says', () => {
    const outage = (one: Partial<MetricPlan>): unknown => (settingsOf(of(one)).metrics[0] as { outage: unknown }).outage
    expect(outage({ rollback: [] })).toBe(0.05)
    expect(outage({ rollback: [limit('>', 0.1)] })).toBe(0.25)
    expect(outage({ rollback: [limit('>', 0.6)] })).toBe(0.9)
    expect(outage({ outage: 0.3 })).toBe(0.3)
    expect(outage({ worse: 'lower', go: [], rollback: [] })).toBeNull()
  })

  test('quantiles are those that are compared, and where none is, those with a limit', () => {
    const latency = { kind: 'histogram', go: [limit('<', 2, 0.95)], rollback: [limit('>', 3, 0.99)] } as const
    expect(settingsOf(of({ ...latency, versusStable: [versus(0.2, null, 0.9)] })).metrics[0]).toMatchObject({
      quantiles: [0.9],
      absolute: [{ quantile: 0.95 }, { quantile: 0.99 }],
    })
    expect(settingsOf(of(latency)).metrics[0]).toMatchObject({ quantiles: [0.95, 0.99] })
  })
})

describe('the limits', () => {
  test('the strictest of several wins', () => {
    expect(
      limits(
        of({
          go: [limit('<', 0.01), limit('<', 0.005)],
          rollback: [limit('>', 0.02), limit('>', 0.03)],
          versusStable: [versus(0.5), versus(0.25)],
        }),
      ),
    ).toEqual({ ratio: { rollback: 1.25, go: 2 }, rollback: 0.02, go: 0.005 })
  })

  test('those of a stage are laid over those of the rollout, and cannot loosen them', () => {
    const stricter = of({}, { overrides: { errors: { rollback: [limit('>', 0.015)] } } })
    expect(limits(stricter)).toMatchObject({ rollback: 0.015, go: 0.01 })
    const looser = of({}, { overrides: { errors: { rollback: [limit('>', 0.5)] } } })
    expect(limits(looser)).toMatchObject({ rollback: 0.02 })
  })

  test('a distance in points is a ratio beside what stable has, and nothing before that is known', () => {
    const given = of({ versusStable: [versus(null, 0.005)] })
    const settings = settingsOf(given)
    const state = newPolicyState(settings)
    expect(limitsOf(given, state)[0]).toMatchObject({ limits: { ratio: { rollback: null, go: null } } })
    observeInterval(state, settings, {
      at: 10,
      seconds: 10,
      warming: false,
      weight: 0.2,
      limits: limitsOf(given, state),
      metrics: [errorArms(10, 1000, 99.5, 10_000)],
    })
    expect(limitsOf(given, state)[0]).toMatchObject({ limits: { ratio: { rollback: 1.5 } } })
  })

  test('for what is good when it is high +10 % less is a ratio below 1', () => {
    const events = { kind: 'events', go: [], rollback: [] } as const
    expect(limits(of({ ...events, versusStable: [versus(-0.1)] }))).toMatchObject({ ratio: { rollback: 0.9 } })
    const own = { ...events, versusStable: [versus(-0.1)], goVersusStable: [versus(-0.2)] }
    expect(limits(of(own))).toMatchObject({ ratio: { rollback: 0.9, go: 0.8 } })
  })

  test('what must be excluded to go is derived, or declared', () => {
    expect(limits(of({ versusStable: [versus(0.25)] }))).toMatchObject({ ratio: { go: 2 } })
    expect(limits(of({ versusStable: [versus(1)] }))).toMatchObject({ ratio: { go: 3.2 } })
    expect(limits(of({ versusStable: [versus(0.25)], goVersusStable: [versus(0.5)] }))).toMatchObject({
      ratio: { go: 1.5 },
    })
  })

  test('of latencies are times slower at a quantile, and seconds', () => {
    const latency = {
      kind: 'histogram',
      go: [limit('<', 2, 0.95)],
      rollback: [limit('>', 3, 0.95)],
      versusStable: [versus(0.2, null, 0.95)],
    } as const
    const found = limits(of(latency)) as { ratio: { go: number }[] }
    expect(found).toMatchObject({
      ratio: [{ quantile: 0.95, rollback: 1.2 }],
      absolute: [{ quantile: 0.95, go: 2, rollback: 3 }],
    })
    expect(found.ratio[0]?.go).toBeCloseTo(1.35, 12)
  })

  test('without arms there is nobody to compare with', () => {
    const alone = subject({ metrics: [metric({ versusStable: [versus(0.25)] })] })
    expect(limits(alone)).toEqual({ ratio: null, rollback: 0.02, go: 0.01 })
  })
})
