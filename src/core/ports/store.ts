/**
 * The port to durable memory. Streams are append-only and hash-chained; an append is atomic over all that it names and
 * is refused unless every stream is at the version the writer saw.
 */
import type { Recorded } from '../release/events.ts'
import type { SampleBatch } from '../judge/verdict.ts'
import type { Instant, Millis } from '../units.ts'

/** `release/<id>` or `target/<service>/<environment>`. */
export type StreamId = string

export interface StoredEvent<E = unknown> extends Recorded<E> {
  readonly stream: StreamId
  /** Global order without gaps, from 1. */
  readonly position: number
  /** sha-256 (hex) of the event before in this stream; 64 zeros for the first. */
  readonly previousHash: string
  /** sha-256 (hex) over previousHash and the canonical JSON of {stream, version, at, by, event}. See core/log/chain.ts. */
  readonly hash: string
}

export interface NewEvents {
  readonly stream: StreamId
  /** Version of the last event the writer saw; 0 for a new stream. */
  readonly expectedVersion: number
  readonly events: readonly Omit<Recorded<unknown>, 'version'>[]
  /** When this stream next wants attention; null = never; undefined = leave as it is. */
  readonly due?: Instant | null
}

export interface Append {
  readonly streams: readonly NewEvents[]
  /** Refused with StaleLease unless this lease still holds. Absent for callers outside the engine loop, such as imports. */
  readonly lease?: Lease
  readonly batches?: readonly KeptBatch[]
  /** Small pieces that the events name by their sha-256, kept by it as `putEvidence` keeps them, in the same write. */
  readonly evidence?: readonly Uint8Array[]
}

export interface Lease {
  readonly stream: StreamId
  readonly owner: string
  /** Grows over the whole store with every claim: a fence. */
  readonly epoch: number
}

export interface LedgerRecord {
  readonly id: string
  readonly name: string
  readonly observedAt: Instant
  readonly recordedAt: Instant
  readonly by: string
  readonly note: string
  readonly evidence: readonly string[]
  /** How long what was observed took, such as a restore; absent = not said. */
  readonly tookMs?: Millis
  /** What was done did not do: such a record opens nothing. Absent = it went well. */
  readonly outcome?: 'failed'
  /** Where it was done, such as `staging`; absent = not said. */
  readonly environment?: string
  /** Numbers and words of it, such as `recovery` and `data_age`; durations are seconds. Absent = none. */
  readonly facts?: Readonly<Record<string, number | string | boolean>>
  /** Project of a server that it belongs to; absent = local. */
  readonly project?: string
  /** Release that made it, if one did. */
  readonly release: string | null
}

/** One line per release, kept with the append, so that lists never fold streams. */
export interface ReleaseSummary {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly phase: string
  readonly startedAt: Instant
  readonly startedBy: string
  readonly updatedAt: Instant
  readonly open: boolean
  readonly bar: string
}

/**
 * A small mutable value beside the log: hashes of credentials, sessions, commands handed to a worker. Never part of a
 * record, never the truth about a release.
 */
export interface Entry {
  readonly shelf: string
  readonly key: string
  /** From 1, one more with every change. */
  readonly revision: number
  readonly json: string
  /** After this it may be swept away; the reader decides what it is worth until then. null = it stays. */
  readonly expires: Instant | null
}

/** Which summaries; all that are given must hold. */
export interface SummaryFilter {
  readonly open?: boolean
  readonly service?: string
  /** Of any of these services; an empty list finds nothing. */
  readonly services?: readonly string[]
  readonly limit?: number
  /** Only what comes after this release in the list: the next page. */
  readonly after?: Pick<ReleaseSummary, 'startedAt' | 'id'>
}

/** A batch with the release that it is of. */
export interface KeptBatch {
  readonly release: string
  readonly batch: SampleBatch
}

/** Another writer was quicker: read again, decide again. */
export class VersionConflict extends Error {
  override name = 'VersionConflict'
  readonly stream: StreamId
  readonly expected: number
  readonly found: number
  constructor(stream: StreamId, expected: number, found: number) {
    super(`${stream} is at version ${found}, the writer saw ${expected}`)
    this.stream = stream
    this.expected = expected
    this.found = found
  }
}

/** The writer's lease was taken over: it must stop all effects of that stream. */
export class StaleLease extends Error {
  override name = 'StaleLease'
  readonly stream: StreamId
  readonly epoch: number
  constructor(stream: StreamId, epoch: number) {
    super(`the lease on ${stream} with epoch ${epoch} is no longer held`)
    this.stream = stream
    this.epoch = epoch
  }
}

/**
 * Disk full, database gone, corrupt file: an edge fault. `retryable` says whether trying again can help, `isFull` that it
 * does as soon as there is room again. `where` is the part of the message that says where the store is: for the log and
 * whoever runs it, not for callers of the API.
 */
