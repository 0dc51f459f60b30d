/** A share as a metric: failures against stable and against limits, and wanted events that stay away. */
import { describe, expect, test } from 'vitest'
import { evidence } from './mixture.ts'
import { errorsSettings, usualTurn } from './policy.fixture.ts'
import { copyShare, enterShareStage, judgeShare, newShare, type Share, warmShare, watchOutage } from './share.ts'
import { tuning } from './tuning.ts'

const settings = errorsSettings()
const limits = { ratio: { rollback: 1.25, go: 2 }, rollback: 0.02, go: 0.01 }
const wanted = errorsSettings({ worse: 'lower', floor: null, outage: null })
const wantedLimits = { ratio: { rollback: 0.8, go: 0.7 }, rollback: null, go: null }

function errors(x: number, rounds = 30): Share {
  const one = newShare('higher', tuning)
  for (let i = 0; i < rounds; i += 1) judgeShare(one, { x, n: 1000 }, { x: 12, n: 4000 }, limits, settings, usualTurn)
  return one
}

describe('failed requests', () => {
  test('as many as stable has are certified against stable and against the limit', () => {
    const one = errors(3)
    expect(evidence(one.comparison.certificate)).toBeGreaterThan(20)
    expect(evidence(one.level.certificate)).toBeGreaterThan(20)
    expect(evidence(one.level.materiality)).toBeLessThan(1)
  })

  test('many more are beyond stable, beyond the floor and beyond the limit', () => {
    const one = errors(40)
    expect(evidence(one.comparison.materiality)).toBeGreaterThan(5)
    expect(evidence(one.floor.materiality)).toBeGreaterThan(5)
    expect(evidence(one.level.materiality)).toBeGreaterThan(5)
  })

  test('so few that they do not matter are certified by the floor', () => {
    const one = newShare('higher', tuning)
    for (let i = 0; i < 30; i += 1) judgeShare(one, { x: 0, n: 2000 }, { x: 0, n: 8000 }, limits, settings, usualTurn)
    expect(evidence(one.floor.certificate)).toBeGreaterThan(20)
    expect(evidence(one.floor.materiality)).toBeLessThan(1)
  })

  test('without stable only the absolute limits are weighed', () => {
    const one = newShare('higher', tuning)
    for (let i = 0; i < 10; i += 1) judgeShare(one, { x: 40, n: 1000 }, null, limits, settings, usualTurn)
    expect(evidence(one.comparison.significance)).toBe(1)
    expect(evidence(one.level.materiality)).toBeGreaterThan(5)
  })
})

describe('wanted events', () => {
  const after = (x: number): Share => {
    const one = newShare('lower', tuning)
    for (let i = 0; i < 40; i += 1)
      judgeShare(one, { x, n: 1000 }, { x: 400, n: 4000 }, wantedLimits, wanted, usualTurn)
    return one
  }

  test('that stay away are damage, as failed requests are with the arms swapped', () => {
    const one = after(50)
    expect(evidence(one.comparison.materiality)).toBeGreaterThan(5)
    const mirror = newShare('lower', tuning)
    const swapped = errorsSettings({ floor: null, outage: null })
    for (let i = 0; i < 40; i += 1)
      judgeShare(
        mirror,
        { x: 400, n: 4000 },
        { x: 50, n: 1000 },
        { ratio: { rollback: 1 / 0.8, go: 1 / 0.7 }, rollback: null, go: null },
        swapped,
        usualTurn,
      )
    expect(one.comparison).toEqual(mirror.comparison)
  })

  test('as many as stable has are certified, and more are no damage', () => {
    expect(evidence(after(100).comparison.certificate)).toBeGreaterThan(20)
    expect(evidence(after(200).comparison.materiality)).toBeLessThan(1)
  })

  test('have absolute limits on what is lacking', () => {
    const one = newShare('lower', tuning)
    const lacking = { ratio: null, rollback: 0.02, go: 0.01 }
    for (let i = 0; i < 20; i += 1) judgeShare(one, { x: 950, n: 1000 }, null, lacking, wanted, usualTurn)
    expect(evidence(one.level.materiality)).toBeGreaterThan(5)
  })
})

describe('an outage', () => {
  const watched = (x: number, stable: { x: number; n: number } | null, rounds = 1): Share => {
    const one = newShare('higher', tuning)
    for (let i = 0; i < rounds; i += 1) watchOutage(one, { x, n: 200 }, stable, settings, usualTurn)
    return one
  }

  test('is plain after one interval, without a cap', () => {
    const one = watched(100, { x: 3, n: 800 })
    expect(evidence(one.fast)).toBeGreaterThan(1000)
    expect(evidence(one.outage.materiality)).toBeGreaterThan(1000)
  })

  test('of both arms is not the canary doing', () => {
    expect(evidence(watched(100, { x: 400, n: 800 }, 5).fast)).toBeLessThan(1)
  })

  test('without stable rests on the level alone', () => {
    const one = watched(100, null)
    expect(evidence(one.fast)).toBe(1)
    expect(evidence(one.outage.materiality)).toBeGreaterThan(1000)
  })

  test('is not looked for where none is declared', () => {
    const one = newShare('higher', tuning)
    watchOutage(one, { x: 200, n: 200 }, null, { ...settings, outage: null }, usualTurn)
    expect(one).toEqual(newShare('higher', tuning))
  })
})

test('in the warm-up nothing is judged, but damage that stays is noticed', () => {
  const one = newShare('higher', tuning)
  for (let i = 0; i < 4; i += 1) warmShare(one, { x: 100, n: 1000 }, { x: 12, n: 4000 }, limits, settings, usualTurn)
  expect(evidence(one.comparison.significance)).toBe(1)
  expect(one.comparison.persistence.seconds).toBe(60)
})

test('a new stage starts every certificate afresh, keeps all damage, and a copy is its own', () => {
  const one = errors(3)
  const copy = copyShare(one)
  enterShareStage(one, tuning)
  for (const part of ['level', 'floor', 'outage'] as const) {
    expect(evidence(one[part].certificate)).toBe(1)
    expect(one[part].materiality).toEqual(copy[part].materiality)
  }
  expect(evidence(one.comparison.certificate)).toBe(1)
  expect(evidence(copy.comparison.certificate)).toBeGreaterThan(20)
})
