/** The statistical judge behind the port: what it says of stored batches, and that a crash changes nothing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JudgePlan, MetricPlan, StagePlan } from '../plan/plan.ts'
import type { JudgeSubject } from '../ports/judge.ts'
import { batch, limit, metric, noData, ratio, stage, subject, versus } from './build.fixture.ts'
import { latencies } from './statistical/policy.fixture.ts'
import { sampler } from './statistical/samplers.fixture.ts'
import { statisticalJudge } from './statistical-judge.ts'
import type { ArmSample, JudgeReport, JudgeState, SampleBatch, Verdict, Zone } from './verdict.ts'

const arms = { canary: { version: 'new' }, stable: { version: 'old' } }
const compared = metric({ versusStable: [versus(0.25)] })

function rollout(given: Partial<JudgePlan> = {}, at: Partial<StagePlan> = {}): JudgeSubject {
  return subject({ policy: 'statistical', arms, metrics: [compared], ...given }, stage({ weightPercent: 20, ...at }))
}

function follow(at: JudgeSubject, batches: readonly SampleBatch[], before: JudgeState | null = null): JudgeState {
  return batches.reduce<JudgeState>(
    (state, one) => statisticalJudge.observe(state, one, at),
    statisticalJudge.start(at, before),
  )
}

function told(at: JudgeSubject, batches: readonly SampleBatch[], before: JudgeState | null = null): JudgeReport {
  return statisticalJudge.report(follow(at, batches, before), at)
}

const stableErrors = ratio(24, 8000)
/** `count` intervals of 10 s, the first one the `from`-th. */
function batches(count: number, canary: ArmSample = ratio(6, 2000), from = 1, stable = stableErrors): SampleBatch[] {
  return Array.from({ length: count }, (_, i) => batch(from + i, canary, stable))
}

function samples(n: number, all: SampleBatch['samples'], given: Partial<SampleBatch> = {}): SampleBatch {
  return batch(n, noData, noData, { samples: all, ...given })
}

function zoneOf({ verdict }: JudgeReport): Zone {
  return verdict.zone
}

describe('a rollout', () => {
  test('of a healthy canary holds until there is enough evidence, says so, then may go', () => {
    const at = rollout()
    const early = told(at, batches(3)).verdict
    expect(early).toMatchObject({ zone: 'hold', why: 'too-few', since: 0, upTo: 30_000 })
    expect(early.say).toMatch(/evidence .* of 100 needed to roll back, .* of 20 needed to go on; at this traffic about/)
    expect(told(at, batches(120)).verdict).toMatchObject({ zone: 'go', why: 'healthy' })
  })

  test('of a broken canary rolls back, and says by which limit and on how much evidence', () => {
    const { verdict } = told(rollout(), batches(20, ratio(60, 2000)))
    expect(verdict).toMatchObject({ zone: 'rollback', why: 'breach' })
    expect(verdict.say).toMatch(/^errors 3 % · .*evidence .* of 100 needed/)
    expect(verdict.rule).not.toBeNull()
    expect(verdict.metrics[0]).toMatchObject({ metric: 'errors', zone: 'rollback', evidence: { isBeyondLimit: true } })
  })

  test('soak is the time in which nothing spoke against the canary, certified or not', () => {
    const at = rollout()
    expect(told(at, batches(6)).soakMs).toBe(60_000)
    expect(told(at, [...batches(6), ...batches(3, noData, 7)]).soakMs).toBe(60_000)
    const drifted = batches(2).map((one) => ({
      ...one,
      weights: [{ component: 'api', percent: 20, ok: false, say: 'api at 20 % instead of 5 %' }],
    }))
    expect(told(at, drifted)).toMatchObject({ soakMs: 0, verdict: { zone: 'hold', why: 'drift' } })
  })

  test('of a canary that nobody sends anything to never goes', () => {
    const found = told(rollout(), batches(200, ratio(0, 0)))
    expect(found.verdict).toMatchObject({ zone: 'hold' })
    expect(found.soakMs).toBe(0)
  })
})

