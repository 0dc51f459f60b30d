/** Elements of an HTML document in which every text is escaped: what is not made here is text. */
import { visible } from '../escape.ts'

/** Markup that was made by `element` and nothing else. */
export interface Markup {
  readonly markup: string
}

export type Child = Markup | string | number | null | false | readonly Child[]

type Attributes = Readonly<Record<string, string | number | null>>

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const alone: ReadonlySet<string> = new Set(['meta', 'br', 'path', 'line', 'rect', 'circle'])

/** Unseen characters show as codes; line ends stay. */
export function escaped(text: string): string {
  return visible(text, true).replaceAll(/[&<>"']/g, (character) => names[character] ?? character)
}

/** `name` and the names of attributes are ours; their values, and texts, may be anybody's. */
export function element(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  const told = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('')
  if (alone.has(name)) return { markup: `<${name}${told}>${name === 'meta' || name === 'br' ? '' : `</${name}>`}` }
  return { markup: `<${name}${told}>${textOf(children)}</${name}>` }
}

export function textOf(child: Child): string {
  if (child === null || child === false) return ''
  if (typeof child === 'string' || typeof child === 'number') return escaped(String(child))
  if ('markup' in child) return child.markup
  return child.map(textOf).join('')
}
