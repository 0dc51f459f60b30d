/** Reads a document into its items: every task, list item, table row, code block and heading exactly once, in order. */
import type { Token } from 'markdown-it'
import { newParser } from '../core/plan/markdown.ts'
import { deepest, looksEndless, mostItems, readFrontMatter } from '../core/plan/reader.ts'
import { boxOfCells, boxOfItem, boxOfLine } from './boxes.ts'
import { inlineReader, type Inline } from './inline.ts'
import type { Form, ImportItem, ItemFence, Outline } from './item.ts'
import { markerOf } from './marker.ts'
import { isField, piecesOf } from './prose.ts'

type Draft = { -readonly [K in keyof ImportItem]: ImportItem[K] }

/** A list item that is open, with what blocks inside it need. */
interface Frame {
  readonly item: Draft | null
  readonly isOrdered: boolean
  readonly children: number[]
  readonly fences: ItemFence[]
  /** Where the text of the item begins in its first line, counted from 0. */
  readonly contentStart: number
  readonly prefix: string
}

interface Reading {
  readonly lines: readonly string[]
  readonly offset: number
  readonly inline: Inline
  readonly items: Draft[]
  readonly headings: { readonly level: number; readonly title: string }[]
  readonly frames: Frame[]
  readonly tables: number[]
  quotes: number
  /** Titles above what is read now; null = they have changed. */
  section: readonly string[] | null
}

const parser = newParser()

/** `text` may have any line ends; a byte order mark at its start is no part of it. Never throws. */
export function readOutline(text: string): Outline {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const lines = source.split('\n')
  const front = readFrontMatter(lines)
  const offset = front?.lines ?? 0
  const frontMatter = front && { line: 1, endLine: offset, text: front.text }
  if (looksEndless(lines)) return { lines, items: [], title: '', frontMatter, tables: [], isCut: true }
  const environment: Record<string, unknown> = {}
  const tokens = parser.parse(offset === 0 ? source : lines.slice(offset).join('\n'), environment)
  const inline = inlineReader(parser, environment)
  const reading: Reading = {
    lines,
    offset,
    inline,
    items: [],
    headings: [],
    frames: [],
    tables: [],
    quotes: 0,
    section: null,
  }
  const isCut = readTokens(tokens, reading)
  return { lines, items: reading.items, title: titleOf(reading.items), frontMatter, tables: reading.tables, isCut }
}

/** true = it was more, or deeper, than is read. */
function readTokens(tokens: readonly Token[], reading: Reading): boolean {
  let items = 0
  let isDeep = false
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (!token) break
    isDeep ||= token.level >= deepest
    if (token.type === 'list_item_open' && ++items > mostItems) return true
    if (token.type === 'table_open') at = readTable(tokens, at, reading)
    else readToken(token, tokens, at, reading)
  }
  return isDeep
}

function readToken(token: Token, tokens: readonly Token[], at: number, reading: Reading): void {
  switch (token.type) {
    case 'heading_open':
      readHeading(token, tokens[at + 1], reading)
      break
    case 'bullet_list_open':
    case 'ordered_list_open':
      reading.frames.push(listFrame(token.type === 'ordered_list_open'))
      break
    case 'list_item_open':
      openItem(token, tokens, at, reading)
      break
    case 'bullet_list_close':
    case 'ordered_list_close':
    case 'list_item_close':
      reading.frames.pop()
      break
    case 'blockquote_open':
      reading.quotes += 1
      break
    case 'blockquote_close':
      reading.quotes -= 1
      break
    case 'fence':
    case 'code_block':
      readCode(token, reading)
      break
    case 'paragraph_open':
      if (!around(reading)) readProse(token, tokens[at + 1], reading)
      break
    default:
  }
}

function listFrame(isOrdered: boolean): Frame {
  return { item: null, isOrdered, children: [], fences: [], contentStart: 0, prefix: '' }
}

/** The list item that is open around here. */
function around(reading: Reading): Frame | null {
  return reading.frames.findLast((frame) => frame.item !== null) ?? null
}

function lineOf(token: Token, reading: Reading): number {
  return reading.offset + (token.map?.[0] ?? 0) + 1
}

/** Blank lines behind a block are not its own. */
function endLineOf(token: Token, reading: Reading): number {
  const first = lineOf(token, reading)
  let last = Math.max(first, reading.offset + (token.map?.[1] ?? 0))
  while (last > first && (reading.lines[last - 1] ?? '').trim() === '') last -= 1
  return last
}

interface Facts {
  readonly form: Form
  readonly line: number
  readonly endLine: number
  readonly marked: string
}

/** An item with everything that its place says; what its form says is laid over it. */
function addItem({ form, line, endLine, marked }: Facts, more: Partial<Draft>, reading: Reading): Draft {
  const outer = around(reading)
  const depth = reading.frames.filter((frame) => frame.item !== null).length
  const item: Draft = {
    line,
    endLine,
    form,
    ...reading.inline(marked),
    marked,
    raw: reading.lines.slice(line - 1, endLine),
    section: sectionOf(reading),
    depth,
    checked: null,
    dialect: null,
    isNumbered: false,
    isQuoted: reading.quotes > 0,
    parent: outer?.item?.line ?? null,
    children: [],
    fences: [],
    info: null,
    table: null,
    level: null,
    insert: null,
    ...more,
  }
  if (item.isQuoted) item.insert = null
  reading.items.push(item)
  outer?.children.push(line)
  return item
}

/** The same list for all that stands below the same headings. */
function sectionOf(reading: Reading): readonly string[] {
  const { headings } = reading
  reading.section ??= headings.map(({ title }) => title)
  return reading.section
}

