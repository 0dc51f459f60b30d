/** What a release's own messages `to=status` show on the public status page: an entry of each kind, ended with the release at the latest. */
import {
  type EntryKind,
  isLastStatus,
  kindOfStatus,
  lastStatusOf,
  maintenanceWords,
  publicWords,
  type StatusWord,
} from '../plan/status-words.ts'
import type { EntryUpdate, StatusEntry } from '../status/entries.ts'
import { isEnded } from './standing.ts'
import type { MessageState, ReleaseState } from './state.ts'
import { publicTextOf, statusOf } from './status-of.ts'

export function publicEntriesOf(state: ReleaseState): readonly StatusEntry[] {
  const { channels } = state.plan
  const isPage = (name: string): boolean => (channels[name]?.kind ?? name) === 'status'
  const told = [...state.messages.values()].filter(({ channel, status }) => isPage(channel) && status === 'delivered')
  const updates: Record<EntryKind, EntryUpdate[]> = { incident: [], maintenance: [] }
  for (const message of told) add(updates, message)
  return (['incident', 'maintenance'] as const).flatMap((about) => {
    const all = ended(updates[about], about, state)
    const [first] = all
    if (first === undefined) return []
    const service = state.plan.service
    const title = about === 'incident' ? `Problems with ${service}` : `Maintenance of ${service}`
    const times = { from: null, until: null, publishAt: first.at, endsItself: false, isWithdrawn: false }
    return [{ id: `${state.id}/${about}`, about, title, services: [service], ...times, updates: all }]
  })
}

function add(updates: Record<EntryKind, EntryUpdate[]>, message: MessageState): void {
  const wanted = statusOf({ on: message.on, ...(message.told === undefined ? {} : { status: message.told }) })
  const about = targetOf(updates, wanted)
  if (about === null) return
  const list = updates[about]
  const last = list.at(-1)?.status
  // A release that has begun is under way, not planned.
  const begun = wanted === 'scheduled' ? 'in_progress' : isLastStatus(wanted) ? lastStatusOf(about) : wanted
  const status = about === 'maintenance' && last !== undefined ? later(last, begun) : begun
  list.push({ at: message.lastTryAt ?? message.queuedAt, by: null, status, text: publicTextOf(message, status) })
}

/** An end belongs to what is open: the incident, else the maintenance; null = nothing is. */
function targetOf(updates: Record<EntryKind, EntryUpdate[]>, wanted: StatusWord): EntryKind | null {
  if (!isLastStatus(wanted)) return kindOfStatus(wanted)
  const isOpen = (about: EntryKind): boolean => {
    const last = updates[about].at(-1)
    return last !== undefined && !isLastStatus(last.status)
  }
  const own = kindOfStatus(wanted)
  const other = own === 'incident' ? 'maintenance' : 'incident'
  return isOpen(own) ? own : isOpen(other) ? other : null
}

function later(before: StatusWord, next: StatusWord): StatusWord {
  const order: readonly string[] = maintenanceWords
  return order.indexOf(next) < order.indexOf(before) ? before : next
}

/** Nothing stays open when its release is over, whatever was told and whatever was not. */
function ended(updates: readonly EntryUpdate[], about: EntryKind, state: ReleaseState): readonly EntryUpdate[] {
  const last = updates.at(-1)
  if (last === undefined || isLastStatus(last.status) || !isEnded(state)) return updates
  const status = lastStatusOf(about)
  return [...updates, { at: state.endedAt ?? state.lastEventAt, by: null, status, text: publicWords[status] }]
}