describe('the warm-up', () => {
  const cold = rollout({ warmUpMs: 60_000 })

  test('judges nothing but an outage, and is no soak', () => {
    const found = told(cold, batches(5, ratio(30, 2000)))
    expect(found).toMatchObject({ soakMs: 0, verdict: { zone: 'hold', why: 'warm-up' } })
    expect(found.verdict.say).toBe('hold: warming up, 10 s left')
    expect(zoneOf(told(cold, batches(1, ratio(1500, 2000))))).toBe('rollback')
  })

  test('of a later stage judges the canary, which is warm, and only its soak waits', () => {
    const first = follow(cold, batches(60))
    const second = { ...cold, stage: stage({ id: 'stage-2', weightPercent: 20 }), startedAt: 600_000 }
    const found = told(second, batches(6, ratio(100, 2000), 61), first)
    expect(found.verdict.zone).toBe('rollback')
    expect(told(second, batches(5, ratio(6, 2000), 61), first).soakMs).toBe(0)
  })
})

describe('the stages of a rollout', () => {
  const first = rollout()
  const second: JudgeSubject = { ...first, stage: stage({ id: 'stage-2', weightPercent: 20 }), startedAt: 600_000 }

  test('carry evidence of damage over, and start certificates afresh', () => {
    const suspicious = batches(3, ratio(30, 2000))
    const before = follow(first, suspicious)
    const one = batches(3, ratio(30, 2000), 61)
    const evidence = ({ verdict }: JudgeReport): number => verdict.metrics[0]?.evidence?.rollback ?? 0
    expect(zoneOf(told(first, suspicious))).toBe('hold')
    expect(evidence(told(second, one, before))).toBeGreaterThan(2 * evidence(told(second, one)))

    const healthy = follow(first, batches(120))
    expect(zoneOf(told(first, batches(120)))).toBe('go')
    expect(told(second, batches(2, ratio(6, 2000), 61), healthy).verdict).toMatchObject({
      zone: 'hold',
      why: 'too-few',
    })
  })

  test('may have stricter limits', () => {
    const strict: JudgeSubject = {
      ...second,
      stage: stage({
        weightPercent: 20,
        overrides: { errors: { rollback: [limit('>', 0.004)], go: [limit('<', 0.002)] } },
      }),
    }
    expect(zoneOf(told(second, batches(120, ratio(6, 2000), 61)))).toBe('go')
    expect(zoneOf(told(strict, batches(120, ratio(6, 2000), 61)))).toBe('hold')
  })

  test('an amended checklist with other metrics begins afresh', () => {
    const before = follow(first, batches(4, ratio(30, 2000)))
    const other = rollout({ metrics: [compared, { ...compared, name: 'more' }] })
    expect(told(other, [], before).verdict.zone).toBe('hold')
    expect(() => follow(other, batches(3), before)).not.toThrow()
  })

  test('a watch has no stage and no weight to compare the traffic with', () => {
    expect(zoneOf(told({ ...first, stage: null }, batches(120)))).toBe('go')
  })

  test('at 100 % nobody is left to compare with: absolute limits judge, a canary at them does not go', () => {
    const all = rollout({}, { weightPercent: 100 })
    const alone = (canary: ArmSample): SampleBatch[] => batches(120, canary, 1, ratio(0, 0))
    expect(zoneOf(told(all, alone(ratio(6, 2000))))).toBe('go')
    expect(zoneOf(told(all, alone(ratio(100, 2000))))).toBe('rollback')
    expect(zoneOf(told(all, alone(ratio(30, 2000))))).toBe('hold')
    expect(zoneOf(told(rollout(), alone(ratio(6, 2000))))).toBe('hold')
  })
})

