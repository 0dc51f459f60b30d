/** What served of each component before the release changed it: what `previous` means for that component. */
import type { StepPlan } from '../plan/plan.ts'
import { servingName } from './serving-name.ts'
import { hasBegun, latestAttempt, stepState } from './standing.ts'
import type { ReleaseState } from './state.ts'

export interface Serving {
  readonly component: string
  /** null = it was not read yet, or could not be. */
  readonly version: string | null
  /** The last look, in words; empty before there was one. */
  readonly say: string
}

/** Components whose version is read before anything of them changes, in the order of the checklist. */
export function servingOf(state: ReleaseState): readonly Serving[] {
  return state.plan.steps.flatMap((plan) => {
    if (plan.block.word !== 'check' || plan.block.serving === undefined) return []
    const version = state.captures.get(servingName(plan.block.serving)) ?? null
    const look = latestAttempt(stepState(state, plan.id), 'check')
    return [{ component: plan.block.serving, version, say: look?.say ?? '' }]
  })
}

/** The version that a component served before; without a look of its own what the target was seen serving. */
export function previousOf(state: ReleaseState, component: string | null): string | null {
  const own = component === null ? undefined : state.captures.get(servingName(component))
  return own ?? state.previous ?? agreed(servingOf(state))
}

/** All of them served the same. */
function agreed(all: readonly Serving[]): string | null {
  const [first] = all
  return first !== undefined && all.every(({ version }) => version === first.version) ? first.version : null
}

/** The component that a step belongs to: its own, or the one that its way back is for. */
export function componentOf(state: ReleaseState, plan: StepPlan): string | null {
  const { block } = plan
  const own = block.word === 'run' || block.word === 'check' ? block.component : null
  return own ?? state.plan.phases.find(({ id }) => id === plan.phase)?.for ?? null
}

/** The release as something of one component sees it: with its own `previous`. */
export function asSeenBy(state: ReleaseState, component: string | null): ReleaseState {
  const previous = previousOf(state, component)
  return previous === state.previous ? state : { ...state, previous }
}

/** Something of it was changed: what serves from here on is no `previous` any more. */
export function isChanged(state: ReleaseState, component: string): boolean {
  const isMoved = [...state.rollouts.values()].some((rollout) => rollout.components.get(component)?.touched === true)
  return (
    isMoved ||
    state.plan.steps.some(
      (plan) => plan.block.word === 'run' && plan.block.component === component && hasBegun(stepState(state, plan.id)),
    )
  )
}
