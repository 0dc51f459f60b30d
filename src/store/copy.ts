/** Copies one store into another through the port alone: everything, in the same order, checked at the end. */
import type { Entry, KeptBatch, NewEvents, Store, StoredEvent, StreamId } from '../core/ports/store.ts'
import { compareStores, tallyOf } from './copy-check.ts'
import { endMark, isEmpty, isMark, markBegun, samePrefix } from './copy-mark.ts'
import { CopyRefused } from './copy-refused.ts'
import { inPages, inPortions } from './pages.ts'

export interface CopyCounts {
  readonly events: number
  readonly streams: number
  readonly evidence: number
  readonly batches: number
  readonly records: number
  readonly releases: number
  readonly entries: number
  readonly dueTimes: number
}

export interface CopyOptions {
  /** The source as people know it; remembered in the target until the copy is done. */
  readonly source: string
  /** `of` = how many there will be; null when nobody has counted. */
  readonly onProgress: (what: string, done: number, of: number | null) => void
}

const page = 500
const smallEvidenceBytes = 65_536
const evidenceAtOnce = 1024 * 1024

/**
 * Both stores must belong to the caller alone. A copy that was interrupted goes on where it stood: what the target holds
 * is compared first. Until it is done the target says so, and openStore refuses it.
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions): Promise<CopyCounts> {
  if (await isEmpty(from)) throw new CopyRefused('there is nothing to copy: the source is empty')
  const begun = await markBegun(from, to, options.source)
  const versions = await samePrefix(from, to)
  if (begun) await copyAll({ from, to, tell: options.onProgress }, versions)
  const events = await compareStores(from, to, options.onProgress)
  if (begun) await endMark(to)
  const kept = await tallyOf(to)
  return {
    events,
    streams: versions.size,
    evidence: kept.evidence.count,
    batches: kept.batches.count,
    records: kept.records.count,
    releases: kept.releases.count,
    entries: kept.entries.count,
    dueTimes: kept.dueTimes.count,
  }
}

async function copyAll(job: Job, versions: Map<StreamId, number>): Promise<void> {
  await copyEvents(job, versions)
  await copyEvidence(job)
  await copyBatches(job)
  await copyRecords(job)
  await copySummaries(job)
  await copyEntries(job)
  await copyDueTimes(job, versions)
}

interface Job {
  readonly from: Store
  readonly to: Store
  readonly tell: CopyOptions['onProgress']
}

/** `versions` = where each stream of the target ends; it grows with the copy. */
async function copyEvents({ from, to, tell }: Job, versions: Map<StreamId, number>): Promise<void> {
  const all = await from.head()
  for (;;) {
    const at = await to.head()
    const events = await from.tail(at, page)
    if (events.length === 0) return
    const added = await to.append({ streams: runsOf(events, versions) })
    const wrong = events.findIndex((event, index) => added[index]?.hash !== event.hash)
    if (wrong !== -1)
      throw new CopyRefused(
        `event ${events[wrong]!.version} of ${events[wrong]!.stream} does not hash to what the source says: the source was changed`,
      )
    tell('events', at + events.length, all)
  }
}

/** Events that follow each other in one stream are one entry: the order over all streams stays. */
function runsOf(events: readonly StoredEvent[], versions: Map<StreamId, number>): readonly NewEvents[] {
  const runs: { stream: StreamId; expectedVersion: number; events: Pick<StoredEvent, 'at' | 'by' | 'event'>[] }[] = []
  for (const { stream, at, by, event } of events) {
    const version = versions.get(stream) ?? 0
    if (runs.at(-1)?.stream !== stream) runs.push({ stream, expectedVersion: version, events: [] })
    runs.at(-1)!.events.push({ at, by, event })
    versions.set(stream, version + 1)
  }
  return runs
}

async function copyEvidence({ from, to, tell }: Job): Promise<void> {
  const there = new Set<string>()
  for await (const sha256 of inPages<string>((last) => to.evidenceHashes(last ?? '', page))) there.add(sha256)
  let done = 0
  let small: Uint8Array[] = []
  const flush = async () => {
    if (small.length > 0) await to.append({ streams: [], evidence: small })
    small = []
  }
  for await (const sha256 of inPages<string>((last) => from.evidenceHashes(last ?? '', page))) {
    done += 1
    if (there.has(sha256)) continue
    const bytes = await from.getEvidence(sha256)
    if (!bytes) throw new CopyRefused(`evidence ${sha256} is named by the source and is not there`)
    if (bytes.byteLength > smallEvidenceBytes) await to.putEvidence(bytes)
    else small.push(bytes)
    if (small.reduce((sum, piece) => sum + piece.byteLength, 0) > evidenceAtOnce || small.length >= page) {
      await flush()
      tell('pieces of evidence', done, null)
    }
  }
  await flush()
  if (done > 0) tell('pieces of evidence', done, null)
}

async function copyBatches({ from, to, tell }: Job): Promise<void> {
  let done = 0
  for await (const batches of inPortions(
    inPages<KeptBatch>((last) => from.everyBatch(last, page)),
    page,
  )) {
    await to.append({ streams: [], batches })
    tell('batches of samples', (done += batches.length), null)
  }
}

async function copyRecords({ from, to, tell }: Job): Promise<void> {
  const records = await from.records()
  for await (const portion of inPortions(records, page))
    await Promise.all(portion.map((record) => to.addRecord(record)))
  if (records.length > 0) tell('records', records.length, records.length)
}

async function copySummaries({ from, to, tell }: Job): Promise<void> {
  let done = 0
  const all = inPages<Awaited<ReturnType<Store['summaries']>>[number]>((last) =>
    from.summaries({ limit: page, ...(last && { after: last }) }),
  )
  for await (const summaries of inPortions(all, page)) {
    await Promise.all(summaries.map((summary) => to.append({ streams: [] }, summary)))
    tell('releases', (done += summaries.length), null)
  }
}

/** What the source no longer has goes: a credential that was taken back between two attempts must not come back. */
async function copyEntries({ from, to, tell }: Job): Promise<void> {
  let done = 0
  for await (const entry of inPages<Entry>((last) => to.everyEntry(last, page)))
    if (!isMark(entry) && !(await from.getEntry(entry.shelf, entry.key)))
      await to.putEntry(entry.shelf, entry.key, null)
  for await (const entries of inPortions(
    inPages<Entry>((last) => from.everyEntry(last, page)),
    page,
  )) {
    await Promise.all(entries.map(({ shelf, key, json, expires }) => to.putEntry(shelf, key, json, { expires })))
    tell('entries', (done += entries.length), null)
  }
}

async function copyDueTimes({ from, to, tell }: Job, versions: ReadonlyMap<StreamId, number>): Promise<void> {
  const wanted = new Map<StreamId, number | null>()
  type Due = { readonly stream: StreamId; readonly due: number }
  for await (const { stream } of inPages<Due>((last) => to.dueTimes(last?.stream ?? null, page)))
    wanted.set(stream, null)
  for await (const { stream, due } of inPages<Due>((last) => from.dueTimes(last?.stream ?? null, page)))
    wanted.set(stream, due)
  for await (const portion of inPortions([...wanted], page))
    await to.append({
      streams: portion.map(([stream, due]) => ({
        stream,
        expectedVersion: versions.get(stream) ?? 0,
        events: [],
        due,
      })),
    })
  if (wanted.size > 0) tell('due times', wanted.size, wanted.size)
}
