/** How much counters grew between two readings of the same pages. */
import type { Instant } from '../core/units.ts'

/** Counters of one query at one moment, by page and labels. */
export interface Reading {
  readonly at: Instant
  readonly counters: ReadonlyMap<string, number>
  /** Start of the counting process, by page, where the page tells it. */
  readonly starts: ReadonlyMap<string, number | null>
}

/**
 * The growth of each counter. A counter that fell, or whose process began anew, grew by what it shows now; one that was
 * not there before began at zero, because the page it stands on was read before. One that is gone adds nothing.
 */
export function increases(before: Reading, now: Reading, pageOf: (key: string) => string): ReadonlyMap<string, number> {
  const grown = new Map<string, number>()
  for (const [key, value] of now.counters) {
    const page = pageOf(key)
    const restarted = (before.starts.get(page) ?? null) !== (now.starts.get(page) ?? null)
    const last = restarted ? 0 : (before.counters.get(key) ?? 0)
    grown.set(key, value >= last ? value - last : value)
  }
  return grown
}
