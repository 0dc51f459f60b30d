/**
 * Live views between replicas: whoever watches a release that another replica attends says so in the store, and the one
 * that attends it writes down what is younger than the last event. Nothing is written for releases that nobody watches.
 */
import { batchFromLine, batchLine } from '../core/log/measurements.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Live } from '../core/ports/live.ts'
import type { Store } from '../core/ports/store.ts'

const everyMs = 1_000
const watchedForMs = 10_000
const shownForMs = 30_000
const watching = 'live-watching'
const views = 'live-view'

export interface SharedLiveOptions {
  /** Releases that somebody watches through this replica. */
  readonly watched: () => Iterable<string>
  /** null = attended elsewhere. */
  readonly own: (release: string) => Live | null
  /** Keeps what is told of an own release fresh, until called. */
  readonly listen: (release: string) => () => void
  /** What another replica wrote is newer than what was shown. */
  readonly onNews: (release: string) => void
}

export class SharedLive {
  readonly #store: Store
  readonly #clock: Clock
  readonly #options: SharedLiveOptions
  readonly #seen = new Map<string, { readonly text: string; readonly live: Live }>()
  readonly #told = new Map<string, string>()
  /** Somebody watches these elsewhere: kept as fresh as for a reader here. */
  readonly #askedFor = new Map<string, () => void>()

  constructor(store: Store, clock: Clock, options: SharedLiveOptions) {
    this.#store = store
    this.#clock = clock
    this.#options = options
  }

  /** As of the last look; null = nobody told. */
  of(release: string): Live | null {
    return this.#seen.get(release)?.live ?? null
  }

  /** Until aborted. A store that does not answer costs a look, not the view. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all([this.#look(), this.#tell()]).catch(() => {})
      await this.#clock.sleep(everyMs, signal)
    }
  }

  async #look(): Promise<void> {
    const elsewhere = [...this.#options.watched()].filter((release) => this.#options.own(release) === null)
    for (const release of this.#seen.keys()) if (!elsewhere.includes(release)) this.#seen.delete(release)
    await Promise.all(elsewhere.map((release) => this.#lookAt(release)))
  }

  async #lookAt(release: string): Promise<void> {
    const now = this.#clock.now()
    await this.#store.putEntry(watching, release, '{}', { expires: now + watchedForMs })
    const entry = await this.#store.getEntry(views, release)
    if (entry === null || (entry.expires ?? 0) < now || this.#seen.get(release)?.text === entry.json) return
    this.#seen.set(release, { text: entry.json, live: liveFrom(entry.json) })
    this.#options.onNews(release)
  }

  async #tell(): Promise<void> {
    const now = this.#clock.now()
    const asked = (await this.#store.entries(watching)).filter(({ expires }) => (expires ?? 0) >= now)
    for (const [release, stop] of this.#askedFor) {
      if (asked.some(({ key }) => key === release)) continue
      this.#askedFor.delete(release)
      this.#told.delete(release)
      stop()
    }
    for (const { key: release } of asked) {
      const live = this.#options.own(release)
      if (live !== null && !this.#askedFor.has(release)) this.#askedFor.set(release, this.#options.listen(release))
      const text = live && liveText(live)
      if (text === null || this.#told.get(release) === text) continue
      await this.#store.putEntry(views, release, text, { expires: now + shownForMs })
      this.#told.set(release, text)
    }
  }
}

/** Batches have numbers that JSON cannot hold: they travel as their own lines. */
function liveText({ attempts, observations }: Live): string {
  const spelled = observations.map(({ recent, ...observation }) => ({ ...observation, recent: recent.map(batchLine) }))
  return JSON.stringify({ attempts, observations: spelled })
}

function liveFrom(text: string): Live {
  const { attempts, observations } = JSON.parse(text) as {
    attempts: Live['attempts']
    observations: readonly (Omit<Live['observations'][number], 'recent'> & { readonly recent: readonly string[] })[]
  }
  return { attempts, observations: observations.map((each) => ({ ...each, recent: each.recent.map(batchFromLine) })) }
}
