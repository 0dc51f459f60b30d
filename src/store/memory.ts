/** The store in memory: for the simulator and for tests. Deterministic: no timers, no randomness, nothing outside. */
import { hash } from 'node:crypto'
import { emptyChain, sealEvents } from '../core/log/chain.ts'
import type { ChainHead } from '../core/log/chain.ts'
import { batchFromLine, batchLine } from '../core/log/measurements.ts'
import { StaleLease, VersionConflict } from '../core/ports/store.ts'
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
import { closedFault, evidenceCapBytes, refuseBeyondCap } from './limits.ts'
import { newestFirst, newestObservedFirst, pageAfter, placeOfBatch } from './order.ts'
import { Waiters } from './waiters.ts'

/** Where a simulator breaks things. Throwing in `before` = nothing happened; in `after` = it happened and nobody heard. */
export interface MemoryFaults {
  before?(operation: keyof Store): void | Promise<void>
  after?(operation: keyof Store): void | Promise<void>
}

export interface MemoryStoreOptions {
  readonly faults?: MemoryFaults
  readonly evidenceCapBytes?: number
}

interface Held {
  owner: string
  epoch: number
  expires: Instant
}

export class MemoryStore implements Store {
  readonly #faults: MemoryFaults
  readonly #cap: number
  readonly #log: StoredEvent[] = []
  readonly #streams = new Map<StreamId, StoredEvent[]>()
  readonly #due = new Map<StreamId, Instant>()
  readonly #leases = new Map<StreamId, Held>()
  #epoch = 0
  /** By release, step and stage; then by interval end. */
  readonly #batches = new Map<string, Map<Instant, string>>()
  readonly #evidence = new Map<string, Uint8Array>()
  readonly #records = new Map<string, LedgerRecord>()
  readonly #summaries = new Map<string, ReleaseSummary>()
  readonly #snapshots = new Map<string, { version: number; json: string }>()
  /** By shelf and key. */
  readonly #entries = new Map<string, Entry>()
  readonly #waiters = new Waiters()
  #closed = false

  constructor(options: MemoryStoreOptions = {}) {
    this.#faults = options.faults ?? {}
    this.#cap = options.evidenceCapBytes ?? evidenceCapBytes
  }

