/** Places for commands that run at once, handed out in turn to the releases that wait, so that none starves another. */

export interface Place {
  free(): void
}

export class Jobs {
  readonly #waiting = new Map<string, (() => void)[]>()
  readonly #together: number
  #left: number

  /** `together` = so many free places are handed out at once, where there are as many: what follows shares an append. */
  constructor(places: number, together = 1) {
    this.#left = places
    this.#together = Math.min(places, together)
  }

  /** Resolves with a place, or with null when the signal aborts first. */
  take(release: string, signal: AbortSignal): Promise<Place | null> {
    if (signal.aborted) return Promise.resolve(null)
    if (this.#left > 0 && this.#waiting.size === 0) return Promise.resolve(this.#hand())
    return new Promise((resolve) => {
      const grant = () => {
        signal.removeEventListener('abort', leave)
        resolve(this.#hand())
      }
      const leave = () => {
        this.#forget(release, grant)
        resolve(null)
      }
      signal.addEventListener('abort', leave, { once: true })
      const queue = this.#waiting.get(release)
      if (queue) queue.push(grant)
      else this.#waiting.set(release, [grant])
    })
  }

  /** A place at once, or null: nobody who waits is overtaken. */
  takeIfFree(): Place | null {
    return this.#left > 0 && this.#waiting.size === 0 ? this.#hand() : null
  }

  /** Whether this release waits for a place. */
  isAwaitedBy(release: string): boolean {
    return this.#waiting.has(release)
  }

  #hand(): Place {
    this.#left -= 1
    let taken = true
    return {
      free: () => {
        if (!taken) return
        taken = false
        this.#left += 1
        if (this.#left >= this.#together) while (this.#left > 0 && this.#waiting.size > 0) this.#next()
      },
    }
  }

  /** The release served goes to the end of the line. */
  #next(): void {
    const first = this.#waiting.entries().next().value
    if (!first) return
    const [release, queue] = first
    const grant = queue.shift()
    this.#waiting.delete(release)
    if (queue.length > 0) this.#waiting.set(release, queue)
    grant?.()
  }

  #forget(release: string, grant: () => void): void {
    const rest = (this.#waiting.get(release) ?? []).filter((each) => each !== grant)
    if (rest.length > 0) this.#waiting.set(release, rest)
    else this.#waiting.delete(release)
  }
}
