/** A time as people give it on a command line: with a zone in brackets, an offset, or by the clock of a zone that is known. */
import type { Parsed } from '../plan/parsed.ts'
import { parsed, unparsed } from '../plan/parsed.ts'
import type { Instant } from '../units.ts'
import { instantsOf } from './wall-clock.ts'

const shape = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?(?:(Z|[+-]\d\d:\d\d)|\[([A-Za-z0-9_+/-]{1,60})\])?$/

/** `2026-12-01T10:00`, also with `[Europe/Berlin]`, `Z` or `+01:00`. Where clocks are set back it is the first of the two. */
export function readInstant(text: string, zone: string): Parsed<Instant> {
  const wrong = unparsed(
    'a date and a time, with a zone where it is not that of the window',
    '2026-12-01T10:00[Europe/Berlin]',
  )
  const [, date, minute, second = ':00', offset, named] = shape.exec(text.trim()) ?? []
  if (date === undefined || minute === undefined) return wrong
  const time = `${minute}${second}`
  const wall = Date.parse(`${date}T${time}Z`)
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${date}T${time}`)) return wrong
  if (offset !== undefined) {
    const at = Date.parse(`${date}T${time}${offset}`)
    return Number.isNaN(at) ? wrong : parsed(at)
  }
  try {
    return parsed(instantsOf(named ?? zone, wall).first)
  } catch {
    return wrong
  }
}
