/** The checklist's text as parts in order: headings, words, items and blocks, each knowing its line, so that state finds its place. */
import MarkdownIt, { type Token } from 'markdown-it'
import type { Plan } from '../../../../src/api/wire/web.ts'

export type Part =
  | { readonly kind: 'matter'; readonly text: string }
  | { readonly kind: 'heading'; readonly line: number; readonly level: number; readonly words: readonly Token[] }
  | { readonly kind: 'words'; readonly line: number; readonly tokens: readonly Token[] }
  | CodePart
  | { readonly kind: 'items'; readonly line: number; readonly items: readonly ItemPart[] }

export interface CodePart {
  readonly kind: 'code'
  readonly line: number
  /** Its last line. */
  readonly end: number
  readonly info: string
  readonly text: string
}

export interface ItemPart {
  readonly line: number
  readonly depth: number
  /** `3.` of a numbered list; null = a bullet. */
  readonly number: string | null
  readonly words: readonly Token[]
  /** What stands in the item below its words, nested items aside. */
  readonly below: readonly (
    | CodePart
    | { readonly kind: 'words'; readonly line: number; readonly tokens: readonly Token[] }
  )[]
}

/** Parts under one heading of the first or second level: drawn, and left undrawn, together. */
export interface Section {
  readonly line: number
  readonly parts: readonly Part[]
}

/** HTML is told apart, so that a comment stays a comment; none of it ever becomes a page's HTML. */
const parser = new MarkdownIt({ html: true })

export function sectionsOf(document: string): readonly Section[] {
  const sections: { line: number; parts: Part[] }[] = [{ line: 1, parts: [] }]
  for (const part of partsOf(document)) {
    if (part.kind === 'heading' && part.level <= 2) sections.push({ line: part.line, parts: [] })
    sections.at(-1)?.parts.push(part)
  }
  return sections.filter(({ parts }) => parts.length > 0)
}

/** Lines on which something stands that a step can be shown at. */
export function linesOf(sections: readonly Section[]): ReadonlySet<number> {
  const lines = new Set<number>()
  for (const part of sections.flatMap(({ parts }) => parts)) {
    if (part.kind === 'items')
      for (const item of part.items) {
        lines.add(item.line)
        for (const { line } of item.below) lines.add(line)
      }
    else if (part.kind !== 'matter') lines.add(part.line)
  }
  return lines
}

/**
 * Steps that have no line of their own: those that a block writes out (`yaml deploy`), by its line, those behind what a
 * phase does, by the line before them, and others, which must not be lost.
 */
export function withoutLine(plan: Plan, sections: readonly Section[]): Lineless {
  const lines = linesOf(sections)
  const blocks = sections.flatMap(({ parts }) => parts).flatMap(codeOf)
  const anchors = sections.flatMap(({ parts }) => parts).flatMap(anchorsOf)
  const inside = new Map<number, string[]>()
  const lost: string[] = []
  const taken = new Set<number>()
  for (const { id, line } of plan.steps) {
    const isOwn = lines.has(line) && !taken.has(line)
    taken.add(line)
    if (isOwn) continue
    const block = blocks.find((one) => one.line < line && line <= one.end)
    const at = block?.line ?? anchors.findLast((one) => one <= line)
    if (at === undefined) lost.push(id)
    else inside.set(at, [...(inside.get(at) ?? []), id])
  }
  return { inside, lost }
}

interface Lineless {
  /** Ids in their order, by the first line of the block that they stand in, or of the item that they stand behind. */
  readonly inside: ReadonlyMap<number, readonly string[]>
  readonly lost: readonly string[]
}

/** Lines below which a step can be put: of items, and of blocks outside of them. */
function anchorsOf(part: Part): readonly number[] {
  if (part.kind === 'code') return [part.line]
  return part.kind === 'items' ? part.items.map(({ line }) => line) : []
}

function codeOf(part: Part): readonly CodePart[] {
  if (part.kind === 'code') return [part]
  return part.kind === 'items' ? part.items.flatMap(({ below }) => below.flatMap(codeOf)) : []
}

