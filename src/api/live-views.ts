/** Live views as messages of a stream: made once for all who watch a release, only when something happened, and not too often. */
import { viewOf } from '../report/view.ts'
import { calibrationsOf } from './calibrations.ts'
import type { ApiDeps } from './deps.ts'
import { ViewPieces } from './view-pieces.ts'

const LIVE_EVERY_MS = 200
/** Making views takes at most a twentieth of the time, however long the checklist: the engine has better things to do. */
const REST_FACTOR = 19

/** `whole` = every message carries the whole view; `changes` = only the first, then what differs from the one before. */
export type LiveForm = 'whole' | 'changes'

export interface LiveReading {
  /** A newer message than this reader had; null = none came within the time, or the signal aborted. */
  next(withinMs: number, signal: AbortSignal): Promise<Uint8Array | null>
  close(): void
}

export class LiveViews {
  readonly #deps: ApiDeps
  readonly #watched = new Map<string, Watched>()

  constructor(deps: ApiDeps) {
    this.#deps = deps
  }

  open(release: string, form: LiveForm): LiveReading {
    const watched = this.#watched.get(release) ?? new Watched(this.#deps, release)
    this.#watched.set(release, watched)
    watched.readers += 1
    let had = 0
    return {
      next: async (withinMs, signal) => {
        if (watched.number <= had) await watched.newer(withinMs, signal)
        if (signal.aborted || watched.number <= had) return null
        const message = form === 'whole' ? watched.live() : watched.since(had)
        had = watched.number
        return message
      },
      close: () => {
        watched.readers -= 1
        if (watched.readers > 0) return
        watched.stop()
        if (this.#watched.get(release) === watched) this.#watched.delete(release)
      },
    }
  }
}

/** One release that somebody watches. */
class Watched {
  readers = 0
  readonly #pieces = new ViewPieces()
  /** About the newest view, by the number that their readers have. */
  readonly #messages = new Map<number | 'live', Uint8Array>()
  readonly #deps: ApiDeps
  readonly #release: string
  readonly #stopped = new AbortController()
  readonly #unsubscribe: () => void
  readonly #waiting = new Set<() => void>()
  #isNews = true
  #onNews: (() => void) | null = null

  constructor(deps: ApiDeps, release: string) {
    this.#deps = deps
    this.#release = release
    this.#unsubscribe = deps.engine.onLive(release, () => {
      this.#isNews = true
      this.#onNews?.()
    })
    void this.#run()
  }

  /** Of the newest view, from 1; 0 = none yet. */
  get number(): number {
    return this.#pieces.number
  }

  /** The whole view, for readers that know of no changes. */
  live(): Uint8Array {
    return this.#once('live', () => `event: live\ndata: ${this.#pieces.whole()}\n\n`)
  }

  /** For a reader that has the view of this number; 0 = none. */
  since(number: number): Uint8Array {
    return this.#once(number, () => {
      const change = number === 0 ? null : this.#pieces.changeSince(number)
      if (change !== null) return `event: change\ndata: ${change}\n\n`
      return `event: view\ndata: {"number":${this.number},"view":${this.#pieces.whole()}}\n\n`
    })
  }

  /** Made once for all readers that have the same. */
  #once(key: number | 'live', make: () => string): Uint8Array {
    const message = this.#messages.get(key) ?? Buffer.from(make())
    this.#messages.set(key, message)
    return message
  }

  stop(): void {
    this.#stopped.abort()
    this.#unsubscribe()
    this.#onNews?.()
  }

  newer(withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, withinMs)
      signal.addEventListener('abort', done, { once: true })
      this.#waiting.add(done)
    })
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      if (!this.#isNews) await new Promise<void>((resolve) => (this.#onNews = resolve))
      this.#onNews = null
      this.#isNews = false
      if (signal.aborted) return
      // A store that does not answer is looked at again: a reader keeps what it has.
      const tookMs = await this.#make().catch(() => {
        this.#isNews = true
        return LIVE_EVERY_MS
      })
      await this.#deps.clock.sleep(Math.max(LIVE_EVERY_MS, tookMs * REST_FACTOR), signal)
    }
  }

  /** Resolves to the time that making it took. */
  async #make(): Promise<number> {
    const { engine, clock } = this.#deps
    const state = await engine.state(this.#release)
    if (state === null) return 0
    const calibrations = await calibrationsOf(this.#deps, state)
    const start = performance.now()
    this.#pieces.take(viewOf(state, engine.live(this.#release), clock.now(), { calibrations }))
    this.#messages.clear()
    for (const wake of this.#waiting) wake()
    return performance.now() - start
  }
}
