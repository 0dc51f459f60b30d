/** `schedule:` in the front matter: a checklist that comes again and again. */
import type { Rhythm } from '../schedule/rhythm.ts'
import type { SchedulePlan } from '../schedule/schedule.ts'
import type { CalendarUnit } from '../records/age.ts'
import type { Millis } from '../units.ts'
import { parseDuration } from './duration.ts'
import { nearest } from './nearest.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import { readScheduledStart } from './scheduled-start.ts'
import type { Settings } from './settings.ts'
import { parseZone } from './windows.ts'
import type { FilePlace } from './yaml.ts'

const example =
  'schedule: { every: first monday of quarter 10:00, zone: Europe/Berlin, record: restore-test, remind: [7d, 1d], to: ops }'

const dayMs = 86_400_000
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const counts: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3, fourth: 4, last: -1 }
const defaultMinute = 9 * 60

/** The shortest that each can be: reminders have to fit between one time and the next. */
const shortestMs: Readonly<Record<CalendarUnit, Millis>> = {
  day: 0.95 * dayMs,
  week: 6.9 * dayMs,
  month: 27 * dayMs,
  quarter: 83 * dayMs,
  year: 358 * dayMs,
}
/** Unless `due-within` says otherwise. */
const usualMs: Readonly<Record<CalendarUnit, Millis>> = {
  day: 0.5 * dayMs,
  week: 2 * dayMs,
  month: 7 * dayMs,
  quarter: 14 * dayMs,
  year: 30 * dayMs,
}

/** null = the checklist has none. */
export function readSchedule(front: Settings, channels: readonly string[]): SchedulePlan | null {
  const settings = front.group('schedule')
  if (settings === null) return null
  const words = settings.peek('every')?.value
  const every = settings.has('every')
    ? settings.parse('every', parseRhythm)
    : settings.missing('every', 'every: how often, such as month or first monday of quarter 10:00', example)
  const record = settings.text('record')
  if (record === null)
    settings.missing('record', 'record: the name of the record that says it was done', 'record: restore-test')
  const period = every?.period ?? 'month'
  const zone = settings.parse('zone', parseZone) ?? 'UTC'
  const dueWithinMs = settings.duration('due-within') ?? usualMs[period]
  const remindMs = readReminders(settings, period)
  const to = readChannels(settings, channels)
  const escalate = readEscalation(settings, channels)
  const owner = settings.text('owner')
  const start = readScheduledStart(settings, dueWithinMs)
  settings.finish(example)
  if (every === null || record === null) return null
  const written = words?.kind === 'scalar' ? words.text.trim().replace(/\s+/g, ' ') : period
  return {
    every,
    words: written,
    zone,
    dueWithinMs,
    remindMs,
    to,
    escalate,
    owner,
    record,
    ...(start !== null && { start }),
  }
}

const rhythm =
  /^(?:(first|second|third|fourth|last) )?(day|week|month|quarter|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?: of (week|month|quarter|year))?(?: ([01]?\d|2[0-3]):([0-5]\d))?$/

/** `day`, `month`, `monday 10:00`, `first monday of quarter 10:00`, `last day of month`; without a time 09:00. */
export function parseRhythm(text: string): Parsed<Rhythm> {
  const wrong = unparsed(
    'day, week, month, quarter or year, or a day such as "monday 10:00", "first monday of quarter 10:00" or "last day of month"',
    'first monday of quarter 10:00',
  )
  const [whole, count, what = '', of, hour, minute] = rhythm.exec(text.trim().toLowerCase().replace(/\s+/g, ' ')) ?? []
  if (whole === undefined) return wrong
  const at = hour === undefined ? defaultMinute : Number(hour) * 60 + Number(minute)
  const weekday = weekdays.indexOf(what) + 1
  if (weekday > 0) {
    // `monday` is every week's; `first monday` is every month's.
    const period = of ?? (count === undefined ? 'week' : 'month')
    if (period === 'week' ? count !== undefined : count === undefined) return wrong
    return parsed({ period: period as CalendarUnit, nth: counts[count ?? 'first'] ?? 1, weekday, minute: at })
  }
  if (what === 'day' && count !== undefined)
    return parsed({ period: (of ?? 'month') as CalendarUnit, nth: counts[count] ?? 1, weekday: null, minute: at })
  if (count !== undefined || of !== undefined) return wrong
  return parsed({ period: what as CalendarUnit, nth: 1, weekday: null, minute: at })
}

/** The longest first. */
function readReminders(settings: Settings, period: CalendarUnit): readonly Millis[] {
  const place = settings.placeOf('remind')
  const given = (settings.names('remind') ?? []).map((text) => [text, parseDuration(text)] as const)
  for (const [text, found] of given) {
    if (found.ok && found.value > 0 && found.value < shortestMs[period]) continue
    settings.error('bad-value', place, {
      found: `"${text}" for "remind" in ${settings.what}`,
      expected: `durations before its time, shorter than a ${period}`,
      example: period === 'day' ? 'remind: [2h]' : 'remind: [2d, 4h]',
    })
  }
  const good = given.flatMap(([, found]) => (found.ok ? [found.value] : []))
  return [...new Set(good)].toSorted((one, other) => other - one)
}

function readChannels(settings: Settings, known: readonly string[]): readonly string[] {
  const place = settings.placeOf('to')
  const names = settings.names('to') ?? ['console']
  for (const name of names) checkChannel(name, place, settings, known)
  return names
}

function checkChannel(name: string, place: FilePlace, settings: Settings, known: readonly string[]): void {
  if (name === 'console' || known.includes(name)) return
  settings.error('unknown-channel', place, {
    found: `unknown channel "${name}" in ${settings.what}`,
    expected: known.length === 0 ? 'a channel declared in the front matter, or console' : nearest(name, known),
    example: 'channels: { ops: { kind: webhook, url: https://chat.example/hook } }',
  })
}

function readEscalation(settings: Settings, known: readonly string[]): SchedulePlan['escalate'] {
  const inner = settings.group('escalate')
  if (inner === null) return null
  const afterMs = inner.duration('after') ?? 0
  const to = inner.has('to')
    ? readChannels(inner, known)
    : (inner.missing('to', 'to: who hears of it then', 'escalate: { after: 2d, to: leads }') ?? [])
  inner.finish('escalate: { after: 2d, to: leads }')
  return { afterMs, to }
}
