/** Raw counters to counts: what cannot be used is missing, never healthy. */
import { describe, expect, test } from 'vitest'
import { type ArmCounts, cleanCounts, increaseOf, withinRequests } from './counters.ts'

function counts(given: Partial<ArmCounts> = {}): ArmCounts {
  return { requests: 100, errors: 2, buckets: [50, 90, 100], events: { signups: 7 }, ...given }
}

describe('cleanCounts', () => {
  test('takes what is whole as it is', () => {
    expect(cleanCounts(counts(), 3)).toEqual(counts())
  })

  test.each([null, undefined, 7, 'many', []])('%j is no arm', (given) => {
    expect(cleanCounts(given, 3)).toBeNull()
  })

  test.each([null, undefined, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, '100'])(
    'an arm with %s requests or errors is missing: nobody knows how many failed',
    (value) => {
      expect(cleanCounts({ ...counts(), requests: value }, 3)).toBeNull()
      expect(cleanCounts({ ...counts(), errors: value }, 3)).toBeNull()
    },
  )

  test.each([
    ['absent', undefined],
    ['of another length', [50, 100]],
    ['with a negative count', [-1, 90, 100]],
    ['with a hole', [50, null, 100]],
    ['that fall', [50, 40, 100]],
    ['that are no list', { 0: 1 }],
  ])('buckets %s are missing, the rest of the arm is not', (_, buckets) => {
    expect(cleanCounts({ ...counts(), buckets }, 3)).toEqual(counts({ buckets: null }))
  })

  test('without edges there are no buckets', () => {
    expect(cleanCounts({ ...counts(), buckets: [] }, 0)?.buckets).toBeNull()
  })

  test('an event that is no count is missing, its neighbours are not', () => {
    expect(cleanCounts({ ...counts(), events: { a: 1, b: null, c: -2, d: Number.NaN } }, 3)?.events).toEqual({ a: 1 })
    expect(cleanCounts({ ...counts(), events: null }, 3)?.events).toEqual({})
  })
})

describe('increaseOf', () => {
  const before = counts({ requests: 1000, errors: 20, buckets: [500, 900, 1000], events: { signups: 70 } })

  test('is the difference between two readings', () => {
    const now = counts({ requests: 1100, errors: 21, buckets: [550, 990, 1100], events: { signups: 72 } })
    expect(increaseOf(now, before)).toEqual(
      counts({ requests: 100, errors: 1, buckets: [50, 90, 100], events: { signups: 2 } }),
    )
  })

  test('a counter that fell was reset: what it shows is new, in every part of the arm', () => {
    const now = counts({ requests: 30, errors: 25, buckets: [600, 700, 800], events: { signups: 71 } })
    expect(increaseOf(now, before)).toEqual(now)
  })

  test('one counter that fell alone was reset alone', () => {
    const now = counts({ requests: 1100, errors: 3, buckets: [550, 990, 1100], events: { signups: 1 } })
    expect(increaseOf(now, before)).toMatchObject({ requests: 100, errors: 3, events: { signups: 1 } })
  })

  test('buckets and events that were not there before say nothing yet, or all', () => {
    const bare = { ...before, buckets: null, events: {} }
    const now = counts({ requests: 1100, errors: 21, buckets: [550, 990, 1100], events: { signups: 72 } })
    expect(increaseOf(now, bare).buckets).toBeNull()
    expect(increaseOf({ ...now, buckets: null }, before).buckets).toBeNull()
    expect(increaseOf(now, bare).events).toEqual({ signups: 72 })
  })

  test('a reading that was missed is covered by the next one', () => {
    const later = counts({ requests: 1300, errors: 26, buckets: [650, 1170, 1300], events: { signups: 91 } })
    expect(increaseOf(later, before).requests).toBe(300)
  })
})

test('skew between two reads shows more errors than requests: no more than all failed', () => {
  expect(withinRequests(counts({ requests: 5, errors: 6 }))).toMatchObject({ requests: 5, errors: 5 })
  expect(withinRequests(counts())).toEqual(counts())
})
