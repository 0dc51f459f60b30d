/** What events about windows, planned starts and lead times do to the state. Returns undefined for events of other concern. */
import type { ReleaseEvent } from './events.ts'
import type { Moment } from './moment.ts'
import type { ReleaseState } from './state.ts'
import type { TimeState } from './time-state.ts'

export function evolveTime(state: ReleaseState, event: ReleaseEvent, { at }: Moment): ReleaseState | undefined {
  const { time } = state
  const changed = (more: Partial<TimeState>): ReleaseState => ({ ...state, time: { ...time, ...more } })
  switch (event.kind) {
    case 'WindowOverridden': {
      const { phase, window, by, role, reason } = event
      return changed({ overridden: new Map(time.overridden).set(phase, { window, by, role, reason, at }) })
    }
    case 'WindowLeaving': {
      const { phase, closesAt, endsAt } = event
      return changed({ leaving: new Map(time.leaving).set(phase, { closesAt, endsAt }) })
    }
    case 'WindowRead': {
      const { window, isLow, say, observedAt, evidence } = event
      return changed({ readings: new Map(time.readings).set(window, { isLow, say, at, observedAt, evidence }) })
    }
    case 'StepOverdue':
      return changed({ overdue: new Map(time.overdue).set(event.step, event.dueAt) })
    case 'ReleaseRescheduled':
      return changed({ plannedAt: event.to, overdue: new Map() })
    default:
      return undefined
  }
}
