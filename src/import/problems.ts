/** What is odd about a document that is imported. None of it keeps an item from being read. */
import type { LintCode, TextCode } from '../core/plan/codes.ts'
import type { Encoding } from './encoding.ts'
import type { Dialect, ImportItem, Outline } from './item.ts'

export interface ImportProblem {
  readonly line: number
  /** Of importing, or of the lint of the text. */
  readonly code: ImportCode | TextCode | LintCode
  readonly severity: 'error' | 'warning'
  readonly found: string
  readonly expected: string
  readonly example: string
}

export type ImportCode =
  | 'import-cut'
  | 'import-encoding'
  | 'import-damaged-text'
  | 'import-odd-box'
  | 'import-ticked'
  | 'import-no-step'
  | 'import-left-out'
  | 'import-lost-decision'
  | 'import-results'

export function problemsOf(outline: Outline, encoding: Encoding): readonly ImportProblem[] {
  return [
    ...encodingProblems(encoding),
    ...cutProblems(outline),
    ...boxProblems(outline.items),
    ...stepProblems(outline),
  ]
}

/** Results of a release stand in the margin; lines are counted without them. */
export function exported({ isChanged }: { readonly isChanged: boolean }): ImportProblem {
  const changed = isChanged ? ', in a document that was changed since' : ''
  return {
    line: 1,
    code: 'import-results',
    severity: 'warning',
    found: `results of a release in the margin${changed}; they are left out, and lines are counted without them`,
    expected: 'the document from before the release',
    example: 'holdpoint import RELEASE.md',
  }
}

const misread = { macintosh: 'Mac Roman', 'windows-1252': 'Windows-1252', 'latin-1': 'Latin-1' } as const

function encodingProblems({ name, damage, damaged, characters, repaired, isWritable }: Encoding): ImportProblem[] {
  const problems: ImportProblem[] = []
  if (name !== 'utf-8')
    problems.push({
      line: 1,
      code: 'import-encoding',
      severity: isWritable ? 'warning' : 'error',
      found: name === 'windows-1252' ? 'bytes that are not UTF-8, read here as Windows-1252' : 'text in UTF-16',
      expected: isWritable ? 'UTF-8, as the copy is written' : 'UTF-8; --repair reads it so and writes UTF-8',
      example: 'holdpoint import RELEASE.md --repair -o RELEASE.holdpoint.md',
    })
  if (damage && repaired === 0)
    problems.push({
      line: 1,
      code: 'import-damaged-text',
      severity: 'warning',
      found: `UTF-8 that was once read as ${misread[damage]}: ${damaged} places, ${characters} different characters`,
      expected: 'the text before it was damaged; --repair mends it to the letter',
      example: 'holdpoint import RELEASE.md --repair -o RELEASE.holdpoint.md',
    })
  return problems
}

function cutProblems({ isCut }: Outline): ImportProblem[] {
  if (!isCut) return []
  const expected = 'at most 20000 list items, nested at most forty levels'
  const example = 'one checklist for each service'
  return [{ line: 1, code: 'import-cut', severity: 'error', found: 'more than is read', expected, example }]
}

const oddBoxes: Readonly<Record<Dialect, { readonly what: string; readonly example: string }>> = {
  'empty-box': { what: 'a box without a blank in it', example: '- [ ] A step' },
  'loose-box': { what: 'a box without a bullet before it', example: '- [ ] A step' },
  'odd-box': { what: 'a box that no Markdown reader shows', example: '- [x] A step' },
  'unicode-box': { what: 'a drawn box', example: '- [ ] A step' },
  'cell-box': { what: 'a box in a table', example: '- [ ] A step' },
}

/** One line for each sort of box, at its first place. */
function boxProblems(items: readonly ImportItem[]): ImportProblem[] {
  const first = new Map<Dialect, { readonly line: number; count: number }>()
  for (const { dialect, line } of items) {
    if (dialect === null) continue
    const known = first.get(dialect)
    if (known) known.count += 1
    else first.set(dialect, { line, count: 1 })
  }
  return [...first].map(([dialect, { line, count }]) => ({
    line,
    code: 'import-odd-box',
    severity: 'warning',
    found: `${oddBoxes[dialect].what}${count > 1 ? `, ${count} times` : ''}: shown as a step here, but it becomes none by itself`,
    expected: 'a bullet and a box, if it is to be answered',
    example: oddBoxes[dialect].example,
  }))
}

function stepProblems({ items }: Outline): ImportProblem[] {
  const problems: ImportProblem[] = []
  const ticked = items.filter(({ form, checked }) => form === 'task' && checked)
  const [one] = ticked
  if (one)
    problems.push({
      line: one.line,
      code: 'import-ticked',
      severity: 'warning',
      found: `${ticked.length === 1 ? 'a box that is' : `${ticked.length} boxes that are`} ticked already`,
      expected: 'an open box: a tick in the file is never an answer',
      example: `- [ ] ${one.text.slice(0, 60)}`,
    })
  if (!items.some(({ form, isQuoted }) => !isQuoted && (form === 'task' || form === 'bullet' || form === 'ordered')))
    problems.push({
      line: 1,
      code: 'import-no-step',
      severity: 'warning',
      found: 'no box, bullet or numbered item',
      expected: 'steps; without a list, each heading becomes one',
      example: '- [ ] All tests pass',
    })
  return problems
}
