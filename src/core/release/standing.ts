/** Questions about a release's state that rules, effects and views ask alike. None of them decides anything. */
import type { PhasePlan, RolloutBlock, RunBlock, StagePlan, StepId, StepPlan } from '../plan/plan.ts'
import { freshUntil } from '../records/age.ts'
import type { Instant } from '../units.ts'
import { isShortOfPeople } from './presence.ts'
import { isDescendant } from './plan-index.ts'
import { recordsToWrite } from './record-making.ts'
import type { AttemptState, ReleasePhase, ReleaseState, RolloutState, StepState } from './state.ts'

const endings: readonly ReleasePhase[] = ['rolled-back', 'closed', 'superseded', 'left']

/** Nothing more will be done for this release, except messages still to be delivered. */
export function isEnded(state: ReleaseState): boolean {
  return endings.includes(state.phase)
}

/** The engine still owes it attention: it has not ended, or a message waits to be sent or a record to be written. */
export function isOpen(state: ReleaseState): boolean {
  return (
    !isEnded(state) ||
    recordsToWrite(state).length > 0 ||
    [...state.messages.values()].some(({ status }) => status === 'queued' || status === 'gathered')
  )
}

/** Forward work may happen at all: not going back, not ended. A hold, a required message that is owed, or too few people stop it for a while. */
export function goesForward(state: ReleaseState): boolean {
  return (
    (state.phase === 'running' || state.phase === 'validating' || state.phase === 'signed-off') &&
    state.hold === null &&
    state.owedMessages.length === 0 &&
    !isShortOfPeople(state)
  )
}

export function stepPlan(state: ReleaseState, id: StepId): StepPlan {
  const plan = state.index.step.get(id)
  if (!plan) throw new Error(`bug: no step ${id} in the plan`)
  return plan
}

export function stepState(state: ReleaseState, id: StepId): StepState {
  const step = state.steps.get(id)
  if (!step) throw new Error(`bug: no state of step ${id}`)
  return step
}

export function isClosed(state: ReleaseState, id: StepId): boolean {
  return state.steps.get(id)?.closed != null
}

/** Attempts since the step was last reopened. */
export function countedAttempts(step: StepState): readonly AttemptState[] {
  return step.attemptsFrom === 0 ? step.attempts : step.attempts.slice(step.attemptsFrom)
}

export function latestAttempt(step: StepState, purpose: AttemptState['purpose']): AttemptState | undefined {
  return countedAttempts(step).findLast((attempt) => attempt.purpose === purpose)
}

export function liveAttempts(step: StepState): readonly AttemptState[] {
  return step.attempts.filter((attempt) => attempt.outcome === null)
}

/** What stands in the way of the step's own block: everything it comes after, children included. */
export function isReady(state: ReleaseState, plan: StepPlan): boolean {
  return plan.after.every((id) => isClosed(state, id))
}

/** Everything outside the step that must be closed before it is reached; its own descendants come after that. */
export function isEntryOpen(state: ReleaseState, plan: StepPlan): boolean {
  return plan.after.every((id) => isClosed(state, id) || isDescendant(state.index, id, plan.id))
}

export type ActionStanding = 'not-started' | 'live' | 'done' | 'failed' | 'unknown' | 'probe-wanted' | 'again'

/**
 * Where an action stands. `probe-wanted`: its result is lost or wants confirming and its probe has not answered yet;
 * `again`: a rerun is allowed (settled so, or idempotent with retries left).
 */
export function actionStanding(step: StepState, block: RunBlock): ActionStanding {
  const attempts = countedAttempts(step)
  const actionAt = attempts.findLastIndex((attempt) => attempt.purpose === 'action')
  const action = attempts[actionAt]
  if (!action) return 'not-started'
  if (action.outcome === null) return 'live'
  if (action.settled === 'done') return 'done'
  if (action.settled === 'failed') return 'failed'
  if (action.settled === 'retry') return 'again'
  const probes = attempts.slice(actionAt + 1).filter((attempt) => attempt.purpose === 'probe')
  const probe = probes.at(-1)
  if (action.outcome === 'passed') {
    if (!block.probe || probe?.outcome === 'passed') return 'done'
    if (isProbeWanted(probes)) return 'probe-wanted'
    return probe?.outcome === 'failed' ? 'failed' : 'unknown'
  }
  if (action.outcome === 'unknown') {
    if (block.probe && isProbeWanted(probes)) return 'probe-wanted'
    return 'unknown'
  }
  const failures = attempts.filter((attempt) => attempt.purpose === 'action' && attempt.outcome !== 'unknown').length
  return block.idempotent && failures <= block.retries ? 'again' : 'failed'
}

