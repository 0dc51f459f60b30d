/** Live state over server-sent events: resumable by the last id, no gap, no duplicate, bounded buffers. */
import { z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { SSEStreamingApi } from 'hono/streaming'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { needs, route } from '../auth/declare.ts'
import { placeOfRelease } from '../auth/guard.ts'
import { whileMay } from '../auth/still-may.ts'
import type { ApiDeps, RouteDeps } from '../deps.ts'
import { type LiveForm, type LiveReading, LiveViews } from '../live-views.ts'
import type { StoredEvent } from '../../core/ports/store.ts'
import { router } from '../router.ts'
import { releaseParam } from '../wire/described.ts'

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
    'Messages `event` carry a stored event and its version as id: resume with Last-Event-ID. Messages `live` carry the whole view. With `live=changes` the first view comes as `view`, and then only what differs, as `change`. With `events=versions` an `event` tells its version alone.',
  request: {
    params: releaseParam,
    query: z.strictObject({
      after: version.optional(),
      live: z.enum(['whole', 'changes']).optional(),
      events: z.enum(['whole', 'versions']).optional(),
    }),
    headers: z.object({ 'last-event-id': version.optional() }),
  },
  responses: {
    200: { description: 'Until either side ends it', content: { 'text/event-stream': { schema: z.string() } } },
  },
})

export function streamRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const views = new LiveViews(deps)
  routes.openapi(follow, async (context) => {
    const { id } = context.get('release')
    const after = context.req.valid('header')['last-event-id'] ?? context.req.valid('query').after ?? '0'
    const place = placeOfRelease(context.get('access'), context.get('release'))
    const lost = whileMay(deps, context, 'release.read', place)
    const { live: form = 'whole', events = 'whole' } = context.req.valid('query')
    const asked = { id, after: Number(after), form, messageOf: events === 'whole' ? messageOf : versionOf }
    return streamSSE(context, (stream) => tell(deps, views, asked, stream, lost)) as never
  })
  return routes
}

interface Asked {
  /** The release. */
  readonly id: string
  readonly after: number
  readonly form: LiveForm
  readonly messageOf: (event: StoredEvent) => string
}

async function tell(
  deps: ApiDeps,
  views: LiveViews,
  asked: Asked,
  stream: SSEStreamingApi,
  gone: AbortController,
): Promise<void> {
  stream.onAbort(() => gone.abort())
  const signal = AbortSignal.any([gone.signal, deps.closing])
  await Promise.all([
    tellEvents(deps, asked, stream, signal),
    tellLive(views.open(asked.id, asked.form), stream, signal),
  ]).finally(() => gone.abort())
  // Another process, or this one again, answers in a moment; everybody at once would be too many.
  if (deps.closing.aborted) await stream.write(`retry: ${RETRY_MS + Math.floor(Math.random() * RETRY_MS)}\n\n`)
}

/** Only these messages carry an id: a client resumes after the last event, whatever live views came since. */
async function tellEvents(
  deps: ApiDeps,
  { id, after, messageOf: told }: Asked,
  stream: SSEStreamingApi,
  signal: AbortSignal,
): Promise<void> {
  const parcel = new Parcel(stream)
  for await (const event of deps.engine.follow(id, after, signal)) {
    if (signal.aborted) return
    await parcel.add(told(event))
  }
}

const messages = new WeakMap<StoredEvent, string>()

/** Written once for all readers that follow the same events. */
function messageOf(event: StoredEvent): string {
  const known = messages.get(event)
  if (known !== undefined) return known
  const message = `event: event\ndata: ${JSON.stringify(event)}\nid: ${event.version}\n\n`
  messages.set(event, message)
  return message
}

/** For readers that ask elsewhere what happened: a first event alone, with its plan, may be longer than all else. */
function versionOf({ version: number }: StoredEvent): string {
  return `event: event\ndata: {"version":${number}}\nid: ${number}\n\n`
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

/** The newest view whenever there is one that this reader has not had: a slow reader gets fewer, not older ones. */
async function tellLive(reading: LiveReading, stream: SSEStreamingApi, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      const frame = await reading.next(HEARTBEAT_MS, signal)
      if (signal.aborted) return
      await stream.write(frame ?? ': still here\n\n')
    }
  } finally {
    reading.close()
  }
}
