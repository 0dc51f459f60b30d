/** The embedded store: SQLite in WAL mode with full fsync, one owner, group commit. */
import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { emptyChain, sealEvents, storedFromBody } from '../core/log/chain.ts'
import { batchFromLine, batchLine } from '../core/log/measurements.ts'
import { StaleLease, StoreFault, VersionConflict } from '../core/ports/store.ts'
import type {
  Append,
  Entry,
  KeptBatch,
  Lease,
  LedgerRecord,
  NewEvents,
  ReleaseSummary,
  Store,
  StoredEvent,
  StreamId,
  SummaryFilter,
} from '../core/ports/store.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { Instant, Millis } from '../core/units.ts'
import { EvidenceFiles, sound, syncDirectory } from './evidence-files.ts'
import { GroupCommit } from './group-commit.ts'
import { evidenceCapBytes, refuseBeyondCap } from './limits.ts'
import { migrate } from './migrations/migrate.ts'
import { noStage, placeOfBatch } from './order.ts'
import { own } from './ownership.ts'
import type { Ownership } from './ownership.ts'
import { RecentEvents } from './recent-events.ts'
import { prepareStatements } from './statements.ts'
import type { Statements } from './statements.ts'
import { Waiters } from './waiters.ts'

export interface SqliteStoreOptions {
  readonly directory: string
  /** When this process took the directory; shown to whoever is refused. */
  readonly now: Instant
  readonly evidenceCapBytes?: number
  /** Greatest size of the database; beyond it the store answers as if the disk were full. */
  readonly databaseCapBytes?: number
}

