/** Why somebody would be called now: each cause with an id that stays the same while it stands. A function of the state alone. */
import type { Cause } from '../ports/card.ts'
import { isEnded } from './standing.ts'
import type { AttemptState, ReleaseState, StepState } from './state.ts'

export function causesOf(state: ReleaseState): readonly Cause[] {
  if (isEnded(state)) return []
  return [
    // Nobody is called out of bed by a rehearsal, unless it shows that the way back does not work.
    ...(state.rollback === null || (state.rollback.cause === 'rehearsal' && state.rollback.failed === null)
      ? []
      : [rollbackCause(state)]),
    ...[...state.triggers.values()]
      .filter(({ status }) => status === 'fired')
      .map(({ id, say }): Cause => ({ id: `trigger:${id}`, say: `Trigger ${id} fired: ${say}`, severity: 'critical' })),
    ...(state.hold === null ? [] : [cause('hold', `Held by ${state.hold.by}: ${state.hold.why}`)]),
    ...(state.asked === null ? [] : [cause('decision', state.asked.question)]),
    ...state.plan.steps.flatMap((plan): readonly Cause[] => {
      const step = state.steps.get(plan.id)
      if (!step || step.reachedAt === null || step.closed !== null) return []
      const why = troubleOf(step)
      if (why !== null) return [cause(`step:${plan.id}`, `${plan.text}: ${why}`)]
      const { word } = plan.block
      const isAsk = word === 'approve' || word === 'answer' || word === 'fields'
      return isAsk ? [{ id: `ask:${plan.id}`, say: `Waiting for a person: ${plan.text}`, severity: 'warning' }] : []
    }),
  ]
}

function cause(id: string, say: string): Cause {
  return { id, say, severity: 'error' }
}

function rollbackCause({ rollback, releaseVersion }: ReleaseState): Cause {
  const say = rollback?.failed
    ? `ROLLBACK FAILED: ${rollback.failed}`
    : `Rolling back ${releaseVersion}: ${rollback?.why ?? ''}`
  return { id: 'rollback', say, severity: 'critical' }
}

/** While it is tried again the trouble still stands: it is over when the step passes. */
function troubleOf({ blocked, attempts, attemptsFrom }: StepState): string | null {
  if (blocked !== null) return blocked
  const isOver = ({ outcome, settled }: AttemptState): boolean => outcome !== null && settled !== 'done'
  const last = attempts.slice(attemptsFrom).findLast(isOver)
  return last === undefined || last.outcome === 'passed' ? null : `${last.outcome}: ${last.say}`
}
