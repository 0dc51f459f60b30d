import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chancesOf, readTrend, slopeOf, type TrendRule, type TrendSettings, usualWithin } from './trend.ts'

const everyMs = 60_000
const series = (values: readonly (number | null)[]) => values.map((value, index) => ({ at: index * everyMs, value }))
const settings = (rule: TrendRule, more: Partial<TrendSettings> = {}): TrendSettings => ({
  rule,
  within: { share: usualWithin[rule] },
  atLeastMs: 30 * everyMs,
  everyMs,
  ...more,
})
const reading = (values: readonly (number | null)[], rule: TrendRule, more: Partial<TrendSettings> = {}) =>
  readTrend(series(values), settings(rule, more))

/** A small generator of its own, so that a series is the same everywhere. */
function noise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
}
const hours = (count: number, make: (index: number) => number | null) =>
  Array.from({ length: count }, (_, at) => make(at))

describe('growth that does not end', () => {
  test('is a leak: slow, noisy and believed only when it is clear', () => {
    const next = noise(7)
    expect(
      reading(
        hours(120, (at) => 500 + at * 2 + next() * 40),
        'no-leak',
      ),
    ).toMatchObject({ is: 'broken' })
    expect(
      reading(
        hours(120, () => 500 + next() * 40),
        'no-leak',
      ),
    ).toMatchObject({ is: 'kept' })
  })

  test('is none in a sawtooth of collections whose floor stays', () => {
    expect(
      reading(
        hours(120, (at) => 400 + (at % 10) * 30),
        'no-leak',
      ).is,
    ).toBe('kept')
  })

  test('is judged since the last restart, and unproven while that is too short ago', () => {
    const leaking = hours(120, (at) => (at < 60 ? 500 + at * 10 : 500 + (at - 60) * 10))
    expect(reading(leaking, 'no-leak', { restarts: [60 * everyMs] })).toMatchObject({
      is: 'broken',
      seenMs: 59 * everyMs,
    })
    expect(reading(leaking, 'no-leak', { restarts: [100 * everyMs] })).toMatchObject({
      is: 'unproven',
      why: 'seen for 19 min of 30 min that are needed',
    })
  })

  test('is no leak while it stays within what is allowed, in shares or in the unit itself', () => {
    const slow = hours(60, (at) => 1000 + at)
    expect(reading(slow, 'no-leak').is).toBe('kept')
    expect(reading(slow, 'no-leak', { within: { amount: 30 } }).is).toBe('broken')
    expect(
      reading(
        hours(60, (at) => 2000 - at * 10),
        'no-leak',
      ).is,
    ).toBe('kept')
  })
})

describe('what has to move in one direction', () => {
  const next = noise(11)
  const up = hours(60, (at) => 100 + at + next() * 4)
  const flat = hours(60, () => 100 + next() * 4)
  const down = up.map((value) => 300 - (value ?? 0))

  test('grows or shrinks clearly and by as much as is asked; what stays does neither', () => {
    expect(reading(up, 'grows')).toMatchObject({ is: 'kept' })
    expect(reading(down, 'shrinks')).toMatchObject({ is: 'kept' })
    expect(reading(up, 'grows', { within: { amount: 80 } }).is).toBe('broken')
    expect(reading(down, 'grows').is).toBe('broken')
    expect(reading(up, 'shrinks').is).toBe('broken')
    for (const rule of ['grows', 'shrinks'] as const) {
      expect(reading(flat, rule).is).not.toBe('kept')
      expect(
        reading(
          hours(60, () => 100),
          rule,
        ).is,
      ).toBe('broken')
    }
  })

  test('and what must not fall may rise', () => {
    expect(reading(down, 'no-decline').is).toBe('broken')
    expect(reading(up, 'no-decline').is).toBe('kept')
    expect(reading(flat, 'no-decline').is).toBe('kept')
  })
})

