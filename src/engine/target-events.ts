/** What a change of a release means for its target: who holds it, and what users run now. Pure. */
import type { ReleaseEvent } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { TargetEvent } from '../core/target/target.ts'

/** Events for the target stream that belong in the same append as the release's own `events`; `before` is null for one that begins. */
export function targetEventsOf(
  before: ReleaseState | null,
  next: ReleaseState,
  events: readonly ReleaseEvent[],
): readonly TargetEvent[] {
  if (next.rehearsal) return []
  const news: TargetEvent[] = []
  if (events.some((event) => event.kind === 'ReleaseValidating')) {
    news.push({ kind: 'ServingObserved', version: next.releaseVersion, release: next.id })
  }
  if (!before?.endedAt && next.endedAt !== null) {
    news.push({
      kind: 'TargetReleased',
      release: next.id,
      serving: servingAfter(next),
      why: next.endedWhy ?? next.phase,
    })
  }
  return news
}

/** null = nothing sure is known, so what was observed before stays. */
function servingAfter(ended: ReleaseState): string | null {
  if (ended.phase === 'closed') return ended.releaseVersion
  return ended.phase === 'rolled-back' ? ended.previous : null
}
