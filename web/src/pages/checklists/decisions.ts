/** What a person makes of the proposals of a document, and how much of it a machine does then. */
import type { EarlierDecisions, ImportedItem, Preview } from '../../../../src/api/wire/web.ts'

export type Decision =
  | { readonly kind: 'accepted'; readonly block: string; readonly isEdited: boolean }
  | { readonly kind: 'skipped' }

/** By place in `imported.items`; what is in none is still open. */
export type Decisions = ReadonlyMap<number, Decision>

export type Act =
  | { readonly kind: 'accept'; readonly at: number; readonly block: string; readonly isEdited: boolean }
  | { readonly kind: 'skip'; readonly at: number }
  | { readonly kind: 'reopen'; readonly at: number }
  | { readonly kind: 'accept-reads' }
  | { readonly kind: 'reopen-all' }

export function decided(before: Decisions, act: Act, items: readonly ImportedItem[]): Decisions {
  const after = new Map(before)
  if (act.kind === 'accept') after.set(act.at, { kind: 'accepted', block: act.block, isEdited: act.isEdited })
  else if (act.kind === 'skip') after.set(act.at, { kind: 'skipped' })
  else if (act.kind === 'reopen') after.delete(act.at)
  else if (act.kind === 'reopen-all') after.clear()
  else
    for (const [at, { proposal }] of items.entries())
      if (proposal?.risk === 'reads' && !after.has(at))
        after.set(at, { kind: 'accepted', block: proposal.block, isEdited: false })
  return after
}

/** As an earlier copy has them; a block that stands there in other words than proposed was edited. */
export function earlierDecisions({ accepted, skipped }: EarlierDecisions, items: readonly ImportedItem[]): Decisions {
  const found = new Map<number, Decision>()
  for (const at of skipped) found.set(at, { kind: 'skipped' })
  for (const { at, block } of accepted) {
    const known = found.get(at)
    // Several blocks of one item stand one below the other.
    const whole = known?.kind === 'accepted' ? `${known.block}\n${block}` : block
    found.set(at, { kind: 'accepted', block: whole, isEdited: whole !== items[at]?.proposal?.block })
  }
  return found
}

export interface Standing {
  readonly items: number
  /** A machine does it, or has done so in the document already. */
  readonly machine: number
  /** A block asks people: a signature, values, a record. */
  readonly attested: number
  readonly manual: number
  /** Proposals about which nobody has decided. */
  readonly open: number
  readonly proposed: number
  /** Open proposals that only read. */
  readonly openReads: number
}

export function standingOf({ imported, asks }: Preview, decisions: Decisions): Standing {
  const asking = new Set(asks)
  let [machine, attested, open, proposed, openReads] = [0, 0, 0, 0, 0]
  for (const [at, { proposal }] of imported.items.entries()) {
    if (proposal === null) continue
    proposed += 1
    const decision = decisions.get(at)
    if (decision === undefined) {
      open += 1
      if (proposal.risk === 'reads') openReads += 1
    } else if (decision.kind === 'accepted') {
      if (asking.has(at)) attested += 1
      else machine += 1
    }
  }
  machine += imported.totals.automated
  const { items } = imported.coverage
  return { items, machine, attested, manual: Math.max(0, items - machine - attested - open), open, proposed, openReads }
}

export type Row =
  | { readonly kind: 'heading'; readonly key: string; readonly words: string }
  | { readonly kind: 'item'; readonly key: string; readonly at: number; readonly item: ImportedItem }

/** As `holdpoint import` prints them: headings only where something stands below them. */
export function rowsOf(items: readonly ImportedItem[], title: string): readonly Row[] {
  const rows: Row[] = []
  let due: ImportedItem | null = null
  for (const [at, item] of items.entries()) {
    const isHeading = item.form === 'heading' && item.parent === null
    if (isHeading && item.state === 'manual') due = item.text === title ? null : item
    if (isHeading && item.state !== 'manual') due = null
    if (!isShown(item)) continue
    if (due !== null) rows.push({ kind: 'heading', key: `heading ${due.line}`, words: pathOf(due, title) })
    due = null
    rows.push({ kind: 'item', key: `item ${at}`, at, item })
  }
  return rows
}

function pathOf({ section, text }: ImportedItem, title: string): string {
  const above = section[0] === title ? section.slice(1) : section
  return [...above, text].join(' › ')
}

/** Words and blocks to read are kept as they are, and are not listed. */
function isShown({ role, state, form, parent, proposal }: ImportedItem): boolean {
  if (form === 'heading') return state !== 'manual'
  if (form === 'fence' && parent !== null) return proposal !== null
  return role !== 'note' || state !== 'manual'
}

/** What is said of the item where nobody has decided anything. */
export function stateWords({ state, role, kind, proposal }: ImportedItem, isAsking: boolean): string {
  if (proposal !== null) return isAsking ? 'asks a person' : riskWords[proposal.risk]
  if (state === 'automated') return 'automated'
  if (role === 'group') return ''
  if (role !== 'step' && role !== 'field') return role
  return kind === 'manual' || kind === 'group' ? 'a person' : kind.replaceAll('-', ' ')
}

export const riskWords = { reads: 'only reads', changes: 'changes something', destroys: 'can destroy' } as const

/** Where a person is simply asked there is nothing to explain. */
export function saysWhy({ state, kind }: ImportedItem): boolean {
  return state === 'proposed' || (state === 'manual' && kind !== 'manual' && kind !== 'group' && kind !== 'reference')
}
