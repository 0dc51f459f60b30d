/** Messages of a plan: whom they are for, and the ways they take. */
import type { Millis } from '../units.ts'

export interface AudiencePlan {
  readonly channels: readonly string[]
  /** CEL; null = always. */
  readonly when: string | null
}

/** One way a message takes. The same channel may be reached by several; it is sent there once. */
export interface MessageRoute {
  readonly channel: string
  /** null = named by itself. */
  readonly audience: string | null
  /** The audience's own condition, besides the message's. */
  readonly when: string | null
}

/** More than `moreThan` messages of a release to one channel `withinMs` become one, so long after the first that waits. */
export interface DigestPlan {
  readonly moreThan: number
  readonly withinMs: Millis
}

export interface MessagePlan {
  readonly id: string
  readonly line: number
  /** `rollout.started`, `stage.entered`, `rollback.started`, ... see core/release/news.ts. */
  readonly on: string
  /** Of `phase.opened`: title of the one phase it is about; absent = of each. */
  readonly phase?: string
  /** Every channel it can reach. */
  readonly to: readonly string[]
  /** Absent = all of `to`, whatever the release is. */
  readonly routes?: readonly MessageRoute[]
  /** A person sees it before it is sent; `role` null = anybody. Absent = it is sent at once. */
  readonly preview?: { readonly role: string | null }
  /** The release does not go forward until it was delivered. Absent = false. */
  readonly required?: true
  readonly everyMs: Millis | null
  readonly when: string | null
  readonly body: string
  /** What it is for a status page (`investigating`); absent = its event says. */
  readonly status?: string
}
