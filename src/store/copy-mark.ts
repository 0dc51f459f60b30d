/** The mark that a store is the target of a copy which is not done, and what makes it one that may go on. */
import type { Entry, Store, StreamId } from '../core/ports/store.ts'
import { CopyRefused } from './copy-refused.ts'

/** Shelf of what a store says about itself; it is never copied. */
export const ownShelf = 'store'
const unfinished = 'unfinished-copy'

/** Of which source this is an unfinished copy; null = it is whole. */
export async function unfinishedCopyOf(store: Store): Promise<string | null> {
  const entry = await store.getEntry(ownShelf, unfinished)
  return entry ? (JSON.parse(entry.json) as { from: string }).from : null
}

export async function isEmpty(store: Store): Promise<boolean> {
  const parts = await Promise.all([
    store.tail(0, 1),
    store.summaries({ limit: 1 }),
    store.records(),
    store.everyEntry(null, 1),
    store.everyBatch(null, 1),
    store.evidenceHashes('', 1),
    store.dueTimes(null, 1),
  ])
  return parts.every((part) => part.length === 0)
}

/**
 * The target must be empty, or carry the mark of an earlier attempt: then there is something to do. A target that ends
 * where the source ends may be the whole copy already, and is only compared.
 */
export async function markBegun(from: Store, to: Store, source: string): Promise<boolean> {
  const half = await unfinishedCopyOf(from)
  if (half !== null) throw new CopyRefused(`the source is itself an unfinished copy of ${half}`)
  const begun = await unfinishedCopyOf(to)
  if (begun !== null) return true
  const head = await to.head()
  if (head > 0 && head === (await from.head())) return false
  if (!(await isEmpty(to)))
    throw new CopyRefused('the target is not empty: give a new folder, or a new schema such as ?schema=holdpoint_2')
  await to.putEntry(ownShelf, unfinished, JSON.stringify({ from: source }), { expected: 0 })
  return true
}

export async function endMark(to: Store): Promise<void> {
  await to.putEntry(ownShelf, unfinished, null)
}

export function isMark({ shelf, key }: Pick<Entry, 'shelf' | 'key'>): boolean {
  return shelf === ownShelf && key === unfinished
}

/** Compares what the target holds with the beginning of the source; resolves to where its streams end. */
export async function samePrefix(from: Store, to: Store): Promise<Map<StreamId, number>> {
  const versions = new Map<StreamId, number>()
  for (let at = 0; ; ) {
    const there = await to.tail(at, 500)
    if (there.length === 0) return versions
    const source = await from.tail(at, there.length)
    for (const [index, event] of there.entries()) {
      if (source[index]?.hash !== event.hash)
        throw new CopyRefused(
          `the target holds another store: event ${event.position} differs; give a new folder or schema`,
        )
      versions.set(event.stream, event.version)
    }
    at += there.length
  }
}
