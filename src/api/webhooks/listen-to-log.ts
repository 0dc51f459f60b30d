/** Follows the log and queues a delivery for every piece of news that a webhook wants. At least once, on any replica. */
import type { AccessState } from '../../core/access/access.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store, StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import { evolve } from '../../core/release/evolve.ts'
import { newsOf } from '../../core/release/news.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { cursor, type Hook, hooks, type Kept, moveCursor, queue } from './hooks.ts'

export interface ListeningDeps {
  readonly store: Store
  readonly clock: Clock
  readonly access: () => Promise<AccessState>
}

const PAGE = 500
const PREFIX = 'release/'

/** Until the end of the log, or until another replica is quicker. */
export async function listenToLog(deps: ListeningDeps): Promise<void> {
  for (;;) {
    const wanted = await hooks(deps.store)
    const at = await cursor(deps.store)
    // Without anyone who listens the place moves on, so that the first one is told nothing of years ago.
    const position = wanted.length === 0 ? await deps.store.head() : (at?.value.position ?? smallest(wanted))
    const page = await deps.store.tail(position, PAGE)
    if (page.length > 0) await queueNews(deps, wanted, page)
    const next = page.at(-1)?.position ?? position
    if (next === at?.value.position || !(await moveCursor(deps.store, next, at?.revision ?? 0))) return
    if (page.length < PAGE) return
  }
}

function smallest(wanted: readonly Kept<Hook>[]): number {
  return Math.min(...wanted.map(({ value }) => value.after))
}

async function queueNews(
  deps: ListeningDeps,
  wanted: readonly Kept<Hook>[],
  page: readonly StoredEvent[],
): Promise<void> {
  const access = await deps.access()
  const streams = new Set(page.map(({ stream }) => stream).filter((stream) => stream.startsWith(PREFIX)))
  for (const stream of streams) {
    const events = page.filter((event) => event.stream === stream)
    await queueOfRelease(deps, access, wanted, stream, events as readonly StoredEvent<ReleaseEvent>[])
  }
}

async function queueOfRelease(
  { store, clock }: ListeningDeps,
  access: AccessState,
  wanted: readonly Kept<Hook>[],
  stream: string,
  events: readonly StoredEvent<ReleaseEvent>[],
): Promise<void> {
  const [first] = events
  let state: ReleaseState | null = null
  for (const stored of (await store.read(stream)) as readonly StoredEvent<ReleaseEvent>[]) {
    // Told as it was when it happened, not as the release stands now.
    state = evolve(state, stored)
    if (
      first === undefined ||
      stored.version < first.version ||
      !events.some(({ version }) => version === stored.version)
    )
      continue
    const project = access.projectOf.get(state.plan.service)
    const listeners = wanted.filter(({ value }) => value.project === project && stored.position > value.after)
    for (const { topic, say } of listeners.length === 0 ? [] : newsOf(state, stored.event))
      for (const { value: hook } of listeners.filter(({ value }) => value.topics.includes(topic)))
        await queue(store, {
          id: `${stored.hash.slice(0, 32)}-${topic}`,
          hook: hook.id,
          topic,
          release: state.id,
          body: bodyOf(state, stored, topic, say, project ?? null),
          queuedAt: clock.now(),
          position: stored.position,
          tries: 0,
          notBefore: 0,
          isClaimed: false,
          say: '',
        })
  }
}

/** What is sent: one piece of news with the release that it is of, never the checklist or evidence. */
function bodyOf(
  state: ReleaseState,
  stored: StoredEvent<ReleaseEvent>,
  topic: string,
  say: string,
  project: string | null,
): string {
  return JSON.stringify({
    type: topic,
    timestamp: new Date(stored.at).toISOString(),
    data: {
      say,
      event: stored.event.kind,
      by: { id: stored.by.id, kind: stored.by.kind },
      version: stored.version,
      hash: stored.hash,
      release: {
        id: state.id,
        project,
        service: state.plan.service,
        version: state.releaseVersion,
        previous: state.previous,
        environment: state.environment,
        phase: state.phase,
        rehearsal: state.rehearsal,
        ...(state.plan.drill === undefined ? {} : { drill: state.plan.drill.title }),
      },
    },
  })
}
