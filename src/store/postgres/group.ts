/** Several appends as the parameters of one call: sealed, merged per stream, flattened into arrays. */
import { hash } from 'node:crypto'
import type { ChainHead, SealedEvent } from '../../core/log/chain.ts'
import { emptyChain, sealEvents } from '../../core/log/chain.ts'
import { batchLine } from '../../core/log/measurements.ts'
import type { Append, ReleaseSummary, StreamId } from '../../core/ports/store.ts'
import { VersionConflict } from '../../core/ports/store.ts'
import type { Instant } from '../../core/units.ts'
import { noStage } from '../order.ts'
import { keyOf } from './keys.ts'

/** What one append does to one stream, however often it names it. */
interface Change {
  readonly stream: StreamId
  readonly from: ChainHead
  to: ChainHead
  due: Instant | null | undefined
}

export interface SealedAppend {
  readonly append: Append
  readonly summary: ReleaseSummary | undefined
  /** In the order in which they are named. */
  readonly events: readonly SealedEvent[]
  readonly changes: readonly Change[]
  /** It contradicts itself: whatever is there, it will be refused. */
  readonly isHopeless: boolean
}

/** Hashes what an append adds. `headOf` = the end of a stream as far as it is known here. Throws for what JSON cannot hold. */
export function seal(
  append: Append,
  summary: ReleaseSummary | undefined,
  headOf: (stream: StreamId, version: number) => ChainHead,
): SealedAppend {
  const changes = new Map<StreamId, Change>()
  const events: SealedEvent[] = []
  let isHopeless = false
  for (const { stream, expectedVersion, events: news, due } of append.streams) {
    const from = headOf(stream, expectedVersion)
    const change = changes.get(stream) ?? { stream, from, to: from, due: undefined }
    changes.set(stream, change)
    if (change.to.version !== expectedVersion) isHopeless = true
    const sealed = sealEvents(stream, change.to.hash, change.to.version, news)
    events.push(...sealed)
    change.to = sealed.at(-1)?.stored ?? change.to
    if (due !== undefined) change.due = due
  }
  return { append, summary, events, changes: [...changes.values()], isHopeless }
}

/** What a writer is told whose append was refused; null when by the versions alone nothing is wrong with it. */
export function conflictOf({ append }: SealedAppend, found: ReadonlyMap<StreamId, number>): VersionConflict | null {
  const versions = new Map(found)
  for (const { stream, expectedVersion, events } of append.streams) {
    const version = versions.get(stream) ?? emptyChain.version
    if (version !== expectedVersion) return new VersionConflict(stream, expectedVersion, version)
    versions.set(stream, version + events.length)
  }
  return null
}

/** The parameters of `append_group` after writer, number and channel, in its order. */
export function parametersOf(group: readonly SealedAppend[]): readonly unknown[] {
  const each = <T>(list: (one: SealedAppend) => readonly T[]) =>
    group.flatMap((one, index) => list(one).map((item) => ({ index, item })))
  const leases = each(({ append }) => (append.lease ? [append.lease] : []))
  const changes = each((one) => one.changes)
  const events = each((one) => one.events)
  const batches = each(({ append }) => append.batches ?? [])
  const evidence = each(({ append }) => append.evidence ?? [])
  const summaries = each(({ summary }) => (summary ? [summary] : []))
  return [
    group.flatMap((one, index) => (one.isHopeless ? [index] : [])),
    ...columns(leases, [({ stream }) => keyOf(stream), ({ owner }) => keyOf(owner), ({ epoch }) => epoch]),
    ...columns(changes, [
      ({ stream }) => keyOf(stream),
      ({ from }) => from.version,
      ({ from }) => from.hash,
      ({ to }) => to.version,
      ({ to }) => to.hash,
      ({ due }) => due !== undefined,
      ({ due }) => due ?? null,
    ]),
    ...columns(events, [
      ({ stored }) => keyOf(stored.stream),
      ({ stored }) => stored.version,
      ({ stored }) => stored.previousHash,
      ({ stored }) => stored.hash,
      ({ body }) => body,
    ]),
    ...columns(batches, [
      ({ release }) => keyOf(release),
      ({ batch }) => keyOf(batch.step),
      ({ batch }) => batch.stage ?? noStage,
      ({ batch }) => batch.to,
      ({ batch }) => batchLine(batch),
    ]),
    ...columns(evidence, [(bytes) => hash('sha256', bytes), (bytes) => Buffer.from(bytes)]),
    ...columns(summaries, [
      ({ id }) => keyOf(id),
      ({ service }) => keyOf(service),
      ({ open }) => open,
      ({ startedAt }) => startedAt,
      (summary) => JSON.stringify(summary),
    ]),
  ]
}

/** The number of the append first, then one array for each column. */
function columns<T>(
  rows: readonly { readonly index: number; readonly item: T }[],
  of: readonly ((item: T) => unknown)[],
): readonly (readonly unknown[])[] {
  return [rows.map(({ index }) => index), ...of.map((value) => rows.map(({ item }) => value(item)))]
}
