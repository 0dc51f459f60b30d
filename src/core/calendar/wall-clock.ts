/** Readings of a wall clock and the instants they stand for. Both ways by Intl, which is a table and not a clock. */
import type { Instant, Millis } from '../units.ts'

/** What a clock on the wall shows, in milliseconds as if the wall hung in UTC. */
export type WallTime = Millis

const dayMs = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** Whole seconds; `zone` is an IANA name such as `Europe/Berlin`. */
export function wallTimeAt(zone: string, at: Instant): WallTime {
  const part = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const of = (name: string): number => part[name] ?? Number.NaN
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour') % 24, of('minute'), of('second'))
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}

/**
 * The first and the last instant a reading can mean: they differ where clocks are set back and show it twice, and where
 * they are set forward and never show it.
 */
export function instantsOf(zone: string, wall: WallTime): { readonly first: Instant; readonly last: Instant } {
  const offsets = [wall - dayMs, wall + dayMs].map((near) => wallTimeAt(zone, near) - near)
  const each = offsets.map((offset) => wall - offset)
  const shown = each.filter((at) => wallTimeAt(zone, at) === wall)
  const meant = shown.length > 0 ? shown : each
  return { first: Math.min(...meant), last: Math.max(...meant) }
}
