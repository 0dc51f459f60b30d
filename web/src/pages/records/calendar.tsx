/** A month: what was observed, what ends, what has ended. A table; on a narrow screen a list of the days that have something. */
import { useState } from 'preact/hooks'
import type { Schedule } from '../../../../src/api/wire/web.ts'
import { serverNow } from '../../parts/clock.ts'
import { Link } from '../../router.tsx'
import { visible } from '../release/visible.ts'
import { type DayEntry, entriesBetween, type LedgerLine, timesBetween, weeksOf } from './ledger.ts'
import { recordPath } from './ledger-view.tsx'

const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' })
const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
/** A Monday and the six days behind it. */
const week = Array.from({ length: 7 }, (_, at) => weekday.format(new Date(2024, 0, 1 + at)))

/** Of records; everything else is a time of a schedule. */
const endings = { observed: true, expires: true, expired: true }

const kindWords: Readonly<Record<DayEntry['kind'], string>> = {
  observed: 'observed',
  expires: 'ends',
  expired: 'ended',
  upcoming: 'planned',
  due: 'due',
  overdue: 'overdue',
  escalated: 'overdue',
  done: 'done',
  skipped: 'skipped',
  missed: 'missed',
}

interface CalendarProps {
  readonly lines: readonly LedgerLine[]
  readonly schedules: readonly Schedule[]
}

export function Calendar({ lines, schedules }: CalendarProps) {
  const now = serverNow()
  const today = new Date(now)
  const [month, setMonth] = useState(() => new Date(today.getFullYear(), today.getMonth(), 1))
  const move = (by: number): void => setMonth(new Date(month.getFullYear(), month.getMonth() + by, 1))
  const end = new Date(month.getFullYear(), month.getMonth() + 1, 1)
  const entries = [
    ...entriesBetween(lines, month.getTime(), end.getTime(), now),
    ...timesBetween(schedules, month.getTime(), end.getTime()),
  ]
  const byDay = Map.groupBy(entries, ({ at }) => new Date(at).getDate())
  const isToday = (day: number): boolean =>
    new Date(month.getFullYear(), month.getMonth(), day).toDateString() === today.toDateString()
  return (
    <section class="calendar">
      <header>
        <h2 aria-live="polite">{monthName.format(month)}</h2>
        <button type="button" onClick={() => move(-1)}>
          Earlier
        </button>
        <button type="button" onClick={() => setMonth(new Date(today.getFullYear(), today.getMonth(), 1))}>
          This month
        </button>
        <button type="button" onClick={() => move(1)}>
          Later
        </button>
      </header>
      <table>
        <caption class="aside">What was observed, what ends and what is due in {monthName.format(month)}</caption>
        <thead>
          <tr>
            {week.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month.getFullYear(), month.getMonth()).map((days, at) => (
            <tr key={at}>
              {days.map((day, nth) => (
                <td
                  key={nth}
                  class={`${day === null ? 'is-out' : ''}${day !== null && byDay.has(day) ? ' has-entries' : ''}${day !== null && isToday(day) ? ' is-today' : ''}`}
                >
                  {day !== null && (
                    <>
                      <span class="day" aria-current={isToday(day) ? 'date' : undefined}>
                        <span class="short">{day}</span>
                        <span class="long" aria-hidden="true">
                          {dayName.format(new Date(month.getFullYear(), month.getMonth(), day))}
                        </span>
                      </span>
                      {(byDay.get(day) ?? []).map((entry) => (
                        <Entry key={`${entry.kind} ${entry.name} ${entry.at}`} entry={entry} />
                      ))}
                    </>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {entries.length === 0 && (
        <p class="hint">Nothing was observed in this month, and nothing ends or is due in it.</p>
      )}
    </section>
  )
}

function Entry({ entry }: { readonly entry: DayEntry }) {
  return (
    <Link to={entry.kind in endings ? recordPath(entry) : '/records/schedules'} class={`entry is-${entry.kind}`}>
      {visible(entry.name)} <span>{kindWords[entry.kind]}</span>
    </Link>
  )
}
