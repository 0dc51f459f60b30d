/** Reads a metrics page in the Prometheus text format: the series of the families asked for, or why the page cannot be trusted. */
import type { Instant } from '../core/units.ts'

export interface PageSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type Page =
  | {
      readonly kind: 'page'
      readonly series: ReadonlyMap<string, readonly PageSeries[]>
      readonly startedAt: number | null
    }
  | { readonly kind: 'no-data'; readonly why: string }

/** When a process began counting: a change of it means that every counter began again. */
const processStart = 'process_start_time_seconds'
const oldestMs = 5 * 60_000
const newestMs = 60_000

/** Only lines of `names` are read, so that a page of megabytes costs little more than a scan for line ends. */
export function readPage(text: string, names: ReadonlySet<string>, now: Instant): Page {
  if (text.trim() === '') return none('the page is empty')
  if (!text.endsWith('\n') && !text.endsWith('# EOF')) return none('the page breaks off in the middle of a line')
  const series = new Map<string, PageSeries[]>()
  let startedAt: number | null = null
  let samples = 0
  let start = 0
  for (let number = 1; start < text.length; number++) {
    const end = lineEnd(text, start)
    const line = text.slice(start, end).trim()
    start = end + 1
    if (line === '' || line.startsWith('#')) continue
    samples++
    const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
    if (name === undefined) return none(`line ${number} is no metric`)
    if (!names.has(name) && name !== processStart) continue
    const read = readLine(name, line)
    if (read === null) return none(`line ${number} cannot be read`)
    if (read.at !== null && now - read.at > oldestMs)
      return none(`line ${number} is ${Math.round((now - read.at) / 1000)} s old`)
    if (read.at !== null && read.at - now > newestMs) return none(`line ${number} is from the future`)
    if (name === processStart) startedAt = read.series.value
    series.set(name, [...(series.get(name) ?? []), read.series])
  }
  return samples === 0 ? none('the page holds no metric') : { kind: 'page', series, startedAt }
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

const tail = /^\s+(\S+)(?:\s+(-?[0-9.]+))?\s*(?:#.*)?$/

function readLine(name: string, line: string): { readonly series: PageSeries; readonly at: Instant | null } | null {
  const rest = line.slice(name.length).trimStart()
  const labels = rest.startsWith('{') ? readLabels(rest) : { labels: {}, length: 0 }
  if (labels === null) return null
  const found = tail.exec(` ${rest.slice(labels.length).trim()}`)
  if (!found) return null
  const value = numberOf(found[1] ?? '')
  if (value === null) return null
  const stamp = found[2] === undefined ? null : Number(found[2])
  // OpenMetrics gives seconds with a fraction, the older format milliseconds.
  const at = stamp === null ? null : stamp < 1e11 ? stamp * 1000 : stamp
  return { series: { name, labels: labels.labels, value }, at }
}

const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y

function readLabels(text: string): { readonly labels: Record<string, string>; readonly length: number } | null {
  const labels: Record<string, string> = {}
  let at = 1
  for (;;) {
    const close = /\s*\}/y
    close.lastIndex = at
    if (close.test(text)) return { labels, length: close.lastIndex }
    label.lastIndex = at
    const found = label.exec(text)
    if (!found?.[1]) return null
    labels[found[1]] = (found[2] ?? '').replace(/\\(.)/g, (_whole, character: string) =>
      character === 'n' ? '\n' : character,
    )
    at = label.lastIndex
  }
}

/** NaN and infinities are numbers of the format; whoever uses the series decides what they are worth. */
function numberOf(text: string): number | null {
  if (text === 'NaN') return Number.NaN
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}

function none(why: string): Page {
  return { kind: 'no-data', why }
}