function partsOf(document: string): readonly Part[] {
  const { matter, body, offset } = split(document)
  const reading = new Reading(parser.parse(body, {}), offset)
  return [...(matter === null ? [] : [{ kind: 'matter', text: matter } as const]), ...reading.parts()]
}

function split(document: string): { matter: string | null; body: string; offset: number } {
  const lines = document
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
  const end = lines[0]?.trimEnd() === '---' ? lines.findIndex((line, at) => at > 0 && line.trimEnd() === '---') : -1
  if (end === -1) return { matter: null, body: lines.join('\n'), offset: 0 }
  return { matter: lines.slice(1, end).join('\n'), body: lines.slice(end + 1).join('\n'), offset: end + 1 }
}

class Reading {
  readonly #tokens: readonly Token[]
  readonly #offset: number
  #at = 0

  constructor(tokens: readonly Token[], offset: number) {
    this.#tokens = tokens
    this.#offset = offset
  }

  parts(): readonly Part[] {
    const parts: Part[] = []
    while (this.#at < this.#tokens.length) parts.push(this.#part(this.#tokens[this.#at] as Token))
    return parts
  }

  #part(token: Token): Part {
    const line = this.#lineOf(token)
    if (token.type === 'heading_open') {
      const words = this.#tokens[this.#at + 1]?.children ?? []
      this.#at += 3
      return { kind: 'heading', line, level: Number(token.tag.slice(1)), words }
    }
    if (token.type === 'bullet_list_open' || token.type === 'ordered_list_open') {
      const items: ItemPart[] = []
      this.#list(0, items)
      return { kind: 'items', line, items }
    }
    return this.#plain(token)
  }

  #plain(token: Token): CodePart | { kind: 'words'; line: number; tokens: readonly Token[] } {
    const line = this.#lineOf(token)
    if (token.type === 'fence' || token.type === 'code_block') {
      this.#at += 1
      const end = Math.max(line, (token.map?.[1] ?? 0) + this.#offset)
      return { kind: 'code', line, end, info: token.info.trim(), text: token.content }
    }
    const from = this.#at
    this.#at += 1
    if (token.nesting === 1) {
      let deep = 1
      while (deep > 0 && this.#at < this.#tokens.length) {
        deep += this.#tokens[this.#at]?.nesting ?? 0
        this.#at += 1
      }
    }
    return { kind: 'words', line, tokens: this.#tokens.slice(from, this.#at) }
  }

  /** From the opening of a list to behind its end; nested items follow their parent. */
  #list(depth: number, items: ItemPart[]): void {
    const isNumbered = this.#tokens[this.#at]?.type === 'ordered_list_open'
    this.#at += 1
    while (this.#tokens[this.#at]?.type === 'list_item_open') this.#item(depth, isNumbered, items)
    this.#at += 1
  }

  #item(depth: number, isNumbered: boolean, items: ItemPart[]): void {
    const open = this.#tokens[this.#at] as Token
    const below: ItemPart['below'][number][] = []
    let words: readonly Token[] = []
    const place = items.push({ line: this.#lineOf(open), depth, number: null, words, below }) - 1
    this.#at += 1
    for (
      let token = this.#tokens[this.#at];
      token !== undefined && token.type !== 'list_item_close';
      token = this.#tokens[this.#at]
    ) {
      if (token.type === 'bullet_list_open' || token.type === 'ordered_list_open') this.#list(depth + 1, items)
      else if (token.type === 'paragraph_open' && words.length === 0 && below.length === 0) {
        words = this.#tokens[this.#at + 1]?.children ?? []
        this.#at += 3
      } else below.push(this.#plain(token))
    }
    this.#at += 1
    items[place] = {
      line: this.#lineOf(open),
      depth,
      number: isNumbered ? `${open.info}${open.markup}` : null,
      words,
      below,
    }
  }

  #lineOf(token: Token): number {
    return (token.map?.[0] ?? 0) + 1 + this.#offset
  }
}
