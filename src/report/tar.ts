/** Plain tar archives (ustar, nothing compressed): what every system can open. Reading refuses whatever writing would not make. */

export interface TarFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const blockBytes = 512
const nameBytes = 100

/** The same files and time give the same bytes. */
export function writeTar(files: readonly TarFile[], mtimeSeconds: number): Uint8Array {
  const parts = files.flatMap(({ name, bytes }) => [
    headerOf(name, bytes.byteLength, mtimeSeconds),
    bytes,
    new Uint8Array(padding(bytes.byteLength)),
  ])
  return concat([...parts, new Uint8Array(2 * blockBytes)])
}

export class BadTar extends Error {
  override name = 'BadTar'
}

/** Throws BadTar for anything but a tar that `writeTar` could have made: no byte of it is without meaning. */
export function readTar(bytes: Uint8Array): readonly TarFile[] {
  const files: TarFile[] = []
  const names = new Set<string>()
  let at = 0
  while (at + blockBytes <= bytes.byteLength) {
    const header = bytes.subarray(at, at + blockBytes)
    if (header.every((byte) => byte === 0)) return ended(bytes, at, files)
    const { name, size, mtime } = fieldsOf(header)
    const start = at + blockBytes
    const end = start + size
    if (!sameBytes(header, headerOf(name, size, mtime))) throw new BadTar(`the header of ${name} was changed`)
    if (end + padding(size) > bytes.byteLength) throw new BadTar(`${name} is cut off`)
    if (bytes.subarray(end, end + padding(size)).some((byte) => byte !== 0))
      throw new BadTar(`there are bytes after the end of ${name}`)
    if (names.has(name)) throw new BadTar(`${name} is there twice`)
    names.add(name)
    files.push({ name, bytes: bytes.slice(start, end) })
    at = end + padding(size)
  }
  throw new BadTar('the archive is cut off')
}

function ended(bytes: Uint8Array, at: number, files: readonly TarFile[]): readonly TarFile[] {
  const isClean = bytes.byteLength === at + 2 * blockBytes && bytes.subarray(at).every((byte) => byte === 0)
  if (!isClean) throw new BadTar('the archive does not end where its last file ends')
  return files
}

function headerOf(name: string, size: number, mtime: number): Uint8Array {
  const encoded = new TextEncoder().encode(name)
  if (encoded.byteLength >= nameBytes || size >= 8 ** 11) throw new BadTar(`${name} does not fit into a tar header`)
  const header = new Uint8Array(blockBytes)
  header.set(encoded)
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${octal(size)}\0`)
  put(136, `${octal(mtime)}\0`)
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\x0000')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return header
}

function fieldsOf(header: Uint8Array): { name: string; size: number; mtime: number } {
  const text = (from: number, length: number) =>
    new TextDecoder('latin1').decode(header.subarray(from, from + length)).split('\0')[0]!
  const name = text(0, nameBytes)
  const [size, mtime] = [text(124, 12), text(136, 12)]
  if (name === '' || !/^[0-7]{11}$/.test(size) || !/^[0-7]{11}$/.test(mtime))
    throw new BadTar('a header is no tar header')
  return { name, size: Number.parseInt(size, 8), mtime: Number.parseInt(mtime, 8) }
}

function octal(value: number): string {
  return Math.floor(value).toString(8).padStart(11, '0')
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.byteLength
  }
  return all
}
