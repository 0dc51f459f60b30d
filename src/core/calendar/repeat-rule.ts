/** RRULE of iCalendar: yearly and weekly, with INTERVAL, COUNT, UNTIL and BYDAY. Anything else is refused, never guessed. */
import type { Closure, ClosureRepeat } from '../plan/plan.ts'
import { type Moment, readMoment, wallIn } from './calendar-values.ts'
import { occurrencesFrom, readWall, weekdayOf, writeWall } from './closure.ts'
import { type CalendarFault, type ContentLine, fault, shortened } from './content-lines.ts'
import { instantsOf } from './wall-clock.ts'

const dayNames = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const mostTimes = 10_000
const example = 'RRULE:FREQ=YEARLY;UNTIL=20301225'

/** Throws CalendarFault. `closure` = the event without its rule. */
export function repeatOf(line: ContentLine, start: Moment, closure: Closure): ClosureRepeat {
  const parts = partsOf(line)
  const take = (name: string): string | undefined => {
    const value = parts.get(name)
    parts.delete(name)
    return value
  }
  const frequency = take('FREQ')
  const unit = frequency === 'YEARLY' ? 'year' : frequency === 'WEEKLY' ? 'week' : null
  if (unit === null) throw refused(line, `FREQ=${frequency ?? ''}`, 'FREQ=YEARLY or FREQ=WEEKLY')
  const interval = wholeOf(line, 'INTERVAL', take('INTERVAL') ?? '1', 1000)
  const weekdays = unit === 'week' ? weekdaysOf(line, take('BYDAY'), start) : []
  if (unit === 'year') takeSameDay(line, take, start)
  const weekStart = take('WKST') ?? 'MO'
  if (weekStart !== 'MO' && unit === 'week' && interval > 1)
    throw refused(line, `WKST=${weekStart}`, 'weeks that begin on Monday')
  const count = take('COUNT')
  const until = take('UNTIL')
  const [rest] = parts
  if (rest) throw refused(line, rest.join('='), 'only FREQ, INTERVAL, COUNT, UNTIL and, in weeks, BYDAY')
  if (count !== undefined && until !== undefined) throw refused(line, 'COUNT and UNTIL', 'one of both')
  const forEver: ClosureRepeat = { unit, interval, weekdays, until: null }
  if (until !== undefined) return { ...forEver, until: untilOf(line, until, start) }
  if (count === undefined) return forEver
  return {
    ...forEver,
    until: lastOf({ ...closure, every: forEver, except: [] }, wholeOf(line, 'COUNT', count, mostTimes)),
  }
}

function partsOf(line: ContentLine): Map<string, string> {
  const parts = new Map<string, string>()
  for (const part of line.value.toUpperCase().split(';')) {
    const [name = '', value, more] = part.split('=')
    if (value === undefined || value === '' || more !== undefined || parts.has(name))
      throw refused(line, shortened(part), 'NAME=value between semicolons, each name once')
    parts.set(name, value)
  }
  return parts
}

function wholeOf(line: ContentLine, name: string, text: string, most: number): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= most) return value
  throw refused(line, `${name}=${text}`, `a whole number from 1 to ${most}`)
}

function weekdaysOf(line: ContentLine, text: string | undefined, start: Moment): readonly number[] {
  const first = weekdayOf(start.wall)
  if (text === undefined) return [first]
  const days = text.split(',').map((name) => dayNames.indexOf(name) + 1)
  if (days.includes(0)) throw refused(line, `BYDAY=${text}`, `days such as ${dayNames.join(', ')}`)
  if (!days.includes(first)) throw refused(line, `BYDAY=${text}`, `also ${dayNames[first - 1]}, the day of DTSTART`)
  return [...new Set(days)].sort((one, other) => one - other)
}

/** Some programs repeat in the rule what DTSTART says. */
function takeSameDay(line: ContentLine, take: (name: string) => string | undefined, start: Moment): void {
  const date = new Date(start.wall)
  const same = { BYMONTH: date.getUTCMonth() + 1, BYMONTHDAY: date.getUTCDate() }
  for (const [name, expected] of Object.entries(same)) {
    const value = take(name)
    if (value !== undefined && Number(value) !== expected)
      throw refused(line, `${name}=${value}`, `${name}=${expected}, as in DTSTART`)
  }
}

function untilOf(line: ContentLine, text: string, start: Moment): string {
  const until = readMoment(text)
  const isFit =
    until !== null && (start.isDate ? until.isDate : !until.isDate && (until.zone === null) === (start.zone === null))
  if (!isFit) {
    const expected = start.isDate
      ? 'a date, as in DTSTART'
      : start.zone === null
        ? 'a time without "Z", as in DTSTART'
        : 'a time in UTC'
    throw refused(line, `UNTIL=${text}`, expected)
  }
  return writeWall(wallIn(start.zone, until, ({ zone, wall }) => instantsOf(zone ?? 'UTC', wall).last))
}

function lastOf(closure: Closure, count: number): string {
  let last = closure.start
  let left = count
  for (const wall of occurrencesFrom(closure, readWall(closure.start))) {
    last = writeWall(wall)
    left -= 1
    if (left === 0) break
  }
  return last
}

function refused(line: ContentLine, found: string, expected: string): CalendarFault {
  return fault(line.line, `${found} in an RRULE`, expected, example)
}