describe('numbers that cannot be used', () => {
  const useless: readonly (readonly [string, ArmSample])[] = [
    ['missing', noData],
    ['not a number', ratio(Number.NaN, 2000)],
    ['negative', ratio(-1, 2000)],
    ['infinite', ratio(0, Number.POSITIVE_INFINITY)],
    ['more bad than there are', ratio(5, 3)],
    ['of another kind', { kind: 'gauge', value: 0 }],
  ]

  test.each(useless)('%s: a certified canary holds at once, and that is no soak', (_, sample) => {
    const at = rollout()
    const before = told(at, batches(120))
    expect(before.verdict.zone).toBe('go')
    const canary = told(at, [...batches(120), batch(121, sample, stableErrors)])
    expect(canary).toMatchObject({ soakMs: before.soakMs, verdict: { zone: 'hold', why: 'no-data' } })
    expect(canary.verdict.say).toContain('no data from the canary')
    const stable = told(at, [...batches(120), batch(121, ratio(6, 2000), sample)])
    expect(stable).toMatchObject({ soakMs: before.soakMs, verdict: { zone: 'hold', why: 'no-data' } })
  })

  test('a metric that was not sampled at all is missing', () => {
    expect(told(rollout(), [samples(1, [])]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })

  test('evidence of damage outlives a gap in the data', () => {
    const at = rollout()
    const broken = told(at, [...batches(20, ratio(60, 2000)), batch(21, noData, stableErrors)])
    expect(broken.verdict.zone).toBe('rollback')
  })

  test('after a gap the verdict does not claim to have held through it', () => {
    const at = rollout()
    const found = told(at, [...batches(3), ...batches(3, ratio(6, 2000), 10)])
    expect(found.verdict.since).toBe(90_000)
    expect(found.soakMs).toBe(60_000)
  })
})

describe('batches that are no news', () => {
  const at = rollout()

  test('late and repeated ones change nothing', () => {
    const once = follow(at, batches(20))
    for (const late of [batch(20, ratio(2000, 2000)), batch(3, ratio(2000, 2000))])
      expect(statisticalJudge.observe(once, late, at)).toEqual(once)
  })

  test('empty, backward and impossible intervals change nothing', () => {
    const once = follow(at, batches(5))
    for (const times of [
      { from: 50_000, to: 50_000 },
      { from: 90_000, to: 60_000 },
      { from: Number.NaN, to: 60_000 },
      { from: 50_000, to: Number.POSITIVE_INFINITY },
    ])
      expect(statisticalJudge.observe(once, batch(6, ratio(2000, 2000), stableErrors, times), at)).toEqual(once)
  })

  test('what ended before the stage began is not about it', () => {
    const later = { ...at, startedAt: 1_000_000 }
    expect(follow(later, batches(20, ratio(2000, 2000)))).toEqual(statisticalJudge.start(later, null))
  })

  test('history teaches how much stable scatters; it is no soak, no verdict, and nothing once the canary is judged', () => {
    const random = sampler(5)
    const history = (n: number, size: number): SampleBatch =>
      batch(n, ratio(random.clustered(6, size), 2000), ratio(random.clustered(24, size), 8000), { history: true })
    const past = (size: number): SampleBatch[] => Array.from({ length: 360 }, (_, i) => history(i - 360, size))
    const learnt = follow(at, past(1))
    expect(statisticalJudge.report(learnt, at)).toMatchObject({ soakMs: 0, verdict: { zone: 'hold', why: 'no-data' } })
    const dispersion = (before: readonly SampleBatch[]): number =>
      told(at, [...before, ...batches(12)]).verdict.metrics[0]?.evidence?.dispersion ?? 0
    expect(dispersion(past(1))).toBeLessThan(1.4)
    expect(dispersion(past(6))).toBeGreaterThan(2)

    const judged = follow(at, batches(5))
    expect(statisticalJudge.observe(judged, history(-1, 6), at)).toBe(judged)
    expect(statisticalJudge.observe(judged, history(6, 6), at)).toBe(judged)
  })

  test('history without the canary is remembered as such', () => {
    const state = follow(at, [batch(-1, noData, stableErrors, { history: true })])
    expect(state['withoutHistory']).toBe('the source does not answer')
  })
})

describe('several metrics', () => {
  const gauge = metric({
    name: 'memory',
    kind: 'gauge',
    unit: 'plain',
    forMs: 30_000,
    go: [],
    rollback: [limit('>', 80)],
  })
  const at = rollout({ metrics: [compared, gauge] })
  const both = (n: number, canary: ArmSample, memory: ArmSample): SampleBatch =>
    samples(n, [
      { metric: 'errors', canary, stable: stableErrors },
      { metric: 'memory', canary: memory, stable: noData },
    ])
  const run = (count: number, memory: (n: number) => ArmSample, canary = ratio(6, 2000)): JudgeReport =>
    told(
      at,
      Array.from({ length: count }, (_, i) => both(i + 1, canary, memory(i + 1))),
    )

  test('a gauge rolls back once it has been beyond its limit for long enough, beside metrics that are judged by evidence', () => {
    const high = (n: number): ArmSample => ({ kind: 'gauge', value: n > 100 ? 95 : 50 })
    expect(run(100, high).verdict.zone).toBe('go')
    expect(run(101, high).verdict.zone).toBe('hold')
    const found = run(106, high).verdict
    expect(found.zone).toBe('rollback')
    expect(found.say).toContain('memory')
    expect(found.metrics.map((one) => one.metric)).toEqual(['errors', 'memory'])
  })

  test('gauges alone go by their limits: nothing is counted, so no evidence is missing', () => {
    const alone = rollout({ metrics: [gauge] })
    const low = Array.from({ length: 10 }, (_, i) =>
      samples(i + 1, [{ metric: 'memory', canary: { kind: 'gauge', value: 50 }, stable: noData }]),
    )
    expect(told(alone, low)).toMatchObject({ verdict: { zone: 'go' }, soakMs: 10 * alone.judge.everyMs })
  })

  test('a gauge that does not answer holds', () => {
    expect(run(100, () => noData).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })

  test('an absolute limit turns back although the comparison alone would not, and the other way round', () => {
    const loose = rollout({ metrics: [metric({ versusStable: [versus(9)] })] })
    expect(zoneOf(told(loose, batches(40, ratio(60, 2000))))).toBe('rollback')
    const absent = rollout({ metrics: [metric({ go: [], rollback: [], versusStable: [versus(0.25)] })] })
    expect(zoneOf(told(absent, batches(120, ratio(14, 2000))))).toBe('rollback')
    expect(zoneOf(told(rollout({ metrics: [metric()] }), batches(120, ratio(14, 2000))))).toBe('go')
  })

  test('a limit that stable breaks as well holds, unless the checklist turns back', () => {
    const shared = batches(40, ratio(60, 2000), 1, ratio(240, 8000))
    expect(told(rollout(), shared).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(zoneOf(told(rollout({ sharedBreach: 'rollback' }), shared))).toBe('rollback')
  })

  test('a dry run is told, and neither blocks, nor rolls back, nor needs data', () => {
    const dry = { ...compared, name: 'dry', dryRun: true }
    const trial = rollout({ metrics: [compared, dry] })
    const with_ = (canary: ArmSample): JudgeReport =>
      told(
        trial,
        Array.from({ length: 120 }, (_, i) =>
          samples(i + 1, [
            { metric: 'errors', canary: ratio(6, 2000), stable: stableErrors },
            { metric: 'dry', canary, stable: stableErrors },
          ]),
        ),
      )
    for (const canary of [ratio(200, 2000), noData]) {
      const found = with_(canary)
      expect(found.verdict.zone).toBe('go')
      expect(found.soakMs).toBe(1_200_000)
      expect(found.verdict.metrics.find((one) => one.metric === 'dry')?.dryRun).toBe(true)
    }
  })

  test('latency beyond a distance from stable rolls back and names the quantile', () => {
    const latency = metric({
      name: 'latency',
      kind: 'histogram',
      unit: 'seconds',
      go: [limit('<', 5, 0.95)],
      rollback: [limit('>', 10, 0.95)],
      versusStable: [versus(0.2, null, 0.95)],
    })
    const le = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY]
    const slow = (times: number): JudgeReport =>
      told(
        rollout({ metrics: [latency] }),
        Array.from({ length: 60 }, (_, i) =>
          samples(i + 1, [
            {
              metric: 'latency',
              canary: { kind: 'histogram', le, counts: latencies(2000, 0.15 * times) },
              stable: { kind: 'histogram', le, counts: latencies(8000, 0.15) },
            },
          ]),
        ),
      )
    expect(slow(1).verdict.zone).toBe('go')
    expect(slow(2).verdict).toMatchObject({ zone: 'rollback' })
    expect(slow(2).verdict.say).toContain('latency p95')
  })
})

/** A rollout with everything in it: gaps, missing arms, resets to nothing, a gauge, two shares and a histogram. */
function unruly(seed: number, count: number): { at: JudgeSubject; all: readonly SampleBatch[] } {
  const random = sampler(seed)
  const le = [0.05, 0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY]
  const metrics: readonly MetricPlan[] = [
    metric({ versusStable: [versus(0.25)] }),
    metric({ name: 'signups', kind: 'events', go: [], rollback: [], versusStable: [versus(-0.2)] }),
    metric({
      name: 'latency',
      kind: 'histogram',
      unit: 'seconds',
      go: [limit('<', 2, 0.95)],
      rollback: [limit('>', 5, 0.95)],
      versusStable: [versus(0.2, null, 0.95)],
    }),
    metric({ name: 'memory', kind: 'gauge', unit: 'plain', forMs: 30_000, go: [], rollback: [limit('>', 80)] }),
  ]
  const maybe = (sample: ArmSample): ArmSample => (random.uniform() < 0.05 ? noData : sample)
  const errors = (n: number): ArmSample => ratio(random.binomial(n, 0.003), n)
  const wanted = (n: number): ArmSample => ({ kind: 'events', count: random.binomial(n, 0.05), total: n })
  const latency = (n: number): ArmSample => ({
    kind: 'histogram',
    le,
    counts: latencies(n, 0.15 * (1 + 0.05 * random.normal()), 0.8, le),
  })
  const one = (n: number): SampleBatch => {
    const [canary, stable] = [random.poisson(1000), random.poisson(4000)]
    return samples(n, [
      { metric: 'errors', canary: maybe(errors(canary)), stable: maybe(errors(stable)) },
      { metric: 'signups', canary: maybe(wanted(canary)), stable: maybe(wanted(stable)) },
      { metric: 'latency', canary: maybe(latency(canary)), stable: maybe(latency(stable)) },
      { metric: 'memory', canary: maybe({ kind: 'gauge', value: 60 + 10 * random.normal() }), stable: noData },
    ])
  }
  const all = Array.from({ length: count }, (_, i) => one(i + 1)).filter(() => random.uniform() > 0.03)
  return { at: rollout({ metrics, warmUpMs: 30_000 }), all }
}

describe('a crash', () => {
  test('between any two batches changes nothing: state is plain JSON, and the reports are the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const { at, all } = unruly(seed, 60)
        let [straight, restored] = [statisticalJudge.start(at, null), statisticalJudge.start(at, null)]
        for (const one of all) {
          straight = statisticalJudge.observe(straight, one, at)
          const stored = JSON.parse(JSON.stringify(one)) as SampleBatch
          restored = statisticalJudge.observe(JSON.parse(JSON.stringify(restored)) as JudgeState, stored, at)
          expect(statisticalJudge.report(restored, at)).toEqual(statisticalJudge.report(straight, at))
        }
        expect(restored).toEqual(JSON.parse(JSON.stringify(straight)))
      }),
      { numRuns: 12 },
    )
  })

  test('in which a batch is delivered twice changes nothing either', () => {
    const { at, all } = unruly(3, 60)
    const twice = all.flatMap((one) => [one, one])
    expect(follow(at, twice)).toEqual(follow(at, all))
  })

  test('observing never changes the state that it was given', () => {
    const { at, all } = unruly(4, 40)
    let state = statisticalJudge.start(at, null)
    for (const one of all) {
      const before = JSON.stringify(state)
      const next = statisticalJudge.observe(state, one, at)
      expect(JSON.stringify(state)).toBe(before)
      state = next
    }
  })
})

test('the state is as large after 5,000 batches as after 500', () => {
  const { at, all } = unruly(8, 5000)
  let state = statisticalJudge.start(at, null)
  const sizes: number[] = []
  for (const [i, one] of all.entries()) {
    state = statisticalJudge.observe(state, one, at)
    if (i === 500 || i === all.length - 1) sizes.push(JSON.stringify(state).length)
  }
  expect(sizes[1]).toBeLessThan((sizes[0] as number) * 1.05)
})

test('more failures of the canary in every interval never make a verdict better', () => {
  const rank = { rollback: 0, hold: 1, go: 2 } as const
  const at = rollout()
  const zones = (errors: number): readonly Verdict['zone'][] => {
    let state = statisticalJudge.start(at, null)
    return batches(90, ratio(errors, 2000)).map((one) => {
      state = statisticalJudge.observe(state, one, at)
      return statisticalJudge.report(state, at).verdict.zone
    })
  }
  let before = zones(0)
  for (let errors = 2; errors <= 60; errors += 2) {
    const worse = zones(errors)
    for (const [i, zone] of worse.entries()) expect(rank[zone]).toBeLessThanOrEqual(rank[before[i] as Zone])
    before = worse
  }
})
