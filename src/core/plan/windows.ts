/** Windows in front matter: when something may begin, and when never. Holidays and their eves become dates. */
import { parsed, unparsed, type Parsed } from './parsed.ts'
import { type CalendarText, closuresOf, isCalendarName, type NamedCalendar } from './calendars.ts'
import type { WindowPlan, WindowRule } from './plan.ts'
import { Settings, shown } from './settings.ts'
import type { FilePlace, Value } from './yaml.ts'

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const example =
  'windows: { office: { zone: Europe/Berlin, allow: [{ weekdays: mon-thu, from: "09:00", to: "16:00" }] } }'

export function readWindow(
  name: string,
  value: Value,
  from: Settings,
  calendars: readonly CalendarText[],
): WindowPlan | null {
  if (value.kind !== 'map') {
    from.error('bad-value', value.place, {
      found: `${shown(value)} for the window "${name}"`,
      expected: 'a mapping with zone, allow and deny',
      example,
    })
    return null
  }
  const settings = new Settings(`the window "${name}"`, value.place, value.entries, from.problems)
  const zone = settings.parse('zone', parseZone) ?? 'UTC'
  const allow = readRules(settings, 'allow')
  const deny = readRules(settings, 'deny')
  const { dates: holidays, files } = readHolidays(settings)
  const eves = settings.flag('eves')
  const dates = [...new Set(holidays.flatMap((date) => datesOf(date, eves, settings)))].sort()
  settings.finish(example)
  const closed: readonly WindowRule[] =
    dates.length === 0 ? [] : [{ weekdays: null, fromMinute: null, toMinute: null, dates }]
  const plan = { zone, allow, deny: [...deny, ...closed] }
  return files.length === 0 ? plan : { ...plan, ...closuresOf(files, calendars, eves, settings) }
}

/** Days, and names of calendar files. */
function readHolidays(settings: Settings): {
  readonly dates: readonly string[]
  readonly files: readonly NamedCalendar[]
} {
  const entry = settings.peek('holidays')
  const names = [...new Set(settings.names('holidays') ?? [])]
  const items = entry?.value.kind === 'list' ? entry.value.items : []
  const placeOf = (name: string): FilePlace =>
    (items.find((item) => item.kind === 'scalar' && item.text === name) ?? entry?.value)?.place ?? settings.place
  return {
    dates: names.filter((name) => !isCalendarName(name)),
    files: names.filter(isCalendarName).map((file) => ({ file, place: placeOf(file) })),
  }
}

export function parseZone(text: string): Parsed<string> {
  try {
    return parsed(new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone)
  } catch {
    return unparsed('a time zone of the IANA database', 'Europe/Berlin')
  }
}

function readRules(settings: Settings, key: string): readonly WindowRule[] {
  const entry = settings.take(key)
  if (!entry) return []
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  return items.flatMap((item) => {
    if (item.kind === 'map')
      return [readRule(new Settings(`"${key}" of ${settings.what}`, item.place, item.entries, settings.problems))]
    settings.error('bad-value', item.place, {
      found: `${shown(item)} for "${key}" in ${settings.what}`,
      expected: 'rules with weekdays, from, to or dates',
      example,
    })
    return []
  })
}

function readRule(settings: Settings): WindowRule {
  const isEmpty = !['weekdays', 'from', 'to', 'dates'].some((name) => settings.has(name))
  const rule: WindowRule = {
    weekdays: readWeekdays(settings),
    fromMinute: settings.parse('from', parseMinute),
    toMinute: settings.parse('to', parseMinute),
    dates: settings.names('dates')?.flatMap((date) => datesOf(date, false, settings)) ?? null,
  }
  if (isEmpty) {
    settings.missing('weekdays', 'at least one of weekdays, from, to and dates', example)
  }
  settings.finish(example)
  return rule
}

/** `fri`, `mon-thu`, `mon, wed-fri`, each day once and in order. */
function readWeekdays(settings: Settings): readonly number[] | null {
  const place = settings.placeOf('weekdays')
  const names = settings.names('weekdays')
  if (names === null) return null
  const days = names.map((name) => {
    const [first, last = first] = name
      .toLowerCase()
      .split('-')
      .map((part) => dayNames.indexOf(part.slice(0, 3)) + 1)
    return first === undefined || last === undefined || first < 1 || last < 1 ? null : daysBetween(first, last)
  })
  if (days.includes(null)) {
    settings.error('bad-value', place, {
      found: `"${names.join(', ')}" for "weekdays" in ${settings.what}`,
      expected: `days such as ${dayNames.join(', ')}, or a range`,
      example: 'weekdays: mon-thu',
    })
    return null
  }
  return [...new Set(days.flatMap((each) => each ?? []))].sort((a, b) => a - b)
}

function daysBetween(first: number, last: number): readonly number[] {
  const count = ((last - first + 7) % 7) + 1
  return Array.from({ length: count }, (_, index) => ((first - 1 + index) % 7) + 1)
}

function parseMinute(text: string): Parsed<number> {
  const match = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(text)
  const minute = Number(match?.[1]) * 60 + Number(match?.[2])
  return match && minute <= 24 * 60 ? parsed(minute) : unparsed('a time of day in quotes', '"09:30"')
}

function datesOf(date: string, withEve: boolean, settings: Settings): readonly string[] {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(date)) {
    return withEve ? [new Date(at - 86_400_000).toISOString().slice(0, 10), date] : [date]
  }
  settings.error('bad-value', settings.place, {
    found: `"${date}" in ${settings.what}`,
    expected: 'a date that exists',
    example: '2026-12-24',
  })
  return []
}
