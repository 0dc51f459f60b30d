/** A backup as one file: a tar that every system opens, with a sha-256 of each piece at its end. Read back only if all of it holds. */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const BLOCK = 512
const CHUNK = 1 << 20
const SUMS = 'SHA256SUMS'
/** Nothing else is in a backup, so nothing else is ever written: no way out of the folder, no link, no device. */
const NAMES = /^(backup\.json|holdpoint\.sqlite|signing-key\.pem|evidence\/([0-9a-f]{2})\/\2[0-9a-f]{62})$/
/** Of eleven octal digits; whatever is larger is written as GNU and BSD do. */
const LARGEST_OCTAL = 8 ** 11

/** Not what `packBackup` makes, or not all of it: the words are for a person. */
export class BadBackupFile extends Error {
  override name = 'BadBackupFile'
}

/** Writes what is in the folder to a new file, durably. The sha-256 of the whole file. */
export async function packBackup(folder: string, file: string, at: Date): Promise<string> {
  const out = await open(file, 'wx', 0o600)
  try {
    const whole = createHash('sha256')
    const write = async (bytes: Uint8Array): Promise<void> => {
      whole.update(bytes)
      await out.writeFile(bytes)
    }
    const seconds = Math.floor(at.getTime() / 1_000)
    const sums: string[] = []
    for (const name of await namesIn(folder)) sums.push(`${await packOne(folder, name, seconds, write)}  ${name}\n`)
    const text = Buffer.from(sums.join(''))
    await write(headerOf(SUMS, text.byteLength, seconds))
    await write(padded(text))
    await write(new Uint8Array(2 * BLOCK))
    await out.sync()
    return whole.digest('hex')
  } finally {
    await out.close()
  }
}

/** Puts the pieces of the file into an empty folder, durably. Rejects with BadBackupFile; what is there then is worth nothing. */
export async function unpackBackup(file: string, folder: string): Promise<void> {
  const input = await open(file, 'r')
  try {
    const { size } = await input.stat()
    const source = new Source(input, size)
    const found = new Map<string, string>()
    for (;;) {
      const header = await source.take(BLOCK)
      const { name, length } = fieldsOf(header)
      if (name === SUMS) return await finish(source, length, found)
      if (!NAMES.test(name) || found.has(name)) throw new BadBackupFile(`"${name}" has no place in a backup`)
      found.set(name, await unpackOne(source, folder, name, length))
    }
  } finally {
    await input.close()
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  return names.filter((name) => NAMES.test(name)).toSorted()
}

/** Its sha-256. */
async function packOne(
  folder: string,
  name: string,
  seconds: number,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<string> {
  const { size } = await stat(join(folder, name))
  await write(headerOf(name, size, seconds))
  const input = await open(join(folder, name), 'r')
  try {
    const sum = createHash('sha256')
    const source = new Source(input, size)
    while (source.left > 0) {
      const chunk = await source.take(Math.min(CHUNK, source.left))
      sum.update(chunk)
      await write(chunk)
    }
    await write(new Uint8Array(paddingOf(size)))
    return sum.digest('hex')
  } finally {
    await input.close()
  }
}

async function unpackOne(source: Source, folder: string, name: string, length: number): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const out = await open(path, 'wx', 0o600)
  try {
    const sum = createHash('sha256')
    for (let left = length; left > 0; ) {
      const chunk = await source.take(Math.min(CHUNK, left))
      sum.update(chunk)
      await out.writeFile(chunk)
      left -= chunk.byteLength
    }
    await source.takeZeros(paddingOf(length))
    await out.sync()
    return sum.digest('hex')
  } finally {
    await out.close()
  }
}

/** What stands at the end must be exactly what was there, and nothing after it. */
async function finish(source: Source, length: number, found: ReadonlyMap<string, string>): Promise<void> {
  const sums = [...found].map(([name, sum]) => `${sum}  ${name}\n`).join('')
  // Before as much is read as it claims to be.
  if (length !== Buffer.byteLength(sums)) throw new BadBackupFile('a piece of it is missing')
  const told = (await source.take(length)).toString('utf8')
  const changed = [...found].find(([name, sum]) => !told.includes(`${sum}  ${name}\n`))
  if (changed !== undefined) throw new BadBackupFile(`${changed[0]} was changed`)
  if (told !== sums) throw new BadBackupFile('its sums are not those of its pieces')
  await source.takeZeros(paddingOf(length) + 2 * BLOCK)
  if (source.left > 0) throw new BadBackupFile('something was added to its end')
}

/** The bytes of a file one after another, never more than there are. */
class Source {
  readonly #file: FileHandle
  left: number

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.left = size
  }

  async take(length: number): Promise<Buffer> {
    if (length > this.left) throw cutOff()
    const bytes = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; ) {
      const { bytesRead } = await this.#file.read(bytes, at, length - at)
      if (bytesRead === 0) throw cutOff()
      at += bytesRead
    }
    this.left -= length
    return bytes
  }

  async takeZeros(length: number): Promise<void> {
    if ((await this.take(length)).some((byte) => byte !== 0))
      throw new BadBackupFile('there are bytes between its pieces')
  }
}

/** Of one piece; sizes in bytes. */
export function headerOf(name: string, size: number, seconds: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (size < LARGEST_OCTAL) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  header.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Of a header that we could have written ourselves, byte for byte; else BadBackupFile. */
export function fieldsOf(header: Buffer): { readonly name: string; readonly length: number } {
  const text = (from: number, length: number) => header.toString('latin1', from, from + length).split('\0')[0] ?? ''
  const [name, size, mtime] = [text(0, 100), text(124, 12), text(136, 12)]
  const length = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(size, 8)
  const seconds = Number.parseInt(mtime, 8)
  const isOurs = Number.isSafeInteger(length) && Number.isSafeInteger(seconds) && name.length < 100
  if (!isOurs || !header.equals(headerOf(name, length, seconds)))
    throw new BadBackupFile('it is no backup of Holdpoint, or was changed')
  return { name, length }
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

function padded(bytes: Buffer): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc(paddingOf(bytes.byteLength))])
}

function cutOff(): BadBackupFile {
  return new BadBackupFile('it is cut off')
}
