/** Follows one release: the newest view, what happened, and how fresh all of it is. Comes back after sleep and loss. */
import type { ReleaseView } from '../../../src/api/wire/web.ts'
import { Refused, refusalOf, SIGNED_OUT } from './ask.ts'
import { FollowedView, Misfit } from './followed-view.ts'
import { type Message, MessageReader } from './messages.ts'

export type Line =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** What is shown is old; `since` = last sign of life by this machine's clock, or null when there was none. */
  | { readonly kind: 'lost'; readonly since: number | null }
  /** The server does not want to: no such release, or no right to see it. */
  | { readonly kind: 'refused'; readonly why: Refused }

export interface Listener {
  onView(view: ReleaseView): void
  /** Something was written down. */
  onEvent(version: number): void
  onLine(line: Line): void
}

/** The server says something every 15 s, if only that it is there. */
const SILENCE_MS = 20_000
const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 5_000

/** Until the signal aborts. */
export function follow(release: string, listener: Listener, signal: AbortSignal): void {
  new Follower(release, listener, signal).begin()
}

class Follower {
  readonly #path: string
  readonly #listener: Listener
  readonly #signal: AbortSignal
  #lastId: string | null = null
  /** False once a server did not know what that is (an older one), or they did not fit: whole views come then. */
  #asksForChanges = true
  #heardAt: number | null = null
  #pauseMs = FIRST_PAUSE_MS
  #connection: AbortController | null = null
  #wake: (() => void) | null = null

  constructor(release: string, listener: Listener, signal: AbortSignal) {
    this.#path = `/v1/releases/${encodeURIComponent(release)}/stream`
    this.#listener = listener
    this.#signal = signal
  }

  begin(): void {
    const look = (): void => this.#lookAtClock()
    // A machine that slept had its timers asleep too: whatever wakes the page first finds the silence.
    const timer = setInterval(look, 2_000)
    document.addEventListener('visibilitychange', look)
    const cut = (): void => this.#connection?.abort()
    window.addEventListener('online', look)
    window.addEventListener('offline', cut)
    this.#signal.addEventListener('abort', () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      window.removeEventListener('online', look)
      window.removeEventListener('offline', cut)
      this.#connection?.abort()
      this.#wake?.()
    })
    void this.#run()
  }

  #lookAtClock(): void {
    if (this.#wake !== null && !document.hidden && navigator.onLine) return this.#wake()
    if (this.#heardAt !== null && Date.now() - this.#heardAt > SILENCE_MS) this.#connection?.abort()
  }

  async #run(): Promise<void> {
    this.#listener.onLine({ kind: 'opening' })
    while (!this.#signal.aborted) {
      const refused = await this.#connect().catch((cause: unknown) => {
        if (cause instanceof Misfit) this.#asksForChanges = false
        return null
      })
      // It may still be there, with something that could not be understood.
      this.#connection?.abort()
      if (this.#signal.aborted) return
      if (refused !== null && refused.status < 500 && refused.code !== 'rate-limited') {
        this.#listener.onLine({ kind: 'refused', why: refused })
        if (refused.code !== 'not-signed-in') return
        window.dispatchEvent(new Event(SIGNED_OUT))
      } else this.#listener.onLine({ kind: 'lost', since: this.#heardAt })
      await this.#pause()
    }
  }

  /** Resolves when the connection ends; a refusal is the answer. */
  async #connect(): Promise<Refused | null> {
    const connection = new AbortController()
    this.#connection = connection
    const tooLate = setTimeout(() => connection.abort(), SILENCE_MS)
    const answer = await fetch(this.#asksForChanges ? `${this.#path}?live=changes&events=versions` : this.#path, {
      credentials: 'same-origin',
      cache: 'no-store',
      headers: this.#lastId === null ? {} : { 'last-event-id': this.#lastId },
      signal: connection.signal,
    }).finally(() => clearTimeout(tooLate))
    if (!answer.ok || answer.body === null) return this.#refusalIn(answer)
    const view = new FollowedView()
    const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    const reader = new MessageReader()
    this.#pauseMs = FIRST_PAUSE_MS
    for (;;) {
      const { done, value } = await pieces.read()
      if (done || this.#signal.aborted) return null
      this.#heardAt = Date.now()
      for (const message of reader.read(value)) this.#take(message, view)
    }
  }

  async #refusalIn(answer: Response): Promise<Refused | null> {
    const refused = await refusalOf(answer)
    if (refused.code !== 'bad-query' || !this.#asksForChanges) return refused
    this.#asksForChanges = false
    return null
  }

  #take({ event, data, id }: Message, followed: FollowedView): void {
    if (id !== null) this.#lastId = id
    if (event === 'event') return this.#listener.onEvent(Number(id))
    const view = followed.read(event, data)
    if (view === null) return
    this.#listener.onView(view)
    this.#listener.onLine({ kind: 'live' })
  }

  /** Everybody at once would be too many for a server that just came back. */
  async #pause(): Promise<void> {
    const ms = this.#pauseMs * (0.5 + Math.random())
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }
}
