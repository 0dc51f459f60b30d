/** Who is on call, the roles that follow from it, and stale contacts, as lines. */
import { askedTroubles, onCallWords, type RosterView, staleWords } from '../report/roster-words.ts'
import type { Line } from './terminal/line.ts'

/** Nothing where the checklist says neither a roster nor verified contacts that are stale. */
export function rosterLines(view: RosterView): readonly Line[] {
  const { onCall, uncovered, roles, staleContacts, asked } = view
  const byLevel = Object.entries(roles)
  const lines: readonly Line[] = [
    ...(asked ? [[[`  ${asked.at === null ? 'will be asked: ' : 'by '}${asked.what}`, 'dim'] as const]] : []),
    ...(onCall ?? []).map((one): Line => {
      const held = byLevel.flatMap(([role, level]) => (level === one.level ? [role] : []))
      return [`  ${onCallWords(one)}`, [held.length > 0 ? `  ${held.join(', ')}` : '', 'dim']]
    }),
    ...askedTroubles(view).map((say): Line => [[`  ! ${say}`, 'warn']]),
    ...uncovered.map((level): Line => [[`  ! nobody is on call as ${level}`, 'warn']]),
    ...staleContacts.map((contact): Line => [[`  ! ${staleWords(contact)}`, 'warn']]),
  ]
  return lines.length === 0 ? [] : [[['On call now', 'strong']], ...lines]
}
