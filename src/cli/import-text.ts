/** An imported document as a tree of lines: each item's state, why, and the risk of what is proposed. Pure. */
import { asksPeople, coverageLine } from '../import/coverage.ts'
import { fencesIn } from '../import/copy.ts'
import type { ImportedItem, Imported } from '../import/import.ts'
import type { Risk } from '../import/item.ts'
import { textProblemsByCode } from '../import/lint/text-problems.ts'
import { countWords } from '../report/words.ts'
import { spread, type Line, type Span, type Tone } from './terminal/line.ts'
import { widthOf, wrap } from './terminal/text.ts'

const risks: Readonly<Record<Risk, { readonly word: string; readonly tone: Tone }>> = {
  reads: { word: 'only reads', tone: 'good' },
  changes: { word: 'changes', tone: 'warn' },
  destroys: { word: 'destroys', tone: 'bad' },
}

const stateSigns: Readonly<Record<ImportedItem['state'], Span>> = {
  manual: ['☛', 'person'],
  proposed: ['◇', 'busy'],
  automated: ['◆', 'good'],
}

/** What people decided before, by place in `imported.items`. */
export type Decided = ReadonlyMap<number, 'accepted' | 'skipped'>

export function importLines(imported: Imported, width: number, decided: Decided = new Map()): readonly Line[] {
  const { title, file, coverage, items } = imported
  const lines: Line[] = [[[title || file, 'strong'], ...(title === '' ? [] : [`  ${file}`])], [coverageLine(coverage)]]
  let heading: ImportedItem | null = null
  let isHeadingDue = false
  for (const [at, item] of items.entries()) {
    if (item.form === 'heading' && item.parent === null) {
      heading = item
      isHeadingDue = item.text !== title
      if (item.state === 'manual') continue
      // A heading with a block of its own is an item itself, told with the headings above it.
      isHeadingDue = false
      lines.push([], ...itemLines({ ...item, text: pathWords(item, title) }, width, decided.get(at)))
      continue
    }
    if (!isShown(item)) continue
    if (isHeadingDue && heading) lines.push([], headingLine([...heading.section, heading.text], title, width))
    else if (lines.length === 2) lines.push([])
    isHeadingDue = false
    lines.push(...itemLines(item, width, decided.get(at)))
  }
  return [...lines, [], ...legend(imported)]
}

function pathWords({ section, text }: ImportedItem, title: string): string {
  const above = section[0] === title ? section.slice(1) : section
  return [...above.slice(-1), text].join(' › ')
}

/** The headings above, without the title; outer ones give way where the line is too short for all. */
function headingLine(path: readonly string[], title: string, width: number): Line {
  const [first] = path
  let shown = first === title ? path.slice(1) : path
  const textOf = (): string =>
    (shown.length < path.length - (first === title ? 1 : 0) ? '… › ' : '') + shown.join(' › ')
  while (shown.length > 1 && widthOf(textOf()) > width) shown = shown.slice(1)
  return [[textOf(), 'strong']]
}

/** Words and blocks to read are kept as they are, and are not listed. */
function isShown({ role, state, form, parent, proposal }: ImportedItem): boolean {
  if (form === 'heading') return state !== 'manual'
  // A block that belongs to a step is told with the step.
  if (form === 'fence' && parent !== null) return proposal !== null
  return role !== 'note' || state !== 'manual'
}

function itemLines(item: ImportedItem, width: number, before?: 'accepted' | 'skipped'): readonly Line[] {
  const indent = ' '.repeat(1 + 2 * Math.min(8, item.form === 'heading' ? 0 : item.depth))
  const first: Line = [indent, signOf(item), ' ', wordsOf(item)]
  const lines: Line[] = [
    spread(first, before ? [[`${before} before`, before === 'accepted' ? 'good' : 'dim']] : stateWords(item), width),
  ]
  const room = Math.max(20, Math.min(width, 120) - indent.length - 2)
  if (saysWhy(item))
    for (const part of wrap(`${item.why}${needsOf(item)}`, room)) lines.push([indent, '  ', [part, 'dim']])
  return lines
}

/** Values that a block leaves open. */
export function needsOf({ proposal }: ImportedItem): string {
  const needs = proposal?.needs ?? []
  return needs.length === 0 ? '' : ` Each run asks for ${needs.join(', ')}.`
}

