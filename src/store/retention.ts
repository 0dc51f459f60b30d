/** Drops samples and evidence of releases that ended long ago: never a piece that anything else names, never an event. */
import type { Clock } from '../core/ports/clock.ts'
import type { ReleaseSummary, Store, StoredEvent } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import type { Instant, Millis } from '../core/units.ts'
import { inPages } from './pages.ts'

export interface RetentionDeps {
  readonly store: Store
  readonly clock: Clock
  /** How long what belongs to an ended release is kept; a checklist may ask for longer, never for shorter. */
  readonly retainMs: Millis
  readonly onForgotten: (forgotten: Forgotten) => Promise<void>
  /** After it, what was dropped is looked for once more in what was written meanwhile. */
  readonly graceMs?: Millis
  /** The process ends: the second look is taken at once. */
  readonly ending?: AbortSignal
}

export interface Forgotten {
  readonly release: string
  readonly batches: number
  readonly evidence: number
}

const SHELF = 'retention'
const TURN = 'turn'
const PAGE = 500
const TURN_MS = 600_000
const GRACE_MS = 60_000
/** What may be in memory at once in case it has to be put back. */
const PORTION_BYTES = 64 * 1024 * 1024

/** One round, by one replica at a time. */
export async function applyRetention(deps: RetentionDeps): Promise<void> {
  const { store, clock } = deps
  if (!(await takeTurn(store, clock.now()))) return
  const expired = await expiredReleases(deps)
  const waiting = [...expired].filter(([, isForgotten]) => !isForgotten).map(([id]) => id)
  if (waiting.length === 0) return
  const named = new Map<string, ReadonlySet<string>>()
  for (const id of waiting) named.set(id, hashesIn(await store.read(streamOf(id))))
  const head = await store.head()
  const free = await withoutNamed(store, new Set([...named.values()].flatMap((hashes) => [...hashes])), expired)
  const dropped = new Map<string, Uint8Array>()
  let bytes = 0
  for (const [id, hashes] of named) {
    if (bytes > PORTION_BYTES) break
    const mine = [...hashes].filter((sha256) => free.has(sha256))
    for (const sha256 of mine) {
      const piece = await store.getEvidence(sha256).catch(() => null)
      if (piece !== null) dropped.set(sha256, piece)
      bytes += piece?.byteLength ?? 0
    }
    const { batches, evidence } = await store.forget(id, mine)
    await store.putEntry(SHELF, id, JSON.stringify({ at: clock.now(), batches, evidence }))
    await deps.onForgotten({ release: id, batches, evidence })
  }
  await putBack(deps, head, dropped)
}

/** The same bytes may have been handed in again while they were on the way out: whoever names them now gets them back. */
async function putBack(
  { store, clock, graceMs = GRACE_MS, ending }: RetentionDeps,
  head: number,
  dropped: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  if (dropped.size === 0) return
  await clock.sleep(graceMs, ending ?? new AbortController().signal)
  for await (const event of eventsAfter(store, head))
    for (const sha256 of hashesIn([event])) {
      const piece = dropped.get(sha256)
      if (piece !== undefined) await store.putEvidence(piece)
    }
}

/** Ended long enough ago; the value says whether it was forgotten already. */
async function expiredReleases({ store, clock, retainMs }: RetentionDeps): Promise<ReadonlyMap<string, boolean>> {
  const now = clock.now()
  const forgotten = new Set((await store.entries(SHELF)).map(({ key }) => key))
  const expired = new Map<string, boolean>()
  const pages = inPages<ReleaseSummary>((last) =>
    store.summaries({ open: false, limit: PAGE, ...(last === null ? {} : { after: last }) }),
  )
  for await (const { id, updatedAt } of pages) {
    if (updatedAt + retainMs > now) continue
    if (forgotten.has(id)) expired.set(id, true)
    else if (updatedAt + askedFor(await store.read(streamOf(id))) <= now) expired.set(id, false)
  }
  return expired
}

/** The longest that any plan of the release asked for. */
function askedFor(events: readonly StoredEvent[]): Millis {
  const plans = (events as readonly StoredEvent<ReleaseEvent>[]).flatMap(({ event }) =>
    event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended' ? [event.plan] : [],
  )
  return Math.max(0, ...plans.map(({ retentionMs }) => retentionMs ?? 0))
}

/** What nothing names but releases that have expired: not another release, a record, a registered checklist, or an entry. */
async function withoutNamed(
  store: Store,
  candidates: Set<string>,
  expired: ReadonlyMap<string, boolean>,
): Promise<ReadonlySet<string>> {
  const streams = new Set([...expired.keys()].map(streamOf))
  const keep = (value: unknown) => {
    for (const sha256 of hashesIn([value])) candidates.delete(sha256)
  }
  for await (const event of eventsAfter(store, 0)) if (!streams.has(event.stream)) keep(event)
  keep(await store.records())
  for await (const entry of inPages<{ shelf: string; key: string; json: string }>((last) =>
    store.everyEntry(last, PAGE),
  ))
    keep(`${entry.key} ${entry.json}`)
  return candidates
}

async function* eventsAfter(store: Store, position: number): AsyncGenerator<StoredEvent> {
  for (let at = position; ; ) {
    const page = await store.tail(at, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    at = last.position
  }
}

/** Whatever looks like a hash counts as one: rather a piece too many kept. */
function hashesIn(values: readonly unknown[]): ReadonlySet<string> {
  return new Set(values.flatMap((value) => JSON.stringify(value).match(/\b[0-9a-f]{64}\b/g) ?? []))
}

async function takeTurn(store: Store, now: Instant): Promise<boolean> {
  const entry = await store.getEntry(SHELF, TURN)
  const until = entry === null ? 0 : (JSON.parse(entry.json) as { until: Instant }).until
  if (until > now) return false
  const json = JSON.stringify({ until: now + TURN_MS })
  return (await store.putEntry(SHELF, TURN, json, { expected: entry?.revision ?? 0 })) !== null
}

function streamOf(release: string): string {
  return `release/${release}`
}
