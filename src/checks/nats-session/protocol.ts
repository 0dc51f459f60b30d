/** NATS as a client speaks it: what the server says of itself, CONNECT, PING, and one question with its answer. */
import { z } from 'zod'
import type { Json } from '../../core/units.ts'
import { type Wire, WireFault, type WireTls } from '../parts/wire.ts'

/** `credentials` = it does not let in; `release` = what was asked for is not as it should be; `us` = it does not take what we say. */
export class NatsFault extends Error {
  override name = 'NatsFault'
  readonly about: 'credentials' | 'release' | 'us'
  constructor(message: string, about: NatsFault['about']) {
    super(message)
    this.about = about
  }
}

export interface Greeted {
  readonly wire: Wire
  /** What the server says of itself before anybody says anything. */
  readonly info: Readonly<Record<string, Json>>
}

const errorShape = z.object({ code: z.number(), description: z.string().default('no reason given') })
const infoShape = z.record(z.string(), z.json())

/** Behind its greeting a server wants TLS, or does not. Throws WireFault. */
export async function greet(wire: Wire, tls: WireTls | null): Promise<Greeted> {
  const line = await wire.line()
  if (!line.startsWith('INFO ')) throw new WireFault('it does not begin with INFO: this is no NATS', true)
  const info = infoShape.safeParse(parsed(line.slice('INFO '.length)))
  if (!info.success) throw new WireFault('what it says of itself is no JSON', true)
  if (tls === null && info.data['tls_required'] === true) throw new NatsFault('it wants TLS; add tls: true', 'us')
  return { wire: tls === null ? wire : await wire.secure(tls), info: info.data }
}

export interface NatsSession {
  ping(): Promise<void>
  /** The answer of a service of the server itself. Throws NatsFault for an error in it. */
  ask(subject: string): Promise<Json>
}

const inbox = '_INBOX.holdpoint'
const mostBytes = 4 * 1024 * 1024

/** Throws NatsFault where it does not let in, at the latest by `ping`. */
export async function openNats({ wire }: Greeted, credentials: Readonly<Record<string, string>>): Promise<NatsSession> {
  const about = {
    verbose: false,
    pedantic: false,
    lang: 'node',
    version: '1',
    protocol: 1,
    name: 'holdpoint',
    headers: true,
    no_responders: true,
  }
  wire.write(`CONNECT ${JSON.stringify({ ...about, ...credentials })}\r\n`)
  const session: NatsSession = {
    async ping() {
      wire.write('PING\r\n')
      while ((await nextLine(wire)) !== 'PONG');
    },
    async ask(subject) {
      wire.write(`SUB ${inbox}.1 1\r\nPUB ${subject} ${inbox}.1 0\r\n\r\n`)
      for (;;) {
        const line = await nextLine(wire)
        const message = await messageOf(line, wire)
        if (message !== null) return answerOf(message, subject)
      }
    },
  }
  await session.ping()
  return session
}

async function nextLine(wire: Wire): Promise<string> {
  for (;;) {
    const line = await wire.line()
    if (line === 'PING') wire.write('PONG\r\n')
    else if (line.startsWith('-ERR')) throw faultOf(line.slice(4).trim().replace(/^'|'$/g, ''))
    else if (line !== '+OK' && !line.startsWith('INFO ')) return line
  }
}

function faultOf(words: string): NatsFault {
  if (/^Authorization|^Authentication|^User Authentication/i.test(words)) return new NatsFault(words, 'credentials')
  return new NatsFault(words, 'us')
}

/** Null for a line that is no message. */
async function messageOf(
  line: string,
  wire: Wire,
): Promise<{ readonly headers: string; readonly body: string } | null> {
  const words = line.split(' ')
  const isWithHeaders = words[0] === 'HMSG'
  if (words[0] !== 'MSG' && !isWithHeaders) return null
  const total = Number(words.at(-1))
  const head = isWithHeaders ? Number(words.at(-2)) : 0
  if (!(total >= 0 && total <= mostBytes && head >= 0 && head <= total))
    throw new WireFault(`it announces ${words.at(-1)} bytes`, true)
  const bytes = await wire.read(total + 2)
  return { headers: bytes.toString('utf8', 0, head), body: bytes.toString('utf8', head, total) }
}

function answerOf({ headers, body }: { readonly headers: string; readonly body: string }, subject: string): Json {
  if (headers.startsWith('NATS/1.0 503'))
    throw new NatsFault(`nobody answers ${subject}: JetStream is off, or not for this user`, 'release')
  const told = infoShape.safeParse(parsed(body))
  if (!told.success) throw new WireFault('its answer is no JSON', true)
  const error = errorShape.safeParse(told.data['error'])
  if (error.success) throw new NatsFault(`${error.data.description} (${error.data.code})`, 'release')
  return told.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