export class StoreFault extends Error {
  override name = 'StoreFault'
  readonly retryable: boolean
  readonly isFull: boolean
  readonly where: string | null
  constructor(
    message: string,
    options: { retryable: boolean; isFull?: boolean; where?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
    this.where = options.where ?? null
    this.isFull = options.isFull ?? false
  }
}

export interface Store {
  /**
   * Durable when it resolves. Rejects with VersionConflict, StaleLease or StoreFault, and then nothing was written. Only a
   * StoreFault that says so leaves it open (the database went away under a commit): whoever reads again before deciding
   * again, as after a conflict, does the right thing.
   */
  append(append: Append, summary?: ReleaseSummary): Promise<readonly StoredEvent[]>
  /** Events of one stream with version > `after`, ascending. */
  read(stream: StreamId, after?: number): Promise<readonly StoredEvent[]>
  /** Events of one stream with version < `before` (null = from its end), newest first, at most `limit`. */
  readBack(stream: StreamId, before: number | null, limit: number): Promise<readonly StoredEvent[]>
  /**
   * Events of all streams with position > `after`, ascending, without gaps, at most `limit`. Who follows the log asks
   * again whenever `changed` resolves: for them, what others appended a moment ago may come with the next page. Who doubts
   * it gets what is stored, past all that this process remembers.
   */
  tail(after: number, limit: number, how?: 'following' | 'stored'): Promise<readonly StoredEvent[]>
  /** Position of the newest event; 0 in an empty store. Where a tail begins that wants no past. */
  head(): Promise<number>
  /** Resolves when something was appended after `position` (or the signal aborts). A hint, never the truth. */
  changed(position: number, signal: AbortSignal): Promise<void>

  /** Leases up to `limit` streams that are due at `now` and free, or whose lease has run out. Each gets a new epoch. */
  claim(request: { owner: string; now: Instant; leaseMs: Millis; limit: number }): Promise<readonly Lease[]>
  /** Leases one stream whether due or not; null if another live owner has it. The owner itself gets its lease back with the same epoch. */
  claimStream(stream: StreamId, request: { owner: string; now: Instant; leaseMs: Millis }): Promise<Lease | null>
  /** Extends; resolves to those still held. */
  renew(leases: readonly Lease[], now: Instant, leaseMs: Millis): Promise<readonly Lease[]>
  release(lease: Lease): Promise<void>
  /** The same owner goes on under a new, higher epoch: whoever still acts under the old one is behind. Null = not held any more. */
  fence(lease: Lease): Promise<Lease | null>
  /** Earliest due time of any stream, for one timer hint. */
  nextDue(): Promise<Instant | null>

  /** Stores one batch outside an append (between events). Idempotent by (release, step, stage, to). */
  putBatch(release: string, batch: SampleBatch, lease?: Lease): Promise<void>
  /** Batches in order of `to`, optionally only with `to` > after. */
  batches(release: string, step: string, stage: number | null, after?: Instant): Promise<readonly SampleBatch[]>

  /** Keeps bytes by their hash; the same bytes twice are one. Rejects above `maxBytes` of the implementation (default 64 MiB). */
  putEvidence(bytes: Uint8Array): Promise<{ sha256: string; size: number }>
  getEvidence(sha256: string): Promise<Uint8Array | null>

  /**
   * Removes all samples of a release, and pieces of evidence by their hash, for good. The log is never touched; what is not
   * there is passed over. Resolves to how many of each there were. Who asks knows that nothing needs them.
   */
  forget(release: string, evidence: readonly string[]): Promise<{ readonly batches: number; readonly evidence: number }>

  addRecord(record: LedgerRecord): Promise<void>
  records(name?: string): Promise<readonly LedgerRecord[]>

  /** Newest first; of one instant the greater id first. */
  summaries(filter?: SummaryFilter): Promise<readonly ReleaseSummary[]>
  /** How many there are, whatever `limit` and `after` say. */
  countSummaries(filter?: SummaryFilter): Promise<number>

  /**
   * Writes an entry, or removes it with null. `expected` = the revision that the writer saw, 0 for none; absent writes in
   * any case. Resolves to the new revision (0 = it is gone), or to null when another was quicker: nothing was written then.
   */
  putEntry(
    shelf: string,
    key: string,
    json: string | null,
    options?: { readonly expected?: number; readonly expires?: Instant | null },
  ): Promise<number | null>
  getEntry(shelf: string, key: string): Promise<Entry | null>
  /** Ordered by key; only those whose key begins with `prefix`. */
  entries(shelf: string, prefix?: string): Promise<readonly Entry[]>
  /** Removes what expired before `now`; resolves to how many. */
  sweepEntries(now: Instant): Promise<number>

  /**
   * What the log does not hold, in pages, for copies: each in an order of its own that stays the same, at most `limit`
   * after the one given (the last of the page before; null or '' for the first page).
   */
  dueTimes(
    after: StreamId | null,
    limit: number,
  ): Promise<readonly { readonly stream: StreamId; readonly due: Instant }[]>
  everyBatch(after: KeptBatch | null, limit: number): Promise<readonly KeptBatch[]>
  evidenceHashes(after: string, limit: number): Promise<readonly string[]>
  everyEntry(after: Pick<Entry, 'shelf' | 'key'> | null, limit: number): Promise<readonly Entry[]>

  /** A stored fold, a hint for quick starts: `version` says up to where. */
  putSnapshot(stream: StreamId, version: number, format: string, json: string): Promise<void>
  getSnapshot(stream: StreamId, format: string): Promise<{ version: number; json: string } | null>

  close(): Promise<void>
}
