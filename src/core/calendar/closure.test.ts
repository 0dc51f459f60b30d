import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Closure, WindowPlan } from '../plan/plan.ts'
import { readCalendar } from './calendar-file.ts'
import { writeWall } from './closure.ts'
import { instantsOf, wallTimeAt } from './wall-clock.ts'
import { eventOn, isOpenThroughout, isWindowOpen, localTime, windowOpensAt } from './window.ts'

const at = (text: string) => Date.parse(text)
const hour = 3_600_000
const day = 24 * hour
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Australia/Lord_Howe',
]
const zone = fc.constantFrom(...zones)

const closure = (more: Partial<Closure>): Closure => ({
  title: 'an event',
  zone: null,
  start: '2026-12-25T00:00:00',
  lengthMs: day,
  wholeDays: true,
  eve: false,
  every: null,
  except: [],
  ...more,
})
const window = (of: string, ...closures: readonly Closure[]): WindowPlan => ({
  zone: of,
  allow: [],
  deny: [],
  closures,
})

describe('a wall clock', () => {
  test('shows an hour twice where it is set back, and jumps over one where it is set forward', () => {
    expect(instantsOf('Europe/Berlin', at('2026-10-25T02:30:00Z'))).toEqual({
      first: at('2026-10-25T00:30:00Z'),
      last: at('2026-10-25T01:30:00Z'),
    })
    expect(instantsOf('Europe/Berlin', at('2026-03-29T02:30:00Z'))).toEqual({
      first: at('2026-03-29T00:30:00Z'),
      last: at('2026-03-29T01:30:00Z'),
    })
  })

  test('comes back to the instant it was read at', () => {
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 2e9 }), (of, seconds) => {
        const { first, last } = instantsOf(of, wallTimeAt(of, seconds * 1000))
        return first <= last && (first === seconds * 1000 || last === seconds * 1000)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a window with a calendar', () => {
  test('is closed on whole days of its own zone, wherever that is', () => {
    const minutes = fc.integer({ min: -3 * 1440, max: 3 * 1440 })
    const begins = fc.constantFrom('2026-12-31', '2026-03-29', '2026-10-25', '2026-11-01', '2028-02-29')
    fc.assert(
      fc.property(
        zone,
        begins,
        fc.boolean(),
        minutes,
        fc.integer({ min: 1, max: 3 }),
        (of, start, eve, minute, days) => {
          const first = at(`${start}T00:00:00Z`)
          const look = first + minute * 60_000
          const some = window(of, closure({ start: `${start}T00:00:00`, lengthMs: days * day, eve }))
          const closedDays = Array.from({ length: days + (eve ? 1 : 0) }, (_, index) =>
            writeWall(first + (index - (eve ? 1 : 0)) * day).slice(0, 10),
          )
          expect(isWindowOpen(some, look)).toBe(!closedDays.includes(localTime(of, look).date))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('closes the eve of a holiday and not the eve of that eve, also over a year end', () => {
    const some = window('Europe/Berlin', closure({ start: '2027-01-01T00:00:00', eve: true }))
    expect(isWindowOpen(some, at('2026-12-30T22:59:00Z'))).toBe(true)
    expect(isWindowOpen(some, at('2026-12-30T23:00:00Z'))).toBe(false)
    expect([eventOn(some, at('2026-12-31T12:00:00Z')), eventOn(some, at('2027-01-02T12:00:00Z'))]).toEqual([
      'an event',
      null,
    ])
    expect(windowOpensAt(some, at('2026-12-31T12:00:00Z'))).toBe(at('2027-01-01T23:00:00Z'))
  })

  test('is closed for the whole of an event across midnight while clocks are set, forward and back', () => {
    const night = (start: string) =>
      window('UTC', closure({ zone: 'Europe/Berlin', start, lengthMs: 8 * hour, wholeDays: false }))
    const forward = night('2026-03-28T22:00:00')
    expect(windowOpensAt(forward, at('2026-03-28T21:00:00Z'))).toBe(at('2026-03-29T05:00:00Z'))
    expect(isWindowOpen(forward, at('2026-03-28T20:59:59Z'))).toBe(true)
    const back = night('2026-10-24T22:00:00')
    // By the clock it ends at six, which is nine hours later.
    expect(windowOpensAt(back, at('2026-10-24T20:00:00Z'))).toBe(at('2026-10-25T05:00:00Z'))
  })

  test('that repeats every year is closed in each, and on a 29 February where there is one', () => {
    const yearly = { unit: 'year', interval: 1, weekdays: [], until: null } as const
    const some = window('UTC', closure({ start: '2024-02-29T00:00:00', every: yearly }))
    expect(['2024', '2028', '2032'].map((year) => isWindowOpen(some, at(`${year}-02-29T12:00:00Z`)))).toEqual([
      false,
      false,
      false,
    ])
    expect(isWindowOpen(some, at('2027-02-28T12:00:00Z'))).toBe(true)
    expect(isWindowOpen(some, at('2027-03-01T12:00:00Z'))).toBe(true)
    expect(isWindowOpen(some, at('2020-02-29T12:00:00Z'))).toBe(true)
  })

  test('that repeats by weeks is closed on the days of each such week, until it ends, but for what is left out', () => {
    const every = { unit: 'week', interval: 2, weekdays: [5, 7], until: '2027-01-22T00:00:00' } as const
    const some = window('UTC', closure({ start: '2026-12-25T00:00:00', every, except: ['2027-01-10T00:00:00'] }))
    const closed = Array.from({ length: 60 }, (_, index) => at('2026-12-20T12:00:00Z') + index * day)
      .filter((look) => !isWindowOpen(some, look))
      .map((look) => writeWall(look).slice(0, 10))
    expect(closed).toEqual(['2026-12-25', '2026-12-27', '2027-01-08', '2027-01-22'])
  })

  test('opens at the first open minute, and stays open until the next event only', () => {
    const events = fc.array(
      // Longer than the pause between two looks below, so that none is overlooked.
      fc.record({ startsIn: fc.integer({ min: 0, max: 4000 }), minutes: fc.integer({ min: 8, max: 600 }), of: zone }),
      { minLength: 1, maxLength: 6 },
    )
    const begin = fc.constantFrom('2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z', '2026-12-31T00:00:00Z')
    fc.assert(
      fc.property(zone, begin, events, (of, from, list) => {
        const some = window(
          of,
          ...list.map(({ startsIn, minutes, of: own }) =>
            closure({
              zone: own,
              start: writeWall(wallTimeAt(own, at(from) + startsIn * 60_000)),
              lengthMs: minutes * 60_000,
              wholeDays: false,
            }),
          ),
        )
        const opens = windowOpensAt(some, at(from))
        if (opens === undefined) throw new Error('events end')
        const minutes = Array.from({ length: 5000 }, (_, index) => at(from) + index * 60_000)
        const looks = minutes.filter((_, index) => index % 7 === 0)
        expect(looks.filter((look) => look < opens && isWindowOpen(some, look))).toEqual([])
        expect(isWindowOpen(some, opens)).toBe(true)
        const end = looks.find((look) => look > opens && !isWindowOpen(some, look)) ?? opens + 5000 * 60_000
        expect(isOpenThroughout(some, opens, end)).toBe(
          looks.every((look) => look < opens || look > end || isWindowOpen(some, look)),
        )
      }),
      { numRuns: 10 },
    )
  })

  test('sees an event of a minute between two looks', () => {
    const minute = closure({ start: '2026-12-25T10:20:00', lengthMs: 60_000, wholeDays: false })
    expect(isOpenThroughout(window('UTC', minute), at('2026-12-25T10:00:00Z'), at('2026-12-25T11:00:00Z'))).toBe(false)
    expect(isOpenThroughout(window('UTC', minute), at('2026-12-25T10:21:00Z'), at('2026-12-25T11:00:00Z'))).toBe(true)
  })

  test('finds the twenty open minutes between two events', () => {
    const some = window(
      'UTC',
      closure({ start: '2026-12-25T00:00:00', lengthMs: 14 * hour + 10 * 60_000, wholeDays: false }),
      closure({ start: '2026-12-25T14:30:00', lengthMs: 5 * hour, wholeDays: false }),
    )
    expect(windowOpensAt(some, at('2026-12-25T03:00:00Z'))).toBe(at('2026-12-25T14:10:00Z'))
  })

  test('means by a date of the file what it means by a date of the list', () => {
    fc.assert(
      fc.property(zone, fc.boolean(), fc.integer({ min: 0, max: 4 * 1440 }), (of, eves, minute) => {
        const file = readCalendar(
          'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nEND:VEVENT\nEND:VCALENDAR',
          eves,
        )
        if (!file.ok) throw new Error(file.problem.found)
        const dates = eves ? ['2026-12-31', '2027-01-01'] : ['2027-01-01']
        const listed: WindowPlan = {
          zone: of,
          allow: [],
          deny: [{ weekdays: null, fromMinute: null, toMinute: null, dates }],
        }
        const look = at('2026-12-30T00:00:00Z') + minute * 60_000
        expect(isWindowOpen(window(of, ...file.closures), look)).toBe(isWindowOpen(listed, look))
      }),
      { numRuns: 100 },
    )
  })
})
