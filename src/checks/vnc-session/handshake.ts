/** The handshake of RFB, the protocol of VNC (RFC 6143): versions, ways to get in, and the screen behind them. */
import { createCipheriv } from 'node:crypto'
import { type Wire, WireFault } from '../parts/wire.ts'

export type Bytes = Pick<Wire, 'read' | 'write' | 'end'>

export interface Seen {
  /** `3.8` */
  readonly version: string
  /** Ways to get in that it offers, by name. */
  readonly security: readonly string[]
  /** null = nobody was let in: the way in needs a password that was not given. */
  readonly screen: { readonly width: number; readonly height: number; readonly name: string } | null
}

/** That it says no, as its answer; WireFault would be that it says nothing of use. */
export class VncFault extends Error {
  override name = 'VncFault'
}

const open = 1
const byPassword = 2
const names: Readonly<Record<number, string>> = {
  1: 'None',
  2: 'VncAuth',
  5: 'RA2',
  6: 'RA2ne',
  16: 'Tight',
  18: 'TLS',
  19: 'VeNCrypt',
  20: 'SASL',
  30: 'Apple',
}
const longestText = 4_096

/** Gets in by the password, or without one where that is possible. Throws WireFault and VncFault. */
export async function shakeHands(wire: Bytes, password: string | null): Promise<Seen> {
  const minor = await agreeOnVersion(wire)
  const offered = await offers(wire, minor)
  const seen = { version: `3.${minor}`, security: offered.map((type) => names[type] ?? String(type)) }
  const chosen = password === null ? open : byPassword
  if (!offered.includes(chosen)) {
    if (password !== null) throw new VncFault(`takes no password, only ${seen.security.join(', ')}`)
    return { ...seen, screen: null }
  }
  if (minor > 3) wire.write(Uint8Array.of(chosen))
  if (password !== null) wire.write(answerTo(await wire.read(16), password))
  if (password !== null || minor === 8) await isLetIn(wire, minor)
  return { ...seen, screen: await screenOf(wire) }
}

/** What it speaks, or the newest that is known below it. */
async function agreeOnVersion(wire: Bytes): Promise<3 | 7 | 8> {
  const said = (await wire.read(12)).toString('latin1')
  const found = /^RFB (\d{3})\.(\d{3})\n$/.exec(said)
  if (found === null) throw new WireFault(`it does not speak RFB: ${JSON.stringify(said)}`, true)
  const [major, least] = [Number(found[1]), Number(found[2])]
  if (major < 3) throw new WireFault(`it speaks RFB ${major}.${least}, expected 3.3 or later`, true)
  const minor = major > 3 || least >= 8 ? 8 : least === 7 ? 7 : 3
  wire.write(`RFB 003.00${minor}\n`)
  return minor
}

async function offers(wire: Bytes, minor: number): Promise<readonly number[]> {
  const count = minor === 3 ? (await wire.read(4)).readUInt32BE() : (await wire.read(1)).readUInt8()
  if (count === 0) throw new VncFault(`refuses: ${await text(wire)}`)
  return minor === 3 ? [count] : [...(await wire.read(count))]
}

async function isLetIn(wire: Bytes, minor: number): Promise<void> {
  if ((await wire.read(4)).readUInt32BE() === 0) return
  throw new VncFault(`does not let in: ${minor === 8 ? await text(wire) : 'the password is not taken'}`)
}

async function screenOf(wire: Bytes): Promise<Seen['screen']> {
  // Others may stay.
  wire.write(Uint8Array.of(1))
  const start = await wire.read(20)
  return { width: start.readUInt16BE(0), height: start.readUInt16BE(2), name: await text(wire) }
}

async function text(wire: Bytes): Promise<string> {
  const length = (await wire.read(4)).readUInt32BE()
  if (length > longestText) throw new WireFault(`it announces a text of ${length} bytes`, true)
  return (await wire.read(length)).toString('utf8')
}

/** DES with the bits of each byte of the key turned round; three times the same key makes triple DES plain. */
function answerTo(challenge: Buffer, password: string): Uint8Array {
  const key = Buffer.alloc(8)
  Buffer.from(password, 'latin1').copy(key, 0, 0, 8)
  const turned = key.map((byte) => Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2))
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null).setAutoPadding(false)
  return Buffer.concat([cipher.update(challenge), cipher.final()])
}
