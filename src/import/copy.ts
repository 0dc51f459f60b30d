/** Writes a copy of a document with blocks in it. Everything else stays as it was, and what does not compile stays out. */
import { compile, type Kinds } from '../core/plan/compile.ts'
import type { Problem } from '../core/plan/plan.ts'
import { Problems } from '../core/plan/problem.ts'
import { readYaml } from '../core/plan/yaml.ts'
import { headFor, withHead, type Head } from './head.ts'
import type { Import } from './import.ts'
import { databaseSecret, inputsOfBlock, secretsOfBlock, sourcesOfBlock, type SourceName } from './inputs.ts'
import type { ImportItem, Outline } from './item.ts'
import { joinLines, linesOf, usualEnd, type SourceLine } from './lines.ts'
import { readOutline } from './outline.ts'
import { ownBlocks, printOfText, removeBlocks } from './remove.ts'

/** A block for one item, by the item's place in `imported.items`. */
export interface Accepted {
  readonly at: number
  /** Not indented, lines parted by line feeds. */
  readonly block: string
}

export interface LeftOut extends Accepted {
  readonly line: number
  /** What was found, and what is expected instead. */
  readonly found: string
  readonly expected: string
}

export interface Copy {
  /** null = the document cannot become a checklist; `problems` say why. */
  readonly text: string | null
  readonly written: readonly Accepted[]
  readonly leftOut: readonly LeftOut[]
  /** Errors that the document has by itself. */
  readonly problems: readonly Problem[]
}

export interface CopyOptions {
  readonly file: string
  readonly shared: { readonly file: string; readonly text: string } | null
  /** Calendars that the shared settings or the document name; absent = none. */
  readonly calendars?: readonly { readonly file: string; readonly text: string }[]
  readonly kinds: Kinds
  /** Prints of items whose proposal a person did not want. */
  readonly skipped: readonly string[]
  /** Lines that people added to the front matter of an earlier copy. */
  readonly extra?: readonly string[]
}

interface Placed extends Accepted {
  readonly item: ImportItem
  readonly insert: NonNullable<ImportItem['insert']>
}

export function writeCopy(source: Import, wanted: readonly Accepted[], options: CopyOptions): Copy {
  const accepted = wanted.flatMap(({ at, block }) => fencesIn(block).map((fence) => ({ at, block: fence })))
  const leftOut: LeftOut[] = []
  const draft = draftOf(source, options)
  if (!draft) {
    const why = noMapping(options.file)
    const lineOf = (at: number): number => source.outline.items[at]?.line ?? 1
    const all = accepted.map(({ at, block }) => ({ at, block, line: lineOf(at), ...whyOf(why) }))
    return { text: null, written: [], leftOut: all, problems: [why] }
  }
  const placed = accepted.flatMap((each) => placeOf(each, source.outline, leftOut))
  const plain = check(draft, [], options)
  let kept: readonly Placed[] = placed
  for (let round = 0; kept.length > 0; round++) {
    const { bad, others } = check(draft, kept, options)
    if (bad.size === 0 && others.length <= plain.others.length) break
    // An error that stands nowhere near a block: find the block by putting them in one after another.
    if (bad.size === 0 || round > 20) {
      kept = oneByOne(draft, kept, plain.others.length, options, leftOut)
      break
    }
    kept = kept.filter((each) => {
      const why = bad.get(each)
      if (why) leftOut.push(said(each, why))
      return !why
    })
  }
  const problems = plain.others.length === 0 ? [] : check(draft, kept, options).others
  const written = kept.map(({ at, block }) => ({ at, block }))
  const text = problems.length > 0 ? null : draft.mark + textWith(draft, kept).text
  return { text, written, leftOut: leftOut.sort((a, b) => a.line - b.line), problems }
}

/** A proposal may hold several fences, one below the other; each is judged by itself. */
export function fencesIn(block: string): readonly string[] {
  const fences: string[] = []
  let mark: string | null = null
  let lines: string[] = []
  for (const line of block.split('\n')) {
    lines.push(line)
    const found: string | undefined = /^(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark === null) mark = found ?? null
    else if (found?.startsWith(mark) && line.trim() === found) {
      fences.push(lines.join('\n'))
      mark = null
      lines = []
    }
  }
  return lines.some((line) => line.trim() !== '') || fences.length === 0 ? [block] : fences
}

