/** Asks the store until it answers, and remembers since when it has: nobody could renew a lease before. */
import type { Clock } from '../../core/ports/clock.ts'
import { StoreFault } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'

const PAUSES_MS = [100, 250, 500, 1_000, 2_000]

export class StorePatience {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #gapMs: Millis
  #answeredAt: Instant
  /** Since when this process and the store have both been there without a break. */
  aliveSince: Instant

  /** `gapMs` without any answer is a break: the process was stopped, the machine slept, or nobody asked. */
  constructor(clock: Clock, gapMs: Millis, signal: AbortSignal) {
    this.#clock = clock
    this.#gapMs = gapMs
    this.#answeredAt = clock.now()
    this.#signal = signal
    this.aliveSince = clock.now()
  }

  /** Rejects with what is no fault of the store, and when the process ends. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let faults = 0; ; faults += 1) {
      try {
        const answer = await question()
        this.#note(faults > 0)
        return answer
      } catch (cause) {
        if (!(cause instanceof StoreFault) || this.#signal.aborted) throw cause
        await this.#clock.sleep(PAUSES_MS[Math.min(faults, PAUSES_MS.length - 1)] ?? 2_000, this.#signal)
      }
    }
  }

  #note(wasAway: boolean): void {
    const now = this.#clock.now()
    if (wasAway || now - this.#answeredAt > this.#gapMs) this.aliveSince = now
    this.#answeredAt = now
  }
}
