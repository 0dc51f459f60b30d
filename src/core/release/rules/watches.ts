/** What happens to watches when something went wrong that did not turn the release back: they begin again, or last longer. */
import type { Millis } from '../../units.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { ReleaseEvent } from '../events.ts'
import { isEnded, stepPlan } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { unknownStep } from './answers.ts'

/** Every running watch whose checklist says what an incident does to it. */
export function incidentInWatches(state: ReleaseState, by: string, why: string): readonly ReleaseEvent[] {
  return runningWatches(state).flatMap((step): readonly ReleaseEvent[] => {
    const { block } = stepPlan(state, step)
    const then = block.word === 'watch' ? block.onIncident : undefined
    if (then === undefined) return []
    return [then.does === 'restart' ? restarted(step, by, why) : extended(step, by, why, then.byMs)]
  })
}

/** A person says so: the healthy time counts from now again, or so much more of it is wanted. */
export const rewatch: Rule<'Rewatch'> = (state, command, facts) => {
  const plan = state.index.step.get(command.step)
  if (!plan) return unknownStep(state, command.step)
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  if (plan.block.word !== 'watch') return refuse('wrong-kind', `"${plan.text}" is no watch.`)
  if (!runningWatches(state).includes(plan.id)) {
    const has = state.observations.has(plan.id)
    return refuse(has ? 'already-closed' : 'not-reached', `"${plan.text}" ${has ? 'has ended' : 'has not begun yet'}.`)
  }
  if (command.why.trim() === '')
    return refuse(
      'reason-required',
      'Say why the watch begins again or lasts longer. For example: --reason "pager at 14:02"',
    )
  const { id } = facts.actor
  if (command.extendMs === null) return accept(restarted(plan.id, id, command.why))
  if (!Number.isSafeInteger(command.extendMs) || command.extendMs <= 0)
    return refuse('bad-answer', 'A watch is extended by a time of its own. For example: --extend 30m')
  return accept(extended(plan.id, id, command.why, command.extendMs))
}

function runningWatches(state: ReleaseState): readonly string[] {
  return [...state.observations.values()]
    .filter((observation) => !observation.ended && observation.stage === null)
    .map((observation) => observation.step)
}

function restarted(step: string, by: string, why: string): ReleaseEvent {
  return { kind: 'WatchRestarted', step, by, why }
}

function extended(step: string, by: string, why: string, byMs: Millis): ReleaseEvent {
  return { kind: 'WatchExtended', step, by, why, byMs }
}
