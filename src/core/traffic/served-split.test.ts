/** Counted requests beside the weight that was ordered: chance is let pass, a canary that nothing reaches is not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beganAnew, splitOf } from './served-split.ts'

const none = { canary: 0, stable: 0 }

test.each([
  [25, { canary: 0, stable: 2000 }, false],
  [25, { canary: 520, stable: 1480 }, true],
  [5, { canary: 0, stable: 2000 }, false],
  [5, { canary: 90, stable: 1910 }, true],
  [100, { canary: 2000, stable: 5 }, true],
  [100, { canary: 1500, stable: 500 }, false],
  [0, { canary: 300, stable: 1700 }, false],
  [50, { canary: 3, stable: 90 }, true],
])('at %i %% the counts %o fit: %s', (percent, now, ok) => {
  expect(splitOf(none, now, percent).ok).toBe(ok)
})

test('what does not fit is said with both numbers', () => {
  expect(splitOf(none, { canary: 0, stable: 4210 }, 25).say).toBe(
    '0 of 4210 requests (0 %) went to the canary, 25 % ordered',
  )
})

test('the share that was ordered always fits, however many requests there were', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 2, max: 100_000 }), (percent, hundreds) => {
      const now = { canary: percent * hundreds, stable: (100 - percent) * hundreds }
      expect(splitOf(none, now, percent).ok).toBe(true)
    }),
    { numRuns: 100, seed: 7 },
  )
})

test('a counter that fell began anew', () => {
  expect(beganAnew({ canary: 10, stable: 90 }, { canary: 2, stable: 95 })).toBe(true)
  expect(beganAnew({ canary: 10, stable: 90 }, { canary: 10, stable: 91 })).toBe(false)
})
