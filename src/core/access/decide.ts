/** The rules of the directory: who may change it, and what keeps it whole. */
import {
  type AccessEvent,
  type AccessState,
  everywhere,
  grantsOf,
  isSameGrant,
  isSameMapping,
  isSamePlace,
  type Place,
} from './access.ts'
import { areSameBytes } from './checklist-bytes.ts'
import { mappedChanges, withoutMapping } from './mapped-roles.ts'
import type { AccessCommand, AccessDecision, AccessFacts, AccessRefusalCode } from './commands.ts'
import { delegationFault } from './delegations.ts'
import { isActive, may } from './may.ts'
import { type Right, rights, rightWords, standardRoles } from './rights.ts'

/** A year: whoever needs longer issues a new one, and notices that the old was forgotten. */
export const longestTokenMs = 366 * 86_400_000
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,79}$/
/** Names that would read as someone else in a record. */
const RESERVED = new Set(['engine', 'holdpoint', 'setup', 'anonymous', 'system'])

type Rule<K extends AccessCommand['kind']> = (
  state: AccessState,
  command: Extract<AccessCommand, { kind: K }>,
  facts: AccessFacts,
) => AccessDecision

const rules: { readonly [K in AccessCommand['kind']]: Rule<K> } = {
  SetUp: (state, command) => {
    if (state.people.size > 0)
      return refuse(
        'already-set-up',
        'There are people on this server already. Who may run commands beside its store makes one of them administrator: holdpoint people grant ana administrator --at everywhere',
      )
    const bad = badName(command.organisation, command.project, command.person)
    if (bad) return bad
    const { organisation, project, person, name, email } = command
    const place = { organisation, project, environment: null }
    return accept(
      { kind: 'OrganisationCreated', organisation, name: organisation },
      { kind: 'ProjectCreated', project, organisation, name: project },
      { kind: 'PersonAdded', person, name, email, methods: [{ kind: 'password' }] },
      { kind: 'RoleGranted', holder: person, role: 'administrator', place: everywhere },
      // Who sets a server up alone wants to release with it; both roles can be taken away again.
      { kind: 'RoleGranted', holder: person, role: 'release-engineer', place },
      { kind: 'RoleGranted', holder: person, role: 'approver', place },
    )
  },
  CreateOrganisation: (state, { organisation, name }, facts) =>
    first(
      allowed(state, facts, 'organisation.manage', everywhere),
      badName(organisation),
      state.organisations.has(organisation) ? taken('organisation', organisation) : null,
    ) ?? accept({ kind: 'OrganisationCreated', organisation, name }),
  SetStatusPage: (state, { organisation, isOn }, facts) =>
    first(
      allowed(state, facts, 'organisation.manage', { organisation, project: null, environment: null }),
      state.organisations.has(organisation) ? null : unknown('organisation', organisation),
      state.statusPages.has(organisation) === isOn
        ? refuse('no-change', `The status page of ${organisation} is ${isOn ? 'on' : 'off'} already.`)
        : null,
    ) ?? accept({ kind: 'StatusPageSet', organisation, isOn }),
  CreateProject: (state, { project, organisation, name, services }, facts) =>
    first(
      allowed(state, facts, 'project.manage', { organisation, project: null, environment: null }),
      badName(project),
      state.organisations.has(organisation) ? null : unknown('organisation', organisation),
      state.projects.has(project) ? taken('project', project) : null,
      ...services.map((service) => serviceTaken(state, service, project)),
    ) ??
    accept(
      { kind: 'ProjectCreated', project, organisation, name },
      ...services.map((service): AccessEvent => ({ kind: 'ServiceAdopted', project, service })),
    ),
  AdoptService: (state, { project, service }, facts) => {
    const found = placeOfProject(state, project)
    if ('kind' in found) return found
    return (
      first(allowed(state, facts, 'checklist.write', found), serviceTaken(state, service, project)) ??
      (state.projectOf.get(service) === project ? accept() : accept({ kind: 'ServiceAdopted', project, service }))
    )
  },
  DeclareEnvironment: (state, { project, environment, protected: isProtected }, facts) => {
    const found = placeOfProject(state, project)
    if ('kind' in found) return found
    const known = state.projects.get(project)?.environments.find(({ name }) => name === environment)
    return (
      first(
        allowed(state, facts, 'project.manage', found),
        known?.isProtected === isProtected ? refuse('no-change', `${environment} is declared so already.`) : null,
      ) ?? accept({ kind: 'EnvironmentDeclared', project, environment, protected: isProtected })
    )
  },
  DefineRole: (state, { role, about }, facts) =>
    first(
      allowed(state, facts, 'people.manage', everywhere),
      badName(role),
      isRole(state, role) ? taken('role', role) : null,
    ) ?? accept({ kind: 'RoleDefined', role, about }),
  AddPerson: (state, { person, name, email, methods, place }, facts) =>
    first(
      allowed(state, facts, 'people.manage', place),
      badName(person),
      isPlace(state, place),
      isTaken(state, person) ? taken('name', person) : null,
      ...methods.map((method) => identityTaken(state, method)),
    ) ??
    accept(
      { kind: 'PersonAdded', person, name, email, methods },
      { kind: 'RoleGranted', holder: person, role: 'viewer', place },
    ),
  AddSignInMethod: (state, { person, method }, facts) =>
    first(
      facts.asker?.holder === person ? null : managesHolder(state, facts, person),
      state.people.has(person) ? null : unknown('holder', person),
      identityTaken(state, method),
    ) ?? accept({ kind: 'SignInMethodAdded', person, method }),
  Disable: (state, { holder, reason }, facts) =>
    first(
      managesHolder(state, facts, holder),
      needsReason(reason),
      isActive(state, holder) ? null : refuse('no-change', `${holder} is disabled already.`),
      isLastAdministrator(state, holder) ? lastAdministrator(holder) : null,
    ) ?? accept({ kind: 'HolderDisabled', holder, reason }),
  Enable: (state, { holder, reason }, facts) =>
    first(
      managesHolder(state, facts, holder),
      needsReason(reason),
      isActive(state, holder) ? refuse('no-change', `${holder} is not disabled.`) : null,
    ) ?? accept({ kind: 'HolderEnabled', holder, reason }),
  AddMachine: (state, { machine, about, place }, facts) =>
    first(
      allowed(state, facts, 'people.manage', place),
      badName(machine),
      isPlace(state, place),
      isTaken(state, machine) ? taken('name', machine) : null,
    ) ?? accept({ kind: 'MachineAdded', machine, about }),
  Grant: (state, { holder, role, place }, facts) =>
    first(
      allowed(state, facts, 'people.manage', place),
      exists(state, holder),
      roleMissing(state, role),
      isPlace(state, place),
      grantsOf(state, holder).some((grant) => isSameGrant(grant, { role, place }))
        ? refuse('no-change', `${holder} has that role there already.`)
        : null,
      state.machines.has(holder) && !['worker', 'pipeline', 'viewer'].includes(role)
        ? refuse('forbidden', `${holder} is a machine: it may be a worker, a pipeline or a viewer, and never sign.`)
        : null,
    ) ?? accept({ kind: 'RoleGranted', holder, role, place }),
  Revoke: (state, { holder, role, place }, facts) =>
    first(
      allowed(state, facts, 'people.manage', place),
      exists(state, holder),
      notGiven(state, holder, role, place),
      role === 'administrator' && isSamePlace(place, everywhere) && isLastAdministrator(state, holder)
        ? lastAdministrator(holder)
        : null,
    ) ?? accept({ kind: 'RoleRevoked', holder, role, place }),
  MapRole: (state, { kind: _kind, ...mapping }, facts) =>
    first(
      allowed(state, facts, 'people.manage', mapping.place),
      roleMissing(state, mapping.role),
      isPlace(state, mapping.place),
      state.mappings.some((each) => isSameMapping(each, mapping))
        ? refuse('no-change', `${mapping.claim}=${mapping.value} brings that role there already.`)
        : null,
    ) ?? accept({ kind: 'RoleMapped', ...mapping }),
  UnmapRole: (state, { kind: _kind, ...mapping }, facts) =>
    first(
      allowed(state, facts, 'people.manage', mapping.place),
      state.mappings.some((each) => isSameMapping(each, mapping))
        ? null
        : refuse('no-change', `${mapping.claim}=${mapping.value} of ${mapping.issuer} does not bring that role there.`),
    ) ?? accept({ kind: 'RoleUnmapped', ...mapping }, ...withoutMapping(state, mapping)),
  ApplyMappedRoles: (state, { person, held }) =>
    state.people.has(person) ? accept(...mappedChanges(state, person, held)) : unknown('holder', person),
  IssueToken: (state, { token, holder, name, scope, expires }, facts) =>
    first(
      facts.asker?.holder === holder ? null : managesHolder(state, facts, holder),
      exists(state, holder),
      isPlace(state, scope.place),
      scope.rights?.find((right) => !rights.includes(right as Right)) === undefined
        ? null
        : refuse('bad-name', `There is no right "${scope.rights.find((right) => !rights.includes(right as Right))}".`),
      expires > facts.now && expires - facts.now <= longestTokenMs
        ? null
        : refuse('too-long-lived', 'A token expires within a year. For example: --expires 30d'),
      facts.asker?.scope == null ? null : refuse('forbidden', 'A token cannot issue tokens: sign in.'),
    ) ?? accept({ kind: 'TokenIssued', token, holder, name, scope, expires }),
  GiveDelegation: (state, { kind: _kind, ...delegation }, facts) => {
    const fault = delegationFault(state, delegation, facts.now)
    return (
      first(
        exists(state, delegation.from),
        exists(state, delegation.to),
        facts.asker?.holder === delegation.from ? null : managesHolder(state, facts, delegation.from),
        needsReason(delegation.reason),
        fault === null ? null : refuse('not-delegable', fault),
        facts.asker?.scope == null ? null : refuse('forbidden', 'A token cannot delegate roles: sign in.'),
      ) ?? accept({ kind: 'DelegationGiven', ...delegation })
    )
  },
  EndDelegation: (state, { id, reason }, facts) => {
    const given = state.delegations.get(id)
    if (given === undefined)
      return refuse('unknown-delegation', `There is no delegation "${id}". To see them: holdpoint people delegations`)
    const isTheirs = [given.from, given.to].includes(facts.asker?.holder ?? '')
    return (
      first(isTheirs ? null : managesHolder(state, facts, given.from), needsReason(reason)) ??
      accept({ kind: 'DelegationEnded', id, reason })
    )
  },
  RevokeToken: (state, { token: id, reason }, facts) => {
    const token = state.tokens.get(id)
    if (token === undefined) return unknown('token', id)
    return (
      first(
        facts.asker?.holder === token.holder ? null : managesHolder(state, facts, token.holder),
        token.isRevoked ? refuse('no-change', 'It is revoked already.') : null,
      ) ?? accept({ kind: 'TokenRevoked', token: id, reason })
    )
  },
  RegisterChecklist: (state, { kind: _kind, ...checklist }, facts) => {
    const { project, name, service } = checklist
    const found = placeOfProject(state, project)
    if ('kind' in found) return found
    const before = state.checklists.get(`${project}/${name}`)
    const refused = first(
      allowed(state, facts, 'checklist.write', found),
      badName(name),
      serviceTaken(state, service, project),
      before !== undefined && areSameBytes(before, checklist)
        ? refuse('no-change', `${project}/${name} is registered with these very bytes.`)
        : null,
    )
    if (refused) return refused
    const adopted: AccessEvent[] = state.projectOf.has(service) ? [] : [{ kind: 'ServiceAdopted', project, service }]
    return accept(...adopted, { kind: 'ChecklistRegistered', ...checklist })
  },
  RetireChecklist: (state, { project, name, reason }, facts) => {
    const found = placeOfProject(state, project)
    if ('kind' in found) return found
    return (
      first(
        allowed(state, facts, 'checklist.write', found),
        needsReason(reason),
        state.checklists.has(`${project}/${name}`) ? null : unknown('checklist', `${project}/${name}`),
      ) ?? accept({ kind: 'ChecklistRetired', project, name, reason })
    )
  },
}