interface Draft {
  readonly mark: string
  /** Without its byte order mark. */
  readonly source: string
  readonly outline: Outline
  readonly lines: readonly SourceLine[]
  readonly end: string
  /** The front matter that these blocks need. */
  readonly headFor: (placed: readonly Placed[]) => Head
}

function draftOf({ text, outline }: Import, { skipped, shared, extra = [] }: CopyOptions): Draft | null {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const source = text.slice(mark.length)
  const lines = linesOf(source)
  const headingsAreSteps = outline.items.some(({ level }) => level !== null) && !outline.items.some(isListItem)
  const facts = { own: ownBlocks(outline), skipped, of: printOfText(source), headingsAreSteps, extra }
  const declared = shared === null ? [] : namesUnder('inputs', shared).map(inputName)
  const known = sharedSources(shared)
  // Whoever declares the database says its address there.
  const secrets = [
    ...(shared === null ? [] : namesUnder('secrets', shared)),
    ...(known.includes('database') ? [databaseSecret] : []),
  ]
  const headOf = (placed: readonly Placed[]): Head | null =>
    headFor(outline, {
      ...facts,
      inputs: inputsIn(placed).filter((name) => !declared.includes(name)),
      sources: unique(placed.flatMap(({ block }) => sourcesOfBlock(block))).filter((name) => !known.includes(name)),
      secrets: unique(placed.flatMap(({ block }) => secretsOfBlock(block))).filter((name) => !secrets.includes(name)),
    })
  const plain = headOf([])
  return plain && { mark, source, outline, lines, end: usualEnd(lines), headFor: (placed) => headOf(placed) ?? plain }
}

/** Names of inputs whose values the blocks take from their environment. */
function inputsIn(placed: readonly Placed[]): readonly string[] {
  return unique(placed.flatMap(({ block }) => inputsOfBlock(block)))
}

function unique<T>(all: readonly T[]): readonly T[] {
  return [...new Set(all)]
}

