/**
 * What the launcher knows about attempts, on disk: one folder each. That of a change is named by the attempt's hash, and
 * making it is the claim, so an attempt starts at most once, whoever asks and however often.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { CommandRequest } from '../../core/ports/launcher.ts'
import { ownPlaces, type Place, type Places } from './places.ts'
import { ReadFolders } from './read-folders.ts'
import type { TreeId } from './tree.ts'

/** `forgotten` = it ran, its result was recorded elsewhere and is no longer kept here. */
export type Memory = 'new' | 'unfinished' | 'finished' | 'forgotten'

export interface Folder extends Place {
  readonly path: string
  readonly isDurable: boolean
}

export interface StartedProcess {
  readonly tree: TreeId
  readonly startedAt: number
}

/** What of a request is kept: references to secrets, never their values. */
type Kept = Pick<CommandRequest, 'attempt' | 'shell' | 'cwd' | 'env' | 'secrets' | 'epoch' | 'timeoutMs'>

/** Not a hash, so no attempt is ever kept under this name. */
const READS = 'reads'
const KEPT_MONTHS = 3
const PRIVATE_FILE = { mode: 0o600 }
const PRIVATE_FOLDER = { mode: 0o700 }

export class Spool {
  readonly #root: string
  readonly #done: string
  readonly #rootFile: number
  readonly #reads: ReadFolders
  readonly #places: Places

