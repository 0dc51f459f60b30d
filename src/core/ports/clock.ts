/** Time, behind a port so that the simulator can bend it. */
import type { Instant, Millis } from '../units.ts'

export interface Clock {
  /** Never goes back within a process: the wall clock at start plus monotonic time since. */
  now(): Instant
  /** Resolves after `ms` (never early; may resolve after at most an hour for longer times, callers look again) or when aborted. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>
}
