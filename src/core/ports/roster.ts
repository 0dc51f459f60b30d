/** A service that knows who is on call, as the engine asks it. */
import type { Plan, RosterLevel } from '../plan/plan.ts'
import type { OnCall } from '../roster.ts'
import type { Instant } from '../units.ts'

/** Somebody on call there whom nothing here names; they hold no role. */
export interface StrangerOnCall {
  readonly level: RosterLevel
  /** As the service calls them, `Cy Young (PUSER03)`. */
  readonly who: string
}

/** `unknown` = it could not be read, so nobody is known to be on call; `say` is one sentence without secrets. */
export type RosterAnswer =
  | {
      readonly kind: 'answered'
      /** Host that answered. */
      readonly by: string
      readonly at: Instant
      readonly onCall: readonly AskedOnCall[]
      readonly strangers: readonly StrangerOnCall[]
    }
  | { readonly kind: 'unknown'; readonly by: string; readonly at: Instant; readonly say: string }

export interface AskedOnCall extends OnCall {
  /** Id of their user at the service. */
  readonly user: string
}

export interface RosterReader {
  /**
   * Only for a plan whose roster is asked. `now` = an answer that is asked for now, for a decision; `lately` = one that is
   * at most 30 seconds old will do. Never throws.
   */
  read(plan: Plan, wanted: 'now' | 'lately'): Promise<RosterAnswer>
}
