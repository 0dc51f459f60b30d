import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gridOf, summaryOf } from './summary.ts'

const points = (values: readonly (number | null)[]) => values.map((value, index) => ({ at: index * 1000, value }))

describe('what a window comes to', () => {
  test('median, mean and the 95th percentile of what was seen, beside how much was expected', () => {
    expect(summaryOf(points([5, 1, null, 3, 2, 4, Number.NaN]))).toMatchObject({
      samples: 5,
      expected: 7,
      median: 3,
      mean: 3,
      p95: 5,
      lowest: 1,
      highest: 5,
    })
    expect(summaryOf(points([null, null]))).toBeNull()
    expect(summaryOf(points([1, 2]))?.median).toBe(1.5)
  })

  test('one spike moves neither the median nor the spread far', () => {
    const calm = summaryOf(points([10, 11, 9, 10, 11, 9, 10]))!
    const spiked = summaryOf(points([10, 11, 9, 1e6, 11, 9, 10]))!
    expect(spiked.median).toBe(calm.median)
    expect(spiked.spread).toBeLessThan(3)
  })

  test('the numbers stand in order whatever was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const { lowest, median, p95, highest, mean, spread } = summaryOf(points(values))!
          expect(lowest <= median && median <= highest && median <= p95 && p95 <= highest).toBe(true)
          expect(mean).toBeGreaterThanOrEqual(lowest - Math.abs(lowest) * 1e-9 - 1e-9)
          expect(mean).toBeLessThanOrEqual(highest + Math.abs(highest) * 1e-9 + 1e-9)
          expect(spread).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a window ends where it ends and begins one interval after its beginning', () => {
    expect(gridOf(10_000, 4000, 1000)).toEqual([7000, 8000, 9000, 10_000])
    expect(gridOf(10_000, 500, 1000)).toEqual([10_000])
  })
})
