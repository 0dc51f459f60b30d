/** Whom an identity of a provider means on this server: somebody known, somebody invited, or somebody new. */
import type { AccessState, Person } from '../../core/access/access.ts'
import type { AccessCommand } from '../../core/access/commands.ts'
import { holdsClaim } from '../../core/access/mapped-roles.ts'
import { isActive } from '../../core/access/may.ts'
import type { Actor } from '../../core/release/events.ts'
import type { RouteDeps } from '../deps.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { applyMappedRoles } from './mapped-roles.ts'
import type { Identity } from './openid.ts'
import type { OpenIdSettings } from '../../config/openid-settings.ts'

const LONGEST_NAME = 80

/** Throws RouteRefusal. `invitation` = the hash of a key that the sign-in began with; used up when it binds. */
export async function personFor(
  deps: RouteDeps,
  settings: OpenIdSettings,
  identity: Identity,
  invitation: string | null,
): Promise<string> {
  refuseOutsiders(settings, identity)
  const person = await whoever(deps, settings, identity, invitation)
  const refused = await applyMappedRoles(deps, person, identity)
  if (refused !== null) throw no(refused)
  return person
}

/** Whether what the provider says of people matters here at all, beyond who they are. */
export function asksMore(state: AccessState, { issuer, joins, allow }: OpenIdSettings): boolean {
  return joins !== null || allow.length > 0 || state.mappings.some((mapping) => mapping.issuer === issuer)
}

async function whoever(
  deps: RouteDeps,
  settings: OpenIdSettings,
  identity: Identity,
  invitation: string | null,
): Promise<string> {
  const state = await deps.directory.refresh()
  const known = personOf(state, identity)
  if (known !== null) return activePerson(state, known)
  if (invitation !== null) return invitedPerson(deps, identity, invitation)
  if (settings.joins !== null) return newPerson(deps, state, settings.joins, identity)
  throw no('Nobody here is known by this identity. Ask for an invitation link, and open it before you sign in.')
}

/** By issuer and subject, and by nothing else. */
export function personOf(state: AccessState, { issuer, subject }: Identity): Person | null {
  const isIt = (person: Person) =>
    person.methods.some((each) => each.kind === 'openid' && each.issuer === issuer && each.subject === subject)
  return [...state.people.values()].find(isIt) ?? null
}

function activePerson(state: AccessState, { id }: Person): string {
  if (isActive(state, id)) return id
  throw no('This account is disabled here.')
}

function refuseOutsiders({ allow }: OpenIdSettings, { claims }: Identity): void {
  if (allow.length === 0 || allow.some(({ claim, value }) => holdsClaim(claims, claim, value))) return
  throw no('The provider does not say that you may come in here; whoever manages its groups can change that.')
}

/** From now on this identity is that person; whoever holds the link is whom it was sent to. */
async function invitedPerson(deps: RouteDeps, { issuer, subject }: Identity, invitation: string): Promise<string> {
  const person = await deps.accounts.redeemHashed(invitation)
  if (person === null || !isActive(await deps.directory.current(), person))
    throw new RouteRefusal('used-up', 'This invitation is not valid any more. Ask for a new one.')
  await decided(deps, person, { kind: 'AddSignInMethod', person, method: { kind: 'openid', issuer, subject } })
  return person
}

async function newPerson(
  deps: RouteDeps,
  state: AccessState,
  organisation: string,
  identity: Identity,
): Promise<string> {
  if (!state.organisations.has(organisation))
    throw no(`This server lets people join "${organisation}", which is no organisation here.`)
  const { issuer, subject, claims } = identity
  const person = nameFrom(claims)
  // A name at the provider is often the person's own choice: it must never make them somebody who is here already.
  if (person === null || state.people.has(person) || state.machines.has(person))
    throw no(
      person === null
        ? 'The provider tells no name that could be used here. Ask for an invitation link.'
        : `Somebody else is called "${person}" here. Ask for an invitation link, under another name.`,
    )
  const place = { organisation, project: null, environment: null }
  const name = textOf(claims['name'])?.slice(0, LONGEST_NAME) ?? person
  const methods = [{ kind: 'openid' as const, issuer, subject }]
  await decided(deps, person, { kind: 'AddPerson', person, name, email: textOf(claims['email']), methods, place })
  return person
}

/** `preferred_username`, else an address that the provider has verified; as a name of this server, or null. */
export function nameFrom(claims: Readonly<Record<string, unknown>>): string | null {
  const email = claims['email_verified'] === true ? textOf(claims['email']) : null
  const given = textOf(claims['preferred_username']) ?? email
  const name = given
    ?.normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9._@+-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, LONGEST_NAME)
  return name === undefined || name === '' ? null : name
}

function textOf(claim: unknown): string | null {
  return typeof claim === 'string' && claim.trim() !== '' ? claim.trim().slice(0, 300) : null
}

async function decided(deps: RouteDeps, person: string, command: AccessCommand): Promise<void> {
  const by: Actor = { id: person, kind: 'person', assurance: 'proven' }
  const answer = await deps.directory.ask(command, by, null)
  if (answer.kind === 'refused') throw no(answer.reason)
}

function no(why: string): RouteRefusal {
  return new RouteRefusal('openid-refused', why)
}
