import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantsOf, wallTimeAt } from './wall-clock.ts'
import { weeksAgo } from './weeks-ago.ts'

const weekMs = 7 * 86_400_000

test('the same time of the week is the same on the wall, also where clocks were set in between', () => {
  const from = Date.UTC(2024, 0, 1)
  fc.assert(
    fc.property(
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      fc.integer({ min: from, max: from + 4 * 366 * 86_400_000 }),
      fc.integer({ min: 0, max: 12 }),
      (zone, at, weeks) => {
        const then = weeksAgo(zone, at, weeks)
        const wall = wallTimeAt(zone, at) - weeks * weekMs
        // What a clock that was set forward never showed is read as an hour beside it.
        const isShown = wallTimeAt(zone, instantsOf(zone, wall).first) === wall
        if (isShown) expect(wallTimeAt(zone, then)).toBe(wall)
        expect(Math.abs(at - then - weeks * weekMs)).toBeLessThanOrEqual(3_600_000)
        expect(then).toBeLessThanOrEqual(at)
      },
    ),
    { numRuns: 300, seed: 7 },
  )
})

test('a week ago in Berlin is 169 hours ago once clocks were set back', () => {
  const monday = Date.parse('2026-10-26T10:00:00+01:00')
  expect(weeksAgo('Europe/Berlin', monday, 1)).toBe(Date.parse('2026-10-19T10:00:00+02:00'))
})
