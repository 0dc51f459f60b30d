/** A mixture of bets: what is placed, what grows, and what cannot be counted. */
import { describe, expect, test } from 'vitest'
import { bet, copyMixture, evidence, newMixture } from './mixture.ts'

const prior = [0.25, 0.75]
const stakes = { first: 0.5, later: 0.1 }
const nothing = Float64Array.of(0, 0)
const uncapped = Number.POSITIVE_INFINITY

describe('a mixture of bets', () => {
  test('begins with a stake of 1, and intervals that say nothing leave it there', () => {
    const mixture = newMixture(2)
    expect(evidence(mixture)).toBe(1)
    for (let i = 0; i < 50; i += 1) bet(mixture, prior, nothing, uncapped, stakes)
    expect(evidence(mixture)).toBeCloseTo(1, 12)
  })

  test('places half at once, then a tenth of what is left: something is always left for late faults', () => {
    const mixture = newMixture(2)
    bet(mixture, prior, nothing, uncapped, stakes)
    expect(mixture.rest).toBeCloseTo(0.5, 12)
    bet(mixture, prior, nothing, uncapped, stakes)
    expect(mixture.rest).toBeCloseTo(0.45, 12)
    for (let i = 0; i < 1000; i += 1) bet(mixture, prior, nothing, uncapped, stakes)
    expect(mixture.rest).toBeGreaterThan(0)
  })

  test('each effect size grows by its own factor', () => {
    const mixture = newMixture(2)
    bet(mixture, prior, Float64Array.of(Math.log(8), Math.log(2)), uncapped, stakes)
    expect(mixture.stakes[0]).toBeCloseTo(0.5 * 0.25 * 8, 12)
    expect(mixture.stakes[1]).toBeCloseTo(0.5 * 0.75 * 2, 12)
    expect(evidence(mixture)).toBeCloseTo(0.5 + 1 + 0.75, 12)
  })

  test('one interval counts no more than the cap, and what speaks against damage counts in full', () => {
    const mixture = newMixture(2)
    bet(mixture, prior, Float64Array.of(5, -5), 1, stakes)
    expect(mixture.stakes[0]).toBeCloseTo(0.125 * Math.E, 12)
    expect(mixture.stakes[1]).toBeCloseTo(0.375 * Math.exp(-5), 12)
  })

  test('evidence beyond all bounds stays a number that JSON can hold', () => {
    const mixture = newMixture(2)
    for (let i = 0; i < 10; i += 1) bet(mixture, prior, Float64Array.of(700, 700), uncapped, stakes)
    expect(Number.isFinite(evidence(mixture))).toBe(true)
    expect(JSON.parse(JSON.stringify(mixture))).toEqual(mixture)
  })

  test('an interval whose factor cannot be told is no evidence, and does not spoil what is known', () => {
    const mixture = newMixture(2)
    bet(mixture, prior, Float64Array.of(Math.log(8), 0), uncapped, stakes)
    const before = evidence(mixture)
    bet(mixture, prior, Float64Array.of(Number.NaN, Number.NaN), uncapped, stakes)
    expect(evidence(mixture)).toBeCloseTo(before, 12)
  })

  test('a copy is its own', () => {
    const mixture = newMixture(2)
    const copy = copyMixture(mixture)
    bet(mixture, prior, Float64Array.of(1, 1), uncapped, stakes)
    expect(copy).toEqual(newMixture(2))
  })
})
