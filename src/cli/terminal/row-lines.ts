/** Tables that people fill in, in the terminal: each row with its number, which commands name. */
import type { RowsView } from '../../report/view.ts'
import type { Line } from './line.ts'
import { tableLines } from './table.ts'

export function rowLines(tables: readonly RowsView[], width: number): readonly Line[] {
  return tables.flatMap(({ label, columns, rows, isWhole, isOpen, say }): readonly Line[] => [
    [
      [label, 'strong'],
      [`  ${say}`, isWhole ? 'good' : isOpen ? 'person' : 'bad'],
    ],
    ...tableLines(
      ['ROW', ...columns.map((column) => column.name.toUpperCase())],
      rows.map(({ id, cells }) => ({ cells: [id, ...cells.map((cell, at) => shown(cell, columns[at]?.required))] })),
      width,
    ),
  ])
}

function shown(cell: string, isNeeded: boolean | undefined): string {
  return cell === '' && isNeeded === true ? '(to fill in)' : cell
}
