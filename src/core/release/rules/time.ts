/** People about when: opening a window that is closed, moving the planned start. And what the engine read for a window. */
import { whyClosed } from '../../calendar/window-words.ts'
import { wallWords } from '../../calendar/wall-words.ts'
import { isDeniedForAll, isWindowOpen } from '../../calendar/window.ts'
import type { PhasePlan, Plan } from '../../plan/plan.ts'
import type { Instant } from '../../units.ts'
import { nextForwardPhase } from '../consequences-phases.ts'
import { notBefore } from '../consequences-time.ts'
import { roomFrom, standsInTheWay } from '../course.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { Facts, Refusal } from '../commands.ts'
import type { ReleaseEvent } from '../events.ts'
import { anchorOf, dueOf, freshFrom, leadCalendar, leadPhases } from '../planned-start.ts'
import { isShortOfPeople } from '../presence.ts'
import { goesForward, isEnded } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { isInRole, isMachine, notInRole, signInMissing, type Where } from './approvals.ts'

export const overrideWindow: Rule<'OverrideWindow'> = (state, command, facts) => {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  const next = nextForwardPhase(state)
  const phase =
    command.phase === null ? next : state.plan.phases.find(({ id, title }) => [id, title].includes(command.phase ?? ''))
  if (phase === undefined)
    return refuse('unknown-step', `This release has no phase "${command.phase ?? ''}" that is still to come.`)
  if (state.phases.get(phase.id)?.status === 'waiting' && isShortOfPeople(state))
    return refuse('not-due', `"${phase.title}" waits for people to be there first: holdpoint release present`)
  if (state.phases.get(phase.id)?.status !== 'waiting' || !goesForward(state))
    return refuse('not-due', `"${phase.title}" does not wait for a window.`)
  const already = state.time.overridden.get(phase.id)
  if (already) return refuse('no-change', `${already.by} has overridden the window of "${phase.title}" already.`)
  const from = Math.max(facts.now, notBefore(state, phase))
  if (!standsInTheWay(state.plan, phase, from))
    return refuse(
      'no-change',
      from > facts.now
        ? `"${phase.title}" waits for ${wallWords(leadCalendar(state.plan).zone, from)}, and not for its window.`
        : `No window keeps "${phase.title}" from beginning.`,
    )
  const refused = overrideRefused(state, phase, command, facts)
  return refused ?? accept(overridden(phase, command, facts))
}

/** Why this person may not open the window of this phase; null = they may. */
export function overrideRefused(
  where: Where,
  phase: PhasePlan,
  { role, reason }: { readonly role: string; readonly reason: string },
  facts: Facts,
): Refusal | null {
  const window = phase.window === null ? undefined : where.plan.windows[phase.window]
  if (window === undefined) return refuse('not-due', `"${phase.title}" has no window.`)
  if (window.override === undefined)
    return refuse(
      'not-overridable',
      `Nobody may override the window "${phase.window}": it names no role. For example: windows: { ${phase.window}: { …, override: release-manager } }`,
    )
  if (isDeniedForAll(window, facts.now))
    return refuse(
      'not-overridable',
      `Nobody may override the window "${phase.window}" now: ${whyClosed(window, facts.now) ?? 'denied'}, and that is absolute.`,
    )
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A person overrides a window.')
  if (role !== window.override)
    return refuse('not-in-role', `The window "${phase.window}" is overridden as ${window.override}, not as ${role}.`)
  if (!isInRole(where, role, facts.actor)) return notInRole(where, role, facts.actor.id)
  if (reason.trim() === '')
    return refuse('reason-required', 'Say why the window does not count. For example: --reason "customers cannot pay"')
  return signInMissing(where, facts.actor, 'overriding a window', facts.now)
}

export function overridden(
  phase: PhasePlan,
  { role, reason }: { readonly role: string; readonly reason: string },
  { actor }: Facts,
): ReleaseEvent {
  return { kind: 'WindowOverridden', phase: phase.id, window: phase.window ?? '', by: actor.id, role, reason }
}

