/** Live state over server-sent events: resumable by the last id, no gap, no duplicate, bounded buffers. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Outflow } from '../env.ts'
import { needs, route } from '../auth/declare.ts'
import { placeOfRelease } from '../auth/guard.ts'
import { whileMay } from '../auth/still-may.ts'
import type { RouteDeps } from '../deps.ts'
import { type LiveForm, type LiveReading, LiveViews } from '../live-views.ts'
import type { StoredEvent } from '../../core/ports/store.ts'
import { pouring } from '../outflow.ts'
import { router } from '../router.ts'
import { releaseParam } from '../wire/described.ts'

const PARCEL_BYTES = 65_536
/** A silent connection is one that proxies and clients give up on. */
const HEARTBEAT_MS = 15_000
const RETRY_MS = 1_000
const STILL_HERE = Buffer.from(': still here\n\n')
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

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
    const { live: form = 'whole', events = 'whole' } = context.req.valid('query')
    const asked = { id, after: Number(after), form, messageOf: events === 'whole' ? messageOf : versionOf }
    return pouring(context, HEADERS, (out, gone) => {
      const may = whileMay(deps, context, 'release.read', place)
      return tell(deps, views, asked, out, oneOf(gone, deps.closing, may))
    }) as never
  })
  return routes
}

/** Aborts `last` when one of the others does: cheaper to ask again and again than a signal that is any of them. */
function oneOf(gone: AbortSignal, closing: AbortSignal, last: AbortController): AbortController {
  const abort = (): void => last.abort()
  for (const signal of [gone, closing]) {
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true, signal: last.signal })
  }
  return last
}

interface Asked {
  /** The release. */
  readonly id: string
  readonly after: number
  readonly form: LiveForm
  readonly messageOf: (event: StoredEvent) => Uint8Array
}

async function tell(
  deps: RouteDeps,
  views: LiveViews,
  asked: Asked,
  out: Outflow,
  over: AbortController,
): Promise<void> {
  const { signal } = over
  await Promise.all([
    tellEvents(deps, asked, out, signal),
    tellLive(views.open(asked.id, asked.form), out, signal),
  ]).finally(() => over.abort())
  // Another process, or this one again, answers in a moment; everybody at once would be too many.
  if (deps.closing.aborted) void out.write(Buffer.from(`retry: ${RETRY_MS + Math.floor(Math.random() * RETRY_MS)}\n\n`))
}

/** Only these messages carry an id: a client resumes after the last event, whatever live views came since. */
async function tellEvents(
  deps: RouteDeps,
  { id, after, messageOf: told }: Asked,
  out: Outflow,
  signal: AbortSignal,
): Promise<void> {
  const parcel = new Parcel(out)
  for await (const event of deps.engine.follow(id, after, signal)) {
    if (signal.aborted) return
    const full = parcel.add(told(event))
    if (full !== null) await full
  }
}

const messages = new WeakMap<StoredEvent, Uint8Array>()

/** Written once for all readers that follow the same events. */
function messageOf(event: StoredEvent): Uint8Array {
  const known = messages.get(event)
  if (known !== undefined) return known
  const message = Buffer.from(`event: event\ndata: ${JSON.stringify(event)}\nid: ${event.version}\n\n`)
  messages.set(event, message)
  return message
}

/** For readers that ask elsewhere what happened: a first event alone, with its plan, may be longer than all else. */
function versionOf({ version: number }: StoredEvent): Uint8Array {
  return Buffer.from(`event: event\ndata: {"version":${number}}\nid: ${number}\n\n`)
}

/** Messages of one turn go out in one write: each write costs as much as everything else about a message. */
class Parcel {
  readonly #out: Outflow
  #messages: Uint8Array[] = []
  #length = 0
  /** Of the write before this parcel. */
  #full: Promise<void> | null = null

  constructor(out: Outflow) {
    this.#out = out
  }

  /** A promise = there is room for more once it resolves. */
  add(message: Uint8Array): Promise<void> | null {
    if (this.#messages.push(message) === 1) setImmediate(() => this.#send())
    this.#length += message.byteLength
    if (this.#length >= PARCEL_BYTES) this.#send()
    return this.#full
  }

  #send(): void {
    const [first, ...more] = this.#messages
    if (first === undefined) return
    this.#messages = []
    this.#length = 0
    const full = this.#out.write(more.length === 0 ? first : Buffer.concat([first, ...more]))
    this.#full = full
    void full?.then(() => (this.#full = null))
  }
}

/** The newest view whenever there is one that this reader has not had: a slow reader gets fewer, not older ones. */
async function tellLive(reading: LiveReading, out: Outflow, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      const frame = await reading.next(HEARTBEAT_MS, signal)
      if (signal.aborted) return
      await out.write(frame ?? STILL_HERE)
    }
  } finally {
    reading.close()
  }
}
