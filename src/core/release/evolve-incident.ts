/** What events about incidents and hotfixes do to the state. Returns undefined for events of other concern. */
import type { Moment } from './moment.ts'
import type { ReleaseEvent } from './events.ts'
import type { ReleaseState } from './state.ts'

export function evolveIncident(state: ReleaseState, event: ReleaseEvent, { at }: Moment): ReleaseState | undefined {
  switch (event.kind) {
    case 'IncidentDeclared': {
      const { kind: _, ...told } = event
      const incident = { ...told, at, status: 'investigating', note: null, resolvedAt: null } as const
      return { ...state, incidents: [...state.incidents, incident] }
    }
    case 'IncidentStatusSet':
      return {
        ...state,
        incidents: state.incidents.map((incident) =>
          incident.incident === event.incident
            ? {
                ...incident,
                status: event.status,
                note: event.note,
                resolvedAt: event.status === 'resolved' ? at : null,
              }
            : incident,
        ),
      }
    case 'RollbackOverBudget':
      return { ...state, rollback: state.rollback && { ...state.rollback, isOverBudget: true } }
    case 'FollowUpAdded': {
      const { kind: _, ...told } = event
      return { ...state, followUps: [...state.followUps, { ...told, at }] }
    }
    case 'HotfixBegun':
      return { ...state, hotfixes: [...state.hotfixes, { release: event.release, version: event.version, at }] }
    default:
      return undefined
  }
}

/** Remembers when the way back last moved: its time is measured to there, whatever goes on beside it. */
export function withPieceOfRollback(state: ReleaseState, event: ReleaseEvent, at: number): ReleaseState {
  if (state.phase !== 'rolling-back' || state.rollback === null || !isPiece(state, event)) return state
  return { ...state, rollback: { ...state.rollback, lastPieceAt: at } }
}

function isPiece(state: ReleaseState, event: ReleaseEvent): boolean {
  if (event.kind === 'TrafficRestored') return true
  if (event.kind === 'PhaseClosed') return state.index.rollbackPhases.has(event.phase)
  const isOfStep = event.kind === 'AttemptFinished' || event.kind === 'AttemptSettled' || event.kind === 'StepClosed'
  return isOfStep && !state.index.incidentPhases.has(state.index.step.get(event.step)?.phase ?? '')
}
