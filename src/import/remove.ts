/** Takes out of a copy what importing put in: what is left is the team's own document, to the letter. */
import { sha256Hex } from '../core/log/canonical.ts'
import { noteOf, withoutHead, type Note } from './head.ts'
import { isOurs } from './import.ts'
import type { ImportItem, ItemFence, Outline } from './item.ts'
import { joinLines, linesOf, type SourceLine } from './lines.ts'
import { readOutline } from './outline.ts'

/** A block that stands in a copy. */
export interface PlacedBlock {
  /** Not indented, lines parted by line feeds. */
  readonly block: string
  /** Line of the document without our blocks behind which it stands; counted without a front matter that importing made. */
  readonly afterLine: number
}

export interface Removed {
  readonly text: string
  /** From a line of the copy to its line in `text`; null = it is not in there. */
  readonly lineOf: (line: number) => number | null
  readonly blocks: readonly PlacedBlock[]
  readonly note: Note
  /** Lines that people added to the front matter that importing made. */
  readonly extra: readonly string[]
  /** People changed more in the copy than blocks and that front matter. */
  readonly isChanged: boolean
}

/** null = the text is no copy that importing wrote. A byte order mark stays. */
export function removeBlocks(text: string): Removed | null {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const source = text.slice(mark.length)
  const outline = readOutline(source)
  const note = noteOf(outline)
  if (!note) return null
  const fences = ourFences(outline, new Set(note.own))
  const lines = linesOf(source)
  const last = outline.frontMatter?.endLine ?? 0
  const head = withoutHead(lines.slice(0, last), note)
  const kept: SourceLine[] = [...head.lines]
  const places = new Map<number, number>()
  const keep = (from: number, to: number): void => {
    for (let line = from; line < to; line++) places.set(line + 1, kept.length + line - from + 1)
    kept.push(...lines.slice(from, to))
  }
  const blocks: PlacedBlock[] = []
  let at = last
  for (const { item, fence } of fences) {
    keep(at, fence.line - 1)
    blocks.push({ block: blockOf(item, fence), afterLine: kept.length })
    at = fence.endLine
    endWhereItEnded(kept, lines, fence)
  }
  keep(at, lines.length)
  const left = joinLines(kept)
  const isChanged = note.of !== null && note.of !== printOfText(left)
  const lineOf = (line: number): number | null => places.get(line) ?? null
  return { text: mark + left, lineOf, blocks, note, extra: head.extra, isChanged }
}

/** Print of a document without its byte order mark. */
export function printOfText(source: string): string {
  return sha256Hex(source).slice(0, 16)
}

/** The last line of a document without a final line end got one when a block was put behind it. */
function endWhereItEnded(kept: SourceLine[], lines: readonly SourceLine[], fence: ItemFence): void {
  const before = kept.at(-1)
  if (before && fence.endLine === lines.length && lines.at(-1)?.end === '')
    kept[kept.length - 1] = { ...before, end: '' }
}

interface OurFence {
  readonly item: ImportItem
  readonly fence: ItemFence
}

function ourFences(outline: Outline, own: ReadonlySet<string>): readonly OurFence[] {
  const found: OurFence[] = []
  for (const item of outline.items) {
    const fence = item.form === 'fence' && !item.isQuoted && item.info !== null ? item.fences[0] : undefined
    if (fence && isOurs(fence.info, fence.line) && !own.has(printOf(fence))) found.push({ item, fence })
  }
  return found
}

/** Prints of the blocks that a document has before anything is put in. */
export function ownBlocks(outline: Outline): readonly string[] {
  return [...new Set(ourFences(outline, new Set()).map(({ fence }) => printOf(fence)))]
}

function printOf({ info, body }: ItemFence): string {
  return sha256Hex(`${info}\n${body}`).slice(0, 8)
}

/** The block as it was before it was indented. */
function blockOf(item: ImportItem, fence: ItemFence): string {
  const [first = '', ...rest] = item.raw
  const marks = /(`{3,}|~{3,}).*$/.exec(first)?.[0] ?? first
  const last = /(`{3,}|~{3,})\s*$/.exec(rest.at(-1) ?? '')?.[0].trim() ?? ''
  return `${marks}\n${fence.body}${fence.body === '' || fence.body.endsWith('\n') ? '' : '\n'}${last}`
}
