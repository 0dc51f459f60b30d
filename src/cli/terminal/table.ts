/** Rows under headings: columns as wide as they need to be, the widest cut when a line would not fit, an ID never. */
import { foldLine } from './fold.ts'
import { type Line, lineWidth, type Tone } from './line.ts'
import { cut, padEnd, visible, widthOf } from './text.ts'

export interface Row {
  readonly cells: readonly string[]
  readonly tone?: Tone
}

const GAP = 2
/** A column is never cut below this: less says nothing. */
const NARROWEST = 8

/** Lines no wider than `width`; a heading above each column. Nothing when there is no row. */
export function tableLines(heads: readonly string[], rows: readonly Row[], width: number): readonly Line[] {
  if (rows.length === 0) return []
  const shown = rows.map((row) => ({ ...row, cells: row.cells.map(visible) }))
  const widths = fitting(
    heads.map((head, at) => Math.max(widthOf(head), ...shown.map(({ cells }) => widthOf(cells[at] ?? '')))),
    width,
    new Set(heads.flatMap((head, at) => (head === 'ID' ? [at] : []))),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => padEnd(cut(cell, widths[at] ?? 0), widths[at] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd()
  return [[[line(heads), 'dim']], ...shown.map(({ cells, tone = 'plain' }): Line => [[line(cells), tone]])]
}

/** Takes from whichever is the widest, one by one, until all fit; what is typed again (`whole`) stays as it is. */
function fitting(natural: readonly number[], width: number, whole: ReadonlySet<number>): readonly number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1)) - width
  for (; over > 0; over -= 1) {
    const widest = Math.max(...widths.filter((_, at) => !whole.has(at)))
    if (widest <= NARROWEST) break
    widths[widths.findIndex((one, at) => one === widest && !whole.has(at))] = widest - 1
  }
  return widths
}

/** As `tableLines`, of rows whose last cell is a sentence: where it does not fit, it stands whole below its row. */
export function toldTableLines(heads: readonly string[], rows: readonly Row[], width: number): readonly Line[] {
  const beside = tableLines(heads, rows, Number.POSITIVE_INFINITY)
  if (Math.max(0, ...beside.map(lineWidth)) <= width) return beside
  const [head, ...lines] = tableLines(
    heads.slice(0, -1),
    rows.map(({ cells, ...row }) => ({ ...row, cells: cells.slice(0, heads.length - 1) })),
    width,
  )
  const told = rows.map(({ cells, tone = 'plain' }): Line => [[`  ${visible(cells[heads.length - 1] ?? '')}`, tone]])
  return [
    ...(head === undefined ? [] : [head]),
    ...lines.flatMap((line, at) => [line, ...foldLine(told[at] ?? [], width)]),
  ]
}
