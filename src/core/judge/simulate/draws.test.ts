/** The samplers against the moments that their distributions have on paper, with fixed seeds. */
import { describe, expect, test } from 'vitest'
import { drawBinomial, drawCluster, drawClusters, drawNormal, drawPoisson, logFactorial } from './draws.ts'
import { type Random, randomFrom } from './random.ts'

const size = 20_000

interface Moments {
  readonly mean: number
  readonly variance: number
}

function momentsOf(draw: (random: Random) => number, ...seed: readonly (string | number)[]): Moments {
  const random = randomFrom('moments', ...seed)
  const drawn = Array.from({ length: size }, () => draw(random))
  const mean = drawn.reduce((sum, x) => sum + x, 0) / size
  return { mean, variance: drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (size - 1) }
}

/** Five standard errors of the mean, and a variance within 8 %. */
function expectMoments(found: Moments, mean: number, variance: number): void {
  expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / size))
  expect(found.variance / variance).toBeGreaterThan(0.92)
  expect(found.variance / variance).toBeLessThan(1.08)
}

describe('draws have the mean and the variance of their distribution', () => {
  test('uniform, and the same words give the same numbers', () => {
    expectMoments(
      momentsOf((random) => random()),
      1 / 2,
      1 / 12,
    )
    const [one, same, other] = [randomFrom('a', 1), randomFrom('a', 1), randomFrom('a', 2)]
    const row = Array.from({ length: 5 }, one)
    expect(Array.from({ length: 5 }, same)).toEqual(row)
    expect(Array.from({ length: 5 }, other)).not.toEqual(row)
  })
  test('normal', () => expectMoments(momentsOf(drawNormal), 0, 1))
  test.each([0.05, 1, 9.9, 10, 37, 900, 250_000])('Poisson with %d expected', (mean) =>
    expectMoments(
      momentsOf((random) => drawPoisson(random, mean), mean),
      mean,
      mean,
    ),
  )
  test.each([
    [1, 0.3],
    [40, 0.02],
    [300, 0.05],
    [300, 0.4],
    [300, 0.95],
    [1_000_000, 0.003],
  ])('binomial of %d with %d each', (n, p) =>
    expectMoments(
      momentsOf((random) => drawBinomial(random, n, p), n, p),
      n * p,
      n * p * (1 - p),
    ),
  )
  test.each([3, 5])('clusters of %d on average', (mean) =>
    expectMoments(
      momentsOf((random) => drawCluster(random, mean), mean),
      mean,
      mean * (mean - 1),
    ),
  )
  test.each([1000, 1001])('the sum of %d clusters', (count) => {
    const some = momentsOf((random) => drawClusters(random, count, 3) / 100, count)
    expect(some.mean).toBeCloseTo((3 * count) / 100, 0)
    expect(some.variance / ((6 * count) / 10_000)).toBeCloseTo(1, 1)
  })
  test('nothing comes from nothing, and never more than there is', () => {
    const random = randomFrom('edges')
    expect([drawPoisson(random, 0), drawBinomial(random, 0, 0.5), drawBinomial(random, 9, 0)]).toEqual([0, 0, 0])
    expect([drawBinomial(random, 9, 1), drawCluster(random, 1)]).toEqual([9, 1])
    for (let i = 0; i < 2000; i += 1) {
      const x = drawBinomial(random, 30, 0.5)
      expect(x >= 0 && x <= 30 && Number.isInteger(x)).toBe(true)
    }
  })
})

test('the logarithm of a factorial goes on smoothly where the table ends', () => {
  expect(logFactorial(5)).toBeCloseTo(Math.log(120), 12)
  expect(logFactorial(63) + Math.log(64)).toBeCloseTo(logFactorial(64), 10)
  expect(logFactorial(170)).toBeCloseTo(706.573062245787, 8)
})
