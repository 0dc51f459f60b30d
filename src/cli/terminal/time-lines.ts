/** The planned start, what is due before it and windows that were overridden, as lines. */
import { wallWords } from '../../core/calendar/wall-words.ts'
import type { ReleaseView } from '../../report/view.ts'
import { durationWords } from '../../report/words.ts'
import type { Line } from './line.ts'

type TimeView = NonNullable<ReleaseView['time']>

/** Empty where nothing was said about when. */
export function timeLines({ time, at, decision }: ReleaseView): readonly Line[] {
  if (time === undefined) return []
  // Of a release that has ended nothing is to come.
  const isOver = decision?.ended === true
  return [
    ...(isOver ? [] : plannedLines(time, at)),
    ...(isOver ? [] : time.dues).map((due): Line => {
      const isOpen = due.open > 0
      const mark: Line[number] = due.overdue ? ['! ', 'bad'] : isOpen ? ['◌ ', 'person'] : ['  ', 'dim']
      const when =
        due.side === 'before' ? `due ${wallWords(time.zone, due.dueAt)}` : `from ${wallWords(time.zone, due.dueAt)}`
      return [
        mark,
        due.title,
        [`  ${when}${isOpen ? `, ${awayWords(due.dueAt, at)}` : ''}`, due.overdue ? 'bad' : 'dim'],
      ]
    }),
    ...time.overridden.map(
      ({ phase, window, by, role, reason }): Line => [
        ['! ', 'warn'],
        `${phase}: window ${window} overridden by ${by} (${role}): ${reason}`,
      ],
    ),
    ...(time.lateWhy === null ? [] : [[['! ', 'warn'], `its lead times could not be kept: ${time.lateWhy}`] as Line]),
  ]
}

function plannedLines({ plannedAt, phase, zone }: TimeView, at: number): readonly Line[] {
  if (plannedAt === null || phase === null) return []
  const away = phase.begun ? '' : `, ${awayWords(plannedAt, at)}`
  return [[`${phase.title} ${phase.begun ? 'was planned' : 'is planned'} for ${wallWords(zone, plannedAt)}${away}`]]
}

/** `in 2d 3h`, `2h late`. */
function awayWords(then: number, at: number): string {
  return then > at ? `in ${durationWords(then - at)}` : `${durationWords(at - then)} late`
}
