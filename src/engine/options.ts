/** What the engine is told once, besides its ports. */
import type { Millis } from '../core/units.ts'

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
  /** Hears of everything unexpected, for the log of the process. */
  readonly onFault?: (where: string, error: unknown) => void
}

export const defaults = {
  leaseMs: 30_000,
  claimEveryMs: 5_000,
  auditEveryMs: 30_000,
  pausesMs: [1_000, 2_000, 4_000, 8_000, 16_000, 30_000],
} as const
