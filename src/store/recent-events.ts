/** The last events that this process appended, as readers get them: whoever follows the log need not parse them again. */
import type { StoredEvent, StreamId } from '../core/ports/store.ts'

const most = 256

export class RecentEvents {
  /** In the order of their positions, none left out. */
  #events: readonly StoredEvent[] = []

  /** Durable events, in the order in which they were appended. */
  add(events: readonly StoredEvent[]): void {
    const [first] = events
    if (first === undefined) return
    const isNext = this.#events.at(-1)?.position === first.position - 1
    this.#events = (isNext ? [...this.#events, ...events] : events).slice(-most)
  }

  clear(): void {
    this.#events = []
  }

  /** Events after a position; null = the store itself has to be asked. */
  tail(after: number, limit: number): readonly StoredEvent[] | null {
    const [first] = this.#events
    const last = this.#events.at(-1)
    if (!first || !last || after < first.position - 1 || after >= last.position) return null
    const from = after + 1 - first.position
    return this.#events.slice(from, from + limit)
  }

  /** Events of a stream after a version; null = the store itself has to be asked. A whole stream always comes from disk. */
  ofStream(stream: StreamId, after: number): readonly StoredEvent[] | null {
    if (after === 0) return null
    const next = this.#events.findIndex((event) => event.stream === stream && event.version === after + 1)
    return next === -1 ? null : this.#events.slice(next).filter((event) => event.stream === stream)
  }
}
