/** A receiver of webhooks that lives as long as one check: one address nobody can guess, answers as told, keeps what comes. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../core/ports/clock.ts'
import { wordsOf } from '../parts/say.ts'

export interface Delivery {
  readonly at: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The status that it was answered with. */
  readonly answered: number
}

export interface ReceiverSettings {
  /** 0 = any. */
  readonly port: number
  /** `/hooks/orders`; null = one that nobody can guess. */
  readonly path: string | null
  /** How senders reach it: `https://hooks.example.com`; null = directly. */
  readonly base: string | null
  /** Statuses of the first, the second and further deliveries; the last stands for all that follow. */
  readonly answers: readonly number[]
}

export interface Receiver {
  readonly url: string
  readonly deliveries: readonly Delivery[]
  /** What came and was no delivery: `GET /favicon.ico`. */
  readonly strays: readonly string[]
  /** Resolves when something has come since it was asked, or after so long. */
  next(ms: number): Promise<void>
  close(): Promise<void>
}

/** What comes from elsewhere comes through a proxy or tunnel that somebody has set up. */
const loopback = '127.0.0.1'
const mostBytes = 1024 * 1024
const mostDeliveries = 10_000
const mostStrays = 20

/** Throws an Error in words where it cannot listen. */
export async function openReceiver(settings: ReceiverSettings, clock: Clock, signal: AbortSignal): Promise<Receiver> {
  const path = settings.path ?? `/${randomBytes(18).toString('base64url')}`
  const deliveries: Delivery[] = []
  const strays: string[] = []
  let wake = (): void => {}
  const server = createServer((request, response) => {
    void take(request, response).catch(() => response.destroy())
  })
  server.requestTimeout = 30_000
  server.maxConnections = 500

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = (request.url ?? '').split('?', 1)[0]
    const refusal = asked !== path ? 404 : request.method === 'POST' ? null : 405
    if (refusal !== null) {
      if (strays.length < mostStrays) strays.push(`${request.method} ${(request.url ?? '').slice(0, 200)}`)
      return void response.writeHead(refusal, { connection: 'close' }).end()
    }
    const body = deliveries.length < mostDeliveries ? await bodyOf(request) : null
    if (body === null) return void response.writeHead(413, { connection: 'close' }).end()
    const answered = settings.answers[Math.min(deliveries.length, settings.answers.length - 1)] ?? 200
    deliveries.push({ at: clock.now(), headers: headersOf(request), body, answered })
    response.writeHead(answered).end()
    wake()
  }

  await listen(server, settings)
  const { port } = server.address() as AddressInfo
  return {
    url: `${(settings.base ?? `http://${loopback}:${port}`).replace(/\/+$/, '')}${path}`,
    deliveries,
    strays,
    async next(ms) {
      const rest = new AbortController()
      const come = new Promise<void>((resolve) => {
        wake = resolve
      })
      await Promise.race([come, clock.sleep(ms, AbortSignal.any([signal, rest.signal]))])
      rest.abort('something has come')
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function listen(server: ReturnType<typeof createServer>, { port }: ReceiverSettings): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`nothing can be received at ${loopback}:${port}: ${wordsOf(error)}`)),
    )
    server.listen(port, loopback, resolve)
  })
}

/** Null when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > mostBytes) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}
