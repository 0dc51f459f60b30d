/** Going on without a pass: waivers, not applicable, retries, settlements. Each needs a person and words. */
import type { StepPlan } from '../../plan/plan.ts'
import type { Decision } from '../commands.ts'
import type { Actor } from '../events.ts'
import type { AttemptState, ReleaseState, StepState } from '../state.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { actionStanding, countedAttempts, isAsideStep, isRollbackStep, liveAttempts, stepState } from '../standing.ts'
import { isInRole, isMachine, notInRole, signInMissing } from './approvals.ts'
import { openStep } from './answers.ts'

export const waive: Rule<'Waive'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine cannot waive.')
  if (command.reason.trim() === '' || command.role.trim() === '')
    return refuse(
      'reason-required',
      'A waiver needs a reason and a role. For example: --reason "known flake" --role release-engineer',
    )
  if (!isInRole(state, command.role, facts.actor)) return notInRole(state, command.role, facts.actor.id)
  const reserved = reservedFor(state, plan, command.role, facts.actor) ?? ownApproval(state, plan, facts.actor)
  if (reserved) return reserved
  if (command.expires !== null && command.expires <= facts.now)
    return refuse('reason-required', 'The waiver would already have expired.')
  if (plan.block.word === 'rollout' || plan.block.word === 'watch')
    return refuse('not-waivable', `A ${plan.block.word} cannot be waived: promote it, or abort the release.`)
  const unsigned = signInMissing(state, facts.actor, 'a waiver', facts.now)
  if (unsigned) return unsigned
  if (liveAttempts(stepState(state, plan.id)).length > 0)
    return refuse('not-waivable', 'It is running right now; wait for its result, or abort.')
  if (plan.block.word === 'run' && isUnsettled(state, plan.id))
    return refuse(
      'not-waivable',
      'Its result is unknown: settle it first. For example: holdpoint release settle … --as done',
    )
  return accept({
    kind: 'StepWaived',
    step: plan.id,
    by: facts.actor.id,
    role: command.role,
    reason: command.reason,
    expires: command.expires,
  })
}

/** An approval that keeps out whoever started the release is not opened by them without one either. */
function ownApproval(state: ReleaseState, { block }: StepPlan, actor: Actor): Decision | null {
  if (block.word !== 'approve' || !block.not.includes('author') || actor.id !== state.startedBy.id) return null
  return refuse(
    'self-approval',
    `${actor.id} started this release, and may not waive this approval. Someone else has to.`,
  )
}

/** A check that names a role under `override` opens to nobody else without a pass. */
function reservedFor(state: ReleaseState, { block }: StepPlan, role: string | null, actor: Actor): Decision | null {
  const only = block.word === 'check' ? block.config['override'] : undefined
  if (typeof only !== 'string') return null
  if (only === role) return isInRole(state, only, actor) ? null : notInRole(state, only, actor.id)
  return refuse('not-in-role', `Only the role ${only} may let this go on. For example: --role ${only}`)
}

function isUnsettled(state: ReleaseState, id: string): boolean {
  const plan = state.index.step.get(id)
  if (plan?.block.word !== 'run') return false
  const standing = actionStanding(stepState(state, id), plan.block)
  return standing === 'unknown' || standing === 'probe-wanted'
}

export const markNotApplicable: Rule<'MarkNotApplicable'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine cannot decide that.')
  if (command.reason.trim() === '')
    return refuse('reason-required', 'Say why it does not apply. For example: --reason "no schema change"')
  const reserved = reservedFor(state, plan, command.role, facts.actor)
  if (reserved) return reserved
  const unsigned = signInMissing(state, facts.actor, 'leaving out a step', facts.now)
  if (unsigned) return unsigned
  const step = stepState(state, plan.id)
  if (step.attempts.some((attempt) => attempt.purpose === 'action'))
    return refuse('already-closed', 'Its action has already been started.')
  if (plan.block.word === 'rollout' || plan.block.word === 'approve')
    return refuse('not-waivable', `A step of kind ${plan.block.word} always applies here.`)
  if (liveAttempts(step).length > 0) return refuse('not-waivable', 'It is running right now; wait for its result.')
  return accept({
    kind: 'StepClosed',
    step: plan.id,
    how: 'not-applicable',
    why: `${facts.actor.id}: ${command.reason}`,
    by: facts.actor.id,
  })
}

