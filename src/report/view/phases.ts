/** The checklist as a tree with its tallies: phases in document order, parents before their children. */
import type { PhasePlan, StepPlan } from '../../core/plan/plan.ts'
import { isEnded, reopenedSteps } from '../../core/release/standing.ts'
import type { PhaseView, StepView, StepWord, Tally } from '../view.ts'
import type { Scene } from './steps.ts'
import { rollUp, stepView } from './steps.ts'

const forwardKinds: readonly string[] = ['gate', 'rollout', 'watch']

export function phaseViews(scene: Scene): readonly PhaseView[] {
  const depths = depthsOf(scene.state.plan.steps)
  return scene.state.plan.phases.map((phase) => phaseView(scene, phase, depths))
}

function phaseView(scene: Scene, phase: PhasePlan, depths: ReadonlyMap<string, number>): PhaseView {
  const plans = scene.state.plan.steps.filter((step) => step.phase === phase.id)
  const steps = rolledUp(
    plans,
    new Map(plans.map((plan) => [plan.id, stepView(scene, plan, depths.get(plan.id) ?? 0)])),
  )
  const state = scene.state.phases.get(phase.id)
  const { id, title, kind } = phase
  return {
    id,
    title,
    kind,
    status: isOpenAgain(scene, phase.id) ? 'open' : statusOf(kind, state?.status ?? 'waiting', steps),
    openedAt: state?.openedAt ?? null,
    closedAt: state?.closedAt ?? null,
    why: state?.why ?? '',
    tally: tallyOf(steps),
    steps,
  }
}

/** Something in it has to be done again, and nothing goes forward until it is: such a phase is not done. */
function isOpenAgain({ state }: Scene, phase: string): boolean {
  if (state.phases.get(phase)?.status !== 'closed' || isEnded(state) || state.rollback !== null) return false
  return reopenedSteps(state).some((step) => state.index.step.get(step.id)?.phase === phase)
}

function statusOf(
  kind: string,
  status: 'waiting' | 'open' | 'closed' | 'not-applicable',
  steps: readonly StepView[],
): PhaseView['status'] {
  if (status === 'not-applicable') return 'not applicable'
  if (status === 'waiting' && !forwardKinds.includes(kind))
    return steps.some((step) => step.state !== 'waiting') ? 'open' : 'not run'
  return status
}

/** Children come after their parents, so walking backwards rolls the deepest groups up first. */
function rolledUp(plans: readonly StepPlan[], views: Map<string, StepView>): readonly StepView[] {
  for (const plan of plans.toReversed()) {
    const view = views.get(plan.id)
    if (!view || plan.children.length === 0) continue
    const rolls = view.state === 'waiting' && view.attempts === 0
    if (!rolls) continue
    const children = plan.children.flatMap((child) => views.get(child)?.state ?? [])
    const state = rollUp(children)
    // A step with a block of its own is not done because its children are.
    if (plan.block.word === 'group' || (state !== 'passed' && state !== 'not applicable'))
      views.set(plan.id, { ...view, state, say: '' })
  }
  return plans.flatMap((plan) => views.get(plan.id) ?? [])
}

export function tallyOf(steps: readonly StepView[]): Tally {
  const counts: Partial<Record<StepWord, number>> = {}
  for (const step of steps) if (step.word !== 'group') counts[step.state] = (counts[step.state] ?? 0) + 1
  return counts
}

export function forwardSteps(phases: readonly PhaseView[]): readonly StepView[] {
  return phases.filter((phase) => forwardKinds.includes(phase.kind)).flatMap((phase) => phase.steps)
}

function depthsOf(steps: readonly StepPlan[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  for (const step of steps) depths.set(step.id, step.parent === null ? 0 : (depths.get(step.parent) ?? 0) + 1)
  return depths
}
