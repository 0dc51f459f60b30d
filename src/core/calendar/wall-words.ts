/** An instant as people of a zone read it, for sentences of the rules. */
import type { Instant } from '../units.ts'
import { weekdayOf } from './closure.ts'
import { wallTimeAt } from './wall-clock.ts'

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** `Tue 2026-12-01 10:00 (Europe/Berlin)` */
export function wallWords(zone: string, at: Instant): string {
  const wall = wallTimeAt(zone, at)
  return `${days[weekdayOf(wall) - 1]} ${new Date(wall).toISOString().slice(0, 16).replace('T', ' ')} (${zone})`
}
