/**
 * Named pipes for the output of commands. Node gives its children sockets, on which `echo oops > /dev/stderr` fails;
 * a real pipe behaves as a script expects, and reading it into one shared buffer keeps memory flat at any output.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, closeSync, constants, mkdirSync, openSync, readSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'

const BATCH = 16
const BUFFER_BYTES = 65_536
/** Of a command that has ended, a pipe holds no more; whoever writes on is listened to instead. */
const MOST_READS_AT_ONCE = 4

export interface OutputPipe {
  /** The writing end, for the child; `handedOver` closes our copy. */
  readonly writeEnd: number
  handedOver(): void
  /** Reads what is there now, unless somebody listens already. */
  readOut(): void
  /** Reads whatever comes from now on. */
  listen(): void
  readonly isDrained: boolean
  /** Resolves when every writer has closed it and all was read, or when it was abandoned. */
  readonly drained: Promise<void>
  /** Stops reading although somebody still holds the writing end. */
  abandon(): void
}

/** A named pipe that nobody uses, with its reading end where that is still open. */
interface Free {
  readonly path: string
  readonly readEnd: number | null
}

export class PipePool {
  readonly #folder: string
  readonly #free: Free[] = []
  /** One buffer for all pipes: a reader is done with it before the next one fills it. */
  readonly #buffer = Buffer.alloc(BUFFER_BYTES)
  readonly #group: number | null
  #made = 0

  /** `group` may write into them by their names too, as `> /dev/stdout` does; null = nobody else may. */
  constructor(folder: string, group: number | null = null) {
    this.#folder = folder
    this.#group = group
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { mode: 0o700 })
  }

  /** `onData` gets a view that is valid during the call only. */
  open(onData: (bytes: Uint8Array) => void): OutputPipe {
    const { path, readEnd } = this.#free.pop() ?? this.#make()
    const file = readEnd ?? openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return new Pipe(path, file, this.#buffer, onData, (free) => this.#free.push(free))
  }

  #make(): Free {
    const paths = Array.from({ length: BATCH }, () => join(this.#folder, String((this.#made += 1))))
    const group = this.#group
    // Of the group, not of the command's user: an owner could let itself read what others write.
    execFileSync('mkfifo', ['-m', group === null ? '600' : '620', ...paths], { stdio: 'ignore' })
    if (group !== null) for (const path of paths) chownSync(path, 0, group)
    this.#free.push(...paths.map((path) => ({ path, readEnd: null })))
    return this.#free.pop() as Free
  }
}

class Pipe implements OutputPipe {
  readonly writeEnd: number
  readonly drained: Promise<void>
  isDrained = false
  readonly #path: string
  readonly #file: number
  readonly #buffer: Buffer
  readonly #onData: (bytes: Uint8Array) => void
  readonly #giveBack: (free: Free) => void
  readonly #resolve: () => void
  #isHandedOver = false
  #isAbandoned = false
  #reader: Socket | null = null

  constructor(
    path: string,
    file: number,
    buffer: Buffer,
    onData: (bytes: Uint8Array) => void,
    giveBack: (free: Free) => void,
  ) {
    this.#path = path
    this.#file = file
    this.#buffer = buffer
    this.#onData = onData
    this.#giveBack = giveBack
    this.writeEnd = openSync(path, constants.O_WRONLY)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.drained = promise
    this.#resolve = resolve
  }

  handedOver(): void {
    if (!this.#isHandedOver) closeSync(this.writeEnd)
    this.#isHandedOver = true
  }

  /** Most commands end before anybody listens: a socket for each output would cost more than reading it. */
  readOut(): void {
    if (this.isDrained || this.#reader !== null) return
    for (let reads = 0; reads < MOST_READS_AT_ONCE; reads += 1) {
      const size = this.#read()
      if (size === null) return
      if (size === 0) return this.#end({ path: this.#path, readEnd: this.#file })
      this.#onData(this.#buffer.subarray(0, size))
    }
  }

  listen(): void {
    if (this.isDrained || this.#reader !== null) return
    const callback = (size: number) => {
      this.#onData(this.#buffer.subarray(0, size))
      return true
    }
    // `onread` is an option of every socket; the types know it for connecting sockets only.
    const options = { fd: this.#file, readable: true, writable: false, onread: { buffer: this.#buffer, callback } }
    this.#reader = new Socket(options)
    this.#reader.on('error', () => {})
    this.#reader.on('close', () => this.#end(this.#isAbandoned ? null : { path: this.#path, readEnd: null }))
  }

  abandon(): void {
    if (this.isDrained || this.#isAbandoned) return
    this.handedOver()
    this.#isAbandoned = true
    if (this.#reader !== null) return void this.#reader.destroy()
    closeSync(this.#file)
    this.#end(null)
  }

  /** Null = somebody may still write, but has not; 0 = nobody will. */
  #read(): number | null {
    try {
      return readSync(this.#file, this.#buffer)
    } catch {
      return null
    }
  }

  /** With a writer left, the next command's output would be mixed with somebody else's: such a pipe is given up. */
  #end(free: Free | null): void {
    this.isDrained = true
    if (free === null) rmSync(this.#path, { force: true })
    else this.#giveBack(free)
    this.#resolve()
  }
}
