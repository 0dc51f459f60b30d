/** Windows in words: what they are now, when they open and close next, and by which rules. Pure. */
import { wallTimeAt } from '../core/calendar/wall-clock.ts'
import { weekdayOf } from '../core/calendar/closure.ts'
import type { Instant } from '../core/units.ts'
import type { WindowView } from '../report/windows-view.ts'
import type { Line } from './terminal/line.ts'

export function windowLines(windows: readonly WindowView[]): readonly Line[] {
  return windows.flatMap((window, at) => [...(at === 0 ? [] : [[]]), ...linesOf(window)])
}

function linesOf({ name, zone, open, why, openings, rules, closures, for: users }: WindowView): readonly Line[] {
  return [
    [[name, 'strong'], `  ${zone}  `, open ? ['open', 'good'] : ['closed', 'warn'], why === null ? '' : `: ${why}`],
    ...(openings.length === 0 ? [['  does not open within a year'] satisfies Line] : []),
    ...openings.map(
      ({ from, until, then }): Line => [
        `  ${clockOf(zone, from)}  to  ${until === null ? 'more than a year' : clockOf(zone, until)}`,
        // That the hours are over says itself.
        [then === null || then.startsWith('outside ') ? '' : `  then ${then}`, 'dim'],
      ],
    ),
    ...rules.map((rule): Line => [['  · ', 'dim'], rule]),
    ...closures.map(
      ({ title, from, to, eve }): Line => [
        ['  · ', 'dim'],
        `closed ${clockOf(zone, from)}  to  ${clockOf(zone, to)}`,
        [`  ${title}${eve ? ', from its eve on' : ''}`, 'dim'],
      ],
    ),
    [[`  for ${users.length === 0 ? 'nothing in this checklist' : users.join(', ')}`, 'dim']],
  ]
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** `Mon 2026-11-30 09:00`, by the clock of the window. */
function clockOf(zone: string, at: Instant): string {
  const wall = wallTimeAt(zone, at)
  return `${days[weekdayOf(wall) - 1]} ${new Date(wall).toISOString().slice(0, 16).replace('T', ' ')}`
}
