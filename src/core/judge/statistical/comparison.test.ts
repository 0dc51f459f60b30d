/** Canary against stable: which way evidence goes, what caps it, and what a stage keeps. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  betOnDamage,
  compare,
  copyComparison,
  dispersionOf,
  enterStage,
  learnScatter,
  newComparison,
  type Pair,
  recentPair,
  recentRatio,
  type Turn,
  watchPersistence,
} from './comparison.ts'
import { evidence, newMixture } from './mixture.ts'
import { capFor, damage, tuning } from './tuning.ts'

const turn: Turn = {
  seconds: 15,
  stakes: { damage: { first: 0.65, later: 0.01 }, health: { first: 0.9, later: 0.01 } },
  caps: { damage: capFor(tuning.damageCap, 15), health: capFor(tuning.healthCap, 15) },
  tuning,
}
const limits = { rollback: 1.25, go: 2 }
const healthy: Pair = { xc: 6, nc: 2000, xs: 24, ns: 8000 }
const broken: Pair = { ...healthy, xc: 30 }

function after(pairs: readonly Pair[]): ReturnType<typeof newComparison> {
  const one = newComparison(tuning, 'errors')
  for (const pair of pairs) {
    compare(one, pair, limits, turn)
    watchPersistence(one, pair, limits.rollback, turn)
  }
  return one
}

function times(count: number, pair: Pair): readonly Pair[] {
  return Array.from({ length: count }, () => pair)
}

describe('a comparison', () => {
  test('a canary as good as stable earns a certificate and no evidence of damage', () => {
    const one = after(times(40, healthy))
    expect(evidence(one.certificate)).toBeGreaterThan(20)
    expect(evidence(one.significance)).toBeLessThan(1)
    expect(evidence(one.materiality)).toBeLessThan(1)
  })

  test('a canary five times worse earns evidence of damage and no certificate', () => {
    const one = after(times(10, broken))
    expect(evidence(one.significance)).toBeGreaterThan(100)
    expect(evidence(one.materiality)).toBeGreaterThan(5)
    expect(evidence(one.certificate)).toBeLessThan(1)
  })

  test('an arm without traffic changes nothing', () => {
    const one = after(times(3, healthy))
    const before = copyComparison(one)
    compare(one, { xc: 0, nc: 0, xs: 24, ns: 8000 }, limits, turn)
    compare(one, { xc: 6, nc: 2000, xs: 0, ns: 0 }, limits, turn)
    expect(one).toEqual(before)
  })

  test('without limits only the difference itself is weighed', () => {
    const one = newComparison(tuning, 'errors')
    for (let i = 0; i < 10; i += 1) compare(one, broken, { rollback: null, go: null }, turn)
    expect(evidence(one.significance)).toBeGreaterThan(100)
    expect(evidence(one.materiality)).toBe(1)
    expect(evidence(one.certificate)).toBe(1)
  })

  test('one interval never decides, however bad it is', () => {
    const one = after([{ ...healthy, xc: 2000 }])
    expect(evidence(one.significance)).toBeLessThan(Math.exp(turn.caps.damage))
  })

  test('damage that stays is no longer capped, damage that fades is', () => {
    const stays = after(times(4, { ...healthy, xc: 200 }))
    expect(stays.persistence).toMatchObject({ seconds: 60, fades: false })
    const fades = after([400, 300, 200, 60].map((xc) => ({ ...healthy, xc })))
    expect(fades.persistence.fades).toBe(true)
    expect(after([...times(4, { ...healthy, xc: 200 }), healthy]).persistence.seconds).toBe(0)
  })

  test('more errors of the canary are more evidence of damage against the same limit, more of stable less', () => {
    const counts = fc.record({
      xc: fc.nat(200),
      xs: fc.nat(500),
      nc: fc.integer({ min: 200, max: 5000 }),
      ns: fc.integer({ min: 500, max: 20_000 }),
      limit: fc.double({ min: 0.5, max: 4, noNaN: true }),
    })
    const after = (pair: Pair, limit: number): number => {
      const mixture = newMixture(damage.prior.length)
      betOnDamage(mixture, pair, limit, 1.5, 5, turn.stakes.damage)
      return evidence(mixture)
    }
    fc.assert(
      fc.property(counts, ({ limit, ...pair }) => {
        expect(after({ ...pair, xc: pair.xc + 1 }, limit)).toBeGreaterThanOrEqual(after(pair, limit) - 1e-12)
        expect(after({ ...pair, xs: pair.xs + 1 }, limit)).toBeLessThanOrEqual(after(pair, limit) + 1e-12)
        expect(after(pair, limit * 1.1)).toBeLessThanOrEqual(after(pair, limit) + 1e-12)
      }),
    )
  })

  test('adjacent intervals of one weight, without a cap, weigh the same as one interval', () => {
    const uncapped = Number.POSITIVE_INFINITY
    const pairs = fc.array(fc.record({ xc: fc.nat(40), xs: fc.nat(90), hundreds: fc.integer({ min: 1, max: 20 }) }), {
      minLength: 2,
      maxLength: 6,
    })
    const all = { first: 1, later: 0 }
    fc.assert(
      fc.property(pairs, (parts) => {
        const [apart, together] = [newMixture(damage.prior.length), newMixture(damage.prior.length)]
        const whole = { xc: 0, nc: 0, xs: 0, ns: 0 }
        for (const { xc, xs, hundreds } of parts) {
          const pair = { xc, nc: 100 * hundreds, xs, ns: 400 * hundreds }
          betOnDamage(apart, pair, 1.25, 1.7, uncapped, all)
          for (const name of ['xc', 'nc', 'xs', 'ns'] as const) whole[name] += pair[name]
        }
        betOnDamage(together, whole, 1.25, 1.7, uncapped, all)
        for (const [i, stake] of together.stakes.entries())
          expect(Math.log(apart.stakes[i] as number)).toBeCloseTo(Math.log(stake), 8)
      }),
    )
  })
})

describe('the dispersion factor', () => {
  test('without history some scatter is taken for granted', () => {
    expect(dispersionOf(newComparison(tuning, 'errors'), healthy, 15, tuning)).toBeGreaterThanOrEqual(
      tuning.priorWithout.factor,
    )
  })

  test('a quiet history makes it 1, a noisy one keeps it up', () => {
    const [quiet, noisy] = [newComparison(tuning, 'errors'), newComparison(tuning, 'errors')]
    for (let i = 0; i < 240; i += 1) {
      learnScatter(quiet, 15, { ...healthy, xc: 6 + (i % 2) }, tuning)
      learnScatter(noisy, 15, { ...healthy, xc: i % 2 === 0 ? 1 : 21 }, tuning)
    }
    expect(dispersionOf(quiet, healthy, 15, tuning)).toBe(1)
    expect(dispersionOf(noisy, healthy, 15, tuning)).toBeGreaterThan(3)
  })

  test('is never less than 1 and always a number', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { maxLength: 40 }), (counts) => {
        const one = newComparison(tuning, 'errors')
        for (const [xc, xs] of counts) compare(one, { xc, nc: 500, xs, ns: 500 }, limits, turn)
        const factor = dispersionOf(one, healthy, 15, tuning)
        expect(factor).toBeGreaterThanOrEqual(1)
        expect(Number.isFinite(factor)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a new stage', () => {
  test('keeps evidence of damage and what history said, and forgets certificates and the recent past', () => {
    const one = after(times(10, broken))
    learnScatter(one, 15, healthy, tuning)
    const before = copyComparison(one)
    enterStage(one, tuning)
    expect(one.significance).toEqual(before.significance)
    expect(one.materiality).toEqual(before.materiality)
    expect(one.history).toEqual(before.history)
    expect(one.persistence).toEqual(before.persistence)
    expect(evidence(one.certificate)).toBe(1)
    expect(one.total).toEqual({ xc: 0, nc: 0, xs: 0, ns: 0 })
    expect(recentRatio(one)).toBeNaN()
  })
})

test('the recent past is no longer than it says, whatever the interval', () => {
  for (const seconds of [5, 15, 60]) {
    const one = newComparison(tuning, 'errors')
    for (let i = 0; i < 2000 / seconds; i += 1) compare(one, healthy, limits, { ...turn, seconds })
    const span = one.recent.reduce((sum, block) => sum + block[0], 0)
    expect(span).toBeGreaterThan(tuning.recentSeconds - 61)
    expect(span).toBeLessThanOrEqual(tuning.recentSeconds)
    expect(recentPair(one).nc).toBe((span / seconds) * healthy.nc)
    expect(recentRatio(one)).toBeCloseTo(1, 1)
  }
})
