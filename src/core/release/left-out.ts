/** What a release would leave out, as far as the facts of its start decide it. Pure. */
import { evaluateCondition } from '../plan/expression.ts'
import type { PhaseId, Plan, StepId, StepPlan } from '../plan/plan.ts'
import type { Json } from '../units.ts'
import { isFor, releaseTypeOf } from './release-type.ts'

/** What is known before a start; null = not known yet, and whatever hangs on it stays open. */
export interface StartKnown {
  readonly version: string | null
  readonly previous: string | null
  readonly environment: string
  /** By name, with the defaults; what is not there is not known. */
  readonly inputs: Readonly<Record<string, string | number | boolean>>
}

/** Why, by phase and by step; what is decided only on the way is not among them. Steps of a phase that is left out are. */
export interface LeftOut {
  readonly phases: ReadonlyMap<PhaseId, string>
  readonly steps: ReadonlyMap<StepId, string>
}

/** Holds nothing back that a condition leaves undecided: it is told as it is written. */
export function leftOut(plan: Plan, known: StartKnown): LeftOut {
  const bindings = bindingsAtStart(plan, known)
  const phases = new Map<PhaseId, string>()
  for (const phase of plan.phases) {
    const type = typeAtStart(known)
    const why =
      type !== null && !isFor(phase.onlyFor, type)
        ? `only for ${phase.onlyFor?.join(', ')}; this is a ${type} release`
        : conditionLeavesOut(phase.when, bindings)
    if (why !== null) phases.set(phase.id, why)
  }
  const steps = new Map<StepId, string>()
  // A parent stands before its children, and a rollout before the steps of its stages.
  for (const step of plan.steps) {
    const why =
      phases.get(step.phase) ??
      (step.parent === null ? undefined : steps.get(step.parent)) ??
      (step.stage === null ? undefined : steps.get(step.stage.rollout)) ??
      environmentLeavesOut(step, known.environment) ??
      conditionLeavesOut(step.when, bindings)
    if (why !== null) steps.set(step.id, why)
  }
  return { phases, steps }
}

/** By `only=` and `never=`; null = the step is for this environment. */
export function environmentLeavesOut(
  { only, never }: Pick<StepPlan, 'only' | 'never'>,
  environment: string,
): string | null {
  if (only.length > 0 && !only.includes(environment)) return `only in ${only.join(', ')}`
  return never.includes(environment) ? `never in ${environment}` : null
}

function conditionLeavesOut(when: string | null, bindings: Readonly<Record<string, Json>>): string | null {
  if (when === null) return null
  const answer = evaluateCondition(when, bindings)
  return answer.kind === 'value' && !answer.value ? `${when} is false` : null
}

/** Without the version before it nobody can say what kind of release it is. */
function typeAtStart({ version, previous }: StartKnown): ReturnType<typeof releaseTypeOf> | null {
  return version === null || previous === null ? null : releaseTypeOf(version, previous, false)
}

function bindingsAtStart(plan: Plan, known: StartKnown): Readonly<Record<string, Json>> {
  const type = typeAtStart(known)
  return {
    service: plan.service,
    environment: known.environment,
    ...(known.version !== null && { version: known.version }),
    ...(known.previous !== null && { previous: known.previous }),
    ...(type !== null && { release_type: type }),
    ...known.inputs,
    input: { ...known.inputs },
  }
}
