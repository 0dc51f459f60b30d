/** A share against an absolute limit: damage beyond it is found, health below it is shown, the limit itself is neither. */
import { describe, expect, test } from 'vitest'
import type { Turn } from './comparison.ts'
import { betAbove, betBelow, copyLevel, enterLevelStage, newLevel } from './level.ts'
import { evidence } from './mixture.ts'
import { lowLevel, tuning } from './tuning.ts'

const stakes = { first: 0.5, later: 0.01 }
const turn: Turn = {
  seconds: 15,
  stakes: { damage: stakes, health: stakes },
  caps: { damage: 2.5, health: 1.2 },
  tuning,
}

function above(x: number, n: number, limit: number, rounds = 10): number {
  const level = newLevel()
  for (let i = 0; i < rounds; i += 1) betAbove(level, x, n, limit, 1, turn, 2.5)
  return evidence(level.materiality)
}

function below(x: number, n: number, limit: number, rounds = 10): number {
  const level = newLevel()
  for (let i = 0; i < rounds; i += 1) betBelow(level, x, n, limit, 1, turn)
  return evidence(level.certificate)
}

describe('a level', () => {
  test('far beyond the limit becomes evidence of damage', () => {
    expect(above(50, 1000, 0.02)).toBeGreaterThan(1000)
    expect(above(10, 1000, 0.02)).toBeLessThan(1)
  })

  test('far below the limit becomes a certificate', () => {
    expect(below(1, 1000, 0.01)).toBeGreaterThan(20)
    expect(below(10, 1000, 0.01)).toBeLessThan(1)
    expect(below(20, 1000, 0.01)).toBeLessThan(1)
  })

  test('no failures at all certify after a few thousand requests, not after a few', () => {
    expect(below(0, 100, 0.001, 5)).toBeLessThan(20)
    expect(below(0, 1000, 0.001, 10)).toBeGreaterThan(20)
  })

  test('more failures are never less evidence of damage, nor more of health', () => {
    for (let x = 0; x < 60; x += 1) {
      expect(above(x + 1, 1000, 0.02, 1)).toBeGreaterThanOrEqual(above(x, 1000, 0.02, 1))
      expect(below(x + 1, 1000, 0.02, 1)).toBeLessThanOrEqual(below(x, 1000, 0.02, 1))
    }
  })

  test('no traffic, or no limit, says nothing', () => {
    expect(above(0, 0, 0.02)).toBe(1)
    expect(above(5, 100, 0)).toBe(1)
    expect(below(0, 0, 0.02)).toBe(1)
    expect(below(0, 100, Number.NaN)).toBe(1)
  })

  test.each([0.5, 0.9, 0.99])('a limit of %d, of which no share can be many times, stays a number', (limit) => {
    expect(Number.isFinite(above(1000, 1000, limit))).toBe(true)
    expect(Number.isFinite(below(0, 1000, limit))).toBe(true)
    expect(above(100, 1000, limit)).toBeLessThanOrEqual(1)
  })

  test('a new stage forgets certificates and keeps damage; a copy is its own', () => {
    const level = newLevel()
    betAbove(level, 50, 1000, 0.02, 1, turn, 2.5)
    betBelow(level, 0, 1000, 0.01, 1, turn)
    const copy = copyLevel(level)
    enterLevelStage(level)
    expect(level.certificate).toEqual({ rest: 1, stakes: lowLevel.prior.map(() => 0) })
    expect(level.materiality).toEqual(copy.materiality)
    expect(evidence(copy.certificate)).not.toBe(1)
  })
})
