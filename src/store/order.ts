/** The orders in which stores hand out lists. */
import type { LedgerRecord, ReleaseSummary } from '../core/ports/store.ts'

type Placed = Pick<ReleaseSummary, 'startedAt' | 'id'>

export function newestFirst(a: Placed, b: Placed): number {
  return b.startedAt - a.startedAt || descending(a.id, b.id)
}

export function newestObservedFirst(a: LedgerRecord, b: LedgerRecord): number {
  return b.observedAt - a.observedAt || b.recordedAt - a.recordedAt || descending(a.id, b.id)
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0
}
