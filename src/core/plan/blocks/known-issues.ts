/** `yaml known-issues`: what is known to be wrong with a version, in the table below it, and what its severities mean. */
import type { Compiling, Draft, DraftStep } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { IssueColumn, KnownIssue, KnownIssuesBlock } from '../plan.ts'
import type { Problems } from '../problem.ts'
import { Settings } from '../settings.ts'
import { readTable, type Table, type TableRow } from './table.ts'

const example = '```yaml known-issues\nblock: [critical, high]\nask: [medium]\nmax: { low: 10 }\n```'
const tableExample =
  '| Issue | Workaround | Severity | Target fix |\n|---|---|---|---|\n| Logo is blurred | none | low | 2.1 |'

const usualSeverities: readonly string[] = ['critical', 'high', 'medium', 'low']
const columns: readonly IssueColumn[] = ['issue', 'workaround', 'severity', 'target']

/** What a column is usually called. */
const usualHeads: Readonly<Record<IssueColumn, RegExp>> = {
  issue: /issue|problem|description|limitation/i,
  workaround: /work-?\s?around|mitigation/i,
  severity: /severity|priority|impact/i,
  target: /target|fix|planned|resolution/i,
}

export function readKnownIssues(block: ReadBlock, compiling: Compiling): KnownIssuesBlock {
  const { settings } = block
  const severities = (settings.names('severities') ?? usualSeverities).map((name) => name.toLowerCase())
  const named = (name: string): readonly string[] => readSeverities(name, settings, severities)
  const rules = { block: named('block'), ask: named('ask'), max: readMost(settings, severities) }
  const heads = readHeads(settings)
  settings.finish(example)
  if (compiling.at) headsOf.set(compiling.at, heads)
  return { word: 'known-issues', severities, ...rules, issues: [] }
}

/** The author's own names of columns, until the table is read. */
const headsOf = new WeakMap<DraftStep, Readonly<Partial<Record<IssueColumn, string>>>>()

function readSeverities(name: string, settings: Settings, known: readonly string[]): readonly string[] {
  const place = settings.placeOf(name)
  const names = (settings.names(name) ?? []).map((one) => one.toLowerCase())
  const strange = names.find((one) => !known.includes(one))
  if (strange !== undefined)
    settings.error('bad-value', place, {
      found: `the severity "${strange}" for "${name}" in ${settings.what}`,
      expected: `some of: ${known.join(', ')}`,
      example: 'severities: [blocker, major, minor]',
    })
  return names
}

function readMost(settings: Settings, known: readonly string[]): Readonly<Record<string, number>> {
  const group = settings.group('max')
  if (group === null) return {}
  const most = known.flatMap((name) => {
    const count = group.whole(name, 0, 10_000)
    return count === null ? [] : [[name, count] as const]
  })
  group.finish('max: { low: 10 }')
  return Object.fromEntries(most)
}

function readHeads(settings: Settings): Readonly<Partial<Record<IssueColumn, string>>> {
  const group = settings.group('columns')
  if (group === null) return {}
  const heads = columns.flatMap((column) => {
    const head = group.text(column)
    return head === null ? [] : [[column, head] as const]
  })
  group.finish('columns: { issue: "What", severity: "How bad" }')
  return Object.fromEntries(heads)
}

/** The first table of each such step's section becomes its rows. A cell left empty is one to fill in. */
export function readIssueTables(draft: Draft, text: string, problems: Problems): void {
  if (!draft.steps.some(({ block }) => block.word === 'known-issues')) return
  const lines = text.split(/\r?\n/)
  for (const step of draft.steps) {
    const { block } = step
    if (block.word !== 'known-issues') continue
    const table = readTable(lines, step.line, step.isHeading ? null : step.endLine)
    if (table === null) continue
    const places = placesOf(step, table, problems)
    if (places) step.block = { ...block, issues: table.rows.flatMap((row, at) => issueOf(row, at, places)) }
  }
}

type Places = Readonly<Record<IssueColumn, number>>

function placesOf(step: DraftStep, { heads, line }: Table, problems: Problems): Places | null {
  const own = headsOf.get(step) ?? {}
  const found = columns.map((column) => {
    const head = own[column]
    return heads.findIndex((one) =>
      head === undefined ? usualHeads[column].test(one) : one.toLowerCase() === head.toLowerCase(),
    )
  })
  const [issue = -1, workaround = -1, severity = -1, target = -1] = found
  const missing = columns.find((column, at) => found[at] === -1 && (own[column] !== undefined || isNeeded(column)))
  if (missing === undefined) return { issue, workaround, severity, target }
  problems.error(
    'bad-value',
    { line, column: 1 },
    {
      found: `a table of known issues with the columns ${heads.join(', ')}`,
      expected: `a column for the ${missing}, or its name: columns: { ${missing}: … }`,
      example: tableExample,
    },
  )
  return null
}

function isNeeded(column: IssueColumn): boolean {
  return column === 'issue' || column === 'severity'
}

/** A row without a word is no issue: it is there for somebody to write in. */
function issueOf(row: TableRow, at: number, places: Places): readonly KnownIssue[] {
  const cell = (column: IssueColumn): string => (places[column] < 0 ? '' : (row[places[column]] ?? ''))
  const issue = {
    id: String(at + 1),
    issue: cell('issue'),
    workaround: cell('workaround'),
    severity: cell('severity').toLowerCase(),
    target: cell('target'),
  }
  return columns.some((column) => issue[column] !== '') ? [issue] : []
}
