/** Standing still, going on, going back: what people say about the release as a whole. */
import type { RollbackCause } from '../events.ts'
import type { Decision, Facts } from '../commands.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { areRolloutsDone, isClosed, isEnded, rolloutsOf } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { isInRole, isMachine, notInRole, signInMissing } from './approvals.ts'
import { resumeRollback } from './exceptions.ts'
import { isReadyToLeave } from '../stage.ts'

function ended(state: ReleaseState): Decision {
  return refuse(
    'ended',
    `This release is ${state.phase.replaceAll('-', ' ')}${state.endedWhy ? `: ${state.endedWhy}` : ''}.`,
  )
}

export const hold: Rule<'Hold'> = (state, command, facts) => {
  if (isEnded(state)) return ended(state)
  if (state.phase === 'rolling-back' || state.phase === 'rollback-failed')
    return refuse('not-running', 'A release that goes back is not held.')
  if (state.hold) return refuse('no-change', `Already held by ${state.hold.by}: ${state.hold.why}`)
  if (command.why.trim() === '')
    return refuse('reason-required', 'Say why. For example: --reason "checkout latency looks odd"')
  return accept({ kind: 'HoldPlaced', by: facts.actor.id, why: command.why })
}

export const resume: Rule<'Resume'> = (state, command, facts) => {
  if (isEnded(state)) return ended(state)
  if (!state.hold) return refuse('not-held', 'This release is not held.')
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A person lifts a hold.')
  const unsigned = signInMissing(state, facts.actor, 'lifting a hold', facts.now)
  if (unsigned) return unsigned
  return accept({ kind: 'HoldLifted', by: facts.actor.id, why: command.why })
}

/** Accepted in every state that has not ended. Nothing forward follows. */
export const abort: Rule<'Abort'> = (state, command, facts) => {
  if (isEnded(state)) return ended(state)
  if (!command.leave) return turnBack(state, 'abort', facts.actor.id, command.why || `aborted by ${facts.actor.id}`)
  if (command.why.trim() === '')
    return refuse(
      'reason-required',
      'Leaving things as they are needs a reason. For example: --reason "the database is being repaired by hand"',
    )
  if (command.typed !== state.id)
    return refuse(
      'typed-confirmation',
      `Nothing will be taken back: type the release's id to confirm. For example: --confirm ${state.id}`,
    )
  const unsigned = signInMissing(state, facts.actor, 'leaving things as they are', facts.now)
  if (unsigned) return unsigned
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine never leaves things as they are.')
  const first = state.leaveProposed?.by
  if (first === undefined) return accept({ kind: 'LeaveProposed', by: facts.actor.id, why: command.why })
  if (first === facts.actor.id)
    return refuse(
      'already-signed',
      `${first} has already asked for it: nothing is left standing on one person's word, a second one has to.`,
    )
  return accept({ kind: 'ReleaseLeft', by: facts.actor.id, why: command.why })
}

export const rollback: Rule<'Rollback'> = (state, command, facts) => {
  if (isEnded(state)) return ended(state)
  if (state.phase === 'rollback-failed')
    return resumeRollback(state, facts.actor.id, command.why || `${facts.actor.id} tries again`)
  return turnBack(state, 'person', facts.actor.id, command.why || `rolled back by ${facts.actor.id}`)
}

export function turnBack(state: ReleaseState, cause: RollbackCause, by: string, why: string): Decision {
  if (state.phase === 'rolling-back' || state.phase === 'rollback-failed')
    return refuse('already-rolling-back', `The release is already going back: ${state.rollback?.why ?? ''}`)
  return accept({ kind: 'RollbackStarted', cause, by, why, serving: state.previous })
}

/** A person says go: where the stage asks for one, or where the judge could not decide and asked. */
export const promote: Rule<'Promote'> = (state, command, facts) => {
  if (isEnded(state)) return ended(state)
  if (isMachine(facts.actor)) return refuse('not-in-role', 'The judge promotes by its verdict, not by this.')
  if (state.hold) return refuse('not-running', `The release is held by ${state.hold.by}: ${state.hold.why}`)
  const current = rolloutsOf(state).find(
    ({ state: rollout, stage }) => stage !== undefined && rollout.doing === 'soaking',
  )
  if (!current || state.phase !== 'running')
    return refuse('nothing-to-promote', areRolloutsDone(state) ? 'No rollout is under way.' : 'No stage is soaking.')
  const stage = current.stage!
  if (command.stage !== null && command.stage !== current.state.stage) {
    return refuse(
      'stale-view',
      `You saw stage ${command.stage + 1}; the rollout is in stage ${current.state.stage + 1} (${stage.title}).`,
    )
  }
  const asked = state.asked?.step === current.plan.id ? state.asked : null
  const role = asked?.role ?? stage.promote
  if (role !== null && !isInRole(state, role, facts.actor)) return notInRole(state, role, facts.actor.id)
  const unsigned = signInMissing(state, facts.actor, 'promoting', facts.now)
  if (unsigned) return unsigned
  const open = stage.steps.filter((id) => !isClosed(state, id))
  if (open.length > 0) return refuse('not-go', `Still open in this stage: ${open.join(', ')}.`)
  if (!isReadyToLeave(state, current)) {
    if (!asked)
      return refuse(
        'not-go',
        'A stage is neither skipped nor shortened: its soak is not over, or its verdict is not go.',
      )
    if (command.reason === null || command.reason.trim() === '')
      return refuse(
        'reason-required',
        'The judge has not said go: say why you do. For example: --reason "known noise from the load test"',
      )
  }
  return accept({
    kind: 'Promoted',
    rollout: current.plan.id,
    stage: current.state.stage,
    by: facts.actor.id,
    role,
    reason: command.reason,
  })
}

/** A newer release of the same target ends this one's watch. Only while validating: before that its traffic is not settled. */
export function supersede(state: ReleaseState, by: string, _facts: Facts): Decision {
  if (state.phase !== 'validating' && state.phase !== 'signed-off') {
    return refuse(
      'target-busy',
      `${state.id} is ${state.phase.replaceAll('-', ' ')}: only a release that validates can be superseded.`,
    )
  }
  const armed = [...state.triggers.values()].filter(
    (trigger) => trigger.status === 'armed' || trigger.status === 'blind',
  )
  return accept(
    ...armed.map((trigger) => ({ kind: 'TriggerDisarmed', trigger: trigger.id, why: `superseded by ${by}` }) as const),
    { kind: 'ReleaseSuperseded', by },
  )
}
