/** What a document holds, what could run of it and why, and what is odd about it. Nothing here runs anything. */
import { sha256Hex } from '../core/log/canonical.ts'
import { looksExecutable } from '../core/plan/fences.ts'
import type { Fence } from '../core/plan/document.ts'
import type { Json } from '../core/units.ts'
import { coverageOf, type Coverage } from './coverage.ts'
import { decode, type Encoding } from './encoding.ts'
import { inputsOfBlock } from './inputs.ts'
import type { Dialect, Form, ImportItem, Kind, Outline, Proposal, Recogniser, Risk, Role } from './item.ts'
import { readOutline } from './outline.ts'
import { withoutMargin } from './margin.ts'
import { exported, problemsOf, type ImportProblem } from './problems.ts'
import { recogniseAll } from './recognise.ts'
import { recognisers } from './recognisers/index.ts'

/** `manual`: a person does it, the usual case. `proposed`: a block could do it. `automated`: a block does it already. */
export type State = 'manual' | 'proposed' | 'automated'

export interface ImportedItem {
  readonly line: number
  readonly endLine: number
  readonly form: Form
  readonly text: string
  readonly section: readonly string[]
  readonly depth: number
  readonly checked: boolean | null
  readonly dialect: Dialect | null
  readonly role: Role
  readonly kind: Kind
  readonly alsoKinds: readonly Kind[]
  readonly why: string
  readonly params: Readonly<Record<string, Json>>
  readonly state: State
  readonly parent: number | null
  readonly proposal: {
    readonly block: string
    readonly why: string
    readonly risk: Risk
    /** Values that the block leaves open: each run asks for them. */
    readonly needs: readonly string[]
  } | null
}

export interface Totals {
  readonly tasks: number
  readonly steps: number
  readonly proposed: number
  readonly manual: number
  readonly automated: number
  /** Blocks between marks; indented code is counted beside them. */
  readonly fences: number
  readonly indented: number
  readonly tables: number
  readonly rows: number
  readonly headings: number
  readonly bullets: number
  readonly numbered: number
  readonly fields: number
}

/** What `holdpoint import --json` prints. It only grows. */
export interface Imported {
  readonly file: string
  readonly sha256: string
  readonly encoding: Encoding
  readonly title: string
  readonly items: readonly ImportedItem[]
  readonly totals: Totals
  readonly coverage: Coverage
  readonly problems: readonly ImportProblem[]
}

export interface ImportOptions {
  /** Path as the user gave it; only used in messages. */
  readonly file: string
  /** Mend a damaged encoding. */
  readonly repair?: boolean
  readonly recognisers?: readonly Recogniser[]
}

/** The document as it was read besides what is told about it: `items` stand in the order of `imported.items`. */
export interface Import {
  readonly imported: Imported
  readonly text: string
  readonly outline: Outline
}

/** Never throws, whatever the bytes are. Results of a release in the margin are left out, of the lines' numbers too. */
export function importDocument(bytes: Uint8Array, options: ImportOptions): Import {
  const { text: decoded, encoding } = decode(bytes, options.repair ?? false)
  const bare = withoutMargin(decoded)
  const text = bare?.text ?? decoded
  const outline = readOutline(text)
  const isDeclared = /^["']?holdpoint["']?[ \t]*:/m.test(outline.frontMatter?.text ?? '')
  const items = recogniseAll(outline, options.recognisers ?? recognisers).map((each) => {
    const { item, role, kind, alsoKinds, why, params, proposal } = each
    const state = isDeclared && isAutomated(item) ? 'automated' : proposal ? 'proposed' : 'manual'
    return {
      line: item.line,
      endLine: item.endLine,
      form: item.form,
      text: item.text,
      section: item.section,
      depth: item.depth,
      checked: item.checked,
      dialect: item.dialect,
      role,
      kind,
      alsoKinds,
      why,
      params,
      state,
      parent: item.parent,
      proposal: proposal && state === 'proposed' ? proposalOf(proposal, why) : null,
    } satisfies ImportedItem
  })
  const imported: Imported = {
    file: options.file,
    sha256: sha256Hex(bytes),
    encoding,
    title: outline.title,
    items,
    totals: totalsOf(items, outline),
    coverage: coverageOf(items),
    problems: [...(bare ? [exported(bare)] : []), ...problemsOf(outline, encoding)],
  }
  return { imported, text, outline }
}

function proposalOf({ block, risk }: Proposal, why: string): ImportedItem['proposal'] {
  return { block, why, risk, needs: inputsOfBlock(block) }
}

/** A block of ours in the item, or the item is one. */
function isAutomated({ fences, isQuoted }: ImportItem): boolean {
  return !isQuoted && fences.some(({ info, line }) => isOurs(info, line))
}

export function isOurs(info: string, line: number): boolean {
  return info !== '' && looksExecutable({ info, line, infoColumn: 1 } as Fence)
}

/** A block inside an item is part of that item's step, not one more. */
function isOwnStep({ role, form, parent }: ImportedItem): boolean {
  return role === 'step' && (form !== 'fence' || parent === null)
}

function totalsOf(items: readonly ImportedItem[], outline: Outline): Totals {
  const count = (fits: (item: ImportedItem) => boolean): number => items.filter(fits).length
  const indented = outline.items.filter(({ form, info }) => form === 'fence' && info === null).length
  return {
    tasks: count(({ form }) => form === 'task'),
    steps: count(isOwnStep),
    proposed: count(({ state }) => state === 'proposed'),
    manual: count((item) => isOwnStep(item) && item.state === 'manual'),
    automated: count(({ state }) => state === 'automated'),
    fences: count(({ form }) => form === 'fence') - indented,
    indented,
    tables: outline.tables.length,
    rows: count(({ form }) => form === 'table-row'),
    headings: count(({ form }) => form === 'heading'),
    bullets: count(({ form }) => form === 'bullet'),
    numbered: count(({ form }) => form === 'ordered'),
    fields: count(({ role }) => role === 'field'),
  }
}
