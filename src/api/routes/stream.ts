/** Live state over server-sent events: resumable by the last id, no gap, no duplicate, bounded buffers. */
import { z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { SSEStreamingApi } from 'hono/streaming'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { needs, route } from '../auth/declare.ts'
import { placeOfRelease } from '../auth/guard.ts'
import { whileMay } from '../auth/still-may.ts'
import { viewOf } from '../../report/view.ts'
import { calibrationsOf } from '../calibrations.ts'
import type { ApiDeps, RouteDeps } from '../deps.ts'
import { router } from '../router.ts'
import { releaseParam } from '../wire/described.ts'

const LIVE_EVERY_MS = 200
/** Making views takes at most a twentieth of the time, however long the checklist: the engine has better things to do. */
const REST_FACTOR = 19
const PARCEL_LENGTH = 65_536
/** A silent connection is one that proxies and clients give up on. */
const HEARTBEAT_MS = 15_000
const RETRY_MS = 1_000

const version = z.string().regex(/^\d{1,15}$/, 'expected a version, for example 17')

const follow = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/stream',
  summary: 'Stored events and live views as they come',
  description:
    'Messages `event` carry a stored event and its version as id: resume with Last-Event-ID. Messages `live` carry the whole view.',
  request: {
    params: releaseParam,
    query: z.strictObject({ after: version.optional() }),
    headers: z.object({ 'last-event-id': version.optional() }),
  },
  responses: {
    200: { description: 'Until either side ends it', content: { 'text/event-stream': { schema: z.string() } } },
  },
})

export function streamRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(follow, async (context) => {
    const { id } = context.get('release')
    const after = context.req.valid('header')['last-event-id'] ?? context.req.valid('query').after ?? '0'
    const place = placeOfRelease(context.get('access'), context.get('release'))
    const lost = whileMay(deps, context, 'release.read', place)
    return streamSSE(context, (stream) => tell(deps, id, Number(after), stream, lost)) as never
  })
  return routes
}

async function tell(
  deps: ApiDeps,
  release: string,
  after: number,
  stream: SSEStreamingApi,
  gone: AbortController,
): Promise<void> {
  stream.onAbort(() => gone.abort())
  const signal = AbortSignal.any([gone.signal, deps.closing])
  await Promise.all([
    tellEvents(deps, release, after, stream, signal),
    tellLive(deps, release, stream, signal),
  ]).finally(() => gone.abort())
  // Another process, or this one again, answers in a moment; everybody at once would be too many.
  if (deps.closing.aborted) await stream.write(`retry: ${RETRY_MS + Math.floor(Math.random() * RETRY_MS)}\n\n`)
}

/** Only these messages carry an id: a client resumes after the last event, whatever live views came since. */
async function tellEvents(
  deps: ApiDeps,
  release: string,
  after: number,
  stream: SSEStreamingApi,
  signal: AbortSignal,
): Promise<void> {
  const parcel = new Parcel(stream)
  for await (const event of deps.engine.follow(release, after, signal)) {
    if (signal.aborted) return
    await parcel.add(`event: event\ndata: ${JSON.stringify(event)}\nid: ${event.version}\n\n`)
  }
}

/** Messages of one turn go out in one write: each write costs as much as everything else about a message. */
class Parcel {
  readonly #stream: SSEStreamingApi
  #text = ''
  #isPlanned = false

  constructor(stream: SSEStreamingApi) {
    this.#stream = stream
  }

  /** Resolves when there is room for more. */
  async add(text: string): Promise<void> {
    this.#text += text
    if (this.#text.length >= PARCEL_LENGTH) return this.#send()
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => void this.#send())
  }

  async #send(): Promise<void> {
    const text = this.#text
    this.#text = ''
    this.#isPlanned = false
    if (text !== '') await this.#stream.write(text)
  }
}

/** A view is made when it is sent, never queued: a slow reader gets fewer, not older ones. */
async function tellLive(deps: ApiDeps, release: string, stream: SSEStreamingApi, signal: AbortSignal): Promise<void> {
  const news = new Latch()
  const unsubscribe = deps.engine.onLive(release, () => news.set())
  signal.addEventListener('abort', () => news.set(), { once: true })
  news.set()
  try {
    while (!signal.aborted) {
      const fresh = await news.wait(HEARTBEAT_MS)
      if (signal.aborted) return
      const state = fresh ? await deps.engine.state(release) : null
      const calibrations = state === null ? undefined : await calibrationsOf(deps, state)
      const start = performance.now()
      const besides = calibrations === undefined ? {} : { calibrations }
      const view = state && JSON.stringify(viewOf(state, deps.engine.live(release), deps.clock.now(), besides))
      const tookMs = performance.now() - start
      if (view === null) await stream.write(': still here\n\n')
      else await stream.writeSSE({ event: 'live', data: view })
      await deps.clock.sleep(Math.max(LIVE_EVERY_MS, tookMs * REST_FACTOR), signal)
    }
  } finally {
    unsubscribe()
  }
}

/** Remembers that something happened until someone has looked. */
class Latch {
  #isSet = false
  #wake: (() => void) | null = null

  set(): void {
    this.#isSet = true
    this.#wake?.()
  }

  /** True if it was set within this time; resets it. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#isSet) await this.#rest(ms)
    const wasSet = this.#isSet
    this.#isSet = false
    return wasSet
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
