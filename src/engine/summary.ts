/** The line of a release in lists, kept with every append so that no list ever folds a stream. Pure. */
import type { ReleaseSummary } from '../core/ports/store.ts'
import { countedAttempts, isOpen, reopenedSteps, wasLost } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'

export function summaryOf(state: ReleaseState): ReleaseSummary {
  return {
    id: state.id,
    service: state.plan.service,
    environment: state.environment,
    version: state.releaseVersion,
    phase: state.phase,
    startedAt: state.startedAt,
    startedBy: state.startedBy.id,
    updatedAt: state.lastEventAt,
    open: isOpen(state),
    bar: barOf(state),
  }
}

/** One short sentence: what stands out now. */
function barOf(state: ReleaseState): string {
  if (state.endedAt !== null) return state.endedWhy ?? state.phase
  if (state.rollback?.failed) return `rollback failed: ${state.rollback.failed}`
  if (state.rollback) return `rolling back: ${state.rollback.why}`
  if (state.hold) return `held by ${state.hold.by}: ${state.hold.why}`
  if (state.asked) return `asks ${state.asked.role ?? 'someone'}: ${state.asked.question}`
  const stopped = stoppedAt(state)
  if (stopped !== null) return stopped
  const verdict = [...state.observations.values()].find((observation) => !observation.ended)?.verdict
  if (verdict) return `${verdict.zone}: ${verdict.say}`
  return openPhaseOf(state)
}

/** The first step that keeps the gate shut: its last attempt did not pass, or nobody could decide whether it applies. */
function stoppedAt(state: ReleaseState): string | null {
  for (const step of state.steps.open) {
    if (step.attempts.length === 0 && step.answer === null && step.blocked === null) continue
    const plan = state.index.step.get(step.id)
    if (!plan || plan.severity === 'warning' || step.waiver) continue
    if (step.blocked !== null) return `blocked: ${plan.text}: ${step.blocked}`
    const last = countedAttempts(step).findLast(
      (attempt) => attempt.purpose === 'check' || attempt.purpose === 'action',
    )
    if (last?.outcome != null && last.outcome !== 'passed' && last.settled === null && !wasLost(last))
      return `stopped at: ${plan.text}: ${last.say}`
    if (step.answer && !step.answer.passes) return `stopped at: ${plan.text}: ${step.answer.answer}`
  }
  return null
}

function openPhaseOf(state: ReleaseState): string {
  const [again] = reopenedSteps(state)
  const plan = again && state.index.step.get(again.id)
  if (plan) return `to be done again: ${plan.text}`
  const open = state.plan.phases.find((phase) => state.phases.get(phase.id)?.status === 'open')
  if (!open) return state.phase
  const steps = state.index.idsOfPhase.get(open.id) ?? []
  return `${open.title}: ${state.steps.closedAmong(steps)} of ${steps.length} steps closed`
}
