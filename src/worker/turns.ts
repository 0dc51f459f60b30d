/** So many at once for each address: whoever waits is a short entry in a line, not a hundred prepared questions. */

export class Turns {
  readonly #atOnce: number
  readonly #busy = new Map<string, number>()
  readonly #lines = new Map<string, Set<() => void>>()

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Answers when it is this one's turn; what is aborted in the line is never asked. */
  async take<T>(address: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    await this.#enter(address, signal)
    try {
      return await ask()
    } finally {
      this.#leave(address)
    }
  }

  async #enter(address: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const busy = this.#busy.get(address) ?? 0
    if (busy < this.#atOnce) {
      this.#busy.set(address, busy + 1)
      return
    }
    const line = this.#lines.get(address) ?? new Set()
    this.#lines.set(address, line)
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        line.delete(enter)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      line.add(enter)
    })
  }

  /** The place goes to the first in the line. */
  #leave(address: string): void {
    const line = this.#lines.get(address)
    const [next] = line ?? []
    if (next) {
      line?.delete(next)
      if (line?.size === 0) this.#lines.delete(address)
      return next()
    }
    const busy = (this.#busy.get(address) ?? 1) - 1
    if (busy > 0) this.#busy.set(address, busy)
    else this.#busy.delete(address)
  }
}
