/** The known issues of a release: each table with its rows, which people add, change and close while the release runs. */
import type { KnownIssuesView } from '../../../../src/api/wire/web.ts'
import { type Decision, type Input, orNull } from './decisions.ts'
import { visible } from './visible.ts'
import '../../style/watches.css'

type Row = KnownIssuesView['rows'][number]

interface KnownIssuesProps {
  readonly tables: readonly KnownIssuesView[]
  readonly isEnded: boolean
  readonly onDecide: (decision: Decision) => void
}

export function KnownIssues({ tables, isEnded, onDecide }: KnownIssuesProps) {
  return (
    <>
      {tables.map((table) => (
        <section key={table.step} class="watches" aria-label={`Known issues: ${visible(table.text)}`}>
          <h2>{visible(table.text)}</h2>
          <p class={`issues-say is-${table.is.replaceAll(' ', '-')}`}>{visible(table.say)}</p>
          {table.rows.length > 0 && (
            <table class="issues">
              <thead>
                <tr>
                  <th scope="col">Issue</th>
                  <th scope="col">Severity</th>
                  <th scope="col">Workaround</th>
                  <th scope="col">Target fix</th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {table.rows.map((row) => (
                  <tr key={row.id} class={row.closed === null ? '' : 'is-to-come'}>
                    <th scope="row">{row.issue === '' ? <i>to fill in</i> : visible(row.issue)}</th>
                    <td data-label="Severity">{row.severity === '' ? <i>to fill in</i> : visible(row.severity)}</td>
                    <td data-label="Workaround">{visible(row.workaround)}</td>
                    <td data-label="Target fix">{visible(row.target)}</td>
                    <td data-label="State">
                      {row.closed !== null && `closed: ${visible(row.closed)}`}
                      {row.closed === null &&
                        (isEnded ? 'open' : <Offers table={table} row={row} onDecide={onDecide} />)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {!isEnded && (
            <p class="issue-offers">
              <button type="button" onClick={() => onDecide(setting(table, null))}>
                Add an issue
              </button>
            </p>
          )}
        </section>
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
