/** Values of messages: their kinds, how each is written, and the filters that write them otherwise. */
import { wallTimeAt } from '../calendar/wall-clock.ts'
import type { Instant, Millis } from '../units.ts'
import { formatDuration } from './duration.ts'

export type MessageValue =
  | { readonly kind: 'text'; readonly text: string }
  /** A share is between 0 and 1. */
  | { readonly kind: 'number'; readonly value: number; readonly unit: 'ratio' | 'seconds' | 'plain' }
  | { readonly kind: 'time'; readonly at: Instant; readonly zone?: string }
  | { readonly kind: 'duration'; readonly ms: Millis }
  /** `table` = it is written as a table in Markdown, each cell as its place takes it. */
  | {
      readonly kind: 'list'
      readonly items: readonly ListItem[]
      readonly table?: (cell: (text: string) => string) => string
    }

/** One entry of a list; `text` says all of it, `columns` are reached as `item.NAME`. */
export interface ListItem {
  readonly text: string
  readonly columns?: Readonly<Record<string, string>>
}

export type ValueKind = MessageValue['kind']

export interface FilterUse {
  readonly word: string
  /** What stands behind the word; null = nothing. */
  readonly given: string | null
}

interface Filter {
  /** Kinds it takes, and what it gives; null = the kind it was given. */
  readonly takes: readonly ValueKind[]
  readonly gives: ValueKind | null
  /** What was expected behind the word; null = what stands there is right. */
  faultOf(given: string | null): string | null
  apply(value: MessageValue, given: string | null): MessageValue
}

const text = (words: string): MessageValue => ({ kind: 'text', text: words })
const nothing = (given: string | null): string | null => (given === null ? null : 'nothing behind it')
const every: readonly ValueKind[] = ['text', 'number', 'time', 'duration', 'list']

export const filters: Readonly<Record<string, Filter>> = {
  /** `v1.2.3` becomes `v1-2-3`. */
  slug: {
    takes: ['text'],
    gives: 'text',
    faultOf: nothing,
    apply: (value) => text(dashed(written(value))),
  },
  time: {
    takes: ['time'],
    gives: 'text',
    faultOf: (given) => (given !== null && /[YMDHmsd]/.test(given) ? null : '"HH:mm", or another pattern'),
    apply: (value, given) => text(value.kind === 'time' ? patterned(value, given ?? '') : ''),
  },
  in: {
    takes: ['time'],
    gives: 'time',
    faultOf: (given) => (given !== null && isZone(given) ? null : 'a time zone such as "Europe/Berlin"'),
    apply: (value, given) => (value.kind === 'time' ? { ...value, zone: given ?? 'UTC' } : value),
  },
  words: {
    takes: ['duration'],
    gives: 'text',
    faultOf: nothing,
    apply: (value) => text(value.kind === 'duration' ? inWords(value.ms) : ''),
  },
  fixed: {
    takes: ['number'],
    gives: 'text',
    faultOf: (given) => (given !== null && /^[0-6]$/.test(given) ? null : 'digits behind the point, 0 to 6'),
    apply: (value, given) => text(value.kind === 'number' ? numberWords(value, Number(given)) : ''),
  },
  join: {
    takes: ['list'],
    gives: 'text',
    faultOf: (given) => (given === null ? 'what stands between the entries, such as ", "' : null),
    apply: (value, given) =>
      text(value.kind === 'list' ? value.items.map((item) => item.text).join(given ?? ', ') : ''),
  },
  /** Says something where there is nothing to say. */
  or: {
    takes: every,
    gives: null,
    faultOf: (given) => (given === null ? 'what is said instead, such as "None"' : null),
    apply: (value, given) => (isNothing(value) ? text(given ?? '') : value),
  },
}

/** A name as a chat channel takes it: small letters, digits and single hyphens. */
export function dashed(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

export function isNothing(value: MessageValue): boolean {
  if (value.kind === 'text') return value.text === '' || value.text === 'false'
  return value.kind === 'list' && value.items.length === 0
}

/** How a value stands in a text where its author asks for nothing else. */
export function written(value: MessageValue): string {
  switch (value.kind) {
    case 'text':
      return value.text
    case 'number':
      return numberWords(value, null)
    case 'time':
      return `${patterned(value, 'YYYY-MM-DD HH:mm')} ${value.zone ?? 'UTC'}`
    case 'duration':
      return formatDuration(rounded(value.ms))
    case 'list':
      if (value.table !== undefined && value.items.length > 0) return value.table((cell) => cell)
      return value.items.length === 0 ? 'none' : value.items.map((item) => item.text).join(', ')
  }
}

/** Written as limits are: `0.3%`, `250ms`, `1.2s`, `42`. */
function numberWords({ value, unit }: MessageValue & { kind: 'number' }, digits: number | null): string {
  if (!Number.isFinite(value)) return 'not known'
  if (unit === 'ratio') return `${digitsOf(value * 100, digits)}%`
  if (unit === 'plain') return digitsOf(value, digits)
  return Math.abs(value) < 1 && digits === null ? `${digitsOf(value * 1000, null)}ms` : `${digitsOf(value, digits)}s`
}

function digitsOf(value: number, digits: number | null): string {
  if (digits !== null) return value.toFixed(digits)
  // Whole thousands are not cut, and 99.95 does not become 100.
  const precision = Math.abs(value) >= 1000 ? 15 : Math.abs(value) >= 10 ? 4 : 3
  return String(Number((Math.abs(value) >= 1000 ? Math.round(value) : value).toPrecision(precision)))
}

/** Nobody counts seconds of an hour: above a minute to the minute. */
function rounded(ms: Millis): Millis {
  return ms >= 60_000 ? Math.round(ms / 60_000) * 60_000 : Math.ceil(ms / 1000) * 1000
}

function inWords(ms: Millis): string {
  const seconds = Math.round(rounded(Math.max(0, ms)) / 1000)
  if (seconds < 60) return counted(seconds, 'second')
  const parts = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor((seconds % 86_400) / 3600), 'hour'],
    [Math.floor((seconds % 3600) / 60), 'minute'],
  ] as const
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [counted(count, unit)])).join(' ')
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function patterned({ at, zone }: MessageValue & { kind: 'time' }, pattern: string): string {
  const wall = new Date(zone === undefined || zone === 'UTC' ? at : wallTimeAt(zone, at))
  const two = (value: number): string => String(value).padStart(2, '0')
  const month = months[wall.getUTCMonth()] ?? ''
  const weekday = weekdays[wall.getUTCDay()] ?? ''
  const parts: Readonly<Record<string, string>> = {
    YYYY: String(wall.getUTCFullYear()).padStart(4, '0'),
    MMMM: month,
    MMM: month.slice(0, 3),
    MM: two(wall.getUTCMonth() + 1),
    M: String(wall.getUTCMonth() + 1),
    dddd: weekday,
    ddd: weekday.slice(0, 3),
    DD: two(wall.getUTCDate()),
    D: String(wall.getUTCDate()),
    HH: two(wall.getUTCHours()),
    H: String(wall.getUTCHours()),
    mm: two(wall.getUTCMinutes()),
    ss: two(wall.getUTCSeconds()),
    Z: zone ?? 'UTC',
  }
  return pattern.replace(/YYYY|MMMM|MMM|MM|M|dddd|ddd|DD|D|HH|H|mm|ss|Z/g, (part) => parts[part] ?? part)
}

function isZone(zone: string): boolean {
  try {
    wallTimeAt(zone, 0)
    return true
  } catch {
    return false
  }
}
