/** Windows of time in which something may begin. Time zones by Intl, which is a table and not a clock. */
import type { WindowPlan, WindowRule } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { spansOf, type Span } from './closure.ts'

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

/** Open when some allow rule holds (or there is none), no deny rule does and no event of a calendar is on: a freeze wins. */
export function isWindowOpen(window: WindowPlan, at: Instant): boolean {
  return doRulesAllow(window, at) && closedBetween(window, at, at).length === 0
}

/** Title of an event of a calendar that is on and keeps the window closed; null = none is. */
export function eventOn(window: WindowPlan, at: Instant): string | null {
  return closedBetween(window, at, at)[0]?.closure.title ?? null
}

/** Events of the window's calendars that are on at some time from `from` to `to`. */
function closedBetween({ closures = [], zone }: WindowPlan, from: Instant, to: Instant): readonly Span[] {
  return spansOf(closures, zone, from, to)
}

function doRulesAllow(window: WindowPlan, at: Instant): boolean {
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
const horizonMs = 366 * 24 * 60 * minuteMs

/**
 * The first instant at or after `at` when the window is open; undefined = not within a year.
 * Looks at the next edge of any rule and any event, at least once an hour, and walks back from the first open look: a
 * clock that jumps between two looks hides nothing.
 */
export function windowOpensAt(window: WindowPlan, at: Instant): Instant | undefined {
  const spans = closedBetween(window, at, at + horizonMs)
  const isOpen = (look: Instant): boolean =>
    doRulesAllow(window, look) && !spans.some(({ from, to }) => from <= look && look < to)
  if (isOpen(at)) return at
  const edges = edgesOf(window)
  let closed = Math.floor(at / minuteMs) * minuteMs
  while (closed - at < horizonMs) {
    const minutes = minutesToLook(edges, localTime(window.zone, closed).minute)
    const look = Math.min(closed + minutes * minuteMs, nextEdge(spans, closed))
    if (isOpen(look)) return firstOpen(isOpen, closed, look)
    closed = look
  }
  return undefined
}

/** The first minute after `after` at whose beginning an event has begun or ended. */
function nextEdge(spans: readonly Span[], after: Instant): Instant {
  const edges = spans.flatMap(({ from, to }) => [from, to]).filter((edge) => edge > after)
  return Math.ceil(Math.min(...edges) / minuteMs) * minuteMs
}

/** Whether the window stays open from `from` to `to`; looks at every edge, and at least once an hour. */
export function isOpenThroughout(window: WindowPlan, from: Instant, to: Instant): boolean {
  if (closedBetween(window, from, to).length > 0) return false
  const edges = edgesOf(window)
  let look = from
  while (look <= to) {
    if (!doRulesAllow(window, look)) return false
    const minute = Math.floor(look / minuteMs) * minuteMs
    look = minute + minutesToLook(edges, localTime(window.zone, minute).minute) * minuteMs
  }
  return doRulesAllow(window, to)
}

function edgesOf(window: WindowPlan): readonly number[] {
  const edges = [...window.allow, ...window.deny].flatMap((rule) => [rule.fromMinute ?? 0, rule.toMinute ?? 0])
  return [...new Set([...edges, 24 * 60])].sort((a, b) => a - b)
}

function minutesToLook(edges: readonly number[], minute: number): number {
  const edge = edges.find((each) => each > minute) ?? 24 * 60
  return Math.min(edge - minute, 60)
}

function firstOpen(isOpen: (at: Instant) => boolean, closed: Instant, open: Instant): Instant {
  let first = open
  while (first - minuteMs > closed && isOpen(first - minuteMs)) first -= minuteMs
  return first
}
