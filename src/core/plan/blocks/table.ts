/** A Markdown table as its cells: the first one of a part of a document. */

export type TableRow = readonly string[]

export interface Table {
  /** Of the line with the headings, from 1. */
  readonly line: number
  readonly heads: TableRow
  readonly rows: readonly TableRow[]
}

const divider = /^\s*\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*$/
const fence = /^\s*(```|~~~)/
const heading = /^#{1,6}\s/

/** From the line behind `from` to `to`, or to the next heading; null = there is none. Both count from 1. */
export function readTable(lines: readonly string[], from: number, to: number | null): Table | null {
  let isCode = false
  for (let at = from; at < (to ?? lines.length); at += 1) {
    const line = lines[at] ?? ''
    if (fence.test(line)) isCode = !isCode
    if (isCode) continue
    if (to === null && heading.test(line)) return null
    const isTable = line.includes('|') && divider.test(lines[at + 1] ?? '') && (lines[at + 1] ?? '').includes('-')
    if (isTable) return { line: at + 1, heads: cellsOf(line), rows: rowsFrom(lines, at + 2) }
  }
  return null
}

function rowsFrom(lines: readonly string[], from: number): readonly TableRow[] {
  const rows: TableRow[] = []
  for (let at = from; (lines[at] ?? '').includes('|'); at += 1) rows.push(cellsOf(lines[at] ?? ''))
  return rows
}

/** Between unescaped bars; `\|` is a bar. Blanks such as `___` are empty cells. */
function cellsOf(line: string): TableRow {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) =>
    cell
      .trim()
      .replaceAll('\\|', '|')
      .replace(/^_{2,}$|^\.{3,}$|^…$/, ''),
  )
}
