import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WindowPlan, WindowRule } from '../plan/plan.ts'
import { isWindowOpen, localTime, windowOpensAt } from './window.ts'

const rule = (more: Partial<WindowRule>): WindowRule => ({
  weekdays: null,
  fromMinute: null,
  toMinute: null,
  dates: null,
  ...more,
})
const window = (more: Partial<WindowPlan>): WindowPlan => ({ zone: 'Europe/Berlin', allow: [], deny: [], ...more })
const at = (text: string) => Date.parse(text)

describe('a window', () => {
  test('reads the wall clock of its zone, summer time included', () => {
    expect(localTime('Europe/Berlin', at('2026-07-01T22:30:00Z'))).toEqual({
      date: '2026-07-02',
      weekday: 4,
      minute: 30,
    })
    expect(localTime('Europe/Berlin', at('2026-01-01T22:30:00Z'))).toEqual({
      date: '2026-01-01',
      weekday: 4,
      minute: 23 * 60 + 30,
    })
  })

  test('is open where an allow rule holds and no deny rule does', () => {
    const office = window({
      allow: [rule({ weekdays: [1, 2, 3, 4], fromMinute: 9 * 60, toMinute: 16 * 60 })],
      deny: [rule({ dates: ['2026-12-24'] })],
    })
    expect(isWindowOpen(office, at('2026-11-23T09:00:00Z'))).toBe(true)
    expect(isWindowOpen(office, at('2026-11-27T09:00:00Z'))).toBe(false)
    expect(isWindowOpen(office, at('2026-12-24T09:00:00Z'))).toBe(false)
    expect(isWindowOpen(office, at('2026-11-23T15:00:00Z'))).toBe(false)
  })

  test('may span midnight', () => {
    const night = window({ zone: 'UTC', allow: [rule({ fromMinute: 22 * 60, toMinute: 4 * 60 })] })
    expect(isWindowOpen(night, at('2026-11-23T23:00:00Z'))).toBe(true)
    expect(isWindowOpen(night, at('2026-11-23T03:59:00Z'))).toBe(true)
    expect(isWindowOpen(night, at('2026-11-23T12:00:00Z'))).toBe(false)
  })

  test('that never opens says so', () => {
    expect(windowOpensAt(window({ deny: [rule({})] }), at('2026-11-23T00:00:00Z'))).toBeUndefined()
  })

  test('opens at the first open minute, not before and not after', () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 })
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
        minute,
        minute,
        fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
        fc.integer({ min: 0, max: 1e9 }),
        (zone, fromMinute, toMinute, weekdays, offset) => {
          const some = window({ zone, allow: [rule({ weekdays, fromMinute, toMinute })] })
          const start = at('2026-03-01T00:00:00Z') + offset
          const opens = windowOpensAt(some, start)
          if (opens === undefined) return fromMinute === toMinute
          return opens >= start && isWindowOpen(some, opens) && (opens === start || !isWindowOpen(some, opens - 1))
        },
      ),
      { numRuns: 60 },
    )
  })
})
