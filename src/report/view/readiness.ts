/** Why a derived yes is not one yet. */
import type { ReadinessBlock, StepPlan } from '../../core/plan/plan.ts'
import { countedBefore, rollUpOf, rollUpWords } from '../../core/readiness/roll-up.ts'
import type { ReleaseState } from '../../core/release/state.ts'

export function readinessWords(state: ReleaseState, plan: StepPlan, { of, match }: ReadinessBlock): string {
  return rollUpWords(state, rollUpOf(state, of, countedBefore(state, plan), match))
}
