/** Reads what the query API of a Prometheus answers: series with one finite number each, or why that cannot be trusted. */
import { z } from 'zod'
import type { Instant, Millis } from '../core/units.ts'
import { type Answer, isHtml } from './answer.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What a query says that matches nothing. */
export const nothing = 'answered without any series'

export type Vector =
  | { readonly kind: 'series'; readonly series: readonly Series[] }
  | { readonly kind: 'no-data'; readonly why: string }

const point = z.tuple([z.number(), z.string()])
const answerShape = z.discriminatedUnion('status', [
  z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string().optional() }),
  z.object({
    status: z.literal('success'),
    warnings: z.array(z.string()).optional(),
    data: z.unknown(),
  }),
])
const resultShape = z.object({ resultType: z.string(), result: z.unknown() })
const vectorShape = z.array(z.object({ metric: z.record(z.string(), z.string()), value: point }))

/** A query's result before anybody looked at its values. */
export type Result =
  | { readonly kind: 'result'; readonly type: string; readonly result: unknown }
  | { readonly kind: 'no-data'; readonly why: string }

/** `skewMs`: how far the answer's own time may lie from the one asked for. */
export function readVector(answer: Answer, at: Instant, skewMs: Millis): Vector {
  const read = readResult(answer)
  return read.kind === 'no-data' ? read : seriesOf(read.type, read.result, at, skewMs)
}

/** What every answer of the query API has around its values. */
export function readResult(answer: Answer): Result {
  const data = readData(answer)
  if (data.kind === 'no-data') return data
  const shaped = resultShape.safeParse(data.data)
  if (!shaped.success) return none('answered with JSON that is no query result')
  return { kind: 'result', type: shaped.data.resultType, result: shaped.data.result }
}

/** The `data` of any successful and complete answer. */
export function readData(
  answer: Answer,
): { readonly kind: 'data'; readonly data: unknown } | { readonly kind: 'no-data'; readonly why: string } {
  if (answer.kind === 'fault') return none(answer.why)
  const body = parseJson(answer.text)
  const shaped = answerShape.safeParse(body)
  if (shaped.success && shaped.data.status === 'error')
    return none(`refused the query: ${short(shaped.data.error ?? 'no reason given')}`)
  if (answer.status !== 200) return none(`answered ${answer.status}`)
  if (isHtml(answer)) return none('answered with an HTML page')
  if (body === undefined) return none('answered with broken JSON')
  if (!shaped.success || shaped.data.status !== 'success') return none('answered with JSON that is no query result')
  // Notes on the query itself are harmless; every other warning means that a part of the data is missing.
  const warning = shaped.data.warnings?.find((text) => !text.startsWith('PromQL info'))
  if (warning !== undefined) return none(`answered in part only: ${short(warning)}`)
  return { kind: 'data', data: shaped.data.data }
}

function seriesOf(type: string, result: unknown, at: Instant, skewMs: Millis): Vector {
  if (type === 'matrix') return none('answered with a range of values, one value per series expected')
  if (type !== 'vector' && type !== 'scalar') return none(`answered with a ${short(type)}, a number expected`)
  const rows = type === 'scalar' ? scalarRow(result) : vectorShape.safeParse(result).data
  if (!rows) return none('answered with JSON that is no query result')
  const series: Series[] = []
  for (const row of rows) {
    const [seconds, text] = row.value
    const value = finiteNumber(text)
    if (value === null) return none(notFinite(text))
    const lateMs = at - seconds * 1000
    if (!(Math.abs(lateMs) <= skewMs)) return none(`answered with a value ${age(lateMs)}`)
    series.push({ labels: row.metric, value })
  }
  return series.length === 0 ? none(nothing) : { kind: 'series', series }
}

export function finiteNumber(text: string): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

export function notFinite(text: string): string {
  return `answered ${short(text)}, a finite number expected`
}

function scalarRow(result: unknown): z.infer<typeof vectorShape> | undefined {
  const read = point.safeParse(result)
  return read.success ? [{ metric: {}, value: read.data }] : undefined
}

function age(lateMs: Millis): string {
  const seconds = Math.round(Math.abs(lateMs) / 1000)
  return lateMs > 0 ? `${seconds} s older than asked for` : `from ${seconds} s in the future`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

function none(why: string): { readonly kind: 'no-data'; readonly why: string } {
  return { kind: 'no-data', why }
}
