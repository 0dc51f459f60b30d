/**
 * Folders of reads, used again and again: making and removing them costs more than a small check. What is known about
 * a read lies in one file, `claim`: its attempt in the first line, its result in the second, an empty line when free.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Places } from './places.ts'
import type { Folder } from './spool.ts'

const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = { mode: 0o700 }
const OWN_FILES: readonly string[] = ['claim', 'script', 'tmp']
/** Made where missing, and never emptied. */
const READ_WRITE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
const FREE = '\n'
/** No file system keeps time in coarser steps: only of a change older than this can be told that none came after it. */
const CLOCK_STEP_MS = 2_000

interface Slot {
  readonly folder: Folder
  /** Open for as long as the folder is used: opening files is most of what a small check costs. */
  readonly claim: number
  readonly script: number
  readonly scriptInode: number
  /** When the entries of the folder and of `tmp` last changed, as far as we know: another time tells that they did again. */
  changedAt: readonly [number, number]
  /** Whether `changedAt` would tell; else the entries themselves are looked at. */
  isTelling: boolean
  attempt: string
  resultAt: number
  isFinished: boolean
  isForgotten: boolean
  /** Somebody may still be alive in it. */
  isHeld: boolean
  /** The command changed what is ours: nobody gets this folder after it. */
  isSpoilt: boolean
}

export class ReadFolders {
  readonly #root: string
  readonly #byAttempt = new Map<string, Slot>()
  readonly #byPath = new Map<string, Slot>()
  readonly #free: Slot[] = []
  readonly #places: Places
  #made = 0

  constructor(root: string, places: Places) {
    this.#root = root
    this.#places = places
    for (const name of namesIn(root)) this.#load(name)
  }

  remember(attempt: string): 'unfinished' | 'finished' | null {
    const slot = this.#byAttempt.get(attempt)
    if (slot === undefined) return null
    return slot.isFinished ? 'finished' : 'unfinished'
  }

  owns(folder: Folder): boolean {
    return this.#byPath.has(folder.path)
  }

  /** One write: a launcher that dies right after it leaves the attempt claimed. */
  claim(attempt: string, script: string): Folder {
    const slot = this.#fit() ?? this.#make()
    const line = Buffer.from(`${JSON.stringify(attempt)}\n`)
    try {
      writeWhole(slot.script, Buffer.from(script), 0)
      // Never to nothing first: a file that was emptied is forced to disk by some file systems when it is closed.
      ftruncateSync(slot.script, Buffer.byteLength(script))
      writeWhole(slot.claim, line, 0)
    } catch (cause) {
      this.#discard(slot)
      throw cause
    }
    const isTelling = Date.now() - Math.max(...slot.changedAt) > CLOCK_STEP_MS
    Object.assign(slot, {
      attempt,
      resultAt: line.length,
      isTelling,
      isFinished: false,
      isForgotten: false,
      isHeld: false,
    })
    this.#byAttempt.set(attempt, slot)
    return slot.folder
  }

  finish(folder: Folder, result: string): void {
    const slot = this.#slotOf(folder)
    if (!this.#places.areReused) {
      slot.isSpoilt = true
      this.#places.clear(folder)
    } else if (this.isTouched(folder)) {
      slot.isSpoilt ||= !isTidy(slot)
      slot.changedAt = changesOf(folder)
    }
    writeWhole(slot.claim, Buffer.from(`${result}\n`), slot.resultAt)
    slot.isFinished = true
  }

  /** Whether the command may have left anything in its folder. */
  isTouched(folder: Folder): boolean {
    const slot = this.#slotOf(folder)
    if (!slot.isTelling) return true
    const now = changesOf(folder)
    return now.some((at, index) => at !== slot.changedAt[index])
  }

  result(attempt: string): string | null {
    const slot = this.#byAttempt.get(attempt)
    return slot?.isFinished ? (linesOf(slot.folder.path)[1] ?? null) : null
  }

  /** Nobody gets the folder before `letGo`. */
  hold(folder: Folder): void {
    this.#slotOf(folder).isHeld = true
  }

  letGo(folder: Folder): void {
    const slot = this.#slotOf(folder)
    slot.isHeld = false
    this.#reuse(slot)
  }

  /** Something in it cannot be killed. */
  spoil(folder: Folder): void {
    this.#slotOf(folder).isSpoilt = true
  }

