/** The threshold judge: what goes, what holds and why, what turns back. */
import { describe, expect, test } from 'vitest'
import { batch, fold, judge, limit, metric, noData, ratio, stage, subject, versus } from './build.fixture.ts'
import { thresholdJudge } from './threshold.ts'
import type { ArmSample } from './verdict.ts'

describe('the three zones', () => {
  test('a canary inside its go limit goes, and its time is soak', () => {
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(0, 50)), batch(2, ratio(0, 50))])
    expect(verdict).toMatchObject({ zone: 'go', why: 'healthy', rule: null, since: 0, upTo: 20_000 })
    expect(verdict.say).toBe('errors 0 % < 1 % go · stable 0.4 %')
    expect(soakMs).toBe(20_000)
  })

  test('a canary beyond its rollback limit turns back, with the number beside its limit and its baseline', () => {
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(31, 1000))])
    expect(verdict).toMatchObject({ zone: 'rollback', why: 'breach', rule: '> 0.02' })
    expect(verdict.say).toBe('errors 3.1 % > 2 % rollback · stable 0.4 %')
    expect(soakMs).toBe(0)
  })

  test('between the limits it is grey and holds', () => {
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(15, 1000))])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(verdict.say).toBe('hold: errors 1.5 % > 1 % go, < 2 % rollback · stable 0.4 %')
    expect(soakMs).toBe(0)
  })

  test('exactly at a limit is not inside it', () => {
    expect(judge(subject(), [batch(1, ratio(10, 1000))]).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(judge(subject(), [batch(1, ratio(20, 1000))]).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
  })

  test('fewer requests than asked for hold, also when all of them failed', () => {
    const { verdict } = judge(subject(), [batch(1, ratio(12, 12))])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'too-few', say: 'hold: errors 12 of 30 samples' })
  })

  test('what was before the rollout is neither soak nor breach, whenever it is said to have been', () => {
    const past = [0, 1].map((n) => batch(n, ratio(500, 1000), ratio(0, 1000), { history: true }))
    const live = [batch(1, ratio(0, 50)), batch(2, ratio(0, 50))]
    expect(judge(subject(), [...past, ...live])).toEqual(judge(subject(), live))
    expect(judge(subject(), past)).toEqual(judge(subject(), []))
  })

  test('samples add up over the window', () => {
    expect(
      judge(
        subject(),
        [1, 2, 3].map((n) => batch(n, ratio(0, 10))),
      ).verdict.zone,
    ).toBe('go')
  })

  test('what lies before the window is forgotten', () => {
    const bad = batch(1, ratio(15, 1000))
    const good = [2, 3, 4, 5, 6].map((n) => batch(n, ratio(0, 100)))
    expect(judge(subject(), [bad, ...good.slice(0, 4)]).verdict.zone).toBe('hold')
    expect(judge(subject(), [bad, ...good]).verdict.zone).toBe('go')
  })

  test('a breach of one metric outranks missing data of another and drifted weights', () => {
    const two = { metrics: [metric({ name: 'logins' }), metric()] }
    const weights = [{ component: 'api', percent: 7, ok: false, say: 'api is at 7 %, 5 % expected' }]
    expect(judge(subject(two), [batch(1, ratio(50, 1000), ratio(0, 1000), { weights })]).verdict.zone).toBe('rollback')
    expect(judge(subject(two), [batch(1, ratio(0, 1000))]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })
})

describe('doubt', () => {
  const doubtful: readonly [string, ArmSample][] = [
    ['a missing answer', noData],
    ['NaN errors', ratio(Number.NaN, 100)],
    ['NaN requests', ratio(0, Number.NaN)],
    ['endless requests', ratio(0, Number.POSITIVE_INFINITY)],
    ['negative errors', ratio(-1, 100)],
    ['more errors than requests', ratio(101, 100)],
    ['no requests at all', ratio(0, 0)],
    ['an answer of another kind', { kind: 'gauge', value: 0 }],
    ['null where JSON had no word for NaN', JSON.parse('{"kind":"ratio","bad":null,"total":100}') as ArmSample],
  ]
  test.each(doubtful)('%s is no data, never a pass', (_what, sample) => {
    const { verdict, soakMs } = judge(subject(), [batch(1, sample)])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
    expect(verdict.metrics[0]).toMatchObject({ canary: null, zone: 'hold' })
    expect(soakMs).toBe(0)
  })

  test('good data of an earlier interval does not stand in for a missing one', () => {
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(0, 1000)), batch(2, noData)])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'no-data', since: 10_000 })
    expect(soakMs).toBe(10_000)
  })

  test('a metric that was not sampled at all is no data', () => {
    expect(judge(subject(), [batch(1, noData, noData, { samples: [] })]).verdict.why).toBe('no-data')
  })

  test('a stable arm without data does not hide a breach of an absolute limit', () => {
    expect(judge(subject(), [batch(1, ratio(50, 1000), noData)]).verdict.zone).toBe('rollback')
  })

  test('drifted weights hold and are no soak', () => {
    const weights = [{ component: 'api', percent: 7, ok: false, say: 'api is at 7 %, 5 % expected' }]
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(0, 1000), ratio(0, 1000), { weights })])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'drift', say: 'hold: api is at 7 %, 5 % expected' })
    expect(soakMs).toBe(0)
  })

  test('without metrics, verified weights are health and nothing read back is not', () => {
    const bare = subject({ metrics: [] })
    expect(judge(bare, [batch(1, noData)])).toMatchObject({
      verdict: { zone: 'go', say: 'api at 5 %' },
      soakMs: 10_000,
    })
    expect(judge(bare, [batch(1, noData, noData, { weights: [] })]).verdict).toMatchObject({
      zone: 'hold',
      why: 'no-data',
    })
  })
})

