/** Whether somebody may do something somewhere: the one place that answers it. */
import { type AccessState, type Grant, grantsOf, type Place, type TokenScope } from './access.ts'
import { standInGrants } from './delegations.ts'
import { forPeopleOnly, type Right, rightsOf, standardRoles } from './rights.ts'

export interface Asker {
  /** Id of a person or a machine. */
  readonly holder: string
  /** Of the token in use; null = a session of a person, which may all that the person may. */
  readonly scope: TokenScope | null
}

/** Deny by default: an unknown or disabled holder, a right that no role brings, a place outside: all no. */
export function may(state: AccessState, asker: Asker, right: Right, place: Place): boolean {
  if (!isActive(state, asker.holder)) return false
  if (forPeopleOnly.has(right) && !state.people.has(asker.holder)) return false
  if (asker.scope !== null && !allows(asker.scope, right, place)) return false
  return heldGrants(state, asker.holder).some(
    (grant) => covers(grant.place, place) && rightsOf(grant.role).includes(right),
  )
}

/** Whether the right is held anywhere at all: enough to look at a list, which then shows only what may be seen. */
export function mayAnywhere(state: AccessState, asker: Asker, right: Right): boolean {
  return placesOf(state, asker, right).length > 0
}

/** Everywhere that the right is held, as granted; narrowed by the token in use. */
export function placesOf(state: AccessState, asker: Asker, right: Right): readonly Place[] {
  return heldGrants(state, asker.holder)
    .map(({ place }) => (asker.scope === null ? place : narrower(place, asker.scope.place)))
    .filter((place): place is Place => place !== null && may(state, asker, right, place))
}

/** The team's own and standard roles of a holder at a place: what may sign as `qa-lead`. */
export function rolesAt(state: AccessState, holder: string, place: Place): readonly string[] {
  if (!isActive(state, holder)) return []
  const held = grantsOf(state, holder).filter((grant) => covers(grant.place, place) && signs(grant.role))
  return [...new Set(held.map(({ role }) => role))]
}

/** Roles of others in whose place this person may sign there now. */
export function standInsAt(
  state: AccessState,
  holder: string,
  place: Place,
): readonly { readonly role: string; readonly for: string }[] {
  if (!isActive(state, holder)) return []
  return standInGrants(state, holder)
    .filter((grant) => covers(grant.place, place))
    .map(({ role, for: of }) => ({ role, for: of }))
}

function heldGrants(state: AccessState, holder: string): readonly Grant[] {
  const lent = standInGrants(state, holder)
  return lent.length === 0 ? grantsOf(state, holder) : [...grantsOf(state, holder), ...lent]
}

function signs(role: string): boolean {
  return (
    rightsOf(role).includes('release.approve') || role === ('release-engineer' satisfies keyof typeof standardRoles)
  )
}

/** Where a service's environment stands; null = no project has the service. */
export function placeOf(state: AccessState, service: string, environment: string): Place | null {
  const project = state.projects.get(state.projectOf.get(service) ?? '')
  return project === undefined ? null : { organisation: project.organisation, project: project.id, environment }
}

export function isActive(state: AccessState, holder: string): boolean {
  const known = state.people.get(holder) ?? state.machines.get(holder)
  return known !== undefined && !known.isDisabled
}

/** Whether `outer` holds all of `inner`. */
export function covers(outer: Place, inner: Place): boolean {
  return (
    (outer.organisation === null || outer.organisation === inner.organisation) &&
    (outer.project === null || outer.project === inner.project) &&
    (outer.environment === null || outer.environment === inner.environment)
  )
}

/** The smaller of two places of which one holds the other; null = they share nothing. */
function narrower(one: Place, other: Place): Place | null {
  if (covers(one, other)) return other
  return covers(other, one) ? one : null
}

function allows(scope: TokenScope, right: Right, place: Place): boolean {
  return covers(scope.place, place) && (scope.rights === null || scope.rights.includes(right))
}
