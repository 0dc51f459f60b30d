/** What a start appends: its own stream, its key, the end of the release it supersedes, and its claims, all or nothing. */
import { sha256Hex } from '../core/log/canonical.ts'
import type { NewEvents, StoredEvent, StreamId } from '../core/ports/store.ts'
import type { Accepted } from '../core/release/commands.ts'
import type { Actor, Recorded, ReleaseEvent } from '../core/release/events.ts'
import { evolve, fold } from '../core/release/evolve.ts'
import { isPractice } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { isMandatory } from '../core/target/mandatory.ts'
import { evolveTarget, nextLookAtLine } from '../core/target/target.ts'
import type { TargetEvent, TargetState } from '../core/target/target.ts'
import type { Instant } from '../core/units.ts'
import { engineActor } from './attendance.ts'
import { nextLook, owedBy, releaseStream } from './lane.ts'
import type { StartRequest } from './service.ts'
import type { Started, StartPorts } from './start.ts'
import { summaryOf } from './summary.ts'
import { ownStreams, targetEventsOf } from './target-events.ts'

export interface Beginning {
  readonly release: string
  /** What it has to hold, as it was looked at; the target first. Empty for a rehearsal or a drill. */
  readonly held: readonly (readonly [StreamId, TargetState])[]
  /** Streams that only must not have changed since they were looked at. */
  readonly fences: readonly NewEvents[]
  readonly superseded: ReleaseState | null
  readonly decision: Accepted
  readonly ending: Accepted | null
}

export async function commitStart(
  { store, targets }: Pick<StartPorts, 'store' | 'targets'>,
  now: Instant,
  request: StartRequest,
  actor: Actor,
  beginning: Beginning,
): Promise<Started> {
  const { release, superseded, decision, ending } = beginning
  const state = fold(
    decision.events.map((event, index): Recorded => ({ version: index + 1, at: now, by: actor, event })),
  )
  if (!state) throw new Error('bug: a started release has no state')
  const own: NewEvents = {
    stream: releaseStream(release),
    expectedVersion: 0,
    events: decision.events.map((event) => ({ at: now, by: actor, event })),
    due: nextLook(state, owedBy(state, now)),
  }
  const end = superseded && ending ? endOf(superseded, ending, now) : null
  const claims = claimsOf(state, request, actor, now, beginning)
  const key = request.idempotencyKey === null ? [] : [keyUse(request.idempotencyKey, release, actor, now)]
  const stored = await store.append(
    { streams: [own, ...key, ...(end ? [end.events] : []), ...claims, ...beginning.fences] },
    summaryOf(state),
  )
  claims.forEach((each) => targets.appended(each))
  // One append keeps one summary. The ended release's own follows; should it be lost, whoever claims that release next writes it.
  if (end) {
    const { stream, due } = end.events
    await store
      .append(
        { streams: [{ stream, expectedVersion: end.state.version, events: [], due: due ?? null }] },
        summaryOf(end.state),
      )
      .catch(() => {})
  }
  return { kind: 'started', release, superseded: superseded?.id ?? null, state: asRead(stored, own) }
}

/** From what is stored, as everybody else reads it. */
function asRead(stored: readonly StoredEvent[], { stream }: NewEvents): ReleaseState | null {
  return fold(stored.filter((event) => event.stream === stream) as readonly StoredEvent<ReleaseEvent>[])
}

function endOf(
  superseded: ReleaseState,
  { events }: Accepted,
  now: Instant,
): { events: NewEvents; state: ReleaseState } {
  const at = Math.max(now, superseded.lastEventAt)
  const state = events.reduce<ReleaseState>(
    (each, event, index) => evolve(each, { version: superseded.version + 1 + index, at, by: engineActor, event }),
    superseded,
  )
  const due = nextLook(state, owedBy(state, at))
  return {
    state,
    events: {
      stream: releaseStream(superseded.id),
      expectedVersion: superseded.version,
      events: events.map((event) => ({ at, by: engineActor, event })),
      due,
    },
  }
}

function claimsOf(
  state: ReleaseState,
  request: StartRequest,
  by: Actor,
  at: Instant,
  { held, superseded, decision }: Beginning,
): readonly NewEvents[] {
  // A release whose every step does not apply ends as it begins.
  const more = targetEventsOf(null, state, decision.events)
  const needed = new Set(isPractice(request) ? [] : ownStreams(state))
  const freed = new Set(superseded === null ? [] : ownStreams(superseded))
  return held.map(([stream, target]) => {
    const events: readonly TargetEvent[] = [
      ...(superseded && freed.has(stream) ? [letGo(superseded, stream, state.id)] : []),
      ...(needed.has(stream) ? [claimOf(state, stream)] : []),
      ...more.filter((news) => news.stream === stream).flatMap((news) => news.events),
    ]
    return targetAppend(stream, target, events, by, at)
  })
}

function claimOf(state: ReleaseState, stream: StreamId): TargetEvent {
  const isTarget = stream === ownStreams(state)[0]
  const isOnly = isTarget && isMandatory(state.plan, state.environment)
  return {
    kind: 'TargetClaimed',
    release: state.id,
    version: state.releaseVersion,
    ...(isOnly && { mandatory: state.plan.name }),
  }
}

function letGo(superseded: ReleaseState, stream: StreamId, by: string): TargetEvent {
  const isTarget = stream === ownStreams(superseded)[0]
  return {
    kind: 'TargetReleased',
    release: superseded.id,
    serving: isTarget ? superseded.releaseVersion : null,
    why: `superseded by ${by}`,
  }
}

/** With the time at which the line behind it wants a look, if there is one. */
export function targetAppend(
  stream: StreamId,
  target: TargetState,
  events: readonly TargetEvent[],
  by: Actor,
  at: Instant,
): NewEvents {
  const after = events.reduce(
    (each, event, index) => evolveTarget(each, { version: target.version + 1 + index, at, by, event }),
    target,
  )
  const hasLine = target.line.length > 0 || after.line.length > 0
  return {
    stream,
    expectedVersion: target.version,
    events: events.map((event) => ({ at, by, event })),
    ...(hasLine ? { due: nextLookAtLine(after, at) } : {}),
  }
}

/** A stream per idempotency key, written with the start itself: two starts with one key cannot both succeed. */
export function keyStream(key: string): StreamId {
  return `key/${sha256Hex(key)}`
}

export function keyUse(key: string, release: string, by: Actor, at: Instant): NewEvents {
  return { stream: keyStream(key), expectedVersion: 0, events: [{ at, by, event: { kind: 'KeyUsed', release } }] }
}
