/** What would become of a start now that nobody planned: when it could be through, or why it would be refused. */
import type { Plan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { courseOf, type Course } from './course.ts'
import { anchorOf, leadPhases } from './planned-start.ts'
import { missedLead } from './rules/time.ts'

export type StartNow =
  | { readonly kind: 'fits'; readonly endsAt: Instant }
  | { readonly kind: 'refused'; readonly why: string }

export function startNow(plan: Plan, now: Instant): StartNow {
  const course = courseOf(plan, now)
  if (course.kind === 'outgrown') return { kind: 'refused', why: course.why }
  const plannedAt = plannedBy(plan, course)
  const missed = plannedAt === null ? null : missedLead(plan, plannedAt, now)
  return missed === null
    ? { kind: 'fits', endsAt: course.endsAt }
    : { kind: 'refused', why: `${missed}. Plan a later start, or say why it goes on without.` }
}

/** Where steps have lead times, a start that nobody planned is planned for when it can first be. */
export function plannedBy(plan: Plan, course: Extract<Course, { kind: 'fits' }>): Instant | null {
  const anchor = anchorOf(plan)
  return leadPhases(plan).length === 0 || !anchor ? null : (course.opens.get(anchor.id) ?? null)
}
