/** Who is on call, and which contacts are stale, in words. */
import type { AskedRoster, Plan } from '../core/plan/plan.ts'
import type { RosterAnswer } from '../core/ports/roster.ts'
import { type OnCall, onCallAt, type StaleContact, staleContacts } from '../core/roster.ts'
import type { Instant } from '../core/units.ts'
import { dateWords } from './words.ts'

export interface RosterView {
  /** null = the checklist says no roster. */
  readonly onCall: readonly OnCall[] | null
  /** Levels at which nobody is on call now, although the roster says them, or a role follows from them. */
  readonly uncovered: readonly string[]
  readonly roles: Readonly<Record<string, string>>
  readonly staleContacts: readonly StaleContact[]
  /** A service keeps the roster; absent = the checklist does. */
  readonly asked?: AskedView
}

export interface AskedView {
  /** `escalation policy PANZZEQ at api.pagerduty.com`. */
  readonly what: string
  /** null = it was not asked for this view. */
  readonly at: Instant | null
  /** Why nobody is known to be on call; null = it answered, or was not asked. */
  readonly fault: string | null
  /** On call there, but nobody here. */
  readonly strangers: readonly { readonly level: string; readonly who: string }[]
}

/** `answer` = what the service said that keeps the roster; null = it keeps none, or was not asked. */
export function rosterView(plan: Plan, now: Instant, answer: RosterAnswer | null = null): RosterView {
  const asked = plan.roster?.asked
  const rest = { roles: plan.rosterRoles ?? {}, staleContacts: staleContacts(plan, now) }
  if (plan.roster === undefined) return { onCall: null, uncovered: [], ...rest }
  const onCall = asked === undefined ? onCallAt(plan.roster, now) : onCallIn(answer)
  const isKnown = asked === undefined || answer !== null
  return {
    onCall,
    uncovered: isKnown ? levelsOf(plan).filter((level) => onCall.every((one) => one.level !== level)) : [],
    ...rest,
    ...(asked && { asked: askedView(asked, answer) }),
  }
}

function onCallIn(answer: RosterAnswer | null): readonly OnCall[] {
  if (answer?.kind !== 'answered') return []
  return answer.onCall.map(({ level, person, until }) => ({ level, person, until }))
}

/** A policy may have one level only: beyond the first it has to name somebody only where a role needs it. */
function levelsOf({ roster, rosterRoles }: Plan): readonly string[] {
  const said = Object.keys(roster?.levels ?? {})
  return roster?.asked === undefined ? said : [...new Set([...said, ...Object.values(rosterRoles ?? {})])]
}

function askedView(asked: AskedRoster, answer: RosterAnswer | null): AskedView {
  return {
    what: `${askedWords(asked)} at ${new URL(asked.url).host}`,
    at: answer?.at ?? null,
    fault: answer?.kind === 'unknown' ? answer.say : null,
    strangers: answer?.kind === 'answered' ? answer.strangers : [],
  }
}

function askedWords({ policy, schedules }: AskedRoster): string {
  if (policy !== null) return `escalation policy ${policy}`
  const ids = Object.values(schedules)
  return `${ids.length === 1 ? 'schedule' : 'schedules'} ${ids.join(', ')}`
}

/** `primary: ana until 2026-11-23 08:00 UTC`. */
export function onCallWords({ level, person, until }: OnCall): string {
  return `${level}: ${person}${until === null ? '' : ` until ${dateWords(until)}`}`
}

/** `devops was last verified 2026-05-01, 204 days ago`. */
export function staleWords({ name, verified, days }: StaleContact): string {
  return `${name} was last verified ${verified}, ${days} days ago`
}

/** `Cy Young (PUSER03) is on call as primary there, and nobody here: name them under "people" of the roster`. */
export function strangerWords({ level, who }: AskedView['strangers'][number]): string {
  return `${who} is on call as ${level} there, and nobody here: name them under "people" of the roster`
}

/** What stands against relying on the answer of a service; empty = it answered, and everybody is known. */
export function askedTroubles({ asked }: RosterView): readonly string[] {
  if (asked === undefined) return []
  const fault = asked.fault === null ? [] : [`who is on call cannot be read: ${asked.fault}`]
  return [...fault, ...asked.strangers.map(strangerWords)]
}
