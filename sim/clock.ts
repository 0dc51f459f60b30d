/** Time that moves only when everybody waits for it. */
import type { Clock } from '../src/core/ports/clock.ts'
import type { Instant, Millis } from '../src/core/units.ts'

interface Sleeper {
  readonly at: Instant
  readonly order: number
  wake: (() => void) | null
}

const longestMs = 3_600_000

export class VirtualClock implements Clock {
  #now: Instant
  #order = 0
  readonly #heap: Sleeper[] = []

  constructor(start: Instant) {
    this.#now = start
  }

  now(): Instant {
    return this.#now
  }

  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#now + Math.min(Math.max(Math.ceil(ms), 1), longestMs),
        order: this.#order++,
        wake: resolve,
      }
      this.#push(sleeper)
      signal?.addEventListener(
        'abort',
        () => {
          sleeper.wake = null
          resolve()
        },
        { once: true },
      )
    })
  }

  /** Moves to the next instant somebody waits for and wakes them; false when nobody waits. */
  advance(): boolean {
    let moved = false
    for (let next = this.#heap[0]; next; next = this.#heap[0]) {
      if (next.wake !== null && moved && next.at > this.#now) return true
      this.#pop()
      if (next.wake === null) continue
      this.#now = Math.max(this.#now, next.at)
      moved = true
      next.wake()
    }
    return moved
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap
    let at = heap.push(sleeper) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(sleeper, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = sleeper
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Sleeper, b: Sleeper): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Lets everything run that needs no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
