/** The events of an iCalendar file (RFC 5545) as closures. Strict: what is not understood is refused with its line. */
import type { Closure } from '../plan/plan.ts'
import { durationOf, momentOf, momentsOf, type Moment, wallIn } from './calendar-values.ts'
import { writeWall } from './closure.ts'
import {
  CalendarFault,
  type CalendarProblem,
  contentLines,
  type ContentLine,
  fault,
  shortened,
} from './content-lines.ts'
import { repeatOf } from './repeat-rule.ts'
import { instantsOf } from './wall-clock.ts'

const mostEvents = 2000
const dayMs = 86_400_000

export type ReadCalendar =
  | { readonly ok: true; readonly closures: readonly Closure[] }
  | { readonly ok: false; readonly problem: CalendarProblem }

/** Every event closes, also one that a calendar shows as free time. `eves` = whole days close the day before, too. */
export function readCalendar(text: string, eves: boolean): ReadCalendar {
  try {
    const events = eventsIn(contentLines(text))
    return { ok: true, closures: events.flatMap((event) => closureOf(event, eves)) }
  } catch (cause) {
    if (cause instanceof CalendarFault) return { ok: false, problem: cause.problem }
    throw cause
  }
}

interface Event {
  /** Of its BEGIN. */
  readonly line: number
  readonly lines: ContentLine[]
}

/** Lines of events without those of what stands in them, such as alarms; zones and tasks are passed over. */
function eventsIn(lines: readonly ContentLine[]): readonly Event[] {
  const open: string[] = []
  const events: Event[] = []
  for (const line of lines) {
    const part = line.value.trim().toUpperCase()
    if (open.length === 0 && !(line.name === 'BEGIN' && part === 'VCALENDAR'))
      throw fault(line.line, `"${shortened(`${line.name}:${line.value}`)}"`, 'BEGIN:VCALENDAR first', 'BEGIN:VCALENDAR')
    if (line.name === 'BEGIN') {
      open.push(part)
      if (open.join('/') === 'VCALENDAR/VEVENT') events.push({ line: line.line, lines: [] })
    } else if (line.name === 'END') {
      const begun = open.pop()
      if (begun !== part) throw fault(line.line, `END:${shortened(part)}`, `END:${begun}`, `END:${begun}`)
    } else if (open.join('/') === 'VCALENDAR/VEVENT') events.at(-1)?.lines.push(line)
  }
  const last = lines.at(-1)?.line ?? 1
  const left = open.at(-1)
  if (left !== undefined) throw fault(last, 'the end of the file', `END:${left}`, `END:${left}`)
  if (events.length === 0) throw fault(last, 'a calendar without events', 'at least one VEVENT', 'BEGIN:VEVENT')
  if (events.length > mostEvents)
    throw fault(
      events[mostEvents]?.line ?? last,
      `${events.length} events`,
      `at most ${mostEvents}`,
      'a calendar for each region',
    )
  return events
}

const notUnderstood = ['RDATE', 'EXRULE', 'RECURRENCE-ID']

/** None for an event that was cancelled. */
function closureOf(event: Event, eves: boolean): readonly Closure[] {
  const odd = event.lines.find(({ name }) => notUnderstood.includes(name))
  if (odd)
    throw fault(
      odd.line,
      `${odd.name} in an event`,
      'an event of its own for what differs',
      'DTSTART;VALUE=DATE:20261225',
    )
  const one = (name: string): ContentLine | undefined => onlyLine(event, name)
  if (one('STATUS')?.value.trim().toUpperCase() === 'CANCELLED') return []
  const begins = one('DTSTART')
  if (begins === undefined)
    throw fault(event.line, 'an event without DTSTART', 'the day or the time it begins', 'DTSTART;VALUE=DATE:20261225')
  const start = momentOf(begins)
  const once: Closure = {
    title: titleOf(one('SUMMARY')),
    zone: start.zone,
    start: writeWall(start.wall),
    lengthMs: lengthOf(start, begins, one('DTEND'), one('DURATION')),
    wholeDays: start.isDate,
    eve: eves && start.isDate,
    every: null,
    except: event.lines.filter(({ name }) => name === 'EXDATE').flatMap((line) => exceptions(line, start)),
  }
  const rule = one('RRULE')
  return [rule === undefined ? once : { ...once, every: repeatOf(rule, start, once) }]
}

function onlyLine(event: Event, name: string): ContentLine | undefined {
  const [first, second] = event.lines.filter((line) => line.name === name)
  if (second) throw fault(second.line, `a second ${name} in an event`, `${name} once`, `${name}:${first?.value ?? ''}`)
  return first
}

const escapes: Readonly<Record<string, string>> = { n: ' ', N: ' ' }

function titleOf(line: ContentLine | undefined): string {
  const title = (line?.value ?? '').replaceAll(/\\(.)/g, (_, mark: string) => escapes[mark] ?? mark).trim()
  return title === '' ? 'an event' : shortened(title)
}

function lengthOf(
  start: Moment,
  begins: ContentLine,
  ends: ContentLine | undefined,
  lasts: ContentLine | undefined,
): number {
  if (ends && lasts) throw fault(lasts.line, 'DTEND and DURATION in one event', 'one of both', 'DURATION:PT8H')
  if (lasts) return wholeIfDate(durationOf(lasts), start, lasts)
  if (ends) return lengthTo(start, ends)
  if (start.isDate) return dayMs
  throw fault(begins.line, 'an event that begins at a time and never ends', 'DTEND or DURATION', 'DURATION:PT8H')
}

function wholeIfDate(length: number, { isDate }: Moment, line: ContentLine): number {
  if (!isDate || length % dayMs === 0) return length
  throw fault(line.line, `"${line.value}" for an event of whole days`, 'whole days or weeks', 'DURATION:P2D')
}

function lengthTo(start: Moment, ends: ContentLine): number {
  const end = momentOf(ends)
  if (end.isDate !== start.isDate || (end.zone === null) !== (start.zone === null))
    throw fault(
      ends.line,
      `"${ends.value}" for DTEND`,
      'the same form as DTSTART: a date, a time, or a time in a zone',
      'DTEND;VALUE=DATE:20261226',
    )
  const length = wallIn(start.zone, end, ({ zone, wall }) => instantsOf(zone ?? 'UTC', wall).last) - start.wall
  if (length > 0) return length
  throw fault(ends.line, `"${ends.value}" for DTEND`, 'an end after the beginning', 'DTEND;VALUE=DATE:20261226')
}

function exceptions(line: ContentLine, start: Moment): readonly string[] {
  return momentsOf(line).map((moment) => {
    if (moment.isDate !== start.isDate || (moment.zone === null) !== (start.zone === null))
      throw fault(
        line.line,
        `"${shortened(line.value)}" for EXDATE`,
        'the same form as DTSTART',
        'EXDATE;VALUE=DATE:20261225',
      )
    return writeWall(wallIn(start.zone, moment, ({ zone, wall }) => instantsOf(zone ?? 'UTC', wall).first))
  })
}
