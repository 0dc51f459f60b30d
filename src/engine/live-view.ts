/** What is younger than the last event: running attempts with their output, and the judge's newest reports. */
import type { EnginePorts } from '../core/ports/engine.ts'
import type { Live } from '../core/ports/live.ts'
import type { Desk } from './work.ts'

/** Output of running commands is read this often, and only while somebody watches. */
const peekEveryMs = 1_000
const longestSay = 400

export class LiveView {
  readonly #ports: EnginePorts
  readonly #deskOf: (release: string) => Desk | null
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #peeks = new Map<string, string>()
  readonly #stopped = new AbortController()
  #isPeeking = false

  constructor(ports: EnginePorts, deskOf: (release: string) => Desk | null) {
    this.#ports = ports
    this.#deskOf = deskOf
  }

  /** null = another replica attends it, or nobody. */
  own(release: string): Live | null {
    const desk = this.#deskOf(release)
    if (!desk) return null
    const attempts = [...desk.progress.values()].map((each) => ({
      ...each,
      say: this.#peeks.get(each.attempt) ?? each.say,
    }))
    return { attempts, observations: [...desk.observed.values()] }
  }

  listen(release: string, listener: () => void): () => void {
    const known = this.#listeners.get(release) ?? new Set()
    this.#listeners.set(release, known.add(listener))
    void this.#peekWhileWatched()
    return () => {
      known.delete(listener)
      if (known.size === 0 && this.#listeners.get(release) === known) this.#listeners.delete(release)
    }
  }

  watched(): Iterable<string> {
    return this.#listeners.keys()
  }

  touch(release: string): void {
    for (const listener of this.#listeners.get(release) ?? []) listener()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #peekWhileWatched(): Promise<void> {
    if (this.#isPeeking) return
    this.#isPeeking = true
    while (this.#listeners.size > 0 && !this.#stopped.signal.aborted) {
      for (const release of this.#listeners.keys()) await this.#peek(release)
      await this.#ports.clock.sleep(peekEveryMs, this.#stopped.signal)
    }
    this.#peeks.clear()
    this.#isPeeking = false
  }

  async #peek(release: string): Promise<void> {
    for (const attempt of this.#deskOf(release)?.progress.keys() ?? []) {
      const output = await this.#ports.commands.peek(attempt).catch(() => '')
      const say = lastLineOf(output)
      if (say === '' || this.#peeks.get(attempt) === say) continue
      this.#peeks.set(attempt, say)
      this.touch(release)
    }
  }
}

function lastLineOf(output: string): string {
  return (output.trimEnd().split('\n').at(-1) ?? '').slice(-longestSay)
}
