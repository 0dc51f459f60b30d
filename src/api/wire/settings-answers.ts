/** What the settings pages get from the server: types of answers, and nothing that runs. */
import type { Delegation, Grant, Place, RoleMapping, TokenScope } from '../../core/access/access.ts'
import type { KnownWorker } from '../../core/ports/work.ts'
import type { GatePoint } from '../../core/release/gate.ts'
import type { NewsTopic } from '../../core/release/news.ts'
import type { Declared } from '../declared.ts'

export type GrantAnswer = Omit<Grant, 'holder'>

export type RoleMappingAnswer = RoleMapping

export interface DelegationAnswer extends Delegation {
  /** It counts now. */
  readonly current: boolean
}

export interface PersonAnswer {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly disabled: boolean
  readonly methods: readonly ('password' | 'openid')[]
  readonly lastSeen: number | null
  readonly grants: readonly GrantAnswer[]
}

export interface MachineAnswer {
  readonly id: string
  readonly about: string
  readonly disabled: boolean
  readonly grants: readonly GrantAnswer[]
}

export interface PeopleAnswer {
  readonly people: readonly PersonAnswer[]
  readonly machines: readonly MachineAnswer[]
  readonly next: string | null
}

export interface RoleAnswer {
  readonly id: string
  readonly about: string
  readonly own: boolean
  readonly machines: boolean
  readonly rights: readonly string[]
}

export interface TokenAnswer {
  readonly id: string
  readonly holder: string
  readonly name: string
  readonly scope: TokenScope
  readonly issuedAt: number
  readonly issuedBy: string
  readonly expires: number
  readonly revoked: boolean
  readonly lastUsed: number | null
}

export interface SessionAnswer {
  readonly id: string
  readonly how: string
  readonly startedAt: number
  readonly usedAt: number
  readonly expires: number
  readonly current: boolean
}

export interface OrganisationAnswer {
  readonly id: string
  readonly name: string
  readonly statusPage: boolean
}

export interface ProjectAnswer {
  readonly id: string
  readonly organisation: string
  readonly name: string
  readonly services: readonly string[]
  readonly environments: readonly {
    readonly name: string
    readonly protected: boolean
    /** How old a sign-in may be for what opens a gate there; null = as old as it is. */
    readonly freshSignInMs: number | null
  }[]
}

export interface WebhookAnswer {
  readonly id: string
  readonly url: string
  readonly topics: readonly NewsTopic[]
  readonly createdAt: number
  readonly createdBy: string
  /** In the answer that makes it only. */
  readonly secret?: string
}

export interface DeliveryAnswer {
  readonly id: string
  readonly topic: NewsTopic
  readonly release: string
  readonly state: 'waiting' | 'delivered' | 'given up'
  readonly tries: number
  readonly say: string
  readonly queuedAt: number
}

export interface DeclarationAnswer extends Declared {
  /** Name of a checklist, or id of a release. */
  readonly by: string
  readonly kind: 'checklist' | 'release'
}

export interface GithubGateAnswer {
  readonly repository: string
  readonly githubEnvironment: string
  readonly service: string
  readonly environment: string
  readonly point: GatePoint
}

export interface ResultKeyAnswer {
  readonly id: string
  readonly machine: string
  readonly createdAt: number
  readonly createdBy: string
  readonly expires: number
  /** In the answer that makes it only. */
  readonly secret?: string
}

export type { KnownWorker, NewsTopic, Place }
