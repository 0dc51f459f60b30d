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
  /** How far before a holiday its eve is; absent = the day before, where it was asked for. */
  readonly eves?: 'working-day'
  /** 1 = Monday to 7 = Sunday, in order; absent = Monday to Friday. */
  readonly workingDays?: readonly number[]
  /** Days nobody works, `YYYY-MM-DD`, without eves; kept where something counts in working days; absent = none. */
  readonly holidays?: readonly string[]
  /** Role that may open it with a reason while it is closed; absent = nobody may. */
  readonly override?: string
  /** How far beyond its own phase the window has to hold; absent = looked at once, when the release is started. */
  readonly covers?: WindowCover
  /** Open only while a number is low enough; absent = the clock alone decides. */
  readonly lowTraffic?: LowTraffic
}

/** `entry`: only when the phase begins. Else to the end of the phase that names the window, of the last rollout, of the last watch, or of everything. */
export type WindowCover = 'entry' | 'phase' | 'rollout' | 'watch' | 'release'

/** Low when everything that is asked for here was read and is so. */
export interface LowTraffic {
  readonly source: string
  readonly query: string
  /** Every reading of the last `forMs` is below; absent = what it is now does not matter. */
  readonly below?: number
  readonly forMs: Millis
  /** What is usual at this time of the week is below too; absent = nothing is compared with. */
  readonly usual?: UsualTraffic
}

/** The highest of the `forMs` that began at this time of each of the last weeks; the median of them has to be below. */
export interface UsualTraffic {
  readonly below: number
  readonly weeks: number
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
  /** Closed from its eve on. */
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
  /** Of a denial: no override opens it; absent = that of the window does. */
  readonly absolute?: true
}
