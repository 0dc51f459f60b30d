/** A document as the rules on text see it: headings, items, lines of prose and commands, each with its line and its headings. */
import type { DocumentTree, Fence, Item, List, Section } from '../../core/plan/document.ts'
import { looksExecutable } from '../../core/plan/fences.ts'
import { commandsInFence, commandsInLine, isShell } from './shell-lines.ts'

export interface TextHeading {
  readonly title: string
  readonly level: number
  readonly line: number
  /** Titles of the headings above, outermost first. */
  readonly path: readonly string[]
  /** Last line of what stands under it. */
  readonly endLine: number
}

export interface TextItem {
  /** Without marks. */
  readonly text: string
  /** As it is written, its first line. */
  readonly raw: string
  readonly line: number
  readonly endLine: number
  readonly path: readonly string[]
  readonly isTask: boolean
  readonly isTicked: boolean
  readonly parent: TextItem | null
  readonly fences: readonly Fence[]
}

export interface TextCommand {
  /** One command line; continued lines are joined, comments are left out. */
  readonly text: string
  readonly line: number
  readonly column: number
  readonly path: readonly string[]
  /** `block` = of ours, `fence` = a shell block that nothing runs, `inline` = between backticks. */
  readonly where: 'block' | 'fence' | 'inline'
  /** The word of our block, such as `check`; null elsewhere. */
  readonly word: string | null
  readonly info: string
  /** The comment right above, without its mark. */
  readonly comment: string
  readonly item: TextItem | null
}

export interface TextLine {
  readonly text: string
  readonly line: number
  readonly path: readonly string[]
}

export interface TextDocument {
  readonly lines: readonly string[]
  /** It says `holdpoint: 1`: only its blocks run, and other code is documentation. */
  readonly isDeclared: boolean
  readonly headings: readonly TextHeading[]
  readonly items: readonly TextItem[]
  readonly commands: readonly TextCommand[]
  /** Everything but front matter, code and HTML. Long lines are cut. */
  readonly prose: readonly TextLine[]
  readonly fences: readonly Fence[]
  /** Headings above a line, outermost first. */
  readonly pathAt: (line: number) => readonly string[]
  /** Commands under a heading, those of the headings below it among them. */
  readonly commandsUnder: (heading: TextHeading) => readonly TextCommand[]
  /** Day of the reader, `2030-01-31`; null = unknown, and nothing is called past. */
  readonly today: string | null
}

const longest = 1000

