/** The same time of the week, weeks ago, by the clock on the wall. */
import type { Instant } from '../units.ts'
import { instantsOf, wallTimeAt } from './wall-clock.ts'

const weekMs = 7 * 86_400_000

/** Where clocks were set in between, the wall shows the same, and it is not a whole number of weeks ago. `weeks` >= 0. */
export function weeksAgo(zone: string, at: Instant, weeks: number): Instant {
  const wall = wallTimeAt(zone, at)
  const { first } = instantsOf(zone, wall - weeks * weekMs)
  return first + (at - Math.floor(at / 1000) * 1000)
}
