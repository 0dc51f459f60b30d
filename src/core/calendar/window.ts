/** Windows of time in which something may begin. Time zones by Intl, which is a table and not a clock. */
import type { WindowPlan, WindowRule } from '../plan/plan-windows.ts'
import type { Instant } from '../units.ts'
import { spansOf, weekdayOf, type Span } from './closure.ts'
import { wallTimeAt, type WallTime } from './wall-clock.ts'
import { dateOf, midnightOf, workingDayBefore } from './working-day.ts'

interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** 1 = Monday to 7 = Sunday. */
  readonly weekday: number
  readonly minute: number
}

/** The wall-clock reading in a zone such as `Europe/Berlin`. */
export function localTime(zone: string, at: Instant): LocalTime {
  return localOf(wallTimeAt(zone, at))
}

function localOf(wall: WallTime): LocalTime {
  return { date: dateOf(wall), weekday: weekdayOf(wall), minute: Math.floor((wall - midnightOf(wall)) / minuteMs) }
}

/** Open when some allow rule holds (or there is none), no deny rule does and no event of a calendar is on: a freeze wins. */
export function isWindowOpen(window: WindowPlan, at: Instant): boolean {
  return doRulesAllow(window, at) && closedBetween(window, at, at).length === 0
}

/** Title of an event of a calendar that is on and keeps the window closed; null = none is. */
export function eventOn(window: WindowPlan, at: Instant): string | null {
  return closedBetween(window, at, at)[0]?.closure.title ?? null
}

/** A denial that says of itself that no override opens it is on. */
export function isDeniedForAll(window: WindowPlan, at: Instant): boolean {
  const local = localTime(window.zone, at)
  return window.deny.some((rule) => rule.absolute === true && holds(rule, local))
}

/** The first instant at or after `at` at which no such denial is on; undefined = not within a year. */
export function freeOfDenialsForAllAt(window: WindowPlan, at: Instant): Instant | undefined {
  for (const look of looksFrom(window, [], at)) if (!isDeniedForAll(window, look)) return look
  return undefined
}

/** The denial that is on: an event of a calendar, or a rule of `deny`; null = at most no `allow` rule holds. */
export function denialAt(window: WindowPlan, at: Instant): Span | WindowRule | null {
  const local = localTime(window.zone, at)
  return closedBetween(window, at, at)[0] ?? window.deny.find((rule) => holds(rule, local)) ?? null
}

/** Events of the window's calendars that are on at some time from `from` to `to`, with the eve where it counts, the soonest first. */
export function closuresBetween(window: WindowPlan, from: Instant, to: Instant): readonly Span[] {
  return closedBetween(window, from, to).toSorted((one, other) => one.from - other.from)
}

/** Events of the window's calendars that are on at some time from `from` to `to`. */
function closedBetween(window: WindowPlan, from: Instant, to: Instant): readonly Span[] {
  const { closures = [], zone } = window
  if (closures.length === 0) return []
  return window.eves === 'working-day'
    ? spansOf(closures, zone, from, to, (day) => workingDayBefore(window, day))
    : spansOf(closures, zone, from, to)
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
const hourMs = 60 * minuteMs
const horizonMs = 366 * 24 * hourMs

/** The first instant at or after `at` when the window is open; undefined = not within a year. */
export function windowOpensAt(window: WindowPlan, at: Instant): Instant | undefined {
  return firstLook(window, at, true)
}

/** The first instant at or after `at` when the window is closed; undefined = not within a year. */
export function windowClosesAt(window: WindowPlan, at: Instant): Instant | undefined {
  return firstLook(window, at, false)
}

function firstLook(window: WindowPlan, at: Instant, wanted: boolean): Instant | undefined {
  const spans = closedBetween(window, at, at + horizonMs)
  const isOpen = (look: Instant): boolean =>
    doRulesAllow(window, look) && !spans.some(({ from, to }) => from <= look && look < to)
  for (const look of looksFrom(window, spans, at)) if (isOpen(look) === wanted) return look
  return undefined
}

/** Whether the window stays open from `from` to `to`, both included. */
export function isOpenThroughout(window: WindowPlan, from: Instant, to: Instant): boolean {
  if (closedBetween(window, from, to).length > 0) return false
  for (const look of looksFrom(window, [], from)) {
    if (look > to) return true
    if (!doRulesAllow(window, look)) return false
  }
  return true
}

/** The first instant from `from` to `to`, both included, at which something is denied: a rule, or an event of a calendar. */
export function deniedAt(window: WindowPlan, from: Instant, to: Instant): Instant | undefined {
  const spans = closedBetween(window, from, to)
  for (const look of looksFrom(window, spans, from)) {
    if (look > to) return undefined
    const local = localTime(window.zone, look)
    if (spans.some((span) => span.from <= look && look < span.to)) return look
    if (window.deny.some((rule) => holds(rule, local))) return look
  }
  return undefined
}

/**
 * `at`, and in order every instant within a year after it at which a rule or an event may begin or end to hold. Where
 * clocks are set on the way, every minute: no jump hides an opening, however short.
 */
function* looksFrom(window: WindowPlan, spans: readonly Span[], at: Instant): Generator<Instant> {
  yield at
  const edges = edgesOf(window)
  const events = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].toSorted((one, other) => one - other)
  let look = Math.floor(at / minuteMs) * minuteMs
  let nextEvent = events.findIndex((each) => each > at)
  while (look - at < horizonMs) {
    const edge = nextEdge(window.zone, edges, look)
    for (; nextEvent >= 0 && nextEvent < events.length && (events[nextEvent] ?? Infinity) < edge; nextEvent += 1)
      yield events[nextEvent] ?? edge
    look = edge
    yield look
  }
}

function edgesOf(window: WindowPlan): readonly number[] {
  const edges = [...window.allow, ...window.deny].flatMap((rule) => [rule.fromMinute ?? 0, rule.toMinute ?? 0])
  return [...new Set([...edges, 24 * 60])].sort((a, b) => a - b)
}

/** The next edge of the day by the wall clock; while clocks are being set, an hour or a minute on. */
function nextEdge(zone: string, edges: readonly number[], look: Instant): Instant {
  const wall = wallTimeAt(zone, look)
  const { minute } = localOf(wall)
  const stepMs = ((edges.find((each) => each > minute) ?? 24 * 60) - minute) * minuteMs
  const isSteady = (ms: number): boolean => wallTimeAt(zone, look + ms) - wall === ms
  if (isSteady(stepMs)) return look + stepMs
  return look + (stepMs > hourMs && isSteady(hourMs) ? hourMs : minuteMs)
}
