/** Tables of known issues in the terminal: each row with its number, which commands name. */
import type { KnownIssuesView } from '../../report/view.ts'
import type { Line } from './line.ts'
import { tableLines } from './table.ts'

export function issueLines(tables: readonly KnownIssuesView[], width: number): readonly Line[] {
  return tables.flatMap(({ text, rows, is, say }): readonly Line[] => [
    [
      [text, 'strong'],
      [`  ${say}`, is === 'fine' ? 'good' : is === 'blocked' ? 'bad' : 'person'],
    ],
    ...tableLines(
      ['ROW', 'ISSUE', 'SEVERITY', 'WORKAROUND', 'FIX', 'STATE'],
      rows.map(({ id, issue, severity, workaround, target, closed }) => ({
        cells: [id, issue, severity, workaround, target, closed === null ? 'open' : `closed: ${closed}`],
        tone: closed === null ? 'plain' : 'dim',
      })),
      width,
    ),
  ])
}
