/** Who is on call, as a checklist or the settings beside it say: shifts, and calendars whose events name people. */
import type { Instant } from '../units.ts'
import type { CalendarSource, Closure } from './plan-windows.ts'

export const rosterLevels = ['primary', 'secondary', 'escalation'] as const
export type RosterLevel = (typeof rosterLevels)[number]

export interface RosterPlan {
  /** IANA zone of calendar events that name none. */
  readonly zone: string
  /** A level that is not said has nobody. */
  readonly levels: Readonly<Partial<Record<RosterLevel, RosterLevelPlan>>>
  /** Calendar files that were read, and what they were. */
  readonly calendars: readonly CalendarSource[]
  /** A service that is asked instead; then the levels hold nobody. */
  readonly asked?: AskedRoster
}

/** PagerDuty knows who is on call: by one escalation policy, or by a schedule for each level. */
export interface AskedRoster {
  readonly kind: 'pagerduty'
  /** Without a slash at its end. */
  readonly url: string
  /** Name of a declared secret. */
  readonly token: string
  /** Its first three levels are primary, secondary and escalation; null = the schedules say it. */
  readonly policy: string | null
  readonly schedules: Readonly<Partial<Record<RosterLevel, string>>>
  /** Person here, by the id or the e-mail address (in small letters) of their user. */
  readonly people: Readonly<Record<string, string>>
}

export interface RosterLevelPlan {
  readonly shifts: readonly RosterShift[]
  /** Events of an iCalendar file; the title of each is who is on call. */
  readonly events: readonly Closure[]
}

/** `from` inclusive, `until` exclusive; null = always. */
export interface RosterShift {
  readonly person: string
  readonly from: Instant | null
  readonly until: Instant | null
}