describe('time', () => {
  test('a missed interval adds no soak and begins the verdict anew', () => {
    const { verdict, soakMs } = judge(subject(), [batch(1, ratio(0, 100)), batch(4, ratio(0, 100))])
    expect(soakMs).toBe(20_000)
    expect(verdict.since).toBe(30_000)
  })

  test('a late or repeated batch changes nothing', () => {
    const at = subject()
    const state = fold(at, [batch(1, ratio(0, 100)), batch(2, ratio(0, 100))])
    expect(thresholdJudge.observe(state, batch(2, ratio(90, 100)), at)).toBe(state)
    expect(thresholdJudge.observe(state, batch(1, ratio(90, 100)), at)).toBe(state)
  })

  test('intervals that overlap are counted once', () => {
    const overlap = { ...batch(2, ratio(0, 100)), from: 5_000, to: 15_000 }
    expect(judge(subject(), [batch(1, ratio(0, 100)), overlap]).soakMs).toBe(15_000)
  })

  test('the first warm-up is neither judged nor soak, and a warm canary is judged at once', () => {
    const at = subject({ warmUpMs: 20_000 })
    const cold = [batch(1, ratio(90, 100)), batch(2, ratio(90, 100))]
    expect(judge(at, cold)).toMatchObject({
      verdict: { zone: 'hold', why: 'warm-up', say: 'hold: warming up, 0 s left' },
      soakMs: 0,
    })
    expect(judge(at, [...cold, batch(3, ratio(0, 100))])).toMatchObject({ verdict: { zone: 'go' }, soakMs: 10_000 })
    const stageOne = fold(at, [batch(1, ratio(0, 100))])
    expect(judge(at, cold, stageOne).verdict.zone).toBe('rollback')
    expect(judge(at, [batch(1, ratio(0, 100))], stageOne)).toMatchObject({ verdict: { why: 'warm-up' }, soakMs: 0 })
  })

  test('before anything was observed nothing goes', () => {
    expect(judge(subject(), [])).toMatchObject({ verdict: { zone: 'hold', why: 'no-data' }, soakMs: 0 })
  })

  test('the state stays bounded however long the stage', () => {
    const at = subject()
    const sizes = [100, 1000].map(
      (n) =>
        JSON.stringify(
          fold(
            at,
            Array.from({ length: n }, (_, i) => batch(i + 1, ratio(0, 100))),
          ),
        ).length,
    )
    expect((sizes[1] as number) - (sizes[0] as number)).toBeLessThan(200)
  })
})

