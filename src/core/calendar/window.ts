/** Windows of time in which something may begin. Time zones by Intl, which is a table and not a clock. */
import type { WindowPlan, WindowRule } from '../plan/plan.ts'
import type { Instant } from '../units.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** 1 = Monday to 7 = Sunday. */
  readonly weekday: number
  readonly minute: number
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** The wall-clock reading in a zone such as `Europe/Berlin`. */
export function localTime(zone: string, at: Instant): LocalTime {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  )
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: weekdays.indexOf(parts['weekday'] ?? '') + 1,
    minute: (Number(parts['hour']) % 24) * 60 + Number(parts['minute']),
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}

/** Open when some allow rule holds (or there is none) and no deny rule does: a freeze wins. */
export function isWindowOpen(window: WindowPlan, at: Instant): boolean {
  const local = localTime(window.zone, at)
  if (window.deny.some((rule) => holds(rule, local))) return false
  return window.allow.length === 0 || window.allow.some((rule) => holds(rule, local))
}

function holds(rule: WindowRule, local: LocalTime): boolean {
  if (rule.weekdays !== null && !rule.weekdays.includes(local.weekday)) return false
  if (rule.dates !== null && !rule.dates.includes(local.date)) return false
  return isBetween(rule.fromMinute, rule.toMinute, local.minute)
}

/** `from` inclusive, `to` exclusive; a rule whose end lies before its start spans midnight. */
function isBetween(from: number | null, to: number | null, minute: number): boolean {
  const start = from ?? 0
  const end = to ?? 24 * 60
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end
}

const minuteMs = 60_000
const horizonMinutes = 366 * 24 * 60

/** The first instant at or after `at` when the window is open, looked for minute by minute; undefined = not within a year. */
export function windowOpensAt(window: WindowPlan, at: Instant): Instant | undefined {
  if (isWindowOpen(window, at)) return at
  const start = Math.ceil(at / minuteMs) * minuteMs
  for (let step = 0; step < horizonMinutes; step += 1) {
    const candidate = start + step * minuteMs
    if (isWindowOpen(window, candidate)) return candidate
  }
  return undefined
}
