/** The rows of a table that people fill in become one table of a `fields` block, under the heading of the table. */
import type { Proposal } from '../item.ts'
import { keyOf, typeOf } from '../reading/field-words.ts'
import { yamlText } from '../reading/proposals.ts'
import type { Recognised } from '../recognise.ts'

interface FoundTable {
  /** Place of the heading above it; -1 = there is none. */
  readonly holder: number
  readonly header: readonly string[]
  readonly rows: readonly number[]
  /** Every row is one to fill in. */
  readonly isOpen: boolean
}

/** Changes the entries of `seen`. */
export function proposeFilledTables(seen: Recognised[]): void {
  for (const { holder, header, rows, isOpen } of tablesIn(seen)) {
    const heading = seen[holder]
    if (!isOpen || !heading?.item.insert || heading.proposal) continue
    const starts = rows.flatMap((row) => startOf(seen[row]?.item.table?.cells ?? []))
    const proposal = isRegister(header) ? register : tableProposal(heading.item.text, header, starts)
    if (proposal === null) continue
    seen[holder] = { ...heading, why: 'The table below it is filled in row by row.', proposal }
    for (const row of rows) {
      const each = seen[row]
      if (each) seen[row] = { ...each, why: `${each.why} It is in the table proposed at line ${heading.item.line}.` }
    }
  }
}

function tablesIn(seen: readonly Recognised[]): readonly FoundTable[] {
  const tables = new Map<number, FoundTable>()
  let holder = -1
  for (const [at, { item, role, kind }] of seen.entries()) {
    if (item.form === 'heading' && item.parent === null) holder = at
    if (item.table === null || item.parent !== null) continue
    const isField = kind === 'form-field' && role === 'field'
    const { line, header } = item.table
    const known = tables.get(line) ?? { holder, header, rows: [], isOpen: true }
    tables.set(line, { ...known, rows: [...known.rows, at], isOpen: known.isOpen && isField })
  }
  return [...tables.values()]
}

/** Issues with a severity: rows that are there already are read from the table itself. */
const register: Proposal = { block: '```yaml known-issues\nask: [critical, high]\n```', risk: 'reads' }

function isRegister(header: readonly string[]): boolean {
  return (
    header.some((head) => /\b(?:known )?(?:issue|problem)\b/i.test(head)) &&
    header.some((head) => /severity/i.test(head))
  )
}

/** What stands in the row already, with the place of its cell. */
function startOf(cells: readonly string[]): readonly (readonly (readonly [number, string])[])[] {
  const filled = cells.flatMap((cell, at) => (isBlank(cell) ? [] : [[at, cell] as const]))
  return filled.length === 0 ? [] : [filled]
}

function isBlank(cell: string): boolean {
  return /^[\s_.\-☐□⬜…]*$|^\[ ?\]$/u.test(cell)
}

const mostColumns = 20

function tableProposal(
  title: string,
  header: readonly string[],
  starts: readonly (readonly (readonly [number, string])[])[],
): Proposal | null {
  const columns = header.flatMap((head, at) => (isNumber(head) ? [] : [{ at, head, key: keyOf(head, 'column') }]))
  const keys = new Set(columns.map(({ key }) => key))
  if (columns.length === 0 || columns.length > mostColumns || keys.size !== columns.length) return null
  const rows = starts.map((cells) =>
    cells.flatMap(([at, cell]) => {
      const column = columns.find((one) => one.at === at)
      return column ? [`${column.key}: ${yamlText(cell)}`] : []
    }),
  )
  const told = rows.filter((cells) => cells.length > 0)
  const filled = new Set(starts.flatMap((cells) => cells.map(([at]) => at)))
  const lines = [
    `${keyOf(title, 'table')}:`,
    `  label: ${yamlText(title)}`,
    '  rows:',
    ...(told.length > 1 ? [`    least: ${told.length}`] : []),
    '    columns:',
    ...columns.map(({ at, head, key }) => `      ${key}: ${columnOf(head, key, filled.has(at))}`),
    ...(told.length > 0 ? ['    start:', ...told.map((cells) => `      - { ${cells.join(', ')} }`)] : []),
  ]
  return { block: `\`\`\`yaml fields\n${lines.join('\n')}\n\`\`\``, risk: 'reads' }
}

/** A column of row numbers: rows have their own. */
function isNumber(head: string): boolean {
  return /^(?:#|no\.?|nr\.?)?$/i.test(head.trim())
}

/** What the document has written in already is read as words. */
function columnOf(head: string, key: string, isFilled: boolean): string {
  const type = isFilled ? 'text' : typeOf(head)
  const label = head.toLowerCase() === key.replaceAll('-', ' ') ? [] : [`label: ${yamlText(head)}`]
  const isOptional = /\b(?:notes?|comments?|remarks?|optional)\b/i.test(head)
  if (label.length === 0 && !isOptional) return type
  return `{ ${[...label, `type: ${type}`, ...(isOptional ? ['required: false'] : [])].join(', ')} }`
}
