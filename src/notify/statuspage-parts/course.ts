/** Which entries of a status page a message opens, moves on or ends. Pure. */
import {
  type EntryKind,
  isLastStatus,
  isStatusWord,
  kindOfStatus,
  lastStatusOf,
  maintenanceWords,
  type StatusWord,
} from '../../core/plan/status-words.ts'
import type { ChannelFacts, Message } from '../../core/ports/notify.ts'
import { isEndingTopic } from '../../core/release/kept.ts'
import { statusOf } from '../../core/release/status-of.ts'

export interface OpenEntry {
  readonly kind: EntryKind
  readonly id: string
  readonly status: StatusWord
}

export interface EntryMove {
  readonly kind: EntryKind
  /** null = it is opened now. */
  readonly open: OpenEntry | null
  readonly status: StatusWord
}

export function openIn(kept: ChannelFacts = {}): readonly OpenEntry[] {
  return (['incident', 'maintenance'] as const).flatMap((kind) => {
    const [id = '', status] = [kept[kind], kept[`${kind}-status`]]
    return id === '' || !isStatusWord(status) ? [] : [{ kind, id, status }]
  })
}

export function keepOf(kind: EntryKind, entry: Omit<OpenEntry, 'kind'> | null): ChannelFacts {
  return { [kind]: entry?.id ?? '', [`${kind}-status`]: entry?.status ?? '' }
}

/** The end of a release ends all that is open; `resolved` with no incident open ends the maintenance, and the reverse. */
export function movesOf(message: Message): readonly EntryMove[] {
  const open = openIn(message.kept)
  const status = statusOf(message)
  const ends = (entry: OpenEntry): EntryMove => ({ kind: entry.kind, open: entry, status: lastStatusOf(entry.kind) })
  if (message.quiet || isEndingTopic(message.on)) return open.map(ends)
  const kind = kindOfStatus(status)
  const own = open.find((entry) => entry.kind === kind) ?? null
  if (isLastStatus(status)) return own ? [ends(own)] : open.map(ends)
  // Nothing to watch is opened by what only goes on from something.
  if (own === null && status === 'monitoring') return []
  return [{ kind, open: own, status: own ? forward(own.status, status) : status }]
}

/** A maintenance never goes back: what was begun is not planned any more. An incident may. */
function forward(before: StatusWord, next: StatusWord): StatusWord {
  const order: readonly string[] = maintenanceWords
  return order.indexOf(next) < order.indexOf(before) ? before : next
}
