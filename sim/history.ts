/** What happened to one release: all that an invariant looks at. */
import type { SampleBatch } from '../src/core/judge/verdict.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import type { StoredEvent } from '../src/core/ports/store.ts'
import type { ReleaseEvent } from '../src/core/release/events.ts'
import type { ReleaseState } from '../src/core/release/state.ts'
import type { World } from './world.ts'

export type Log = readonly StoredEvent<ReleaseEvent>[]

export interface History {
  readonly release: string
  readonly log: Log
  readonly plan: Plan
  readonly state: ReleaseState
  readonly world: World
  readonly batches: readonly SampleBatch[]
  /** No engine crashed, froze or met a failing store. */
  readonly isSmooth: boolean
}
