/** Durations as authors write them: `90s`, `15m`, `1h30m`, `2d`. */
import type { Millis } from '../units.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'

const unitMs: Readonly<Record<string, Millis>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const whole = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/
const part = /(\d+(?:\.\d+)?)(ms|[smhdw])/g

/** Ten years: longer is a slip of the finger, and would overflow a date. */
const longest = 3660 * 86_400_000

/** A duration in milliseconds. A bare number is refused, because nobody can tell its unit; `0` needs none. */
export function parseDuration(text: string): Parsed<Millis> {
  const trimmed = text.trim()
  if (trimmed === '0') return parsed(0)
  const wrong = unparsed('a duration such as 90s, 15m, 1h30m or 2d, at most ten years', '15m')
  if (trimmed.length > 64 || !whole.test(trimmed)) return wrong
  let ms = 0
  for (const [, number, unit] of trimmed.matchAll(part)) ms += Number(number) * (unitMs[unit ?? ''] ?? Number.NaN)
  return ms <= longest ? parsed(Math.round(ms)) : wrong
}

/** The shortest exact form: `5400000` is `1h30m`. */
export function formatDuration(ms: Millis): string {
  if (ms === 0) return '0s'
  let rest = ms
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = unitMs[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
