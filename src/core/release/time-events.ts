/** What can happen to a release because of when it happens: windows, planned starts, lead times. Only ever grows. */
import type { PhaseId, StepId } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Evidence } from './events.ts'

export type TimeEvent =
  /** A named person lets a phase begin although its window is closed or has no room. */
  | {
      readonly kind: 'WindowOverridden'
      readonly phase: PhaseId
      readonly window: string
      readonly by: string
      readonly role: string
      readonly reason: string
    }
  /** What the window covers will still be going on when it is closed; once for each phase. */
  | {
      readonly kind: 'WindowLeaving'
      readonly phase: PhaseId
      readonly window: string
      /** When the window is closed first; `endsAt` lies after it. */
      readonly closesAt: Instant
      readonly endsAt: Instant
    }
  /** The number that a window of low traffic rests on was read; the readings are kept as evidence. */
  | {
      readonly kind: 'WindowRead'
      readonly window: string
      readonly isLow: boolean
      readonly say: string
      readonly observedAt: Instant
      readonly evidence: readonly Evidence[]
    }
  /** A step with a lead time was not closed when it was due; once for each due time. */
  | { readonly kind: 'StepOverdue'; readonly step: StepId; readonly dueAt: Instant }
  | {
      readonly kind: 'ReleaseRescheduled'
      readonly from: Instant | null
      readonly to: Instant
      readonly by: string
      readonly reason: string
    }
