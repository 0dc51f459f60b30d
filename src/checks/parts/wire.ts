/** A connection that a protocol of bytes is spoken over: to checked addresses only, in portions, with an end to patience and memory. */
import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CheckResult } from '../../core/ports/check.ts'
import type { OutboundPlace } from '../../core/ports/outbound.ts'
import { oneLine, wordsOf } from './say.ts'

/** No answer that a check waits for is larger. */
const mostBytes = 8 * 1024 * 1024

/** `answer` = it says something about the release (nobody listens, other bytes came); otherwise it could not be tried. */
export class WireFault extends Error {
  override name = 'WireFault'
  readonly answer: boolean
  constructor(message: string, answer: boolean) {
    super(message)
    this.answer = answer
  }
}

export interface Wire {
  write(bytes: Uint8Array | string): void
  /** Exactly so many bytes. Throws WireFault when they do not come. */
  read(count: number): Promise<Buffer>
  /** Up to the next CR LF, without it. Throws WireFault when it does not come within so many bytes. */
  line(most?: number): Promise<string>
  /** The same connection over TLS from now on, for protocols that begin in the clear; this wire is over then. Throws WireFault. */
  secure(tls: WireTls): Promise<Wire>
  end(): void
}

export interface WireTls {
  /** File contents; absent = what this Node trusts. */
  readonly ca?: string
}

/** Throws WireFault. `tls` null = in the clear. */
export async function openWire(place: OutboundPlace, tls: WireTls | null, signal: AbortSignal): Promise<Wire> {
  const { host, port, addresses } = place
  const lookup: LookupFunction = (_host, _options, callback) => callback(null, [...addresses])
  const base = { host, port, lookup, autoSelectFamily: true }
  if (signal.aborted) throw new WireFault('no answer in time', false)
  const socket = tls === null ? connectPlain(base) : connectTls({ ...base, ...tls, ...serverName(host) })
  const stop = (): void => void socket.destroy()
  signal.addEventListener('abort', stop)
  socket.once('close', () => signal.removeEventListener('abort', stop))
  await opened(socket, tls === null ? 'connect' : 'secureConnect', signal)
  return wireOver(socket, host, signal)
}

async function opened(socket: Socket, by: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(by, () => resolve())
    socket.once('error', (error) => reject(faultOf(error, signal)))
    socket.once('close', () => reject(new WireFault(closedWords(signal), true)))
  })
}

function wireOver(socket: Socket, host: string, signal: AbortSignal): Wire {
  let held = Buffer.alloc(0)
  let fault: WireFault | null = null
  let wake = (): void => {}
  const fail = (next: WireFault): void => {
    fault ??= next
    wake()
  }
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length > mostBytes) {
      fail(new WireFault(`it sends more than ${mostBytes} bytes`, true))
      socket.destroy()
    }
    wake()
  })
  socket.on('error', (error) => fail(faultOf(error, signal)))
  socket.on('close', () => fail(new WireFault(closedWords(signal), true)))
  const until = async (enough: () => boolean): Promise<void> => {
    while (!enough()) {
      if (fault !== null) throw fault
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const take = (count: number, skip = 0): Buffer => {
    const taken = held.subarray(0, count)
    held = held.subarray(count + skip)
    return taken
  }
  return {
    write: (bytes) => void socket.write(bytes),
    read: async (count) => {
      if (!(count >= 0 && count <= mostBytes)) throw new WireFault(`it announces ${count} bytes`, true)
      await until(() => held.length >= count)
      return take(count)
    },
    line: async (most = 64 * 1024) => {
      await until(() => held.includes('\r\n') || held.length > most)
      const end = held.indexOf('\r\n')
      if (end < 0 || end > most) throw new WireFault(`it says no line of at most ${most} bytes`, true)
      return take(end, 2).toString('utf8')
    },
    secure: async (tls) => {
      if (fault !== null) throw fault
      // What is said in the clear behind the offer of TLS may come from anybody on the way.
      if (held.length > 0) throw new WireFault(`it says ${held.length} bytes before TLS that nobody asked for`, true)
      for (const event of ['data', 'error', 'close']) socket.removeAllListeners(event)
      const secured = connectTls({ socket, host, ...tls, ...serverName(host) })
      await opened(secured, 'secureConnect', signal)
      return wireOver(secured, host, signal)
    },
    end: () => void socket.destroy(),
  }
}

/** Where a fault of a wire leaves a check. Anything else is thrown on. */
export function faultResult(where: string, error: unknown, signal: AbortSignal): CheckResult {
  if (!(error instanceof WireFault)) throw error
  const outcome = error.answer && !signal.aborted ? 'failed' : 'errored'
  return { outcome, say: oneLine(`${where}: ${signal.aborted ? 'no answer in time' : error.message}`), evidence: [] }
}

/** Nobody at home is an answer about the release; a name that is not found is a fault. */
const answers: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function faultOf(error: unknown, signal: AbortSignal): WireFault {
  if (signal.aborted) return new WireFault('no answer in time', false)
  const { code, errors, library } = (error ?? {}) as { code?: unknown; errors?: readonly unknown[]; library?: unknown }
  const first = errors?.[0]
  if (first !== undefined) return faultOf(first, signal)
  const aboutTls = library !== undefined || /CERT|SELF_SIGNED|SIGNATURE|SSL|TLS/.test(String(code))
  return new WireFault(wordsOf(error), answers.has(code) || aboutTls)
}

function closedWords(signal: AbortSignal): string {
  return signal.aborted ? 'no answer in time' : 'it closed the connection'
}

function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host }
}
