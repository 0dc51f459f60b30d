/** People add, change and remove rows of a step's tables; who answered for other rows is asked again. */
import { parseFieldValue } from '../../plan/field-value.ts'
import type { ColumnPlan, StepPlan, TablePlan } from '../../plan/plan.ts'
import { longestCell } from '../../plan/row-limits.ts'
import type { Refusal } from '../commands.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { ReleaseEvent } from '../events.ts'
import { tablesOf } from '../fields.ts'
import { oneLine, rowNumbers, withRow } from '../open-rows.ts'
import type { Cells } from '../row-events.ts'
import { changeWords, rowWords, type TableRow, type TableState, tableState } from '../rows.ts'
import { isAsideStep, isEnded, stepState } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { unknownStep } from './answers.ts'

export const setRow: Rule<'SetRow'> = (state, command, facts) => {
  const found = tableOf(state, command.step, command.table)
  if (found.kind === 'refused') return found
  const { plan, table, now } = found
  const row = command.id === null ? null : now.rows.find(({ id }) => id === command.id)
  if (row === undefined) return unknownRow(table, now, command.id ?? '')
  if (row === null && now.rows.length >= table.most)
    return refuse(
      'bad-answer',
      `${table.label} holds ${now.rows.length} rows already, at most ${table.most} may be there.`,
    )
  const where = row === null ? 'the new row' : `row ${row.id}`
  const read = readCells(table, command.cells, where)
  if (read.kind === 'refused') return read
  const cells = merged(table, row?.cells ?? {}, read.cells)
  if (row === null && Object.keys(cells).length === 0)
    return refuse('bad-answer', `A row needs at least one cell. For example: ${exampleOf(table.columns)}`)
  if (row !== null && isSame(row.cells, cells))
    return refuse('no-change', `Row ${row.id} of ${table.label} says so already.`)
  const id = row?.id ?? String(now.next)
  if (sizeOf(withRow(now.rows, { id, cells })) > mostBytes)
    return refuse(
      'bad-answer',
      `${table.label} is full: all its cells together may hold ${mostBytes / 1000} kB. Keep long texts elsewhere and link them.`,
    )
  const before = row?.cells ?? null
  const say = before === null ? rowWords(table.columns, cells) : changeWords(table.columns, before, cells)
  return accept(
    { kind: 'RowSet', step: plan.id, table: table.name, id, by: facts.actor.id, cells, before, say },
    ...openedAgain(state, plan, `${facts.actor.id} ${row === null ? 'added' : 'changed'} row ${id} of ${table.label}`),
  )
}

export const removeRow: Rule<'RemoveRow'> = (state, command, facts) => {
  const found = tableOf(state, command.step, command.table)
  if (found.kind === 'refused') return found
  const { plan, table, now } = found
  const row = now.rows.find(({ id }) => id === command.id)
  if (!row) return unknownRow(table, now, command.id)
  const { id, cells: before } = row
  const say = rowWords(table.columns, before)
  const why = command.why === null || command.why.trim() === '' ? null : oneLine(command.why)
  return accept(
    { kind: 'RowRemoved', step: plan.id, table: table.name, id, by: facts.actor.id, before, say, why },
    ...openedAgain(state, plan, `${facts.actor.id} removed row ${id} of ${table.label}`),
  )
}

type Found =
  | { readonly kind: 'found'; readonly plan: StepPlan; readonly table: TablePlan; readonly now: TableState }
  | Refusal

function tableOf(state: ReleaseState, id: string, name: string): Found {
  const plan = state.index.step.get(id)
  if (!plan) return unknownStep(state, id)
  const tables = tablesOf(plan)
  if (tables.length === 0) return refuse('wrong-kind', `"${plan.text}" has no table to fill in.`)
  const table = tables.find((one) => one.name === name || one.name === name.replaceAll('-', '_'))
  if (!table)
    return refuse(
      'bad-answer',
      `"${plan.text}" has no table "${name}"; it has ${tables.map((one) => one.name).join(', ')}.`,
    )
  return rowsBarred(state, plan) ?? { kind: 'found', plan, table, now: tableState(table, stepState(state, id)) }
}

