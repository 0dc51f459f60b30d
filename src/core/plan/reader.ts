/** Reads Markdown into the tree that compiling and linting share. */
import type { Token } from 'markdown-it'
import type { DocumentTree, Fence, Item, List, Section } from './document.ts'
import { newParser } from './markdown.ts'
import { plainText } from './plain-text.ts'

/** Two levels for a list and its item: forty nested lists are still a checklist. */
export const deepest = 90

/** More items than this are no checklist; what stands behind the last one read is not looked at. */
export const mostItems = 20_000

/** HTML is parsed, so that a task inside a comment stays a comment; a table holds nothing that is read here. */
const parser = newParser()
parser.block.ruler.disable(['table'])

interface Frame {
  readonly lists: List[] | null
  readonly list: List | null
  readonly item: Item | null
}

interface Reading {
  readonly environment: Record<string, unknown>
  readonly lines: readonly string[]
  readonly offset: number
  readonly sections: Section[]
  readonly frames: Frame[]
  readonly fences: Fence[]
  readonly opaque: { line: number; endLine: number }[]
  quotes: number
  /** The list that ended last at top level, while nothing else has followed it. */
  lastList: List | null
}

/** `text` may have any line ends; a byte order mark at its start is no part of it. */
export function readDocument(text: string): DocumentTree {
  const marked = text.startsWith('\uFEFF') ? text.slice(1) : text
  const source = marked.includes('\r') ? marked.replace(/\r\n?/g, '\n') : marked
  const lines = source.split('\n')
  const frontMatter = readFrontMatter(lines)
  const offset = frontMatter ? frontMatter.lines : 0
  const root: Section = { level: 0, title: '', line: 1, parts: [] }
  if (looksEndless(lines)) {
    const nothing = { root, fences: [], opaque: [], tooDeepAt: null, hasTooManyItems: true }
    return { lines, frontMatter: frontMatter && { text: frontMatter.text, line: 2 }, ...nothing }
  }
  const environment: Record<string, unknown> = {}
  const tokens = parser.parse(offset === 0 ? source : lines.slice(offset).join('\n'), environment)
  const reading: Reading = {
    environment,
    lines,
    offset,
    sections: [root],
    frames: [],
    fences: [],
    opaque: [],
    quotes: 0,
    lastList: null,
  }
  let tooDeepAt: number | null = null
  let items = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (!token) continue
    if (token.level >= deepest) tooDeepAt ??= lineOf(token, reading)
    if (token.type === 'list_item_open' && ++items > mostItems) break
    readToken(token, tokens, index, reading)
  }
  return {
    lines,
    frontMatter: frontMatter && { text: frontMatter.text, line: 2 },
    root,
    fences: reading.fences,
    opaque: reading.opaque,
    tooDeepAt,
    hasTooManyItems: items > mostItems,
  }
}

/** Far more list items than any checklist may have: refused before the parser spends its time on them. */
export function looksEndless(lines: readonly string[]): boolean {
  if (lines.length <= 2 * mostItems) return false
  let items = 0
  for (const line of lines) if (/^\s{0,40}(?:[-*+]|\d{1,9}[.)])\s/.test(line) && ++items > 2 * mostItems) return true
  return false
}

export function readFrontMatter(lines: readonly string[]): { text: string; lines: number } | null {
  if (!/^---\s*$/.test(lines[0] ?? '')) return null
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  return end < 0 ? null : { text: lines.slice(1, end).join('\n'), lines: end + 1 }
}

function lineOf(token: Token, reading: Reading): number {
  return reading.offset + (token.map?.[0] ?? 0) + 1
}

function endLineOf(token: Token, reading: Reading): number {
  return reading.offset + (token.map?.[1] ?? 0)
}

