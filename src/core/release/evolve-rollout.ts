/** What events about traffic, soaks, verdicts and triggers do to the state. Returns undefined for events of other concern. */
import type { Moment } from './moment.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { shiftTries } from './standing.ts'
import type { ComponentState, ObservationState, ReleaseState, RolloutState, TriggerState } from './state.ts'

/** The weight of a component that could not be read back. */
export const unknownWeight = -1

export function evolveRollout(state: ReleaseState, event: ReleaseEvent, { at }: Moment): ReleaseState | undefined {
  switch (event.kind) {
    case 'StageEntered':
      return withDoing(
        changeRollout(state, event.rollout, (rollout) => entered(rollout, event.stage, at)),
        event.rollout,
      )
    case 'ShiftStarted':
      return changeComponent(state, event.rollout, event.component, (component) => ({
        ...component,
        touched: true,
        verifiedPercent: unknownWeight,
        live: {
          attempt: event.attempt,
          epoch: event.epoch,
          weightPercent: event.weightPercent,
          purpose: event.purpose,
        },
      }))
    case 'ShiftVerified':
      return shiftVerified(state, event, at)
    case 'ShiftFailed':
      return withDoing(
        changeComponent(state, event.rollout, event.component, (component) => failed(component, event.say, at)),
        event.rollout,
      )
    case 'SoakStarted':
      return withObservation(
        changeRollout(state, event.rollout, (rollout) => ({ ...rollout, doing: 'soaking', soakStartedAt: at })),
        freshObservation(event.rollout, event.stage, at),
      )
    case 'Promoted':
      return {
        ...changeRollout(state, event.rollout, (rollout) => ({ ...rollout, promotedBy: event.by })),
        asked: null,
      }
    case 'StageLeft':
      // The stage that was left is observed until the next one soaks: its canary serves people all the while.
      return { ...state, asked: null }
    case 'RolloutFinished':
      return endObservation(
        changeRollout(state, event.rollout, (rollout) => ({ ...rollout, doing: 'done' })),
        event.rollout,
      )
    case 'WatchStarted':
      return withObservation(state, freshObservation(event.step, null, at))
    case 'WatchRestarted':
      return observed(state, event.step, ({ restarts, extendedMs }) => ({
        ...freshObservation(event.step, null, at),
        restarts: restarts + 1,
        extendedMs,
      }))
    case 'WatchExtended':
      return observed(state, event.step, (observation) => ({
        ...observation,
        extendedMs: observation.extendedMs + event.byMs,
      }))
    case 'WatchEnded':
      return { ...endObservation(state, event.step), asked: state.asked?.step === event.step ? null : state.asked }
    case 'MeasurementsRecorded':
      return observed(state, event.step, (observation) => ({ ...observation, soakMs: event.soakMs, upTo: event.to }))
    case 'VerdictReached':
      return verdictReached(state, event, at)
    case 'DecisionAsked':
      return {
        ...state,
        asked: {
          step: event.step,
          stage: event.stage,
          role: event.role,
          question: event.question,
          askedAt: at,
          until: event.until,
          otherwise: event.otherwise,
        },
      }
    case 'TriggerArmed':
      return trigger(state, event.trigger, { status: 'armed', say: '' })
    case 'TriggerDisarmed':
      return trigger(state, event.trigger, { status: 'disarmed', say: event.why })
    case 'TriggerFired':
      return trigger(state, event.trigger, { status: 'fired', say: event.say })
    case 'TriggerBlind':
      return trigger(state, event.trigger, { status: 'blind', say: event.say })
    case 'TriggerSees':
      return trigger(state, event.trigger, { status: 'armed', say: '' })
    case 'TrafficRestoreStarted':
      return changeComponent(state, event.rollout, event.component, (component) => ({
        ...component,
        verifiedPercent: unknownWeight,
        live: { attempt: event.attempt, epoch: event.epoch, weightPercent: 0, purpose: 'restore' },
      }))
    case 'TrafficRestored':
      return restored(state, event)
    case 'TrafficRestoreFailed':
      return componentByName(state, event.component, (component) => failed(component, event.say, at))
    default:
      return undefined
  }
}

/** Where a rollout stands follows from its components and the actions of its stage. */
export function withDoing(state: ReleaseState, id: string): ReleaseState {
  const rollout = state.rollouts.get(id)
  const block = state.index.step.get(id)?.block
  if (!rollout || block?.word !== 'rollout' || rollout.doing === 'done' || rollout.doing === 'soaking') return state
  const stage = block.stages[rollout.stage]
  if (!stage) return state
  const doing = standing(state, rollout, stage.actions)
  return doing === rollout.doing ? state : changeRollout(state, id, (each) => ({ ...each, doing }))
}

