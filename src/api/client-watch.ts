/** Follows a release over server-sent events, through lost connections and engines that come back. */
import type http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { ApiFault } from './client-types.ts'
import type { StreamItem } from './client-types.ts'
import { FollowedView, Misfit } from './followed-view.ts'
import { bytesOf, type Call } from './http-call.ts'
import { readSse, type SseMessage } from './sse-reader.ts'

const PAUSES_MS = [100, 250, 500, 1_000, 2_000, 5_000] as const

/** Ends when the signal aborts. Throws when the engine answers that there is no such release, or none can be started any more. */
export async function* watchRelease(
  call: (what: Call) => Promise<http.IncomingMessage>,
  path: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  let last = after
  let failures = 0
  let asked = `${path}?live=changes`
  while (!signal.aborted) {
    try {
      const answer = await call({
        method: 'GET',
        path: asked,
        signal,
        headers: { accept: 'text/event-stream', 'last-event-id': String(last) },
      })
      if (answer.statusCode === 400 && asked !== path) {
        // An older engine does not know what that is, and sends whole views.
        answer.resume()
        asked = path
        continue
      }
      await refuseUnlessStream(answer)
      for await (const item of itemsOf(answer)) {
        failures = 0
        if (item.kind === 'event') last = item.event.version
        yield item
      }
    } catch (cause) {
      if (signal.aborted) return
      if (!isPassing(cause)) throw cause
      if (cause instanceof Misfit) asked = path
      failures += 1
      yield { kind: 'disconnected', why: cause instanceof Error ? cause.message : String(cause) }
    }
    await sleep(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)], undefined, { signal }).catch(() => {})
  }
}

async function refuseUnlessStream(answer: http.IncomingMessage): Promise<void> {
  if (answer.statusCode === 200) return
  const text = (await bytesOf(answer)).toString('utf8')
  throw new ApiFault(detailIn(text), { code: 'no-stream', status: answer.statusCode ?? 0 })
}

async function* itemsOf(answer: http.IncomingMessage): AsyncGenerator<StreamItem> {
  answer.setEncoding('utf8')
  const followed = new FollowedView()
  for await (const message of readSse(answer as AsyncIterable<string>)) {
    const item = itemIn(message, followed)
    if (item !== null) yield item
  }
}

/** null for a kind of message that a newer engine may send. */
function itemIn({ event, data }: SseMessage, followed: FollowedView): StreamItem | null {
  if (event === 'event') return { kind: 'event', event: JSON.parse(data) as StoredEvent<ReleaseEvent> }
  const view = followed.read(event, data)
  return view === null ? null : { kind: 'live', view }
}

/** A connection that broke may come back; an answer that says no, or an engine that cannot be started, will not change by asking again. */
function isPassing(cause: unknown): boolean {
  if (!(cause instanceof ApiFault)) return true
  return cause.code === 'lost' || cause.code === 'unreachable' || (cause.status !== null && cause.status >= 500)
}

function detailIn(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown }
    if (typeof detail === 'string') return detail
  } catch {
    // Said below as it came.
  }
  return `The engine answered: ${text.slice(0, 200)}`
}