export const reschedule: Rule<'Reschedule'> = (state, command, facts) => {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  const anchor = anchorOf(state.plan)
  if (!anchor || state.phases.get(anchor.id)?.status !== 'waiting' || state.phase !== 'running')
    return refuse('not-due', anchor ? `"${anchor.title}" has already begun.` : 'Nothing here has a planned start.')
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A person moves the start.')
  if (command.reason.trim() === '')
    return refuse('reason-required', 'Say why the start moves. For example: --reason "the vendor needs a day more"')
  const unsigned = signInMissing(state, facts.actor, 'moving the start', facts.now)
  if (unsigned) return unsigned
  if (command.to === state.time.plannedAt) return refuse('no-change', 'That is when it is planned already.')
  const wrong = plannedWrong(state.plan, command.to, facts.now, state.time.overridden.has(anchor.id))
  if (wrong) return wrong
  const from = state.time.plannedAt
  return accept(
    { kind: 'ReleaseRescheduled', from, to: command.to, by: facts.actor.id, reason: command.reason },
    ...staleFor(state, from, command.to),
  )
}

/** A planned start lies ahead, and in the window of its phase with room for what that covers. */
export function plannedWrong(plan: Plan, at: Instant, now: Instant, isOverridden: boolean): Refusal | null {
  const { zone } = leadCalendar(plan)
  if (at <= now)
    return refuse('too-late', `The planned start ${wallWords(zone, at)} is over. For example: --at 2026-12-01T10:00`)
  const anchor = anchorOf(plan)
  const window = anchor?.window == null ? undefined : plan.windows[anchor.window]
  if (!anchor || !window || isOverridden) return null
  const room = roomFrom(plan, anchor, at)
  if (room === at) return null
  const then = room === undefined ? 'It has no room within a year' : `It could begin ${wallWords(zone, room)}`
  const why = isWindowOpen(window, at) ? 'has no room for it then' : `is closed then (${whyClosed(window, at)})`
  return refuse(
    'outside-window',
    `"${anchor.title}" is planned for ${wallWords(zone, at)}, and its window "${anchor.window}" ${why}. ${then}.`,
  )
}

/** Steps with a lead time that were done too long before the new start. */
function staleFor(state: ReleaseState, from: Instant | null, to: Instant): readonly ReleaseEvent[] {
  const { plan } = state
  const { zone } = leadCalendar(plan)
  return leadPhases(plan).flatMap((phase) => {
    const fresh = freshFrom(plan, phase.due, to)
    if (phase.due.side !== 'before' || (from !== null && fresh <= freshFrom(plan, phase.due, from))) return []
    return (state.index.stepsOfPhase.get(phase.id) ?? []).flatMap((step): readonly ReleaseEvent[] => {
      const closed = state.steps.get(step.id)?.closed ?? null
      const isDone = closed !== null && ['answered', 'approved', 'passed'].includes(closed.how)
      const isAsked = ['answer', 'approve', 'fields', 'check'].includes(step.block.word)
      if (!isDone || !isAsked || closed.at >= fresh) return []
      const why = `done ${wallWords(zone, closed.at)}, too long before a start planned for ${wallWords(zone, to)}`
      return [{ kind: 'StepReopened', step: step.id, why }]
    })
  })
}

/** The first lead time that a start planned like this has missed, in words; null = all can be kept. */
export function missedLead(plan: Plan, plannedAt: Instant, now: Instant): string | null {
  const { zone } = leadCalendar(plan)
  const missed = leadPhases(plan).find(({ due }) => due.side === 'before' && dueOf(plan, due, plannedAt) < now)
  if (!missed) return null
  return `"${missed.title}" was due ${wallWords(zone, dueOf(plan, missed.due, plannedAt))}, for a start at ${wallWords(zone, plannedAt)}`
}

/** A reading that says nothing new is kept once in a while only. */
const sameReadingMs = 5 * 60_000

export const recordWindowReading: Rule<'RecordWindowReading'> = (state, command) => {
  const { kind: _, ...reading } = command
  if (state.plan.windows[command.window]?.lowTraffic === undefined)
    return refuse('not-due', `No traffic is read for "${command.window}".`)
  const last = state.time.readings.get(command.window)
  const isKnown = command.evidence.length > 0
  const isNew =
    !last ||
    last.isLow !== command.isLow ||
    last.evidence.length > 0 !== isKnown ||
    command.observedAt - last.observedAt >= sameReadingMs
  return isNew || command.isLow ? accept({ kind: 'WindowRead', ...reading }) : accept()
}
