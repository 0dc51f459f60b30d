/** What the statistical judge says, sentence by sentence: each is reached by samples, and names number, limit and lack. */
import { describe, expect, test } from 'vitest'
import type { JudgePlan, MetricPlan, StagePlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import { batch, limit, metric, ratio, stage, subject, versus } from '../build.fixture.ts'
import { statisticalJudge } from '../statistical-judge.ts'
import type { ArmSample, JudgeState, SampleBatch, Verdict } from '../verdict.ts'
import { latencies } from './policy.fixture.ts'

const arms = { canary: { version: 'new' }, stable: { version: 'old' } }
const compared = metric({ versusStable: [{ ...versus(0.25), text: '+25%' }] })

function rollout(
  metrics: readonly MetricPlan[],
  given: Partial<JudgePlan> = {},
  at: Partial<StagePlan> = {},
): JudgeSubject {
  return subject({ policy: 'statistical', arms, metrics, ...given }, stage({ weightPercent: 20, ...at }))
}

function said(at: JudgeSubject, batches: readonly SampleBatch[]): Verdict {
  const state = batches.reduce<JudgeState>(
    (before, one) => statisticalJudge.observe(before, one, at),
    statisticalJudge.start(at, null),
  )
  return statisticalJudge.report(state, at).verdict
}

/** Intervals of 10 s. */
function intervals(count: number, canary: ArmSample, stable: ArmSample = ratio(24, 8000), from = 1): SampleBatch[] {
  return Array.from({ length: count }, (_, i) => batch(from + i, canary, stable))
}

/** The sentences of every sample, without repetition. */
function allSaid(at: JudgeSubject, batches: readonly SampleBatch[]): readonly string[] {
  return batches.map((_, i) => said(at, batches.slice(0, i + 1)).say)
}

describe('a hold', () => {
  test('says the numbers, the evidence for either way, and how long it takes at this traffic', () => {
    expect(said(rollout([compared]), intervals(3, ratio(6, 2000))).say).toMatch(
      /^hold: errors 0\.3 % · stable 0\.3 %( · [\d.]+ × stable \([\d.]+ to [\d.]+\))?; evidence [\d.]+ of 100 needed to roll back, [\d.]+ of 20 needed to go on; at this traffic about \d+ more (seconds|minutes) \([\d,]+ requests\)$/,
    )
  })

  test('says that nobody can tell how long, where the canary stands beyond what would let it go on', () => {
    const bare = metric({ rollback: [limit('>', 0.5)] })
    expect(said(rollout([bare]), intervals(2, ratio(1, 20), ratio(3, 80))).say).toMatch(
      /^hold: errors 5 % · stable 3\.75 %; evidence .* needed to go on; how much longer cannot be told yet$/,
    )
  })

  test('says that the canary is worse, and that it is not clear whether by more than its limit allows', () => {
    const sentences = allSaid(rollout([compared]), intervals(60, ratio(54, 2000), ratio(160, 8000)))
    expect(sentences.find((say) => say.includes('worse than stable'))).toMatch(
      /^hold: errors 2\.7 % · stable 2 % · 1\.\d+ × stable \([\d.]+ to [\d.]+\) · worse than stable, and not yet clear whether by more than its limit allows; evidence [\d.]+ of 100 needed to roll back$/,
    )
  })

  test('says of plain damage that may be within its limit that no evidence of a difference is missing', () => {
    const at = rollout([metric({ go: [], rollback: [], versusStable: [versus(0.35)] })])
    expect(said(at, intervals(100, ratio(60, 2000), ratio(160, 8000))).say).toMatch(
      /^hold: errors 3 % .* · worse than stable beyond doubt, and not yet clear whether by more than its limit allows$/,
    )
  })

  test('never shows as nearly decided what is plainly worse and within its limit', () => {
    const at = rollout([metric({ go: [], rollback: [], versusStable: [versus(0.5)], goVersusStable: [versus(0.52)] })])
    expect(said(at, intervals(60, ratio(57, 2000), ratio(160, 8000))).say).toMatch(
      /; worse than stable, and not shown to be beyond its limit; evidence [\d.]+ of 20 needed to go on; at this traffic/,
    )
  })

  test('says that the last minutes are beyond what may go on', () => {
    const wide = metric({ go: [], rollback: [], versusStable: [versus(1)], goVersusStable: [versus(0.5)] })
    const well = intervals(200, ratio(20, 2000), ratio(80, 8000))
    const worse = intervals(30, ratio(32, 2000), ratio(80, 8000), 201)
    expect(said(rollout([wide]), [...well, ...worse]).say).toMatch(
      /^hold: errors .* · beyond the go limit in the last 5 minutes: it goes on once they are within it$/,
    )
  })

  test('says that both break a limit, and that it is not shown to be the canary', () => {
    const sentences = allSaid(rollout([compared]), intervals(30, ratio(60, 2000), ratio(240, 8000)))
    expect(sentences.at(-1)).toMatch(
      /^hold: errors 3 % · stable 3 % · 1 × stable \(.*\) · beyond its rollback limit \(> 0\.02\), and not shown to be the canary's doing; evidence [\d.]+ of 100 needed to roll back$/,
    )
  })

  test('says that no request reaches the canary, and what to look at', () => {
    const batches = [...intervals(6, ratio(6, 2000)), ...intervals(9, ratio(0, 0), ratio(24, 8000), 7)]
    expect(said(rollout([compared]), batches).say).toBe(
      'hold: no request has reached the canary for over 60 s: is traffic routed to it?',
    )
  })

  test('says that the canary gets too little of the traffic, beside what its weight says', () => {
    expect(said(rollout([compared]), intervals(6, ratio(0, 80), ratio(24, 7920))).say).toBe(
      'hold: the canary got 1 % of the requests, and its weight says 20 %: is traffic routed to it?',
    )
  })

  test('says that stable is not known well enough yet to compare latencies', () => {
    const slow = metric({
      name: 'latency',
      kind: 'histogram',
      unit: 'seconds',
      go: [],
      rollback: [],
      versusStable: [versus(0.2, null, 0.95)],
    })
    const le = [0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY]
    const histogram = (n: number): ArmSample => ({ kind: 'histogram', le, counts: latencies(n, 0.15, 0.8, le) })
    const one = batch(1, ratio(0, 0), ratio(0, 0), {
      samples: [{ metric: 'latency', canary: histogram(5), stable: histogram(20) }],
    })
    expect(said(rollout([slow]), [one]).say).toBe(
      'hold: latency: too few requests yet to know how fast stable usually is',
    )
  })

  test('says of a canary that has answered nothing that there is no number', () => {
    const first = batch(1, { kind: 'no-data', why: 'the target does not answer' })
    expect(said(rollout([compared]), [first])).toMatchObject({
      say: 'hold: errors: no data from the canary: the target does not answer',
      metrics: [{ say: 'errors: no number from the canary yet' }],
    })
  })
})

describe('a rollback', () => {
  test('says how far canary and stable are apart, which limit that breaks, and on how much evidence', () => {
    const far = metric({ go: [], rollback: [], versusStable: [{ ...versus(0.25), text: '+25%' }] })
    const verdict = said(rollout([far]), intervals(20, ratio(30, 2000), ratio(24, 8000)))
    expect(verdict).toMatchObject({ zone: 'rollback', rule: '+25%' })
    expect(verdict.say).toMatch(
      /^errors 1\.5 % · stable 0\.3 % · [\d.]+ × stable \([\d.]+ to [\d.]+\) · beyond its limit versus stable \(\+25%\); evidence over a million of 100 needed to roll back$/,
    )
  })

  test('by a limit of its own names that limit', () => {
    const own = metric({ versusStable: [] })
    const verdict = said(rollout([own]), intervals(20, ratio(70, 2000), ratio(24, 8000)))
    expect(verdict).toMatchObject({ zone: 'rollback', rule: '> 0.02' })
    expect(verdict.say).toContain(' · beyond its rollback limit (> 0.02); evidence ')
  })

  test('by an outage says what an outage is', () => {
    const verdict = said(rollout([{ ...compared, outage: 0.15 }]), intervals(2, ratio(1400, 2000), ratio(24, 8000)))
    expect(verdict.zone).toBe('rollback')
    expect(verdict.say).toMatch(/^errors 70 % · stable 0\.3 % .*(an outage \(more than 15 %\)|beyond its)/)
  })

  test('of latency says which requests are compared', () => {
    const slow = metric({
      name: 'latency',
      kind: 'histogram',
      unit: 'seconds',
      go: [],
      rollback: [],
      versusStable: [{ ...versus(0.2, null, 0.95), text: 'p95 +20%' }],
    })
    const le = [0.1, 0.25, 0.5, 1, 2.5, Number.POSITIVE_INFINITY]
    const histogram = (n: number, median: number): ArmSample => ({
      kind: 'histogram',
      le,
      counts: latencies(n, median, 0.8, le),
    })
    const all = Array.from({ length: 30 }, (_, i) =>
      batch(i + 1, ratio(0, 0), ratio(0, 0), {
        samples: [{ metric: 'latency', canary: histogram(2000, 0.3), stable: histogram(8000, 0.15) }],
      }),
    )
    expect(said(rollout([slow]), all).say).toMatch(
      /^latency p95 [\d.]+ s · stable \d+ ms · slower than \d+ ms: [\d.]+ × stable \([\d.]+ to [\d.]+\) · beyond its limit versus stable \(p95 \+20%\); evidence over a million of 100 needed to roll back$/,
    )
  })
})

test('a go says all that was judged, and leaves dry runs out', () => {
  const retries = { ...compared, name: 'retries', dryRun: true }
  const both = intervals(150, ratio(6, 2000)).map((one) => ({
    ...one,
    samples: [...one.samples, { metric: 'retries', canary: ratio(600, 2000), stable: ratio(24, 8000) }],
  }))
  const verdict = said(rollout([compared, retries]), both)
  expect(verdict.zone).toBe('go')
  expect(verdict.say).toMatch(/^errors 0\.3 % · stable 0\.3 % · 1 × stable \([\d.]+ to [\d.]+\)$/)
})
