/** A checklist may say that nothing else releases its target (`mandatory`): which one does, and why another is refused. */
import type { Plan } from '../plan/plan.ts'

/** Where a plan acts: the environment of the release, and those of its phases that name one. */
export function environmentsActedOn(plan: Pick<Plan, 'phases'>, environment: string): readonly string[] {
  return [...new Set([environment, ...plan.phases.flatMap((phase) => phase.environment ?? [])])]
}

/** Does this checklist say that it alone releases there? */
export function isMandatory({ environments }: Pick<Plan, 'environments'>, environment: string): boolean {
  return Object.hasOwn(environments, environment) && environments[environment]?.mandatory === true
}

/** Names of the environments for which it says so. */
export function mandatoryEnvironments(plan: Pick<Plan, 'environments'>): readonly string[] {
  return Object.keys(plan.environments).filter((name) => isMandatory(plan, name))
}

/**
 * Why this plan does not act there; null = it may. `by` = name of the checklist that last released there and said so; null = none did.
 * The same checklist may stop saying it, and another that says it as well releases there too: a hotfix of its own, say.
 */
export function otherChecklist(
  plan: Pick<Plan, 'name' | 'service' | 'environments'>,
  environment: string,
  by: string | null,
): string | null {
  if (by === null || by === plan.name || isMandatory(plan, environment)) return null
  return `${plan.service} in ${environment} is released by "${by}" only, which says so itself (mandatory), and this is "${plan.name}". Release with that one; or, where this one is to release there too, say it here: environments: { ${environment}: { mandatory: true } }`
}
