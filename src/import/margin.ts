/** Results in the margin of a document: boxes ticked and a line behind each item, and the document as it was before. */
import { sha256Hex } from '../core/log/canonical.ts'
import type { ImportItem, Outline } from './item.ts'
import { joinLines, linesOf, usualEnd, type SourceLine } from './lines.ts'
import { markerOf } from './marker.ts'
import { readOutline } from './outline.ts'

/** What became of one item. */
export interface Result {
  /** First line of its item. */
  readonly line: number
  readonly isTicked: boolean
  /** One line of HTML that cannot be left; '' = the box says it all. */
  readonly html: string
  /** The same with its name, where no item of its own says it; absent = as `html`. */
  readonly named?: string
}

/** null where no line of the document stands for it. */
export type LineOf = (line: number) => number | null

export interface Bare {
  readonly text: string
  /** From a line with margins to the line without them. */
  readonly lineOf: LineOf
  /** People changed more than the margins, or in them. */
  readonly isChanged: boolean
}

/**
 * The document with each result in the line behind its item's words, and with `closing` (HTML as well) as its last
 * line. All other bytes stay, but for boxes. `withoutMargin` takes it all out again.
 */
export function withMargin(text: string, results: readonly Result[], closing: string): string {
  const draft = draftOf(text)
  const homed = atItems(
    draft,
    results.toSorted((a, b) => a.line - b.line),
  )
  const placed = placeable(draft, homed)
  const isPlaced = new Set(placed)
  const lost = homed.filter((each) => each.html !== '' && !isPlaced.has(each))
  return written(draft, placed, { lost, closing }).text
}

/** What a block writes out into several steps is told by name behind the item that it belongs to: the one before it. */
function atItems(draft: Draft, results: readonly Result[]): readonly Result[] {
  const starts = [...draft.items.keys()].toSorted((a, b) => a - b)
  const taken = new Set<number>()
  return results.map((result) => {
    const { line, html, named = html } = result
    if (draft.items.has(line) && !taken.has(line)) {
      taken.add(line)
      return result
    }
    return { line: starts.findLast((start) => start <= line) ?? line, isTicked: result.isTicked, html: named }
  })
}

const noteLine = /^<!-- holdpoint export: margin (\d{1,9}) of ([0-9a-f]{16})(?: boxes ([^\s>]*))? -->/

/** null = nothing stands in the margin of this document. */
export function withoutMargin(text: string): Bare | null {
  const byteMark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const lines = linesOf(text.slice(byteMark.length))
  const last = lines.at(-1)
  const note = last && noteLine.exec(last.text)
  if (!last || !note) return null
  const [, nth = '', print = '', boxes = ''] = note
  const mark = markOf(Number(nth))
  const kept: SourceLine[] = []
  const numbers = new Map<number, number>()
  for (const [index, line] of lines.slice(0, -1).entries()) {
    if (line.text.replace(/^[ \t>]*/, '').startsWith(mark)) continue
    kept.push(line)
    numbers.set(index + 1, kept.length)
  }
  restore(kept, boxes)
  const end = kept.at(-1)
  // Where the document ended without a line end, the closing line does so too.
  if (end && last.end === '') kept[kept.length - 1] = { ...end, end: '' }
  const bare = byteMark + joinLines(kept)
  return { text: bare, lineOf: (line) => numbers.get(line) ?? null, isChanged: printOf(bare) !== print }
}

function printOf(text: string): string {
  return sha256Hex(text).slice(0, 16)
}

/** What each of our lines begins with: a number tells it from what stands in the document already. */
function markOf(nth: number): string {
  return nth === 0 ? '<!-- holdpoint -->' : `<!-- holdpoint ${nth} -->`
}

interface Draft {
  /** Without its byte order mark. */
  readonly source: string
  readonly byteMark: string
  readonly lines: readonly SourceLine[]
  readonly outline: Outline
  /** The innermost list item, or the heading, that begins on a line. */
  readonly items: ReadonlyMap<number, ImportItem>
  readonly nth: number
}

function draftOf(text: string): Draft {
  const byteMark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const source = text.slice(byteMark.length)
  const outline = readOutline(source)
  const items = new Map<number, ImportItem>()
  for (const item of outline.items) if (canHold(item)) items.set(item.line, item)
  let nth = 0
  while (source.includes(markOf(nth))) nth += 1
  return { source, byteMark, lines: linesOf(source), outline, items, nth }
}

function canHold({ form, isQuoted, insert }: ImportItem): boolean {
  if (form === 'heading') return insert !== null
  return (form === 'task' || form === 'bullet' || form === 'ordered') && (insert !== null || isQuoted)
}

/** Behind the item's own words. No block may stand in a quotation, but a result may. */
function placeOf({ insert, line, marked, raw }: ImportItem): NonNullable<ImportItem['insert']> {
  return insert ?? { afterLine: line + marked.split('\n').length - 1, prefix: markerOf(raw[0] ?? '', 0).prefix }
}

interface Box {
  readonly line: number
  /** Counted from 0. */
  readonly column: number
  readonly before: string
  readonly after: string
}

interface Ending {
  readonly lost: readonly Result[]
  readonly closing: string
}

interface Written {
  readonly text: string
  /** From a line of the document to its line here. */
  readonly lines: readonly number[]
}

