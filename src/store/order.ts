/** The orders in which stores hand out lists. */
import type { KeptBatch, LedgerRecord, ReleaseSummary } from '../core/ports/store.ts'

type Placed = Pick<ReleaseSummary, 'startedAt' | 'id'>

export function newestFirst(a: Placed, b: Placed): number {
  return b.startedAt - a.startedAt || descending(a.id, b.id)
}

export function newestObservedFirst(a: LedgerRecord, b: LedgerRecord): number {
  return b.observedAt - a.observedAt || b.recordedAt - a.recordedAt || descending(a.id, b.id)
}

/** `stage` of a watch, which has none, where it is part of a key. */
export const noStage = -1

type Place = readonly (string | number)[]

/** Where a batch stands among all. */
export function placeOfBatch({ release, batch }: KeptBatch): Place {
  return [release, batch.step, batch.stage ?? noStage, batch.to]
}

/** The items behind a place, in the order of their places. */
export function pageAfter<T>(
  items: readonly T[],
  placeOf: (item: T) => Place,
  after: Place | null,
  limit: number,
): T[] {
  return items
    .filter((item) => after === null || comparePlaces(after, placeOf(item)) < 0)
    .toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
    .slice(0, limit)
}

function comparePlaces(a: Place, b: Place): number {
  const at = a.findIndex((part, index) => part !== b[index])
  if (at === -1) return 0
  return a[at]! < b[at]! ? -1 : 1
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0
}