/** Why the rows of a step are not changed any more; null = they may be. */
export function rowsBarred(state: ReleaseState, plan: StepPlan): Refusal | null {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  if (state.rollback !== null && !isAsideStep(state, plan))
    return refuse('already-rolling-back', `The release is going back: "${plan.text}" is not decided any more.`)
  const { closed } = stepState(state, plan.id)
  if (!closed || mayOpenAgain(plan, closed.how)) return null
  return refuse('already-closed', `"${plan.text}" is already ${closed.how.replaceAll('-', ' ')}.`)
}

/** What a person said is said again; what ran does not run again because of a row. */
function mayOpenAgain(plan: StepPlan, how: string): boolean {
  return ['fields', 'answer', 'approve'].includes(plan.block.word) && how !== 'waived' && how !== 'not-applicable'
}

function openedAgain(state: ReleaseState, plan: StepPlan, why: string): readonly ReleaseEvent[] {
  return stepState(state, plan.id).closed === null ? [] : [{ kind: 'StepReopened', step: plan.id, why }]
}

function unknownRow({ label }: TablePlan, { rows }: TableState, id: string): Refusal {
  return refuse('bad-answer', `${label} has no row ${id}; its rows are ${rowNumbers(rows)}.`)
}

type Read = { readonly kind: 'read'; readonly cells: Readonly<Record<string, Cells[string] | null>> } | Refusal

/** Cells that were given; null = emptied. */
function readCells({ columns, label }: TablePlan, given: Readonly<Record<string, string>>, where: string): Read {
  const cells: Record<string, Cells[string] | null> = {}
  for (const [written, text] of Object.entries(given)) {
    const column = columns.find(({ name }) => name === written || name === written.replaceAll(/[^A-Za-z0-9_]/g, '_'))
    if (!column)
      return refuse(
        'bad-answer',
        `${label}, ${where}: there is no column "${written}"; the columns are ${columns.map(({ name }) => name).join(', ')}.`,
      )
    if (text.trim().length > longestCell)
      return refuse(
        'bad-answer',
        `${label}, ${where}, ${column.label}: found ${text.trim().length} characters, expected at most ${longestCell}. For example: ${exampleOf([column])}`,
      )
    const line = oneLine(text)
    const value = line === '' ? null : parseFieldValue(column, line)
    if (value?.kind === 'bad')
      return refuse(
        'bad-answer',
        `${label}, ${where}, ${column.label}: found "${line}", expected ${value.expected}. For example: ${exampleOf([column])}`,
      )
    cells[column.name] = value === null ? null : value.value
  }
  return { kind: 'read', cells }
}

/** In the order of the columns, so that the same row is always the same text. */
function merged({ columns }: TablePlan, before: Cells, given: Readonly<Record<string, Cells[string] | null>>): Cells {
  const cells = columns.flatMap(({ name }) => {
    const value = given[name] === undefined ? before[name] : given[name]
    return value === undefined || value === null ? [] : [[name, value] as const]
  })
  return Object.fromEntries(cells)
}

/** Commands are given a table in one variable, and no system takes a longer one than 128 KiB. */
const mostBytes = 100_000

function sizeOf(rows: readonly TableRow[]): number {
  return new TextEncoder().encode(JSON.stringify(rows.map(({ cells }) => cells))).length
}

function isSame(one: Cells, other: Cells): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

const examples: Readonly<Record<ColumnPlan['type'], string>> = {
  text: '"Logo is blurred"',
  number: '12',
  percent: '0.4%',
  duration: '850ms',
  date: '2026-03-31',
  boolean: 'yes',
  choice: '',
}

/** `severity=low`, of the first column. */
function exampleOf([column]: readonly ColumnPlan[]): string {
  if (column === undefined) return ''
  const value = column.type === 'choice' ? JSON.stringify(column.options[0] ?? '') : examples[column.type]
  return `${column.name}=${value}`
}