/** Refusals are values; nothing is changed by one. */
export function decideAccess(state: AccessState, command: AccessCommand, facts: AccessFacts): AccessDecision {
  return (rules[command.kind] as Rule<typeof command.kind>)({ ...state, at: facts.now }, command as never, facts)
}

function accept(...events: readonly AccessEvent[]): AccessDecision {
  return { kind: 'accepted', events }
}

type Refused = Extract<AccessDecision, { kind: 'refused' }>

function refuse(code: AccessRefusalCode, reason: string): Refused {
  return { kind: 'refused', code, reason }
}

/** The first reason not to. */
function first(...reasons: readonly (AccessDecision | null)[]): AccessDecision | null {
  return reasons.find((reason) => reason !== null) ?? null
}

/** Nobody hands out what lies beyond their own place. */
function allowed(state: AccessState, { asker }: AccessFacts, right: Right, place: Place): Refused | null {
  if (asker === null || may(state, asker, right, place)) return null
  return refuse('forbidden', `You may not do that there: it takes ${rightWords([right])}.`)
}

/** Changing a holder touches every place where that holder has a role: the asker must manage all of them. */
function managesHolder(state: AccessState, facts: AccessFacts, holder: string): Refused | null {
  const missing = exists(state, holder)
  if (missing) return missing
  const places = grantsOf(state, holder).map(({ place }) => place)
  const barred = places.map((place) => allowed(state, facts, 'people.manage', place)).find((reason) => reason !== null)
  if (barred) return barred
  return places.length === 0 ? allowed(state, facts, 'people.manage', everywhere) : null
}

