/** How old a record may be: an age that slides with the clock, or a piece of the calendar. The boundaries are told in docs/language.md. */
import { instantsOf, type WallTime, wallTimeAt } from '../calendar/wall-clock.ts'
import type { Instant, Millis } from '../units.ts'

export const calendarUnits = ['day', 'week', 'month', 'quarter', 'year'] as const
export type CalendarUnit = (typeof calendarUnits)[number]

/** From the beginning of the unit that lies `back` units before the one that is running, in a zone such as `Europe/Berlin`. */
export interface CalendarAge {
  readonly unit: CalendarUnit
  readonly back: number
  readonly zone: string
}

export interface RecordAge {
  /** Greatest age; with a `calendar` the longest it can come to. */
  readonly maxAgeMs: Millis
  /** Absent = the age slides with the clock. */
  readonly calendar?: CalendarAge
}

/** The last instant at which something observed then still counts: an age that is exactly reached is not yet too old. */
export function freshUntil({ maxAgeMs, calendar }: RecordAge, observedAt: Instant): Instant {
  if (calendar === undefined) return observedAt + maxAgeMs
  return unitStart(calendar, observedAt, calendar.back + 1) - 1
}

/** What lies in the future proves nothing: somebody's clock or pen was wrong. */
export function isFresh(age: RecordAge, observedAt: Instant, now: Instant): boolean {
  return observedAt <= now && now <= freshUntil(age, observedAt)
}

/** The first instant of the unit `ahead` units after the one in which `at` lies; 0 = that one itself. Weeks begin on Monday. */
export function unitStart({ unit, zone }: Omit<CalendarAge, 'back'>, at: Instant, ahead: number): Instant {
  return instantsOf(zone, wallStart(unit, wallTimeAt(zone, at), ahead)).first
}

/** The same on the wall: the reading of a clock at the beginning of a unit. */
export function wallStart(unit: CalendarUnit, wall: WallTime, ahead: number): WallTime {
  const date = new Date(wall)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  switch (unit) {
    case 'day':
      return Date.UTC(year, month, day + ahead)
    case 'week':
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7) + 7 * ahead)
    case 'month':
      return Date.UTC(year, month + ahead, 1)
    case 'quarter':
      return Date.UTC(year, month - (month % 3) + 3 * ahead, 1)
    case 'year':
      return Date.UTC(year + ahead, 0, 1)
  }
}
