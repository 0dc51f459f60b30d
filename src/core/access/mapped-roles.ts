/** Roles that an OpenID provider brings: which come and which go when it says who somebody is. Those given by hand stay. */
import {
  type AccessEvent,
  type AccessState,
  type Grant,
  grantsOf,
  isSameGrant,
  type RoleMapping,
  type RoleSource,
} from './access.ts'

/** What of the claims of an identity any mapping asks for: only this needs to be known, and is recorded. */
export function heldOf(
  state: AccessState,
  issuer: string,
  claims: Readonly<Record<string, unknown>>,
): readonly RoleSource[] {
  const asked = new Map(
    state.mappings
      .filter((mapping) => mapping.issuer === issuer)
      .map(({ claim, value }) => [`${claim}=${value}`, { issuer, claim, value }]),
  )
  return [...asked.values()].filter(({ claim, value }) => holdsClaim(claims, claim, value))
}

/** The claim is this very text, or a list that has it. Any other shape is no proof of anything. */
export function holdsClaim(claims: Readonly<Record<string, unknown>>, claim: string, value: string): boolean {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  return found === value || (Array.isArray(found) && found.includes(value))
}

/** Takes away first: nobody has, between two events, more than the provider says now. */
export function mappedChanges(state: AccessState, person: string, held: readonly RoleSource[]): readonly AccessEvent[] {
  const wanted = state.mappings
    .filter((mapping) => held.some((source) => isSource(source, mapping)))
    .map((mapping) => grantBy(mapping, person))
  const had = grantsOf(state, person).filter(({ from }) => from !== undefined)
  return [
    ...had.filter((grant) => !wanted.some((each) => isSameGrant(each, grant))).map(revoked),
    ...wanted
      .filter((grant) => !had.some((each) => isSameGrant(each, grant)))
      .map((grant): AccessEvent => ({ kind: 'RoleGranted', ...grant })),
  ]
}

/** Whoever has the role by this mapping loses it now, and not only at the next sign-in. */
export function withoutMapping(state: AccessState, mapping: RoleMapping): readonly AccessEvent[] {
  return [...state.grants.values()]
    .flat()
    .filter((grant) => isSameGrant(grant, grantBy(mapping, grant.holder)))
    .map(revoked)
}

function grantBy({ issuer, claim, value, role, place }: RoleMapping, holder: string): Grant {
  return { holder, role, place, from: { issuer, claim, value } }
}

function revoked(grant: Grant): AccessEvent {
  return { kind: 'RoleRevoked', ...grant }
}

function isSource(one: RoleSource, other: RoleSource): boolean {
  return one.issuer === other.issuer && one.claim === other.claim && one.value === other.value
}
