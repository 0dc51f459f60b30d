/** The evidence that a release's events speak of. */
import type { Recorded } from '../core/release/events.ts'

/** Hashes in the order in which they are first named. */
export function evidenceNamedIn(events: readonly Recorded[]): readonly string[] {
  const named = events.flatMap(({ event }) =>
    'evidence' in event ? (event.evidence ?? []).map(({ sha256 }) => sha256) : [],
  )
  return [...new Set(named)]
}
