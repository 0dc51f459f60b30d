/** What the command line says about when: a planned start, why it is late, a window that is overridden. */
import type { StartBody } from '../api/client-types.ts'
import { readInstant } from '../core/calendar/read-instant.ts'
import type { Plan } from '../core/plan/plan.ts'
import { leadCalendar } from '../core/release/planned-start.ts'
import type { Instant } from '../core/units.ts'
import type { Values } from './command-entry.ts'
import { UsageFault } from './faults.ts'
import { text } from './values.ts'

export function startTimeOf(plan: Plan, options: Values): Pick<StartBody, 'plannedAt' | 'lateWhy' | 'override'> {
  const at = text(options, 'at')
  const lateWhy = text(options, 'reason')
  const reason = text(options, 'overrideWindow')
  const role = text(options, 'role')
  if (reason !== null && role === null)
    throw new UsageFault(
      'expected --role with --override-window, for example --override-window "customers cannot pay" --role release-manager',
    )
  return {
    ...(at !== null && { plannedAt: instantGiven(at, leadCalendar(plan).zone) }),
    ...(lateWhy !== null && { lateWhy }),
    ...(reason !== null && role !== null && { override: { role, reason } }),
  }
}

/** Throws UsageFault. `zone` = by whose clock, where the time says none. */
export function instantGiven(given: string, zone: string): Instant {
  const read = readInstant(given, zone)
  if (read.ok) return read.value
  throw new UsageFault(`--at is "${given}", expected ${read.expected}, for example --at ${read.example}`)
}
