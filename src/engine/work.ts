/** What a handler of one effect can see and do. Handlers know nothing of each other. */
import type { EffectContext, EnginePorts } from '../core/ports/engine.ts'
import type { Lease, StreamId } from '../core/ports/store.ts'
import type { TargetState } from '../core/target/target.ts'
import type { JudgeReport, SampleBatch } from '../core/judge/verdict.ts'
import type { Reached } from '../core/ports/traffic.ts'
import type { EngineCommand } from '../core/release/commands.ts'
import type { Effect } from '../core/release/effects.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import type { Submitted } from './lane.ts'
import type { Jobs } from './jobs.ts'
import type { Refusal } from '../core/release/commands.ts'

/** The release was taken over, or the engine stops: the handler ends where it stands, and nobody hears from it again. */
export class Relieved extends Error {
  override name = 'Relieved'
}

export interface SubmitExtras {
  readonly batches?: readonly SampleBatch[]
  /** Bytes that the events name by their hash. */
  readonly evidence?: readonly Uint8Array[]
  /** Nobody waits for it: it may go with the next command. */
  readonly isUnhurried?: boolean
  /** Streams that the command claims, as they were looked at: refused where one has changed since. */
  readonly onTop?: ReadonlyMap<StreamId, TargetState>
  readonly onAppended?: (events: readonly ReleaseEvent[]) => void
  /** What is to be claimed in the same append, of what is owed after it; `before` was owed without it. */
  readonly following?: (owed: readonly Effect[], before: readonly Effect[]) => readonly Following[]
}

/** A command that goes with another one that made it possible. Either `onAppended` or `onGone` is called, once. */
export interface Following {
  readonly command: EngineCommand
  readonly onAppended: (events: readonly ReleaseEvent[]) => void
  /** It was not recorded, and will not be. */
  readonly onGone: () => void
}

/** An attempt, shift or restore that this engine has in hand. */
export interface InHand {
  readonly controller: AbortController
  /** A shift ends as soon as it is not wanted any more; an attempt only when it is cancelled. */
  readonly endsUnowed: boolean
  /** Resolves when its handler has ended, recorded or not. */
  readonly done: Promise<void>
}

export interface Observed {
  readonly step: string
  readonly stage: number | null
  readonly report: JudgeReport
  readonly recent: readonly SampleBatch[]
}

export interface Progress {
  readonly step: string
  readonly attempt: string
  readonly say: string
  readonly since: Instant
}

/** What all handlers of one release share. */
export interface Desk {
  readonly release: string
  readonly ports: EnginePorts
  /** Places for commands that run. */
  readonly jobs: Jobs
  /** Places for checks that are claimed and wait for a place to run. */
  readonly claims: Jobs
  /** Its epoch grows when something of this release was lost: ask for it anew after every wait. */
  readonly lease: Lease
  /** Resolves when this engine must let go of the release. */
  readonly relieved: AbortSignal
  /** Attempts, shifts and restores in hand, by attempt id. */
  readonly inHand: Map<string, InHand>
  /** Shifts and restores under way, by rollout and component: two must never write to one balancer unseen. */
  readonly shifting: Map<string, Set<Promise<Reached>>>
  /** The newest observer of each step: the next one begins when it has ended, so that no batch is stored behind its back. */
  readonly observing: Map<string, Promise<void>>
  readonly progress: Map<string, Progress>
  readonly observed: Map<string, Observed>
  state(): ReleaseState
  now(): Instant
  /** Tries until the store has answered. Throws Relieved when the release is no longer ours. */
  submit(command: EngineCommand, extras?: SubmitExtras): Promise<Submitted | Refusal>
  /** Does a write of its own until the store takes it. Throws Relieved as `submit` does. */
  persist<T>(write: () => Promise<T>): Promise<T>
  /**
   * Whoever has lost an attempt of `epoch` may still be at work on it: what begins from now on has a higher epoch, so that
   * a target can tell them apart. Throws Relieved as `submit` does.
   */
  outdate(epoch: number): Promise<void>
  /** Goes on with an effect that was claimed together with something else. */
  takeUp(effect: Effect, handler: () => Promise<void>): void
  /** Somebody works on this effect here. */
  isTaken(key: string): boolean
  /** Something a live view shows has changed. */
  touch(): void
}

export interface Work<E extends Effect = Effect> {
  readonly effect: E
  readonly desk: Desk
  /** Aborts when the effect is no longer owed, or the release no longer ours. */
  readonly signal: AbortSignal
}

export type Handler<E extends Effect> = (work: Work<E>) => Promise<void>

/** Sleeps until `at`, however long that is; false when aborted first. */
export async function sleepUntil(desk: Desk, at: Instant, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal.aborted) return false
    const leftMs = at - desk.now()
    if (leftMs <= 0) return true
    await desk.ports.clock.sleep(leftMs, signal)
  }
}

export function contextOf(
  desk: Desk,
  attempt: string,
  epoch: number,
  signal: AbortSignal,
  progress: (say: string) => void = () => {},
): EffectContext {
  return { state: desk.state(), attempt, epoch, signal, progress }
}
