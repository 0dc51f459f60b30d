/** Who may do what on a server: its events, and the state they add up to. The stream `access` holds them all. */
import type { CalendarSource } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Recorded } from '../release/events.ts'

export const accessStream = 'access'
/** Sign-ins, refusals, exports: told, never folded. */
export const auditStream = 'audit'

/** Where something stands or a role holds. null = everything below: a null organisation is the whole server. */
export interface Place {
  readonly organisation: string | null
  readonly project: string | null
  readonly environment: string | null
}

/** The whole server. */
export const everywhere: Place = { organisation: null, project: null, environment: null }

export interface Grant {
  readonly holder: string
  readonly role: string
  readonly place: Place
  /** What an OpenID provider said for it; absent = given by hand. The same role may be held both ways. */
  readonly from?: RoleSource
}

/** A claim of an OpenID provider that brings a role. */
export interface RoleSource {
  readonly issuer: string
  readonly claim: string
  readonly value: string
}

/** Whoever the provider says this of has the role there, from one sign-in through it to the next. */
export interface RoleMapping extends RoleSource {
  readonly role: string
  readonly place: Place
}

/** How a person proves who they are. */
export type SignInMethod =
  | { readonly kind: 'password' }
  /** The subject that an OpenID provider names; both together are the identity, never an address. */
  | { readonly kind: 'openid'; readonly issuer: string; readonly subject: string }

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly methods: readonly SignInMethod[]
  readonly isDisabled: boolean
}

/** A worker or a pipeline: acts by tokens only, and never signs. */
export interface Machine {
  readonly id: string
  readonly about: string
  readonly isDisabled: boolean
}

/** What a token may be used for, narrower than what its holder may. */
export interface TokenScope {
  readonly place: Place
  /** Rights it may use; null = all that its holder has at that place. */
  readonly rights: readonly string[] | null
  /** Labels of a worker that uses it, such as `gpu`. */
  readonly labels: readonly string[]
}

export interface Token {
  readonly id: string
  readonly holder: string
  readonly name: string
  readonly scope: TokenScope
  readonly issuedAt: Instant
  readonly issuedBy: string
  readonly expires: Instant
  readonly isRevoked: boolean
}

export interface EnvironmentAccess {
  readonly name: string
  /** Decisions that open a gate there need a fresh sign-in, whatever the checklist says. */
  readonly isProtected: boolean
}

export interface Project {
  readonly id: string
  readonly organisation: string
  readonly name: string
  /** Services whose releases belong to this project. A service belongs to one project only. */
  readonly services: readonly string[]
  readonly environments: readonly EnvironmentAccess[]
}

/** A checklist that a project may start: its bytes are evidence with this hash, and nothing else runs under its name. */
export interface RegisteredChecklist {
  readonly project: string
  readonly name: string
  readonly service: string
  /** sha-256 of the document, by which its bytes are kept. */
  readonly sha256: string
  readonly sharedSha256: string | null
  /** Calendar files that came with it, kept by their hashes; absent = none. */
  readonly calendars?: readonly CalendarSource[]
  /** Environments in which it says that nothing else releases its service; absent = none. */
  readonly mandatory?: readonly string[]
  readonly plan: string
  readonly source: ChecklistSource
  readonly registeredAt: Instant
  readonly registeredBy: string
}

export type ChecklistSource =
  | { readonly kind: 'upload'; readonly file: string }
  | { readonly kind: 'git'; readonly url: string; readonly path: string; readonly ref: string; readonly commit: string }

/** A holder lets somebody act in one of their roles for a while; it ends by itself, and with the role. */
export interface Delegation {
  readonly id: string
  readonly role: string
  /** Whose role it is. */
  readonly from: string
  readonly to: string
  readonly start: Instant
  readonly until: Instant
  readonly reason: string
}