function readHeading(token: Token, inline: Token | undefined, reading: Reading): void {
  const level = Number(token.tag.slice(1))
  const isSection = token.level === 0
  if (isSection) {
    while ((reading.headings.at(-1)?.level ?? 0) >= level) reading.headings.pop()
    reading.section = null
  }
  const [line, endLine] = [lineOf(token, reading), endLineOf(token, reading)]
  const marked = inline?.content ?? ''
  const insert = isSection ? { afterLine: endLine, prefix: '' } : null
  const item = addItem({ form: 'heading', line, endLine, marked }, { level, insert }, reading)
  if (!isSection) return
  item.depth = level
  reading.headings.push({ level, title: item.text })
  reading.section = null
}

function openItem(token: Token, tokens: readonly Token[], at: number, reading: Reading): void {
  const first = tokens[at + 1]
  const content = first?.type === 'paragraph_open' ? (tokens[at + 2]?.content ?? '') : ''
  const box = boxOfItem(content)
  const line = lineOf(token, reading)
  const isOrdered = reading.frames.at(-1)?.isOrdered ?? false
  const outer = around(reading)
  const marker = markerOf(reading.lines[line - 1] ?? '', outer?.item?.line === line ? outer.contentStart : 0)
  const form = box && box.dialect === null ? 'task' : isOrdered ? 'ordered' : 'bullet'
  const item = addItem(
    { form, line, endLine: endLineOf(token, reading), marked: content.slice(box?.length ?? 0) },
    { checked: box?.checked ?? null, dialect: box?.dialect ?? null, isNumbered: isOrdered },
    reading,
  )
  const opensWith = first?.type === 'paragraph_open' || first?.type === 'fence' ? first : null
  const afterLine = opensWith ? endLineOf(opensWith, reading) : line
  if (!item.isQuoted) item.insert = { afterLine, prefix: marker.prefix }
  const children: number[] = []
  const fences: ItemFence[] = []
  item.children = children
  item.fences = fences
  reading.frames.push({ item, isOrdered, children, fences, ...marker })
}

function readCode(token: Token, reading: Reading): void {
  const line = lineOf(token, reading)
  const endLine = endLineOf(token, reading)
  const fence: ItemFence = { info: token.info.trim(), body: token.content, line, endLine }
  const outer = around(reading)
  const isFenced = token.type === 'fence'
  const rows = token.content === '' ? 0 : token.content.split('\n').length - 1
  const isClosed = !isFenced || rows <= endLine - line - 1
  outer?.fences.push(fence)
  const item = addItem(
    { form: 'fence', line, endLine, marked: '' },
    {
      info: isFenced ? fence.info : null,
      fences: [fence],
      insert: isClosed ? { afterLine: endLine, prefix: outer?.prefix ?? '' } : null,
    },
    reading,
  )
  item.text = token.content.trim().split('\n', 1)[0]?.trim() ?? ''
}

function readProse(token: Token, inline: Token | undefined, reading: Reading): void {
  const first = lineOf(token, reading)
  const endLine = endLineOf(token, reading)
  // The lines of the token, not of the source: marks of a quotation are gone from them.
  const lines = (inline?.content ?? '').split('\n')
  const insert = { afterLine: endLine, prefix: '' }
  for (const { from, to, content } of piecesOf(lines)) {
    const box = boxOfLine(content)
    const form = isField(content) ? 'field' : 'prose'
    const facts = { form, line: first + from, endLine: first + to, marked: content.slice(box?.length ?? 0) } as const
    addItem(facts, { insert, checked: box?.checked ?? null, dialect: box?.dialect ?? null }, reading)
  }
}

/** Returns the index of the token that closes the table. */
function readTable(tokens: readonly Token[], open: number, reading: Reading): number {
  const token = tokens[open]
  if (!token) return open
  const line = lineOf(token, reading)
  reading.tables.push(line)
  const insert = { afterLine: endLineOf(token, reading), prefix: around(reading)?.prefix ?? '' }
  let header: readonly string[] = []
  let cells: string[] = []
  let row = 0
  let at = open + 1
  for (; at < tokens.length && tokens[at]?.type !== 'table_close'; at++) {
    const type = tokens[at]?.type
    if (type === 'tr_open') cells = []
    if (type === 'inline') cells.push(tokens[at]?.content ?? '')
    if (type === 'thead_close') header = cells.map((cell) => reading.inline(cell).text)
    if (type !== 'tr_close' || header.length === 0) continue
    // Rows stand on lines of their own, behind the header and the line of dashes.
    addRow({ line, header, cells, at: line + 2 + row++, insert }, reading)
  }
  return at
}

interface Row {
  readonly line: number
  readonly at: number
  readonly header: readonly string[]
  readonly cells: readonly string[]
  readonly insert: ImportItem['insert']
}

function addRow({ line, at, header, cells, insert }: Row, reading: Reading): void {
  const shown = cells.map((cell) => reading.inline(cell).text)
  const box = boxOfCells(cells)
  const item = addItem(
    { form: 'table-row', line: at, endLine: at, marked: cells.join(' | ') },
    {
      table: { line, header, cells: shown },
      insert,
      checked: box?.checked ?? null,
      dialect: box?.dialect ?? null,
    },
    reading,
  )
  item.text = shown.join(' | ')
}

function titleOf(items: readonly ImportItem[]): string {
  const headings = items.filter((item) => item.form === 'heading')
  const first = headings[0]
  if (!first) return ''
  return headings.filter((each) => each.level === 1).length > 1 && first.level === 1 ? '' : first.text
}
