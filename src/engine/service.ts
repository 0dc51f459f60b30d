/** What the engine offers to its callers (the API and, in process, tests and the simulator). */
import type { Plan } from '../core/plan/plan.ts'
import type { RosterAnswer } from '../core/ports/roster.ts'
import type { Live } from '../core/ports/live.ts'
import type { Decision, PersonCommand, Refusal, CommandOf } from '../core/release/commands.ts'
import type { Actor } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { StoredEvent, StreamId } from '../core/ports/store.ts'
import type { TargetState } from '../core/target/target.ts'
import type { Instant, Json } from '../core/units.ts'
import type { Leaving, Queued } from './start-line.ts'

export interface StartRequest extends Omit<CommandOf<'StartRelease'>, 'kind' | 'release' | 'previous' | 'superseded'> {
  /** Ends the watch of the release that is validating on the same target, in the same append. */
  readonly supersede: boolean
  /** Used when nothing was ever observed serving on the target. */
  readonly previous: string | null
  /** Same key, same request: the same release. */
  readonly idempotencyKey: string | null
  /** Where the target is busy, the start waits for its turn; absent = it is refused. */
  readonly queue?: QueueRequest
  /** The id under which it stood in line: its turn has come. */
  readonly admitted?: string
  /** Called with the release's id before anything of it is stored: what it needs in memory is there when it begins. */
  readonly onNamed?: (release: string) => void
}

export interface QueueRequest {
  /** It leaves the line by itself then; null = it stays. */
  readonly until: Instant | null
  /** What whoever admits starts needs to make the request anew; kept beside the log. */
  readonly kept: Json
}

export interface EngineService {
  start(
    request: StartRequest,
    actor: Actor,
  ): Promise<{ readonly kind: 'started'; readonly release: string } | Queued | Refusal>
  /** Who holds a target or a lock, what serves there, and who stands in line. */
  target(stream: StreamId): Promise<TargetState>
  /** Takes a start out of the line of its target; false = it does not stand in it. */
  leaveLine(stream: StreamId, leaving: Leaving): Promise<boolean>
  /** `seen` = version of the state the person saw; null = whatever stands now. */
  ask(
    release: string,
    command: Exclude<PersonCommand, { kind: 'StartRelease' }>,
    actor: Actor,
    seen: number | null,
  ): Promise<(Decision & { readonly version: number }) | Refusal>
  /** Who is on call, where a service keeps the roster of this plan; an answer of the last half minute will do. null = none does. */
  onCall(plan: Plan): Promise<RosterAnswer | null>
  state(release: string): Promise<ReleaseState | null>
  live(release: string): Live
  /** Stored events after `version`, then new ones as they come, until aborted. */
  follow(release: string, afterVersion: number, signal: AbortSignal): AsyncIterable<StoredEvent>
  /** Called whenever something a live view shows may have changed (coalesced by the caller). Returns an unsubscribe. */
  onLive(release: string, listener: () => void): () => void
  /** Works on every open release until stopped. Resolves after stop. */
  attend(): Promise<void>
  /** No new effects; running ones keep running in the launcher; leases released. */
  stop(): Promise<void>
  /** Number of releases that have not ended. */
  open(): Promise<number>
}
