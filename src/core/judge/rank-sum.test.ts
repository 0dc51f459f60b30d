import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankSumChance, shiftBetween } from './rank-sum.ts'

/** Permeability of placental membranes, Hollander and Wolfe: U = 35 of 50 pairs. */
const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
const earlier = [1.15, 0.88, 0.9, 0.74, 1.21]

describe('the chance of samples so far apart', () => {
  test('is counted over all orders when there are no ties', () => {
    expect(rankSumChance(atTerm, earlier)).toBeCloseTo(0.254_412_254_412, 10)
    // Of the 252 orders of five and five, one has all of the one above all of the other, one the reverse.
    expect(rankSumChance([6, 7, 8, 9, 10], [1, 2, 3, 4, 5])).toBeCloseTo(2 / 252, 12)
    // U = 1 of 25: one order each with no pair and with one, both ways.
    expect(rankSumChance([5, 7, 8, 9, 10], [1, 2, 3, 4, 6])).toBeCloseTo(4 / 252, 12)
  })

  test('is that of a normal distribution with the ties taken into account otherwise', () => {
    expect(rankSumChance([0, 0, 0, 1, 2, 2, 3, 5], [0, 0, 1, 1, 1, 0, 2, 0, 0])).toBeCloseTo(0.199_746_383_6, 10)
  })

  test('is that of a normal distribution for large samples', () => {
    const low = Array.from({ length: 30 }, (_, i) => i + 1)
    expect(
      rankSumChance(
        low,
        low.map((value) => value + 9.5),
      ),
    ).toBeCloseTo(0.000_398_810_2, 10)
  })

  test('is certain where nothing differs', () => {
    expect(rankSumChance([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])).toBe(1)
  })
})

describe('the shift', () => {
  test('is the median of all differences, between the ones a test would still accept', () => {
    const { estimate, low, high } = shiftBetween(atTerm, earlier, 0.98)
    expect(estimate).toBeCloseTo(0.305, 12)
    expect(low).toBeCloseTo(-0.17, 12)
    expect(high).toBeCloseTo(0.9, 12)
  })

  test('of five and five values lies between the second and the last but one of 25 differences', () => {
    // The 1 % of one side is 2.52 of 252 orders: those with no pair and with one, not those with two.
    const xs = [10, 20, 30, 40, 50]
    const ys = [1, 2, 3, 4, 5]
    expect(shiftBetween(xs, ys, 0.98)).toEqual({ estimate: 27, low: 6, high: 48 })
  })

  test('of a few values is not bounded at this level', () => {
    expect(shiftBetween([1, 2, 3, 4], [5, 6, 7, 8], 0.98)).toEqual({ estimate: -4, low: -Infinity, high: Infinity })
  })

  test('of samples with ties is read off the normal distribution', () => {
    // 72 differences with a deviation of 10.206: 36 − 2.326 × 10.206 = 12.3.
    const shift = shiftBetween([0, 0, 0, 1, 2, 2, 3, 5], [0, 0, 1, 1, 1, 0, 2, 0, 0], 0.98)
    expect(shift).toEqual({ estimate: 1, low: -1, high: 3 })
  })

  test('of samples full of zeros is nothing', () => {
    expect(shiftBetween([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], 0.98)).toEqual({ estimate: 0, low: 0, high: 0 })
  })

  test('turns with the samples, and moves with what is added to one of them', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 30 })
    fc.assert(
      fc.property(values, values, fc.integer({ min: -9, max: 9 }), (xs, ys, by) => {
        const shift = shiftBetween(xs, ys, 0.98)
        const turned = shiftBetween(ys, xs, 0.98)
        expect([-turned.high, -turned.estimate, -turned.low].map((n) => n + 0)).toEqual([
          shift.low + 0,
          shift.estimate + 0,
          shift.high + 0,
        ])
        const moved = shiftBetween(
          xs.map((x) => x + by),
          ys,
          0.98,
        )
        expect([moved.low, moved.estimate, moved.high]).toEqual([shift.low + by, shift.estimate + by, shift.high + by])
        expect(shift.low).toBeLessThanOrEqual(shift.estimate)
        expect(shift.estimate).toBeLessThanOrEqual(shift.high)
      }),
    )
  })

  test('leaves out zero where the test would reject, and only there', () => {
    const values = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 10, maxLength: 24 })
    fc.assert(
      fc.property(values, (mixed) => {
        const half = Math.floor(mixed.length / 2)
        const [xs, ys] = [mixed.slice(0, half), mixed.slice(half)]
        const { low, high } = shiftBetween(xs, ys, 0.98)
        expect(low > 0 || high < 0).toBe(rankSumChance(xs, ys) <= 0.02)
      }),
    )
  })
})
