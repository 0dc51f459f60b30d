/** One connection over WebSocket: to checked addresses only, everything that was heard with its time, and why it was refused. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { OutboundPlace } from '../../core/ports/outbound.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { wordsOf } from '../parts/say.ts'

/** More than this is no talk that a check can follow. */
const usualMessages = 5_000
const mostBytes = 1024 * 1024
/** Of an answer that refuses. */
const mostBody = 4_096
const handshakeMs = 10_000
/** A close that is not answered is cut. */
const closeMs = 2_000

export interface Greeting {
  /** ws:// or wss://. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly origin?: string
  readonly protocols: readonly string[]
  /** Certificates that are trusted, instead of this Node's own. */
  readonly ca?: string
  /** More messages than this are cut off. */
  readonly mostMessages?: number
}

export interface Message {
  readonly text: string
  readonly bytes: Buffer
  readonly binary: boolean
  readonly at: Instant
}

export interface Connection {
  /** How long the upgrade took. */
  readonly openedMs: Millis
  readonly protocol: string
  /** All so far, in order. */
  readonly messages: readonly Message[]
  /** When each pong came. */
  readonly pongs: readonly Instant[]
  /** null = open. 1006 = it broke off without a word. */
  closed(): { readonly code: number; readonly why: string } | null
  send(data: string | Uint8Array): void
  ping(): void
  /** Resolves when something was heard, when it closed, or after the time. */
  change(ms: Millis): Promise<void>
  /** Says good-bye, and resolves when it is closed; a second time does nothing. */
  leave(): Promise<void>
}

/** `status` null = no answer in HTTP: `why` says what came instead. */
export interface Refused {
  readonly status: number | null
  readonly why: string
  /** The beginning of what the answer says. */
  readonly body: string
}

type Powers = Pick<CheckPowers, 'clock' | 'signal'>

export async function openSocket(
  place: OutboundPlace,
  greeting: Greeting,
  { clock, signal }: Powers,
): Promise<Connection | Refused> {
  // Loaded when it is needed: most checklists have no such check.
  const { WebSocket } = await import('ws')
  if (signal.aborted) return { status: null, why: 'no answer in time', body: '' }
  const started = clock.now()
  const { mostMessages = usualMessages } = greeting
  const socket = new WebSocket(greeting.url, [...greeting.protocols], {
    headers: { ...greeting.headers },
    ...(greeting.origin === undefined ? {} : { origin: greeting.origin }),
    ...(greeting.ca === undefined ? {} : { ca: greeting.ca }),
    lookup: (_host, _options, callback) => callback(null, [...place.addresses]),
    followRedirects: false,
    handshakeTimeout: handshakeMs,
    maxPayload: mostBytes,
  })
  const messages: Message[] = []
  const pongs: Instant[] = []
  let closed: { code: number; why: string } | null = null
  let fault = ''
  let wake = (): void => {}
  const stop = (): void => socket.terminate()
  signal.addEventListener('abort', stop)

  socket.on('message', (data, binary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)])
    messages.push({ text: binary ? '' : bytes.toString('utf8'), bytes, binary, at: clock.now() })
    if (messages.length >= mostMessages) {
      fault = `more than ${mostMessages} messages came`
      socket.terminate()
    }
    wake()
  })
  socket.on('pong', () => {
    pongs.push(clock.now())
    wake()
  })
  const gone = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      signal.removeEventListener('abort', stop)
      closed = { code, why: reason.toString('utf8') || fault }
      wake()
      resolve()
    })
  })
  const refused = await new Promise<Refused | null>((resolve) => {
    socket.on('open', () => resolve(null))
    socket.on('unexpected-response', (request, response) => {
      const why = `${response.statusCode} ${response.statusMessage ?? ''}`.trim()
      let body = ''
      const tell = (): void => {
        resolve({ status: response.statusCode ?? 0, why, body })
        request.destroy()
      }
      response.setEncoding('utf8').on('data', (text: string) => {
        body = (body + text).slice(0, mostBody)
        if (body.length === mostBody) tell()
      })
      response.on('end', tell).on('close', tell).setTimeout(closeMs, tell)
    })
    socket.on('error', (error) => {
      fault = wordsOf(firstOf(error))
      resolve({ status: null, why: signal.aborted ? 'no answer in time' : fault, body: '' })
    })
  })
  if (refused !== null) {
    signal.removeEventListener('abort', stop)
    socket.terminate()
    return refused
  }
  return {
    openedMs: clock.now() - started,
    protocol: socket.protocol,
    messages,
    pongs,
    closed: () => closed,
    send: (data) => void (socket.readyState === socket.OPEN && socket.send(data)),
    ping: () => void (socket.readyState === socket.OPEN && socket.ping()),
    change: async (ms) => {
      const heard = new AbortController()
      wake = () => heard.abort()
      await clock.sleep(ms, AbortSignal.any([signal, heard.signal]))
    },
    leave: async () => {
      if (closed !== null) return
      socket.close(1000)
      const over = new AbortController()
      await Promise.race([gone.then(() => over.abort()), clock.sleep(closeMs, AbortSignal.any([signal, over.signal]))])
      socket.terminate()
    },
  }
}

/** When several addresses were tried, the first says enough. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
}
