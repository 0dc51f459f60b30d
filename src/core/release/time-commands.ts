/** What people and the engine may ask about when a release goes on. */
import type { PhaseId } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Evidence } from './events.ts'

export type TimePersonCommand =
  /** `phase` null = the one that waits for its window now. */
  | {
      readonly kind: 'OverrideWindow'
      readonly phase: PhaseId | null
      readonly role: string
      readonly reason: string
    }
  /** Moves the planned start; what was done too long before the new one is asked again. */
  | { readonly kind: 'Reschedule'; readonly to: Instant; readonly reason: string }

export type TimeEngineCommand =
  /** What the number of a window of low traffic came to. */
  {
    readonly kind: 'RecordWindowReading'
    readonly window: string
    readonly isLow: boolean
    readonly say: string
    readonly observedAt: Instant
    readonly evidence: readonly Evidence[]
  }

/** What a start may say besides its facts. */
export interface StartExceptions {
  /** Begin although a window is closed or has no room. */
  readonly override?: { readonly role: string; readonly reason: string }
}
