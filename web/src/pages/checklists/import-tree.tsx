/** An imported document as a tree: each item with its state, why, and what is proposed for it. Words only: nothing here runs. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ImportedItem, Preview } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { type Key, KeysHelp } from '../../parts/keys.tsx'
import { visible } from '../release/visible.ts'
import { type Act, type Decision, type Decisions, type Row, rowsOf, saysWhy, stateWords } from './decisions.ts'
import { ItemMark, type ItemState } from './item-mark.tsx'
import { Proposal } from './proposal.tsx'

interface ImportTreeProps {
  readonly preview: Preview
  readonly decisions: Decisions
  readonly onAct: (act: Act) => void
  /** A line to bring into sight; a new object each time. */
  readonly lineAsked: { readonly line: number } | null
}

export function ImportTree({ preview, decisions, onAct, lineAsked }: ImportTreeProps) {
  const { items, title } = preview.imported
  const rows = useMemo(() => rowsOf(items, title), [items, title])
  const asks = useMemo(() => new Set(preview.asks), [preview.asks])
  const tree = useRef<HTMLOListElement>(null)
  const [edit, setEdit] = useState({ at: -1, count: 0 })
  const keys = useProposalKeys(tree, items, onAct, (at) => setEdit(({ count }) => ({ at, count: count + 1 })))
  useEffect(() => {
    if (lineAsked !== null) showLine(tree.current, rows, lineAsked.line)
  }, [lineAsked])
  return (
    <>
      <ol class="import-tree" ref={tree} aria-label="Items of the document">
        {rows.map((row) =>
          row.kind === 'heading' ? (
            <li key={row.key} class="import-heading">
              <h2>{visible(row.words)}</h2>
            </li>
          ) : (
            <ItemRow
              key={row.key}
              at={row.at}
              item={row.item}
              decision={decisions.get(row.at)}
              isAsking={asks.has(row.at)}
              onAct={onAct}
              editAsked={edit.at === row.at ? edit.count : 0}
            />
          ),
        )}
      </ol>
      {rows.length === 0 && <p class="nothing">There is nothing in this document that somebody has to do.</p>}
      <KeysHelp keys={keys} />
    </>
  )
}

interface ItemRowProps {
  readonly at: number
  readonly item: ImportedItem
  readonly decision: Decision | undefined
  readonly isAsking: boolean
  readonly onAct: (act: Act) => void
  readonly editAsked: number
}

const ItemRow = memo(({ at, item, decision, isAsking, onAct, editAsked }: ItemRowProps) => {
  const state = stateOf(item, decision)
  const needs = item.proposal?.needs ?? []
  return (
    <li
      class={`import-item is-${state} deep-${Math.min(5, item.form === 'heading' ? 0 : item.depth)}`}
      data-at={at}
      data-open={item.proposal !== null && decision === undefined ? '' : undefined}
      tabIndex={item.proposal === null ? undefined : -1}
    >
      <ItemMark state={state} />
      <span class="what">
        <span class="words">{wordsOf(item)}</span>
        <span class="line">line {item.line}</span>
      </span>
      <span class="state">
        {decision === undefined ? (
          <span class={riskClass(item, isAsking)}>{stateWords(item, isAsking)}</span>
        ) : (
          <span>{decision.kind === 'skipped' ? 'skipped' : decision.isEdited ? 'accepted, edited' : 'accepted'}</span>
        )}
      </span>
      {decision === undefined && saysWhy(item) && item.why !== '' && (
        <p class="why">
          {visible(item.why)}
          {needs.length > 0 && ` Each run asks for ${visible(needs.join(', '))}.`}
        </p>
      )}
      {item.proposal !== null && (
        <Proposal at={at} item={item} decision={decision} onAct={onAct} editAsked={editAsked} />
      )}
    </li>
  )
})

function stateOf({ state, role }: ImportedItem, decision: Decision | undefined): ItemState {
  if (decision !== undefined) return decision.kind
  if (state !== 'manual') return state
  return role === 'step' || role === 'field' ? 'manual' : 'other'
}

function riskClass({ proposal }: ImportedItem, isAsking: boolean): string {
  if (proposal === null) return 'risk'
  return `risk is-${isAsking ? 'asks' : proposal.risk}`
}

function wordsOf({ text, form, line }: ImportedItem): string {
  const words = form === 'table-row' ? text.replace(/(?:\s*\|\s*)+$/, '') : text
  return words === '' ? `(line ${line})` : visible(words)
}

/** The letters of the terminal: one goes from proposal to proposal, and decides about the one that has the focus. */
function useProposalKeys(
  tree: { readonly current: HTMLOListElement | null },
  items: readonly ImportedItem[],
  onAct: (act: Act) => void,
  onEdit: (at: number) => void,
): readonly Key[] {
  const rowsOpen = (): HTMLElement[] => [...(tree.current?.querySelectorAll<HTMLElement>('[data-open]') ?? [])]
  const here = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>('.import-item[data-open]') ?? null
  const step = (by: 1 | -1) => () => {
    const open = rowsOpen()
    const now = document.activeElement?.closest('.import-item')
    const after = now == null ? null : open.findIndex((row) => row === now || isBehind(now, row))
    const at = after === null ? 0 : nextPlace(open, now ?? null, after, by)
    open[at]?.focus()
    open[at]?.scrollIntoView({ block: 'center' })
  }
  const act = (then: (at: number, item: ImportedItem) => void) => () => {
    const row = here()
    const at = Number(row?.dataset['at'] ?? -1)
    const item = items[at]
    if (row === null || item === undefined) return step(1)()
    then(at, item)
  }
  const decide = (then: (at: number, item: ImportedItem) => void) =>
    act((at, item) => {
      const next = rowsOpen()[rowsOpen().findIndex((row) => Number(row.dataset['at']) === at) + 1]
      then(at, item)
      next?.focus()
      next?.scrollIntoView({ block: 'center' })
    })
  return [
    { key: 'j', does: 'next proposal', on: step(1) },
    { key: 'k', does: 'previous proposal', on: step(-1) },
    {
      key: 'a',
      does: 'accept it',
      on: decide((at, { proposal }) => onAct({ kind: 'accept', at, block: proposal?.block ?? '', isEdited: false })),
    },
    { key: 'e', does: 'edit it first', on: act((at) => onEdit(at)) },
    { key: 's', does: 'skip it', on: decide((at) => onAct({ kind: 'skip', at })) },
    { key: 'r', does: 'accept all that only read', on: () => onAct({ kind: 'accept-reads' }) },
  ]
}

function isBehind(one: Element, other: Element): boolean {
  return (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
}

function nextPlace(open: readonly HTMLElement[], now: Element | null, after: number, by: 1 | -1): number {
  if (after === -1) return by === 1 ? 0 : open.length - 1
  const isOnOne = open[after] === now
  const at = by === 1 ? (isOnOne ? after + 1 : after) : after - 1
  return Math.min(open.length - 1, Math.max(0, at))
}

/** The item that holds the line, or the last one before it. */
function showLine(tree: HTMLOListElement | null, rows: readonly Row[], line: number): void {
  const before = rows.filter((row) => row.kind === 'item' && row.item.line <= line)
  const found = before.at(-1)
  if (found?.kind !== 'item') return
  const place = tree?.querySelector<HTMLElement>(`[data-at="${found.at}"]`)
  place?.scrollIntoView({ block: 'center' })
  place?.classList.add('is-shown')
  setTimeout(() => place?.classList.remove('is-shown'), 1_600)
}
