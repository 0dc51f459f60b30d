/** A thread that looks at documents: started when it is needed, ended when it is not, or when a document takes too long. */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { DeskIsBusy, DocumentTooMuch, type Documents } from '../import/desk/documents.ts'
import type { Desk } from '../import/desk/jobs.ts'

export interface DocumentThreadOptions {
  /** How long one document may take, the start of the thread not counted. */
  readonly patienceMs?: number
  readonly idleMs?: number
  readonly mostWaiting?: number
  readonly memoryMb?: number
}

export interface DocumentThread {
  readonly documents: Documents
  close(): void
}

interface Asked {
  readonly name: keyof Desk
  readonly job: unknown
  readonly resolve: (answer: never) => void
  readonly reject: (fault: Error) => void
}

interface Told {
  readonly ready?: true
  readonly answer?: unknown
  readonly fault?: string
}

const START_WITHIN_MS = 30_000

export function openDocumentThread(options: DocumentThreadOptions = {}): DocumentThread {
  const thread = new Thread({ patienceMs: 15_000, idleMs: 30_000, mostWaiting: 20, memoryMb: 512, ...options })
  const ask =
    (name: keyof Desk) =>
    (job: unknown): Promise<never> =>
      thread.ask(name, job)
  return {
    documents: { preview: ask('preview'), copy: ask('copy'), lint: ask('lint'), survey: ask('survey') },
    close: () => thread.close(),
  }
}

class Thread {
  readonly #options: Required<DocumentThreadOptions>
  readonly #waiting: Asked[] = []
  #worker: Worker | null = null
  #isReady = false
  #now: Asked | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(options: Required<DocumentThreadOptions>) {
    this.#options = options
  }

  ask(name: keyof Desk, job: unknown): Promise<never> {
    if (this.#isClosed) return Promise.reject(new DeskIsBusy('the server is ending'))
    if (this.#waiting.length >= this.#options.mostWaiting)
      return Promise.reject(new DeskIsBusy(`${this.#waiting.length} documents are waiting to be looked at`))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, job, resolve, reject })
      this.#next()
    })
  }

  close(): void {
    this.#isClosed = true
    for (const asked of this.#waiting.splice(0)) asked.reject(new DeskIsBusy('the server is ending'))
    this.#end(new DeskIsBusy('the server is ending'))
  }

  #next(): void {
    if (this.#now !== null || this.#isClosed) return
    const asked = this.#waiting.shift()
    if (asked === undefined) {
      this.#after(this.#options.idleMs, () => this.#end(null))
      return
    }
    this.#now = asked
    if (this.#isReady) this.#give(asked)
    else this.#start()
  }

  #start(): void {
    const entry = new URL(`./document-thread-main${extname(fileURLToPath(import.meta.url))}`, import.meta.url)
    const worker = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: this.#options.memoryMb } })
    this.#worker = worker
    this.#isReady = false
    worker.unref()
    worker.on('message', (told: Told) => {
      if (worker === this.#worker) this.#heard(told)
    })
    worker.on('error', (cause: Error & { readonly code?: string }) => {
      const isMemory = cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (worker === this.#worker) this.#end(isMemory ? new DocumentTooMuch('it takes too much memory') : cause)
    })
    this.#after(START_WITHIN_MS, () => this.#end(new DeskIsBusy('the thread that looks at documents does not start')))
  }

  #give({ name, job }: Asked): void {
    const { patienceMs } = this.#options
    this.#after(patienceMs, () => this.#end(new DocumentTooMuch(`it takes longer than ${patienceMs / 1_000} s`)))
    this.#worker?.postMessage({ name, job }, [])
  }

  #heard(told: Told): void {
    const asked = this.#now
    if (told.ready === true) {
      this.#isReady = true
      if (asked !== null) this.#give(asked)
      return
    }
    this.#now = null
    if (told.fault === undefined) asked?.resolve(told.answer as never)
    else asked?.reject(new Error(told.fault))
    this.#next()
  }

  /** Ends the thread; with a fault, for whoever is being served. The others get a new one. */
  #end(fault: Error | null): void {
    clearTimeout(this.#timer)
    void this.#worker?.terminate()
    this.#worker = null
    this.#isReady = false
    const asked = this.#now
    this.#now = null
    if (fault !== null) asked?.reject(fault)
    if (this.#waiting.length > 0) this.#next()
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
    this.#timer.unref()
  }
}
