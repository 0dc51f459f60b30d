/** Entries that people write on an organisation's public status page: what may be written, and how they stand at a time. */
import {
  type EntryKind,
  isLastStatus,
  kindOfStatus,
  lastStatusOf,
  maintenanceWords,
  publicWords,
  type StatusWord,
} from '../plan/status-words.ts'
import type { Recorded } from '../release/events.ts'
import type { Instant } from '../units.ts'

export const statusStream = (organisation: string): string => `status/${organisation}`

export type StatusEvent =
  | {
      readonly kind: 'EntryOpened'
      readonly entry: string
      readonly about: EntryKind
      readonly title: string
      /** Services that are concerned; empty = the whole. */
      readonly services: readonly string[]
      readonly status: StatusWord
      readonly text: string
      /** Of a maintenance: when it begins and when it is over as planned. It begins by itself. */
      readonly from?: Instant
      readonly until?: Instant
      /** Strangers see it from here on; absent = at once. */
      readonly publishAt?: Instant
      /** At `until` it is over by itself; absent = a person says when. */
      readonly endsItself?: true
    }
  | { readonly kind: 'EntryUpdated'; readonly entry: string; readonly status: StatusWord; readonly text: string }
  /** Strangers see it no more; it stays in the log. */
  | { readonly kind: 'EntryWithdrawn'; readonly entry: string; readonly reason: string }

export interface EntryUpdate {
  readonly at: Instant
  /** null = by itself. */
  readonly by: string | null
  readonly status: StatusWord
  readonly text: string
}

export interface StatusEntry {
  readonly id: string
  readonly about: EntryKind
  readonly title: string
  readonly services: readonly string[]
  readonly from: Instant | null
  readonly until: Instant | null
  readonly publishAt: Instant
  readonly endsItself: boolean
  readonly isWithdrawn: boolean
  /** Oldest first, never empty. */
  readonly updates: readonly EntryUpdate[]
}

/** Total: what a newer program wrote changes nothing. */
export function evolveStatus(
  entries: ReadonlyMap<string, StatusEntry>,
  { event, at, by }: Recorded<StatusEvent>,
): ReadonlyMap<string, StatusEntry> {
  const put = (entry: StatusEntry): ReadonlyMap<string, StatusEntry> => new Map(entries).set(entry.id, entry)
  if (event.kind === 'EntryOpened') {
    const { entry: id, about, title, services, status, text } = event
    const updates = [{ at, by: by.id, status, text }]
    const times = { from: event.from ?? null, until: event.until ?? null, publishAt: event.publishAt ?? at }
    const endsItself = event.endsItself ?? false
    return put({ id, about, title, services, ...times, endsItself, isWithdrawn: false, updates })
  }
  const known = entries.get(event.entry)
  if (known === undefined) return entries
  if (event.kind === 'EntryWithdrawn') return put({ ...known, isWithdrawn: true })
  if (event.kind !== 'EntryUpdated') return entries
  const { status, text } = event
  return put({ ...known, updates: [...known.updates, { at, by: by.id, status, text }] })
}

/** With what happens by itself: a planned maintenance begins at its time, and ends at its time where that was said. */
export function entryAt(entry: StatusEntry, now: Instant): StatusEntry {
  const { about, from, until, endsItself } = entry
  if (about !== 'maintenance') return entry
  const own = (updates: readonly EntryUpdate[], at: Instant | null, status: StatusWord): readonly EntryUpdate[] =>
    at === null || now < at ? updates : [...updates, { at, by: null, status, text: publicWords[status] }]
  const last = (updates: readonly EntryUpdate[]): StatusWord => updates.at(-1)?.status ?? 'scheduled'
  const begun = last(entry.updates) === 'scheduled' ? own(entry.updates, from, 'in_progress') : entry.updates
  const over = endsItself && !isLastStatus(last(begun)) ? own(begun, until, 'completed') : begun
  return { ...entry, updates: over }
}

export function standingOf(entry: StatusEntry): StatusWord {
  return entry.updates.at(-1)?.status ?? 'scheduled'
}

export function isOver(entry: StatusEntry): boolean {
  return entry.isWithdrawn || isLastStatus(standingOf(entry))
}