/** A probe only reads: one whose runner was lost is asked again, as a check is. */
export function isProbeWanted(probes: readonly AttemptState[]): boolean {
  const last = probes.at(-1)
  return last === undefined || last.outcome === null || (wasLost(last) && probes.length < lostCheckTries)
}

/** An action of this step was ever started, in any round: it may have changed the world. */
export function hasBegun(step: StepState): boolean {
  return step.attempts.some((attempt) => attempt.purpose === 'action' && attempt.facts['notStarted'] !== true)
}

/** A failed or lost undo may be repeated this often: an undo has to be safe to repeat. */
export const undoTries = 3
/** A restore of traffic is tried this often before the rollback counts as failed. */
export const restoreTries = 5
/** A shift is tried this often before its stage is put back. */
export const shiftTries = 3
/** A check whose runner was lost is started again this often. */
export const lostCheckTries = 5

export function wasLost(attempt: AttemptState): boolean {
  return attempt.facts['lost'] === true
}

/** Waiting time before try number `failures` + 1: 1 s, 2 s, 4 s, ... at most 30 s. */
export function backoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(30_000, 1000 * 2 ** (failures - 1))
}

export interface RolloutView {
  readonly plan: StepPlan
  readonly block: RolloutBlock
  readonly state: RolloutState
  /** The stage entered last; undefined before the first. */
  readonly stage: StagePlan | undefined
}

export function rolloutsOf(state: ReleaseState): readonly RolloutView[] {
  return [...state.rollouts].map(([id, rollout]) => {
    const plan = stepPlan(state, id)
    if (plan.block.word !== 'rollout') throw new Error(`bug: ${id} is no rollout`)
    return { plan, block: plan.block, state: rollout, stage: plan.block.stages[rollout.stage] }
  })
}

export function areRolloutsDone(state: ReleaseState): boolean {
  return rolloutsOf(state).every(({ state: rollout, plan }) => rollout.doing === 'done' || isClosed(state, plan.id))
}

/** A rehearsal or a drill: it releases nothing, so it opens no gate, serves nobody and owes nothing that a release would. */
export function isPractice({ rehearsal, plan }: Pick<ReleaseState, 'rehearsal' | 'plan'>): boolean {
  return rehearsal || plan.drill !== undefined
}

export function isForwardPhase(phase: PhasePlan): boolean {
  return phase.kind === 'gate' || phase.kind === 'rollout' || phase.kind === 'watch'
}

/** Something was begun that has to be taken back: an action was started or traffic was touched. */
export function anythingBegun(state: ReleaseState): boolean {
  return (
    [...state.rollouts.values()].some((rollout) => [...rollout.components.values()].some((each) => each.touched)) ||
    [...state.steps.values()].some((step) => {
      const plan = stepPlan(state, step.id)
      return !isAsideStep(state, plan) && hasBegun(step)
    })
  )
}

export function isRollbackStep(state: ReleaseState, plan: StepPlan): boolean {
  return state.index.rollbackPhases.has(plan.phase)
}

/** A step of the way back or of an incident: it goes its own way, whatever the forward phases do. */
export function isAsideStep(state: ReleaseState, plan: StepPlan): boolean {
  return isRollbackStep(state, plan) || isIncidentStep(state, plan)
}

export function isIncidentStep(state: ReleaseState, plan: StepPlan): boolean {
  return state.index.incidentPhases.has(plan.phase)
}

/** Steps that must be done again although their phase went on: while there is one, nothing goes forward. */
export function reopenedSteps(state: ReleaseState): readonly StepState[] {
  return state.steps.reopened
}

/** Closed checks whose observation is older than they allow, and waivers past their end, at `now`. */
export function staleSteps(state: ReleaseState, now: Instant): readonly { step: StepId; why: string }[] {
  const stale: { step: StepId; why: string }[] = []
  for (const plan of state.plan.steps) {
    const step = state.steps.get(plan.id)
    if (!step?.closed || isAsideStep(state, plan)) continue
    const expires = step.closed.how === 'waived' ? step.waiver?.expires : null
    if (expires != null && now > expires) stale.push({ step: plan.id, why: 'the waiver has expired' })
    const maxAgeMs = plan.block.word === 'check' && step.closed.how === 'passed' ? plan.block.maxAgeMs : null
    const observedAt = latestAttempt(step, 'check')?.observedAt
    if (maxAgeMs !== null && observedAt != null && now - observedAt > maxAgeMs) {
      stale.push({
        step: plan.id,
        why: `observed ${Math.round((now - observedAt) / 1000)} s ago, at most ${maxAgeMs / 1000} s allowed`,
      })
    }
    const record = plan.block.word === 'record' ? step.record : null
    if (record && plan.block.word === 'record' && now > freshUntil(plan.block, record.observedAt)) {
      stale.push({ step: plan.id, why: `the record ${record.record} is too old` })
    }
  }
  return stale
}
