/** The normal distribution against published values. */
import { describe, expect, test } from 'vitest'
import { normalCdf, normalQuantile } from './normal.ts'

/** Computed with 30 digits (erfc in arbitrary precision), rounded to the nearest double. */
const known: readonly (readonly [z: number, below: number])[] = [
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [1.959963984540054, 0.975],
  [2.5, 0.9937903346742238],
  [-1, 0.15865525393145705],
  [-3, 0.0013498980316300933],
  [-6, 9.865876450376946e-10],
]

describe('normalCdf', () => {
  test.each(known)('below %d lies %d', (z, below) => {
    expect(Math.abs(normalCdf(z) - below)).toBeLessThan(1e-10)
  })

  test('a tail far out keeps its relative precision', () => {
    expect(normalCdf(-8) / 6.220960574271785e-16).toBeCloseTo(1, 10)
    expect(normalCdf(-20) / 2.7536241186062337e-89).toBeCloseTo(1, 10)
  })

  test('both sides of a point sum to 1, and no step of the table shows', () => {
    let before = 0
    for (let z = -9; z <= 9; z += 1 / 700) {
      const below = normalCdf(z)
      expect(Math.abs(below + normalCdf(-z) - 1)).toBeLessThan(1e-12)
      expect(below).toBeGreaterThanOrEqual(before)
      before = below
    }
  })

  test('no number is no share', () => {
    expect(normalCdf(Number.NaN)).toBeNaN()
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1)
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0)
  })
})

describe('normalQuantile', () => {
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.001, -3.090232306167813],
    [1e-6, -4.753424308822899],
  ])('the share %d lies below %d', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(1e-10)
  })

  test('there and back again is the same share', () => {
    for (let p = 1e-9; p < 1; p = p < 0.1 ? p * 1.7 : p + 0.013)
      expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-12)
  })

  test('nothing and everything lie at infinity', () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY)
    expect(normalQuantile(Number.NaN)).toBe(Number.NEGATIVE_INFINITY)
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY)
  })
})
