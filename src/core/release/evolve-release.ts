/** What events about phases, holds, rollback, endings and messages do to the state. Returns undefined for events of other concern. */
import type { Moment } from './moment.ts'
import { amendedState } from './evolve-start.ts'
import { withDoing } from './evolve-rollout.ts'
import type { ReleaseEvent } from './events.ts'
import { evolveMessage } from './evolve-message.ts'
import type { PhaseState, ReleasePhase, ReleaseState, RolloutState } from './state.ts'

export function evolveRelease(state: ReleaseState, event: ReleaseEvent, { at }: Moment): ReleaseState | undefined {
  switch (event.kind) {
    case 'PhaseOpened':
      return changePhase(state, event.phase, (phase) => ({ ...phase, status: 'open', openedAt: at }))
    case 'PhaseClosed':
      return changePhase(state, event.phase, (phase) => ({
        ...phase,
        status: event.how === 'done' ? 'closed' : 'not-applicable',
        closedAt: at,
        why: event.why,
      }))
    case 'NoteAdded':
      return { ...state, notes: [...state.notes, { at, by: event.by, step: event.step, note: event.note }] }
    case 'PresenceBegan': {
      const { by, roles, until } = event
      const since = state.present.get(by)?.since ?? at
      return { ...state, present: new Map(state.present).set(by, { by, roles, since, until }) }
    }
    case 'PresenceEnded': {
      const present = new Map(state.present)
      present.delete(event.by)
      return { ...state, present }
    }
    case 'HoldPlaced':
      return { ...state, hold: { by: event.by, why: event.why, at } }
    case 'HoldLifted':
      return liftHold(state)
    case 'RollbackStarted':
      return {
        ...state,
        phase: 'rolling-back',
        hold: null,
        asked: null,
        rollback: {
          cause: event.cause,
          by: event.by,
          why: event.why,
          startedAt: at,
          finishedAt: null,
          failed: null,
          from: state.phase,
          triesFrom: at,
          lastPieceAt: at,
          isOverBudget: false,
        },
        rollouts: withFreshTries(state),
        observations: new Map(
          [...state.observations].map(([id, observation]) => [id, { ...observation, ended: true }]),
        ),
      }
    case 'RollbackResumed':
      return {
        ...state,
        phase: 'rolling-back',
        rollouts: withFreshTries(state),
        rollback: state.rollback && { ...state.rollback, failed: null, triesFrom: at },
      }
    case 'RollbackFailed':
      return {
        ...state,
        phase: 'rollback-failed',
        rollback: state.rollback && { ...state.rollback, failed: event.why },
      }
    case 'RollbackFinished':
      return ended(
        { ...state, rollback: state.rollback && { ...state.rollback, finishedAt: at } },
        'rolled-back',
        event.say,
        at,
      )
    case 'LeaveProposed':
      return { ...state, leaveProposed: { by: event.by, why: event.why, at } }
    case 'ReleaseLeft':
      return ended(state, 'left', event.why, at)
    case 'ReleaseValidating':
      return { ...state, phase: 'validating', validatingAt: at }
    case 'ReleaseSignedOff':
      return { ...state, phase: 'signed-off', signedOffAt: at }
    case 'ReleaseClosed':
      return ended(state, 'closed', event.why, at)
    case 'ReleaseSuperseded':
      return ended(state, 'superseded', `superseded by ${event.by}`, at)
    case 'ReleaseAmended':
      return amendedState(state, event)
    case 'MessageQueued':
    case 'MessageEdited':
    case 'MessageLetGo':
    case 'MessageDropped':
    case 'MessageFilled':
    case 'MessageSentByHand':
    case 'MessageWaived':
    case 'MessageDelivered':
    case 'MessageFailed':
      return evolveMessage(state, event, at)
    default:
      return undefined
  }
}

function changePhase(state: ReleaseState, id: string, make: (phase: PhaseState) => PhaseState): ReleaseState {
  const phase = state.phases.get(id)
  return phase ? { ...state, phases: new Map(state.phases).set(id, make(phase)) } : state
}

/** After a hold a component that could not be moved gets its tries back, and its stage begins to shift again. */
function liftHold(state: ReleaseState): ReleaseState {
  const next = { ...state, hold: null, asked: null, rollouts: withFreshTries(state) }
  return [...next.rollouts.keys()].reduce((each, id) => withDoing(each, id), next as ReleaseState)
}

function withFreshTries(state: ReleaseState): Map<string, RolloutState> {
  return new Map(
    [...state.rollouts].map(([id, rollout]) => [
      id,
      {
        ...rollout,
        doing: rollout.doing === 'putting-back' ? 'acting' : rollout.doing,
        components: new Map(
          [...rollout.components].map(([name, component]) => [
            name,
            { ...component, failures: 0, lastFailureAt: null },
          ]),
        ),
      },
    ]),
  )
}

function ended(state: ReleaseState, phase: ReleasePhase, why: string, at: number): ReleaseState {
  return { ...state, phase, endedAt: at, endedWhy: why, hold: null, asked: null }
}
