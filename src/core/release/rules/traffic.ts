/** Claims and results of moving traffic, samples, and triggers. */
import { turnBackOrAsk } from '../asks-first.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { restoreEffects, shiftEffects } from '../due-traffic.ts'
import type { ReleaseEvent } from '../events.ts'
import { stepPlan } from '../standing.ts'
import type { ComponentState, ReleaseState } from '../state.ts'
import { incidentInWatches } from './watches.ts'
import { incidentOfTrigger } from './incidents.ts'

export const beginShift: Rule<'BeginShift'> = (state, command, facts) => {
  const owed = shiftEffects(state, facts.now).find(
    (effect) =>
      effect.kind === 'ShiftTraffic' &&
      effect.rollout === command.rollout &&
      effect.component.name === command.component,
  )
  if (owed?.kind !== 'ShiftTraffic') return refuse('not-due', `No shift of ${command.component} is due.`)
  const rollout = state.rollouts.get(command.rollout)!
  const purpose = rollout.doing === 'putting-back' ? 'put-back' : 'advance'
  return accept({
    kind: 'ShiftStarted',
    rollout: command.rollout,
    component: command.component,
    weightPercent: owed.weightPercent,
    purpose,
    attempt: `${state.id}/${command.rollout}/${command.component}/shift-${state.version + 1}`,
    epoch: command.epoch,
  })
}

export const finishShift: Rule<'FinishShift'> = (state, command) => {
  const live = component(state, command.rollout, command.component)?.live
  // A restore has taken its place, or it was already recorded: what it did is read back by the next attempt.
  if (!live || live.attempt !== command.attempt || live.purpose === 'restore')
    return refuse('unknown-attempt', `No live shift "${command.attempt}".`)
  const { rollout, attempt, say } = command
  const reached = command.ok && command.weightPercent !== null && Number.isFinite(command.weightPercent)
  return accept(
    reached
      ? {
          kind: 'ShiftVerified',
          rollout,
          component: command.component,
          attempt,
          weightPercent: live.weightPercent,
          say,
        }
      : { kind: 'ShiftFailed', rollout, component: command.component, attempt, say },
  )
}

export const beginRestore: Rule<'BeginRestore'> = (state, command, facts) => {
  const owed = restoreEffects(state, facts.now).some(
    (effect) =>
      effect.kind === 'RestoreTraffic' && effect.attempt === null && effect.component.name === command.component,
  )
  if (!owed) return refuse('not-due', `No restore of ${command.component} is due.`)
  return accept({
    kind: 'TrafficRestoreStarted',
    rollout: command.rollout,
    component: command.component,
    attempt: `${state.id}/${command.rollout}/${command.component}/restore-${state.version + 1}`,
    epoch: command.epoch,
  })
}

export const finishRestore: Rule<'FinishRestore'> = (state, command) => {
  const found = [...state.rollouts.values()].some(
    (rollout) => rollout.components.get(command.component)?.live?.attempt === command.attempt,
  )
  if (!found) return refuse('unknown-attempt', `No live restore "${command.attempt}".`)
  return accept(
    command.ok
      ? { kind: 'TrafficRestored', component: command.component, say: command.say }
      : { kind: 'TrafficRestoreFailed', component: command.component, attempt: command.attempt, say: command.say },
  )
}

function component(state: ReleaseState, rollout: string, name: string): ComponentState | undefined {
  return state.rollouts.get(rollout)?.components.get(name)
}

/** Samples are recorded for the observation that stands; a rollback verdict turns the release back in the same append. */
export const recordMeasurements: Rule<'RecordMeasurements'> = (state, command) => {
  const observation = state.observations.get(command.step)
  if (!observation || observation.ended || observation.stage !== command.stage || state.phase === 'rolling-back')
    return refuse('not-due', 'That stage or watch is no longer observed.')
  if (observation.upTo !== null && command.to <= observation.upTo)
    return refuse('not-due', 'These samples are already recorded.')
  const { kind: _, verdict, ...measurements } = command
  const recorded: ReleaseEvent[] = [
    { kind: 'MeasurementsRecorded', ...measurements },
    { kind: 'VerdictReached', step: command.step, stage: command.stage, verdict },
  ]
  return accept(
    ...recorded,
    ...(verdict.zone === 'rollback' ? onBreach(state, command.step, command.stage, verdict.say) : []),
  )
}

function onBreach(state: ReleaseState, step: string, stage: number | null, say: string): readonly ReleaseEvent[] {
  const { block } = stepPlan(state, step)
  if (block.word === 'watch' && block.onFailure === 'ask') {
    return state.asked
      ? []
      : [
          {
            kind: 'DecisionAsked',
            step,
            stage,
            role: block.judge.grey.ask,
            question: `${say}. Roll back?`,
            until: null,
            otherwise: 'hold',
          },
        ]
  }
  const turn = { cause: 'verdict', by: 'judge', why: say, serving: state.previous } as const
  return turnBackOrAsk(state, turn, { step, stage })
}

export const recordTriggerReading: Rule<'RecordTriggerReading'> = (state, command, facts) => {
  const trigger = state.triggers.get(command.trigger)
  const plan = state.plan.triggers.find((each) => each.id === command.trigger)
  // A reading that was long in coming must not turn back what already goes back, or what has ended.
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off')
    return refuse('not-due', `Triggers rest: the release is ${state.phase.replaceAll('-', ' ')}.`)
  if (!trigger || !plan || (trigger.status !== 'armed' && trigger.status !== 'blind'))
    return refuse('not-due', `The trigger "${command.trigger}" is not armed.`)
  if (command.reading === 'blind')
    return trigger.status === 'blind' ? accept() : accept({ kind: 'TriggerBlind', trigger: plan.id, say: command.say })
  if (command.reading === 'quiet')
    return trigger.status === 'blind' ? accept({ kind: 'TriggerSees', trigger: plan.id }) : accept()
  const fired: ReleaseEvent = { kind: 'TriggerFired', trigger: plan.id, say: command.say, action: plan.action }
  const why = `${plan.severity} ${plan.text}: ${command.say}`
  const incident = incidentOfTrigger(state, plan, `${plan.text}: ${command.say}`, facts)
  if (plan.action === 'rollback')
    return accept(
      fired,
      ...incident,
      ...turnBackOrAsk(
        state,
        { cause: 'trigger', by: plan.id, why, serving: state.previous },
        { step: currentStep(state), stage: null },
      ),
    )
  const inWatches = incidentInWatches(state, plan.id, why)
  if (plan.action === 'page' || state.asked) return accept(fired, ...incident, ...inWatches)
  return accept(fired, ...incident, ...inWatches, {
    kind: 'DecisionAsked',
    step: currentStep(state),
    stage: null,
    role: null,
    question: `${why}. Roll back?`,
    until: null,
    otherwise: 'hold',
  })
}

function currentStep(state: ReleaseState): string {
  const observed = [...state.observations.values()].find((observation) => !observation.ended)
  return observed?.step ?? state.plan.steps[0]?.id ?? ''
}
