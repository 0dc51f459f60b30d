/** `rows` of a field: an open-ended table with typed columns, how many rows it needs, and those it begins with. */
import type { Compiling } from '../draft.ts'
import { parseFieldValue } from '../field-value.ts'
import { nearest } from '../nearest.ts'
import type { ColumnPlan, TablePlan } from '../plan.ts'
import { longestCell, mostRows } from '../row-limits.ts'
import { type Settings, shown } from '../settings.ts'
import type { MapValue, Value } from '../yaml.ts'
import { declareValue } from './common.ts'
import { readLabel, readName, readTyped, settingsOf } from './typed.ts'

const mostColumns = 20
const usualLeast = 1

const columnsExample = 'columns: { finding: text, severity: { options: [low, high] } }'
const rowsExample = `rows: { ${columnsExample} }`
const startExample = 'start: [{ finding: Logo is blurred, severity: low }]'

export function readTable(name: string | null, settings: Settings, compiling: Compiling): TablePlan {
  const written = readName(name, settings)
  const table = { name: written.replaceAll('-', '_'), label: readLabel(written, settings) }
  const rows = settings.group('rows')
  settings.finish(`${written}: { label: Findings, ${rowsExample} }`)
  declareValue(table.name, 'list', settings.place, compiling)
  if (rows === null) return { ...table, columns: [], least: usualLeast, most: mostRows, start: [] }
  const columns = readColumns(rows)
  const { least, most } = readCounts(rows)
  const start = readStart(rows, columns, most)
  rows.finish(`rows: { ${columnsExample}, least: 1 }`)
  return { ...table, columns, least, most, start }
}

function readColumns(rows: Settings): readonly ColumnPlan[] {
  const place = rows.placeOf('columns')
  if (!rows.has('columns')) {
    rows.missing('columns', 'columns: the names of the columns, each with its type', columnsExample)
    return []
  }
  const columns = (rows.group('columns')?.members() ?? []).map(([name, entry]) => {
    const settings = settingsOf(name, entry, rows, 'column')
    const column = readTyped(name, settings)
    settings.finish('severity: { options: [low, high], required: false }')
    if (!/^[A-Za-z_]\w*$/.test(column.name))
      rows.error('bad-value', entry.place, {
        found: `the column name "${name}"`,
        expected: 'a letter, then letters, digits, "-" and "_"',
        example: columnsExample,
      })
    return column
  })
  const names = columns.map((column) => column.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined || columns.length === 0 || columns.length > mostColumns)
    rows.error('bad-value', place, {
      found: twice === undefined ? `${columns.length} columns in ${rows.what}` : `two columns "${twice}"`,
      expected: twice === undefined ? `1 to ${mostColumns} columns` : 'each column once ("-" and "_" are the same)',
      example: columnsExample,
    })
  return columns
}

function readCounts(rows: Settings): Pick<TablePlan, 'least' | 'most'> {
  const place = rows.placeOf('most')
  const least = rows.whole('least', 0, mostRows) ?? usualLeast
  const most = rows.whole('most', 1, mostRows) ?? mostRows
  if (least <= most) return { least, most }
  rows.error('bad-value', place, {
    found: `at least ${least} and at most ${most} rows`,
    expected: '"most" not below "least", which is 1 where nobody says otherwise',
    example: 'least: 1\nmost: 20',
  })
  return { least, most: least }
}

function readStart(rows: Settings, columns: readonly ColumnPlan[], most: number): TablePlan['start'] {
  const entry = rows.take('start')
  if (entry === null) return []
  const { value } = entry
  const items = value.kind === 'list' ? value.items : []
  if (value.kind !== 'list' || items.length > most) {
    rows.error('bad-value', value.place, {
      found:
        value.kind === 'list' ? `${items.length} rows to start with` : `${shown(value)} for "start" in ${rows.what}`,
      expected: value.kind === 'list' ? `at most ${most} rows` : 'a list of rows, each a mapping of columns',
      example: startExample,
    })
    return []
  }
  return items.flatMap((item, at) => (item.kind === 'map' ? [readRow(item, at, columns, rows)] : noRow(item, rows)))
}

function noRow(item: Value, rows: Settings): readonly [] {
  rows.error('bad-value', item.place, {
    found: `${shown(item)} as a row of ${rows.what}`,
    expected: 'a mapping of columns and their cells',
    example: startExample,
  })
  return []
}

function readRow(item: MapValue, at: number, columns: readonly ColumnPlan[], rows: Settings): Record<string, string> {
  const cells: Record<string, string> = {}
  for (const [written, { place, value }] of item.entries) {
    const column = columns.find(({ name }) => name === written.replaceAll('-', '_'))
    if (!column) {
      rows.error('unknown-attribute', place, {
        found: `the column "${written}" in row ${at + 1} of ${rows.what}`,
        expected: nearest(
          written,
          columns.map(({ name }) => name),
        ),
        example: startExample,
      })
      continue
    }
    const text = value.kind === 'scalar' ? value.text.trim() : ''
    if (value.kind === 'scalar' && text === '') continue
    const read = value.kind === 'scalar' ? parseFieldValue(column, text) : null
    if (read?.kind === 'good' && text.length <= longestCell) cells[column.name] = text
    else
      rows.error('bad-value', value.place, {
        found: `${shown(value)} for "${column.name}" in row ${at + 1} of ${rows.what}`,
        expected: read?.kind === 'bad' ? read.expected : `one value of at most ${longestCell} characters`,
        example: startExample,
      })
  }
  return cells
}