  forget(attempt: string): void {
    const slot = this.#byAttempt.get(attempt)
    if (slot === undefined) return
    this.#byAttempt.delete(attempt)
    slot.isForgotten = true
    this.#reuse(slot)
  }

  paths(): readonly string[] {
    return [...this.#byPath.keys()]
  }

  unfinished(): readonly Folder[] {
    return [...this.#byAttempt.values()].flatMap((slot) => (slot.isFinished ? [] : [slot.folder]))
  }

  #reuse(slot: Slot): void {
    if (slot.isHeld || !slot.isForgotten) return
    if (slot.isSpoilt) return this.#discard(slot)
    try {
      writeWhole(slot.claim, Buffer.from(FREE), 0)
      ftruncateSync(slot.claim, FREE.length)
      this.#free.push(slot)
    } catch {
      this.#discard(slot)
    }
  }

  /** A free folder whose script is the file that we have open. */
  #fit(): Slot | null {
    for (let slot = this.#free.pop(); slot !== undefined; slot = this.#free.pop()) {
      if (inodeOf(slot.folder.script) === slot.scriptInode) return slot
      this.#discard(slot)
    }
    return null
  }

  #make(): Slot {
    mkdirSync(this.#root, { recursive: true, ...PRIVATE_FOLDER })
    this.#made += 1
    const path = join(this.#root, String(this.#made))
    mkdirSync(path, PRIVATE_FOLDER)
    this.#places.make(this.#places.of(path), '')
    return this.#open(path)
  }

  #open(path: string): Slot {
    const folder = { path, ...this.#places.of(path), isDurable: false }
    const script = openSync(folder.script, READ_WRITE, PRIVATE_FILE)
    const slot: Slot = {
      folder,
      claim: openSync(join(path, 'claim'), READ_WRITE, PRIVATE_FILE),
      script,
      scriptInode: fstatSync(script).ino,
      changedAt: [NaN, NaN],
      isTelling: false,
      attempt: '',
      resultAt: 0,
      isFinished: false,
      isForgotten: false,
      isHeld: false,
      isSpoilt: false,
    }
    this.#byPath.set(path, slot)
    return slot
  }

  /** What an earlier launcher left: a claim is remembered, a free folder is not worth keeping. */
  #load(name: string): void {
    this.#made = Math.max(this.#made, Number(name) || 0)
    const path = join(this.#root, name)
    const [first = '', second] = linesOf(path)
    if (first === '') return rmSync(path, { recursive: true, force: true })
    const place = this.#places.of(path)
    if (inodeOf(place.script) === null) this.#places.make(place, '')
    const slot = this.#open(path)
    slot.attempt = attemptIn(first)
    slot.resultAt = Buffer.byteLength(first) + 1
    slot.isFinished = second !== undefined && isJson(second)
    this.#byAttempt.set(slot.attempt, slot)
  }

  #discard(slot: Slot): void {
    this.#byPath.delete(slot.folder.path)
    closeSync(slot.claim)
    closeSync(slot.script)
    this.#places.remove(slot.folder)
    rmSync(slot.folder.path, { recursive: true, force: true })
  }

  #slotOf({ path }: Folder): Slot {
    const slot = this.#byPath.get(path)
    if (slot === undefined) throw new Error(`bug: ${path} is no folder of a read`)
    return slot
  }
}

/** Times that no command can set. NaN, which equals nothing, for what is not there. */
function changesOf({ path, tmp }: Folder): [number, number] {
  const [own, inner] = [path, tmp].map((each) => lstatSync(each, { throwIfNoEntry: false })?.ctimeMs ?? NaN)
  return [own as number, inner as number]
}

/** Removes what the command left; false when something that is ours is not what it was. */
function isTidy({ folder }: Slot): boolean {
  try {
    const entries = readdirSync(folder.path, { withFileTypes: true })
    for (const { name } of entries)
      if (!OWN_FILES.includes(name)) rmSync(join(folder.path, name), { recursive: true, force: true })
    const isTmpOurs = entries.some((entry) => entry.name === 'tmp' && entry.isDirectory())
    if (!isTmpOurs) return false
    for (const name of readdirSync(folder.tmp)) rmSync(join(folder.tmp, name), { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Whole lines only: one without an end was cut short. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(join(path, 'claim'), 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

function attemptIn(line: string): string {
  try {
    return String(JSON.parse(line))
  } catch {
    // Nobody asks for it, but what it started has to be ended.
    return line
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function writeWhole(file: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(file, bytes, written, bytes.length - written, at + written)
}
