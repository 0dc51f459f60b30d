/** Ages of records as authors write them: `30d`, `1 quarter`, `last 30 days`, `this calendar quarter`, `last calendar quarter`. */
import type { CalendarUnit, RecordAge } from '../records/age.ts'
import type { Millis } from '../units.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'

const DAY_MS = 86_400_000

/** The longest a unit can be: an age of `1 quarter` is 92 days, whichever quarter it is. */
const longestMs: Readonly<Record<CalendarUnit | 'hour', Millis>> = {
  hour: 3_600_000,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
  quarter: 92 * DAY_MS,
  year: 366 * DAY_MS,
}
const mostMs = 3660 * DAY_MS

const sliding = /^(?:last )?(\d{1,4}) (hour|day|week|month|quarter|year)s?$/
const calendar = /^(this|last) calendar (day|week|month|quarter|year)$/

/** `zone` is where the pieces of the calendar begin. */
export function parseRecordAge(text: string, zone: string): Parsed<RecordAge> {
  const written = text.trim().replace(/\s+/g, ' ')
  const wrong = unparsed(
    'an age such as 30d, "last 30 days" or "1 quarter" (92 days), or a piece of the calendar: "this" or "last", then "calendar day", "week", "month", "quarter" or "year"',
    'last calendar quarter',
  )
  const [, count, length] = sliding.exec(written) ?? []
  if (count !== undefined && length !== undefined) {
    const maxAgeMs = Number(count) * longestMs[length as CalendarUnit | 'hour']
    return maxAgeMs > 0 && maxAgeMs <= mostMs ? parsed({ maxAgeMs }) : wrong
  }
  const [, which, unit] = calendar.exec(written) ?? []
  if (which !== undefined && unit !== undefined)
    return parsed(calendarAge(unit as CalendarUnit, which === 'last' ? 1 : 0, zone))
  const duration = parseDuration(written)
  return duration.ok ? parsed({ maxAgeMs: duration.value }) : wrong
}

function calendarAge(unit: CalendarUnit, back: number, zone: string): RecordAge {
  return { maxAgeMs: (back + 1) * longestMs[unit], calendar: { unit, back, zone } }
}

/** `30d`, or `the last calendar quarter (Europe/Berlin)`: for sentences. */
export function recordAgeWords({ maxAgeMs, calendar: piece }: RecordAge): string {
  if (piece === undefined) return formatDuration(maxAgeMs)
  return `${piece.back === 0 ? 'this' : 'the last'} calendar ${piece.unit} (${piece.zone})`
}