/** Of numbers any declared source may be the one; a cluster is one by its kind, a database by its name. */
function sharedSources(shared: CopyOptions['shared']): readonly SourceName[] {
  const names = shared === null ? [] : namesUnder('sources', shared)
  if (shared === null || names.length === 0) return []
  return [
    'metrics',
    ...(/\bkind:\s*["']?kubernetes\b/.test(shared.text) ? (['cluster'] as const) : []),
    ...(names.includes('database') ? (['database'] as const) : []),
  ]
}

type Shared = NonNullable<CopyOptions['shared']>

function namesUnder(key: 'inputs' | 'sources' | 'secrets', { file, text }: Shared): readonly string[] {
  const under = readYaml(text, { file, line: 1, column: 1 }, new Problems(file))?.entries.get(key)?.value
  return under?.kind === 'map' ? [...under.entries.keys()] : []
}

function inputName(name: string): string {
  return name.toLowerCase().replaceAll(/\W/g, '_')
}

function placeOf(accepted: Accepted, outline: Outline, leftOut: LeftOut[]): readonly Placed[] {
  const item = outline.items[accepted.at]
  if (!item) return []
  if (item.insert) return [{ ...accepted, item, insert: item.insert }]
  const found = item.isQuoted ? 'an item inside a quotation' : 'an item that no block can stand behind'
  leftOut.push({ ...accepted, line: item.line, found, expected: 'an item in a list, or a heading' })
  return []
}

function said({ at, block, item }: Placed, why: Why): LeftOut {
  return { at, block, line: item.line, ...whyOf(why) }
}

function whyOf({ found, expected }: Why): Why {
  return { found, expected }
}

/** The text with the mark and these blocks, and at which line each of them begins and ends. */
function textWith(draft: Draft, placed: readonly Placed[]): { text: string; ranges: ReadonlyMap<Placed, Range> } {
  const byLine = new Map<number, Placed[]>()
  for (const each of placed) byLine.set(each.insert.afterLine, [...(byLine.get(each.insert.afterLine) ?? []), each])
  const head = draft.headFor(placed)
  const shift = head.lines.length + (draft.outline.frontMatter ? 0 : 2)
  const lines: SourceLine[] = []
  const ranges = new Map<Placed, Range>()
  for (const [index, line] of draft.lines.entries()) {
    const here = byLine.get(index + 1) ?? []
    // Where the document ends without a line end, the copy does so too.
    lines.push(here.length > 0 && line.end === '' ? { ...line, end: draft.end } : line)
    for (const [nth, each] of here.entries()) {
      const end = line.end === '' ? draft.end : line.end
      const isLast = line.end === '' && nth === here.length - 1
      const own = each.block.split('\n').map((text) => ({ text: text === '' ? '' : each.insert.prefix + text, end }))
      const first = lines.length + 1 + shift
      lines.push(...own.slice(0, -1), { text: own.at(-1)?.text ?? '', end: isLast ? '' : end })
      ranges.set(each, { first, last: first + own.length - 1 })
    }
  }
  return { text: withHead(joinLines(lines), draft.outline, head), ranges }
}

interface Range {
  readonly first: number
  readonly last: number
}

interface Why {
  readonly found: string
  readonly expected: string
}

interface Checked {
  readonly bad: ReadonlyMap<Placed, Why>
  /** Errors outside of every block. */
  readonly others: readonly Problem[]
}

/** Reads the copy as everybody else will, and asks whether each block is what it was meant to be. */
function check(draft: Draft, placed: readonly Placed[], options: CopyOptions): Checked {
  const { text, ranges } = textWith(draft, placed)
  const bad = new Map<Placed, Why>()
  for (const each of misplaced(draft, placed, text, ranges)) bad.set(each, notRead)
  const bytes = new TextEncoder().encode(text)
  const { file, shared, calendars = [] } = options
  const { problems } = compile({ file, bytes, shared, calendars }, options.kinds)
  const others: Problem[] = []
  for (const problem of problems.filter(({ severity }) => severity === 'error')) {
    const owner = placed.find((each) => isIn(problem.line, ranges.get(each)) && problem.file === options.file)
    if (!owner) others.push(problem)
    else if (!bad.has(owner)) bad.set(owner, problem)
  }
  if (bad.size === 0 && removeBlocks(text)?.text !== draft.source) others.push(notRemovable(options.file))
  return { bad, others }
}

function isIn(line: number, range: Range | undefined): boolean {
  return range !== undefined && line >= range.first && line <= range.last
}

/** Blocks that the reader of Markdown does not see where, and in which item, they were put. */
function misplaced(
  draft: Draft,
  placed: readonly Placed[],
  text: string,
  ranges: ReadonlyMap<Placed, Range>,
): readonly Placed[] {
  if (placed.length === 0) return []
  const fences = new Map<number, ImportItem>()
  // Of two items that open on one line the inner one is the last.
  const holders = new Map<number, ImportItem>()
  for (const item of readOutline(text).items)
    if (item.form === 'fence') fences.set(item.line, item)
    else if (isListItem(item)) holders.set(item.line, item)
  return placed.filter((each) => {
    const range = ranges.get(each)
    const fence = range && fences.get(range.first)
    if (!range || fence?.endLine !== range.last) return true
    const holder = isListItem(each.item) ? each.item : holderOf(each.item, draft.outline)
    if (!holder) return fence.parent !== null
    return fence.parent === null || holders.get(fence.parent)?.text !== holder.text
  })
}

function isListItem({ form }: ImportItem): boolean {
  return form === 'task' || form === 'bullet' || form === 'ordered'
}

function holderOf(item: ImportItem, outline: Outline): ImportItem | null {
  return item.parent === null ? null : (outline.items.findLast(({ line }) => line === item.parent) ?? null)
}

const notRead: Why = {
  found: 'a place in which Markdown does not read a block as part of its item',
  expected: 'an item that begins with its text, in a list of its own',
}

function oneByOne(
  draft: Draft,
  placed: readonly Placed[],
  known: number,
  options: CopyOptions,
  leftOut: LeftOut[],
): readonly Placed[] {
  let kept: readonly Placed[] = []
  for (const each of placed) {
    const { bad, others } = check(draft, [...kept, each], options)
    const why = bad.get(each) ?? [...bad.values()][0] ?? (others.length > known ? others[0] : undefined)
    if (why) leftOut.push(said(each, why))
    else kept = [...kept, each]
  }
  return kept
}

function noMapping(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    code: 'import-front-matter',
    severity: 'error',
    found: 'front matter that is no mapping of names',
    expected: 'names and values between the two lines of dashes, or a first line that is not of dashes',
    example: '---\ntitle: Release\n---',
  }
}

function notRemovable(file: string): Problem {
  return {
    file,
    line: 1,
    column: 1,
    code: 'import-not-removable',
    severity: 'error',
    found: 'a copy from which the document would not come back to the letter',
    expected: 'blocks between lines of the document',
    example: '- [ ] A step',
  }
}
