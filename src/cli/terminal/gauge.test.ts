/** The picture of a ratio: where its marks stand, and that it never leaves its columns. */
import { expect, test } from 'vitest'
import type { RatioReading } from '../../core/judge/verdict.ts'
import { gauge } from './gauge.ts'
import { paint } from './line.ts'

const ratio = (given: Partial<RatioReading>): RatioReading => ({
  slowerThan: null,
  value: 1,
  low: 0.5,
  high: 2,
  rollback: null,
  go: null,
  ...given,
})

const drawn = (given: Partial<RatioReading>, width = 17): string =>
  paint(gauge(ratio(given), 'plain', width), { width: 80, colour: false }).padEnd(width)

test('the interval spans the line, and the ratio stands at its place between the ends', () => {
  expect(drawn({ value: 1.4 })).toBe('├───────┆───●───┤')
})

test('a limit within the interval is marked in it, one beyond it stands apart', () => {
  expect(drawn({ value: 0.8, low: 0.5, high: 2, rollback: 1.25 })).toBe('├────●──┆──┃────┤')
  expect(drawn({ value: 1, low: 0.9, high: 1.1, rollback: 2 })).toBe('├─●─┤           ┃')
})

test('an interval that goes on beyond the picture ends in an arrow', () => {
  expect(drawn({ value: 40, low: 0.01, high: 400, rollback: 2 })).toMatch(/^◂.*┆.*┃.*●$/)
  expect(drawn({ value: 1, low: 0.01, high: 400, rollback: 2 })).toMatch(/^◂.*●.*┃.*▸$/)
})

test.each([1, 5, 12, 40])('it takes %d columns and no more, whatever the numbers', (width) => {
  for (const given of [{ low: 1e-9, high: 1e9 }, { value: 1e-9 }, { low: 1, high: 1, value: 1 }, { rollback: 0.01 }])
    expect(paint(gauge(ratio(given), 'plain', width), { width: 200, colour: false }).length).toBeLessThanOrEqual(width)
})
