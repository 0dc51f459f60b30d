/** Whether a start or an amendment could come to wait for a release that waits for it: found before, while nobody waits yet. */
import type { Plan } from '../core/plan/plan.ts'
import type { NewEvents, StreamId } from '../core/ports/store.ts'
import { streamsOfPhase, streamsToCome } from '../core/release/phase-lock.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { nameOfStream } from '../core/target/locks.ts'
import type { TargetState } from '../core/target/target.ts'
import type { StartRequest } from './service.ts'
import { ownStreams } from './target-events.ts'

export interface Looked {
  readonly stream: StreamId
  readonly target: TargetState
  /** Who holds it and lives; null = it is free. */
  readonly holder: ReleaseState | null
}

export interface Course {
  /** Streams that must not have changed when the start is recorded: two starts could else miss each other. */
  readonly fences: readonly NewEvents[]
  /** The release that it could block each other with, in words; null = none. */
  readonly circle: string | null
}

/** Follows what this start will want. */
export function courseThroughLocks(
  request: StartRequest,
  own: readonly StreamId[],
  look: (stream: StreamId) => Promise<Looked>,
): Promise<Course> {
  return courseOfWanted(wantedBy(request), own, look)
}

/** Why a release that is under way may not go on by another plan: it could come to wait for a release that waits for it. null = it may. */
export async function circleOfAmendment(
  state: ReleaseState,
  plan: Plan,
  look: (stream: StreamId) => Promise<Looked>,
): Promise<string | null> {
  const { circle } = await courseOfWanted(streamsToCome({ ...state, plan }), ownStreams(state), look)
  return circle
}

/**
 * Follows who holds what is wanted, what those releases will want, and so on. Only what a release holds from its start to its
 * end counts: whoever holds something for one phase waits for nothing while it does.
 */
async function courseOfWanted(
  all: readonly StreamId[],
  own: readonly StreamId[],
  look: (stream: StreamId) => Promise<Looked>,
): Promise<Course> {
  const mine = new Set(own)
  const visited = new Set<StreamId>(own)
  const fences: NewEvents[] = []
  const toVisit = [...all]
  for (let stream = toVisit.pop(); stream !== undefined; stream = toVisit.pop()) {
    if (visited.has(stream)) continue
    visited.add(stream)
    const { target, holder } = await look(stream)
    fences.push({ stream, expectedVersion: target.version, events: [] })
    if (holder === null || target.holder?.phase != null) continue
    const wanted = streamsToCome(holder)
    const met = wanted.find((each) => mine.has(each))
    if (met !== undefined)
      return {
        fences,
        circle: `${holder.id} holds ${nameOfStream(stream)}, which this release will need, and will itself need ${nameOfStream(met)}: they could wait for each other for ever. It has to end first.`,
      }
    toVisit.push(...wanted)
  }
  return { fences, circle: null }
}

function wantedBy({ plan, environment, project, rehearsal }: StartRequest): readonly StreamId[] {
  if (rehearsal) return []
  return plan.phases.flatMap((phase) => [...streamsOfPhase(plan, { environment, project: project ?? null }, phase)])
}