function written(draft: Draft, placed: readonly Result[], { lost, closing }: Ending): Written {
  const mark = markOf(draft.nth)
  const usual = usualEnd(draft.lines)
  const behind = new Map<number, string[]>()
  const boxes: Box[] = []
  const seen = new Set<ImportItem>()
  for (const result of placed) {
    const item = draft.items.get(result.line)
    if (!item) continue
    const { afterLine, prefix } = placeOf(item)
    const gap = item.form === 'heading' ? '' : '<br>'
    if (result.html !== '')
      behind.set(afterLine, [...(behind.get(afterLine) ?? []), `${prefix}${mark}${gap}${result.html}`])
    // The first of an item is its own.
    const box = seen.has(item) ? null : boxOf(item, result.isTicked)
    seen.add(item)
    if (box) boxes.push(box)
  }
  const marked = new Map(boxes.map((box) => [box.line, box]))
  const out: SourceLine[] = []
  const places: number[] = []
  for (const [index, { text, end }] of draft.lines.entries()) {
    const box = marked.get(index + 1)
    out.push({ text: box ? exchanged(text, box) : text, end: end === '' ? usual : end })
    places.push(out.length)
    for (const line of behind.get(index + 1) ?? []) out.push({ text: line, end: end === '' ? usual : end })
  }
  for (const { html } of lost) out.push({ text: `${mark}${html}`, end: usual })
  const print = printOf(draft.byteMark + draft.source)
  const told = boxes.length > 0 ? ` boxes ${boxes.map(boxWords).join(';')}` : ''
  const isOpen = draft.lines.at(-1)?.end === ''
  out.push({
    text: `<!-- holdpoint export: margin ${draft.nth} of ${print}${told} -->${closing}`,
    end: isOpen ? '' : usual,
  })
  return { text: draft.byteMark + joinLines(out), lines: places }
}

const boxHere = /\[(?:[ xX~+✓✔✗/?-]|n\/a)?\]|[☐☑☒⬜□]/iuy

/** The box of an item, where it has to change. */
function boxOf(item: ImportItem, isTicked: boolean): Box | null {
  const { line, raw, checked, form } = item
  if (checked === null || checked === isTicked || form === 'heading') return null
  const first = raw[0] ?? ''
  const column = placeOf(item).prefix.length
  boxHere.lastIndex = column
  const before = boxHere.exec(first)?.[0]
  if (before === undefined) return null
  const after = before.startsWith('[') ? (isTicked ? '[x]' : '[ ]') : isTicked ? '☑' : '☐'
  return { line, column, before, after }
}

function exchanged(text: string, { column, before, after }: Box): string {
  return text.slice(0, column) + after + text.slice(column + before.length)
}

/** An open box is not named; the list of boxes is one word, so a blank in another one is written `_`. */
function boxWords({ line, column, before }: Box): string {
  return before === '[ ]' ? `${line}:${column}` : `${line}:${column}:${before.replace(' ', '_')}`
}

function restore(lines: SourceLine[], boxes: string): void {
  for (const told of boxes.split(';')) {
    const [, at, place, word = '[ ]'] = /^(\d{1,9}):(\d{1,9})(?::(.{1,5}))?$/u.exec(told) ?? []
    const line = lines[Number(at) - 1]
    if (!line) continue
    const column = Number(place)
    const after = /^(?:\[[x ]\]|[☑☐])/u.exec(line.text.slice(column, column + 3))?.[0]
    if (after === undefined) continue
    const text = exchanged(line.text, { line: 0, column, before: after, after: word.replace('_', ' ') })
    lines[Number(at) - 1] = { ...line, text }
  }
}

const mostRounds = 20

/** The results after which Markdown still reads every item of the document as before. */
function placeable(draft: Draft, results: readonly Result[]): readonly Result[] {
  let kept = results.filter(({ line }) => draft.items.has(line))
  for (let round = 0; round < mostRounds && kept.length > 0; round++) {
    const misread = misreadLines(draft, kept)
    if (misread.length === 0) return kept
    const culprits = new Set(misread.map((line) => kept.findLast((each) => each.line <= line) ?? kept[0]))
    kept = kept.filter((each) => !culprits.has(each))
  }
  return []
}

/** Lines of the document at which Markdown would find other items than before. */
function misreadLines(draft: Draft, placed: readonly Result[]): readonly number[] {
  const { text, lines } = written(draft, placed, { lost: [], closing: '' })
  const before = new Map<string, number>()
  const told = (item: ImportItem, lineOf: (line: number) => number | undefined): string =>
    JSON.stringify([
      lineOf(item.line),
      item.parent === null ? null : lineOf(item.parent),
      item.text,
      item.depth,
      item.info,
      item.level,
    ])
  for (const item of draft.outline.items)
    before.set(
      told(item, (line) => lines[line - 1]),
      item.line,
    )
  const misread: number[] = []
  for (const item of readOutline(text).items)
    if (!before.delete(told(item, (line) => line))) misread.push(lines.findLastIndex((line) => line <= item.line) + 1)
  misread.push(...before.values())
  const isWhole = misread.length > 0 || withoutMargin(text)?.isChanged === false
  return isWhole ? misread : [draft.lines.length]
}
