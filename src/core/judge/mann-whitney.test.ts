import { describe, expect, test } from 'vitest'
import { batch, limit, metric, noData, ratio, stage, subject, versus } from './build.fixture.ts'
import { mannWhitneyJudge } from './mann-whitney.ts'
import type { ArmSample, JudgeReport, JudgeState, SampleBatch } from './verdict.ts'

const tested = metric({ go: [], rollback: [], versusStable: [versus(0.2)], windowMs: 100_000 })

function at(given: Parameters<typeof metric>[0] = {}, stageOf = stage()): ReturnType<typeof subject> {
  return subject({ policy: 'mann-whitney', metrics: [{ ...tested, ...given }] }, stageOf)
}

function fold(
  of: ReturnType<typeof subject>,
  batches: readonly SampleBatch[],
  before: JudgeState | null = null,
): JudgeState {
  return batches.reduce((state, one) => mannWhitneyJudge.observe(state, one, of), mannWhitneyJudge.start(of, before))
}

function judge(of: ReturnType<typeof subject>, batches: readonly SampleBatch[]): JudgeReport {
  return mannWhitneyJudge.report(fold(of, batches), of)
}

/** Errors in a thousand requests of each arm, interval by interval. */
function errors(canary: readonly number[], stable: readonly number[]): readonly SampleBatch[] {
  return canary.map((bad, i) => batch(i + 1, ratio(bad, 1000), ratio(stable[i] ?? 0, 1000)))
}

const calm = [4, 5, 3, 6, 2]
const worse = [14, 15, 13, 16, 12]

