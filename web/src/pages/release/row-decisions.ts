/** Decisions about the rows of a table that people fill in: what is asked for each column, and only what changed is sent. */
import type { RowsView } from '../../../../src/api/wire/web.ts'
import { type Decision, type Input, orNull, typedInput, type Values } from './decisions.ts'

type Row = RowsView['rows'][number]
/** What has to be known of a table to add a row. */
export type Fillable = Pick<RowsView, 'step' | 'name' | 'label' | 'columns'> & Partial<Pick<RowsView, 'isAnswered'>>

/** What a choice says that need not be made. */
const nothing = '(nothing)'

export function addingRow(table: Fillable): Decision {
  return setting(table, null, `Add a row to ${table.label}`, 'Add it')
}

export function changingRow(table: Fillable, row: Row): Decision {
  return setting(table, row, `Change row ${row.id} of ${table.label}`, 'Change it')
}

export function removingRow({ step, name, label, isAnswered }: Fillable, { id, cells }: Row): Decision {
  return {
    title: `Remove row ${id} of ${label}`,
    lead: [cells.filter((cell) => cell !== '').join(', '), ...leadOf(isAnswered)].join('. '),
    action: 'Remove it',
    inputs: [{ name: 'why', label: 'Why', kind: 'line', required: false, hint: 'For example: stands there twice' }],
    command: (values) => ({ kind: 'RemoveRow', step, table: name, id, why: orNull(values['why']) }),
  }
}

function setting(table: Fillable, row: Row | null, title: string, action: string): Decision {
  const inputs = table.columns.map((column, at) => inputOf(column, row?.cells[at] ?? ''))
  return {
    title,
    ...(table.isAnswered === true && { lead: leadOf(true).join('') }),
    action,
    inputs,
    command: (values) => ({
      kind: 'SetRow',
      step: table.step,
      table: table.name,
      id: row?.id ?? null,
      cells: changed(table, inputs, values),
    }),
  }
}

function leadOf(isAnswered: boolean | undefined): readonly string[] {
  return isAnswered === true
    ? ['Its step has passed: a change asks for the answer again, and for what was signed since']
    : []
}

function inputOf(column: RowsView['columns'][number], now: string): Input {
  const input = typedInput(column)
  const start = input.kind === 'yes' && now !== '' ? String(now === 'yes') : now
  if (column.required || column.type !== 'choice') return { ...input, start }
  return { ...input, options: [...column.options, nothing], start: start === '' ? nothing : start }
}

/** What somebody else wrote into other cells meanwhile stays. */
function changed({ columns }: Fillable, inputs: readonly Input[], values: Values): Readonly<Record<string, string>> {
  const cells = columns.flatMap(({ name }, at): readonly (readonly [string, string])[] => {
    const input = inputs[at]
    const value = input === undefined ? '' : (values[input.name] ?? '').trim()
    return value === input?.start ? [] : [[name, value === nothing ? '' : value]]
  })
  return Object.fromEntries(cells)
}
