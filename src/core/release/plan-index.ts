/** Look-ups over a plan that every rule needs, made once per plan. */
import type { Plan, StepId, StepPlan } from '../plan/plan.ts'
import { tablesOf } from './fields.ts'
import type { PlanIndex } from './state.ts'

export function indexPlan(plan: Plan): PlanIndex {
  const step = new Map(plan.steps.map((each) => [each.id, each]))
  const stepsOfPhase = Map.groupBy(plan.steps, (each) => each.phase)
  const dependants = new Map<StepId, Set<StepId>>()
  const concerns = (cause: StepId, whom: StepId) => {
    const known = dependants.get(cause)
    if (known) known.add(whom)
    else dependants.set(cause, new Set([whom]))
  }
  for (const each of plan.steps) {
    for (const before of each.after) concerns(before, each.id)
    if (each.afterActionOf) concerns(each.afterActionOf, each.id)
    if (each.parent) {
      concerns(each.id, each.parent)
      concerns(each.parent, each.id)
    }
    if (each.stage) concerns(each.id, each.stage.rollout)
    if (each.block.word === 'rollout') stageStepsOf(each).forEach((id) => concerns(each.id, id))
  }
  const approvals = plan.steps.filter((each) => each.block.word === 'approve').map((each) => each.id)
  const rollbackPhases = new Set(plan.phases.filter((phase) => phase.kind === 'rollback').map((phase) => phase.id))
  return {
    step,
    stepsOfPhase,
    idsOfPhase: new Map([...stepsOfPhase].map(([phase, steps]) => [phase, steps.map(({ id }) => id)])),
    approvals,
    rollbackPhases,
    presencePhases: new Set(plan.phases.filter((phase) => phase.present).map((phase) => phase.id)),
    records: plan.steps.filter((each) => each.block.word === 'record').map((each) => each.id),
    makers: plan.steps.filter(({ block }) => 'makes' in block && block.makes !== undefined).map((each) => each.id),
    tables: plan.steps.filter((each) => tablesOf(each).length > 0).map((each) => each.id),
    readiness: plan.steps.filter((each) => each.block.word === 'readiness').map((each) => each.id),
    incidentPhases: new Set(plan.phases.filter((phase) => phase.kind === 'incident').map((phase) => phase.id)),
    dependants: new Map([...dependants].map(([id, whom]) => [id, [...whom]])),
  }
}

/** All steps that belong to any stage of a rollout step. */
export function stageStepsOf(rollout: StepPlan): readonly StepId[] {
  return rollout.block.word === 'rollout'
    ? rollout.block.stages.flatMap((stage) => [...stage.actions, ...stage.steps])
    : []
}

export function isDescendant(index: PlanIndex, id: StepId, ancestor: StepId): boolean {
  let parent = index.step.get(id)?.parent ?? null
  while (parent !== null) {
    if (parent === ancestor) return true
    parent = index.step.get(parent)?.parent ?? null
  }
  return false
}
