/** Stored samples as counts of both arms: what cannot be used is said, and is never zero. */
import { describe, expect, test } from 'vitest'
import { batch, metric, noData, ratio } from '../build.fixture.ts'
import type { ArmSample } from '../verdict.ts'
import { countedOf } from './samples.ts'

const signups = metric({ name: 'errors', kind: 'events' })
const latency = metric({ name: 'errors', kind: 'histogram' })

function histogram(le: readonly number[], counts: readonly number[]): ArmSample {
  return { kind: 'histogram', le, counts }
}

describe('countedOf', () => {
  test('a share is bad of all', () => {
    expect(countedOf(batch(1, ratio(1, 100), ratio(4, 1000)), metric(), 0.1)).toEqual({
      arms: { kind: 'share', canary: { x: 1, n: 100 }, stable: { x: 4, n: 1000 } },
      doubts: { canary: null, stable: null },
    })
  })

  test.each([
    ['missing', noData, 'the source does not answer'],
    ['not a number', ratio(Number.NaN, 100), 'not a count'],
    ['negative', ratio(-1, 100), 'not a count'],
    ['more bad than there are', ratio(101, 100), 'bad of only'],
    ['beyond what a number can count', ratio(1, 1e300), 'not a count'],
    ['of another kind', { kind: 'gauge', value: 1 } as const, 'ratio expected'],
  ])('what is %s is no count, and says why', (_, sample, say) => {
    const { arms, doubts } = countedOf(batch(1, sample), metric(), 0.1)
    expect(arms.canary).toBeNull()
    expect(arms.stable).not.toBeNull()
    expect(doubts.canary).toContain(say)
  })

  test('a metric that no sample is about was not sampled', () => {
    expect(countedOf(batch(1, ratio(1, 100)), metric({ name: 'other' }), 0.1).doubts).toEqual({
      canary: 'not sampled',
      stable: 'not sampled',
    })
  })

  test('events by a total are a share of it; without one, of the traffic that each arm had', () => {
    const of = (count: number, total: number | null): ArmSample => ({ kind: 'events', count, total })
    expect(countedOf(batch(1, of(7, 50), of(40, 400)), signups, 0.1).arms).toMatchObject({
      canary: { x: 7, n: 50 },
      stable: { x: 40, n: 400 },
    })
    expect(countedOf(batch(1, of(7, null), of(40, null)), signups, 0.1).arms).toMatchObject({
      canary: { x: 7, n: 1 },
      stable: { x: 40, n: 9 },
    })
    expect(countedOf(batch(1, of(7, null), of(40, null)), signups, null).arms).toMatchObject({
      canary: null,
      stable: null,
    })
  })

  test('histograms of both arms share their edges; of two builds with other buckets one is not comparable', () => {
    const same = countedOf(
      batch(1, histogram([1, 2, Infinity], [1, 2, 3]), histogram([1, 2, Infinity], [4, 5, 6])),
      latency,
      0.1,
    )
    expect(same.arms).toMatchObject({ kind: 'latency', canary: [1, 2, 3], stable: [4, 5, 6] })
    const other = countedOf(
      batch(1, histogram([1, 2, Infinity], [1, 2, 3]), histogram([1, 3, Infinity], [4, 5, 6])),
      latency,
      0.1,
    )
    expect(other.arms).toMatchObject({ canary: [1, 2, 3], stable: null })
    const stableOnly = countedOf(batch(1, noData, histogram([1, 3, Infinity], [4, 5, 6])), latency, 0.1)
    expect(stableOnly.arms).toMatchObject({ canary: null, stable: [4, 5, 6] })
  })
})
