/** One life of an engine process. Killed, nothing it awaits ever answers; frozen, everything answers later; it may not notice either. */
import { StoreFault } from '../src/core/ports/store.ts'
import type { Clock } from '../src/core/ports/clock.ts'
import type { VirtualClock } from './clock.ts'
import type { Rng } from './rng.ts'

const forever = new Promise<never>(() => {})

export interface Trouble {
  /** Chance per store call of a fault before it took effect, and of one after (it happened, and nobody heard). */
  readonly storeFault: number
  readonly storeFaultAfter: number
  readonly slowStore: number
}

export const noTrouble: Trouble = { storeFault: 0, storeFaultAfter: 0, slowStore: 0 }

export class Incarnation {
  readonly name: string
  readonly #clock: VirtualClock
  readonly #rng: Rng
  readonly #trouble: () => Trouble
  #isAlive = true
  #thaw: Promise<void> | null = null
  /** Dies at this many more appends, half of the times just after one took effect. */
  #appendsToLive = Infinity
  #onDeath: () => void

  constructor(name: string, clock: VirtualClock, rng: Rng, trouble: () => Trouble, onDeath: () => void) {
    this.name = name
    this.#clock = clock
    this.#rng = rng
    this.#trouble = trouble
    this.#onDeath = onDeath
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  kill(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.#onDeath()
  }

  killAfterAppends(count: number): void {
    this.#appendsToLive = count
  }

  freeze(ms: number): void {
    const thaw = this.#clock.sleep(ms).then(() => {
      if (this.#thaw === thaw) this.#thaw = null
    })
    this.#thaw = thaw
  }

  clock(): Clock {
    return { now: () => this.#clock.now(), sleep: (ms, signal) => this.through(() => this.#clock.sleep(ms, signal)) }
  }

  /** A port as this life sees it: every answer passes the fence. */
  fence<T extends object>(port: T): T {
    return this.#proxy(port, (_name, call) => this.through(call))
  }

  /** The store besides that: it fails, dawdles, and is where crashes strike. */
  fenceStore<T extends object>(store: T): T {
    return this.#proxy(store, (name, call) =>
      name === 'changed' ? this.through(call) : this.through(() => this.#storeCall(name, call)),
    )
  }

  async through<T>(call: () => Promise<T>): Promise<T> {
    await this.#mayGoOn()
    try {
      const value = await call()
      await this.#mayGoOn()
      return value
    } catch (error) {
      await this.#mayGoOn()
      throw error
    }
  }

  #mayGoOn(): Promise<void> | undefined {
    if (!this.#isAlive) return forever
    return this.#thaw ? this.#thaw.then(() => this.#mayGoOn()) : undefined
  }

  async #storeCall<T>(name: string, call: () => Promise<T>): Promise<T> {
    const { storeFault, storeFaultAfter, slowStore } = this.#trouble()
    if (slowStore > 0 && this.#rng.chance(slowStore)) await this.#clock.sleep(this.#rng.int(1, 3_000))
    if (storeFault > 0 && this.#rng.chance(storeFault))
      throw new StoreFault(`injected before ${name}`, { retryable: true })
    if (name === 'append') this.#appendsToLive -= 1
    const diesNow = this.#appendsToLive <= 0 && name === 'append'
    if (diesNow && this.#rng.chance(0.5)) this.kill()
    if (!this.#isAlive) return forever
    const value = await call()
    if (diesNow) this.kill()
    if (!this.#isAlive) return forever
    if (storeFaultAfter > 0 && this.#rng.chance(storeFaultAfter))
      throw new StoreFault(`injected after ${name}`, { retryable: true })
    return value
  }

  #proxy<T extends object>(port: T, pass: (name: string, call: () => Promise<unknown>) => Promise<unknown>): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) =>
          pass(String(name), () => Reflect.apply(value, target, given) as Promise<unknown>)
      },
    })
  }
}
