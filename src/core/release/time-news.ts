/** News about when: windows that were opened or will be left, steps that are late, a start that moved. */
import { wallWords } from '../calendar/wall-words.ts'
import type { EventOf } from './events.ts'
import { leadCalendar } from './planned-start.ts'
import { stepPlan } from './standing.ts'
import type { ReleaseState } from './state.ts'

type Told = EventOf<'WindowOverridden' | 'WindowLeaving' | 'StepOverdue' | 'ReleaseRescheduled'>

export function timeNews(state: ReleaseState, event: Told) {
  switch (event.kind) {
    case 'WindowOverridden':
      return {
        topic: 'window.overridden',
        say: `${event.by} as ${event.role} overrode the window ${event.window}: ${event.reason}`,
      } as const
    case 'WindowLeaving':
      return { topic: 'window.leaving', say: leavingWords(state, event) } as const
    case 'StepOverdue':
      return {
        topic: 'step.overdue',
        say: `Overdue: ${stepPlan(state, event.step).text} was due ${wallWords(leadCalendar(state.plan).zone, event.dueAt)}`,
      } as const
    case 'ReleaseRescheduled':
      return {
        topic: 'release.rescheduled',
        say: `${event.by} moved the start to ${wallWords(leadCalendar(state.plan).zone, event.to)}: ${event.reason}`,
      } as const
  }
}

/** `Roll out leaves its window office: …`, in the zone of the window. */
export function leavingWords(
  state: ReleaseState,
  { phase, window, closesAt, endsAt }: Pick<EventOf<'WindowLeaving'>, 'phase' | 'window' | 'closesAt' | 'endsAt'>,
): string {
  const title = state.plan.phases.find(({ id }) => id === phase)?.title ?? phase
  const zone = state.plan.windows[window]?.zone ?? 'UTC'
  return `"${title}" leaves its window ${window}: it ends ${wallWords(zone, endsAt)} at the earliest, and the window is closed from ${wallWords(zone, closesAt)}`
}
