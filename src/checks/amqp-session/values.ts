/** Values of AMQP 0-9-1: short and long texts, numbers, and tables of them. */
import type { Json } from '../../core/units.ts'
import { WireFault } from '../parts/wire.ts'

/** At most 255 bytes. */
export function writeShort(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 255) throw new Error(`"${text.slice(0, 40)}" is longer than the 255 bytes that a name may have`)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

export function writeLong(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

type Table = { readonly [name: string]: string | boolean | Table }

export function writeTable(table: Table): Buffer {
  return writeLong(
    Buffer.concat(Object.entries(table).map(([name, value]) => Buffer.concat([writeShort(name), field(value)]))),
  )
}

function field(value: string | boolean | Table): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), writeLong(Buffer.from(value))])
  if (typeof value === 'boolean') return Buffer.concat([Buffer.from('t'), Buffer.from([value ? 1 : 0])])
  return Buffer.concat([Buffer.from('F'), writeTable(value)])
}

const deepest = 8

/** One value after the other. Throws WireFault where what comes is cut off or unknown. */
export class Reading {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  bytes(count: number): Buffer {
    if (count > this.#bytes.length - this.#at) throw new WireFault('its answer is cut off', true)
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  uint16(): number {
    return this.bytes(2).readUInt16BE()
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE()
  }

  short(): string {
    return this.bytes(this.bytes(1).readUInt8()).toString()
  }

  table(depth = 0): Readonly<Record<string, Json>> {
    if (depth > deepest) throw new WireFault('its answer is too deep', true)
    const inside = new Reading(this.bytes(this.uint32()))
    const members: [string, Json][] = []
    while (!inside.isAtEnd()) members.push([inside.short(), inside.#field(depth)])
    return Object.fromEntries(members)
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  #field(depth: number): Json {
    const type = this.bytes(1).toString('latin1')
    const size = sizes[type]
    if (size !== undefined) return number(type, this.bytes(size))
    switch (type) {
      case 'S':
      case 'x':
        return this.bytes(this.uint32()).toString()
      case 'F':
        return this.table(depth + 1)
      case 'A':
        return this.#list(depth + 1)
      case 'V':
        return null
      default:
        throw new WireFault(`its answer has a value of the type ${JSON.stringify(type)}`, true)
    }
  }

  #list(depth: number): Json {
    if (depth > deepest) throw new WireFault('its answer is too deep', true)
    const inside = new Reading(this.bytes(this.uint32()))
    const values: Json[] = []
    while (!inside.isAtEnd()) values.push(inside.#field(depth))
    return values
  }
}

/** Of the types that always have the same length. */
const sizes: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  l: 8,
  L: 8,
  T: 8,
  f: 4,
  d: 8,
  D: 5,
}

function number(type: string, bytes: Buffer): Json {
  if (type === 't') return bytes[0] !== 0
  if (type === 'f') return finite(bytes.readFloatBE())
  if (type === 'd') return finite(bytes.readDoubleBE())
  if (type === 'D') return bytes.readInt32BE(1) / 10 ** bytes.readUInt8(0)
  if (bytes.length === 8) return Number(bytes.readBigInt64BE())
  return type === 'B' || type === 'u' || type === 'i'
    ? bytes.readUIntBE(0, bytes.length)
    : bytes.readIntBE(0, bytes.length)
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
