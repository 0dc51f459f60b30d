/** Who is present while a phase asks for people, and whether they are enough. Too few hold it; nothing ever turns back for it. */
import { isForward } from '../plan/phase-kinds.ts'
import type { PhasePlan, PresencePlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { ReleaseEvent } from './events.ts'
import type { PresenceState, ReleaseState } from './state.ts'

export interface PresenceStanding {
  readonly phase: PhasePlan
  readonly wanted: PresencePlan
  /** Those who count. */
  readonly here: readonly PresenceState[]
  readonly missing: number
}

/** What the phase at hand asks for: the first forward phase that is not over. null = nobody in particular. */
export function presenceOf(state: ReleaseState): PresenceStanding | null {
  if (state.index.presencePhases.size === 0) return null
  const phase = state.plan.phases.find(
    ({ id, kind }) => isForward(kind) && ['waiting', 'open'].includes(state.phases.get(id)?.status ?? ''),
  )
  const wanted = phase?.present
  if (!phase || !wanted) return null
  const here = [...state.present.values()].filter(
    ({ roles }) => wanted.roles.length === 0 || roles.some((role) => wanted.roles.includes(role)),
  )
  return { phase, wanted, here, missing: Math.max(0, wanted.count - here.length) }
}

export function isShortOfPeople(state: ReleaseState): boolean {
  return (presenceOf(state)?.missing ?? 0) > 0
}

/** Every role that any phase counts by. */
export function countedRoles(state: ReleaseState): readonly string[] {
  return [...new Set(state.plan.phases.flatMap(({ present }) => present?.roles ?? []))]
}

/** Whoever said until when they stay is not there any more after that. */
export function presenceConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  return [...state.present.values()]
    .filter(({ until }) => until !== null && now >= until)
    .map(({ by }) => ({ kind: 'PresenceEnded', by, why: 'their time is up' }))
}

export function presenceAlarms(state: ReleaseState): readonly Instant[] {
  return [...state.present.values()].flatMap(({ until }) => (until === null ? [] : [until]))
}

/** `"Deploy" goes on with 2 people present (engineer): ana is, 1 more has to say so`. */
export function presenceWords({ phase, wanted, here, missing }: PresenceStanding): string {
  const who = wanted.roles.length > 0 ? ` (${wanted.roles.join(', ')})` : ''
  const people = wanted.count === 1 ? '1 person' : `${wanted.count} people`
  const are =
    here.length === 0 ? 'nobody is' : `${here.map(({ by }) => by).join(', ')} ${here.length === 1 ? 'is' : 'are'}`
  const others = here.length === 0 ? '' : ' more'
  const more = missing === 0 ? '' : `, ${missing}${others} ${missing === 1 ? 'has' : 'have'} to say so`
  return `"${phase.title}" goes on with ${people} present${who}: ${are}${more}`
}
