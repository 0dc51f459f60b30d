/** Sleepers that somebody in this process can wake: hints only, whoever wakes looks for itself. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Millis } from '../../core/units.ts'

export class Wakes {
  readonly #clock: Clock
  readonly #sleepers = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `key` is woken, after `ms`, or when aborted. */
  async sleep(key: string, ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    const awake = new AbortController()
    const wake = () => awake.abort()
    const sleepers = this.#sleepers.get(key) ?? new Set()
    this.#sleepers.set(key, sleepers.add(wake))
    signal?.addEventListener('abort', wake, { once: true })
    try {
      await this.#clock.sleep(ms, awake.signal)
    } finally {
      signal?.removeEventListener('abort', wake)
      sleepers.delete(wake)
      if (sleepers.size === 0 && this.#sleepers.get(key) === sleepers) this.#sleepers.delete(key)
    }
  }

  wake(key: string): void {
    for (const wake of this.#sleepers.get(key) ?? []) wake()
  }
}
