/** Numbers and times in the words that every surface uses. */
import type { Instant, Millis } from '../core/units.ts'

const unitsOfTime = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** The two largest parts: `1h 5m`, `42s`, `3d`. */
export function durationWords(ms: Millis): string {
  if (!Number.isFinite(ms)) return 'unknown time'
  const left = Math.max(0, Math.round(ms / 1000) * 1000)
  if (left === 0) return '0s'
  const first = unitsOfTime.findIndex(([, size]) => left >= size)
  const [word, size] = unitsOfTime[first] as (typeof unitsOfTime)[number]
  const second = unitsOfTime[first + 1]
  const rest = second ? Math.floor((left % size) / second[1]) : 0
  return rest > 0 && second
    ? `${Math.floor(left / size)}${word} ${rest}${second[0]}`
    : `${Math.floor(left / size)}${word}`
}

/** As `durationWords`, with tenths where whole seconds would hide the measure: `0.4s`. */
export function measuredWords(ms: Millis): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : durationWords(ms)
}

/** A judge's sentence often begins with its zone; beside the zone's own word once is enough. */
export function withoutZone(say: string, zone: string): string {
  return say.startsWith(`${zone}: `) ? say.slice(zone.length + 2) : say
}

/** `14:02:07` in UTC, which logs and evidence use. */
export function clockWords(at: Instant): string {
  return new Date(at).toISOString().slice(11, 19)
}

/** `2026-11-21 14:02 UTC`. */
export function dateWords(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `1.31 %`, `240 ms`, `17`; null is `no data`, which is never a pass. */
export function numberWords(value: number | null, unit: 'ratio' | 'seconds' | 'plain'): string {
  if (value === null || !Number.isFinite(value)) return 'no data'
  if (unit === 'ratio') return `${short(value * 100)} %`
  if (unit === 'seconds') return value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`
  return short(value)
}

function short(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.095 || size === 0 ? 2 : 3
  return String(Number(value.toFixed(digits)))
}

export function percentWords(percent: number): string {
  return `${short(percent)} %`
}

/** `one of them`, `2 of them`, in lists: `1 check`, `3 checks`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** What each component served before: `api 1.2.0, web not known`. */
export function servingWords(
  serving: readonly { readonly component: string; readonly version: string | null }[],
): string {
  return serving.map(({ component, version }) => `${component} ${version ?? 'not known'}`).join(', ')
}
