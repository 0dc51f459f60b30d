/** Who is on call, the roles that follow from it, and stale contacts, as lines. */
import type { Plan } from '../core/plan/plan.ts'
import type { Instant } from '../core/units.ts'
import { onCallWords, rosterView, staleWords } from '../report/roster-words.ts'
import type { Line } from './terminal/line.ts'

/** Nothing where the checklist says neither a roster nor verified contacts that are stale. */
export function rosterLines(plan: Plan, now: Instant): readonly Line[] {
  const { onCall, uncovered, roles, staleContacts } = rosterView(plan, now)
  const byLevel = Object.entries(roles)
  const lines: readonly Line[] = [
    ...(onCall ?? []).map((one): Line => {
      const held = byLevel.flatMap(([role, level]) => (level === one.level ? [role] : []))
      return [`  ${onCallWords(one)}`, [held.length > 0 ? `  ${held.join(', ')}` : '', 'dim']]
    }),
    ...uncovered.map((level): Line => [[`  ! nobody is on call as ${level}`, 'warn']]),
    ...staleContacts.map((contact): Line => [[`  ! ${staleWords(contact)}`, 'warn']]),
  ]
  return lines.length === 0 ? [] : [[['On call now', 'strong']], ...lines]
}
