/** Follows the end of the store's log and tells who listens to a stream that something is new in it. Hints only: listeners read for themselves. */
import type { Clock } from '../core/ports/clock.ts'
import type { Store, StoredEvent, StreamId } from '../core/ports/store.ts'
import { defaults } from './options.ts'

const pageSize = 500

export class News {
  readonly #store: Store
  readonly #clock: Clock
  readonly #listeners = new Map<StreamId, Set<() => void>>()
  readonly #readers: ((event: StoredEvent) => void)[] = []
  readonly #stopped = new AbortController()
  #started: Promise<void> | null = null

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Everything appended after this resolved is told. */
  start(): Promise<void> {
    this.#started ??= this.#begin()
    return this.#started
  }

  stop(): void {
    this.#stopped.abort()
  }

  onEvent(reader: (event: StoredEvent) => void): void {
    this.#readers.push(reader)
  }

  listen(stream: StreamId, listener: () => void): () => void {
    const known = this.#listeners.get(stream) ?? new Set()
    this.#listeners.set(stream, known.add(listener))
    return () => {
      known.delete(listener)
      if (known.size === 0) this.#listeners.delete(stream)
    }
  }

  async #begin(): Promise<void> {
    const position = await this.#patiently(() => this.#store.head())
    if (position !== null) void this.#follow(position)
  }

  async #follow(from: number): Promise<void> {
    const { signal } = this.#stopped
    let position = from
    while (!signal.aborted) {
      const events = await this.#patiently(() => this.#store.tail(position, pageSize, 'following'))
      for (const event of events ?? []) this.#tell(event)
      position = events?.at(-1)?.position ?? position
      if (events !== null && events.length < pageSize)
        await this.#patiently(() => this.#store.changed(position, signal))
    }
  }

  /** Asks the store until it answers, longer pauses each time; null when stopped before. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T | null> {
    const { signal } = this.#stopped
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        return await ask()
      } catch {
        const pauses = defaults.pausesMs
        await this.#clock.sleep(pauses[Math.min(failures, pauses.length - 1)] ?? 30_000, signal)
      }
    }
    return null
  }

  #tell(event: StoredEvent): void {
    for (const reader of this.#readers) reader(event)
    for (const listener of this.#listeners.get(event.stream) ?? []) listener()
  }
}

/** Stored events after `after`, then new ones as they come: every one once, in order, however often the hints lie. */
export async function* follow(
  store: Store,
  news: News,
  stream: StreamId,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent> {
  await news.start()
  let version = after
  let wake: () => void = () => {}
  let isNew = true
  const rouse = () => {
    isNew = true
    wake()
  }
  const silence = news.listen(stream, rouse)
  signal.addEventListener('abort', rouse)
  try {
    while (!signal.aborted) {
      isNew = false
      for (const event of await store.read(stream, version)) {
        if (signal.aborted) return
        version = event.version
        yield event
      }
      if (!isNew && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    silence()
    signal.removeEventListener('abort', rouse)
  }
}
