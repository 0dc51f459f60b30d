/** What the numbers were before: each baseline of the release with its window, to compare later numbers with. */
import type { BaselineRowView } from '../../../../src/api/wire/web.ts'
import { visible } from './visible.ts'
import '../../style/watches.css'

export function BaselineTable({ rows }: { readonly rows: readonly BaselineRowView[] }) {
  if (rows.length === 0) return null
  return (
    <section class="watches" aria-label="Baselines">
      <h2>Baselines</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Value</th>
            <th scope="col">Window</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} class={row.value === null ? 'is-to-come' : ''}>
              <th scope="row">{visible(row.label)}</th>
              <td data-label="Value">
                {row.value ?? 'none yet'}
                {row.value !== null && row.take !== null && <span class="hint">{row.take}</span>}
              </td>
              <td data-label="Window">
                {row.samples === null ? (
                  ''
                ) : (
                  <>
                    median {row.median}, p95 {row.p95}
                    <span class="hint">
                      {row.range} · {row.samples} samples
                    </span>
                  </>
                )}
              </td>
              <td data-label="From">{visible(row.source)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
