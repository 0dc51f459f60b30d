/** What the engine is told once, besides its ports. */
import type { Refusal } from '../core/release/commands.ts'
import type { Actor } from '../core/release/events.ts'
import type { QueuedStart } from '../core/target/target.ts'
import type { Json, Millis } from '../core/units.ts'
import type { StartRequest } from './service.ts'

/** Randomness, injected: the simulator hands over a seeded one. */
export interface IdSource {
  /** Short lower-case letters and digits, such as `k7f2`; different every time. */
  suffix(): string
}

export interface EngineOptions {
  /** Name of this engine among all that share the store; differs after every start. */
  readonly owner: string
  readonly ids: IdSource
  /** Commands of checks and actions that run at once. Probes, undos and restores never wait for a place. */
  readonly jobs: number
  readonly leaseMs?: Millis
  /** How often due releases of others are claimed, and how often all open ones are looked through. */
  readonly claimEveryMs?: Millis
  readonly auditEveryMs?: Millis
  /** Other engines work on the same store: what is younger than the last event travels between them. */
  readonly isShared?: boolean
  /**
   * Makes the request of a start anew whose turn in line has come: its checklist, and whether who asked still may. Absent =
   * nobody stands in line here.
   */
  readonly admit?: (
    start: QueuedStart,
    kept: Json,
  ) => Promise<{ readonly kind: 'admitted'; readonly request: StartRequest; readonly actor: Actor } | Refusal>
  /** Where people reach the server that shows its releases; absent or undefined = nowhere. */
  readonly address?: () => string | undefined
  /** Hears of everything unexpected, for the log of the process. */
  readonly onFault?: (where: string, error: unknown) => void
}

export const defaults = {
  leaseMs: 30_000,
  claimEveryMs: 5_000,
  auditEveryMs: 30_000,
  pausesMs: [1_000, 2_000, 4_000, 8_000, 16_000, 30_000],
} as const
