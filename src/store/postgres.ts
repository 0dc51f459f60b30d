/** The store of a team: PostgreSQL, for any number of replicas at once. */
import { hash } from 'node:crypto'
import { storedFromBody } from '../core/log/chain.ts'
import { batchFromLine } from '../core/log/measurements.ts'
import type {
  Append,
  Entry,
  KeptBatch,
  Lease,
  LedgerRecord,
  ReleaseSummary,
  Store,
  StoredEvent,
  StreamId,
  SummaryFilter,
} from '../core/ports/store.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { Instant, Millis } from '../core/units.ts'
import { sound } from './evidence-files.ts'
import { evidenceCapBytes, refuseBeyondCap } from './limits.ts'
import { migratePostgres } from './migrations/postgres/migrate.ts'
import { noStage } from './order.ts'
import { readAddress } from './postgres/address.ts'
import { AppendLane } from './postgres/append-lane.ts'
import { Changes } from './postgres/changes.ts'
import { Connections, hangUp } from './postgres/connections.ts'
import { keyOf, nameOf } from './postgres/keys.ts'
import { statementsFor } from './postgres/statements.ts'
import type { PostgresStatements } from './postgres/statements.ts'
import { RecentEvents } from './recent-events.ts'

export interface PostgresStoreOptions {
  /** `postgres://user@host:port/database?schema=holdpoint`; the schema is made if it is missing. */
  readonly url: string
  readonly evidenceCapBytes?: number
  /** Connections for everything but appending and listening, which have one each. Default 6. */
  readonly connections?: number
  /** Refuses, and is refused by, everybody else who has the store open: for copies. */
  readonly isExclusive?: boolean
  /**
   * Whose clock decides when a lease has run out. `database` unless one clock is simulated for all: the `now` of a
   * replica whose clock is wrong would steal leases, or hoard them. Due times always follow the caller's `now`.
   */
  readonly leaseClock?: 'database' | 'caller'
}

