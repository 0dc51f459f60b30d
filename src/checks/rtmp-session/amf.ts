/** Values of AMF0, the form in which RTMP asks and answers: what commands need, read with bounds. */
import type { Json } from '../../core/units.ts'
import { WireFault } from '../parts/wire.ts'

/** One after the other, as the arguments of a command. */
export function encodeAmf(values: readonly Json[]): Buffer {
  return Buffer.concat(values.map(encodeOne))
}

function encodeOne(value: Json): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0])
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)])
  if (value === null || Array.isArray(value)) return Buffer.from([5])
  const members = Object.entries(value).map(([name, one]) => Buffer.concat([text(name), encodeOne(one)]))
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  if (bytes.length > 0xffff) throw new Error(`${bytes.length} bytes are more than a text of AMF0 holds`)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const deepest = 8

/** Throws WireFault for what is cut off, too deep, or of a type that no answer to a command has. */
export function decodeAmf(bytes: Buffer): readonly Json[] {
  const values: Json[] = []
  for (let at = 0; at < bytes.length; ) {
    const [value, end] = decodeOne(bytes, at, 0)
    values.push(value)
    at = end
  }
  return values
}

function decodeOne(bytes: Buffer, at: number, depth: number): readonly [Json, number] {
  const type = bytes[at] ?? -1
  try {
    switch (type) {
      case 0:
        return [bytes.readDoubleBE(at + 1), at + 9]
      case 1:
        return [bytes.readUInt8(at + 1) !== 0, at + 2]
      case 2:
        return readText(bytes, at + 1)
      case 3:
        return readMembers(bytes, at + 1, depth)
      case 5:
      case 6:
        return [null, at + 1]
      case 8:
        return readMembers(bytes, at + 5, depth)
    }
  } catch (fault) {
    if (fault instanceof WireFault) throw fault
    throw new WireFault('its answer is cut off', true)
  }
  throw new WireFault(`its answer has a value of the type ${type}`, true)
}

function readText(bytes: Buffer, at: number): readonly [string, number] {
  const end = at + 2 + bytes.readUInt16BE(at)
  if (end > bytes.length) throw new WireFault('its answer is cut off', true)
  return [bytes.toString('utf8', at + 2, end), end]
}

function readMembers(bytes: Buffer, from: number, depth: number): readonly [Json, number] {
  if (depth >= deepest) throw new WireFault('its answer is too deep', true)
  const members: [string, Json][] = []
  for (let at = from; ; ) {
    const [name, begin] = readText(bytes, at)
    if (name === '' && bytes[begin] === 9) return [Object.fromEntries(members), begin + 1]
    const [value, end] = decodeOne(bytes, begin, depth + 1)
    members.push([name, value])
    at = end
  }
}
