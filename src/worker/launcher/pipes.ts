/**
 * Named pipes for the output of commands. Node gives its children sockets, on which `echo oops > /dev/stderr` fails;
 * a real pipe behaves as a script expects, and reading it into one shared buffer keeps memory flat at any output.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'

const BATCH = 16
const BUFFER_BYTES = 65_536

export interface OutputPipe {
  /** The writing end, for the child; `handedOver` closes our copy. */
  readonly writeEnd: number
  handedOver(): void
  /** Resolves when every writer has closed it, or when it was abandoned. */
  readonly drained: Promise<void>
  /** Stops reading although somebody still holds the writing end. */
  abandon(): void
}

export class PipePool {
  readonly #folder: string
  readonly #free: string[] = []
  /** One buffer for all pipes: a reader is done with it before the next one fills it. */
  readonly #buffer = Buffer.alloc(BUFFER_BYTES)
  #made = 0

  constructor(folder: string) {
    this.#folder = folder
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { mode: 0o700 })
  }

  /** `onData` gets a view that is valid during the call only. */
  open(onData: (bytes: Uint8Array) => void): OutputPipe {
    const path = this.#free.pop() ?? this.#make()
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    let writeEnd: number | null = openSync(path, constants.O_WRONLY)
    const handedOver = () => {
      if (writeEnd !== null) closeSync(writeEnd)
      writeEnd = null
    }
    let abandoned = false
    const buffer = this.#buffer
    const callback = (size: number) => {
      onData(buffer.subarray(0, size))
      return true
    }
    // `onread` is an option of every socket; the types know it for connecting sockets only.
    const options = { fd: readEnd, readable: true, writable: false, onread: { buffer, callback } }
    const reader = new Socket(options)
    const drained = new Promise<void>((resolve) => {
      reader.on('error', () => {})
      reader.on('close', () => {
        // With a writer left, the next command's output would be mixed with somebody else's.
        if (abandoned) rmSync(path, { force: true })
        else this.#free.push(path)
        resolve()
      })
    })
    const abandon = () => {
      handedOver()
      abandoned = true
      reader.destroy()
    }
    return { writeEnd, handedOver, drained, abandon }
  }

  #make(): string {
    const paths = Array.from({ length: BATCH }, () => join(this.#folder, String((this.#made += 1))))
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' })
    this.#free.push(...paths)
    return this.#free.pop() as string
  }
}
