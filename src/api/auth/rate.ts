/** Token buckets in memory: how much one address, or one account, may ask. */
import type { Instant, Millis } from '../../core/units.ts'

export interface Rate {
  /** How many at once. */
  readonly burst: number
  /** How long until a used one is free again. */
  readonly everyMs: Millis
}

/** Bounded: an attacker with many addresses pushes out old buckets, never the memory of the process. */
const MOST_BUCKETS = 20_000

export class Rates {
  readonly #rate: Rate
  readonly #buckets = new Map<string, { left: number; at: Instant }>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Takes one; how long to wait if there is none, 0 when there was. */
  take(who: string, now: Instant): Millis {
    const { burst, everyMs } = this.#rate
    const bucket = this.#buckets.get(who) ?? { left: burst, at: now }
    const left = Math.min(burst, bucket.left + (now - bucket.at) / everyMs)
    this.#buckets.delete(who)
    this.#buckets.set(who, { left: left >= 1 ? left - 1 : left, at: now })
    this.#forget()
    return left >= 1 ? 0 : (1 - left) * everyMs
  }

  #forget(): void {
    if (this.#buckets.size <= MOST_BUCKETS) return
    const oldest = this.#buckets.keys().next()
    if (!oldest.done) this.#buckets.delete(oldest.value)
  }
}
