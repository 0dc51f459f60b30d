/** How a release has gone, once that stands, and how far its way back has come. */
import { budgetOf } from '../../core/release/consequences-incidents.ts'
import { leftToPhase, undoOrder, unrestored } from '../../core/release/rollback.ts'
import type { ReleaseState, RollbackState } from '../../core/release/state.ts'
import { wayBackTimes } from '../../core/release/there-and-back.ts'
import { isEnded } from '../../core/release/standing.ts'
import type { Instant } from '../../core/units.ts'
import type { DecisionView, RollbackView, RolloutView } from '../view.ts'
import { durationWords, measuredWords } from '../words.ts'

export function decisionOf(state: ReleaseState, rollouts: readonly RolloutView[], now: Instant): DecisionView | null {
  const tookMs = (state.endedAt ?? now) - state.startedAt
  const ended = isEnded(state)
  const decide = (word: DecisionView['word'], good: boolean, sentence: string) => ({
    word,
    good,
    sentence,
    ended,
    tookMs,
  })
  const back = state.rollback
  switch (state.phase) {
    case 'running':
    case 'rolling-back':
      return null
    case 'validating':
    case 'signed-off':
      // What is out only to be taken back has not gone well before it is back.
      return state.andBack ? null : decide('released', true, reached(state, rollouts))
    case 'closed':
      return decide('closed', true, closedWords(state, rollouts))
    case 'rolled-back':
      if (back?.cause === 'rehearsal')
        return decide('rolled back', !isTooLong(state, back), rehearsedWords(state, back))
      return decide(
        'rolled back',
        false,
        `Rolled back${back?.finishedAt ? ` in ${measuredWords(endOf(state, back.finishedAt) - back.startedAt)}${back.isOverBudget ? ', over its budget' : ''}` : ''}: ${back?.why ?? state.endedWhy ?? ''}`,
      )
    case 'rollback-failed':
      return decide('rollback failed', false, `The rollback failed: ${back?.failed ?? ''}`)
    case 'superseded':
      return decide('superseded', true, `Superseded: ${state.endedWhy ?? 'another release took over its target'}`)
    case 'left':
      return decide('left as it was', false, `Left as it was: ${state.endedWhy ?? ''}`)
  }
}

/** A budget of a rollback phase, or what `rollback-within` promises; null = nobody said. */
function allowedMs(state: ReleaseState): number | null {
  return budgetOf(state) ?? state.plan.rollbackWithinMs ?? null
}

function isTooLong(state: ReleaseState, { finishedAt, startedAt, isOverBudget }: RollbackState): boolean {
  const most = allowedMs(state)
  return isOverBudget || (most !== null && finishedAt !== null && endOf(state, finishedAt) - startedAt > most)
}

function rehearsedWords(state: ReleaseState, rollback: RollbackState): string {
  const { finishedAt, startedAt } = rollback
  const took = measuredWords(endOf(state, finishedAt ?? startedAt) - startedAt)
  const budgetMs = allowedMs(state)
  const allowed = budgetMs === null ? '' : ` of ${durationWords(budgetMs)} allowed`
  const so = isTooLong(state, rollback) ? 'works, and takes too long' : 'works'
  const left = leftToPhase(state)
  const traffic = left.length === 0 ? '' : `; the traffic of ${left.join(', ')} stands as 100 % left it`
  return `The way back ${so}: ${state.previous ?? 'what served'} again in ${took}${allowed}${traffic}`
}

function closedWords(state: ReleaseState, rollouts: readonly RolloutView[]): string {
  const drill = state.plan.drill === undefined ? '' : `Drill done: ${state.plan.drill.title}`
  if (state.rehearsal) return `${drill === '' ? 'Rehearsal done' : drill}: nothing was changed`
  return drill === '' ? reached(state, rollouts) : drill
}

function reached(state: ReleaseState, rollouts: readonly RolloutView[]): string {
  const full =
    rollouts.length > 0 && rollouts.every((one) => one.doing === 'done' && one.stages.at(-1)?.weightPercent === 100)
  return full ? `100 % reached with ${state.releaseVersion}` : `${state.releaseVersion} is released`
}

export function rollbackOf(state: ReleaseState): RollbackView | null {
  const { rollback } = state
  if (!rollback) return null
  // Also those that nobody can undo: what was left standing must show.
  const begun = undoOrder(state)
  const undone = begun.filter((plan) =>
    state.steps
      .get(plan.id)
      ?.attempts.some((one) => one.purpose === 'undo' && (one.outcome === 'passed' || one.settled === 'done')),
  )
  const rollouts = [...state.rollouts.values()]
  const { cause, by, why, startedAt, finishedAt, failed } = rollback
  return {
    cause,
    by,
    why,
    startedAt,
    finishedAt,
    tookMs: finishedAt === null ? null : endOf(state, finishedAt) - startedAt,
    failed,
    trafficRestored: rollouts.reduce((sum, one) => sum + one.restored.size, 0),
    trafficToRestore: rollouts.reduce((sum, one) => sum + one.restored.size, unrestored(state).length),
    undone: undone.length,
    toUndo: begun.length,
    budgetMs: state.andBack ? allowedMs(state) : budgetOf(state),
    isOverBudget: rollback.isOverBudget,
    steps: wayBackTimes(state),
  }
}

/** What an incident collected beside the way back is no part of its time. */
function endOf({ incidents, rollback }: ReleaseState, finishedAt: Instant): Instant {
  return incidents.length > 0 ? (rollback?.lastPieceAt ?? finishedAt) : finishedAt
}