describe('against stable', () => {
  const relative = (limits: Parameters<typeof metric>[0]): ReturnType<typeof subject> =>
    subject({ metrics: [metric({ go: [], rollback: [], ...limits })] })

  test('worse by more than the allowed share turns back, worse by less goes', () => {
    const at = relative({ versusStable: [versus(0.2)] })
    expect(judge(at, [batch(1, ratio(13, 1000), ratio(10, 1000))]).verdict).toMatchObject({
      zone: 'rollback',
      why: 'breach',
    })
    expect(judge(at, [batch(1, ratio(11, 1000), ratio(10, 1000))]).verdict.zone).toBe('go')
  })

  test('points are added to what stable has', () => {
    const at = relative({ versusStable: [versus(null, 0.005)] })
    expect(judge(at, [batch(1, ratio(6, 1000), ratio(0, 1000))]).verdict.zone).toBe('rollback')
    expect(judge(at, [batch(1, ratio(5, 1000), ratio(0, 1000))]).verdict.zone).toBe('go')
  })

  test('against a spotless stable one failed request is no proof, and several are', () => {
    const at = relative({ versusStable: [versus(0.2)] })
    expect(judge(at, [batch(1, ratio(1, 100), ratio(0, 10_000))]).verdict.zone).toBe('go')
    expect(judge(at, [batch(1, ratio(2, 100), ratio(0, 10_000))]).verdict.zone).toBe('rollback')
  })

  test('without enough of stable nothing goes', () => {
    const at = relative({ versusStable: [versus(0.2)] })
    expect(judge(at, [batch(1, ratio(0, 100), noData)]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
    const few = judge(at, [batch(1, ratio(90, 100), ratio(0, 10))]).verdict
    expect(few).toMatchObject({ zone: 'hold', why: 'too-few', say: 'hold: errors 10 of 30 samples from stable' })
  })

  test('at 100 % stable has no traffic left, which holds nothing and is said', () => {
    const at = {
      ...relative({ versusStable: [versus(0.2)], go: [limit('<', 0.01)] }),
      stage: stage({ weightPercent: 100 }),
    }
    const { verdict } = judge(at, [batch(1, ratio(0, 100), ratio(0, 0))])
    expect(verdict.zone).toBe('go')
    expect(verdict.say).toContain('stable has no traffic left')
    expect(judge(at, [batch(1, ratio(5, 100), ratio(0, 0))]).verdict.why).toBe('grey')
  })

  test('fewer events per request than stable turn back', () => {
    const events = (count: number, total: number | null): ArmSample => ({ kind: 'events', count, total })
    const at = relative({ kind: 'events', versusStable: [versus(-0.1)] })
    expect(judge(at, [batch(1, events(80, 1000), events(1000, 10_000))]).verdict.zone).toBe('rollback')
    expect(judge(at, [batch(1, events(95, 1000), events(1000, 10_000))]).verdict.zone).toBe('go')
    expect(judge(at, [batch(1, events(95, null), events(1000, null))]).verdict.why).toBe('no-data')
    expect(judge(at, [batch(1, events(0, 1000), events(0, 10_000))]).verdict.why).toBe('grey')
  })
})

describe('latency', () => {
  const le = [0.1, 0.5, 1, 2, Number.MAX_VALUE]
  const latency = (counts: readonly number[]): ArmSample => ({ kind: 'histogram', le, counts })
  const at = subject({
    metrics: [
      metric({
        kind: 'histogram',
        unit: 'seconds',
        go: [limit('<', 1, 0.95)],
        rollback: [limit('>', 1.5, 0.95)],
        versusStable: [versus(0.2, null, 0.95)],
      }),
    ],
  })
  const stable = latency([800, 1000, 1000, 1000, 1000])

  test('the quantile is read inside its bucket', () => {
    const { verdict } = judge(at, [batch(1, latency([80, 100, 100, 100, 100]), stable)])
    expect(verdict.zone).toBe('go')
    expect(verdict.metrics[0]).toMatchObject({ quantile: 0.95, canary: 0.4, stable: 0.4, samples: 100 })
  })

  test('a slow canary turns back with both quantiles in the sentence', () => {
    const { verdict } = judge(at, [batch(1, latency([10, 50, 60, 100, 100]), stable)])
    expect(verdict.say).toBe('errors p95 1.88 s > 1.5 s rollback · stable 400 ms')
  })

  test('slower than stable but inside the limits turns back too', () => {
    const { verdict } = judge(at, [batch(1, latency([50, 80, 100, 100, 100]), stable)])
    expect(verdict.say).toBe('errors p95 875 ms is worse than stable +20 % · stable 400 ms')
    expect(verdict.zone).toBe('rollback')
  })

  test('beyond the last edge only the edge is known: it breaches what lies below and never goes', () => {
    const open = latency([10, 20, 30, 40, 100])
    expect(judge(at, [batch(1, open, stable)]).verdict).toMatchObject({ zone: 'rollback' })
    const high = subject({
      metrics: [metric({ kind: 'histogram', unit: 'seconds', go: [limit('<', 9, 0.95)], rollback: [] })],
    })
    expect(judge(high, [batch(1, open, stable)]).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
  })

  test('buckets that cannot be are no data', () => {
    for (const bad of [
      { kind: 'histogram', le, counts: [5, 4, 3, 2, 1] },
      { kind: 'histogram', le, counts: [100] },
      { kind: 'histogram', le: [1, 0.5, 2, 3, 4], counts: [100, 100, 100, 100, 100] },
      { kind: 'histogram', le: [], counts: [] },
      { kind: 'histogram', le, counts: [0, 0, 0, 0, Number.NaN] },
      { kind: 'histogram', le, counts: [0, 0, 0, 0, 0] },
    ] as const)
      expect(judge(at, [batch(1, bad, stable)]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })

  test('other bucket edges begin the window again', () => {
    const other: ArmSample = { kind: 'histogram', le: [0.2, Number.POSITIVE_INFINITY], counts: [40, 40] }
    const { verdict } = judge(at, [batch(1, latency([0, 0, 0, 100, 100]), stable), batch(2, other, stable)])
    expect(verdict.metrics[0]).toMatchObject({ samples: 40 })
    expect(verdict.zone).toBe('go')
  })
})

describe('gauges', () => {
  const gauge = (value: number): ArmSample => ({ kind: 'gauge', value })
  const pool = subject({
    metrics: [metric({ kind: 'gauge', unit: 'ratio', go: [], rollback: [limit('>', 0.8)], forMs: 20_000 })],
  })

  test('a gauge turns back only when it stays beyond its limit', () => {
    const high = [1, 2, 3].map((n) => batch(n, gauge(0.9), gauge(0.5)))
    expect(judge(pool, high.slice(0, 2)).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(judge(pool, high.slice(0, 2)).verdict.say).toContain('for 10 of 20 s')
    expect(judge(pool, high).verdict.zone).toBe('rollback')
  })

  test('one reading inside the limit begins the time anew', () => {
    const values = [0.9, 0.9, 0.7, 0.9, 0.9]
    const readings = values.map((value, i) => batch(i + 1, gauge(value), gauge(0.5)))
    expect(judge(pool, readings).verdict.why).toBe('grey')
    expect(judge(pool, readings.slice(0, 3)).verdict.zone).toBe('go')
  })

  test('an interval without data neither lengthens nor ends the time beyond', () => {
    const high = (n: number): ReturnType<typeof batch> => batch(n, gauge(0.9), gauge(0.5))
    expect(judge(pool, [high(1), high(2), batch(3, noData)]).verdict.why).toBe('no-data')
    expect(judge(pool, [high(1), high(2), batch(3, noData), high(4)]).verdict.zone).toBe('rollback')
  })
})

describe('gauges that bring their own sentence', () => {
  const passes = { ...limit('<', 1), text: 'passes' }
  const fails = { ...limit('>', 0), text: 'fails 3 times in a row' }
  const health = subject(
    {
      metrics: [
        metric({ name: 'errors', kind: 'gauge', unit: 'plain', go: [passes], rollback: [fails], forMs: 20_000 }),
      ],
    },
    null,
  )
  const at = (n: number, canary: ArmSample): ReturnType<typeof batch> =>
    batch(n, canary, noData, { stage: null, weights: [] })
  const ok = (n: number): ReturnType<typeof batch> => at(n, { kind: 'gauge', value: 0, say: '200 in 3 ms' })
  const bad = (n: number): ReturnType<typeof batch> => at(n, { kind: 'gauge', value: 1, say: 'status is 503' })

  test('are told with it, without numbers that mean nothing', () => {
    expect(judge(health, [ok(1)]).verdict).toMatchObject({ zone: 'go', say: 'errors: 200 in 3 ms' })
    expect(judge(health, [bad(1), bad(2)]).verdict).toMatchObject({
      zone: 'hold',
      why: 'grey',
      say: 'hold: errors: status is 503, for 10 of 20 s',
    })
    expect(judge(health, [bad(1), bad(2), bad(3)]).verdict).toMatchObject({
      zone: 'rollback',
      say: 'errors: status is 503',
      rule: 'fails 3 times in a row',
    })
  })

  test('count in a row: one success begins anew, and a failure is never healthy time', () => {
    const { verdict, soakMs } = judge(health, [bad(1), bad(2), ok(3), bad(4), bad(5)])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(soakMs).toBe(10_000)
  })

  test('that cannot be told are no data, in their own words, and the sentence before is forgotten', () => {
    const blind = at(2, { kind: 'no-data', why: 'refused', say: 'connection refused' })
    expect(judge(health, [bad(1), blind]).verdict).toMatchObject({
      why: 'no-data',
      say: 'hold: errors: connection refused',
    })
    expect(judge(health, [bad(1), at(2, noData)]).verdict.say).toContain('the source does not answer')
  })
})

describe('stage limits', () => {
  const tighter = stage({ overrides: { errors: { rollback: [limit('>', 0.015)] } } })
  const looser = stage({ overrides: { errors: { rollback: [limit('>', 0.5)], go: [limit('<', 0.5)] } } })

  test('a stage tightens a limit', () => {
    expect(judge(subject({}, tighter), [batch(1, ratio(18, 1000))]).verdict).toMatchObject({
      zone: 'rollback',
      rule: '> 0.015',
    })
  })

  test('a stage cannot loosen one: the strictest rule wins', () => {
    expect(judge(subject({}, looser), [batch(1, ratio(30, 1000))]).verdict.zone).toBe('rollback')
    expect(judge(subject({}, looser), [batch(1, ratio(15, 1000))]).verdict.zone).toBe('hold')
  })
})