/** A person is asked only where something is to be done. */
function signOf({ role, state }: ImportedItem): Span {
  if (state !== 'manual' || role === 'step' || role === 'field') return stateSigns[state]
  return [role === 'group' ? '▾' : '·', 'dim']
}

function wordsOf({ text, form, line, endLine }: ImportedItem): Span {
  const words = form === 'table-row' ? text.replace(/(?:\s*\|\s*)+$/, '') : text
  if (form === 'heading') return [words, 'strong']
  if (form !== 'fence') return words === '' ? `(line ${line})` : words
  const more = Math.max(0, endLine - line - 2)
  return [more > 0 ? `${text}  … ${countWords(more, 'more line')}` : text, 'busy']
}

/** Where a person is simply asked there is nothing to explain. */
function saysWhy({ state, kind }: ImportedItem): boolean {
  return state === 'proposed' || (state === 'manual' && kind !== 'manual' && kind !== 'group' && kind !== 'reference')
}

function stateWords({ state, proposal, role, kind }: ImportedItem): Line {
  if (proposal) {
    const risk = asksPeople(proposal.block)
      ? ({ word: 'asks a person', tone: 'person' } as const)
      : risks[proposal.risk]
    return [
      ['proposed, ', 'busy'],
      [risk.word, risk.tone],
    ]
  }
  if (state === 'automated') return [['automated', 'good']]
  if (role === 'group') return []
  return [[role === 'step' || role === 'field' ? wordOfKind(kind) : role, 'dim']]
}

function wordOfKind(kind: ImportedItem['kind']): string {
  return kind === 'manual' || kind === 'group' ? 'a person' : kind.replaceAll('-', ' ')
}

function legend({ items }: Imported): readonly Line[] {
  const shown = new Set(
    items.filter((item) => isShown(item) && signOf(item) === stateSigns[item.state]).map(({ state }) => state),
  )
  const lines: Line[] = []
  if (shown.has('manual')) lines.push([stateSigns.manual, [' a person does it and says so, the usual case', 'dim']])
  if (shown.has('proposed'))
    lines.push([stateSigns.proposed, [' a block could do it; it runs only if you accept it', 'dim']])
  if (shown.has('automated')) lines.push([stateSigns.automated, [' a block does it already', 'dim']])
  return lines
}

/** What is wrong with the text, by code and line; `holdpoint lint` has the sentences. */
export function textProblemLines({ problems, file }: Imported, width: number): readonly Line[] {
  const codes = textProblemsByCode(problems)
  if (codes.length === 0) return []
  const count = codes.reduce((sum, [, lines]) => sum + lines.length, 0)
  const longest = Math.max(...codes.map(([code]) => code.length))
  const rows = codes.flatMap(([code, lines]): readonly Line[] => {
    const words = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`
    return wrap(words, Math.max(20, width - longest - 4)).map(
      (part, nth): Line => [` ${(nth === 0 ? code : '').padEnd(longest)}  `, [part, 'dim']],
    )
  })
  const head = `${countWords(count, 'thing')} in the text may be wrong; what and why: holdpoint lint ${file}`
  return [[], ...wrap(head, width).map((part): Line => [[part, 'warn']]), ...rows]
}

/** `12 proposed: 9 only read, 2 change, 1 destroys`. */
export function proposedWords({ items }: Imported): string {
  const proposed = items.flatMap(({ proposal }) => (proposal ? fencesIn(proposal.block).map(() => proposal.risk) : []))
  const count = (risk: Risk): number => proposed.filter((each) => each === risk).length
  const parts = [
    ['reads', 'only read'],
    ['changes', 'change something'],
    ['destroys', 'can destroy'],
  ].flatMap(([risk, words]) => (count(risk as Risk) > 0 ? [`${count(risk as Risk)} ${words}`] : []))
  return `${countWords(proposed.length, 'block')} proposed${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
}

/** What is accepted is seen whole: long lines go on below. */
function partsOf(line: string): readonly string[] {
  const letters = Array.from(line)
  const parts: string[] = []
  for (let at = 0; at < letters.length; at += longest) parts.push(letters.slice(at, at + longest).join(''))
  return parts.length === 0 ? [''] : parts
}

const longest = 72

/** A block as it would stand in the document. */
export function blockLines(block: string): readonly Line[] {
  return block
    .split('\n')
    .flatMap((line) => partsOf(line).map((part, nth): Line => [nth === 0 ? '     ' : '       ', [part, 'dim']]))
}
