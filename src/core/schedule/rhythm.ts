/** When something that comes again and again is due: the instants of a rhythm, in its own zone. */
import { instantsOf, type WallTime, wallTimeAt } from '../calendar/wall-clock.ts'
import { type CalendarUnit, wallStart } from '../records/age.ts'
import type { Instant } from '../units.ts'

export interface Rhythm {
  readonly period: CalendarUnit
  /** 1 to 4 counted from the beginning of the period, -1 = the last. Of days or, with `weekday`, of those. */
  readonly nth: number
  /** 1 = Monday to 7 = Sunday; null = any day. */
  readonly weekday: number | null
  /** Minutes after midnight. */
  readonly minute: number
}

const dayMs = 86_400_000

/** Every time from `from` (included) on, in order, without end. */
function* timesFrom(rhythm: Rhythm, zone: string, from: Instant): Generator<Instant, never> {
  // From the period before: a zone may be a day ahead of the instant.
  let start = wallStart(rhythm.period, wallTimeAt(zone, from) - dayMs, 0)
  while (true) {
    const at = instantsOf(zone, dayIn(rhythm, start) + rhythm.minute * 60_000).first
    if (at >= from) yield at
    start = wallStart(rhythm.period, start, 1)
  }
}

/** Every time from `from` (included) to `to` (excluded), in order. */
export function timesBetween(rhythm: Rhythm, zone: string, from: Instant, to: Instant): readonly Instant[] {
  const times: Instant[] = []
  for (const at of timesFrom(rhythm, zone, from)) {
    if (at >= to) break
    times.push(at)
  }
  return times
}

/** The first time at or after `from`. */
export function timeFrom(rhythm: Rhythm, zone: string, from: Instant): Instant {
  return timesFrom(rhythm, zone, from).next().value
}

/** Midnight on the wall of the day that is meant, in the period that begins then. */
function dayIn({ period, nth, weekday }: Rhythm, start: WallTime): WallTime {
  const end = wallStart(period, start, 1)
  if (weekday === null) return nth === -1 ? end - dayMs : start + (nth - 1) * dayMs
  const isoDay = (day: WallTime): number => ((new Date(day).getUTCDay() + 6) % 7) + 1
  if (nth === -1) return end - dayMs - ((isoDay(end - dayMs) - weekday + 7) % 7) * dayMs
  return start + (((weekday - isoDay(start) + 7) % 7) + (nth - 1) * 7) * dayMs
}
