/** A derived yes closes by itself; what can never become one by waiting says so. */
import type { ReadinessBlock, StepPlan } from '../plan/plan.ts'
import { countedBefore, rollUpOf, rollUpWords } from '../readiness/roll-up.ts'
import type { ReleaseEvent } from './events.ts'
import type { ReleaseState } from './state.ts'

export function readinessClosing(
  state: ReleaseState,
  plan: StepPlan,
  { of, match }: ReadinessBlock,
): ReleaseEvent | undefined {
  const rollUp = rollUpOf(state, of, countedBefore(state, plan), match)
  const why = rollUpWords(state, rollUp)
  if (rollUp.yes) return { kind: 'StepClosed', step: plan.id, how: 'passed', why }
  const isHopeless = rollUp.of === 0 || (rollUp.open.length === 0 && rollUp.unfit.length > 0)
  if (!isHopeless) return undefined
  return plan.severity === 'warning'
    ? { kind: 'StepClosed', step: plan.id, how: 'warned', why }
    : { kind: 'StepBlocked', step: plan.id, why }
}
