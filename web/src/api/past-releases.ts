/** Releases that have ended, newest first, page by page as somebody scrolls towards them. */
import type { ReleaseSummary } from '../../../src/api/wire/web.ts'
import { get } from './ask.ts'

/** A screen and what is below it; whoever scrolls on or searches wants more at once. */
const FIRST_PAGE = 100
const PAGE = 1_000

export class PastReleases {
  lines: readonly ReleaseSummary[] = []
  isAll = false
  #asking: Promise<void> | null = null

  /** Another page, if there is one; several who ask at once ask once. */
  more(): Promise<void> {
    if (this.isAll) return Promise.resolve()
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return this.#asking
  }

  async #ask(): Promise<void> {
    const last = this.lines.at(-1)?.id
    const limit = last === undefined ? FIRST_PAGE : PAGE
    const after = last === undefined ? '' : `&after=${encodeURIComponent(last)}`
    const page = await get<readonly ReleaseSummary[]>(`/v1/releases?open=false&limit=${limit}${after}`)
    this.lines = [...this.lines, ...page]
    this.isAll = page.length === 0
  }

  /** Those that ended since: what is known already is not asked for again. */
  async news(): Promise<void> {
    const page = await get<readonly ReleaseSummary[]>('/v1/releases?open=false&limit=50')
    const known = new Set(this.lines.map(({ id }) => id))
    const fresh = page.filter(({ id }) => !known.has(id))
    if (fresh.length > 0) this.lines = [...fresh, ...this.lines].sort((a, b) => b.startedAt - a.startedAt)
  }
}
