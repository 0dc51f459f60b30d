/** When a stage may be left. One place, asked by the rules, the consequences and the views. */
import { isClosed, type RolloutView } from './standing.ts'
import type { ReleaseState } from './state.ts'

/** Soaked long enough, everything in it closed, and the judge's last word was go. */
export function isReadyToLeave(state: ReleaseState, rollout: RolloutView): boolean {
  const { stage, plan } = rollout
  const observation = state.observations.get(plan.id)
  if (!stage || rollout.state.doing !== 'soaking' || !observation || observation.stage !== rollout.state.stage)
    return false
  return (
    observation.verdict?.zone === 'go' &&
    observation.soakMs >= stage.soakMs &&
    stage.steps.every((id) => isClosed(state, id))
  )
}
