/** Standing in line for a target: how a start joins, leaves, and is tried again when its turn comes. */
import { canonicalJson, sha256Hex } from '../core/log/canonical.ts'
import { StaleLease, VersionConflict } from '../core/ports/store.ts'
import type { Lease, StreamId } from '../core/ports/store.ts'
import type { Refusal } from '../core/release/commands.ts'
import type { Actor, Recorded } from '../core/release/events.ts'
import { fold } from '../core/release/evolve.ts'
import { nameOfStream } from '../core/target/locks.ts'
import { nextLookAtLine } from '../core/target/target.ts'
import type { QueuedStart, TargetEvent, TargetState } from '../core/target/target.ts'
import type { Instant, Json } from '../core/units.ts'
import { engineActor } from './attendance.ts'
import { releaseStream } from './lane.ts'
import type { EngineOptions } from './options.ts'
import type { QueueRequest, StartRequest } from './service.ts'
import { keyUse, targetAppend } from './start-commit.ts'
import { startAsking } from './on-call.ts'
import { startRelease } from './start.ts'
import type { Started, StartPorts } from './start.ts'

/** It waits: `release` is the id that it will have. */
export interface Queued {
  readonly kind: 'queued'
  readonly release: string
  /** From 1. */
  readonly place: number
}

interface Joining {
  readonly queue: QueueRequest
  readonly actor: Actor
  readonly now: Instant
  readonly release: string
  readonly stream: StreamId
  readonly target: TargetState
}

/** Something beside the target holds the first start up: that may change without a word in the target's own stream. */
const heldUpMs = 5_000
const mostInLine = 50

/** Rejects with VersionConflict when somebody was quicker. */
export async function standInLine(
  { store, targets }: StartPorts,
  request: StartRequest,
  { queue, actor, now, release, stream, target }: Joining,
): Promise<Queued | Refusal> {
  if (target.line.length >= mostInLine)
    return {
      kind: 'refused',
      code: 'target-busy',
      reason: `${mostInLine} starts stand in line for ${nameOfStream(stream)}: the line is full.`,
    }
  const kept = new TextEncoder().encode(canonicalJson(queue.kept))
  const event: TargetEvent = {
    kind: 'StartQueued',
    release,
    version: request.version,
    supersede: request.supersede,
    until: queue.until,
    request: sha256Hex(kept),
  }
  const joined = targetAppend(stream, target, [event], actor, now)
  const key = request.idempotencyKey === null ? [] : [keyUse(request.idempotencyKey, release, actor, now)]
  request.onNamed?.(release)
  await store.append({ streams: [joined, ...key], evidence: [kept] })
  targets.appended(joined)
  return { kind: 'queued', release, place: target.line.length + 1 }
}

/** The same key again, for a start that has not begun. */
export function stoodInLine(
  release: string,
  request: StartRequest,
  { line, withdrawn }: TargetState,
): Queued | Refusal {
  const at = line.findIndex((start) => start.release === release)
  if (at !== -1 && line[at]?.version === request.version) {
    request.onNamed?.(release)
    return { kind: 'queued', release, place: at + 1 }
  }
  const gone = withdrawn.find((start) => start.release === release)
  const reason = gone
    ? `This idempotency key stood in line as ${release}, which is out of it: ${gone.why} Use a new key for a new start.`
    : `This idempotency key was used for ${release}, with another version or environment.`
  return { kind: 'refused', code: 'already-started', reason }
}

export interface Leaving {
  readonly release: string
  readonly actor: Actor
  readonly why: string
}

/** Resolves to false when no such start stands in the line (any more). */
export async function leaveLine(
  { store, targets, now }: Pick<StartPorts, 'store' | 'targets' | 'now'>,
  stream: StreamId,
  { release, actor, why }: Leaving,
): Promise<boolean> {
  for (;;) {
    const target = await targets.read(stream)
    if (!target.line.some((start) => start.release === release)) return false
    const event: TargetEvent = { kind: 'StartWithdrawn', release, how: 'left', why }
    const left = targetAppend(stream, target, [event], actor, now())
    try {
      await store.append({ streams: [left] })
      targets.appended(left)
      return true
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error
    }
  }
}

