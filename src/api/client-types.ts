/** What a client of the engine may ask: the CLI's whole view of the engine process. Types only. */
import type { Plan, Problem } from '../core/plan/plan.ts'
import type { LedgerRecord, ReleaseSummary, StoredEvent } from '../core/ports/store.ts'
import type { PersonCommand, RefusalCode } from '../core/release/commands.ts'
import type { HotfixOrigin, ReleaseEvent } from '../core/release/events.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { Instant } from '../core/units.ts'
import type { TargetView } from './wire/target-shapes.ts'
import type { ReleaseView } from './wire/view.ts'

export type { ReleaseView, TargetView }

/** A checklist as it lies on disk, with the `holdpoint.yaml` beside it. The engine compiles it again, itself. */
export interface DocumentBody {
  /** Path as the user gave it; only used in messages. */
  readonly file: string
  /** The file's bytes in base64. */
  readonly base64: string
  readonly shared: { readonly file: string; readonly text: string } | null
  /** Calendar files that its windows name, by their paths below its folder; absent = none. */
  readonly calendars?: readonly { readonly file: string; readonly text: string }[]
  /** Digest of the plan that the person saw; the engine refuses (`digest-mismatch`) if it compiles to another. */
  readonly digest: string
}

export interface StartBody {
  readonly document: DocumentBody
  readonly version: string
  readonly previous: string | null
  readonly environment: string
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  readonly workspace: { readonly root: string; readonly commit: string | null; readonly dirty: boolean }
  readonly artefact: string | null
  readonly supersede: boolean
  readonly rehearsal: boolean
  /** Taken back as soon as it is out. */
  readonly andBack?: true
  /** A `kind: drill` phase, by its id or title: only that runs. `document.digest` stays that of the whole checklist. */
  readonly drill?: string
  /** Same key, same request: the same release. null = the client makes one, so that its own retries are safe. */
  readonly idempotencyKey: string | null
  /** The project of a server that a new service is to belong to. */
  readonly project?: string | null
  /** Stands in line where the target is busy, at most so long; null = until its turn comes. Absent = it is refused. */
  readonly queue?: { readonly forMs: number | null } | null
  /** When the first rollout is to begin; absent = as soon as it can. */
  readonly plannedAt?: Instant
  /** Why it is started although its lead times cannot be kept. */
  readonly lateWhy?: string
  /** Begin although a window is closed or has no room: for whoever is in the role that the window names. */
  readonly override?: { readonly role: string; readonly reason: string }
  /** What it mends: a release here, and the git tag and commit that it was derived from. */
  readonly hotfixOf?: HotfixOrigin
  /** Values of the names under `env:` in this terminal; kept in the engine's memory, for this release. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a person may ask of a running release; `Amend` carries the document, not a plan. */
export type WireCommand =
  | Exclude<PersonCommand, { readonly kind: 'StartRelease' | 'Amend' }>
  | { readonly kind: 'Amend'; readonly document: DocumentBody; readonly role: string; readonly reason: string }

/** Codes that only this surface knows, besides those of the core. */
export type WireCode =
  | RefusalCode
  | 'does-not-compile'
  | 'digest-mismatch'
  | 'bad-signature'
  | 'unknown-release'
  | 'ambiguous-release'
  | 'rate-limited'

/** The answer is no: said by a rule, to be shown to the person. */
export interface WireRefusal {
  readonly kind: 'refused'
  readonly code: WireCode
  readonly reason: string
  /** For `stale-view`: the version that stands now, and what happened since the person looked. */
  readonly version?: number
  readonly changed?: readonly string[]
  /** For `does-not-compile`. */
  readonly problems?: readonly Problem[]
}

export type Started = {
  readonly kind: 'started'
  readonly release: string
  /** What will keep it from going through as things stand; absent = nothing known. */
  readonly warnings?: readonly string[]
}
/** `release` = the id that it will have; `place` from 1. */
export type InLine = { readonly kind: 'queued'; readonly release: string; readonly place: number }
export type Commanded = {
  readonly kind: 'accepted'
  readonly version: number
  readonly events: readonly ReleaseEvent[]
}

export interface CommandOptions {
  /** Version of the release that the person saw; null = whatever stands now. */
  readonly seen?: number | null
  /** An armored SSH signature over the decision's statement. Makes the person `signed`; all but approvals then need `seen`. */
  readonly signature?: string
}

export type StreamItem =
  | { readonly kind: 'event'; readonly event: StoredEvent<ReleaseEvent> }
  /** The whole view, at most five times a second; also once at the start of every connection. */
  | { readonly kind: 'live'; readonly view: ReleaseView }
  /** The connection was lost; the client tries again by itself and misses nothing. */
  | { readonly kind: 'disconnected'; readonly why: string }

export interface Health {
  readonly version: string
  /** Two programs of one build understand a checklist alike. */
  readonly build: string
  readonly pid: number
  readonly home: string
  readonly startedAt: Instant
  /** It serves the network too, and stays until it is asked to end. */
  readonly serving?: boolean
  /** Where people reach it, when it serves the network. */
  readonly address?: string
  /** Releases that have not ended. */
  readonly open: number
}

export interface Client {
  health(): Promise<Health>
  start(body: StartBody): Promise<Started | InLine | WireRefusal>
  list(filter?: {
    readonly open?: boolean
    readonly service?: string
    readonly limit?: number
  }): Promise<readonly ReleaseSummary[]>
  /** null = no such release. An unambiguous beginning of an id is enough everywhere. */
  show(release: string): Promise<ReleaseView | null>
  /** The plan as it stands after amendments. */
  plan(release: string): Promise<Plan | null>
  /** Stored events so far, with version > `after`. */
  events(release: string, after?: number): Promise<readonly StoredEvent<ReleaseEvent>[]>
  /** Stored events with version > `after`, then new ones and live views as they come, until the signal aborts. Reconnects by itself. */
  watch(release: string, options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<StreamItem>
  command(release: string, command: WireCommand, options?: CommandOptions): Promise<Commanded | WireRefusal>
  putEvidence(bytes: Uint8Array): Promise<{ readonly sha256: string; readonly size: number }>
  /** Over the network the release that names the bytes has to be given. */
  getEvidence(sha256: string, release?: string): Promise<Uint8Array | null>
  measurements(release: string, step?: string, stage?: number | null): Promise<readonly SampleBatch[]>
  /** The report in one of its forms, as bytes ready for a file. null = no such release. */
  export(release: string, format: 'bundle' | 'md' | 'report' | 'html' | 'json'): Promise<Uint8Array | null>
  /** Targets and locks: who holds each and who stands in line; of one service and environment, or all that may be seen. */
  targets(filter?: { readonly service?: string; readonly environment?: string }): Promise<readonly TargetView[]>
  /** Takes a start out of its line. */
  leaveLine(start: string, why: string): Promise<{ readonly ok: true } | WireRefusal>
  records(name?: string): Promise<readonly LedgerRecord[]>
  addRecord(record: {
    readonly name: string
    readonly observedAt: Instant
    readonly note: string
    readonly evidence: readonly string[]
    readonly tookMs?: number | null
    readonly outcome?: 'passed' | 'failed'
    readonly environment?: string
    readonly facts?: NonNullable<LedgerRecord['facts']>
    /** On a server: whose record it is; the only project of the person need not be named. */
    readonly project?: string | null
  }): Promise<LedgerRecord>
  /** Puts values of `secrets: { from: env }` from this terminal's environment into the launcher's memory. */
  lend(secrets: Readonly<Record<string, string>>): Promise<void>
  /** Puts values of names under `env:` into the engine's memory, for a release that lacks them. */
  lendEnvironment(release: string, env: Readonly<Record<string, string>>): Promise<void>
  /** Orderly end of the engine process: running commands go on in the launcher. */
  stop(): Promise<void>
  /** Any other address of the API; the answer as it comes. Throws ApiFault for a refusal too. */
  ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>
  /** Lets go of connections. */
  close(): void
}

/** What a gate says; only `open` is a yes. */
export interface Gate {
  readonly release: string
  readonly status: 'open' | 'waiting' | 'closed'
  readonly open: boolean
  readonly say: string
}

/** Nobody answers, or the answer makes no sense. Exit code 4. */
export class ApiFault extends Error {
  override name = 'ApiFault'
  readonly code: string
  readonly status: number | null
  constructor(
    message: string,
    options: { readonly code: string; readonly status: number | null; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.status = options.status
  }
}
