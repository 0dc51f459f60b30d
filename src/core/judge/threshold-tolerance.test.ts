/** What the threshold judge lets pass without a rollback: allowed failures, dry runs, a breach that stable shares. */
import { describe, expect, test } from 'vitest'
import { batch, fold, judge, limit, metric, noData, ratio, stage, subject, versus } from './build.fixture.ts'
import { thresholdJudge } from './threshold.ts'
import type { SampleBatch } from './verdict.ts'

/** One interval is one window: each is judged by itself. */
const errors = metric({ windowMs: 10_000 })
const good = ratio(0, 100)
const grey = ratio(15, 1000)
const bad = ratio(31, 1000)

function zones(at: ReturnType<typeof subject>, batches: readonly SampleBatch[]): string {
  return batches.map((_, i) => judge(at, batches.slice(0, i + 1)).verdict.zone[0]).join('')
}

describe('allowed failures', () => {
  const at = subject({ metrics: [errors], allowedFailures: { consecutive: 2, total: 4 } })
  const run = (...samples: readonly Parameters<typeof batch>[1][]): readonly SampleBatch[] =>
    samples.map((sample, i) => batch(i + 1, sample))

  test('by default the first breach decides', () => {
    expect(zones(subject({ metrics: [errors] }), run(bad))).toBe('r')
  })

  test('so many in a row hold, and the next turns back', () => {
    expect(zones(at, run(bad, bad, bad))).toBe('hhr')
  })

  test('are told with how many are tolerated', () => {
    const { verdict, soakMs } = judge(at, run(bad))
    expect(verdict).toMatchObject({ zone: 'hold', why: 'grey', rule: '> 0.02' })
    expect(verdict.say).toBe(
      'hold: errors 3.1 % > 2 % rollback · stable 0.4 %, 1 of 2 tolerated in a row, 1 of 4 in all',
    )
    expect(soakMs).toBe(0)
    expect(judge(at, run(bad, bad, bad)).verdict.say).toBe(
      'errors 3.1 % > 2 % rollback · stable 0.4 %, 2 in a row were tolerated',
    )
  })

  test('in all count however far apart they are', () => {
    const batches = run(bad, bad, good, bad, bad, good, bad)
    expect(zones(at, batches)).toBe('hhghhgr')
    expect(judge(at, batches).verdict.say).toContain(', 4 in all were tolerated')
  })

  test('without a total any number is tolerated that is not in a row', () => {
    const endless = subject({ metrics: [errors], allowedFailures: { consecutive: 1, total: null } })
    expect(zones(endless, run(bad, good, bad, good, bad, grey, bad))).toBe('hghghhh')
    expect(judge(endless, run(bad)).verdict.say).toMatch(/, 1 of 1 tolerated in a row$/)
  })

  test('doubt ends no row of them', () => {
    expect(zones(at, run(bad, noData, bad, noData, bad))).toBe('hhhhr')
    expect(zones(at, run(bad, ratio(0, 3), bad, ratio(0, 3), bad))).toBe('hhhhr')
  })

  test('of a stage before count in the next', () => {
    const before = fold(at, run(bad, bad))
    expect(judge(at, run(bad), before).verdict.zone).toBe('rollback')
    expect(judge(at, run(good, bad), before).verdict.zone).toBe('hold')
  })

  test('leave the state of a judge without them as it was', () => {
    expect(fold(subject({ metrics: [errors] }), run(bad))).not.toHaveProperty('failures')
  })
})

describe('a dry run', () => {
  const trial = metric({ name: 'trial', dryRun: true })
  const at = subject({ metrics: [metric(), trial] })
  const both = (own: SampleBatch['samples'][number]['canary'], tried: typeof own): SampleBatch =>
    batch(1, own, ratio(4, 1000), {
      samples: [
        { metric: 'errors', canary: own, stable: ratio(4, 1000) },
        { metric: 'trial', canary: tried, stable: ratio(4, 1000) },
      ],
    })

  test('is judged and told, and turns nothing back', () => {
    const { verdict, soakMs } = judge(at, [both(ratio(0, 100), ratio(31, 1000))])
    expect(verdict).toMatchObject({ zone: 'go', why: 'healthy', rule: null })
    expect(verdict.metrics[1]).toMatchObject({ metric: 'trial', zone: 'rollback', why: 'breach', dryRun: true })
    expect(verdict.say).toBe('errors 0 % < 1 % go · stable 0.4 %; trial 3.1 % > 2 % rollback · stable 0.4 % (dry run)')
    expect(soakMs).toBe(10_000)
  })

  test('without data holds nothing', () => {
    expect(judge(at, [both(ratio(0, 100), noData)]).verdict.zone).toBe('go')
  })

  test('excuses no other metric', () => {
    expect(judge(at, [both(ratio(31, 1000), ratio(0, 100))]).verdict).toMatchObject({ zone: 'rollback' })
    expect(judge(at, [both(noData, ratio(0, 100))]).verdict).toMatchObject({ zone: 'hold', why: 'no-data' })
  })

  test('is not marked on a metric that counts', () => {
    expect(judge(subject(), [batch(1, ratio(0, 100))]).verdict.metrics[0]).not.toHaveProperty('dryRun')
  })

  test('alone leaves nothing to judge: weights that nobody read are no health', () => {
    const alone = subject({ metrics: [metric({ dryRun: true })] })
    expect(judge(alone, [batch(1, ratio(0, 100), good, { weights: [] })]).verdict).toMatchObject({
      zone: 'hold',
      why: 'no-data',
    })
    expect(judge(alone, [batch(1, ratio(31, 1000))]).verdict).toMatchObject({ zone: 'go', say: 'api at 5 %' })
  })
})

