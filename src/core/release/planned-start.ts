/** The phase that a planned start is about, and when the steps around it have to be done. */
import { instantsOf, wallTimeAt } from '../calendar/wall-clock.ts'
import { addWorkingDays, midnightOf } from '../calendar/working-day.ts'
import type { WorkingCalendar } from '../calendar/working-day.ts'
import type { LeadTime, PhasePlan, Plan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { isForwardPhase } from './standing.ts'

/** The first rollout; without one, the first phase that is not due before it. Undefined = nothing goes forward. */
export function anchorOf(plan: Plan): PhasePlan | undefined {
  const forward = plan.phases.filter(isForwardPhase)
  const moving = new Set(plan.steps.flatMap(({ block, phase }) => (block.word === 'rollout' ? [phase] : [])))
  return (
    forward.find(({ id, kind }) => kind === 'rollout' || moving.has(id)) ?? forward.find(({ due }) => due === undefined)
  )
}

/** Forward phases with a lead time, in the order of the checklist. */
export function leadPhases(plan: Plan): readonly (PhasePlan & { readonly due: LeadTime })[] {
  return plan.phases.flatMap((phase) =>
    phase.due !== undefined && isForwardPhase(phase) ? [{ ...phase, due: phase.due }] : [],
  )
}

/** Zone and calendar that lead times count in: those of the window of the planned phase, else UTC and Monday to Friday. */
export function leadCalendar(plan: Plan): WorkingCalendar & { readonly zone: string } {
  const name = anchorOf(plan)?.window ?? null
  const window = name === null ? undefined : plan.windows[name]
  return window ?? { zone: 'UTC' }
}

/** When a phase with this lead time is due, or with `after` may begin. */
export function dueOf(plan: Plan, { side, unit, amount }: LeadTime, plannedAt: Instant): Instant {
  const sign = side === 'before' ? -1 : 1
  if (unit === 'ms') return plannedAt + sign * amount
  const calendar = leadCalendar(plan)
  const wall = addWorkingDays(calendar, wallTimeAt(calendar.zone, plannedAt), sign * amount)
  return instantsOf(calendar.zone, wall).first
}

/**
 * What is done earlier is too old for a start at `plannedAt`: done before the day it is due on; for lead times shorter
 * than a day, done longer before than twice the lead.
 */
export function freshFrom(plan: Plan, lead: LeadTime, plannedAt: Instant): Instant {
  const due = dueOf(plan, lead, plannedAt)
  if (lead.unit === 'ms' && lead.amount < 86_400_000) return due - lead.amount
  const { zone } = leadCalendar(plan)
  return instantsOf(zone, midnightOf(wallTimeAt(zone, due))).first
}