function readToken(token: Token, tokens: readonly Token[], index: number, reading: Reading): void {
  const before = reading.lastList
  if (token.level === 0 && token.nesting >= 0) reading.lastList = null
  switch (token.type) {
    case 'heading_open':
      if (token.level === 0) openSection(token, tokens[index + 1], reading)
      break
    case 'bullet_list_open':
    case 'ordered_list_open':
      openList(token, reading)
      break
    case 'bullet_list_close':
    case 'ordered_list_close':
      closeList(token, reading)
      break
    case 'list_item_open':
      openItem(token, tokens, index, reading)
      break
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
      readFence(token, before, reading)
      break
    case 'html_block':
      reading.opaque.push({ line: lineOf(token, reading), endLine: endLineOf(token, reading) })
      break
    default:
  }
}

function openSection(token: Token, inline: Token | undefined, reading: Reading): void {
  const level = Number(token.tag.slice(1))
  const section: Section = {
    level,
    title: plainText(inline?.content ?? '', reading.environment),
    line: lineOf(token, reading),
    parts: [],
  }
  while ((reading.sections.at(-1)?.level ?? 0) >= level) reading.sections.pop()
  reading.sections.at(-1)?.parts.push({ kind: 'section', section })
  reading.sections.push(section)
}

function openList(token: Token, reading: Reading): void {
  const list: List = { ordered: token.type === 'ordered_list_open', items: [] }
  const item = reading.frames.at(-1)?.item
  if (item) item.lists.push(list)
  else reading.sections.at(-1)?.parts.push({ kind: 'list', list })
  reading.frames.push({ lists: null, list, item: null })
}

function closeList(token: Token, reading: Reading): void {
  const frame = reading.frames.pop()
  if (token.level === 0) reading.lastList = frame?.list ?? null
}

const task = /^\[([ xX])\](?=\s|$)\s*/

function openItem(token: Token, tokens: readonly Token[], index: number, reading: Reading): void {
  const list = reading.frames.at(-1)?.list
  const paragraph = tokens[index + 1]
  const content = paragraph?.type === 'paragraph_open' ? (tokens[index + 2]?.content ?? '') : ''
  const box = task.exec(content)
  const item: Item = {
    form: box ? 'task' : list?.ordered ? 'ordered' : 'bullet',
    numbered: list?.ordered ?? false,
    text: plainText(content.slice(box?.[0].length ?? 0), reading.environment),
    line: lineOf(token, reading),
    endLine: lastWrittenLine(token, reading),
    quoted: reading.quotes > 0,
    indent: indentOf(token, reading),
    fences: [],
    lists: [],
  }
  list?.items.push(item)
  reading.frames.push({ lists: item.lists, list: null, item })
}

/** A list item's range runs over the blank lines behind it; they are not its own. */
function lastWrittenLine(token: Token, reading: Reading): number {
  const first = lineOf(token, reading)
  let last = endLineOf(token, reading)
  while (last > first && (reading.lines[last - 1] ?? '').trim() === '') last -= 1
  return last
}

function indentOf(token: Token, reading: Reading): number {
  const line = reading.lines[lineOf(token, reading) - 1] ?? ''
  const number = token.info === '' ? '' : token.info
  const marker = `${number}${token.markup}`
  return Math.max(0, line.indexOf(marker)) + marker.length + 1
}

function readFence(token: Token, before: List | null, reading: Reading): void {
  const line = lineOf(token, reading)
  const endLine = endLineOf(token, reading)
  const raw = reading.lines[line - 1] ?? ''
  const marks = raw.indexOf(token.markup)
  const rest = marks < 0 ? '' : raw.slice(marks + token.markup.length)
  const contentLines =
    token.content === '' ? 0 : token.content.split('\n').length - (token.content.endsWith('\n') ? 1 : 0)
  const item = reading.frames.at(-1)?.item ?? null
  const fence: Fence = {
    info: rest.trim() === token.info.trim() ? rest : token.info,
    infoColumn: Math.max(0, marks) + token.markup.length + 1,
    body: token.content,
    line,
    endLine,
    closed: contentLines <= endLine - line - 1,
    quoted: reading.quotes > 0,
    afterList: item ? null : before,
  }
  reading.fences.push(fence)
  reading.opaque.push({ line, endLine })
  if (item) item.fences.push(fence)
  else reading.sections.at(-1)?.parts.push({ kind: 'fence', fence })
}
