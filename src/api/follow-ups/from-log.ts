/** Follows the log and keeps every task that an event leaves behind. At least once, on any replica: ids make twice the same as once. */
import { followUpsOf } from '../../core/follow-up/from-event.ts'
import type { Store, StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import { evolve } from '../../core/release/evolve.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { keepFollowUp } from './keep.ts'

const PAGE = 500
const PREFIX = 'release/'
const CURSOR = 'follow-up-cursor'
/** A store with a longer past is not searched for tasks of years ago when it meets this for the first time. */
const SHORT_PAST = 2_000

const telling: ReadonlySet<ReleaseEvent['kind']> = new Set([
  'FollowUpAdded',
  'IncidentDeclared',
  'StepWaived',
  'RollbackFinished',
  'ReleaseClosed',
  'ReleaseSuperseded',
  'ReleaseLeft',
])

/** Until the end of the log, or until another replica is quicker. */
export async function keepFollowUpsOfLog(store: Store): Promise<void> {
  for (;;) {
    const entry = await store.getEntry(CURSOR, 'log')
    const position = entry === null ? await beginning(store) : (JSON.parse(entry.json) as { position: number }).position
    const page = await store.tail(position, PAGE, 'stored')
    await keepOf(store, page)
    const next = page.at(-1)?.position ?? position
    if (entry !== null && next === position) return
    const json = JSON.stringify({ position: next })
    const written = await store.putEntry(CURSOR, 'log', json, { expected: entry?.revision ?? 0 })
    if (written === null || page.length < PAGE) return
  }
}

async function beginning(store: Store): Promise<number> {
  const head = await store.head()
  return head > SHORT_PAST ? head : 0
}

async function keepOf(store: Store, page: readonly StoredEvent[]): Promise<void> {
  const found = page.filter(
    ({ stream, event }) => stream.startsWith(PREFIX) && telling.has((event as ReleaseEvent).kind),
  )
  for (const stream of new Set(found.map((each) => each.stream))) {
    const versions = new Set(found.filter((each) => each.stream === stream).map(({ version }) => version))
    await keepOfRelease(store, stream, versions)
  }
}

/** Each task is told as the release stood when it came up. */
async function keepOfRelease(store: Store, stream: string, versions: ReadonlySet<number>): Promise<void> {
  let state: ReleaseState | null = null
  for (const stored of (await store.read(stream)) as readonly StoredEvent<ReleaseEvent>[]) {
    state = evolve(state, stored)
    if (!versions.has(stored.version)) continue
    for (const followUp of followUpsOf(state, stored)) await keepFollowUp(store, followUp)
  }
}