export function textDocument(tree: DocumentTree, today: string | null): TextDocument {
  const isDeclared = tree.frontMatter !== null && /^["']?holdpoint["']?[ \t]*:/m.test(tree.frontMatter.text)
  const headings = headingsOf(tree)
  const pathAt = pathFinder(headings, tree.lines.length)
  const items: TextItem[] = []
  for (const list of listsOf(tree.root)) collectItems(list, null, { tree, pathAt, items })
  const opaque = opaqueLines(tree)
  const prose = tree.lines.flatMap((text, index) =>
    opaque.has(index + 1) || text.trim() === ''
      ? []
      : [{ text: text.slice(0, longest), line: index + 1, path: pathAt(index + 1) }],
  )
  const base = { lines: tree.lines, isDeclared, headings, items, prose, fences: tree.fences, pathAt, today }
  const commands = commandsOf(base)
  const commandsUnder = ({ line, endLine }: TextHeading): readonly TextCommand[] =>
    commands.slice(firstAfter(commands, line), firstAfter(commands, endLine))
  return { ...base, commands, commandsUnder }
}

function headingsOf(tree: DocumentTree): readonly TextHeading[] {
  const found: TextHeading[] = []
  const visit = (section: Section, path: readonly string[], end: number): void => {
    const below = section.parts.flatMap((part) => (part.kind === 'section' ? [part.section] : []))
    const inside = section.level === 0 ? [] : [...path, section.title]
    if (section.level > 0)
      found.push({ title: section.title, level: section.level, line: section.line, path, endLine: end })
    below.forEach((each, index) => visit(each, inside, (below[index + 1]?.line ?? end + 1) - 1))
  }
  visit(tree.root, [], tree.lines.length)
  return found
}

function pathFinder(headings: readonly TextHeading[], lines: number): TextDocument['pathAt'] {
  const paths: (readonly string[])[] = []
  let [current, next]: [readonly string[], number] = [[], 0]
  for (let line = 1; line <= lines; line++) {
    for (let heading = headings[next]; heading && heading.line <= line; heading = headings[next]) {
      current = [...heading.path, heading.title]
      next += 1
    }
    paths.push(current)
  }
  return (line) => paths[line - 1] ?? []
}

function listsOf(section: Section): readonly List[] {
  return section.parts.flatMap((part) =>
    part.kind === 'list' ? [part.list] : part.kind === 'section' ? listsOf(part.section) : [],
  )
}

interface Collecting {
  readonly tree: DocumentTree
  readonly pathAt: TextDocument['pathAt']
  readonly items: TextItem[]
}

function collectItems(list: List, parent: TextItem | null, collecting: Collecting): void {
  for (const item of list.items) {
    const entry = entryOf(item, parent, collecting)
    collecting.items.push(entry)
    for (const nested of item.lists) collectItems(nested, entry, collecting)
  }
}

function entryOf(item: Item, parent: TextItem | null, { tree, pathAt }: Collecting): TextItem {
  const raw = (tree.lines[item.line - 1] ?? '').slice(0, longest)
  const { text, line, endLine, fences } = item
  const isTicked = /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+\[[xX]\]/.test(raw)
  return { text, raw, line, endLine, path: pathAt(line), isTask: item.form === 'task', isTicked, parent, fences }
}

function opaqueLines(tree: DocumentTree): ReadonlySet<number> {
  const found = new Set<number>()
  for (const { line, endLine } of tree.opaque) for (let at = line; at <= endLine; at++) found.add(at)
  const { frontMatter } = tree
  if (frontMatter) for (let at = 1; at <= frontMatter.text.split('\n').length + 2; at++) found.add(at)
  return found
}

function commandsOf(document: Omit<TextDocument, 'commands' | 'commandsUnder'>): readonly TextCommand[] {
  const itemAt = itemFinder(document.items)
  const found: TextCommand[] = []
  for (const fence of document.fences) {
    const isBlock = document.isDeclared && looksExecutable(fence)
    if (!isShell(fence) || (document.isDeclared && !isBlock)) continue
    const word = isBlock ? (fence.info.trim().split(/\s+/)[1] ?? null) : null
    const around = { path: document.pathAt(fence.line), item: itemAt(fence.line), info: fence.info, word }
    const where = isBlock ? 'block' : 'fence'
    found.push(...commandsInFence(fence).map((command) => ({ ...command, ...around, where }) as const))
  }
  if (!document.isDeclared) {
    for (const { text, line, path } of document.prose) {
      const around = { line, path, item: itemAt(line), info: '', word: null, comment: '', where: 'inline' } as const
      found.push(...commandsInLine(text).map((command) => ({ ...command, ...around })))
    }
  }
  return found.sort((a, b) => a.line - b.line || a.column - b.column)
}

/** By halves: a document may have thousands of headings and of commands. */
function firstAfter(commands: readonly TextCommand[], line: number): number {
  let [from, to] = [0, commands.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((commands[middle]?.line ?? 0) > line) to = middle
    else from = middle + 1
  }
  return from
}

/** The innermost item that a line belongs to: of those that begin before it, the last that has not ended. */
function itemFinder(items: readonly TextItem[]): (line: number) => TextItem | null {
  const owners = new Map<number, TextItem>()
  const inOrder = [...items].sort((a, b) => a.line - b.line)
  for (const [index, item] of inOrder.entries()) {
    const next = inOrder[index + 1]?.line ?? Infinity
    for (let line = item.line; line <= item.endLine && line < next; line++) owners.set(line, item)
  }
  return (line) => owners.get(line) ?? null
}
