/** Those who wait for the log to grow. */
export class Waiters {
  readonly #waiting = new Set<{ readonly after: number; readonly wake: () => void }>()

  /** Resolves once `head` is reported beyond `after`, or when the signal aborts. */
  wait(after: number, head: number, signal: AbortSignal): Promise<void> {
    if (head > after || signal.aborted) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiter = {
      after,
      wake: () => {
        signal.removeEventListener('abort', waiter.wake)
        this.#waiting.delete(waiter)
        resolve()
      },
    }
    this.#waiting.add(waiter)
    signal.addEventListener('abort', waiter.wake, { once: true })
    return promise
  }

  wake(head: number): void {
    for (const waiter of this.#waiting) if (head > waiter.after) waiter.wake()
  }
}
