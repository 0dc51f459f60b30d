/** What a change of a release means for its target and the locks it shares: who holds them, and what users run now. Pure. */
import type { StreamId } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { isPractice } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { streamsToHold } from '../core/target/locks.ts'
import type { TargetEvent } from '../core/target/target.ts'

export interface TargetNews {
  readonly stream: StreamId
  readonly events: readonly TargetEvent[]
}

/** Events for other streams that belong in the same append as the release's own `events`; `before` is null for one that begins. */
export function targetEventsOf(
  before: ReleaseState | null,
  next: ReleaseState,
  events: readonly ReleaseEvent[],
): readonly TargetNews[] {
  if (next.rehearsal) return []
  const locks = lockNews(before, next, events)
  return isPractice(next) ? merged(locks) : merged([...locks, ...ownNews(before, next, events)])
}

/** What a phase holds elsewhere: claimed when it was taken, let go when it is not held any more. */
function lockNews(
  before: ReleaseState | null,
  next: ReleaseState,
  events: readonly ReleaseEvent[],
): readonly TargetNews[] {
  const taken = events.filter((event) => event.kind === 'LockTaken')
  const titleOf = (id: string): string => next.plan.phases.find((phase) => phase.id === id)?.title ?? id
  const claims = taken.flatMap(({ phase, streams }) =>
    streams.map(
      (stream): TargetNews => ({
        stream,
        events: [{ kind: 'TargetClaimed', release: next.id, version: next.releaseVersion, phase: titleOf(phase) }],
      }),
    ),
  )
  const wasHeld = [
    ...(before?.lock?.status === 'held' ? before.lock.streams : []),
    ...taken.flatMap((each) => each.streams),
  ]
  const isHeld = new Set(next.lock?.status === 'held' ? next.lock.streams : [])
  const why = next.endedAt === null ? 'its phase is closed' : (next.endedWhy ?? next.phase)
  const released = [...new Set(wasHeld)]
    .filter((stream) => !isHeld.has(stream))
    .map(
      (stream): TargetNews => ({
        stream,
        events: [{ kind: 'TargetReleased', release: next.id, serving: null, why }],
      }),
    )
  return [...claims, ...released]
}

function merged(news: readonly TargetNews[]): readonly TargetNews[] {
  const streams = [...new Set(news.map(({ stream }) => stream))]
  return streams.map((stream) => ({
    stream,
    events: news.filter((each) => each.stream === stream).flatMap(({ events }) => events),
  }))
}

function ownNews(
  before: ReleaseState | null,
  next: ReleaseState,
  events: readonly ReleaseEvent[],
): readonly TargetNews[] {
  const [own, ...shared] = ownStreams(next)
  const observed: readonly TargetEvent[] = events.some((event) => event.kind === 'ReleaseValidating')
    ? [{ kind: 'ServingObserved', version: next.releaseVersion, release: next.id }]
    : []
  if (before?.endedAt != null || next.endedAt === null)
    return observed.length === 0 ? [] : [{ stream: own, events: observed }]
  const why = next.endedWhy ?? next.phase
  const released = (serving: string | null) => ({ kind: 'TargetReleased', release: next.id, serving, why }) as const
  return [
    { stream: own, events: [...observed, released(servingAfter(next))] },
    ...shared.map((stream) => ({ stream, events: [released(null)] })),
  ]
}

/** What a release holds from its start to its end; the target first. */
export function ownStreams({ plan, environment, project }: ReleaseState): readonly [StreamId, ...StreamId[]] {
  return streamsToHold(plan, environment, project)
}

/** null = nothing sure is known, so what was observed before stays. */
function servingAfter(ended: ReleaseState): string | null {
  if (ended.phase === 'closed') return ended.releaseVersion
  return ended.phase === 'rolled-back' ? ended.previous : null
}