describe('what is stable', () => {
  test('neither rises nor falls by more than is allowed', () => {
    expect(
      reading(
        hours(60, (at) => 100 - at),
        'stable',
      ).is,
    ).toBe('broken')
    expect(
      reading(
        hours(60, (at) => 100 + at * 0.05),
        'stable',
      ).is,
    ).toBe('kept')
  })

  test('is not told by a single spike, which another rule finds', () => {
    const spiked = hours(60, (at) => (at === 30 ? 900 : 100))
    expect(reading(spiked, 'stable').is).toBe('kept')
    expect(reading(spiked, 'no-spike').is).toBe('broken')
    expect(
      reading(
        hours(60, () => 100),
        'no-spike',
      ).is,
    ).toBe('kept')
  })

  test('has no drop below half of its median', () => {
    expect(
      reading(
        hours(60, (at) => (at === 59 ? 49 : 100)),
        'no-drop',
      ).is,
    ).toBe('broken')
    expect(
      reading(
        hours(60, (at) => (at === 59 ? 51 : 100)),
        'no-drop',
      ).is,
    ).toBe('kept')
  })
})

describe('missing data is never health', () => {
  test.each<[string, readonly (number | null)[]]>([
    ['nothing was seen', hours(60, () => null)],
    ['nothing was seen for the last 10 min', hours(60, (at) => (at < 50 ? 100 : null))],
    ['seen for 29 min of 30 min that are needed', hours(30, () => 100)],
    ['31 of 60 samples, the others are missing', hours(60, (at) => (at % 2 === 0 || at === 59 ? 100 : null))],
  ])('%s', (why, values) => {
    for (const rule of ['stable', 'no-leak', 'no-spike', 'no-drop'] as const)
      expect(reading(values, rule)).toMatchObject({ is: 'unproven', why })
  })

  test('a value that is no number was not seen', () => {
    expect(
      reading(
        hours(60, () => Number.NaN),
        'stable',
      ).is,
    ).toBe('unproven')
    expect(
      reading(
        hours(60, () => Infinity),
        'no-spike',
      ).is,
    ).toBe('unproven')
  })
})

describe('the formulas', () => {
  test('the slope is that of a line, whatever one point in five says', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 0, max: 59 }), (slope, odd) => {
        const points = series(hours(60, (at) => (at % 5 === odd % 5 ? 1e6 : at * slope))) as {
          at: number
          value: number
        }[]
        expect(slopeOf(points) * everyMs).toBeGreaterThanOrEqual(slope - Math.abs(slope))
        const clean = series(hours(60, (at) => at * slope)) as { at: number; value: number }[]
        expect(slopeOf(clean) * everyMs).toBeCloseTo(slope, 6)
      }),
      { numRuns: 50 },
    )
  })

  test('Mann and Kendall: worked by hand, and both directions alike', () => {
    // Six rising pairs of four values: variance 26/3, z = 5 / 2.944 = 1.698.
    expect(chancesOf([1, 2, 3, 4]).rise).toBeCloseTo(0.0447, 3)
    expect(chancesOf([5, 5, 5])).toEqual({ rise: 1, fall: 1 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 3, maxLength: 30 }), (values) => {
        const forward = chancesOf(values)
        const backward = chancesOf(values.toReversed())
        expect(forward.rise).toBeCloseTo(backward.fall, 9)
        expect(forward.rise).toBeGreaterThanOrEqual(0)
        expect(forward.rise).toBeLessThanOrEqual(1)
      }),
      { numRuns: 100 },
    )
  })

  test('noise that remembers is called a leak in at most one series of twenty', () => {
    let alarms = 0
    for (let seed = 1; seed <= 200; seed += 1) {
      const next = noise(seed * 7919)
      let value = 0
      const remembering = hours(120, () => {
        value = 0.5 * value + next() * 60
        return 500 + value
      })
      if (reading(remembering, 'no-leak', { within: { amount: 1 } }).is === 'broken') alarms += 1
    }
    expect(alarms).toBeLessThanOrEqual(10)
  })

  test('what is measured in another unit is judged alike', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 40, maxLength: 80 }), (values) => {
        for (const rule of ['stable', 'no-leak', 'no-spike', 'no-drop'] as const)
          expect(
            reading(
              values.map((value) => value * 1024),
              rule,
            ).is,
          ).toBe(reading(values, rule).is)
      }),
      { numRuns: 50 },
    )
  })
})
