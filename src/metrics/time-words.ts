/** `$from`, `$to`, `$to-1h` in a query: the time that is asked about, as ISO text, or as seconds (`$to_s`) or milliseconds (`$to_ms`). */
import { parseDuration } from '../core/plan/duration.ts'
import type { Instant } from '../core/units.ts'

const timeWord = /\$(from|to)(_s|_ms)?(?:-(\d+(?:ms|[smhdw])))?\b/g

/** The words of time in a text, each once, as they stand there. */
export function timeWordsIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(timeWord), ([whole]) => whole))]
}

/** `from` null = there is none; then no `$from` may stand in the text. */
export function withTimes(text: string, from: Instant | null, to: Instant): string {
  return text.replace(timeWord, (_whole, end: string, unit: string | undefined, back: string | undefined) => {
    const read = back === undefined ? null : parseDuration(back)
    const at = (end === 'from' ? (from ?? to) : to) - (read?.ok === true ? read.value : 0)
    return unit === undefined ? new Date(at).toISOString() : String(unit === '_ms' ? at : Math.floor(at / 1_000))
  })
}