export type AccessEvent =
  | ({ readonly kind: 'DelegationGiven' } & Delegation)
  | { readonly kind: 'DelegationEnded'; readonly id: string; readonly reason: string }
  | { readonly kind: 'OrganisationCreated'; readonly organisation: string; readonly name: string }
  /** Whether strangers may see what its projects release. */
  | { readonly kind: 'StatusPageSet'; readonly organisation: string; readonly isOn: boolean }
  | { readonly kind: 'ProjectCreated'; readonly project: string; readonly organisation: string; readonly name: string }
  | { readonly kind: 'ServiceAdopted'; readonly project: string; readonly service: string }
  | {
      readonly kind: 'EnvironmentDeclared'
      readonly project: string
      readonly environment: string
      readonly protected: boolean
    }
  | { readonly kind: 'RoleDefined'; readonly role: string; readonly about: string }
  | {
      readonly kind: 'PersonAdded'
      readonly person: string
      readonly name: string
      readonly email: string | null
      readonly methods: readonly SignInMethod[]
    }
  | { readonly kind: 'SignInMethodAdded'; readonly person: string; readonly method: SignInMethod }
  | { readonly kind: 'HolderDisabled'; readonly holder: string; readonly reason: string }
  | { readonly kind: 'HolderEnabled'; readonly holder: string; readonly reason: string }
  | { readonly kind: 'MachineAdded'; readonly machine: string; readonly about: string }
  | ({ readonly kind: 'RoleGranted' } & Grant)
  | ({ readonly kind: 'RoleRevoked' } & Grant)
  | ({ readonly kind: 'RoleMapped' } & RoleMapping)
  | ({ readonly kind: 'RoleUnmapped' } & RoleMapping)
  | {
      readonly kind: 'TokenIssued'
      readonly token: string
      readonly holder: string
      readonly name: string
      readonly scope: TokenScope
      readonly expires: Instant
    }
  | { readonly kind: 'TokenRevoked'; readonly token: string; readonly reason: string }
  | ({ readonly kind: 'ChecklistRegistered' } & Omit<RegisteredChecklist, 'registeredAt' | 'registeredBy'>)
  | { readonly kind: 'ChecklistRetired'; readonly project: string; readonly name: string; readonly reason: string }

export interface AccessState {
  readonly version: number
  readonly organisations: ReadonlyMap<string, string>
  /** Organisations with a public status page. */
  readonly statusPages: ReadonlySet<string>
  readonly projects: ReadonlyMap<string, Project>
  /** Project of each service. */
  readonly projectOf: ReadonlyMap<string, string>
  readonly roles: ReadonlyMap<string, string>
  readonly people: ReadonlyMap<string, Person>
  readonly machines: ReadonlyMap<string, Machine>
  readonly grants: ReadonlyMap<string, readonly Grant[]>
  readonly mappings: readonly RoleMapping[]
  readonly tokens: ReadonlyMap<string, Token>
  /** Those that nobody ended; which of them count depends on `at`. */
  readonly delegations: ReadonlyMap<string, Delegation>
  /** The moment it is asked at; 0 = none, and no delegation counts. */
  readonly at: Instant
  /** By `project/name`. */
  readonly checklists: ReadonlyMap<string, RegisteredChecklist>
}

export const emptyAccess: AccessState = {
  version: 0,
  organisations: new Map(),
  statusPages: new Set(),
  projects: new Map(),
  projectOf: new Map(),
  roles: new Map(),
  people: new Map(),
  machines: new Map(),
  grants: new Map(),
  mappings: [],
  tokens: new Map(),
  delegations: new Map(),
  at: 0,
  checklists: new Map(),
}

