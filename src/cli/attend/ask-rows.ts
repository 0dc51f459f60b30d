/** Asks for the rows of a step's tables in the terminal: what is missing first, then whether there are more. */
import type { WireCommand } from '../../api/client-types.ts'
import type { ReleaseView, RowsView } from '../../report/view.ts'
import { parseFieldValue } from '../../core/plan/field-value.ts'
import { askUntil } from '../ask-line.ts'
import { visible } from '../terminal/text.ts'

/** `whole` = nothing is missing and no more is wanted; null = the person thought better of it. */
export async function askRow(view: ReleaseView, step: string): Promise<WireCommand | 'whole' | null> {
  for (const table of view.tables.filter((one) => one.step === step)) {
    process.stdout.write(`${visible(table.label)}: ${visible(table.say)}\n`)
    if (!table.isWhole) return askCells(table, table.rows.find(({ lack }) => lack !== null) ?? null)
    if (table.rows.length >= table.most) continue
    const more = await askUntil<boolean>('Another row? [y]  (empty = no more) ', (given) =>
      /^(|y|yes|n|no)$/i.test(given) ? { value: /^y/i.test(given) } : { again: 'Type y, or nothing.' },
    )
    if (more === null) return null
    if (more) return askCells(table, null)
  }
  return 'whole'
}

/** Of a row that is there nothing keeps what stands in a cell. */
async function askCells(table: RowsView, row: RowsView['rows'][number] | null): Promise<WireCommand | null> {
  const cells: Record<string, string> = {}
  process.stdout.write(row === null ? 'A new row:\n' : `Row ${row.id}:\n`)
  for (const [at, column] of table.columns.entries()) {
    const given = await askCell(column, row?.cells[at] ?? '')
    if (given === null) return null
    if (given !== '') cells[column.name] = given
  }
  return { kind: 'SetRow', step: table.step, table: table.name, id: row?.id ?? null, cells }
}

function askCell(column: RowsView['columns'][number], now: string): Promise<string | null> {
  const hints = [
    column.options.join(' | '),
    column.limit ?? '',
    now === '' ? '' : `now ${now}`,
    column.required ? '' : 'may be empty',
  ]
  const hint = hints.filter((part) => part !== '').join(', ')
  return askUntil<string>(`  ${visible(column.label)}${hint && ` (${visible(hint)})`}: `, (text) => {
    if (text === '')
      return column.required && now === '' ? { again: 'It needs a value; Ctrl-C leaves the question.' } : { value: '' }
    const read = parseFieldValue(column, text)
    return read.kind === 'good' ? { value: text } : { again: `"${visible(text)}": expected ${visible(read.expected)}.` }
  })
}
