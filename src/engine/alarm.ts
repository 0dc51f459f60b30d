/** One timer for all releases: wakes those whose moment has come. Never armed for more than an hour, never trusted to be exact. */
import type { Clock } from '../core/ports/clock.ts'
import type { Instant } from '../core/units.ts'

const longestMs = 3_600_000

export class Alarm {
  readonly #clock: Clock
  readonly #ring: (release: string) => void
  readonly #wanted = new Map<string, Instant>()
  #armedFor = Infinity
  #timer: AbortController | null = null
  #stopped = false

  constructor(clock: Clock, ring: (release: string) => void) {
    this.#clock = clock
    this.#ring = ring
  }

  set(release: string, at: Instant | null): void {
    if (at === null) this.#wanted.delete(release)
    else this.#wanted.set(release, at)
    if (at !== null && at < this.#armedFor) this.#arm(at)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.abort()
  }

  #arm(at: Instant): void {
    this.#timer?.abort()
    if (this.#stopped) return
    const timer = new AbortController()
    this.#timer = timer
    this.#armedFor = at
    const waitMs = Math.min(Math.max(at - this.#clock.now(), 1), longestMs)
    void this.#clock.sleep(waitMs, timer.signal).then(() => {
      if (!timer.signal.aborted) this.#fire()
    })
  }

  #fire(): void {
    this.#armedFor = Infinity
    const now = this.#clock.now()
    const come = [...this.#wanted].filter(([, at]) => at <= now)
    for (const [release] of come) this.#wanted.delete(release)
    for (const [release] of come) this.#ring(release)
    const next = Math.min(...this.#wanted.values())
    if (next < this.#armedFor) this.#arm(next)
  }
}
