import { describe, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { falseClock, testPowers } from './parts/powers.fixture.ts'
import { budget } from './budget.ts'
import { trend } from './trend.ts'

const at = 10_000_000_000

async function look(settings: object, values: (index: number, count: number) => number | null): Promise<CheckResult> {
  const given = trend.config.parse({
    on: 'prom',
    query: 'memory',
    rule: 'no-leak',
    over: '1h',
    samples: 60,
    ...settings,
  })
  const powers = testPowers({
    clock: falseClock(at),
    series: async (_source, query, instants) => ({
      points: instants.map((instant, index) => ({
        at: instant,
        value: query === 'started' ? (index < 50 ? 1 : 2) : values(index, instants.length),
      })),
    }),
  })
  return trend.run(given, powers)
}

describe('a trend', () => {
  test('fails with how much it grew, of what, in which time, beside what was allowed', async () => {
    const result = await look({}, (index) => 100 + index)
    expect(result.outcome).toBe('failed')
    expect(result.say).toBe('no-leak: +59 (45.56 % of the median 129.5) in 59m, at most 10%')
    expect(result.facts).toMatchObject({ change: 59, median: 129.5, samples: 60 })
    expect(result.evidence.map(({ name }) => name)).toEqual(['samples.tsv'])
  })

  test('passes within what is allowed, with the same numbers', async () => {
    expect(await look({ within: '50%' }, (index) => 100 + index)).toMatchObject({
      outcome: 'passed',
      say: 'no-leak: +59 (45.56 % of the median 129.5) in 59m, at most 50%',
    })
    expect(await look({ rule: 'no-spike' }, () => 7)).toMatchObject({
      outcome: 'passed',
      say: 'no-spike: highest 7, median 7 in 59m, at most 100% above it',
    })
  })

  test('is inconclusive where nothing, or too little since a restart, was seen', async () => {
    expect(await look({}, () => null)).toMatchObject({ outcome: 'inconclusive', say: 'no-leak: nothing was seen' })
    const restarted = await look({ restarts: 'started' }, (index) => 100 + index)
    expect(restarted.outcome).toBe('inconclusive')
    expect(restarted.say).toContain('no-leak: seen for 9 min of 30 min that are needed')
  })

  test('that has to be there passes only where it is, with what was asked', async () => {
    expect(await look({ rule: 'grows', by: '20%' }, (index) => 100 + index)).toMatchObject({
      outcome: 'passed',
      say: 'grows: +59 (45.56 % of the median 129.5) in 59m, a growth of more than 20% expected',
    })
    expect(await look({ rule: 'shrinks' }, (index) => 100 + index)).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('a clear fall expected'),
    })
    await expect(look({ rule: 'grows', within: '20%' }, () => 1)).rejects.toThrow('by: 10%')
    await expect(look({ rule: 'stable', by: '20%' }, () => 1)).rejects.toThrow('within: 10%')
  })

  test('refuses an allowance that says nothing', async () => {
    await expect(look({ within: 'much' }, () => 1)).rejects.toThrow('within=much: expected a share such as 10%')
    await expect(look({ within: '0%' }, () => 1)).rejects.toThrow('above 0')
  })
})

describe('an error budget', () => {
  const spend = (bad: number, total: number, more: object = {}): Promise<CheckResult> => {
    const settings = { on: 'prom', objective: '99.9%', bad: 'sum(increase(bad[{{ period }}]))', total: 'all', ...more }
    const asked: string[] = []
    const powers = testPowers({
      metric: async (_source, query) => {
        asked.push(query)
        return { value: query.includes('bad') ? bad : total }
      },
    })
    return budget.run(budget.config.parse(settings), powers).then((result) => {
      expect(asked).toContain('sum(increase(bad[2592000000ms]))')
      return result
    })
  }

  test('that is left passes, and says how much of it and why', async () => {
    expect(await spend(380, 1_000_000, { left: '20%' })).toMatchObject({
      outcome: 'passed',
      say: '62 % of the error budget is left: 0.038 % of 1000000 went wrong in 30d, 0.1 % may (objective 99.9%); at least 20% wanted',
    })
  })

  test('that is spent fails, also where nothing need be left', async () => {
    expect((await spend(1000, 1_000_000)).outcome).toBe('failed')
    expect((await spend(850, 1_000_000, { left: '20%' })).outcome).toBe('failed')
  })

  test('that nothing was counted for is inconclusive', async () => {
    expect((await spend(0, 0)).outcome).toBe('inconclusive')
    expect((await spend(5, 1)).outcome).toBe('inconclusive')
  })

  test.each(['100%', '40%', '99.9', '1h'])('with the objective %s is refused', (objective) => {
    const settings = { on: 'prom', objective, bad: 'b', total: 't' }
    expect(budget.config.safeParse(settings).success).toBe(false)
  })
})
