/** What the HTTP surface needs from the program around it. */
import type { Accounts } from './auth/accounts.ts'
import type { Audit } from './auth/audit.ts'
import type { Directory } from './auth/directory.ts'
import type { Sealer } from './auth/sealing.ts'
import type { ChecklistHistory } from './checklist-history.ts'
import type { Surveys } from './checklist-surveys.ts'
import type { Document } from '../core/plan/compile.ts'
import type { OpenIdSettings } from '../config/openid-settings.ts'
import type { Debts } from './debts.ts'
import type { Origins } from './release-origins.ts'
import type { Plan, Problem } from '../core/plan/plan.ts'
import type { GithubSettings } from '../config/settings.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { WorkPool } from '../core/ports/work.ts'
import type { Store } from '../core/ports/store.ts'
import type { Documents } from '../import/desk/documents.ts'
import type { Signer } from '../report/signer.ts'
import type { EngineService } from '../engine/service.ts'
import type { RequestObserver } from './observe.ts'

/** Where a browser finds this server. */
export interface Web {
  /** `https://releases.example.com`: requests for other hosts, and from pages of other sites, are refused. */
  readonly origins: readonly string[]
  /** Over TLS, here or at a proxy in front. */
  readonly isSecure: boolean
}

export interface ApiDeps {
  readonly engine: EngineService
  /** Read, and given evidence and records; releases change through the engine only. */
  readonly store: Store
  readonly clock: Clock
  /** Commands for workers in other networks; absent = this engine serves one machine. */
  readonly work?: WorkPool
  /** Compiles with every kind this engine has. */
  readonly compile: (document: Document) => { readonly plan: Plan | null; readonly problems: readonly Problem[] }
  readonly lend: (secrets: Readonly<Record<string, string>>) => Promise<void>
  /** Values of names under `env:` for the commands of one release; kept in memory only. */
  readonly lendEnvironment: (release: string, values: Readonly<Record<string, string>>) => void
  /** Looks at documents where releases do not wait for it; absent = this process looks at none. */
  readonly documents?: Documents
  /** The key that signs this engine's bundles, made when it is first needed. */
  readonly signer: () => Signer
  /** Asks the process for its orderly end. */
  readonly stop: () => void
  /** Aborts when the process stops: streams end then. */
  readonly closing: AbortSignal
  /** Folder under which commands of releases run that were started over the network. */
  readonly workspace: string
  /** No origins = nobody comes in over the network. */
  readonly web: Web
  /** The provider that people may sign in through; null or absent = passwords only. */
  readonly openid?: OpenIdSettings | null
  /** Folder of the pages that browsers get; null or absent = the API alone. */
  readonly pages?: string | null
  /** Sees every request; absent = nobody watches. */
  readonly requests?: RequestObserver
  /** The process' numbers, as Prometheus reads them. */
  readonly metrics?: () => Promise<string>
  /** Keeps secrets that are needed again; null or absent = no key is set, and there are none. */
  readonly sealer?: Sealer | null
  /** Hosts on the own network that webhooks may reach. */
  readonly webhookHosts?: readonly { readonly host: string; readonly port: number | null }[]
  /** Why a webhook would never be delivered to this address, in words; null = nothing speaks against it. Absent = nobody asks. */
  readonly webhookTrouble?: (url: string) => Promise<string | null>
  /** The GitHub App whose protection rule this server answers; null or absent = none. */
  readonly github?: GithubSettings | null
  /** The app of Slack whose buttons this server answers; null or absent = none. */
  readonly slack?: {
    readonly signingSecret: string
    /** Tells the user who pressed, and nobody else, at the address that came with the press. Never throws. */
    readonly tell: (address: string, text: string) => Promise<void>
  } | null
  readonly about: {
    readonly version: string
    /** Two programs of one build understand a checklist alike. */
    readonly build: string
    readonly pid: number
    readonly home: string
    readonly startedAt: number
    readonly user: string
    /** It listens to the network too. */
    readonly serving: boolean
    /** Where people reach it; undefined = nowhere, or not yet. */
    readonly address?: () => string | undefined
  }
}

/** What the routes get: the above, and what the surface itself keeps. */
export interface RouteDeps extends ApiDeps {
  readonly directory: Directory
  readonly accounts: Accounts
  readonly audit: Audit
  readonly checklists: ChecklistHistory
  readonly surveys: Surveys
  readonly origins: Origins
  readonly debts: Debts
}