/** Opens or makes the store in a directory. Rejects with a StoreFault that names the holder when another process has it. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const directory = resolve(options.directory)
  mkdirSync(join(directory, 'evidence'), { recursive: true, mode: 0o700 })
  const ownership = own(directory, options.now)
  try {
    const database = openDatabase(join(directory, 'holdpoint.sqlite'), options.databaseCapBytes)
    await syncDirectory(directory)
    const cap = options.evidenceCapBytes ?? evidenceCapBytes
    const evidence = new EvidenceFiles(join(directory, 'evidence'), cap)
    return new SqliteStore(database, evidence, cap, ownership)
  } catch (cause) {
    ownership.release()
    if (cause instanceof StoreFault) throw cause
    throw new StoreFault(
      `the store in ${directory} cannot be opened: ${cause instanceof Error ? cause.message : 'no reason given'}`,
      { retryable: false, cause },
    )
  }
}

function openDatabase(path: string, capBytes: number | undefined): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 1000 })
  try {
    // FULL: every commit reaches the disk before it is acknowledged, power loss included.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    // Copies for savepoints are gone with the process anyway: as files they cost more than the commit.
    database.exec('PRAGMA temp_store = MEMORY')
    migrate(database)
    // Whoever held a lease held the directory, and is gone: nobody has to wait for its leases to run out.
    database.exec('DELETE FROM leases')
    const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
    if (capBytes !== undefined) database.exec(`PRAGMA max_page_count = ${Math.ceil(capBytes / pageSize)}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

interface EventRow {
  position: number
  previous_hash: string
  hash: string
  body: string
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #evidence: EvidenceFiles
  readonly #cap: number
  readonly #ownership: Ownership
  readonly #sql: Statements
  readonly #commits: GroupCommit
  readonly #waiters = new Waiters()
  readonly #recent = new RecentEvents()
  #isClosed = false

  constructor(database: DatabaseSync, evidence: EvidenceFiles, cap: number, ownership: Ownership) {
    this.#database = database
    this.#evidence = evidence
    this.#cap = cap
    this.#ownership = ownership
    this.#sql = prepareStatements(database)
    this.#commits = new GroupCommit(database)
  }

  async append(append: Append, summary?: ReleaseSummary): Promise<readonly StoredEvent[]> {
    const added = await this.#commits.write(() => {
      if (append.lease) this.#mustHold(append.lease)
      const events = append.streams.flatMap((stream) => this.#appendStream(stream))
      for (const { release, batch } of append.batches ?? []) this.#keepBatch(release, batch)
      for (const bytes of append.evidence ?? []) this.#keepEvidence(bytes)
      if (summary) this.#keepSummary(summary)
      return events
    })
    this.#recent.add(added)
    this.#waiters.wake(added.at(-1)?.position ?? 0)
    return added
  }

  read(stream: StreamId, after = 0): Promise<readonly StoredEvent[]> {
    return this.#commits.read(
      () => this.#recent.ofStream(stream, after) ?? this.#sql.eventsOfStream.all(stream, after).map(eventOfRow),
    )
  }

  readBack(stream: StreamId, before: number | null, limit: number): Promise<readonly StoredEvent[]> {
    const end = before ?? Number.MAX_SAFE_INTEGER
    return this.#commits.read(() => this.#sql.eventsBack.all(stream, end, limit).map(eventOfRow))
  }

  tail(after: number, limit: number, how?: 'following' | 'stored'): Promise<readonly StoredEvent[]> {
    return this.#commits.read(
      () =>
        (how === 'stored' ? null : this.#recent.tail(after, limit)) ??
        this.#sql.eventsOfAll.all(after, limit).map(eventOfRow),
    )
  }

  head(): Promise<number> {
    return this.#commits.read(() => this.#head())
  }

  changed(position: number, signal: AbortSignal): Promise<void> {
    return this.#commits.read(() => this.#waiters.wait(position, this.#head(), signal))
  }

  claim({
    owner,
    now,
    leaseMs,
    limit,
  }: {
    owner: string
    now: Instant
    leaseMs: Millis
    limit: number
  }): Promise<readonly Lease[]> {
    return this.#commits.write(() =>
      this.#sql.claimable.all(now, now, limit).map((row) => this.#lease(row['stream'] as string, owner, now + leaseMs)),
    )
  }

  claimStream(
    stream: StreamId,
    { owner, now, leaseMs }: { owner: string; now: Instant; leaseMs: Millis },
  ): Promise<Lease | null> {
    return this.#commits.write(() => {
      const held = this.#sql.leaseOf.get(stream) as { owner: string; epoch: number; expires: number } | undefined
      if (held?.owner === owner) {
        this.#sql.extend.run(Math.max(held.expires, now + leaseMs), stream, owner, held.epoch)
        return { stream, owner, epoch: held.epoch }
      }
      return held === undefined || held.expires <= now ? this.#lease(stream, owner, now + leaseMs) : null
    })
  }

  renew(leases: readonly Lease[], now: Instant, leaseMs: Millis): Promise<readonly Lease[]> {
    return this.#commits.write(() =>
      leases.filter(
        ({ stream, owner, epoch }) => this.#sql.extend.run(now + leaseMs, stream, owner, epoch).changes > 0,
      ),
    )
  }

  release({ stream, owner, epoch }: Lease): Promise<void> {
    return this.#commits.write(() => void this.#sql.letGo.run(stream, owner, epoch))
  }

  fence(lease: Lease): Promise<Lease | null> {
    return this.#commits.write(() => {
      const { stream, owner, epoch } = lease
      const held = this.#sql.leaseOf.get(stream) as { owner: string; epoch: number; expires: number } | undefined
      return held?.owner === owner && held.epoch === epoch ? this.#lease(stream, owner, held.expires) : null
    })
  }

  nextDue(): Promise<Instant | null> {
    return this.#commits.read(() => (this.#sql.firstDue.get()?.['at'] as number | undefined) ?? null)
  }

  putBatch(release: string, batch: SampleBatch, lease?: Lease): Promise<void> {
    return this.#commits.write(() => {
      if (lease) this.#mustHold(lease)
      this.#keepBatch(release, batch)
    })
  }

  batches(
    release: string,
    step: string,
    stage: number | null,
    after = -Number.MAX_VALUE,
  ): Promise<readonly SampleBatch[]> {
    return this.#commits.read(() =>
      this.#sql.batchesOf
        .all(release, step, stage ?? noStage, after)
        .map((row) => batchFromLine(row['line'] as string)),
    )
  }

  async putEvidence(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    await this.head()
    return this.#evidence.put(bytes)
  }

  async getEvidence(sha256: string): Promise<Uint8Array | null> {
    const row = await this.#commits.read(() => this.#sql.evidenceOf.get(sha256))
    return row ? sound(sha256, row['bytes'] as Uint8Array) : this.#evidence.get(sha256)
  }

  async forget(release: string, evidence: readonly string[]): Promise<{ batches: number; evidence: number }> {
    const [batches, small] = await this.#commits.write(() => [
      Number(this.#sql.dropBatches.run(release).changes),
      evidence.filter((sha256) => this.#sql.dropEvidence.run(sha256).changes > 0).length,
    ])
    const files = await this.#evidence.drop(evidence)
    return { batches: batches ?? 0, evidence: (small ?? 0) + files }
  }

  addRecord(record: LedgerRecord): Promise<void> {
    return this.#commits.write(() => {
      this.#sql.keepRecord.run(record.id, record.name, record.observedAt, record.recordedAt, JSON.stringify(record))
    })
  }

  records(name?: string): Promise<readonly LedgerRecord[]> {
    return this.#commits.read(() =>
      this.#sql.recordsOf
        .all(name ?? null, name ?? null)
        .map((row) => JSON.parse(row['body'] as string) as LedgerRecord),
    )
  }

  summaries(filter: SummaryFilter = {}): Promise<readonly ReleaseSummary[]> {
    const values = {
      open: filter.open === undefined ? null : Number(filter.open),
      service: filter.service ?? null,
      services: filter.services === undefined ? null : JSON.stringify(filter.services),
      afterStarted: filter.after?.startedAt ?? null,
      afterId: filter.after?.id ?? null,
      limit: filter.limit ?? -1,
    }
    return this.#commits.read(() =>
      this.#sql.summariesOf.all(values).map((row) => JSON.parse(row['body'] as string) as ReleaseSummary),
    )
  }

  countSummaries({ open, service, services }: SummaryFilter = {}): Promise<number> {
    const values = {
      open: open === undefined ? null : Number(open),
      service: service ?? null,
      services: services === undefined ? null : JSON.stringify(services),
    }
    return this.#commits.read(() => Number(this.#sql.countSummaries.get(values)?.['found']))
  }

  putEntry(
    shelf: string,
    key: string,
    json: string | null,
    { expected, expires = null }: { readonly expected?: number; readonly expires?: Instant | null } = {},
  ): Promise<number | null> {
    return this.#commits.write(() => {
      const found = Number(this.#sql.entryOf.get(shelf, key)?.['revision'] ?? 0)
      if (expected !== undefined && expected !== found) return null
      if (json === null) {
        this.#sql.dropEntry.run(shelf, key)
        return 0
      }
      this.#sql.putEntry.run(shelf, key, found + 1, json, expires)
      return found + 1
    })
  }

  getEntry(shelf: string, key: string): Promise<Entry | null> {
    return this.#commits.read(() => entryOfRow(this.#sql.entryOf.get(shelf, key)))
  }

  entries(shelf: string, prefix = ''): Promise<readonly Entry[]> {
    return this.#commits.read(() =>
      this.#sql.entriesOf.all(shelf, prefix, prefix).map((row) => entryOfRow(row) as Entry),
    )
  }

  sweepEntries(now: Instant): Promise<number> {
    return this.#commits.write(() => Number(this.#sql.sweepEntries.run(now).changes))
  }

  dueTimes(after: StreamId | null, limit: number): Promise<readonly { stream: StreamId; due: Instant }[]> {
    return this.#commits.read(() =>
      this.#sql.dueTimes
        .all(after ?? '', limit)
        .map((row) => ({ ...row }) as unknown as { stream: string; due: number }),
    )
  }

  everyBatch(after: KeptBatch | null, limit: number): Promise<readonly KeptBatch[]> {
    const place = after ? placeOfBatch(after) : ['', '', noStage, 0]
    return this.#commits.read(() =>
      this.#sql.everyBatch
        .all(...place, limit)
        .map((row) => ({ release: row['release'] as string, batch: batchFromLine(row['line'] as string) })),
    )
  }

  async evidenceHashes(after: string, limit: number): Promise<readonly string[]> {
    const small = await this.#commits.read(() => this.#sql.evidenceAfter.all(after, limit))
    const names = new Set([
      ...small.map((row) => row['sha256'] as string),
      ...(await this.#evidence.names(after, limit)),
    ])
    return [...names].toSorted().slice(0, limit)
  }

  everyEntry(after: Pick<Entry, 'shelf' | 'key'> | null, limit: number): Promise<readonly Entry[]> {
    const { shelf, key } = after ?? { shelf: '', key: '' }
    return this.#commits.read(() => this.#sql.everyEntry.all(shelf, key, limit).map((row) => entryOfRow(row) as Entry))
  }

  putSnapshot(stream: StreamId, version: number, format: string, json: string): Promise<void> {
    return this.#commits.write(() => void this.#sql.keepSnapshot.run(stream, format, version, json))
  }

  getSnapshot(stream: StreamId, format: string): Promise<{ version: number; json: string } | null> {
    return this.#commits.read(() => {
      const row = this.#sql.snapshotOf.get(stream, format) as { version: number; json: string } | undefined
      return row ? { version: row.version, json: row.json } : null
    })
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#isClosed = true
    this.#commits.close()
    this.#waiters.wake(Infinity)
    this.#database.close()
    // The directory is let go last: whoever comes next finds a closed database.
    this.#ownership.release()
    return Promise.resolve()
  }

  #appendStream({ stream, expectedVersion, events, due }: NewEvents): readonly StoredEvent[] {
    const head = (this.#sql.headOf.get(stream) as { version: number; hash: string } | undefined) ?? emptyChain
    if (head.version !== expectedVersion) throw new VersionConflict(stream, expectedVersion, head.version)
    const position = this.#head()
    const added = sealEvents(stream, head.hash, head.version, events).map(({ stored, body }, index) => {
      const event = { ...stored, position: position + index + 1 }
      this.#sql.insertEvent.run(event.position, stream, event.version, event.previousHash, event.hash, body)
      return event
    })
    if (due === null) this.#sql.neverDue.run(stream)
    else if (due !== undefined) this.#sql.dueAt.run(stream, due)
    return added
  }

  #head(): number {
    return Number(this.#sql.lastPosition.get()?.['position'] ?? 0)
  }

  #lease(stream: StreamId, owner: string, expires: Instant): Lease {
    const epoch = Number(this.#sql.nextEpoch.get()?.['last'])
    this.#sql.take.run(stream, owner, epoch, expires)
    return { stream, owner, epoch }
  }

  #mustHold({ stream, owner, epoch }: Lease): void {
    const held = this.#sql.leaseOf.get(stream)
    if (held?.['owner'] !== owner || held['epoch'] !== epoch) throw new StaleLease(stream, epoch)
  }

  #keepBatch(release: string, batch: SampleBatch): void {
    this.#sql.keepBatch.run(release, batch.step, batch.stage ?? noStage, batch.to, batchLine(batch))
  }

  #keepEvidence(bytes: Uint8Array): void {
    refuseBeyondCap(bytes.byteLength, this.#cap)
    this.#sql.keepEvidence.run(hash('sha256', bytes), bytes)
  }

  #keepSummary(summary: ReleaseSummary): void {
    this.#sql.keepSummary.run(
      summary.id,
      summary.service,
      Number(summary.open),
      summary.startedAt,
      JSON.stringify(summary),
    )
  }
}

function entryOfRow(row: Record<string, unknown> | undefined): Entry | null {
  return row === undefined ? null : ({ ...row } as unknown as Entry)
}

function eventOfRow(row: Record<string, unknown>): StoredEvent {
  const { position, previous_hash: previousHash, hash, body } = row as unknown as EventRow
  return { ...storedFromBody(body, previousHash, hash), position }
}
