/** Tables that a step asks people to fill in row by row: they stand on the page of the release while it runs, and after. */
import type { RowsView } from '../../../../src/api/wire/web.ts'
import type { Decision } from './decisions.ts'
import { OpenTable, toFillIn } from './open-table.tsx'
import { addingRow, changingRow, removingRow } from './row-decisions.ts'
import { visible } from './visible.ts'

type Row = RowsView['rows'][number]

interface FilledTablesProps {
  readonly tables: readonly RowsView[]
  readonly onDecide: (decision: Decision) => void
}

export function FilledTables({ tables, onDecide }: FilledTablesProps) {
  return (
    <>
      {tables.map((table) => (
        <OpenTable
          key={`${table.step} ${table.name}`}
          name={`Table: ${visible(table.label)}`}
          title={table.label}
          say={sayOf(table)}
          tone={table.isWhole ? 'fine' : 'to-accept'}
          heads={[
            ...table.columns.map(({ label, limit }) => ({ word: label, limit })),
            ...(table.isOpen ? [{ word: 'Change' }] : []),
          ]}
          rows={table.rows.map((row) => ({
            key: row.id,
            cells: [
              ...row.cells.map((cell, at) =>
                cell === '' && table.columns[at]?.required === true ? toFillIn : visible(cell),
              ),
              ...(table.isOpen ? [<Offers key="offers" table={table} row={row} onDecide={onDecide} />] : []),
            ],
          }))}
        >
          {table.isOpen && table.rows.length < table.most ? (
            <button type="button" onClick={() => onDecide(addingRow(table))}>
              Add a row
            </button>
          ) : undefined}
        </OpenTable>
      ))}
    </>
  )
}

/** For which step, and what it comes to. */
function sayOf({ text, label, say, least, isWhole }: RowsView): string {
  const needed = isWhole && least > 1 ? `, at least ${least} needed` : ''
  return `${text === label ? '' : `${text}: `}${say}${needed}`
}

interface OffersProps extends Pick<FilledTablesProps, 'onDecide'> {
  readonly table: RowsView
  readonly row: Row
}

function Offers({ table, row, onDecide }: OffersProps) {
  const what = `row ${row.id} of ${visible(table.label)}`
  return (
    <span class="issue-offers">
      <button type="button" aria-label={`Change ${what}`} onClick={() => onDecide(changingRow(table, row))}>
        Change
      </button>
      <button type="button" aria-label={`Remove ${what}`} onClick={() => onDecide(removingRow(table, row))}>
        Remove
      </button>
    </span>
  )
}
