/** While the store fails nothing is started; every writer waits here, longer after each failure, and tries again. */
import type { Clock } from '../core/ports/clock.ts'
import { defaults } from './options.ts'

export class Patience {
  readonly #clock: Clock
  readonly #onCalm: () => void
  #failures = 0
  #calm: Promise<void> | null = null

  constructor(clock: Clock, onCalm: () => void) {
    this.#clock = clock
    this.#onCalm = onCalm
  }

  get isTried(): boolean {
    return this.#calm !== null
  }

  /** A write failed: resolves when the next try is due. All who failed meanwhile wait for the same moment. */
  failed(): Promise<void> {
    this.#calm ??= this.#pause()
    return this.#calm
  }

  succeeded(): void {
    this.#failures = 0
  }

  async #pause(): Promise<void> {
    const pauses = defaults.pausesMs
    const pauseMs = pauses[Math.min(this.#failures, pauses.length - 1)] ?? 30_000
    this.#failures += 1
    await this.#clock.sleep(pauseMs)
    this.#calm = null
    this.#onCalm()
  }
}
