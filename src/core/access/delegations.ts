/** Delegations: which of them count now, what they bring, and what may not be given away. */
import { type AccessState, type Delegation, type Grant, grantsOf } from './access.ts'
import { rightsOf } from './rights.ts'

/** A quarter: whoever is away for longer hands the role over. */
export const longestDelegationMs = 92 * 86_400_000

/** Begun, not over, and both people may still come in. Whether the role is still held is asked where it is used. */
export function isCurrent(state: AccessState, { start, until, from, to }: Delegation): boolean {
  if (state.at < start || state.at >= until) return false
  return [from, to].every((person) => state.people.get(person)?.isDisabled === false)
}

/** What others let this person do: their own grants of the role, never what was delegated to them. */
export function standInGrants(
  state: AccessState,
  holder: string,
): readonly (Grant & { readonly for: string; readonly until: number })[] {
  if (state.delegations.size === 0) return []
  return [...state.delegations.values()]
    .filter((delegation) => delegation.to === holder && isCurrent(state, delegation))
    .flatMap(({ from, role, until }) =>
      grantsOf(state, from)
        .filter((grant) => grant.role === role && isDelegable(role))
        .map((grant) => ({ ...grant, holder, for: from, until })),
    )
}

/** Roles that decide about releases; whoever manages people or the server does so themselves. */
export function isDelegable(role: string): boolean {
  return rightsOf(role).includes('release.approve') || role === 'release-engineer'
}

/** Why it cannot be given, in words; null = it can. */
export function delegationFault(state: AccessState, given: Delegation, now: number): string | null {
  const { from, to, role, start, until } = given
  if (from === to) return 'Nobody stands in for themselves: name somebody else.'
  if (state.people.get(to)?.isDisabled !== false) return `${to} is nobody who can sign in here.`
  if (!isDelegable(role)) return `${role} cannot be delegated: only roles that decide about releases can.`
  if (!grantsOf(state, from).some((grant) => grant.role === role)) return `${from} does not hold the role ${role}.`
  if (until <= now || until <= start) return 'It would be over before it begins. For example: --for 3d'
  if (until - start > longestDelegationMs) return 'It lasts 92 days at most. For example: --for 14d'
  const same = [...state.delegations.values()].find(
    (one) => one.from === from && one.to === to && one.role === role && one.until > start && one.start < until,
  )
  return same === undefined ? null : `${to} stands in for ${from} as ${role} then already (${same.id}).`
}
