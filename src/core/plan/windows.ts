/** Windows in front matter: when something may begin, and when never. Holidays and their eves become dates. */
import { dateOf as wallDate, workingDayBefore } from '../calendar/working-day.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import { type CalendarText, closuresOf, isCalendarName, type NamedCalendar } from './calendars.ts'
import { nearest } from './nearest.ts'
import { readLowTraffic } from './low-traffic.ts'
import type { WindowPlan, WindowRule } from './plan-windows.ts'
import { Settings, shown } from './settings.ts'
import type { FilePlace, Value } from './yaml.ts'

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const example =
  'windows: { office: { zone: Europe/Berlin, allow: [{ weekdays: mon-thu, from: "09:00", to: "16:00" }] } }'

/** What a window may name. */
export interface WindowNames {
  readonly calendars: readonly CalendarText[]
  readonly roles: readonly string[]
  /** Kind by name. */
  readonly sources: ReadonlyMap<string, string>
}

export function readWindow(
  name: string,
  value: Value,
  from: Settings,
  { calendars, roles, sources }: WindowNames,
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
  const { dates, files } = readHolidays(settings)
  const eves = readEves(settings)
  const workingDays = readDays(settings, 'working-days')
  const override = readOverride(settings, roles)
  const covers = settings.choice('covers', ['entry', 'phase', 'rollout', 'watch', 'release'])
  const lowTraffic = readLowTraffic(settings, sources)
  settings.finish(example)
  const holidays = [...new Set(dates.flatMap((date) => dateOf(date, settings)))].sort()
  const plan: WindowPlan = {
    zone,
    allow,
    deny,
    ...(files.length > 0 && closuresOf(files, calendars, eves !== 'none', settings)),
    ...(eves === 'working-day' && { eves }),
    ...(workingDays !== null && { workingDays }),
    ...(holidays.length > 0 && { holidays }),
    ...(override !== null && { override }),
    ...(covers !== null && { covers }),
    ...(lowTraffic !== null && { lowTraffic }),
  }
  const closed = [...new Set(holidays.flatMap((date) => closedFor(date, eves, plan)))].sort()
  return closed.length === 0
    ? plan
    : { ...plan, deny: [...deny, { weekdays: null, fromMinute: null, toMinute: null, dates: closed }] }
}

type Eves = 'none' | 'day-before' | 'working-day'

function readEves(settings: Settings): Eves {
  const said = settings.parse('eves', (text): Parsed<Eves> => {
    if (text === 'true') return parsed('day-before')
    if (text === 'false') return parsed('none')
    return text === 'working-day' ? parsed(text) : unparsed('true, false or working-day', 'working-day')
  })
  return said ?? 'none'
}

/** Where no roles are declared there is nothing to compare with. */
function readOverride(settings: Settings, roles: readonly string[]): string | null {
  const place = settings.placeOf('override')
  const role = settings.text('override')
  if (role === null || roles.length === 0 || roles.includes(role)) return role
  settings.error('unknown-role', place, {
    found: `unknown role "${role}" for "override" in ${settings.what}`,
    expected: nearest(role, roles),
    example: `override: ${roles[0] ?? ''}`,
  })
  return null
}

const dayMs = 86_400_000

/** The holiday, and every day from its eve on. */
function closedFor(date: string, eves: Eves, plan: WindowPlan): readonly string[] {
  if (eves === 'none') return [date]
  const day = Date.parse(`${date}T00:00:00Z`)
  const eve = eves === 'working-day' ? workingDayBefore(plan, day) : day - dayMs
  return Array.from({ length: (day - eve) / dayMs + 1 }, (_, index) => wallDate(eve + index * dayMs))
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
    weekdays: readDays(settings, 'weekdays'),
    fromMinute: settings.parse('from', parseMinute),
    toMinute: settings.parse('to', parseMinute),
    dates: settings.names('dates')?.flatMap((date) => dateOf(date, settings)) ?? null,
    ...(settings.what.startsWith('"deny"') && settings.flag('absolute') && { absolute: true }),
  }
  if (isEmpty) {
    settings.missing('weekdays', 'at least one of weekdays, from, to and dates', example)
  }
  settings.finish(example)
  return rule
}

/** `fri`, `mon-thu`, `mon, wed-fri`, each day once and in order. */
function readDays(settings: Settings, key: 'weekdays' | 'working-days'): readonly number[] | null {
  const place = settings.placeOf(key)
  const names = settings.names(key)
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
      found: `"${names.join(', ')}" for "${key}" in ${settings.what}`,
      expected: `days such as ${dayNames.join(', ')}, or a range`,
      example: `${key}: mon-thu`,
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

/** None where there is no such day. */
function dateOf(date: string, settings: Settings): readonly string[] {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  if (!Number.isNaN(at) && wallDate(at) === date) return [date]
  settings.error('bad-value', settings.place, {
    found: `"${date}" in ${settings.what}`,
    expected: 'a date that exists',
    example: '2026-12-24',
  })
  return []
}
