/** The port to commands that wait for workers: what the server's routes may do with them on behalf of a worker. */
import type { Instant, Millis } from '../units.ts'
import type { CommandPlace, CommandRequest, CommandResult } from './launcher.ts'

/** A worker process, as the server knows it. */
export interface WorkerId {
  /** The machine identity whose token it uses. */
  readonly machine: string
  /** One process and its memory of attempts, such as `build-7/4f2c`; chosen by the worker. */
  readonly name: string
}

export interface ClaimAsked {
  readonly worker: WorkerId
  /** Chosen by the worker, unguessable, new for every question: names the claim from then on. */
  readonly claim: string
  /** Environments that it takes commands of; null = all that it may. */
  readonly environments: readonly string[] | null
  readonly labels: readonly string[]
  /** All its places are taken: only what leads back may still come. */
  readonly urgentOnly: boolean
  /** Answers anew each time, because rights can end while a question waits. */
  readonly mayTake: (place: Pick<CommandPlace, 'service' | 'environment'>) => Promise<boolean>
  /** How long to wait for something to do. */
  readonly waitMs: Millis
  readonly signal: AbortSignal
}

/** Offered to one worker for a short time. It may begin only when its first heartbeat was answered with `go`. */
export interface Offer {
  readonly attempt: string
  readonly request: CommandRequest
  readonly issuedAt: Instant
  readonly expires: Instant
}

/** What a claim of an attempt is named by in every further call. */
export interface ClaimOf {
  readonly attempt: string
  readonly claim: string
  readonly worker: WorkerId
}

export interface HeartbeatAnswer {
  /** It is this worker's, and may run. */
  readonly go: boolean
  /** It must stop, whole tree: it was cancelled, or it was given up and is no longer this worker's. */
  readonly cancel: boolean
  /** Without another heartbeat for so long, the attempt counts as lost. */
  readonly leaseMs: Millis
}

/** `late` = it was given up before: the bytes are kept as evidence and nothing else changes. */
export type Finished =
  | { readonly kind: 'kept' | 'already' | 'back-in-queue' }
  | {
      readonly kind: 'late'
      readonly release: string | null
      readonly evidence: readonly { readonly name: string; readonly sha256: string; readonly size: number }[]
    }

export interface KnownWorker extends WorkerId {
  readonly environments: readonly string[] | null
  readonly labels: readonly string[]
  readonly jobs: number
  readonly version: string
  readonly lastSeen: Instant
  /** Attempts that it has. */
  readonly running: readonly string[]
  /** Where its token holds: who may see that it exists. */
  readonly places: readonly WorkerPlace[]
}

export interface WorkerPlace {
  readonly organisation: string | null
  readonly project: string | null
  readonly environment: string | null
}

export interface WorkPool {
  /** Of a worker's word that it lives. */
  readonly leaseMs: Millis
  /** Resolves with the next command that this worker may run, or with null when there was none for `waitMs`. */
  claim(asked: ClaimAsked): Promise<Offer | null>
  /** Where an attempt belongs; null = nothing of it is known. */
  placeOf(attempt: string): Promise<Pick<CommandPlace, 'service' | 'environment'> | null>
  /** Says that it lives, and waits up to `waitMs` for a reason to stop. The first one after an offer is the beginning. */
  heartbeat(of: ClaimOf, waitMs: Millis, signal: AbortSignal): Promise<HeartbeatAnswer>
  /** The end of the output so far, redacted by the worker, for live views. */
  output(of: ClaimOf, text: string): Promise<void>
  /** Once; again it changes nothing. Times are the server's. */
  finish(of: ClaimOf, result: CommandResult): Promise<Finished>
  /** Keeps what `workers` tells. */
  saw(worker: Omit<KnownWorker, 'lastSeen' | 'running'>): Promise<void>
  workers(): Promise<readonly KnownWorker[]>
  /** Whether commands of this environment run on the server itself: then no worker gets them. */
  runsHere(environment: string): boolean
}
