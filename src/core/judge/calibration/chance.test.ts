/** Bounds of a chance against published values, and against counting. */
import { describe, expect, test } from 'vitest'
import { chanceBounds, trialsToShow } from './chance.ts'

describe('what so many events in so many trials say', () => {
  test('without an event the bound is that of the rule of three, exactly', () => {
    for (const trials of [1, 84, 300, 3000])
      expect(chanceBounds(0, trials).high).toBeCloseTo(1 - 0.05 ** (1 / trials), 10)
    expect(chanceBounds(0, 84).high).toBeCloseTo(0.035, 3)
    expect(chanceBounds(0, 84).low).toBe(0)
  })

  test('two of twenty, with 2.5 % on each side, lie between 1.2 % and 31.7 %', () => {
    const { low, high } = chanceBounds(2, 20, 0.025)
    expect(low).toBeCloseTo(0.01235, 4)
    expect(high).toBeCloseTo(0.31698, 4)
  })

  test('nothing seen is nothing known, and all of them leaves no upper bound', () => {
    expect(chanceBounds(0, 0)).toEqual({ low: 0, high: 1 })
    expect(chanceBounds(5, 5).high).toBe(1)
    expect(chanceBounds(5, 5).low).toBeCloseTo(0.05 ** (1 / 5), 10)
  })

  test('each bound is wrong in at most 5 % of all cases, whatever the chance', () => {
    const trials = 60
    for (const chance of [0.005, 0.01, 0.05, 0.2]) {
      let [tooHigh, tooLow] = [0, 0]
      let weight = (1 - chance) ** trials
      for (let events = 0; events <= trials; events += 1) {
        const { low, high } = chanceBounds(events, trials)
        if (low > chance) tooHigh += weight
        if (high < chance) tooLow += weight
        weight *= ((trials - events) / (events + 1)) * (chance / (1 - chance))
      }
      expect(tooHigh).toBeLessThanOrEqual(0.05 + 1e-9)
      expect(tooLow).toBeLessThanOrEqual(0.05 + 1e-9)
    }
  })

  test('299 clean windows show one percent, and one less does not', () => {
    expect(trialsToShow(0.01)).toBe(299)
    expect(chanceBounds(0, 299).high).toBeLessThanOrEqual(0.01)
    expect(chanceBounds(0, 298).high).toBeGreaterThan(0.01)
  })
})
