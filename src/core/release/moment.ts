/** When an event was recorded. */
import type { Instant } from '../units.ts'

export interface Moment {
  readonly at: Instant
  readonly version: number
}
