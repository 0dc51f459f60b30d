/** Answers that go on after their headers: straight into the connection they are for, bytes shared by all who get the same. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, Readable, type Writable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { type ApiEnv, type Bindings, bindingsOf, type Direct, type Door, type Outflow, type Pour } from './env.ts'

/** What answers a request, told through which door it came. */
export type Fetch = (request: Request, bindings: Bindings & { readonly door: Door }) => Response | Promise<Response>

/** Writes after the end are lost, as those to a cut connection are. */
class Pipe implements Outflow {
  readonly #out: Writable
  /** Settled by room or by the end; null = there is room. */
  #full: Promise<void> | null = null

  constructor(out: Writable) {
    this.#out = out
  }

  write(bytes: Uint8Array): Promise<void> | null {
    if (this.#out.destroyed || this.#out.writableEnded) return null
    if (!this.#out.write(bytes)) this.#full ??= this.#room()
    return this.#full
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#out.off('drain', done).off('close', done)
        this.#full = null
        resolve()
      }
      this.#out.on('drain', done).on('close', done)
    })
  }
}

/** The answer of a route that goes on. Nothing is poured before its headers are out. */
export function pouring(context: Context<ApiEnv>, headers: Record<string, string>, pour: Pour): Response {
  const { direct } = bindingsOf(context)
  if (direct !== undefined) {
    direct.pour = pour
    return context.body(null, 200, headers)
  }
  const out = new PassThrough()
  void pourInto(out, pour)
  return context.body(Readable.toWeb(out) as ReadableStream<Uint8Array> as never, 200, headers)
}

/** Answers for a server of Node: what a route leaves to be poured goes past the streams of the web, which cost more than all else. */
export function answering(fetch: Fetch, doorOf: (incoming: IncomingMessage) => Door) {
  return async (
    request: Request,
    { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
  ): Promise<Response> => {
    const direct: Direct = { pour: null }
    const answer = await fetch(request, { door: doorOf(incoming), direct })
    if (direct.pour === null || answer.status !== 200 || answer.body !== null || incoming.method === 'HEAD')
      return answer
    outgoing.setHeaders(answer.headers)
    outgoing.writeHead(200)
    outgoing.flushHeaders()
    void pourInto(outgoing, direct.pour)
    return RESPONSE_ALREADY_SENT
  }
}

async function pourInto(out: Writable, pour: Pour): Promise<void> {
  const gone = new AbortController()
  out.on('error', () => {})
  out.once('close', () => gone.abort())
  if (out.destroyed) gone.abort()
  try {
    await pour(new Pipe(out), gone.signal)
    out.end()
  } catch (fault) {
    // Cut off, so that nobody takes it for the end: who reads comes back and learns the rest.
    console.error(fault)
    out.destroy()
  }
}