function badName(...names: readonly string[]): Refused | null {
  const bad = names.find((name) => !NAME.test(name) || RESERVED.has(name))
  if (bad === undefined) return null
  return refuse(
    'bad-name',
    `"${bad.slice(0, 90)}" is no usable name; expected lower-case letters, digits and . _ @ + - (not a reserved word), for example "ana"`,
  )
}

function taken(what: string, name: string): Refused {
  return refuse('name-taken', `There is a ${what} "${name}" already.`)
}

function unknown(what: 'organisation' | 'project' | 'holder' | 'token' | 'checklist', name: string): Refused {
  const word = what === 'holder' ? 'person or machine' : what
  return refuse(
    `unknown-${what}`,
    `There is no ${word} "${name}".${what === 'organisation' ? ` To make it: holdpoint organisation create ${name}` : ''}`,
  )
}

function exists(state: AccessState, holder: string): Refused | null {
  return isTaken(state, holder) ? null : unknown('holder', holder)
}

function isTaken(state: AccessState, id: string): boolean {
  return state.people.has(id) || state.machines.has(id)
}

function identityTaken(state: AccessState, method: AccessEventMethod): Refused | null {
  if (method.kind !== 'openid') return null
  const owner = [...state.people.values()].find(({ methods }) =>
    methods.some((each) => each.kind === 'openid' && each.issuer === method.issuer && each.subject === method.subject),
  )
  return owner === undefined ? null : refuse('name-taken', `That identity is ${owner.id}'s already.`)
}

