/** Claiming an attempt, and recording how it ended. */
import type { ReleaseEvent } from '../events.ts'
import type { CommandOf, Decision } from '../commands.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { stepState } from '../standing.ts'
import type { AttemptState, ReleaseState, StepState } from '../state.ts'
import { effectsOfStep } from '../due-steps.ts'

/** One winner per attempt: whoever appends AttemptStarted at the version that still owed it. */
export const beginAttempt: Rule<'BeginAttempt'> = (state, command, facts) => {
  const plan = state.index.step.get(command.step)
  if (!plan) return refuse('unknown-step', `No step "${command.step}".`)
  const owed = effectsOfStep(state, plan, facts.now).some(
    (effect) =>
      (effect.kind === 'RunCheck' && command.purpose === 'check' && effect.step === plan.id) ||
      (effect.kind === 'RunCommand' && effect.purpose === command.purpose && effect.step === plan.id),
  )
  if (!owed) return refuse('not-due', `No ${command.purpose} of "${plan.id}" is due.`)
  const step = stepState(state, plan.id)
  const attempt = `${state.id}/${plan.id}/${command.purpose}-${step.attempts.length + 1}`
  return accept({ kind: 'AttemptStarted', step: plan.id, attempt, purpose: command.purpose, epoch: command.epoch })
}

export const finishAttempt: Rule<'FinishAttempt'> = (state, command) => {
  const step = state.steps.get(command.step)
  const attempt = step?.attempts.find((each) => each.id === command.attempt)
  if (!step || !attempt) return refuse('unknown-attempt', `No attempt "${command.attempt}".`)
  if (attempt.outcome !== null) return late(attempt, command)
  const { kind: _, ...result } = command
  const finished: ReleaseEvent = { kind: 'AttemptFinished', ...result, captures: declared(state, command) }
  return accept(finished, ...settledBy(state, step, attempt, command))
}

/** A result that comes twice changes nothing; one that says something else than recorded is kept as evidence. */
function late(attempt: AttemptState, command: CommandOf<'FinishAttempt'>): Decision {
  const known = new Set(attempt.evidence.map((each) => each.sha256))
  const fresh = command.evidence.filter((each) => !known.has(each.sha256))
  if (attempt.outcome === command.outcome && fresh.length === 0) return accept()
  return accept({
    kind: 'LateResultKept',
    step: command.step,
    attempt: command.attempt,
    outcome: command.outcome,
    evidence: fresh,
  })
}

/** Only names the checklist declared become values. */
function declared(state: ReleaseState, command: CommandOf<'FinishAttempt'>): Record<string, string> {
  const plan = state.index.step.get(command.step)
  const names =
    plan?.block.word === 'check'
      ? plan.block.captures
      : plan?.block.word === 'run'
        ? [...plan.block.command.captures, ...(plan.block.probe?.captures ?? [])]
        : []
  return Object.fromEntries(Object.entries(command.captures).filter(([name]) => names.includes(name)))
}

/** A probe's answer settles a lost action; an idempotent action without a probe may simply run again. */
function settledBy(
  state: ReleaseState,
  step: StepState,
  attempt: AttemptState,
  command: CommandOf<'FinishAttempt'>,
): readonly ReleaseEvent[] {
  const block = state.index.step.get(command.step)?.block
  if (block?.word !== 'run') return []
  if (attempt.purpose === 'probe') {
    const action = step.attempts.findLast((each) => each.purpose === 'action')
    if (!action || action.outcome !== 'unknown' || action.settled !== null) return []
    if (command.outcome === 'passed')
      return [{ kind: 'AttemptSettled', step: step.id, attempt: action.id, as: 'done', by: 'probe', why: command.say }]
    if (command.outcome === 'failed')
      return [
        { kind: 'AttemptSettled', step: step.id, attempt: action.id, as: 'failed', by: 'probe', why: command.say },
      ]
    return []
  }
  if (
    attempt.purpose === 'action' &&
    command.outcome === 'unknown' &&
    block.idempotent &&
    !block.probe &&
    state.phase !== 'rolling-back' &&
    lostActions(step) < 5
  ) {
    return [
      {
        kind: 'AttemptSettled',
        step: step.id,
        attempt: attempt.id,
        as: 'retry',
        by: 'idempotence',
        why: 'declared idempotent: it runs again',
      },
    ]
  }
  return []
}

function lostActions(step: StepState): number {
  return step.attempts.filter((attempt) => attempt.purpose === 'action' && attempt.outcome === 'unknown').length
}