/** A failed, inconclusive or errored step is tried once more; a blocked condition is looked at again. */
export const retry: Rule<'Retry'> = (state, command, facts) => {
  if (state.phase === 'rollback-failed') return resumeRollback(state, facts.actor.id, `${facts.actor.id} tries again`)
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  const step = stepState(state, plan.id)
  if (liveAttempts(step).length > 0) return refuse('not-due', 'It is running right now.')
  if (plan.block.word === 'run') {
    const standing = actionStanding(step, plan.block)
    if (standing === 'unknown' || standing === 'probe-wanted')
      return refuse(
        'nothing-unknown',
        'Its result is unknown: settle it first. For example: holdpoint release settle … --as retry',
      )
    if (standing !== 'failed') return refuse('not-due', `There is nothing to retry: the action is ${standing}.`)
  } else if (
    step.blocked === null &&
    countedAttempts(step).length === 0 &&
    step.recordMissing === null &&
    Object.keys(step.captureFailures).length === 0 &&
    step.rejected === null
  ) {
    return refuse(
      'not-due',
      step.answer
        ? `"${plan.text}" was answered "${step.answer.answer}": answer it again instead.`
        : `"${plan.text}" has no result to try again.`,
    )
  }
  return accept({ kind: 'StepReopened', step: plan.id, why: `${facts.actor.id} tries again` })
}

/** A failed rollback goes on: every step of it that failed is done again. A step whose result is unknown is not: it waits to be settled. */
export function resumeRollback(state: ReleaseState, by: string, why: string): Decision {
  const failed = state.plan.steps.filter(
    (plan) => isRollbackStep(state, plan) && hasFailed(stepState(state, plan.id), plan),
  )
  return accept(
    { kind: 'RollbackResumed', by, why },
    ...failed.map((plan) => ({ kind: 'StepReopened', step: plan.id, why: `${by} tries again` }) as const),
  )
}

function hasFailed(step: StepState, plan: StepPlan): boolean {
  if (step.closed || step.attempts.length === 0 || liveAttempts(step).length > 0) return false
  return plan.block.word !== 'run' || actionStanding(step, plan.block) === 'failed'
}

/** A person says how an action whose result was lost really ended. */
export const settle: Rule<'Settle'> = (state, command, facts) => {
  const plan = state.index.step.get(command.step)
  if (!plan || plan.block.word !== 'run') return refuse('unknown-step', `No action "${command.step}" in this plan.`)
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine settles only through the probe.')
  const step = stepState(state, plan.id)
  const unknown = unsettledAction(step.attempts)
  if (!unknown) return refuse('nothing-unknown', `"${plan.text}" has no unknown result.`)
  if (liveAttempts(step).length > 0) return refuse('not-due', 'Its probe is running right now.')
  if (command.why.trim() === '')
    return refuse('reason-required', 'Say how you know. For example: --reason "the new image is serving"')
  const unsigned = signInMissing(state, facts.actor, 'settling an action', facts.now)
  if (unsigned) return unsigned
  if (
    command.as === 'retry' &&
    (state.phase === 'rolling-back' || state.phase === 'rollback-failed') &&
    !isAsideStep(state, plan)
  ) {
    return refuse(
      'not-running',
      'The release is going back: forward actions are not repeated. Settle it as done or failed.',
    )
  }
  return accept({
    kind: 'AttemptSettled',
    step: plan.id,
    attempt: unknown.id,
    as: command.as,
    by: 'person',
    why: `${facts.actor.id}: ${command.why}`,
  })
}

/** The last action attempt if its result is not known: lost, or passed but its probe does not confirm it. */
export function unsettledAction(attempts: readonly AttemptState[]): AttemptState | undefined {
  const at = attempts.findLastIndex((attempt) => attempt.purpose === 'action')
  const action = attempts[at]
  if (!action || action.settled !== null) return undefined
  if (action.outcome === 'unknown') return action
  const probe = attempts.slice(at + 1).findLast((attempt) => attempt.purpose === 'probe')
  return action.outcome === 'passed' && probe && cannotTell(probe) ? action : undefined
}

/** Exit 1 says "it did not take effect", exit 0 "it did"; anything else, a lost probe included, says nothing. */
function cannotTell(probe: AttemptState): boolean {
  return probe.outcome !== null && probe.outcome !== 'passed' && probe.outcome !== 'failed'
}
