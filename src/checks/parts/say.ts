/** Sentences of a check: one line, no control characters, of a length that fits a report's margin. */

const longest = 400

// oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** Makes one line of any text: control characters and line breaks become spaces, the middle gives way when it is too long. */
export function oneLine(text: string, cap: number = longest): string {
  const flat = text.replace(unprintable, ' ').replace(/ {2,}/g, ' ').trim()
  if (flat.length <= cap) return flat
  const half = Math.floor((cap - 3) / 2)
  return `${flat.slice(0, half)}...${flat.slice(flat.length - half)}`
}

/** Words of an error for people: its message and, where it adds something, the code of its cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error))
  const code = (error as { code?: unknown }).code
  const message = error.message === '' ? error.name : error.message
  return oneLine(
    typeof code === 'string' && !message.includes(code) && /^[A-Z0-9_]+$/.test(code) ? `${message} (${code})` : message,
  )
}

/** A length of time as people write it: `350ms`, `1.2s`, `4m 05s`, `2h 10m`. */
export function sayMillis(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  if (ms < 60_000) return `${trim(ms / 1_000)}s`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms % 60_000) / 1_000)
  if (minutes < 60) return seconds === 0 ? `${minutes}m` : `${minutes}m ${String(seconds).padStart(2, '0')}s`
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`
}

/** A number as people read it: at most four significant digits behind the point. */
export function sayNumber(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return String(Number(value.toPrecision(4)))
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)))
}
