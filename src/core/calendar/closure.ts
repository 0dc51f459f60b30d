/** Events of a calendar during which a window is closed, and the spans of time they cover. */
import type { Closure } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { instantsOf, wallTimeAt, type WallTime } from './wall-clock.ts'

/** `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: Instant
  readonly to: Instant
  readonly closure: Closure
}

/** First day that is closed for an event: readings of midnight. */
export type EveOf = (firstDay: WallTime) => WallTime

const dayMs = 86_400_000
/** Clocks that are set, and the eve of an event that lies long before it. */
const marginMs = 62 * dayMs
const dayBefore: EveOf = (day) => day - dayMs
const lastYear = 9999

/** Every span that has something in common with `from` to `to`, both included. `zone` is that of the window. */
export function spansOf(
  closures: readonly Closure[],
  zone: string,
  from: Instant,
  to: Instant,
  eveOf: EveOf = dayBefore,
): readonly Span[] {
  return closures.flatMap((closure) => spansOfOne(closure, closure.zone ?? zone, from, to, eveOf))
}

function spansOfOne(closure: Closure, zone: string, from: Instant, to: Instant, eveOf: EveOf): readonly Span[] {
  const spans: Span[] = []
  const last = wallTimeAt(zone, to) + (closure.eve ? marginMs : 2 * dayMs)
  for (const wall of occurrencesFrom(closure, wallTimeAt(zone, from) - closure.lengthMs - 2 * dayMs)) {
    if (wall > last) break
    const span = spanOf(closure, zone, wall, eveOf)
    if (span.from <= to && span.to > from) spans.push(span)
  }
  return spans
}

/** Where clocks are set during an event, it lasts until the later of the two ends it may have. */
function spanOf(closure: Closure, zone: string, wall: WallTime, eveOf: EveOf): Span {
  const from = instantsOf(zone, closure.eve ? eveOf(wall) : wall).first
  const to = instantsOf(zone, wall + closure.lengthMs).last
  return { from, to: closure.wholeDays ? to : Math.max(to, from + closure.lengthMs), closure }
}

/** Starts of the event at or after a reading of its wall clock, in order; for ever where nothing ends it. */
export function* occurrencesFrom(closure: Closure, from: WallTime): Generator<WallTime> {
  const start = readWall(closure.start)
  const until = closure.every?.until == null ? Infinity : readWall(closure.every.until)
  for (const wall of startsFrom(closure, start, from)) {
    if (wall > until) return
    if (wall >= start && wall >= from && !closure.except.includes(writeWall(wall))) yield wall
  }
}

function* startsFrom({ every }: Closure, start: WallTime, from: WallTime): Generator<WallTime> {
  if (every === null) yield start
  else if (every.unit === 'year') yield* yearly(start, every.interval, from)
  else yield* weekly(start, every.interval, every.weekdays, from)
}

/** A 29 February is only there where the year has one. */
function* yearly(start: WallTime, interval: number, from: WallTime): Generator<WallTime> {
  const first = new Date(start)
  const year = first.getUTCFullYear()
  const skipped = Math.max(0, Math.floor((new Date(from).getUTCFullYear() - year) / interval))
  for (let next = year + skipped * interval; next <= lastYear; next += interval) {
    const date = new Date(start)
    date.setUTCFullYear(next)
    if (date.getUTCMonth() === first.getUTCMonth()) yield date.getTime()
  }
}

/** Weeks begin on Monday. */
function* weekly(start: WallTime, interval: number, weekdays: readonly number[], from: WallTime): Generator<WallTime> {
  const monday = start - (weekdayOf(start) - 1) * dayMs
  const stepMs = interval * 7 * dayMs
  const skipped = Math.max(0, Math.floor((from - monday) / stepMs))
  for (let week = monday + skipped * stepMs; new Date(week).getUTCFullYear() <= lastYear; week += stepMs)
    for (const weekday of weekdays) yield week + (weekday - 1) * dayMs
}

/** 1 = Monday to 7 = Sunday. */
export function weekdayOf(wall: WallTime): number {
  return new Date(wall).getUTCDay() || 7
}

/** `2026-12-24T14:00:00`, which is how a plan keeps a reading of a wall clock. */
export function writeWall(wall: WallTime): string {
  return new Date(wall).toISOString().slice(0, 19)
}

export function readWall(text: string): WallTime {
  return Date.parse(`${text}Z`)
}
