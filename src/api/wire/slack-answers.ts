/** Users of Slack that a person is, as they travel. */
import type { Instant } from '../../core/units.ts'

export interface SlackUserAnswer {
  readonly team: string
  readonly user: string
  readonly name: string
  /** False = only asked who it is. */
  readonly linked: boolean
}

export interface SlackLinkAnswer {
  readonly team: string
  readonly user: string
  readonly name: string
  readonly at: Instant
}
