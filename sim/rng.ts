/** Numbers that look random and follow from a seed alone. */

export class Rng {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0
    for (let warm = 0; warm < 4; warm += 1) this.next()
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.int(0, from.length - 1)]
    if (chosen === undefined) throw new Error('bug: nothing to pick from')
    return chosen
  }

  /** A stream of its own, so that one more draw here does not change everything there. */
  fork(): Rng {
    return new Rng(Math.floor(this.next() * 4_294_967_296))
  }

  /** As `fork`, and this one does not notice: seeds that were saved before keep what they drew. */
  branch(): Rng {
    return new Rng(this.#state ^ 0x5bd1e995)
  }
}
