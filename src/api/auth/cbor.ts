/** Reads the little CBOR (RFC 8949) that authenticators write: whole values of known lengths, and nothing else. */

export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap
export type CborMap = ReadonlyMap<number | string, CborValue>

/** An authenticator nests four levels at most (CTAP 2). */
const DEEPEST = 4

/** One value at the beginning of the bytes, and how many it takes. Throws for anything else than an authenticator writes. */
export function readCbor(bytes: Uint8Array, at = 0, depth = 0): { readonly value: CborValue; readonly end: number } {
  if (depth > DEEPEST) throw new Error('nested too deeply')
  const { major, size, end } = headAt(bytes, at)
  switch (major) {
    case 0:
      return { value: size, end }
    case 1:
      return { value: -1 - size, end }
    case 2:
      return { value: piece(bytes, end, size), end: end + size }
    case 3: {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(piece(bytes, end, size))
      return { value: text, end: end + size }
    }
    case 4:
      return listAt(bytes, end, size, depth)
    case 5:
      return mapAt(bytes, end, size, depth)
    case 7:
      return { value: simple(size), end }
    default:
      throw new Error(`no authenticator writes CBOR of type ${major}`)
  }
}

function headAt(
  bytes: Uint8Array,
  at: number,
): { readonly major: number; readonly size: number; readonly end: number } {
  const [first] = piece(bytes, at, 1)
  const major = (first ?? 0) >> 5
  const short = (first ?? 0) & 31
  if (short < 24) return { major, size: short, end: at + 1 }
  // 24, 25 and 26: one, two or four bytes more. Eight would be more than any authenticator has; 31 is no length at all.
  if (short > 26 || major === 7) throw new Error('a length that no authenticator writes')
  const more = piece(bytes, at + 1, 2 ** (short - 24))
  return { major, size: more.reduce((sum, byte) => sum * 256 + byte, 0), end: at + 1 + more.byteLength }
}

function listAt(bytes: Uint8Array, from: number, size: number, depth: number) {
  const list: CborValue[] = []
  let at = from
  for (let count = 0; count < size; count += 1) {
    const { value, end } = readCbor(bytes, at, depth + 1)
    list.push(value)
    at = end
  }
  return { value: list, end: at }
}

function mapAt(bytes: Uint8Array, from: number, size: number, depth: number) {
  const map = new Map<number | string, CborValue>()
  let at = from
  for (let count = 0; count < size; count += 1) {
    const key = readCbor(bytes, at, depth + 1)
    if (typeof key.value !== 'number' && typeof key.value !== 'string') throw new Error('a key that is no key')
    if (map.has(key.value)) throw new Error('a key that is there twice')
    const { value, end } = readCbor(bytes, key.end, depth + 1)
    map.set(key.value, value)
    at = end
  }
  return { value: map, end: at }
}

function simple(number: number): boolean | null {
  if (number === 20 || number === 21) return number === 21
  if (number === 22) return null
  throw new Error('a simple value that no authenticator writes')
}

/** Never more than there is: a length is checked before anything is made of it. */
function piece(bytes: Uint8Array, from: number, length: number): Uint8Array {
  if (from + length > bytes.byteLength) throw new Error('cut off')
  return bytes.subarray(from, from + length)
}
