/** A table that people change while the release runs: what it comes to, its rows, and what can be done with each. */
import type { ComponentChildren } from 'preact'
import { visible } from './visible.ts'
import '../../style/watches.css'

export interface OpenRow {
  readonly key: string
  /** It does not count any more. */
  readonly isPast?: boolean
  /** Beside the heads. */
  readonly cells: readonly ComponentChildren[]
}

interface OpenTableProps {
  /** What it is, for who does not see it. */
  readonly name: string
  readonly title: string
  readonly say: string
  readonly tone: 'fine' | 'to-accept' | 'blocked'
  readonly heads: readonly { readonly word: string; readonly limit?: string | null }[]
  readonly rows: readonly OpenRow[]
  /** What adds a row. */
  readonly children?: ComponentChildren
}

export function OpenTable({ name, title, say, tone, heads, rows, children }: OpenTableProps) {
  return (
    <section class="watches" aria-label={name}>
      <h2>{visible(title)}</h2>
      <p class={`issues-say is-${tone}`}>{visible(say)}</p>
      {rows.length > 0 && (
        <table class="issues">
          <thead>
            <tr>
              {heads.map(({ word, limit = null }) => (
                <th key={word} scope="col">
                  {visible(word)}
                  {limit !== null && <span class="hint">{visible(limit)}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, isPast = false, cells: [first, ...others] }) => (
              <tr key={key} class={isPast ? 'is-to-come' : ''}>
                <th scope="row">{first}</th>
                {others.map((cell, at) => (
                  <td key={at} data-label={labelOf(heads[at + 1])}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {children !== undefined && <p class="issue-offers">{children}</p>}
    </section>
  )
}

/** On a narrow page, where each cell has its head beside it. */
function labelOf(head: OpenTableProps['heads'][number] | undefined): string {
  return [head?.word ?? '', head?.limit ?? ''].join(' ').trim()
}

/** A cell that something is missing in. */
export const toFillIn = <i>to fill in</i>
