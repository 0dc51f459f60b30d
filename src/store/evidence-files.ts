/** Evidence as files named by their hash, each written whole or not at all. */
import { hash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StoreFault } from '../core/ports/store.ts'
import { refuseBeyondCap } from './limits.ts'

export class EvidenceFiles {
  readonly #directory: string
  readonly #cap: number
  /** Names known to be durable, so that the same bytes again cost nothing. */
  readonly #durable = new Set<string>()
  /** Folders (at most 256) whose own name is durable. */
  readonly #folders = new Set<string>()

  constructor(directory: string, cap: number) {
    this.#directory = directory
    this.#cap = cap
  }

  async put(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    refuseBeyondCap(bytes.byteLength, this.#cap)
    const sha256 = hash('sha256', bytes)
    const path = this.#path(sha256)
    if (!(await this.#isKept(path, bytes.byteLength))) await this.#write(path, bytes)
    // A file may be there and its name not yet safe: another writer, or a process that died, was just before that.
    else if (!this.#durable.has(sha256)) await syncDirectory(dirname(path))
    this.#remember(sha256)
    return { sha256, size: bytes.byteLength }
  }

  async get(sha256: string): Promise<Uint8Array | null> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null
    const bytes = await readFile(this.#path(sha256)).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return null
      throw new StoreFault(`evidence ${sha256} cannot be read`, { retryable: true, cause })
    })
    return bytes === null ? null : sound(sha256, bytes)
  }

  /** Names after one, in their order, at most `limit`. */
  async names(after: string, limit: number): Promise<readonly string[]> {
    const folders = (await readdir(this.#directory)).filter(
      (name) => /^[0-9a-f]{2}$/.test(name) && name >= after.slice(0, 2),
    )
    const names: string[] = []
    for (const folder of folders.toSorted()) {
      const found = (await readdir(join(this.#directory, folder))).filter((name) => name > after)
      names.push(...found.toSorted())
      if (names.length >= limit) break
    }
    return names.slice(0, limit)
  }

  /** How many there were. */
  async drop(names: readonly string[]): Promise<number> {
    let dropped = 0
    for (const name of names) {
      if (!/^[0-9a-f]{64}$/.test(name) || !(await stat(this.#path(name)).catch(() => null))) continue
      this.#durable.delete(name)
      await rm(this.#path(name), { force: true })
      dropped += 1
    }
    return dropped
  }

  #path(sha256: string): string {
    return join(this.#directory, sha256.slice(0, 2), sha256)
  }

  async #syncFolderName(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    await syncDirectory(this.#directory)
    this.#folders.add(folder)
  }

  #remember(sha256: string): void {
    if (this.#durable.size >= 10_000) this.#durable.clear()
    this.#durable.add(sha256)
  }

  async #isKept(path: string, size: number): Promise<boolean> {
    return stat(path).then(
      (found) => found.size === size,
      () => false,
    )
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#directory, `new-${randomUUID()}`)
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeDurably(temporary, bytes)
      await rename(temporary, path)
      // A rename is only safe once the folder that holds the new name is; its own name lives in the folder above.
      await syncDirectory(dirname(path))
      await this.#syncFolderName(dirname(path))
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined)
      const isFull = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause))
      throw new StoreFault(`evidence could not be kept (${codeOf(cause)})`, { retryable: isFull, isFull, cause })
    }
  }
}

/** Bytes that are still what they were; others are never handed out. */
export function sound(sha256: string, bytes: Uint8Array): Uint8Array {
  const found = hash('sha256', bytes)
  if (found !== sha256)
    throw new StoreFault(`evidence ${sha256} was changed on disk: its bytes now hash to ${found}`, {
      retryable: false,
    })
  return new Uint8Array(bytes)
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown'
}
