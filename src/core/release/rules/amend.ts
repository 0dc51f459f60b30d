/** Changing the plan of a running release without touching what was already started. */
import { drillPlan } from '../../plan/drill-plan.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { hasBegun, isEnded, stepState } from '../standing.ts'
import { isInRole, notInRole, signInMissing } from './approvals.ts'

export const amend: Rule<'Amend'> = (state, command, facts) => {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  if (state.phase === 'rolling-back' || state.phase === 'rollback-failed')
    return refuse('not-running', 'The release is going back; its plan stays.')
  if (command.reason.trim() === '' || command.role.trim() === '')
    return refuse(
      'reason-required',
      'An amendment needs a reason and a role. For example: --reason "typo in the smoke test" --role release-engineer',
    )
  if (!isInRole(state, command.role, facts.actor)) return notInRole(state, command.role, facts.actor.id)
  const unsigned = signInMissing(state, facts.actor, 'an amendment', facts.now)
  if (unsigned) return unsigned
  const amended = state.plan.drill === undefined ? null : drillPlan(command.plan, state.plan.drill.phase)
  if (amended?.kind === 'refused') return refuse('wrong-target', amended.reason)
  const plan = amended?.plan ?? command.plan
  if (plan.digest === state.plan.digest)
    return refuse('no-change', 'The document compiles to the plan that is already running.')
  if (plan.service !== state.plan.service)
    return refuse('wrong-target', `This release ships ${state.plan.service}, the document is about ${plan.service}.`)
  const next = new Map(plan.steps.map((step) => [step.id, step]))
  const kept = state.plan.steps.filter((step) => next.get(step.id)?.digest === step.digest).map((step) => step.id)
  const keeps = new Set(kept)
  const untouchable = state.plan.steps.find((step) => !keeps.has(step.id) && hasStarted(step.id))
  if (untouchable)
    return refuse(
      'would-change-started-action',
      `"${untouchable.text}" has already been started: it cannot be changed or removed any more.`,
    )
  const added = plan.steps.filter((step) => !state.index.step.has(step.id)).map((step) => step.id)
  const changed = plan.steps
    .filter((step) => state.index.step.has(step.id) && !keeps.has(step.id))
    .map((step) => step.id)
  const removed = state.plan.steps.filter((step) => !next.has(step.id)).map((step) => step.id)
  const signed = state.plan.steps.flatMap((step) =>
    stepState(state, step.id).approvals.map((approval) => ({ step: step.id, by: approval.by })),
  )
  return accept(
    {
      kind: 'ReleaseAmended',
      plan,
      by: facts.actor.id,
      role: command.role,
      reason: command.reason,
      kept,
      changed,
      added,
      removed,
    },
    ...signed
      .filter(({ step }) => next.has(step))
      .map(
        ({ step, by }) =>
          ({
            kind: 'ApprovalVoided',
            step,
            by,
            why: `the plan was amended by ${facts.actor.id}: ${command.reason}`,
          }) as const,
      ),
    ...signed
      .filter(
        ({ step }, at) =>
          keeps.has(step) &&
          stepState(state, step).closed !== null &&
          signed.findIndex((each) => each.step === step) === at,
      )
      .map(({ step }) => ({ kind: 'StepReopened', step, why: 'the plan was amended after it was signed' }) as const),
  )

  function hasStarted(id: string): boolean {
    const rollout = state.rollouts.get(id)
    return hasBegun(stepState(state, id)) || (rollout !== undefined && rollout.stage >= 0) || state.observations.has(id)
  }
}
