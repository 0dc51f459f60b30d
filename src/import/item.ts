/** What importing speaks of: the items of a document, what was recognised in one, and who recognises. */
import type { Json } from '../core/units.ts'

export type Form = 'task' | 'bullet' | 'ordered' | 'table-row' | 'field' | 'fence' | 'heading' | 'prose'

/** A box that Markdown itself shows as none; null = a true task item, or no box at all. */
export type Dialect = 'empty-box' | 'loose-box' | 'unicode-box' | 'cell-box' | 'odd-box'

/** A code block inside an item; `info` is '' for an indented one. Lines are counted from 1. */
export interface ItemFence {
  readonly info: string
  readonly body: string
  readonly line: number
  readonly endLine: number
}

/** One piece of the document. Every task, list item, table row, code block and heading is exactly one item. */
export interface ImportItem {
  /** First and last line, counted from 1; of a list item with all that it holds, without blank lines behind it. */
  readonly line: number
  readonly endLine: number
  readonly form: Form
  /** As a reader sees it, in one line: no box, no emphasis, no link targets. Of a table row: its cells joined by ` | `. */
  readonly text: string
  /** The item's own words with their Markdown marks, without its bullet and box; lines joined by a line feed. */
  readonly marked: string
  /** Source lines from `line` to `endLine`, without line ends. */
  readonly raw: readonly string[]
  /** Titles of the headings above, outermost first; a heading's own title is not among its own. */
  readonly section: readonly string[]
  /** 0 = not inside another item. Of a heading: its level. */
  readonly depth: number
  /** null = no box. A ticked box is never an answer. */
  readonly checked: boolean | null
  readonly dialect: Dialect | null
  /** Also true for a numbered task. */
  readonly isNumbered: boolean
  /** Inside a quotation: shown, never a step. */
  readonly isQuoted: boolean
  /** Line of the item around it (list item, table header never); null = directly under its heading. */
  readonly parent: number | null
  /** Lines of the items directly inside, fences among them. */
  readonly children: readonly number[]
  /** Code blocks that belong to this item (of a `fence`: itself). */
  readonly fences: readonly ItemFence[]
  /** Inline code, in order. */
  readonly code: readonly string[]
  readonly links: readonly { readonly text: string; readonly url: string }[]
  /** What follows the fence marks; null = no fence. */
  readonly info: string | null
  /** Of a table row: its cells and the cells of the header above, without marks; `line` is that of the header. */
  readonly table: {
    readonly line: number
    readonly header: readonly string[]
    readonly cells: readonly string[]
  } | null
  /** Heading level; null = no heading. */
  readonly level: number | null
  /** Where a block for this item goes: behind this line, each of its lines with this prefix. null = there is no place. */
  readonly insert: { readonly afterLine: number; readonly prefix: string } | null
}

export type Role = 'step' | 'group' | 'note' | 'message' | 'rule' | 'contact' | 'field'

export const kinds = [
  'command',
  'http',
  'websocket',
  'service-probe',
  'sql',
  'metric-threshold',
  'metric-baseline',
  'canary-stage',
  'traffic-shift',
  'git',
  'github',
  'kubernetes',
  'aws',
  'report',
  'file-freshness',
  'record-freshness',
  'manual',
  'approval',
  'approval-n',
  'change-freeze',
  'schedule',
  'monitor-window',
  'notification',
  'template',
  'decision-rule',
  'rollback-step',
  'rollback-trigger',
  'contact',
  'retrospective',
  'form-field',
  'load-soak',
  'security-probe',
  'group',
  'reference',
  'metadata',
] as const

export type Kind = (typeof kinds)[number]

export type Risk = 'reads' | 'changes' | 'destroys'

export interface Proposal {
  /** A whole fence with its info string and closing marks, not indented, lines parted by line feeds, none at the end. */
  readonly block: string
  readonly risk: Risk
}

export interface Finding {
  readonly role: Role
  readonly kind: Kind
  readonly alsoKinds: readonly Kind[]
  /** One sentence for people: why it is taken for this. */
  readonly why: string
  /** Typed parts: metric, operator, value, unit, window, severity, consequence, count, role, url, status, ... */
  readonly params: Readonly<Record<string, Json>>
  readonly proposal: Proposal | null
  /** 0 to 1; the highest decides role and kind. */
  readonly confidence: number
}

/** What stands around an item. */
export interface Around {
  readonly outline: Outline
  /** All items directly under the same heading, this one among them. */
  readonly sectionItems: readonly ImportItem[]
  readonly heading: ImportItem | null
  readonly parent: ImportItem | null
  readonly previous: ImportItem | null
  readonly next: ImportItem | null
}

export interface Recogniser {
  readonly name: string
  /** null = nothing of its kind. Pure; never throws; linear in the length of the item. */
  readonly recognise: (item: ImportItem, around: Around) => Finding | null
}

/** A document as the importer reads it. */
export interface Outline {
  /** Source lines without line ends and without a byte order mark. */
  readonly lines: readonly string[]
  /** Document order; an item before the items inside it. */
  readonly items: readonly ImportItem[]
  /** Title: the first heading of the first level that stands alone, or ''. */
  readonly title: string
  readonly frontMatter: { readonly line: number; readonly endLine: number; readonly text: string } | null
  /** Lines of the header rows of tables. */
  readonly tables: readonly number[]
  /** Nesting went deeper, or there are more items, than is read. */
  readonly isCut: boolean
}