function standing(state: ReleaseState, rollout: RolloutState, actions: readonly string[]): RolloutState['doing'] {
  if (rollout.doing === 'putting-back') return 'putting-back'
  if ([...rollout.components.values()].some((component) => component.failures >= shiftTries)) return 'putting-back'
  return actions.every((step) => state.steps.get(step)?.closed != null) ? 'shifting' : 'acting'
}

function entered(rollout: RolloutState, stage: number, at: number): RolloutState {
  const components = [...rollout.components.values()].map((component) => ({
    ...component,
    stageBasePercent: Math.max(0, component.verifiedPercent),
    failures: 0,
    lastFailureAt: null,
  }))
  return {
    ...rollout,
    stage,
    doing: 'acting',
    stageEnteredAt: at,
    soakStartedAt: null,
    promotedBy: null,
    components: new Map(components.map((each) => [each.name, each])),
  }
}

function shiftVerified(state: ReleaseState, event: EventOf<'ShiftVerified'>, at: number): ReleaseState {
  const next = changeComponent(state, event.rollout, event.component, (component) => ({
    ...component,
    live: null,
    verifiedPercent: event.weightPercent,
    say: event.say,
    ...(component.live?.purpose === 'advance' ? { failures: 0, lastFailureAt: null } : {}),
  }))
  // A shift that was still under way when traffic was restored may have undone that: the restore is owed again.
  const again = changeRollout(next, event.rollout, (rollout) => ({
    ...rollout,
    restored: new Map([...rollout.restored].filter(([name]) => name !== event.component)),
  }))
  return { ...again, firstTrafficAt: state.firstTrafficAt ?? (event.weightPercent > 0 ? at : null) }
}

function failed(component: ComponentState, say: string, at: number): ComponentState {
  return {
    ...component,
    live: null,
    failures: component.failures + 1,
    lastFailureAt: at,
    say,
    verifiedPercent: unknownWeight,
  }
}

function restored(state: ReleaseState, event: EventOf<'TrafficRestored'>): ReleaseState {
  const next = componentByName(state, event.component, (component) => ({
    ...component,
    live: null,
    failures: 0,
    lastFailureAt: null,
    verifiedPercent: 0,
    say: event.say,
  }))
  const rollouts = new Map(
    [...next.rollouts].map(([id, rollout]) => [
      id,
      rollout.components.has(event.component)
        ? { ...rollout, restored: new Map([...rollout.restored, [event.component, event.say]]) }
        : rollout,
    ]),
  )
  return { ...next, rollouts }
}

export function changeRollout(
  state: ReleaseState,
  id: string,
  make: (rollout: RolloutState) => RolloutState,
): ReleaseState {
  const rollout = state.rollouts.get(id)
  if (!rollout) return state
  return { ...state, rollouts: new Map(state.rollouts).set(id, make(rollout)) }
}

function changeComponent(
  state: ReleaseState,
  id: string,
  name: string,
  make: (component: ComponentState) => ComponentState,
): ReleaseState {
  return changeRollout(state, id, (rollout) => {
    const component = rollout.components.get(name)
    return component ? { ...rollout, components: new Map(rollout.components).set(name, make(component)) } : rollout
  })
}

function componentByName(
  state: ReleaseState,
  name: string,
  make: (component: ComponentState) => ComponentState,
): ReleaseState {
  return [...state.rollouts.keys()].reduce((next, id) => changeComponent(next, id, name, make), state)
}

function freshObservation(step: string, stage: number | null, at: number): ObservationState {
  const nothing = { soakMs: 0, verdict: null, verdictAt: null, upTo: null, ended: false, restarts: 0, extendedMs: 0 }
  return { step, stage, startedAt: at, ...nothing }
}

function withObservation(state: ReleaseState, observation: ObservationState): ReleaseState {
  return { ...state, observations: new Map(state.observations).set(observation.step, observation) }
}

function observed(
  state: ReleaseState,
  step: string,
  make: (observation: ObservationState) => ObservationState,
): ReleaseState {
  const observation = state.observations.get(step)
  return observation ? withObservation(state, make(observation)) : state
}

function endObservation(state: ReleaseState, step: string): ReleaseState {
  return observed(state, step, (observation) => ({ ...observation, ended: true }))
}

function verdictReached(state: ReleaseState, event: EventOf<'VerdictReached'>, at: number): ReleaseState {
  const before = state.observations.get(event.step)?.verdict?.zone
  // A question was about the verdict of its time: another zone withdraws it.
  const asked = state.asked?.step === event.step && before !== event.verdict.zone ? null : state.asked
  return {
    ...observed(state, event.step, (observation) => ({ ...observation, verdict: event.verdict, verdictAt: at })),
    asked,
  }
}

function trigger(state: ReleaseState, id: string, change: Omit<TriggerState, 'id'>): ReleaseState {
  return { ...state, triggers: new Map(state.triggers).set(id, { id, ...change }) }
}
