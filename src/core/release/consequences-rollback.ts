/** What follows by itself on the way back: rollback phases that open and close, failure that is said, the end. */
import type { Instant } from '../units.ts'
import type { ReleaseEvent } from './events.ts'
import { isIncidentWorking } from './consequences-incidents.ts'
import { checkDueAt } from './due-steps.ts'
import { hopelessRestore, isForwardDead, leftToPhase, nextUndo, rollbackPhases, unrestored } from './rollback.ts'
import {
  actionStanding,
  anythingBegun,
  hasBegun,
  isClosed,
  isAsideStep,
  isRollbackStep,
  latestAttempt,
  stepState,
} from './standing.ts'
import type { ReleaseState } from './state.ts'

export function rollbackConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (state.phase !== 'rolling-back') return []
  const failure = failureOf(state)
  if (failure !== undefined) return [{ kind: 'RollbackFailed', why: failure }]
  if (!isForwardDead(state) || unrestored(state).length > 0 || nextUndo(state).kind !== 'none') return []
  return phases(state) ?? finish(state, now)
}

function failureOf(state: ReleaseState): string | undefined {
  const restore = hopelessRestore(state)
  if (restore) return `traffic of ${restore.name} could not be put back on stable: ${restore.say}`
  const undo = nextUndo(state)
  if (undo.kind === 'hopeless') return `"${undo.plan.text}" could not be taken back: ${undo.say}`
  return failedRollbackStep(state)
}

/** A step of a rollback phase that has failed for good. An unknown action is not failure: it waits to be settled. */
function failedRollbackStep(state: ReleaseState): string | undefined {
  for (const plan of state.plan.steps) {
    if (!isRollbackStep(state, plan) || plan.severity === 'warning') continue
    const step = stepState(state, plan.id)
    if (step.closed || step.reachedAt === null || step.waiver) continue
    if (plan.block.word === 'run' && actionStanding(step, plan.block) === 'failed')
      return `"${plan.text}" failed: ${latestAttempt(step, 'action')?.say ?? ''}`
    const check = plan.block.word === 'check' ? latestAttempt(step, 'check') : undefined
    if (check?.outcome != null && check.outcome !== 'passed' && checkDueAt(state, plan, step) === null)
      return `"${plan.text}" does not hold: ${check.say}`
  }
  return undefined
}

/** Rollback phases open in document order, each after the one before; undefined = none is left. */
function phases(state: ReleaseState): readonly ReleaseEvent[] | undefined {
  if (!anythingBegun(state)) return undefined
  const next = rollbackPhases(state).find((phase) =>
    ['waiting', 'open'].includes(state.phases.get(phase.id)?.status ?? ''),
  )
  if (!next) return undefined
  if (state.phases.get(next.id)?.status === 'waiting') return [{ kind: 'PhaseOpened', phase: next.id }]
  const isDone = (state.index.stepsOfPhase.get(next.id) ?? []).every((step) => isClosed(state, step.id))
  return isDone ? [{ kind: 'PhaseClosed', phase: next.id, how: 'done', why: '' }] : []
}

/** What an incident collects beside the way back is collected before the end, and is no part of its time. */
function finish(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  if (isIncidentWorking(state)) return []
  const until = state.incidents.length > 0 ? (state.rollback?.lastPieceAt ?? now) : now
  return [{ kind: 'RollbackFinished', tookMs: until - (state.rollback?.startedAt ?? until), say: summary(state) }]
}

function summary(state: ReleaseState): string {
  if (!anythingBegun(state)) return 'nothing had begun, nothing was taken back'
  const components = [...state.rollouts.values()].flatMap((rollout) => [...rollout.restored.keys()])
  const left100 = leftToPhase(state)
  const undone = state.plan.steps.filter((plan) =>
    stepState(state, plan.id).attempts.some((attempt) => attempt.purpose === 'undo' && attempt.outcome === 'passed'),
  )
  const left = state.plan.steps.filter(
    (plan) =>
      !isAsideStep(state, plan) &&
      hasBegun(stepState(state, plan.id)) &&
      !undone.includes(plan) &&
      rollbackPhases(state).length === 0,
  )
  return [
    ...(components.length > 0 ? [`traffic of ${components.join(', ')} is back on ${state.previous ?? 'stable'}`] : []),
    ...(undone.length > 0 ? [`${undone.length} ${undone.length === 1 ? 'action' : 'actions'} taken back`] : []),
    ...(left.length > 0 ? [`not taken back: ${left.map((plan) => plan.id).join(', ')}`] : []),
    ...rollbackPhases(state).map((phase) => `"${phase.title}" done`),
    ...(left100.length > 0 ? [`traffic of ${left100.join(', ')} stands as 100 % left it`] : []),
  ].join(', ')
}
