/** The share above a point between the edges of a histogram. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalCdf } from './normal.ts'
import { shareAbove } from './survival.ts'

const fine = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY]
const coarse = [0.1, 0.5, 2.5, Number.POSITIVE_INFINITY]

/** Cumulative counts of a million log-normal latencies. */
function logNormal(le: readonly number[], median: number, sigma: number): readonly number[] {
  return le.map((edge) => (edge === Number.POSITIVE_INFINITY ? 1e6 : 1e6 * normalCdf(Math.log(edge / median) / sigma)))
}

function trueShare(x: number, median: number, sigma: number): number {
  return 1 - normalCdf(Math.log(x / median) / sigma)
}

function linear(le: readonly number[], cumulative: readonly number[], x: number): number {
  const hi = le.findIndex((edge) => edge >= x)
  const [a, b] = [le[hi - 1] as number, le[hi] as number]
  const [low, high] = [cumulative[hi - 1] as number, cumulative[hi] as number]
  return 1 - (low + ((x - a) / (b - a)) * (high - low)) / (cumulative.at(-1) as number)
}

describe('shareAbove', () => {
  test.each([
    [fine, 0.15],
    [coarse, 0.3],
  ])('is exact for a log-normal, also between coarse edges', (le, median) => {
    for (let x = 0.11; x < 2.4; x *= 1.09)
      expect(shareAbove(le, logNormal(le, median, 0.8), x)).toBeCloseTo(trueShare(x, median, 0.8), 9)
  })

  test('is closer than a straight line for a mixture of a fast and a slow kind of requests', () => {
    const le = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, Number.POSITIVE_INFINITY]
    const fast = logNormal(le, 0.12, 0.5)
    const slow = logNormal(le, 0.6, 0.6)
    const both = le.map((_, k) => 0.85 * (fast[k] as number) + 0.15 * (slow[k] as number))
    let [own, straight] = [0, 0]
    for (let x = 0.11; x < 4; x *= 1.07) {
      const truth = 0.85 * trueShare(x, 0.12, 0.5) + 0.15 * trueShare(x, 0.6, 0.6)
      own += Math.abs(Math.log(shareAbove(le, both, x) / truth))
      straight += Math.abs(Math.log(linear(le, both, x) / truth))
    }
    expect(own).toBeLessThan(0.4 * straight)
  })

  test('never rises with the point, and stays between the shares at its edges', () => {
    const histograms = fc.array(fc.nat(1000), { minLength: fine.length, maxLength: fine.length })
    fc.assert(
      fc.property(histograms, (counts) => {
        let sum = 0
        const cumulative = counts.map((count) => (sum += count))
        fc.pre(sum > 0)
        let before = 1
        for (let x = 0.006; x < 12; x *= 1.13) {
          const share = shareAbove(fine, cumulative, x)
          expect(share).toBeLessThanOrEqual(before + 1e-9)
          expect(share).toBeGreaterThanOrEqual(0)
          before = share
        }
      }),
      { numRuns: 200 },
    )
  })

  test('at an edge it is what was counted; below the first edge and beyond the last nothing finer is known', () => {
    const cumulative = [100, 400, 900, 1000]
    expect(shareAbove(coarse, cumulative, 0.5)).toBeCloseTo(0.6, 12)
    expect(shareAbove(coarse, cumulative, 0.01)).toBeCloseTo(0.9, 12)
    expect(shareAbove(coarse, cumulative, 50)).toBeCloseTo(0.1, 12)
  })

  test('an edge at 0 has no logarithm and is not read off', () => {
    expect(shareAbove([0, 0.5, Number.POSITIVE_INFINITY], [10, 50, 100], 0.2)).toBeCloseTo(0.5, 12)
  })
})
