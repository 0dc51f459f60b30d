/** The entries of an organisation's status page as the log has them, and one more written to it. */
import {
  decideStatus,
  evolveStatus,
  type StatusCommand,
  type StatusEntry,
  type StatusEvent,
  statusStream,
} from '../../core/status/entries.ts'
import { type Store, VersionConflict } from '../../core/ports/store.ts'
import type { Actor, Recorded } from '../../core/release/events.ts'
import type { Instant } from '../../core/units.ts'
import { RouteRefusal } from '../wire/problem.ts'

type Entries = ReadonlyMap<string, StatusEntry>

const TRIES = 5

export async function statusEntries(store: Pick<Store, 'read'>, organisation: string): Promise<Entries> {
  return (await readBook(store, organisation)).entries
}

/** The entry as it stands then. Refusals are thrown. */
export async function writeStatus(
  store: Pick<Store, 'read' | 'append'>,
  organisation: string,
  command: StatusCommand,
  by: Actor,
  now: Instant,
): Promise<StatusEntry> {
  for (let tries = 1; ; tries += 1) {
    const { entries, version } = await readBook(store, organisation)
    const decision = decideStatus(entries, command, now)
    if (decision.kind === 'refused') throw new RouteRefusal(decision.code, decision.reason)
    const added = { at: now, by, event: decision.event }
    try {
      await store.append({
        streams: [{ stream: statusStream(organisation), expectedVersion: version, events: [added] }],
      })
    } catch (cause) {
      if (cause instanceof VersionConflict && tries < TRIES) continue
      throw cause
    }
    const after = evolveStatus(entries, { ...added, version: version + 1 })
    const entry = after.get(decision.event.entry)
    if (entry === undefined) throw new Error('bug: an entry that was written is not there')
    return entry
  }
}

async function readBook(
  store: Pick<Store, 'read'>,
  organisation: string,
): Promise<{ readonly entries: Entries; readonly version: number }> {
  const events = await store.read(statusStream(organisation), 0)
  const entries = events.reduce<Entries>(
    (all, event) => evolveStatus(all, event as unknown as Recorded<StatusEvent>),
    new Map(),
  )
  return { entries, version: events.at(-1)?.version ?? 0 }
}
