/** Who is on call at an instant, and which contacts nobody has made sure of lately. */
import { spansOf } from './calendar/closure.ts'
import type { Plan, RosterPlan } from './plan/plan.ts'
import { type RosterLevel, rosterLevels } from './plan/plan-roster.ts'
import type { Instant } from './units.ts'

export interface OnCall {
  readonly level: RosterLevel
  readonly person: string
  /** When the shift ends; null = it has no end. */
  readonly until: Instant | null
}

/** Levels in their order; several people may be on call at one. */
export function onCallAt({ levels, zone }: RosterPlan, now: Instant): readonly OnCall[] {
  return rosterLevels.flatMap((level) => {
    const { shifts = [], events = [] } = levels[level] ?? {}
    const onShift = shifts
      .filter(({ from, until }) => (from === null || from <= now) && (until === null || now < until))
      .map(({ person, until }) => ({ level, person, until }))
    const inEvents = spansOf(events, zone, now, now)
      .filter(({ from, to }) => from <= now && now < to)
      .map(({ to, closure }) => ({ level, person: personIn(closure.title), until: to }))
    return [...onShift, ...inEvents]
  })
}

/** `On call: ana` and `ana` name the same person. */
function personIn(title: string): string {
  return title.slice(title.lastIndexOf(':') + 1).trim()
}

/** Levels at which this person is on call. */
export function levelsOf({ roster }: Pick<Plan, 'roster'>, person: string, now: Instant): readonly RosterLevel[] {
  if (roster === undefined) return []
  return onCallAt(roster, now)
    .filter((one) => one.person === person)
    .map(({ level }) => level)
}

/** A contact that nobody made sure of for longer is told. */
export const staleContactMs = 90 * 86_400_000

export interface StaleContact {
  readonly name: string
  /** A day: `2026-11-21`. */
  readonly verified: string
  readonly days: number
}

export function staleContacts(
  { verifiedContacts = {} }: Pick<Plan, 'verifiedContacts'>,
  now: Instant,
): readonly StaleContact[] {
  return Object.entries(verifiedContacts).flatMap(([name, verified]) => {
    const ageMs = now - Date.parse(verified)
    return ageMs > staleContactMs ? [{ name, verified, days: Math.floor(ageMs / 86_400_000) }] : []
  })
}
