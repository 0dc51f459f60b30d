/** Whose signatures an approval needs, and whether those that stand are enough. */
import { evaluateCondition, evaluateValue, pathsOf } from '../plan/expression.ts'
import type { ApproveBlock, StepPlan } from '../plan/plan.ts'
import type { DecidedRole, EventOf } from './events.ts'
import type { ApprovalState, ReleaseState, StepState } from './state.ts'
import { bindingsOf } from './values.ts'

/** Decides the roles that sign under a condition. Undecidable counts as needed: doubt keeps the gate shut. */
export function decideRoles(state: ReleaseState, plan: StepPlan, block: ApproveBlock): EventOf<'RolesDecided'> {
  const bindings = bindingsOf(state)
  const roles = (block.conditional ?? []).map(({ role, when }): DecidedRole => {
    const answer = evaluateCondition(when, bindings)
    if (answer.kind === 'inconclusive') return { role, when, needed: 'unknown', why: answer.why }
    const read = pathsOf(when).map((path) => {
      const value = evaluateValue(path, bindings)
      return `${path} = ${value.kind === 'value' ? JSON.stringify(value.value) : 'unknown'}`
    })
    return { role, when, needed: answer.value ? 'yes' : 'no', why: read.join(', ') }
  })
  return { kind: 'RolesDecided', step: plan.id, roles }
}

/** Every role that has to sign here: those of the checklist, and the conditional ones that nothing has excused. */
export function rolesNeeded(block: ApproveBlock, step: StepState | undefined): readonly string[] {
  const conditional = block.conditional ?? []
  if (conditional.length === 0) return block.roles
  const decided = step?.conditionalRoles
  const needed =
    decided === undefined
      ? conditional.map(({ role }) => role)
      : decided.filter((one) => one.needed !== 'no' && one.notNeeded === null).map(({ role }) => role)
  return [...block.roles, ...needed]
}

/** How many people have to sign; 0 = nobody, because no conditional role is needed. */
export function signaturesNeeded(block: ApproveBlock, step: StepState | undefined): number {
  return Math.max(block.count, rolesNeeded(block, step).length)
}

/**
 * One signature for each role, and at least as many people as the checklist wants. A delegate and the one they stand in
 * for are one person here, however many of the two have signed.
 */
export function isSigned(
  block: ApproveBlock,
  step: StepState | undefined,
  approvals: readonly ApprovalState[],
): boolean {
  const roles = rolesNeeded(block, step)
  const count = Math.max(block.count, roles.length, 1)
  const shared = approvals.filter((one) => approvals.some((other) => other !== one && areOnePerson(one, other)))
  const own = approvals.filter((one) => !shared.includes(one))
  return choices(shared).some((chosen) => {
    const counted = [...own, ...chosen]
    return counted.length >= count && fillsRoles(roles, counted)
  })
}

function areOnePerson(one: ApprovalState, other: ApprovalState): boolean {
  const people = [one.by, one.for ?? one.by]
  return people.includes(other.by) || people.includes(other.for ?? other.by)
}

/** Who shares a signature with many others is rare; beyond this nobody of them counts beside another. */
const mostShared = 12

/** Every way to let some of these count, of which no two are the same person. */
function choices(shared: readonly ApprovalState[]): readonly (readonly ApprovalState[])[] {
  if (shared.length > mostShared) return shared.map((one) => [one])
  return shared.reduce<readonly (readonly ApprovalState[])[]>(
    (found, one) => [
      ...found,
      ...found.filter((chosen) => chosen.every((other) => !areOnePerson(one, other))).map((chosen) => [...chosen, one]),
    ],
    [[]],
  )
}

function fillsRoles(roles: readonly string[], approvals: readonly ApprovalState[]): boolean {
  return roles.every((role) => {
    const needed = roles.filter((each) => each === role).length
    return approvals.filter((approval) => approval.role === role).length >= needed
  })
}
