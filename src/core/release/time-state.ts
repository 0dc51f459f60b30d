/** What a release knows about when: its planned start, windows that were opened or read, steps that are late. */
import type { PhaseId, StepId } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Evidence } from './events.ts'

export interface TimeState {
  /** When the first rollout is to begin; null = as soon as it can. */
  readonly plannedAt: Instant | null
  /** Why it was started although its lead times could not be kept. */
  readonly lateWhy: string | null
  readonly overridden: ReadonlyMap<PhaseId, WindowOverride>
  readonly leaving: ReadonlyMap<PhaseId, { readonly closesAt: Instant; readonly endsAt: Instant }>
  /** When each was due. */
  readonly overdue: ReadonlyMap<StepId, Instant>
  readonly readings: ReadonlyMap<string, WindowReading>
}

export interface WindowOverride {
  readonly window: string
  readonly by: string
  readonly role: string
  readonly reason: string
  readonly at: Instant
}

export interface WindowReading {
  readonly isLow: boolean
  readonly say: string
  readonly at: Instant
  readonly observedAt: Instant
  readonly evidence: readonly Evidence[]
}

export const noTime: TimeState = {
  plannedAt: null,
  lateWhy: null,
  overridden: new Map(),
  leaving: new Map(),
  overdue: new Map(),
  readings: new Map(),
}
