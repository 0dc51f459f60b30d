/** RTMP as a publisher speaks it: the plain handshake, messages in chunks, commands and their answers. */
import { randomBytes } from 'node:crypto'
import type { Json } from '../../core/units.ts'
import { type Wire, WireFault } from '../parts/wire.ts'
import { decodeAmf, encodeAmf } from './amf.ts'

const chunkSize = 4_096
const mostMessage = 1024 * 1024

export interface Message {
  readonly type: number
  readonly stream: number
  readonly body: Buffer
}

export const messageTypes = { chunkSize: 1, data: 18, video: 9, command: 20 } as const

/** C0 to S2 without a digest. Throws WireFault when the other side speaks something else. */
export async function shakeHands(wire: Wire): Promise<void> {
  const hello = Buffer.concat([Buffer.alloc(8), randomBytes(1_528)])
  wire.write(Buffer.concat([Buffer.from([3]), hello]))
  const version = (await wire.read(1))[0]
  if (version !== 3) throw new WireFault(`it answers with version ${version}, expected 3: this is no RTMP`, true)
  const theirs = await wire.read(1_536)
  wire.write(theirs)
  await wire.read(1_536)
}

export interface Session {
  send(type: number, stream: number, at: number, body: Buffer): void
  /** A command on stream 0, or on the one that is published. */
  command(stream: number, ...values: readonly Json[]): void
  /** The next message that is not about the connection itself. Throws WireFault. */
  next(): Promise<Message>
}

interface Partial_ {
  length: number
  type: number
  stream: number
  /** What of the message has come. */
  held: Buffer[]
  size: number
  isExtended: boolean
}

export function openSession(wire: Wire): Session {
  const partial = new Map<number, Partial_>()
  let theirChunk = 128

  async function readChunk(): Promise<Message | null> {
    const first = (await wire.read(1)).readUInt8(0)
    const id = await channelOf(first & 0x3f)
    const state = partial.get(id) ?? { length: 0, type: 0, stream: 0, held: [], size: 0, isExtended: false }
    partial.set(id, state)
    await readHeader(first >> 6, state)
    const portion = await wire.read(Math.min(theirChunk, state.length - state.size))
    state.held.push(portion)
    state.size += portion.length
    if (state.size < state.length) return null
    const message = { type: state.type, stream: state.stream, body: Buffer.concat(state.held) }
    state.held = []
    state.size = 0
    return message
  }

  async function channelOf(short: number): Promise<number> {
    if (short > 1) return short
    const more = await wire.read(short + 1)
    return 64 + (more[0] ?? 0) + (short === 1 ? (more[1] ?? 0) * 256 : 0)
  }

  async function readHeader(form: number, state: Partial_): Promise<void> {
    const header = await wire.read([11, 7, 3, 0][form] ?? 0)
    if (form < 3) state.isExtended = header.readUIntBE(0, 3) === 0xffffff
    if (form < 2) {
      state.length = header.readUIntBE(3, 3)
      state.type = header.readUInt8(6)
    }
    if (form === 0) state.stream = header.readUInt32LE(7)
    if (state.length > mostMessage) throw new WireFault(`it announces a message of ${state.length} bytes`, true)
    if (state.isExtended) await wire.read(4)
  }

  const session: Session = {
    send: (type, stream, at, body) => wire.write(chunksOf(type, stream, at, body)),
    command: (stream, ...values) => session.send(messageTypes.command, stream, 0, encodeAmf(values)),
    async next() {
      for (;;) {
        const message = await readChunk()
        if (message === null) continue
        if (message.type === messageTypes.chunkSize && message.body.length === 4)
          theirChunk = Math.min(Math.max(1, message.body.readUInt32BE(0)), mostMessage)
        // Acknowledgements, windows and user control say nothing about the stream.
        else if (message.type > 6) return message
      }
    },
  }
  const size = Buffer.alloc(4)
  size.writeUInt32BE(chunkSize)
  session.send(messageTypes.chunkSize, 0, 0, size)
  return session
}

function chunksOf(type: number, stream: number, at: number, body: Buffer): Buffer {
  const channel = type === messageTypes.chunkSize ? 2 : type === messageTypes.command ? 3 : 6
  const header = Buffer.alloc(12)
  header.writeUInt8(channel, 0)
  header.writeUIntBE(Math.min(at, 0xfffffe), 1, 3)
  header.writeUIntBE(body.length, 4, 3)
  header.writeUInt8(type, 7)
  header.writeUInt32LE(stream, 8)
  const parts: Buffer[] = [header]
  for (let from = 0; from < body.length; from += chunkSize) {
    if (from > 0) parts.push(Buffer.from([0xc0 | channel]))
    parts.push(body.subarray(from, from + chunkSize))
  }
  return Buffer.concat(parts)
}

export interface Answer {
  /** `_result`, `_error`, `onStatus`. */
  readonly name: string
  readonly transaction: number
  readonly values: readonly Json[]
}

/** Null for a message that is no command. */
export function answerOf({ type, body }: Message): Answer | null {
  if (type !== messageTypes.command) return null
  const [name, transaction, , ...values] = decodeAmf(body)
  return typeof name === 'string' ? { name, transaction: Number(transaction), values } : null
}

/** `NetConnection.Connect.Rejected: no such application`. */
export function sayStatus(values: readonly Json[]): string {
  const status = values.find((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  const { code, description } = (status ?? {}) as { readonly code?: unknown; readonly description?: unknown }
  const words = [code, description].filter((word) => typeof word === 'string' && word !== '')
  return words.length === 0 ? 'no reason given' : words.join(': ')
}