describe('the three outcomes', () => {
  test('high: a canary all above stable, further than allowed, turns back with the shift and its interval', () => {
    const { verdict, soakMs } = judge(at(), errors(worse, calm))
    expect(verdict).toMatchObject({ zone: 'rollback', why: 'breach', rule: 'versus  0.2 ' })
    // All 25 differences lie between 6 and 14 in a thousand; their median is 10, the second 7, the last but one 13.
    expect(verdict.say).toBe(
      'errors 1.4 % shifted by +1 pp (98 %: +0.7 pp to +1.3 pp, p 0.0079): worse than stable +20 % · stable 0.4 %',
    )
    expect(soakMs).toBe(0)
  })

  test('pass: one that differs by less than the test can tell goes', () => {
    const { verdict, soakMs } = judge(at(), errors([5, 4, 6, 3, 2], calm))
    expect(verdict).toMatchObject({ zone: 'go', why: 'healthy', rule: null })
    expect(verdict.say).toContain('no difference shown')
    expect(soakMs).toBe(10_000)
  })

  test('pass: one that is worse within what is allowed goes', () => {
    const lots = at({ versusStable: [versus(4)] })
    expect(judge(lots, errors(worse, calm)).verdict).toMatchObject({ zone: 'go' })
    expect(judge(lots, errors(worse, calm)).verdict.say).toContain('worse within what is allowed')
  })

  test('low: one that is better goes', () => {
    expect(judge(at(), errors(calm, worse)).verdict.say).toContain('better than stable')
  })

  test('where lower is worse the outcomes are turned', () => {
    const turned = at({ worse: 'lower' })
    expect(judge(turned, errors(calm, worse)).verdict.zone).toBe('rollback')
    expect(judge(turned, errors(worse, calm)).verdict.zone).toBe('go')
  })

  test('a distance that must be excluded to go holds while the interval reaches it', () => {
    const strict = at({ goVersusStable: [versus(null, 0.001)] })
    expect(judge(strict, errors([5, 4, 6, 3, 2], calm)).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(judge(strict, errors([1, 0, 1, 0, 1], calm)).verdict.zone).toBe('go')
  })
})

describe('doubt', () => {
  test('with fewer than five points in an arm nothing goes and nothing turns back', () => {
    const { verdict } = judge(at(), errors(worse.slice(0, 4), calm))
    expect(verdict).toMatchObject({
      zone: 'hold',
      why: 'too-few',
      say: 'hold: errors 1.45 % 4 of 5 intervals to compare · stable 0.45 %',
    })
  })

  test('missing data of either arm holds, however good the points before', () => {
    const good = errors([5, 4, 6, 3, 2], calm)
    expect(judge(at(), [...good, batch(6, noData)]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
    expect(judge(at(), [...good, batch(6, ratio(4, 1000), noData)]).verdict).toMatchObject({
      zone: 'hold',
      why: 'no-data',
    })
    expect(judge(at(), [...good, batch(6, ratio(Number.NaN, 1000))]).verdict).toMatchObject({ zone: 'hold' })
    expect(judge(at(), [...good, batch(6, ratio(4, 1000), ratio(0, 0))]).verdict).toMatchObject({ zone: 'hold' })
  })

  test('at 100 % stable has no traffic left, which holds nothing and is said', () => {
    const last = at({}, stage({ weightPercent: 100 }))
    const { verdict } = judge(last, [batch(1, ratio(4, 1000), noData)])
    expect(verdict).toMatchObject({ zone: 'go' })
    expect(verdict.say).toContain('stable has no traffic left to compare with')
  })

  test('a canary beyond the last bucket edge is not known, so it never goes', () => {
    const slow: ArmSample = { kind: 'histogram', le: [0.1, 1, Infinity], counts: [0, 0, 100] }
    const fast: ArmSample = { kind: 'histogram', le: [0.1, 1, Infinity], counts: [50, 100, 100] }
    const of = at({ kind: 'histogram', unit: 'seconds', versusStable: [versus(0.2, null, 0.95)] })
    const batches = [1, 2, 3, 4, 5, 6].map((n) => batch(n, slow, fast))
    expect(judge(of, batches).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })

  test('drifted weights hold', () => {
    const drifted = errors([5, 4, 6, 3, 2], calm).map((one) => ({
      ...one,
      weights: [{ component: 'api', percent: 9, ok: false, say: 'api at 9 % instead of 5 %' }],
    }))
    expect(judge(at(), drifted).verdict).toMatchObject({ zone: 'hold', why: 'drift' })
  })
})

describe('absolute limits beside it', () => {
  const both = at({ go: [limit('<', 0.01)], rollback: [limit('>', 0.02)] })

  test('turn back from the first interval, without points to compare', () => {
    const { verdict } = judge(both, errors([31], [4]))
    expect(verdict).toMatchObject({ zone: 'rollback', rule: '> 0.02' })
    expect(verdict.metrics).toHaveLength(1)
  })

  test('hold between them, and say both', () => {
    const { verdict } = judge(at({ go: [limit('<', 0.01)], versusStable: [versus(9)] }), errors(worse, calm))
    expect(verdict).toMatchObject({ zone: 'hold', why: 'grey', rule: '< 0.01' })
    expect(verdict.metrics[0]).toMatchObject({
      zone: 'hold',
      limits: { go: '< 0.01', versusStable: 'versus  9 ' },
    })
  })

  test('do not excuse a canary that the test finds worse', () => {
    expect(judge(at({ go: [limit('<', 0.5)] }), errors(worse, calm)).verdict.zone).toBe('rollback')
  })
})

describe('time', () => {
  test('points before the window are forgotten', () => {
    const batches = errors(
      [...worse, ...worse, ...Array.from({ length: 10 }, () => 4)],
      Array.from({ length: 20 }, (_, i) => calm[i % 5] ?? 4),
    )
    expect(judge(at(), batches.slice(0, 10)).verdict.zone).toBe('rollback')
    expect(judge(at(), batches).verdict.zone).toBe('go')
  })

  test('a late or repeated batch and history change nothing', () => {
    const batches = errors(worse, calm)
    const state = fold(at(), batches)
    expect(mannWhitneyJudge.observe(state, batches[2]!, at())).toBe(state)
    expect(mannWhitneyJudge.observe(state, batch(9, noData, noData, { history: true }), at())).toBe(state)
  })

  test('a new stage compares its own points', () => {
    const state = mannWhitneyJudge.start(at(), fold(at(), errors(worse, calm)))
    expect(mannWhitneyJudge.report(state, at()).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
    const next = mannWhitneyJudge.observe(state, batch(1, ratio(4, 1000)), at())
    expect(mannWhitneyJudge.report(next, at()).verdict).toMatchObject({ zone: 'hold', why: 'too-few' })
  })

  test('nothing of the first warm-up is compared', () => {
    const warm = subject({ policy: 'mann-whitney', metrics: [tested], warmUpMs: 50_000 })
    expect(judge(warm, errors(worse, calm)).verdict).toMatchObject({ zone: 'hold', why: 'warm-up' })
    const after = [...errors(worse, calm), ...[6, 7, 8, 9].map((n) => batch(n, ratio(4, 1000), ratio(4, 1000)))]
    expect(judge(warm, after).verdict).toMatchObject({ zone: 'hold', why: 'too-few' })
  })

  test('the test looks at the newest points only, however long the window', () => {
    const long = at({ windowMs: 86_400_000 })
    const batches = Array.from({ length: 200 }, (_, i) => batch(i + 1, ratio(i % 7, 1000)))
    const { points } = fold(long, batches) as JudgeState & { points: Record<string, { past: readonly unknown[] }> }
    expect(Object.values(points).map(({ past }) => past.length)).toEqual([120])
  })

  test('a state that was stored goes on as if it never had been', () => {
    const batches = errors([...calm, ...worse], [...calm, ...calm])
    const stored = JSON.parse(JSON.stringify(fold(at(), batches.slice(0, 6)))) as JudgeState
    const resumed = batches.slice(6).reduce((state, one) => mannWhitneyJudge.observe(state, one, at()), stored)
    expect(mannWhitneyJudge.report(resumed, at())).toEqual(judge(at(), batches))
  })
})

test('a dry run is tested and told, and turns nothing back', () => {
  const { verdict } = judge(at({ dryRun: true }), errors(worse, calm))
  expect(verdict.zone).toBe('go')
  expect(verdict.metrics[0]).toMatchObject({ zone: 'rollback', dryRun: true })
})
