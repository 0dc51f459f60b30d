/** An imported document as a tree of lines: each item's state, why, and the risk of what is proposed. Pure. */
import { coverageLine } from '../import/coverage.ts'
import type { ImportedItem, Imported } from '../import/import.ts'
import type { Risk } from '../import/item.ts'
import { countWords } from '../report/words.ts'
import { spread, type Line, type Span, type Tone } from './terminal/line.ts'
import { wrap } from './terminal/text.ts'

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

export function importLines(imported: Imported, width: number): readonly Line[] {
  const { title, file, coverage, items } = imported
  const lines: Line[] = [[[title || file, 'strong'], ...(title === '' ? [] : [`  ${file}`])], [coverageLine(coverage)]]
  let heading: ImportedItem | null = null
  let isHeadingDue = false
  for (const item of items) {
    if (item.form === 'heading' && item.parent === null) {
      heading = item
      isHeadingDue = item.text !== title
      if (item.state === 'manual') continue
    }
    if (!isShown(item)) continue
    if (isHeadingDue && heading) lines.push([], [[[...heading.section.slice(1), heading.text].join(' › '), 'strong']])
    else if (lines.length === 2) lines.push([])
    isHeadingDue = false
    lines.push(...itemLines(item, width))
  }
  return [...lines, [], ...legend(imported)]
}

/** Words and blocks to read are kept as they are, and are not listed. */
function isShown({ role, state, form }: ImportedItem): boolean {
  if (form === 'heading') return state !== 'manual'
  return role !== 'note' || state !== 'manual'
}

function itemLines(item: ImportedItem, width: number): readonly Line[] {
  const indent = ' '.repeat(1 + 2 * Math.min(8, item.form === 'heading' ? 0 : item.depth))
  const first: Line = [indent, stateSigns[item.state], ' ', item.text === '' ? `(line ${item.line})` : item.text]
  const lines: Line[] = [spread(first, stateWords(item), width)]
  const room = Math.max(20, Math.min(width, 120) - indent.length - 2)
  if (saysWhy(item)) for (const part of wrap(item.why, room)) lines.push([indent, '  ', [part, 'dim']])
  return lines
}

/** Where a person is simply asked there is nothing to explain. */
function saysWhy({ state, kind }: ImportedItem): boolean {
  return state === 'proposed' || (state === 'manual' && kind !== 'manual' && kind !== 'group' && kind !== 'reference')
}

function stateWords({ state, proposal, role, kind }: ImportedItem): Line {
  if (proposal)
    return [
      ['proposed, ', 'busy'],
      [risks[proposal.risk].word, risks[proposal.risk].tone],
    ]
  if (state === 'automated') return [['automated', 'good']]
  if (role === 'group') return []
  return [[role === 'step' || role === 'field' ? wordOfKind(kind) : role, 'dim']]
}

function wordOfKind(kind: ImportedItem['kind']): string {
  return kind === 'manual' || kind === 'group' ? 'a person' : kind.replaceAll('-', ' ')
}

function legend({ items }: Imported): readonly Line[] {
  const shown = new Set(items.filter(isShown).map(({ state }) => state))
  const lines: Line[] = []
  if (shown.has('manual')) lines.push([stateSigns.manual, [' a person does it and says so, the usual case', 'dim']])
  if (shown.has('proposed'))
    lines.push([stateSigns.proposed, [' a block could do it; it runs only if you accept it', 'dim']])
  if (shown.has('automated')) lines.push([stateSigns.automated, [' a block does it already', 'dim']])
  return lines
}

/** `12 proposed: 9 only read, 2 change, 1 destroys`. */
export function proposedWords({ items }: Imported): string {
  const proposed = items.flatMap(({ proposal }) => (proposal ? [proposal.risk] : []))
  const count = (risk: Risk): number => proposed.filter((each) => each === risk).length
  const parts = [
    ['reads', 'only read'],
    ['changes', 'change something'],
    ['destroys', 'can destroy'],
  ].flatMap(([risk, words]) => (count(risk as Risk) > 0 ? [`${count(risk as Risk)} ${words}`] : []))
  return `${countWords(proposed.length, 'block')} proposed${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`
}

/** A block as it would stand in the document. */
export function blockLines(block: string): readonly Line[] {
  return block.split('\n').map((line): Line => ['     ', [line, 'dim']])
}