  append(append: Append, summary?: ReleaseSummary): Promise<readonly StoredEvent[]> {
    return this.#do('append', () => {
      if (append.lease) this.#mustHold(append.lease)
      const added = this.#sealAll(append)
      const line = summary && structuredClone(summary)
      for (const bytes of append.evidence ?? []) refuseBeyondCap(bytes.byteLength, this.#cap)
      for (const bytes of append.evidence ?? []) this.#keepEvidence(bytes)
      for (const { release, batch } of append.batches ?? []) this.#keepBatch(release, batch)
      for (const event of added) this.#push(event)
      for (const { stream, due } of append.streams) this.#setDue(stream, due)
      if (line) this.#summaries.set(line.id, line)
      this.#waiters.wake(this.#log.length)
      return added
    })
  }

  read(stream: StreamId, after = 0): Promise<readonly StoredEvent[]> {
    return this.#do('read', () => (this.#streams.get(stream) ?? []).slice(Math.max(after, 0)))
  }

  readBack(stream: StreamId, before: number | null, limit: number): Promise<readonly StoredEvent[]> {
    return this.#do('readBack', () => {
      const all = this.#streams.get(stream) ?? []
      const end = before === null ? all.length : Math.min(all.length, Math.max(before - 1, 0))
      return all.slice(Math.max(end - limit, 0), end).toReversed()
    })
  }

  tail(after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#do('tail', () => this.#log.slice(Math.max(after, 0), Math.max(after, 0) + limit))
  }

  head(): Promise<number> {
    return this.#do('head', () => this.#log.length)
  }

  changed(position: number, signal: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.reject(closedFault())
    return this.#waiters.wait(position, this.#log.length, signal)
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
    return this.#do('claim', () =>
      [...this.#due]
        .filter(([stream, due]) => due <= now && this.#isFree(stream, now))
        .toSorted(([a, dueA], [b, dueB]) => dueA - dueB || (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([stream]) => this.#lease(stream, owner, now + leaseMs)),
    )
  }

  claimStream(
    stream: StreamId,
    { owner, now, leaseMs }: { owner: string; now: Instant; leaseMs: Millis },
  ): Promise<Lease | null> {
    return this.#do('claimStream', () => {
      const held = this.#leases.get(stream)
      if (held?.owner === owner) {
        held.expires = Math.max(held.expires, now + leaseMs)
        return { stream, owner, epoch: held.epoch }
      }
      return this.#isFree(stream, now) ? this.#lease(stream, owner, now + leaseMs) : null
    })
  }

  renew(leases: readonly Lease[], now: Instant, leaseMs: Millis): Promise<readonly Lease[]> {
    return this.#do('renew', () =>
      leases.filter((lease) => {
        if (!this.#holds(lease)) return false
        this.#leases.get(lease.stream)!.expires = now + leaseMs
        return true
      }),
    )
  }

  release(lease: Lease): Promise<void> {
    return this.#do('release', () => {
      if (this.#holds(lease)) this.#leases.delete(lease.stream)
    })
  }

  fence(lease: Lease): Promise<Lease | null> {
    return this.#do('fence', () => {
      const held = this.#leases.get(lease.stream)
      return held && this.#holds(lease) ? this.#lease(lease.stream, lease.owner, held.expires) : null
    })
  }

  nextDue(): Promise<Instant | null> {
    return this.#do('nextDue', () =>
      [...this.#due.values()].reduce<Instant | null>(
        (first, due) => (first === null || due < first ? due : first),
        null,
      ),
    )
  }

  putBatch(release: string, batch: SampleBatch, lease?: Lease): Promise<void> {
    return this.#do('putBatch', () => {
      if (lease) this.#mustHold(lease)
      this.#keepBatch(release, batch)
    })
  }

  batches(release: string, step: string, stage: number | null, after?: Instant): Promise<readonly SampleBatch[]> {
    return this.#do('batches', () =>
      [...(this.#batches.get(batchKey(release, step, stage)) ?? [])]
        .filter(([to]) => after === undefined || to > after)
        .toSorted(([a], [b]) => a - b)
        .map(([, line]) => batchFromLine(line)),
    )
  }

  putEvidence(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    return this.#do('putEvidence', () => {
      refuseBeyondCap(bytes.byteLength, this.#cap)
      return { sha256: this.#keepEvidence(bytes), size: bytes.byteLength }
    })
  }

  getEvidence(sha256: string): Promise<Uint8Array | null> {
    return this.#do('getEvidence', () => {
      const kept = this.#evidence.get(sha256)
      return kept ? new Uint8Array(kept) : null
    })
  }

  forget(release: string, evidence: readonly string[]): Promise<{ batches: number; evidence: number }> {
    return this.#do('forget', () => {
      const mine = [...this.#batches].filter(([key]) => (JSON.parse(key) as unknown[])[0] === release)
      for (const [key] of mine) this.#batches.delete(key)
      const dropped = evidence.filter((sha256) => this.#evidence.delete(sha256))
      return { batches: mine.reduce((sum, [, kept]) => sum + kept.size, 0), evidence: dropped.length }
    })
  }

  addRecord(record: LedgerRecord): Promise<void> {
    return this.#do('addRecord', () => {
      if (!this.#records.has(record.id)) this.#records.set(record.id, structuredClone(record))
    })
  }

  records(name?: string): Promise<readonly LedgerRecord[]> {
    return this.#do('records', () =>
      structuredClone(
        [...this.#records.values()]
          .filter((record) => name === undefined || record.name === name)
          .toSorted(newestObservedFirst),
      ),
    )
  }

  summaries(filter: SummaryFilter = {}): Promise<readonly ReleaseSummary[]> {
    return this.#do('summaries', () => {
      const matching = this.#fitting(filter).filter(
        (summary) => filter.after === undefined || newestFirst(filter.after, summary) < 0,
      )
      return structuredClone(matching.toSorted(newestFirst).slice(0, filter.limit))
    })
  }

  countSummaries(filter: SummaryFilter = {}): Promise<number> {
    return this.#do('summaries', () => this.#fitting(filter).length)
  }

  #fitting({ open, service, services }: SummaryFilter): readonly ReleaseSummary[] {
    return [...this.#summaries.values()]
      .filter((summary) => open === undefined || summary.open === open)
      .filter((summary) => service === undefined || summary.service === service)
      .filter((summary) => services === undefined || services.includes(summary.service))
  }

  putEntry(
    shelf: string,
    key: string,
    json: string | null,
    { expected, expires = null }: { readonly expected?: number; readonly expires?: Instant | null } = {},
  ): Promise<number | null> {
    return this.#do('putEntry', () => {
      const place = JSON.stringify([shelf, key])
      const found = this.#entries.get(place)?.revision ?? 0
      if (expected !== undefined && expected !== found) return null
      if (json === null) {
        this.#entries.delete(place)
        return 0
      }
      this.#entries.set(place, { shelf, key, revision: found + 1, json, expires })
      return found + 1
    })
  }

  getEntry(shelf: string, key: string): Promise<Entry | null> {
    return this.#do('getEntry', () => this.#entries.get(JSON.stringify([shelf, key])) ?? null)
  }

  entries(shelf: string, prefix = ''): Promise<readonly Entry[]> {
    return this.#do('entries', () =>
      [...this.#entries.values()]
        .filter((entry) => entry.shelf === shelf && entry.key.startsWith(prefix))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    )
  }

  sweepEntries(now: Instant): Promise<number> {
    return this.#do('sweepEntries', () => {
      const expired = [...this.#entries].filter(([, { expires }]) => expires !== null && expires < now)
      for (const [place] of expired) this.#entries.delete(place)
      return expired.length
    })
  }

  dueTimes(after: StreamId | null, limit: number): Promise<readonly { stream: StreamId; due: Instant }[]> {
    return this.#do('dueTimes', () =>
      pageAfter(
        [...this.#due].map(([stream, due]) => ({ stream, due })),
        ({ stream }) => [stream],
        after === null ? null : [after],
        limit,
      ),
    )
  }

  everyBatch(after: KeptBatch | null, limit: number): Promise<readonly KeptBatch[]> {
    return this.#do('everyBatch', () => {
      const all = [...this.#batches].flatMap(([key, kept]) => {
        const [release] = JSON.parse(key) as [string]
        return [...kept.values()].map((line) => ({ release, batch: batchFromLine(line) }))
      })
      return pageAfter(all, placeOfBatch, after && placeOfBatch(after), limit)
    })
  }

  evidenceHashes(after: string, limit: number): Promise<readonly string[]> {
    return this.#do('evidenceHashes', () => pageAfter([...this.#evidence.keys()], (one) => [one], [after], limit))
  }

  everyEntry(after: Pick<Entry, 'shelf' | 'key'> | null, limit: number): Promise<readonly Entry[]> {
    const place = ({ shelf, key }: Pick<Entry, 'shelf' | 'key'>) => [shelf, key]
    return this.#do('everyEntry', () => pageAfter([...this.#entries.values()], place, after && place(after), limit))
  }

  putSnapshot(stream: StreamId, version: number, format: string, json: string): Promise<void> {
    return this.#do('putSnapshot', () => {
      const key = JSON.stringify([stream, format])
      if ((this.#snapshots.get(key)?.version ?? -1) <= version) this.#snapshots.set(key, { version, json })
    })
  }

  getSnapshot(stream: StreamId, format: string): Promise<{ version: number; json: string } | null> {
    return this.#do('getSnapshot', () => structuredClone(this.#snapshots.get(JSON.stringify([stream, format])) ?? null))
  }

  close(): Promise<void> {
    this.#closed = true
    this.#waiters.wake(Infinity)
    return Promise.resolve()
  }

  /** Work is synchronous between the two hooks, so an operation happens wholly or not at all. */
  async #do<T>(operation: keyof Store, work: () => T): Promise<T> {
    if (this.#faults.before) await this.#faults.before(operation)
    if (this.#closed) throw closedFault()
    const result = work()
    if (this.#faults.after) await this.#faults.after(operation)
    return result
  }

  #sealAll(append: Append): StoredEvent[] {
    const heads = new Map<StreamId, ChainHead>()
    const added: StoredEvent[] = []
    for (const { stream, expectedVersion, events } of append.streams) {
      const head = heads.get(stream) ?? this.#streams.get(stream)?.at(-1) ?? emptyChain
      if (head.version !== expectedVersion) throw new VersionConflict(stream, expectedVersion, head.version)
      const sealed = sealEvents(stream, head.hash, head.version, events)
      for (const { stored } of sealed)
        added.push(deepFreeze({ ...stored, position: this.#log.length + added.length + 1 }))
      heads.set(stream, sealed.at(-1)?.stored ?? head)
    }
    return added
  }

  #push(event: StoredEvent): void {
    this.#log.push(event)
    const stream = this.#streams.get(event.stream)
    if (stream) stream.push(event)
    else this.#streams.set(event.stream, [event])
  }

  #setDue(stream: StreamId, due: Instant | null | undefined): void {
    if (due === null) this.#due.delete(stream)
    else if (due !== undefined) this.#due.set(stream, due)
  }

  #isFree(stream: StreamId, now: Instant): boolean {
    const held = this.#leases.get(stream)
    return held === undefined || held.expires <= now
  }

  #lease(stream: StreamId, owner: string, expires: Instant): Lease {
    this.#epoch += 1
    this.#leases.set(stream, { owner, epoch: this.#epoch, expires })
    return { stream, owner, epoch: this.#epoch }
  }

  #holds(lease: Lease): boolean {
    const held = this.#leases.get(lease.stream)
    return held !== undefined && held.epoch === lease.epoch && held.owner === lease.owner
  }

  #mustHold(lease: Lease): void {
    if (!this.#holds(lease)) throw new StaleLease(lease.stream, lease.epoch)
  }

  #keepEvidence(bytes: Uint8Array): string {
    const sha256 = hash('sha256', bytes)
    if (!this.#evidence.has(sha256)) this.#evidence.set(sha256, new Uint8Array(bytes))
    return sha256
  }

  #keepBatch(release: string, batch: SampleBatch): void {
    const key = batchKey(release, batch.step, batch.stage)
    const kept = this.#batches.get(key) ?? new Map<Instant, string>()
    if (!kept.has(batch.to)) kept.set(batch.to, batchLine(batch))
    this.#batches.set(key, kept)
  }
}

function batchKey(release: string, step: string, stage: number | null): string {
  return JSON.stringify([release, step, stage])
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
