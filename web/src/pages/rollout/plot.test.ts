/** What a plot must not do: hide a peak, bridge a gap, or draw more than a screen can show. */
import { expect, test } from 'vitest'
import { areaOf, lineOf, scaleOf, type Spot, thinned, ticksOf, timeTicksOf } from './plot.ts'

test('six hours of samples become at most two places per pixel, and every peak stays', () => {
  const spots: Spot[] = Array.from({ length: 1440 }, (_, at) => ({ x: (at * 300) / 1440, y: at === 700 ? 0 : 100 }))
  const made = thinned(spots)
  expect(made.length).toBeLessThanOrEqual(600)
  expect(made.some(({ y }) => y === 0)).toBe(true)
  expect(made.map(({ x }) => x)).toEqual(made.map(({ x }) => x).toSorted((a, b) => a - b))
})

test('a gap is a gap, also where many places share a pixel, and a place alone can be seen', () => {
  const spots: Spot[] = [
    { x: 0, y: 5 },
    { x: 1, y: 5 },
    { x: 2, y: null },
    { x: 2.4, y: null },
    { x: 3, y: 7 },
    { x: 4, y: null },
  ]
  expect(lineOf(thinned(spots))).toBe('M0 5L1 5M3 7h1.5')
})

test('an area is closed piece by piece', () => {
  const low = [1, 2, null, 3, 3].map((y, x) => ({ x, y }))
  const high = [0, 1, null, 1, 1].map((y, x) => ({ x, y }))
  expect(areaOf(low, high)).toBe('M0 0L1 1L1 2L0 1ZM3 1L4 1L4 3L3 3Z')
  expect(areaOf([], [])).toBe('')
})

test('ticks are round, few, and inside', () => {
  expect(ticksOf(0, 0.021, 4)).toEqual([0, 0.01, 0.02])
  expect(ticksOf(0, 97, 4)).toEqual([0, 25, 50, 75])
  expect(ticksOf(3, 3, 4)).toEqual([3])
  const hour = 3_600_000
  expect(timeTicksOf(0.4 * hour, 6.2 * hour, 6, 0)).toEqual([1, 2, 3, 4, 5, 6].map((at) => at * hour))
  expect(timeTicksOf(0, 4 * 6 * hour, 4, hour / 2).map((at) => (at + hour / 2) % (6 * hour))).toEqual([0, 0, 0, 0])
})

test('a scale turns a span of nothing into no division by it', () => {
  expect(scaleOf(5, 5, 0, 100).at(5)).toBe(0)
  expect(scaleOf(0, 10, 100, 0).at(2.5)).toBe(75)
})
