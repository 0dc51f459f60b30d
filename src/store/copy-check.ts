/** Do two stores hold the same? Chains are hashed again event by event; everything else is counted and digested. */
import { hash } from 'node:crypto'
import { eventBody, eventHash, genesisHash } from '../core/log/chain.ts'
import { canonicalJson } from '../core/log/canonical.ts'
import { batchLine } from '../core/log/measurements.ts'
import type { Entry, KeptBatch, ReleaseSummary, Store, StreamId } from '../core/ports/store.ts'
import { isMark } from './copy-mark.ts'
import { CopyRefused } from './copy-refused.ts'
import { inPages } from './pages.ts'

/** How many there are, and a digest that does not depend on their order: stores sort strange names differently. */
export interface Tally {
  readonly count: number
  readonly digest: string
}

export type Tallies = Readonly<Record<'evidence' | 'batches' | 'records' | 'releases' | 'entries' | 'dueTimes', Tally>>

const page = 500

/** Resolves to the number of events; rejects with the first difference. */
export async function compareStores(
  from: Store,
  to: Store,
  tell: (what: string, done: number, of: number | null) => void,
): Promise<number> {
  const events = await compareEvents(from, to, tell)
  const [source, target] = [await tallyOf(from), await tallyOf(to)]
  for (const [what, { count, digest }] of Object.entries(source)) {
    const found = target[what as keyof Tallies]
    if (found.count !== count) throw new CopyRefused(`the target holds ${found.count} ${what}, the source ${count}`)
    if (found.digest !== digest) throw new CopyRefused(`the ${what} of the target are not those of the source`)
  }
  return events
}

async function compareEvents(
  from: Store,
  to: Store,
  tell: (what: string, done: number, of: number | null) => void,
): Promise<number> {
  const ends = new Map<StreamId, string>()
  const all = await from.head()
  for (let at = 0; ; ) {
    const [source, target] = [await from.tail(at, page), await to.tail(at, page)]
    if (source.length !== target.length || (source.length === 0 && at !== all))
      throw new CopyRefused(`the target ends after event ${at + target.length}, the source after ${all}`)
    if (source.length === 0) return at
    for (const [index, event] of target.entries()) {
      const previous = ends.get(event.stream) ?? genesisHash
      const isSound = event.previousHash === previous && eventHash(previous, eventBody(event)) === event.hash
      if (!isSound || event.hash !== source[index]?.hash || event.position !== source[index].position)
        throw new CopyRefused(`event ${event.version} of ${event.stream} is not what it is in the source`)
      ends.set(event.stream, event.hash)
    }
    tell('events compared', (at += source.length), all)
  }
}

export async function tallyOf(store: Store): Promise<Tallies> {
  type Due = { readonly stream: StreamId; readonly due: number }
  const after = (last: ReleaseSummary | null) => ({ limit: page, ...(last && { after: last }) })
  return {
    evidence: await tally(
      inPages<string>((last) => store.evidenceHashes(last ?? '', page)),
      (sha256) => sha256,
    ),
    batches: await tally(
      inPages<KeptBatch>((last) => store.everyBatch(last, page)),
      ({ release, batch }) => canonicalJson([release, batchLine(batch)]),
    ),
    records: await tally(await store.records(), canonicalJson),
    releases: await tally(
      inPages<ReleaseSummary>((last) => store.summaries(after(last))),
      canonicalJson,
    ),
    entries: await tally(entriesOf(store), ({ shelf, key, json, expires }) =>
      canonicalJson([shelf, key, json, expires]),
    ),
    dueTimes: await tally(
      inPages<Due>((last) => store.dueTimes(last?.stream ?? null, page)),
      ({ stream, due }) => canonicalJson([stream, due]),
    ),
  }
}

async function* entriesOf(store: Store): AsyncGenerator<Entry> {
  for await (const entry of inPages<Entry>((last) => store.everyEntry(last, page))) if (!isMark(entry)) yield entry
}

async function tally<T>(items: Iterable<T> | AsyncIterable<T>, textOf: (item: T) => string): Promise<Tally> {
  const sum = Buffer.alloc(32)
  let count = 0
  for await (const item of items) {
    const digest = hash('sha256', textOf(item), 'buffer')
    for (let at = 0; at < sum.length; at += 1) sum[at]! ^= digest[at]!
    count += 1
  }
  return { count, digest: sum.toString('hex') }
}
