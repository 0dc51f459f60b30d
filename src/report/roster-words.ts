/** Who is on call, and which contacts are stale, in words. */
import type { Plan } from '../core/plan/plan.ts'
import { type OnCall, onCallAt, type StaleContact, staleContacts } from '../core/roster.ts'
import type { Instant } from '../core/units.ts'
import { dateWords } from './words.ts'

export interface RosterView {
  /** null = the checklist says no roster. */
  readonly onCall: readonly OnCall[] | null
  /** Levels at which nobody is on call now, although the roster says them. */
  readonly uncovered: readonly string[]
  readonly roles: Readonly<Record<string, string>>
  readonly staleContacts: readonly StaleContact[]
}

export function rosterView(plan: Plan, now: Instant): RosterView {
  const onCall = plan.roster === undefined ? null : onCallAt(plan.roster, now)
  const levels = Object.keys(plan.roster?.levels ?? {})
  return {
    onCall,
    uncovered: levels.filter((level) => onCall?.some((one) => one.level === level) !== true),
    roles: plan.rosterRoles ?? {},
    staleContacts: staleContacts(plan, now),
  }
}

/** `primary: ana until 2026-11-23 08:00 UTC`. */
export function onCallWords({ level, person, until }: OnCall): string {
  return `${level}: ${person}${until === null ? '' : ` until ${dateWords(until)}`}`
}

/** `devops was last verified 2026-05-01, 204 days ago`. */
export function staleWords({ name, verified, days }: StaleContact): string {
  return `${name} was last verified ${verified}, ${days} days ago`
}
