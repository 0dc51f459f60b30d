import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WindowPlan, WindowRule } from '../plan/plan-windows.ts'
import { isOpenThroughout, isWindowOpen, windowClosesAt, windowOpensAt } from './window.ts'
import { addWorkingDays, dateOf, isWorkingDay, workingDayBefore } from './working-day.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const at = (text: string) => Date.parse(text)

/** Zones and a time near which their clocks are set: by an hour, by 30 minutes, at midnight, not at all. */
const clockChanges = [
  ['Europe/Berlin', '2026-03-29T00:30:00Z'],
  ['Europe/Berlin', '2026-10-25T00:30:00Z'],
  ['America/New_York', '2026-11-01T05:30:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T14:30:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T02:30:00Z'],
  ['Asia/Beirut', '2026-03-28T21:30:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
  ['Pacific/Apia', '2011-12-30T09:30:00Z'],
] as const

const minute = fc.oneof(fc.integer({ min: 0, max: 180 }), fc.integer({ min: 0, max: 24 * 60 }))
const rule: fc.Arbitrary<WindowRule> = fc.record({
  weekdays: fc.option(
    fc
      .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 })
      .map((days) => days.toSorted((one, other) => one - other)),
    { nil: null },
  ),
  fromMinute: fc.option(minute, { nil: null }),
  toMinute: fc.option(minute, { nil: null }),
  dates: fc.constant(null),
})

const scene = fc
  .tuple(
    fc.constantFrom(...clockChanges),
    fc.array(rule, { maxLength: 3 }),
    fc.array(rule, { maxLength: 2 }),
    fc.integer({ min: -8 * 60, max: 8 * 60 }),
  )
  .map(([[zone, near], allow, deny, minutes]) => ({
    window: { zone, allow, deny } satisfies WindowPlan,
    from: at(near) + minutes * minuteMs,
  }))

/** Slow and without a thought: every minute of a day. */
const minutesOf = (from: number) => Array.from({ length: 24 * 60 }, (_, index) => from + index * minuteMs)

describe('a window, where clocks are set', () => {
  test('opens and closes at the minute at which looking every minute finds it so', () => {
    fc.assert(
      fc.property(scene, ({ window, from }) => {
        const minutes = minutesOf(from)
        const opens = windowOpensAt(window, from)
        const closes = windowClosesAt(window, from)
        const last = minutes.at(-1) ?? from
        const firstOpen = minutes.find((each) => isWindowOpen(window, each))
        const firstClosed = minutes.find((each) => !isWindowOpen(window, each))
        if (firstOpen === undefined) expect(opens === undefined || opens > last).toBe(true)
        else expect(opens).toBe(firstOpen)
        if (firstClosed === undefined) expect(closes === undefined || closes > last).toBe(true)
        else expect(closes).toBe(firstClosed)
      }),
      { numRuns: 60 },
    )
  })

  test('is open throughout exactly when every minute is', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 0, max: 600 }), ({ window, from }, length) => {
        const to = from + length * minuteMs
        const every = minutesOf(from)
          .filter((each) => each <= to)
          .every((each) => isWindowOpen(window, each))
        expect(isOpenThroughout(window, from, to)).toBe(every)
      }),
      { numRuns: 60 },
    )
  })

  test('is never open while a denial holds, whatever is allowed', () => {
    fc.assert(
      fc.property(scene, rule, ({ window, from }, denial) => {
        const only: WindowPlan = { ...window, allow: [denial], deny: [] }
        const denied: WindowPlan = { ...window, deny: [...window.deny, denial] }
        for (const each of minutesOf(from).filter((_, index) => index % 7 === 0))
          if (isWindowOpen(only, each)) expect(isWindowOpen(denied, each)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})

describe('working days', () => {
  const calendar = fc.record({
    workingDays: fc
      .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 })
      .map((days): readonly number[] => days.toSorted((one, other) => one - other)),
    holidays: fc.uniqueArray(
      fc.integer({ min: 0, max: 30 }).map((day) => dateOf(at('2026-12-15') + day * dayMs)),
      { maxLength: 8 },
    ),
  })
  const day = fc.integer({ min: 0, max: 40 }).map((days) => at('2026-12-10') + days * dayMs)

  test('an eve is the nearest working day before, over weekends, holidays in a row and the turn of a year', () => {
    fc.assert(
      fc.property(calendar, day, (given, holiday) => {
        const eve = workingDayBefore(given, holiday)
        expect(eve).toBeLessThan(holiday)
        expect(isWorkingDay(given, eve)).toBe(true)
        for (let between = eve + dayMs; between < holiday; between += dayMs)
          expect(isWorkingDay(given, between)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('counting back and forth comes back to a working day, at the same time of day', () => {
    fc.assert(
      fc.property(
        calendar,
        day,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 1439 }),
        (given, from, count, time) => {
          fc.pre(isWorkingDay(given, from))
          const wall = from + time * minuteMs
          expect(addWorkingDays(given, addWorkingDays(given, wall, -count), count)).toBe(wall)
        },
      ),
      { numRuns: 100 },
    )
  })
})