/** Whoever holds the lease on a target's stream moves its line on. */
export class Line {
  readonly #ports: StartPorts
  readonly #admit: NonNullable<EngineOptions['admit']>
  readonly #onStarted: (started: Started) => Promise<void>

  constructor(
    ports: StartPorts,
    admit: NonNullable<EngineOptions['admit']>,
    onStarted: (started: Started) => Promise<void>,
  ) {
    this.#ports = ports
    this.#admit = admit
    this.#onStarted = onStarted
  }

  /** Lets the first begin if it may, sends away whoever may not any more, and says when to look again. */
  async look(lease: Lease): Promise<void> {
    const { stream } = lease
    try {
      for (;;) {
        const target = await this.#ports.targets.read(stream)
        const restMs = await this.#step(stream, target)
        if (restMs === null) continue
        await this.#rest(lease, target, restMs)
        return
      }
    } catch (error) {
      // Somebody wrote meanwhile, or holds the line now: what they wrote says when to look.
      if (!(error instanceof VersionConflict) && !(error instanceof StaleLease)) throw error
    }
  }

  /** null = something changed, look again; else how long to rest at most. */
  async #step(stream: StreamId, target: TargetState): Promise<number | null> {
    const now = this.#ports.now()
    const late = target.line.find(({ until }) => until !== null && until <= now)
    if (late) return this.#withdraw(stream, target, late, 'expired', 'its time in line is over.')
    const [first] = target.line
    if (!first) return Infinity
    if (target.holder && (await this.#isHeld(target, first))) return Infinity
    const admitted = await this.#admit(first, await this.#keptOf(first))
    if (admitted.kind === 'refused') return this.#withdraw(stream, target, first, 'refused', admitted.reason)
    const { queue: _, ...request } = { ...admitted.request, admitted: first.release, idempotencyKey: null }
    const started = await this.#start(request, admitted.actor)
    if (started.kind === 'started') {
      await this.#onStarted(started)
      return null
    }
    if (started.kind === 'refused' && started.code !== 'target-busy')
      return this.#withdraw(stream, target, first, 'refused', started.reason)
    return heldUpMs
  }

  /** A window that was closed when somebody overrode it may be open by now. */
  async #start(request: StartRequest, actor: Actor): ReturnType<typeof startRelease> {
    const started = await startAsking(request, actor, this.#ports.roster, (by) =>
      startRelease(this.#ports, request, by),
    )
    if (started.kind !== 'refused' || started.code !== 'no-change' || !request.override) return started
    const { override: _, ...plain } = request
    return startRelease(this.#ports, plain, actor)
  }

  /** Asked before the checklist is compiled anew, which is work. */
  async #isHeld({ holder }: TargetState, first: QueuedStart): Promise<boolean> {
    const events = (await this.#ports.store.read(releaseStream(holder!.release))) as readonly Recorded[]
    const state = fold(events)
    if (state === null || state.endedAt !== null) return false
    return !(
      first.supersede &&
      holder!.phase === null &&
      (state.phase === 'validating' || state.phase === 'signed-off')
    )
  }

  async #keptOf({ request, release }: QueuedStart): Promise<Json> {
    const bytes = await this.#ports.store.getEvidence(request)
    if (bytes === null) throw new Error(`what ${release} was to start with is gone from the store`)
    return JSON.parse(new TextDecoder().decode(bytes)) as Json
  }

  async #withdraw(
    stream: StreamId,
    target: TargetState,
    { release }: QueuedStart,
    how: 'expired' | 'refused',
    why: string,
  ): Promise<null> {
    const { store, targets, now } = this.#ports
    const gone = targetAppend(stream, target, [{ kind: 'StartWithdrawn', release, how, why }], engineActor, now())
    await store.append({ streams: [gone] })
    targets.appended(gone)
    return null
  }

  async #rest(lease: Lease, target: TargetState, restMs: number): Promise<void> {
    const now = this.#ports.now()
    const look = target.holder === null && target.line.length > 0 ? now + restMs : nextLookAtLine(target, now)
    const due = look === null ? null : Math.min(look, now + restMs)
    await this.#ports.store.append({
      streams: [{ stream: lease.stream, expectedVersion: target.version, events: [], due }],
      lease,
    })
  }
}
