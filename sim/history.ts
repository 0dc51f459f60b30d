/** What happened to one release: all that an invariant looks at. */
import type { SampleBatch } from '../src/core/judge/verdict.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import type { StoredEvent } from '../src/core/ports/store.ts'
import type { ReleaseEvent } from '../src/core/release/events.ts'
import type { ReleaseState } from '../src/core/release/state.ts'
import type { Instant } from '../src/core/units.ts'

export type Log = readonly StoredEvent<ReleaseEvent>[]

/** What the world outside saw and no log can talk away. */
export interface Witness {
  /** When commands of an attempt were started: once each, or the target was hit twice. */
  readonly starts: ReadonlyMap<string, readonly Instant[]>
  /** The launcher was lost, so results may be. */
  readonly launchersLost: number
  /** By release and component. */
  readonly weights: ReadonlyMap<string, { readonly percent: number }>
  /** How often each message arrived, by release and message. */
  readonly deliveries: ReadonlyMap<string, number>
  /** What arrived and when, by release and message; null = nobody kept it. */
  readonly texts: ReadonlyMap<string, readonly { readonly body: string; readonly at: Instant }[]> | null
  readonly outrages: readonly string[]
  /** Whether the effect of an action stands. */
  isApplied(release: string, step: string): boolean
}

export interface History {
  readonly release: string
  readonly log: Log
  readonly plan: Plan
  readonly state: ReleaseState
  readonly world: Witness
  readonly batches: readonly SampleBatch[]
  /** No engine crashed, froze or met a failing store. */
  readonly isSmooth: boolean
}