describe('a breach that stable shares', () => {
  const alike = batch(1, ratio(31, 1000), ratio(300, 10_000))

  test('turns back unless the checklist says that it holds', () => {
    expect(judge(subject(), [alike]).verdict.zone).toBe('rollback')
    const { verdict } = judge(subject({ sharedBreach: 'hold' }), [alike])
    expect(verdict).toMatchObject({ zone: 'hold', why: 'grey', rule: '> 0.02' })
    expect(verdict.say).toBe('hold: errors 3.1 % > 2 % rollback, which stable breaks as well · stable 3 %')
  })

  test('is none while stable is within the limit, unknown, or too little', () => {
    const at = subject({ sharedBreach: 'hold' })
    for (const stable of [ratio(20, 1000), noData, ratio(2, 20)])
      expect(judge(at, [batch(1, ratio(31, 1000), stable)]).verdict.zone).toBe('rollback')
  })

  test('does not hide that the canary is worse than stable', () => {
    const at = subject({ sharedBreach: 'hold', metrics: [metric({ versusStable: [versus(0.2)] })] })
    expect(judge(at, [batch(1, ratio(60, 1000), ratio(300, 10_000))]).verdict).toMatchObject({
      zone: 'rollback',
      rule: 'versus  0.2 ',
    })
  })
})

describe('against stable', () => {
  const of = (given: Parameters<typeof metric>[0]): ReturnType<typeof subject> =>
    subject({ metrics: [metric({ go: [], rollback: [], ...given })] })

  test('a share may be worse when it is lower', () => {
    const at = of({ worse: 'lower', versusStable: [versus(0.1)] })
    expect(judge(at, [batch(1, ratio(80, 100), ratio(950, 1000))]).verdict.zone).toBe('rollback')
    expect(judge(at, [batch(1, ratio(99, 100), ratio(500, 1000))]).verdict.zone).toBe('go')
    expect(judge(at, [batch(1, ratio(99, 100), ratio(0, 1000))]).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
  })

  test('a distance to go that is nearer than the one to turn back holds between them', () => {
    const at = of({ versusStable: [versus(1)], goVersusStable: [versus(0.2)] })
    const stable = ratio(100, 10_000)
    expect(judge(at, [batch(1, ratio(11, 1000), stable)]).verdict.zone).toBe('go')
    expect(judge(at, [batch(1, ratio(15, 1000), stable)]).verdict).toMatchObject({ zone: 'hold', why: 'grey' })
    expect(judge(at, [batch(1, ratio(25, 1000), stable)]).verdict.zone).toBe('rollback')
  })

  test('a stage may ask for a nearer one', () => {
    const nearer = stage({ overrides: { errors: { goVersusStable: [versus(0.2)] } } })
    const metrics = [metric({ go: [], rollback: [limit('>', 0.5)], versusStable: [versus(1)] })]
    const state = [batch(1, ratio(15, 1000), ratio(100, 10_000))]
    expect(judge(subject({ metrics }), state).verdict.zone).toBe('go')
    expect(judge(subject({ metrics }, nearer), state).verdict.zone).toBe('hold')
  })
})

test('the same batches always lead to the same state', () => {
  const at = subject({ metrics: [errors], allowedFailures: { consecutive: 1, total: 3 }, sharedBreach: 'hold' })
  const batches = [bad, good, noData, bad, grey].map((sample, i) => batch(i + 1, sample))
  const whole = fold(at, batches)
  const resumed = batches
    .slice(2)
    .reduce((state, one) => thresholdJudge.observe(state, one, at), fold(at, batches.slice(0, 2)))
  expect(JSON.parse(JSON.stringify(resumed))).toEqual(JSON.parse(JSON.stringify(whole)))
})
