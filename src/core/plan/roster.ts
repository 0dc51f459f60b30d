/** Reads `roster:` of the front matter: who is on call, from shifts, names, iCalendar files or a service that knows. */
import { readCalendar } from '../calendar/calendar-file.ts'
import { sha256Hex } from '../log/canonical.ts'
import { readAskedRoster } from './asked-roster.ts'
import { type CalendarText, isCalendarName, isCalendarPath } from './calendars.ts'
import type { CalendarSource, Closure } from './plan.ts'
import {
  type RosterLevel,
  type RosterLevelPlan,
  rosterLevels,
  type RosterPlan,
  type RosterShift,
} from './plan-roster.ts'
import { Settings, shown } from './settings.ts'
import { parseZone } from './windows.ts'
import type { Value } from './yaml.ts'

const example = 'roster: { zone: Europe/Berlin, primary: on-call.ics, secondary: [bo], escalation: [dora] }'
const shiftExample = 'primary: [{ person: ana, from: 2026-11-16T08:00Z, until: 2026-11-23T08:00Z }]'
const calendarExample = 'primary: on-call/primary.ics'

/** null = the front matter says none. */
export function readRoster(
  from: Settings,
  texts: readonly CalendarText[],
  secrets: readonly string[],
): RosterPlan | null {
  if (!from.has('roster')) return null
  const settings = from.group('roster')
  if (!settings) return null
  if (settings.has('kind')) return readAskedRoster(settings, secrets)
  const zone = settings.parse('zone', parseZone) ?? 'UTC'
  const calendars: CalendarSource[] = []
  const levels: Partial<Record<RosterLevel, RosterLevelPlan>> = {}
  for (const level of rosterLevels) {
    const entry = settings.take(level)
    if (entry) levels[level] = readLevel(level, entry.value, { settings, texts, calendars })
  }
  settings.finish(example)
  if (Object.keys(levels).length === 0) settings.missing('primary', 'primary: who is called first', example)
  return { zone, levels, calendars }
}

interface Reading {
  readonly settings: Settings
  readonly texts: readonly CalendarText[]
  /** Grows with each file. */
  readonly calendars: CalendarSource[]
}

function readLevel(level: RosterLevel, value: Value, reading: Reading): RosterLevelPlan {
  const items = value.kind === 'list' ? value.items : [value]
  const parts = items.map((item): RosterLevelPlan => {
    if (item.kind === 'scalar' && isCalendarName(item.text)) return { shifts: [], events: eventsOf(item, reading) }
    return { shifts: shiftOf(level, item, reading.settings), events: [] }
  })
  return { shifts: parts.flatMap(({ shifts }) => shifts), events: parts.flatMap(({ events }) => events) }
}

function shiftOf(level: RosterLevel, item: Value, from: Settings): readonly RosterShift[] {
  if (item.kind === 'scalar' && item.text !== '') return [{ person: item.text, from: null, until: null }]
  if (item.kind !== 'map') {
    from.error('bad-value', item.place, {
      found: `${shown(item)} for "${level}" of the roster`,
      expected: 'people, shifts, or an iCalendar file',
      example: shiftExample,
    })
    return []
  }
  const settings = new Settings(`a shift of "${level}"`, item.place, item.entries, from.problems)
  const person = settings.text('person') ?? settings.missing('person', 'person: who is on call', shiftExample)
  const untilPlace = settings.placeOf('until')
  const begins = momentOf(settings, 'from')
  const ends = momentOf(settings, 'until')
  settings.finish(shiftExample)
  if (begins !== null && ends !== null && ends <= begins)
    settings.error('bad-value', untilPlace, {
      found: 'a shift that ends before it begins',
      expected: '"until" after "from"',
      example: shiftExample,
    })
  return person === null ? [] : [{ person, from: begins, until: ends }]
}

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/

/** Only with its zone: in a shift that begins an hour late nobody is on call. */
function momentOf(settings: Settings, name: string): number | null {
  return settings.parse(name, (text) => {
    const value = moment.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isFinite(value)) return { ok: true, value }
    return { ok: false, expected: 'a time with its zone', example: '2026-11-16T08:00Z' }
  })
}

function eventsOf(
  item: Extract<Value, { kind: 'scalar' }>,
  { settings, texts, calendars }: Reading,
): readonly Closure[] {
  const file = item.text
  const found = isCalendarPath(file) ? texts.find((each) => each.file === file) : undefined
  if (found === undefined) {
    settings.error('unknown-calendar', item.place, {
      found: `the calendar "${file}"${isCalendarPath(file) ? ', which is not there' : ''}`,
      expected: 'an iCalendar file beside the checklist, or in a folder below it, that came along with it',
      example: calendarExample,
    })
    return []
  }
  const answer = readCalendar(found.text, false)
  if (answer.ok) {
    if (!calendars.some((each) => each.file === file)) calendars.push({ file, sha256: sha256Hex(found.text) })
    return answer.closures
  }
  const { line, ...remark } = answer.problem
  settings.error('bad-calendar', { file, line, column: 1 }, remark)
  return []
}