type AccessEventMethod = Extract<AccessCommand, { kind: 'AddSignInMethod' }>['method']

function isRole(state: AccessState, role: string): boolean {
  return Object.hasOwn(standardRoles, role) || state.roles.has(role)
}

function roleMissing(state: AccessState, role: string): Refused | null {
  if (isRole(state, role)) return null
  const all = [...Object.keys(standardRoles), ...state.roles.keys()].join(', ')
  return refuse('unknown-role', `There is no role "${role}"; there are ${all}. A role of your own is defined first.`)
}

/** A mapped role would come back at the next sign-in: it is taken away where it comes from. */
function notGiven(state: AccessState, holder: string, role: string, place: Place): Refused | null {
  const grants = grantsOf(state, holder).filter((grant) => grant.role === role && isSamePlace(grant.place, place))
  if (grants.some(({ from }) => from === undefined)) return null
  const from = grants[0]?.from
  return refuse(
    'no-change',
    from === undefined
      ? `${holder} does not have that role there.`
      : `${holder} has that role there because ${from.issuer} says ${from.claim}=${from.value}: it is taken away at the provider, or from everyone with holdpoint role unmap ${from.claim}=${from.value} ${role}`,
  )
}

function isPlace(state: AccessState, { organisation, project }: Place): Refused | null {
  if (organisation !== null && !state.organisations.has(organisation)) return unknown('organisation', organisation)
  if (project === null) return null
  const found = state.projects.get(project)
  return found?.organisation === organisation ? null : unknown('project', project)
}

function placeOfProject(state: AccessState, project: string): Place | Refused {
  const found = state.projects.get(project)
  if (found === undefined) return unknown('project', project)
  return { organisation: found.organisation, project, environment: null }
}

function serviceTaken(state: AccessState, service: string, project: string): Refused | null {
  const owner = state.projectOf.get(service)
  if (owner === undefined || owner === project) return null
  return refuse('service-taken', `The service "${service}" belongs to another project.`)
}

function needsReason(reason: string): Refused | null {
  return reason.trim() === '' ? refuse('reason-required', 'Say why. For example: --reason "left the team"') : null
}

/** Without an administrator of the whole server nobody could ever let anyone in again. One whom the provider names may be gone tomorrow. */
function isLastAdministrator(state: AccessState, holder: string): boolean {
  const administrators = [...state.grants.values()]
    .flat()
    .filter(
      (grant) =>
        grant.role === 'administrator' &&
        grant.from === undefined &&
        isSamePlace(grant.place, everywhere) &&
        isActive(state, grant.holder),
    )
    .map((grant) => grant.holder)
  return administrators.includes(holder) && new Set(administrators).size === 1
}

function lastAdministrator(holder: string): Refused {
  return refuse('last-administrator', `${holder} is the last administrator of this server; name another one first.`)
}
