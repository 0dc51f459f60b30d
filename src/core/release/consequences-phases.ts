/** What follows by itself for phases and for the release as a whole: opening, closing, validating, the end. */
import { windowOpensAt } from '../calendar/window.ts'
import { evaluateCondition } from '../plan/expression.ts'
import type { PhasePlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { mayBeginAt, waitsForTraffic } from './consequences-time.ts'
import type { ReleaseEvent } from './events.ts'
import { askingForLock } from './phase-lock.ts'
import { areRolloutsDone, goesForward, isClosed, isForwardPhase, reopenedSteps } from './standing.ts'
import type { ReleaseState } from './state.ts'
import { isFor } from './release-type.ts'
import { bindingsOf } from './values.ts'
import { isInBackground, watchesToStart } from './watch-times.ts'

/** The first forward phase that is neither closed nor not applicable. */
export function nextForwardPhase(state: ReleaseState): PhasePlan | undefined {
  return state.plan.phases.find(
    (phase) => isForwardPhase(phase) && ['waiting', 'open'].includes(state.phases.get(phase.id)?.status ?? ''),
  )
}

export function phaseConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (!goesForward(state)) return []
  const milestone = milestoneOf(state)
  if (milestone.length > 0) return milestone
  if (reopenedSteps(state).length > 0) return []
  const phase = nextForwardPhase(state)
  if (!phase) return ending(state)
  if (state.phases.get(phase.id)?.status === 'open') {
    return areStepsClosed(state, phase) ? [{ kind: 'PhaseClosed', phase: phase.id, how: 'done', why: '' }] : []
  }
  const opening = openingOf(state, phase, now)
  if (!opening.some((event) => event.kind === 'PhaseOpened')) return opening
  const { mayOpen, events } = askingForLock(state, phase)
  return mayOpen ? opening : events
}

function areStepsClosed(state: ReleaseState, phase: PhasePlan): boolean {
  const { firstOpen } = state.steps
  const first = firstOpen && state.index.step.get(firstOpen.id)
  if (first?.phase === phase.id && !isInBackground(first)) return false
  return (state.index.stepsOfPhase.get(phase.id) ?? []).every(
    (step) => isClosed(state, step.id) || isInBackground(step),
  )
}

/** Opens the phase, or says that it does not apply; nothing while its window is closed. */
export function openingOf(state: ReleaseState, phase: PhasePlan, now: Instant): readonly ReleaseEvent[] {
  if (!isFor(phase.onlyFor, state.releaseType))
    return skipping(state, phase, `only for ${phase.onlyFor?.join(', ')}; this is a ${state.releaseType} release`)
  const taken =
    phase.branch !== null &&
    state.plan.phases.some(
      (other) => other.branch === phase.branch && ['open', 'closed'].includes(state.phases.get(other.id)?.status ?? ''),
    )
  if (taken) return skipping(state, phase, `another branch of "${phase.branch}" was taken`)
  if (phase.when !== null) {
    const answer = evaluateCondition(phase.when, bindingsOf(state))
    if (answer.kind === 'inconclusive')
      return [
        {
          kind: 'HoldPlaced',
          by: 'engine',
          why: `cannot decide when="${phase.when}" of "${phase.title}": ${answer.why}`,
        },
      ]
    if (!answer.value) return skipping(state, phase, `${phase.when} is false`)
  }
  return mayBegin(state, phase, now) ? [{ kind: 'PhaseOpened', phase: phase.id }] : []
}

function skipping(state: ReleaseState, phase: PhasePlan, why: string): readonly ReleaseEvent[] {
  const steps = (state.index.stepsOfPhase.get(phase.id) ?? []).filter((step) => !isClosed(state, step.id))
  return [
    { kind: 'PhaseClosed', phase: phase.id, how: 'not-applicable', why },
    ...steps.map((step) => ({ kind: 'StepClosed', step: step.id, how: 'not-applicable', why }) as const),
  ]
}

/** An unknown window is closed, and so is one whose traffic was not read: doubt keeps the gate shut. */
function mayBegin(state: ReleaseState, phase: PhasePlan, now: Instant): boolean {
  return mayBeginAt(state, phase, now) === now && !waitsForTraffic(state, phase, now)
}

/** When a named window next opens; undefined = unknown window, or not within a year. */
export function opensAt(state: ReleaseState, name: string, now: Instant): Instant | undefined {
  const window = state.plan.windows[name]
  return window && windowOpensAt(window, now)
}

/** A release with an open incident is not closed, nor one whose incident phases still ask for something. */
function isIncidentOpen(state: ReleaseState): boolean {
  const isAsked = state.plan.phases.some((phase) => {
    const status = state.phases.get(phase.id)?.status
    return phase.kind === 'incident' && (status === 'open' || status === 'waiting')
  })
  return state.incidents.length > 0 && (isAsked || state.incidents.some(({ status }) => status !== 'resolved'))
}

function milestoneOf(state: ReleaseState): readonly ReleaseEvent[] {
  const isBetween = state.phase === 'validating' || (state.phase === 'running' && state.observations.size > 0)
  if (!isBetween) return []
  const watches = state.plan.steps.filter((step) => step.block.word === 'watch')
  const isWatched = watches.some(({ id }) => state.observations.has(id)) || watchesToStart(state).length > 0
  if (state.phase === 'running' && areRolloutsDone(state) && isWatched) return [{ kind: 'ReleaseValidating' }]
  if (state.phase === 'validating' && watches.every((step) => isClosed(state, step.id)))
    return [...disarm(state, 'the last watch has ended'), { kind: 'ReleaseSignedOff' }]
  return []
}

function disarm(state: ReleaseState, why: string): readonly ReleaseEvent[] {
  return [...state.triggers.values()]
    .filter((trigger) => trigger.status === 'armed' || trigger.status === 'blind')
    .map((trigger) => ({ kind: 'TriggerDisarmed', trigger: trigger.id, why }))
}

function ending(state: ReleaseState): readonly ReleaseEvent[] {
  // What goes on in the background keeps its triggers: it is signed off, and not closed before that has ended.
  if (state.plan.steps.some((step) => isInBackground(step) && !isClosed(state, step.id)))
    return state.phase === 'signed-off' ? [] : [{ kind: 'ReleaseSignedOff' }]
  if (isIncidentOpen(state)) return []
  const signedOff: readonly ReleaseEvent[] =
    state.phase === 'signed-off'
      ? disarm(state, 'the last watch has ended')
      : [...disarm(state, 'the release is closed'), { kind: 'ReleaseSignedOff' }]
  return [...signedOff, { kind: 'ReleaseClosed', why: closedWhy(state) }]
}

function closedWhy({ rehearsal, plan }: ReleaseState): string {
  if (rehearsal) return 'rehearsed'
  return plan.drill === undefined ? 'every step is closed' : `drill done: ${plan.drill.title}`
}
