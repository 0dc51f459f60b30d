/** Values of iCalendar lines: dates, times with their zones, durations. */
import type { Instant, Millis } from '../units.ts'
import { type ContentLine, fault, shortened } from './content-lines.ts'
import { wallTimeAt, type WallTime } from './wall-clock.ts'

/** A date is midnight. `zone`: null = a date, or a time of no zone. */
export interface Moment {
  readonly wall: WallTime
  readonly isDate: boolean
  readonly zone: string | null
}

/** Throws CalendarFault. A line such as `EXDATE` may have several values. */
export function momentsOf(line: ContentLine): readonly Moment[] {
  return line.value.split(',').map((value) => momentIn(line, value.trim()))
}

export function momentOf(line: ContentLine): Moment {
  return momentIn(line, line.value.trim())
}

function momentIn(line: ContentLine, value: string): Moment {
  const kind = line.parameters.get('VALUE')?.toUpperCase() ?? 'DATE-TIME'
  const isDate = kind === 'DATE'
  const found = readMoment(value)
  if (found === null || found.isDate !== isDate || (isDate && line.parameters.has('TZID')))
    throw fault(
      line.line,
      `"${shortened(value)}" for ${line.name}`,
      isDate ? 'a date that exists' : 'a date and a time that exist, or VALUE=DATE and a date',
      isDate ? `${line.name};VALUE=DATE:20261225` : `${line.name};TZID=Europe/Berlin:20261224T140000`,
    )
  if (found.zone !== null && line.parameters.has('TZID'))
    throw fault(line.line, `${line.name} with TZID and a "Z"`, 'one of both', `${line.name}:20261224T130000Z`)
  return { ...found, zone: found.zone ?? zoneOf(line) }
}

/** `20261224`, `20261224T140000` or `20261224T140000Z`; null = none of these, or no such day. */
export function readMoment(value: string): Moment | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/.exec(value)
  if (parts === null) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', utc = ''] = parts
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // 30 February is read as a day of March.
  if (Number.isNaN(wall) || new Date(wall).getUTCDate() !== Number(day)) return null
  return { wall, isDate: parts[4] === undefined, zone: utc === 'Z' ? 'UTC' : null }
}

function zoneOf(line: ContentLine): string | null {
  const zone = line.parameters.get('TZID')
  if (zone === undefined) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    throw fault(
      line.line,
      `the zone "${shortened(zone)}"`,
      'a time zone of the IANA database',
      `${line.name};TZID=Europe/Berlin:20261224T140000`,
    )
  }
}

/** The reading that a moment of another zone has on the clock of `zone`; a time of no zone reads the same everywhere. */
export function wallIn(zone: string | null, moment: Moment, instant: (moment: Moment) => Instant): WallTime {
  return zone === null || moment.zone === null || moment.zone === zone ? moment.wall : wallTimeAt(zone, instant(moment))
}

/** Throws CalendarFault. Weeks, days, hours, minutes and seconds; never negative, never nothing. */
export function durationOf(line: ContentLine): Millis {
  const parts = /^\+?P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?)$/.exec(
    line.value,
  )
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (parts ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0))
  const length = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
  if (length > 0) return length
  throw fault(
    line.line,
    `"${shortened(line.value)}" for DURATION`,
    'weeks, or days, hours, minutes and seconds',
    'DURATION:PT8H',
  )
}
