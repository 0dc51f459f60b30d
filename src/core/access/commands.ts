/** What people may ask of the directory, and how it is refused. */
import type { CalendarSource } from '../plan/plan.ts'
import type { Actor } from '../release/events.ts'
import type { Instant } from '../units.ts'
import type {
  AccessEvent,
  ChecklistSource,
  Delegation,
  Place,
  RoleMapping,
  RoleSource,
  SignInMethod,
  TokenScope,
} from './access.ts'
import type { Asker } from './may.ts'

export type AccessCommand =
  /** The first administrator, once in the life of a store. */
  | {
      readonly kind: 'SetUp'
      readonly organisation: string
      readonly project: string
      readonly person: string
      readonly name: string
      readonly email: string | null
    }
  | { readonly kind: 'CreateOrganisation'; readonly organisation: string; readonly name: string }
  | { readonly kind: 'SetStatusPage'; readonly organisation: string; readonly isOn: boolean }
  | {
      readonly kind: 'CreateProject'
      readonly project: string
      readonly organisation: string
      readonly name: string
      readonly services: readonly string[]
    }
  | { readonly kind: 'AdoptService'; readonly project: string; readonly service: string }
  | {
      readonly kind: 'DeclareEnvironment'
      readonly project: string
      readonly environment: string
      readonly protected: boolean
    }
  | { readonly kind: 'DefineRole'; readonly role: string; readonly about: string }
  | {
      readonly kind: 'AddPerson'
      readonly person: string
      readonly name: string
      readonly email: string | null
      readonly methods: readonly SignInMethod[]
      readonly place: Place
    }
  | { readonly kind: 'AddSignInMethod'; readonly person: string; readonly method: SignInMethod }
  | { readonly kind: 'Disable'; readonly holder: string; readonly reason: string }
  | { readonly kind: 'Enable'; readonly holder: string; readonly reason: string }
  | { readonly kind: 'AddMachine'; readonly machine: string; readonly about: string; readonly place: Place }
  | { readonly kind: 'Grant'; readonly holder: string; readonly role: string; readonly place: Place }
  | { readonly kind: 'Revoke'; readonly holder: string; readonly role: string; readonly place: Place }
  | ({ readonly kind: 'MapRole' } & RoleMapping)
  | ({ readonly kind: 'UnmapRole' } & RoleMapping)
  /** At a sign-in through a provider: `held` are the claims, of those that mappings name, that it makes of the person. */
  | { readonly kind: 'ApplyMappedRoles'; readonly person: string; readonly held: readonly RoleSource[] }
  | {
      readonly kind: 'IssueToken'
      readonly token: string
      readonly holder: string
      readonly name: string
      readonly scope: TokenScope
      readonly expires: Instant
    }
  | ({ readonly kind: 'GiveDelegation' } & Delegation)
  | { readonly kind: 'EndDelegation'; readonly id: string; readonly reason: string }
  | { readonly kind: 'RevokeToken'; readonly token: string; readonly reason: string }
  | {
      readonly kind: 'RegisterChecklist'
      readonly project: string
      readonly name: string
      readonly service: string
      readonly sha256: string
      readonly sharedSha256: string | null
      readonly calendars?: readonly CalendarSource[]
      readonly mandatory?: readonly string[]
      readonly plan: string
      readonly source: ChecklistSource
    }
  | { readonly kind: 'RetireChecklist'; readonly project: string; readonly name: string; readonly reason: string }

export type AccessRefusalCode =
  | 'already-set-up'
  | 'forbidden'
  | 'bad-name'
  | 'name-taken'
  | 'unknown-organisation'
  | 'unknown-project'
  | 'unknown-holder'
  | 'unknown-role'
  | 'unknown-token'
  | 'unknown-checklist'
  | 'last-administrator'
  | 'no-change'
  | 'unknown-delegation'
  | 'not-delegable'
  | 'reason-required'
  | 'too-long-lived'
  | 'service-taken'

export interface AccessFacts {
  readonly now: Instant
  readonly actor: Actor
  /** Who asks, by the rights of this very directory; null = the set-up link, or the owner of the local socket. */
  readonly asker: Asker | null
}

export type AccessDecision =
  | { readonly kind: 'accepted'; readonly events: readonly AccessEvent[] }
  | { readonly kind: 'refused'; readonly code: AccessRefusalCode; readonly reason: string }
