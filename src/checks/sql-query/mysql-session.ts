/** A session of MySQL: greeting, TLS, the two usual ways to show a password without telling it, and packets in order. */
import { createHash } from 'node:crypto'
import type { Wire, WireTls } from '../parts/wire.ts'
import { Packet } from './mysql-packet.ts'

export interface MysqlLogin {
  readonly user: string
  readonly password: string
  /** '' = none. */
  readonly database: string
  /** null = in the clear. */
  readonly tls: WireTls | null
}

export interface MysqlSession {
  query(statement: string): void
  next(): Promise<Packet>
  end(): void
}

const flags = {
  password: 1,
  database: 8,
  protocol41: 0x200,
  tls: 0x800,
  transactions: 0x2000,
  secure: 0x8000,
  plugins: 0x80000,
}
const utf8mb4 = 45
const mostPacket = 0xffffff

/** Throws WireFault, and an Error in the words of the server. */
export async function login(plain: Wire, given: MysqlLogin): Promise<MysqlSession> {
  let wire = plain
  let sequence = 0
  const next = async (): Promise<Packet> => {
    const head = await wire.read(4)
    sequence = head.readUInt8(3)
    const length = head.readUIntLE(0, 3)
    if (length === mostPacket) throw new Error('one row of its answer is larger than 16 MB')
    return new Packet(await wire.read(length))
  }
  const send = (payload: Buffer, at: number): void => {
    const head = Buffer.alloc(4)
    head.writeUIntLE(payload.length, 0, 3)
    head.writeUInt8(at & 0xff, 3)
    wire.write(Buffer.concat([head, payload]))
  }
  try {
    const greeting = greetingOf(await next())
    const wanted = wantedFlags(given)
    if (given.tls !== null) {
      if ((greeting.flags & flags.tls) === 0) throw new Error('it offers no TLS')
      send(opening(wanted), sequence + 1)
      wire = await plain.secure(given.tls)
      sequence += 1
    }
    send(answerTo(greeting, wanted, given), sequence + 1)
    await letIn(next, (payload) => send(payload, sequence + 1), greeting, given)
  } catch (fault) {
    wire.end()
    throw fault
  }
  return {
    query: (statement) => send(Buffer.concat([Buffer.from([3]), Buffer.from(statement)]), 0),
    next,
    end: () => wire.end(),
  }
}

interface Greeting {
  readonly flags: number
  readonly salt: Buffer
  readonly plugin: string
}

function greetingOf(packet: Packet): Greeting {
  packet.throwIfError()
  if (packet.bytes(1).readUInt8() !== 10) throw new Error('it greets as no MySQL does')
  packet.text()
  packet.bytes(4)
  const first = packet.bytes(8)
  packet.bytes(1)
  const low = packet.bytes(2).readUInt16LE()
  packet.bytes(3)
  const high = packet.bytes(2).readUInt16LE()
  const length = packet.bytes(1).readUInt8()
  packet.bytes(10)
  const second = packet.bytes(Math.max(13, length - 8)).subarray(0, 12)
  return { flags: low + high * 0x10000, salt: Buffer.concat([first, second]), plugin: packet.text() }
}

function wantedFlags({ tls, database }: MysqlLogin): number {
  const always = flags.password | flags.protocol41 | flags.transactions | flags.secure | flags.plugins
  return always | (tls === null ? 0 : flags.tls) | (database === '' ? 0 : flags.database)
}

function opening(wanted: number): Buffer {
  const head = Buffer.alloc(32)
  head.writeUInt32LE(wanted, 0)
  head.writeUInt32LE(mostPacket, 4)
  head.writeUInt8(utf8mb4, 8)
  return head
}

function answerTo({ salt, plugin }: Greeting, wanted: number, { user, password, database }: MysqlLogin): Buffer {
  const proof = proofOf(plugin, password, salt) ?? Buffer.alloc(0)
  const text = (value: string): Buffer => Buffer.from(`${value}\0`)
  return Buffer.concat([
    opening(wanted),
    text(user),
    Buffer.from([proof.length]),
    proof,
    ...(database === '' ? [] : [text(database)]),
    text(plugin),
  ])
}

/** Null for a way that is not known here. */
function proofOf(plugin: string, password: string, salt: Buffer): Buffer | null {
  if (password === '') return Buffer.alloc(0)
  const digest = (algorithm: string, ...parts: readonly (Buffer | string)[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest()
  const mixed = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)))
  if (plugin === 'mysql_native_password') {
    const once = digest('sha1', password)
    return mixed(once, digest('sha1', salt, digest('sha1', once)))
  }
  if (plugin !== 'caching_sha2_password') return null
  const once = digest('sha256', password)
  return mixed(once, digest('sha256', digest('sha256', once), salt))
}

const fullLogin = 4

async function letIn(
  next: () => Promise<Packet>,
  send: (payload: Buffer) => void,
  greeting: Greeting,
  { password, tls }: MysqlLogin,
): Promise<void> {
  for (;;) {
    const packet = await next()
    packet.throwIfError()
    if (packet.isOk()) return
    const kind = packet.bytes(1).readUInt8()
    if (kind === 0xfe) {
      const plugin = packet.text()
      const proof = proofOf(plugin, password, packet.rest().subarray(0, 20))
      if (proof === null) throw new Error(`it wants the password in the way ${plugin}, which is not known here`)
      send(proof)
    } else if (kind === 1 && packet.bytes(1).readUInt8() === fullLogin) {
      // Only where nobody on the way can read it.
      if (tls === null) throw new Error(`it wants the whole password (${greeting.plugin}); add ?tls=true to the url`)
      send(Buffer.from(`${password}\0`))
    }
  }
}
