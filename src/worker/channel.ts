/** A WebSocket that an action listens to until the other side closes it: checked addresses only, what is heard capped. */
import type { ChannelEnd } from '../core/ports/action.ts'
import { OutboundFault, type OutboundPlace } from '../core/ports/outbound.ts'

const handshakeMs = 10_000
/** Until a refusal has been said whole. */
const refusalMs = 2_000
/** Of all that is heard. */
const mostBytes = 16 * 1024 * 1024
/** Of an answer that refuses. */
const mostRefusal = 4_096

export interface ChannelInit {
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: readonly string[]
  readonly ca?: string
}

/** What the guard of outbound connections is asked about: scheme, name and port. */
export function placeOf(address: string): string {
  const { protocol, hostname, port } = new URL(address)
  return `${protocol}//${hostname}:${port || (protocol === 'wss:' ? 443 : 80)}`
}

/** Throws OutboundFault where nobody answers, too much is heard, or `signal` aborts. */
export async function listenToChannel(
  { addresses }: OutboundPlace,
  url: string,
  { headers, protocols, ca }: ChannelInit,
  signal: AbortSignal,
): Promise<ChannelEnd> {
  // Loaded when it is needed: most actions have none.
  const { WebSocket } = await import('ws')
  const { host } = new URL(url)
  const socket = new WebSocket(url, [...protocols], {
    headers: { ...headers },
    ...(ca === undefined ? {} : { ca }),
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
    followRedirects: false,
    handshakeTimeout: handshakeMs,
    maxPayload: mostBytes,
  })
  const messages: Uint8Array[] = []
  let bytes = 0
  let isOpen = false
  const stop = (): void => socket.terminate()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<ChannelEnd>((resolve, reject) => {
      const fault = (code: 'aborted' | 'too-large' | 'unreachable', why: string): void =>
        reject(new OutboundFault(code, `${host}: ${why}`, { retryable: code === 'unreachable' }))
      socket.on('open', () => (isOpen = true))
      socket.on('message', (data) => {
        const heard = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)])
        bytes += heard.length
        if (bytes <= mostBytes) return void messages.push(heard)
        fault('too-large', `it says more than ${mostBytes} bytes`)
        socket.terminate()
      })
      socket.on('unexpected-response', (request, response) => {
        let body = ''
        const tell = (): void => {
          resolve({ refused: response.statusCode ?? 0, body })
          request.destroy()
        }
        response.setEncoding('utf8').on('data', (text: string) => {
          body = (body + text).slice(0, mostRefusal)
          if (body.length === mostRefusal) tell()
        })
        response.on('close', tell).setTimeout(refusalMs, tell)
      })
      // One that was open ends with a close, which tells what was heard until then.
      socket.on('error', (cause) => {
        if (!isOpen)
          fault(signal.aborted ? 'aborted' : 'unreachable', signal.aborted ? 'it was told to stop' : cause.message)
      })
      socket.on('close', (code, reason) => {
        if (signal.aborted) fault('aborted', 'it was told to stop')
        resolve({ protocol: socket.protocol, messages, why: reason.toString('utf8') || `closed with ${code}` })
      })
    })
  } finally {
    signal.removeEventListener('abort', stop)
    socket.terminate()
  }
}
