/** Open-ended tables of a step as they stand: their rows, whether they are whole, and how they are written. */
import { parseFieldValue } from '../plan/field-value.ts'
import type { ColumnPlan, StepPlan, TablePlan } from '../plan/plan.ts'
import type { Json } from '../units.ts'
import { fieldWords, tablesOf } from './fields.ts'
import { nextRowId, oneLine, withRow } from './open-rows.ts'
import type { Cells } from './row-events.ts'
import type { ReleaseState, StepState } from './state.ts'

/** `id` is unique in its table and never used again. */
export interface TableRow {
  readonly id: string
  readonly cells: Cells
}

/** A table once a row of it was changed. */
export interface TableState {
  readonly rows: readonly TableRow[]
  /** Number of the row that is added next. */
  readonly next: number
}

/** What is missing of a table; null = it is whole. */
export type Lack = string | null

export function tableState(table: TablePlan, step: StepState | undefined): TableState {
  const changed = step?.tables?.[table.name]
  if (changed) return changed
  const rows = table.start.map((cells, at) => ({ id: String(at + 1), cells: typedCells(table, cells) }))
  return { rows, next: rows.length + 1 }
}

export function rowsOf(table: TablePlan, step: StepState | undefined): readonly TableRow[] {
  return tableState(table, step).rows
}

function typedCells({ columns }: TablePlan, texts: Readonly<Record<string, string>>): Cells {
  const cells = columns.flatMap((column) => {
    const text = texts[column.name]
    const read = text === undefined ? null : parseFieldValue(column, oneLine(text))
    return read?.kind === 'good' ? [[column.name, read.value] as const] : []
  })
  return Object.fromEntries(cells)
}

type Tables = NonNullable<StepState['tables']>

/** Total: a table that the plan no longer has keeps what it had. */
export function withTableRow(plan: StepPlan, step: StepState, name: string, row: TableRow): Tables {
  const { rows, next } = standing(plan, step, name)
  const all = withRow(rows, row)
  return { ...step.tables, [name]: { rows: all, next: Math.max(next, Number(nextRowId(all))) } }
}

export function withoutTableRow(plan: StepPlan, step: StepState, name: string, id: string): Tables {
  const { rows, next } = standing(plan, step, name)
  return { ...step.tables, [name]: { rows: rows.filter((row) => row.id !== id), next } }
}

function standing(plan: StepPlan, step: StepState, name: string): TableState {
  const table = tablesOf(plan).find((one) => one.name === name)
  return table ? tableState(table, step) : (step.tables?.[name] ?? { rows: [], next: 1 })
}

/** Rows enough, each with every cell that it needs, of its type and within its limit. */
export function lackOf(table: TablePlan, rows: readonly TableRow[]): Lack {
  if (rows.length < table.least)
    return `${countOf(rows.length)}, at least ${table.least} ${table.least === 1 ? 'is' : 'are'} needed`
  if (rows.length > table.most) return `${countOf(rows.length)}, at most ${table.most} may be there`
  const lacks = rows.flatMap((row) => {
    const lack = rowLack(table, row)
    return lack === null ? [] : [`row ${row.id} ${lack}`]
  })
  const more = lacks.length > mostTold ? ` and ${lacks.length - mostTold} more` : ''
  return lacks.length === 0 ? null : `${lacks.slice(0, mostTold).join('; ')}${more}`
}

const mostTold = 3

/** What one row lacks, or which cell of it is no pass; null = it is whole. */
export function rowLack({ columns }: TablePlan, { cells }: TableRow): Lack {
  const empty = columns.filter(({ name, required }) => required && cells[name] === undefined)
  if (empty.length > 0) return `lacks ${empty.map(({ label }) => label).join(', ')}`
  for (const column of columns) {
    const value = cells[column.name]
    if (value === undefined) continue
    const read = parseFieldValue(column, String(value))
    if (read.kind === 'bad') return `has ${column.label} ${String(value)}, expected ${read.expected}`
    if (!read.within) return `has ${column.label} ${fieldWords(column.type, value)}, expected ${column.limit}`
  }
  return null
}

/** The first table of the step that is not whole, in words; null = all are. */
export function tablesLack(plan: StepPlan, step: StepState | undefined): Lack {
  for (const table of tablesOf(plan)) {
    const lack = lackOf(table, rowsOf(table, step))
    if (lack !== null) return `${table.label}: ${lack}`
  }
  return null
}

export function countOf(rows: number): string {
  return rows === 0 ? 'no row' : rows === 1 ? '1 row' : `${rows} rows`
}

/** One cell as people write it; '' = to fill in. */
export function cellWords(column: ColumnPlan, cells: Cells): string {
  const value = cells[column.name]
  if (value === undefined) return ''
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : fieldWords(column.type, value)
}

/** `finding: Logo is blurred, severity: low`. */
export function rowWords(columns: readonly ColumnPlan[], cells: Cells): string {
  const told = columns.flatMap((column) => {
    const words = cellWords(column, cells)
    return words === '' ? [] : [`${column.label}: ${words}`]
  })
  return told.join(', ') || 'nothing yet'
}

/** What is different now: `Severity: low → high, Owner: nothing → ana`. */
export function changeWords(columns: readonly ColumnPlan[], before: Cells, after: Cells): string {
  const told = columns.flatMap((column) => {
    const [was, is] = [cellWords(column, before), cellWords(column, after)]
    return was === is ? [] : [`${column.label}: ${was || 'nothing'} → ${is || 'nothing'}`]
  })
  return told.join(', ')
}

/** What a signature covers of the tables of a step: one line for each row, which names it. */
export function rowLines(plan: StepPlan, step: StepState | undefined): readonly string[] {
  return tablesOf(plan).flatMap((table) =>
    rowsOf(table, step).map(({ id, cells }) => `${plan.id}.${table.name}#${id} = ${rowWords(table.columns, cells)}`),
  )
}

export interface SaidTable {
  readonly table: TablePlan
  readonly rows: readonly TableRow[]
}

/** Tables that somebody has answered for: only those are values of the release, as with fields. */
export function saidTables(state: ReleaseState): readonly SaidTable[] {
  return state.index.tables.flatMap((id) => {
    const plan = state.index.step.get(id)
    const step = state.steps.get(id)
    if (!plan || !step || !isSaid(step)) return []
    return tablesOf(plan).map((table) => ({ table, rows: rowsOf(table, step) }))
  })
}

function isSaid({ answer, closed }: StepState): boolean {
  return answer !== null || (closed !== null && closed.how !== 'waived' && closed.how !== 'not-applicable')
}

/** For CEL: a list of maps. A cell that nobody filled in is missing, which `has(row.name)` asks. */
export function rowBindings({ rows }: SaidTable): Json {
  return rows.map(({ cells }) => ({ ...cells }))
}

/** A table in Markdown. */
export function rowsInMarkdown({ table, rows }: SaidTable, cell: (text: string) => string): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const barred = (text: string): string => cell(text.replaceAll(/\s*[\r\n]+\s*/g, ' ')).replaceAll(/(?<!\\)\|/g, '\\|')
  return [
    line(table.columns.map(({ label }) => barred(label))),
    line(table.columns.map(() => '---')),
    ...rows.map(({ cells }) => line(table.columns.map((column) => barred(cellWords(column, cells))))),
  ].join('\n')
}
