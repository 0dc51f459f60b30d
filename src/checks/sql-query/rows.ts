/** The answer of a database as facts: plain JSON, bounded, with doubt (NaN, infinity) as null. */
import { notFormula } from '../../core/spreadsheet.ts'
import type { Json } from '../../core/units.ts'

/** Facts hold at most this many rows; a longer answer is an error of the query, which should aggregate. */
export const rowCap = 1_000

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** There were more than `rowCap`. */
  readonly more: boolean
}

/** `value` = first column of the first row, `row` = the first row, `rows`, `count`. */
export function factsOf({ columns, rows }: Rows): {
  readonly value: Json
  readonly row: Json
  readonly rows: Readonly<Record<string, Json>>[]
  readonly count: number
} {
  const maps = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, plain(row[index])])))
  return { value: plain(rows[0]?.[0]), row: maps[0] ?? null, rows: maps, count: rows.length }
}

function plain(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return typeof value === 'object' ? plainObject(value) : null
}

function plainObject(value: object | null): Json {
  if (value === null) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** The answer as people read it: tab-separated, first line the columns. */
export function tableOf({ columns, rows, more }: Rows): string {
  const cell = (value: unknown): string => {
    const json = plain(value)
    const text = json === null ? 'NULL' : typeof json === 'string' ? json : JSON.stringify(json)
    return notFormula(text.replace(/[\t\r\n]+/g, ' '))
  }
  return `${[columns.map(cell).join('\t'), ...rows.map((row) => row.map(cell).join('\t')), ...(more ? [`[... more than ${rowCap} rows ...]`] : [])].join('\n')}\n`
}