  constructor(directory: string, places: Places = ownPlaces) {
    this.#places = places
    this.#root = join(directory, 'spool')
    this.#done = join(directory, 'done')
    for (const folder of [this.#root, this.#done]) mkdirSync(folder, { recursive: true, ...PRIVATE_FOLDER })
    this.#rootFile = openSync(this.#root, 'r')
    this.#reads = new ReadFolders(join(this.#root, READS), places)
    places.keepOnly([...this.#changes(), ...this.#reads.paths()])
  }

  remember(attempt: string): Memory {
    const read = this.#reads.remember(attempt)
    return read ?? this.#rememberChange(attempt)
  }

  /** What is asked of every command that is started: only changes leave a trace on disk, so for a read none is looked for. */
  rememberAs({ attempt, effect }: Pick<CommandRequest, 'attempt' | 'effect'>): Memory {
    return effect === 'read' ? (this.#reads.remember(attempt) ?? 'new') : this.remember(attempt)
  }

  #rememberChange(attempt: string): Memory {
    const path = this.#pathOf(attempt)
    if (existsSync(join(path, 'result.json'))) return 'finished'
    if (existsSync(path)) return 'unfinished'
    return this.#isForgotten(attempt) ? 'forgotten' : 'new'
  }

  /** Claims the attempt; throws when it was claimed before or the disk refuses, and then nothing of it remains. */
  claim(request: CommandRequest): Folder {
    if (request.effect === 'read') return this.#reads.claim(request.attempt, request.script)
    const path = this.#pathOf(request.attempt)
    mkdirSync(path, PRIVATE_FOLDER)
    try {
      const folder = this.#folderAt(path)
      writeFileSync(join(path, 'request.json'), JSON.stringify(kept(request)), PRIVATE_FILE)
      this.#places.make(folder, request.script)
      // Forced to disk before the start: after a power cut the attempt must be known as started.
      fsyncSync(this.#rootFile)
      return folder
    } catch (cause) {
      this.#places.remove(this.#folderAt(path))
      rmSync(path, { recursive: true, force: true })
      throw cause
    }
  }

  noteStarted(folder: Folder, started: StartedProcess): void {
    // What is left of a read is found by its control group or its marker.
    if (!folder.isDurable) return
    writeFileSync(join(folder.path, 'process.json'), JSON.stringify(started), PRIVATE_FILE)
  }

  appendOutput(folder: Folder, stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (bytes.length > 0) appendFileSync(join(folder.path, stream), bytes, PRIVATE_FILE)
  }

  /** Private files go first: the command may have written a secret into them. */
  finish(folder: Folder, result: string): void {
    if (this.#reads.owns(folder)) return this.#reads.finish(folder, result)
    this.#places.clear(folder)
    const fresh = join(folder.path, 'result.new')
    const file = openSync(fresh, 'w', PRIVATE_FILE.mode)
    try {
      writeWhole(file, Buffer.from(result))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, join(folder.path, 'result.json'))
    syncFolder(folder.path)
  }

  /** The file that the command was given for its captures; null = it was not touched. */
  outputOf(folder: Folder): string | null {
    return this.#reads.owns(folder) && !this.#reads.isTouched(folder) ? null : folder.output
  }

  /** The folder of a read is not used again before `letGo`: somebody may still be alive in it. */
  hold(folder: Folder): void {
    if (this.#reads.owns(folder)) this.#reads.hold(folder)
  }

  letGo(folder: Folder): void {
    if (this.#reads.owns(folder)) this.#reads.letGo(folder)
  }

  /** Something in it cannot be killed: it is never used again. */
  spoil(folder: Folder): void {
    if (this.#reads.owns(folder)) this.#reads.spoil(folder)
  }

  result(attempt: string): string | null {
    if (this.#reads.remember(attempt) !== null) return this.#reads.result(attempt)
    return readOrNull(join(this.#pathOf(attempt), 'result.json'))
  }

  /** A change leaves a trace behind, so that it can never start again; a read may. */
  forget(attempt: string): void {
    if (this.#reads.remember(attempt) !== null) return this.#reads.forget(attempt)
    const path = this.#pathOf(attempt)
    if (!existsSync(path)) return
    this.#noteDone(attempt)
    this.#places.remove(this.#folderAt(path))
    removeFolder(path)
  }

  /** Folders of attempts that were claimed and have no result: their launcher is gone. */
  unfinished(): readonly { folder: Folder; started: StartedProcess | null }[] {
    const changes = this.#changes()
      .filter((path) => !existsSync(join(path, 'result.json')))
      .map((path) => this.#folderAt(path))
    return [...changes, ...this.#reads.unfinished()].map((folder) => ({
      folder,
      started: parseOrNull(readOrNull(join(folder.path, 'process.json'))) as StartedProcess | null,
    }))
  }

  savedOutput(folder: Folder, stream: 'stdout' | 'stderr'): Buffer {
    try {
      return readFileSync(join(folder.path, stream))
    } catch {
      return Buffer.alloc(0)
    }
  }

  /** Traces older than some months go: no engine asks for such an attempt again. */
  dropOldTraces(now: Date): void {
    const oldest = monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - KEPT_MONTHS, 1)))
    for (const month of readdirSync(this.#done))
      if (month < oldest) rmSync(join(this.#done, month), { recursive: true, force: true })
  }

  #noteDone(attempt: string): void {
    const month = join(this.#done, monthOf(new Date()))
    mkdirSync(month, { recursive: true, ...PRIVATE_FOLDER })
    writeFileSync(join(month, hashOf(attempt)), '', PRIVATE_FILE)
  }

  #isForgotten(attempt: string): boolean {
    const name = hashOf(attempt)
    return readdirSync(this.#done).some((month) => existsSync(join(this.#done, month, name)))
  }

  #pathOf(attempt: string): string {
    return join(this.#root, hashOf(attempt))
  }

  #changes(): readonly string[] {
    return readdirSync(this.#root).flatMap((name) => (name === READS ? [] : [join(this.#root, name)]))
  }

  #folderAt(path: string): Folder {
    return { path, ...this.#places.of(path), isDurable: true }
  }
}

function kept({ attempt, shell, cwd, env, secrets, epoch, timeoutMs }: CommandRequest): Kept {
  return { attempt, shell, cwd, env, secrets, epoch, timeoutMs }
}

function hashOf(attempt: string): string {
  return createHash('sha256').update(attempt).digest('hex')
}

function monthOf(date: Date): string {
  return date.toISOString().slice(0, 7)
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function parseOrNull(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}

/** Cheaper than a recursive removal, for folders whose files are all ours. */
function removeFolder(path: string): void {
  try {
    for (const name of readdirSync(path)) unlinkSync(join(path, name))
    rmdirSync(path)
  } catch {
    rmSync(path, { recursive: true, force: true })
  }
}

function syncFolder(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
}
