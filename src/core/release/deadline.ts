/** When something is owed that was counted in time or in working days. */
import type { Deadline } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { workingDaysAfter } from './working-days.ts'

export function deadlineAt(deadline: Deadline | null | undefined, from: Instant): Instant | null {
  if (deadline == null) return null
  return 'ms' in deadline ? from + deadline.ms : workingDaysAfter(from, deadline.workingDays)
}
