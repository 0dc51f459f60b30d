/** The form of a message's text: words, `{{ name | filter }}`, `{{#if condition}}` and `{{#each list}}`. Reads it, fills nothing in. */
import { filters, type FilterUse } from './message-filters.ts'
import { nearest } from './nearest.ts'

export type MessagePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'value'
      readonly name: string
      readonly filters: readonly FilterUse[]
      readonly offset: number
      /** As its author wrote it. */
      readonly written: string
    }
  | {
      readonly kind: 'if'
      /** CEL, or one name, which then asks whether there is anything to say. */
      readonly condition: string
      readonly then: readonly MessagePart[]
      readonly otherwise: readonly MessagePart[]
      readonly offset: number
    }
  | { readonly kind: 'each'; readonly name: string; readonly body: readonly MessagePart[]; readonly offset: number }

/** Something in the text that is no part of the form; `offset` counts characters of the text. */
export interface TemplateFault {
  readonly offset: number
  readonly found: string
  readonly expected: string
  readonly example: string
}

export interface MessageTemplate {
  readonly parts: readonly MessagePart[]
  readonly faults: readonly TemplateFault[]
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/

export function isBareName(condition: string): boolean {
  return namePattern.test(condition)
}

/** What cannot be read stays in the text as it stands, and is a fault. */
export function readMessageTemplate(text: string): MessageTemplate {
  const reading = new Reading()
  let end = 0
  for (const match of text.matchAll(/\{\{([^{}]*)\}\}/g)) {
    const inner = match[1] ?? ''
    const isBlock = /^\s*(?:#|\/|else\s*$)/.test(inner)
    const span = isBlock ? lineOf(text, match.index, match[0].length) : null
    const from = Math.max(end, span?.from ?? match.index)
    reading.text(text.slice(end, from))
    end = Math.max(from, span?.to ?? match.index + match[0].length)
    reading.tag(inner.trim(), match[0], match.index)
  }
  reading.text(text.slice(end))
  return reading.finish()
}

/** A tag of a block that is alone on its line takes the line with it. */
function lineOf(text: string, at: number, length: number): { readonly from: number; readonly to: number } | null {
  const from = text.lastIndexOf('\n', at - 1) + 1
  const breakAt = text.indexOf('\n', at + length)
  const to = breakAt < 0 ? text.length : breakAt
  if (text.slice(from, at).trim() !== '' || text.slice(at + length, to).trim() !== '') return null
  return { from, to: breakAt < 0 ? to : to + 1 }
}

interface Open {
  readonly kind: 'if' | 'each'
  readonly words: string
  readonly written: string
  readonly offset: number
  readonly then: MessagePart[]
  otherwise: MessagePart[] | null
}

class Reading {
  readonly #root: MessagePart[] = []
  readonly #open: Open[] = []
  readonly #faults: TemplateFault[] = []

  text(text: string): void {
    if (text !== '') this.#here().push({ kind: 'text', text })
  }

  tag(inner: string, written: string, offset: number): void {
    const block = /^#(\w+)\s*([\s\S]*)$/.exec(inner)
    if (block) return this.#begin(block[1] ?? '', (block[2] ?? '').trim(), written, offset)
    if (/^else$/.test(inner)) return this.#otherwise(written, offset)
    if (inner.startsWith('/')) return this.#end(inner.slice(1).trim(), written, offset)
    this.#value(inner, written, offset)
  }

  finish(): MessageTemplate {
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      this.#fault(open.offset, `${open.written} without its end`, `{{/${open.kind}}} after what belongs to it`)
      this.#close()
    }
    return { parts: this.#root, faults: this.#faults }
  }

  #here(): MessagePart[] {
    const open = this.#open.at(-1)
    return open ? (open.otherwise ?? open.then) : this.#root
  }

  #begin(kind: string, words: string, written: string, offset: number): void {
    if (kind !== 'if' && kind !== 'each')
      return this.#literal(written, offset, `the unknown block "#${kind}"`, nearest(`#${kind}`, ['#if', '#each']))
    if (words === '')
      return this.#literal(written, offset, `${written} without a name`, kind === 'if' ? 'a condition' : 'a list')
    if (kind === 'each' && !isBareName(words))
      return this.#literal(written, offset, `"${words}" as the name of a list`, 'one name, such as issues')
    this.#open.push({ kind, words, written, offset, then: [], otherwise: null })
  }

  #otherwise(written: string, offset: number): void {
    const open = this.#open.at(-1)
    if (open?.kind !== 'if' || open.otherwise !== null)
      return this.#literal(written, offset, '{{else}} outside of an {{#if}}', 'once, between {{#if …}} and {{/if}}')
    open.otherwise = []
  }

  #end(kind: string, written: string, offset: number): void {
    const open = this.#open.at(-1)
    if (open?.kind !== kind)
      return this.#literal(
        written,
        offset,
        `{{/${kind}}}, which ends nothing`,
        open ? `{{/${open.kind}}}` : 'its beginning before it',
      )
    this.#close()
  }

  #close(): void {
    const open = this.#open.pop()
    if (!open) return
    const { kind, words, offset, then } = open
    this.#here().push(
      kind === 'if'
        ? { kind, condition: words, then, otherwise: open.otherwise ?? [], offset }
        : { kind, name: words, body: then, offset },
    )
  }

  #value(inner: string, written: string, offset: number): void {
    const pieces = inner.match(/(?:"[^"]*"|[^|"])+|"/g)?.map((piece) => piece.trim()) ?? []
    const [name = '', ...rest] = pieces
    if (!isBareName(name))
      return this.#literal(written, offset, `"${inner.slice(0, 60)}" between braces`, 'a name, then filters after "|"')
    const uses: FilterUse[] = []
    for (const piece of rest) {
      const use = /^([A-Za-z]+)(?:\s+(?:"([^"]*)"|(\S+)))?$/.exec(piece)
      const word = use?.[1] ?? ''
      const filter = Object.hasOwn(filters, word) ? filters[word] : undefined
      if (!filter)
        return this.#literal(
          written,
          offset,
          `the unknown filter "${piece.slice(0, 40)}"`,
          nearest(word, Object.keys(filters)),
        )
      const given = use?.[2] ?? use?.[3] ?? null
      const wrong = filter.faultOf(given)
      if (wrong !== null)
        return this.#literal(written, offset, `${given === null ? 'nothing' : `"${given}"`} for "${word}"`, wrong)
      uses.push({ word, given })
    }
    this.#here().push({ kind: 'value', name, filters: uses, offset, written })
  }

  #literal(written: string, offset: number, found: string, expected: string): void {
    this.#fault(offset, found, expected)
    this.text(written)
  }

  #fault(offset: number, found: string, expected: string): void {
    this.#faults.push({ offset, found, expected, example: exampleLine })
  }
}

const exampleLine = '{{ version }}, {{ started_at | time "HH:mm" }}, {{#if issues}}…{{/if}}'

/** Every value a text names, and every condition, in its order; `inEach` = inside a list, where `item` stands for one entry. */
export interface TemplateUse {
  readonly part: Exclude<MessagePart, { readonly kind: 'text' }>
  readonly inEach: boolean
}

export function usesOf(parts: readonly MessagePart[], inEach = false): readonly TemplateUse[] {
  return parts.flatMap((part): readonly TemplateUse[] => {
    if (part.kind === 'text') return []
    if (part.kind === 'value') return [{ part, inEach }]
    if (part.kind === 'each') return [{ part, inEach }, ...usesOf(part.body, true)]
    return [{ part, inEach }, ...usesOf(part.then, inEach), ...usesOf(part.otherwise, inEach)]
  })
}
