/** A Markdown document as a tree of what a checklist is made of, each with its exact lines (counted from 1). */

export interface DocumentTree {
  /** Source lines without their line ends. */
  readonly lines: readonly string[]
  readonly frontMatter: { readonly text: string; readonly line: number } | null
  /** What stands before the first heading, and every section below it. */
  readonly root: Section
  readonly fences: readonly Fence[]
  /** Line ranges where text is not prose: fences and HTML, first and last line. */
  readonly opaque: readonly { readonly line: number; readonly endLine: number }[]
  /** Line at which nesting went deeper than is read; null = everything was read. */
  readonly tooDeepAt: number | null
  /** There are more list items than are read: the tree is not whole. */
  readonly hasTooManyItems: boolean
}

/** A heading with all that stands under it up to the next heading of its level. The root has level 0. */
export interface Section {
  readonly level: number
  readonly title: string
  readonly line: number
  /** Blocks in document order, deeper sections among them. */
  readonly parts: Part[]
}

export type Part =
  | { readonly kind: 'section'; readonly section: Section }
  | { readonly kind: 'list'; readonly list: List }
  | { readonly kind: 'fence'; readonly fence: Fence }

export interface List {
  readonly ordered: boolean
  readonly items: Item[]
}

export interface Item {
  readonly form: 'task' | 'bullet' | 'ordered'
  /** Also true for a numbered task. */
  readonly numbered: boolean
  readonly text: string
  readonly line: number
  readonly endLine: number
  readonly quoted: boolean
  /** Spaces that text or a fence needs to belong to this item. */
  readonly indent: number
  readonly fences: Fence[]
  readonly lists: List[]
}

export interface Fence {
  /** What follows the marks of the opening line, to the letter. */
  readonly info: string
  readonly infoColumn: number
  readonly body: string
  readonly line: number
  readonly endLine: number
  readonly closed: boolean
  readonly quoted: boolean
  /** The list that stands right before it on the same level, when the fence itself is in no item. */
  readonly afterList: List | null
}