/** Whether strangers see it. */
export function isPublic(entry: StatusEntry, now: Instant): boolean {
  return !entry.isWithdrawn && entry.publishAt <= now
}

export type StatusCommand =
  | {
      readonly kind: 'OpenEntry'
      readonly title: string
      readonly services: readonly string[]
      readonly status: StatusWord
      readonly text: string | null
      readonly from: Instant | null
      readonly until: Instant | null
      readonly publishAt: Instant | null
      readonly endsItself: boolean
    }
  | {
      readonly kind: 'UpdateEntry'
      readonly entry: string
      /** null = as it stands. */
      readonly status: StatusWord | null
      readonly text: string | null
    }
  | { readonly kind: 'WithdrawEntry'; readonly entry: string; readonly reason: string }

export type StatusDecision =
  | { readonly kind: 'accepted'; readonly event: StatusEvent }
  | { readonly kind: 'refused'; readonly code: 'unknown-entry' | 'entry-over' | 'bad-entry'; readonly reason: string }

const refuse = (code: (StatusDecision & { kind: 'refused' })['code'], reason: string): StatusDecision => ({
  kind: 'refused',
  code,
  reason,
})

export function decideStatus(
  entries: ReadonlyMap<string, StatusEntry>,
  command: StatusCommand,
  now: Instant,
): StatusDecision {
  if (command.kind === 'OpenEntry') return opened(String(entries.size + 1), command, now)
  const known = entries.get(command.entry)
  if (known === undefined || known.isWithdrawn)
    return refuse('unknown-entry', `There is no entry "${command.entry}" on this status page.`)
  if (command.kind === 'WithdrawEntry')
    return { kind: 'accepted', event: { kind: 'EntryWithdrawn', entry: known.id, reason: command.reason } }
  return updated(entryAt(known, now), command)
}

function opened(entry: string, command: StatusCommand & { readonly kind: 'OpenEntry' }, now: Instant): StatusDecision {
  const { title, services, status, from, until, publishAt, endsItself } = command
  const about = kindOfStatus(status)
  if (isLastStatus(status)) return refuse('bad-entry', `An entry does not begin as ${status}; it ends so.`)
  if (about === 'incident' && (from !== null || until !== null || publishAt !== null || endsItself))
    return refuse('bad-entry', 'An incident has no times: it begins when it is written. Times are for a maintenance.')
  if (status === 'scheduled' && (from === null || from <= now))
    return refuse('bad-entry', 'A maintenance is scheduled with a time ahead: say from when, for example in two days.')
  if (from !== null && until !== null && until <= from)
    return refuse('bad-entry', 'A maintenance is over after it begins: "until" has to come after "from".')
  if (endsItself && until === null)
    return refuse('bad-entry', 'A maintenance that ends by itself needs a time: say until when.')
  if (publishAt !== null && from !== null && publishAt > from)
    return refuse('bad-entry', 'It has to be public when it begins at the latest: "publishAt" lies after "from".')
  const times = {
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
    ...(publishAt === null ? {} : { publishAt }),
    ...(endsItself ? { endsItself: true as const } : {}),
  }
  const text = command.text ?? publicWords[status]
  return { kind: 'accepted', event: { kind: 'EntryOpened', entry, about, title, services, status, text, ...times } }
}

function updated(known: StatusEntry, command: StatusCommand & { readonly kind: 'UpdateEntry' }): StatusDecision {
  const before = standingOf(known)
  const status = command.status ?? before
  if (isOver(known)) return refuse('entry-over', `The entry "${known.title}" is ${before} already; open another one.`)
  if (kindOfStatus(status) !== known.about)
    return refuse(
      'bad-entry',
      `"${known.title}" is ${known.about === 'incident' ? 'an incident' : 'a maintenance'}: it ends as ${lastStatusOf(known.about)}, and is never ${status}.`,
    )
  const order: readonly string[] = maintenanceWords
  if (known.about === 'maintenance' && order.indexOf(status) < order.indexOf(before))
    return refuse('bad-entry', `A maintenance that is ${before} is not ${status} any more.`)
  const text = command.text ?? publicWords[status]
  return { kind: 'accepted', event: { kind: 'EntryUpdated', entry: known.id, status, text } }
}