/** Connects and brings the schema up to date. Rejects with a StoreFault that never shows a password. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const address = readAddress(options.url)
  const connections = new Connections(address, options.connections ?? 6)
  try {
    await bringUpToDate(connections)
    const store = new PostgresStore(connections, options)
    await store.start()
    return store
  } catch (cause) {
    const fault = connections.fault(cause)
    await connections.close()
    throw fault
  }
}

async function bringUpToDate(connections: Connections): Promise<void> {
  // A step over many rows takes its time; a program that was stopped in the middle of one holds up nobody for long.
  const patient = { statement_timeout: 0, query_timeout: 0, options: '-c idle_in_transaction_session_timeout=60s' }
  const client = await connections.patiently(() => connections.connect(patient))
  try {
    await migratePostgres(client, connections.address.schema)
  } finally {
    await hangUp(client)
  }
}

interface EventRow {
  readonly position: number
  readonly previous_hash: string
  readonly hash: string
  readonly body: string
}

class PostgresStore implements Store {
  readonly #connections: Connections
  readonly #sql: PostgresStatements
  readonly #cap: number
  readonly #isOnCallersClock: boolean
  readonly #lane: AppendLane
  readonly #changes: Changes
  readonly #recent = new RecentEvents()
  #closing: Promise<void> | null = null

  constructor(connections: Connections, options: PostgresStoreOptions) {
    this.#connections = connections
    this.#sql = statementsFor(`"${connections.address.schema}"`)
    this.#cap = options.evidenceCapBytes ?? evidenceCapBytes
    this.#isOnCallersClock = options.leaseClock === 'caller'
    this.#changes = new Changes(
      connections,
      () => this.head(),
      (then) => this.#lane.whenAnswered(then),
    )
    this.#lane = new AppendLane(connections, {
      isExclusive: options.isExclusive ?? false,
      onAppended: (events) => {
        this.#recent.add(events)
        this.#changes.saw(events.at(-1)?.position ?? 0)
      },
      onLost: () => {
        this.#recent.clear()
        this.#changes.forget()
      },
    })
  }

  start(): Promise<void> {
    return this.#lane.start()
  }

  async append(append: Append, summary?: ReleaseSummary): Promise<readonly StoredEvent[]> {
    for (const bytes of append.evidence ?? []) refuseBeyondCap(bytes.byteLength, this.#cap)
    return this.#lane.append(append, summary)
  }

  async read(stream: StreamId, after = 0): Promise<readonly StoredEvent[]> {
    const rows = await this.#connections.again<EventRow>(this.#sql.eventsOfStream, [keyOf(stream), after])
    return rows.map(eventOfRow)
  }

  async readBack(stream: StreamId, before: number | null, limit: number): Promise<readonly StoredEvent[]> {
    const values = [keyOf(stream), before ?? Number.MAX_SAFE_INTEGER, limit]
    return (await this.#connections.again<EventRow>(this.#sql.eventsBack, values)).map(eventOfRow)
  }

  async tail(after: number, limit: number, how?: 'following' | 'stored'): Promise<readonly StoredEvent[]> {
    this.#connections.refuseClosed()
    // What this replica appended itself need not travel; what others appended behind it must not be missed.
    const recent = (how === 'stored' ? null : this.#recent.tail(after, limit)) ?? []
    const last = recent.at(-1)
    if (recent.length === limit || (how === 'following' && last && !this.#changes.isBeyond(last.position)))
      return recent
    const values = [recent.at(-1)?.position ?? after, limit - recent.length]
    const rows = await this.#connections.again<EventRow>(this.#sql.eventsOfAll, values)
    return [...recent, ...rows.map(eventOfRow)]
  }

  async head(): Promise<number> {
    const [row] = await this.#connections.again<{ last: number }>(this.#sql.lastPosition)
    return row?.last ?? 0
  }

  async changed(position: number, signal: AbortSignal): Promise<void> {
    this.#connections.refuseClosed()
    await this.#changes.wait(position, signal)
  }

  async claim(request: { owner: string; now: Instant; leaseMs: Millis; limit: number }): Promise<readonly Lease[]> {
    const { owner, now, leaseMs, limit } = request
    const values = [keyOf(owner), now, this.#leaseTime(now), leaseMs, limit]
    const rows = await this.#connections.once<{ stream: string; epoch: number }>(this.#sql.claim, values)
    return rows.map(({ stream, epoch }) => ({ stream: nameOf(stream), owner, epoch }))
  }

  async claimStream(
    stream: StreamId,
    { owner, now, leaseMs }: { owner: string; now: Instant; leaseMs: Millis },
  ): Promise<Lease | null> {
    const values = [keyOf(stream), keyOf(owner), this.#leaseTime(now), leaseMs]
    const [row] = await this.#connections.again<{ epoch: number | null }>(this.#sql.claimStream, values)
    return row === undefined || row.epoch === null ? null : { stream, owner, epoch: row.epoch }
  }

  async renew(leases: readonly Lease[], now: Instant, leaseMs: Millis): Promise<readonly Lease[]> {
    const rows = await this.#connections.again<{ place: number }>(this.#sql.renew, [
      leases.map(({ stream }) => keyOf(stream)),
      leases.map(({ owner }) => keyOf(owner)),
      leases.map(({ epoch }) => epoch),
      this.#leaseTime(now),
      leaseMs,
    ])
    return rows.flatMap(({ place }) => leases[place - 1] ?? [])
  }

  async release({ stream, owner, epoch }: Lease): Promise<void> {
    await this.#connections.again(this.#sql.letGo, [keyOf(stream), keyOf(owner), epoch])
  }

  async fence({ stream, owner, epoch }: Lease): Promise<Lease | null> {
    const [row] = await this.#connections.again<{ epoch: number }>(this.#sql.fence, [
      keyOf(stream),
      keyOf(owner),
      epoch,
    ])
    return row === undefined ? null : { stream, owner, epoch: row.epoch }
  }

  async nextDue(): Promise<Instant | null> {
    const [row] = await this.#connections.again<{ due: number }>(this.#sql.firstDue)
    return row?.due ?? null
  }

  async putBatch(release: string, batch: SampleBatch, lease?: Lease): Promise<void> {
    await this.#lane.append({ streams: [], batches: [{ release, batch }], ...(lease && { lease }) })
  }

  async batches(release: string, step: string, stage: number | null, after?: Instant): Promise<readonly SampleBatch[]> {
    const values = [keyOf(release), keyOf(step), stage ?? noStage, after ?? null]
    const rows = await this.#connections.again<{ line: string }>(this.#sql.batchesOf, values)
    return rows.map(({ line }) => batchFromLine(line))
  }

  async putEvidence(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    refuseBeyondCap(bytes.byteLength, this.#cap)
    const sha256 = hash('sha256', bytes)
    // What is there already need not travel again.
    const known = await this.#connections.again(this.#sql.evidenceKnown, [sha256])
    if (known.length === 0) await this.#connections.again(this.#sql.keepEvidence, [sha256, Buffer.from(bytes)])
    return { sha256, size: bytes.byteLength }
  }

  async getEvidence(sha256: string): Promise<Uint8Array | null> {
    const [row] = await this.#connections.again<{ bytes: Uint8Array }>(this.#sql.evidenceOf, [keyOf(sha256)])
    return row ? sound(sha256, row.bytes) : null
  }

  async forget(release: string, evidence: readonly string[]): Promise<{ batches: number; evidence: number }> {
    const [batches] = await this.#connections.again<{ dropped: number }>(this.#sql.dropBatches, [keyOf(release)])
    const [pieces] = await this.#connections.again<{ dropped: number }>(this.#sql.dropEvidence, [[...evidence]])
    return { batches: batches?.dropped ?? 0, evidence: pieces?.dropped ?? 0 }
  }

  async addRecord(record: LedgerRecord): Promise<void> {
    const { id, name, observedAt, recordedAt } = record
    const values = [keyOf(id), keyOf(name), observedAt, recordedAt, JSON.stringify(record)]
    await this.#connections.again(this.#sql.keepRecord, values)
  }

  async records(name?: string): Promise<readonly LedgerRecord[]> {
    const values = [name === undefined ? null : keyOf(name)]
    const rows = await this.#connections.again<{ body: string }>(this.#sql.recordsOf, values)
    return rows.map(({ body }) => JSON.parse(body) as LedgerRecord)
  }

  async summaries({ open, service, services, limit, after }: SummaryFilter = {}): Promise<readonly ReleaseSummary[]> {
    const rows = await this.#connections.again<{ body: string }>(this.#sql.summariesOf, [
      open ?? null,
      service === undefined ? null : keyOf(service),
      services?.map(keyOf) ?? null,
      after?.startedAt ?? null,
      after === undefined ? null : keyOf(after.id),
      limit ?? null,
    ])
    return rows.map(({ body }) => JSON.parse(body) as ReleaseSummary)
  }

  async countSummaries({ open, service, services }: SummaryFilter = {}): Promise<number> {
    const [row] = await this.#connections.again<{ found: string }>(this.#sql.countSummaries, [
      open ?? null,
      service === undefined ? null : keyOf(service),
      services?.map(keyOf) ?? null,
    ])
    return Number(row?.found)
  }

  async putEntry(
    shelf: string,
    key: string,
    json: string | null,
    { expected, expires = null }: { readonly expected?: number; readonly expires?: Instant | null } = {},
  ): Promise<number | null> {
    const values =
      json === null
        ? [keyOf(shelf), keyOf(key), expected ?? null]
        : [keyOf(shelf), keyOf(key), expected ?? null, json, expires]
    const text = json === null ? this.#sql.dropEntry : this.#sql.putEntry
    const [row] = await this.#connections.once<{ revision: number | null }>(text, values)
    return row?.revision ?? null
  }

  async getEntry(shelf: string, key: string): Promise<Entry | null> {
    const [row] = await this.#connections.again<Entry>(this.#sql.entryOf, [keyOf(shelf), keyOf(key)])
    return row ? entryOfRow(row) : null
  }

  async entries(shelf: string, prefix = ''): Promise<readonly Entry[]> {
    const rows = await this.#connections.again<Entry>(this.#sql.entriesOf, [keyOf(shelf), keyOf(prefix)])
    return rows.map(entryOfRow)
  }

  async sweepEntries(now: Instant): Promise<number> {
    const [row] = await this.#connections.again<{ swept: number }>(this.#sql.sweepEntries, [now])
    return row?.swept ?? 0
  }

  async dueTimes(after: StreamId | null, limit: number): Promise<readonly { stream: StreamId; due: Instant }[]> {
    const values = [after === null ? '' : keyOf(after), limit]
    const rows = await this.#connections.again<{ stream: string; due: number }>(this.#sql.dueTimes, values)
    return rows.map(({ stream, due }) => ({ stream: nameOf(stream), due }))
  }

  async everyBatch(after: KeptBatch | null, limit: number): Promise<readonly KeptBatch[]> {
    const place = after
      ? [keyOf(after.release), keyOf(after.batch.step), after.batch.stage ?? noStage, after.batch.to]
      : ['', '', noStage, 0]
    const rows = await this.#connections.again<{ release: string; line: string }>(this.#sql.everyBatch, [
      ...place,
      limit,
    ])
    return rows.map(({ release, line }) => ({ release: nameOf(release), batch: batchFromLine(line) }))
  }

  async evidenceHashes(after: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#connections.again<{ sha256: string }>(this.#sql.evidenceAfter, [keyOf(after), limit])
    return rows.map(({ sha256 }) => sha256)
  }

  async everyEntry(after: Pick<Entry, 'shelf' | 'key'> | null, limit: number): Promise<readonly Entry[]> {
    const values = [keyOf(after?.shelf ?? ''), keyOf(after?.key ?? ''), limit]
    return (await this.#connections.again<Entry>(this.#sql.everyEntry, values)).map(entryOfRow)
  }

  async putSnapshot(stream: StreamId, version: number, format: string, json: string): Promise<void> {
    await this.#connections.again(this.#sql.keepSnapshot, [keyOf(stream), keyOf(format), version, json])
  }

  async getSnapshot(stream: StreamId, format: string): Promise<{ version: number; json: string } | null> {
    const values = [keyOf(stream), keyOf(format)]
    const [row] = await this.#connections.again<{ version: number; json: string }>(this.#sql.snapshotOf, values)
    return row ? { version: row.version, json: row.json } : null
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    // What was asked for before is still written; then nobody is answered any more.
    await this.#lane.close()
    await this.#changes.close()
    await this.#connections.close()
  }

  /** Null = the clock of the database. */
  #leaseTime(now: Instant): Instant | null {
    return this.#isOnCallersClock ? now : null
  }
}

function eventOfRow({ previous_hash: previousHash, hash: own, body, position }: EventRow): StoredEvent {
  return { ...storedFromBody(body, previousHash, own), position }
}

function entryOfRow({ shelf, key, revision, json, expires }: Entry): Entry {
  return { shelf: nameOf(shelf), key: nameOf(key), revision, json, expires }
}