/** Total: an event of a newer program changes nothing here but the version. */
export function evolveAccess(before: AccessState, recorded: Recorded<AccessEvent>): AccessState {
  const { event, at, by } = recorded
  const state = { ...before, version: recorded.version }
  switch (event.kind) {
    case 'OrganisationCreated':
      return { ...state, organisations: put(state.organisations, event.organisation, event.name) }
    case 'StatusPageSet':
      return {
        ...state,
        statusPages: new Set([
          ...[...state.statusPages].filter((id) => id !== event.organisation),
          ...(event.isOn ? [event.organisation] : []),
        ]),
      }
    case 'ProjectCreated': {
      const { project: id, organisation, name } = event
      return { ...state, projects: put(state.projects, id, { id, organisation, name, services: [], environments: [] }) }
    }
    case 'ServiceAdopted':
      return {
        ...changed(state, event.project, (project) => ({ ...project, services: [...project.services, event.service] })),
        projectOf: put(state.projectOf, event.service, event.project),
      }
    case 'EnvironmentDeclared': {
      const declared = { name: event.environment, isProtected: event.protected }
      return changed(state, event.project, (project) => ({
        ...project,
        environments: [...project.environments.filter(({ name }) => name !== declared.name), declared],
      }))
    }
    case 'RoleDefined':
      return { ...state, roles: put(state.roles, event.role, event.about) }
    case 'PersonAdded': {
      const { person: id, name, email, methods } = event
      return { ...state, people: put(state.people, id, { id, name, email, methods, isDisabled: false }) }
    }
    case 'SignInMethodAdded': {
      const person = state.people.get(event.person)
      if (person === undefined) return state
      const kept = person.methods.filter(({ kind }) => kind !== event.method.kind)
      return { ...state, people: put(state.people, person.id, { ...person, methods: [...kept, event.method] }) }
    }
    case 'HolderDisabled':
      return able(state, event.holder, true)
    case 'HolderEnabled':
      return able(state, event.holder, false)
    case 'MachineAdded':
      return {
        ...state,
        machines: put(state.machines, event.machine, { id: event.machine, about: event.about, isDisabled: false }),
      }
    case 'RoleGranted': {
      const { kind: _kind, ...grant } = event
      return { ...state, grants: put(state.grants, grant.holder, [...grantsOf(state, grant.holder), grant]) }
    }
    case 'RoleRevoked': {
      const kept = grantsOf(state, event.holder).filter((grant) => !isSameGrant(grant, event))
      return { ...state, grants: put(state.grants, event.holder, kept) }
    }
    case 'RoleMapped': {
      const { kind: _kind, ...mapping } = event
      return { ...state, mappings: [...state.mappings, mapping] }
    }
    case 'RoleUnmapped':
      return { ...state, mappings: state.mappings.filter((mapping) => !isSameMapping(mapping, event)) }
    case 'TokenIssued': {
      const { token: id, holder, name, scope, expires } = event
      const token = { id, holder, name, scope, expires, issuedAt: at, issuedBy: by.id, isRevoked: false }
      return { ...state, tokens: put(state.tokens, id, token) }
    }
    case 'TokenRevoked': {
      const token = state.tokens.get(event.token)
      return token ? { ...state, tokens: put(state.tokens, token.id, { ...token, isRevoked: true }) } : state
    }
    case 'DelegationGiven': {
      const { kind: _kind, ...delegation } = event
      return { ...state, delegations: put(state.delegations, delegation.id, delegation) }
    }
    case 'DelegationEnded': {
      const delegations = new Map(state.delegations)
      delegations.delete(event.id)
      return { ...state, delegations }
    }
    case 'ChecklistRegistered': {
      const { kind: _kind, ...checklist } = event
      const entry = { ...checklist, registeredAt: at, registeredBy: by.id }
      return { ...state, checklists: put(state.checklists, `${event.project}/${event.name}`, entry) }
    }
    case 'ChecklistRetired': {
      const checklists = new Map(state.checklists)
      checklists.delete(`${event.project}/${event.name}`)
      return { ...state, checklists }
    }
    default:
      return state
  }
}

export function grantsOf(state: AccessState, holder: string): readonly Grant[] {
  return state.grants.get(holder) ?? []
}

export function isSamePlace(one: Place, other: Place): boolean {
  return (
    one.organisation === other.organisation && one.project === other.project && one.environment === other.environment
  )
}

/** Of one holder: the same role at the same place, and from the same source. */
export function isSameGrant(one: Omit<Grant, 'holder'>, other: Omit<Grant, 'holder'>): boolean {
  return one.role === other.role && isSamePlace(one.place, other.place) && isSameSource(one.from, other.from)
}

export function isSameMapping(one: RoleMapping, other: RoleMapping): boolean {
  return one.role === other.role && isSamePlace(one.place, other.place) && isSameSource(one, other)
}

function isSameSource(one: RoleSource | undefined, other: RoleSource | undefined): boolean {
  return one?.issuer === other?.issuer && one?.claim === other?.claim && one?.value === other?.value
}

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value)
}

function changed(state: AccessState, id: string, change: (project: Project) => Project): AccessState {
  const project = state.projects.get(id)
  return project === undefined ? state : { ...state, projects: put(state.projects, id, change(project)) }
}

function able(state: AccessState, holder: string, isDisabled: boolean): AccessState {
  const person = state.people.get(holder)
  if (person) return { ...state, people: put(state.people, holder, { ...person, isDisabled }) }
  const machine = state.machines.get(holder)
  return machine ? { ...state, machines: put(state.machines, holder, { ...machine, isDisabled }) } : state
}
