/** The known issues of a release: each table with its rows, which people add, change and close while the release runs. */
import type { KnownIssuesView } from '../../../../src/api/wire/web.ts'
import { type Decision, type Input, orNull } from './decisions.ts'
import { OpenTable, toFillIn } from './open-table.tsx'
import { visible } from './visible.ts'

type Row = KnownIssuesView['rows'][number]

interface KnownIssuesProps {
  readonly tables: readonly KnownIssuesView[]
  readonly isEnded: boolean
  readonly onDecide: (decision: Decision) => void
}

const heads = ['Issue', 'Severity', 'Workaround', 'Target fix', 'State'].map((word) => ({ word }))

export function KnownIssues({ tables, isEnded, onDecide }: KnownIssuesProps) {
  return (
    <>
      {tables.map((table) => (
        <OpenTable
          key={table.step}
          name={`Known issues: ${visible(table.text)}`}
          title={table.text}
          say={table.say}
          tone={table.is === 'to accept' ? 'to-accept' : table.is}
          heads={heads}
          rows={table.rows.map((row) => ({
            key: row.id,
            isPast: row.closed !== null,
            cells: [
              row.issue === '' ? toFillIn : visible(row.issue),
              row.severity === '' ? toFillIn : visible(row.severity),
              visible(row.workaround),
              visible(row.target),
              row.closed !== null ? (
                `closed: ${visible(row.closed)}`
              ) : isEnded ? (
                'open'
              ) : (
                <Offers table={table} row={row} onDecide={onDecide} />
              ),
            ],
          }))}
        >
          {isEnded ? undefined : (
            <button type="button" onClick={() => onDecide(setting(table, null))}>
              Add an issue
            </button>
          )}
        </OpenTable>
      ))}
    </>
  )
}

interface OffersProps extends Pick<KnownIssuesProps, 'onDecide'> {
  readonly table: KnownIssuesView
  readonly row: Row
}

function Offers({ table, row, onDecide }: OffersProps) {
  const what = row.issue === '' ? `row ${row.id}` : visible(row.issue)
  return (
    <span class="issue-offers">
      <button type="button" aria-label={`Change ${what}`} onClick={() => onDecide(setting(table, row))}>
        Change
      </button>
      <button type="button" aria-label={`Close ${what}`} onClick={() => onDecide(closing(table, row))}>
        Close
      </button>
    </span>
  )
}

function setting({ step, severities, blocks }: KnownIssuesView, row: Row | null): Decision {
  const line = (name: 'issue' | 'severity' | 'workaround' | 'target', label: string): Input => ({
    name,
    label,
    kind: 'line',
    required: false,
    start: row?.[name] ?? '',
  })
  return {
    title: row === null ? 'Add a known issue' : `Change: ${row.issue === '' ? `row ${row.id}` : row.issue}`,
    action: row === null ? 'Add it' : 'Change it',
    ...(blocks.length > 0 && {
      lead: `An open issue of severity ${blocks.join(' or ')} keeps the release where it is.`,
    }),
    inputs: [
      { ...line('issue', 'Issue'), required: true },
      {
        ...line('severity', 'Severity'),
        kind: 'choice',
        options: severities,
        required: true,
        start: severities.includes(row?.severity ?? '') ? (row?.severity ?? '') : (severities.at(-1) ?? ''),
      },
      line('workaround', 'Workaround'),
      line('target', 'Target fix'),
    ],
    command: (values) => ({
      kind: 'SetKnownIssue',
      step,
      id: row?.id ?? null,
      issue: orNull(values['issue']),
      workaround: orNull(values['workaround']),
      severity: orNull(values['severity']),
      target: orNull(values['target']),
    }),
  }
}

function closing({ step }: KnownIssuesView, { id, issue }: Row): Decision {
  return {
    title: `Close: ${issue === '' ? `row ${id}` : issue}`,
    action: 'Close it',
    inputs: [{ name: 'why', label: 'Why', kind: 'line', required: true, hint: 'For example: fixed in 2.0.1' }],
    command: (values) => ({ kind: 'CloseKnownIssue', step, id, why: values['why'] ?? '' }),
  }
}
