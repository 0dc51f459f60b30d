/** When something may begin: windows, their rules, and what calendars close. */
import type { Millis } from '../units.ts'

export interface WindowPlan {
  readonly zone: string
  readonly allow: readonly WindowRule[]
  readonly deny: readonly WindowRule[]
  /** Events of the calendars below, during which nothing begins; absent = none. */
  readonly closures?: readonly Closure[]
  /** The calendar files as they were read, so that another calendar is another plan; absent = none. */
  readonly calendars?: readonly CalendarSource[]
}

export interface CalendarSource {
  /** As the checklist names it. */
  readonly file: string
  /** Of its bytes, hex. */
  readonly sha256: string
}

/** One event of a calendar. Readings of a wall clock are `YYYY-MM-DDTHH:MM:SS`. */
export interface Closure {
  readonly title: string
  /** IANA name; null = that of the window. */
  readonly zone: string | null
  readonly start: string
  /** By the wall clock. */
  readonly lengthMs: Millis
  /** Begins and ends at midnight, however long its days are. */
  readonly wholeDays: boolean
  /** Closed the day before, too. */
  readonly eve: boolean
  readonly every: ClosureRepeat | null
  /** Starts that are left out. */
  readonly except: readonly string[]
}

export interface ClosureRepeat {
  readonly unit: 'year' | 'week'
  readonly interval: number
  /** 1 = Monday to 7 = Sunday, in order; empty for years. */
  readonly weekdays: readonly number[]
  /** No start after this; null = for ever. */
  readonly until: string | null
}

/** All given parts must hold. `weekdays` 1 = Monday to 7 = Sunday; minutes are local minutes of the day; dates `YYYY-MM-DD`. */
export interface WindowRule {
  readonly weekdays: readonly number[] | null
  readonly fromMinute: number | null
  readonly toMinute: number | null
  readonly dates: readonly string[] | null
}
