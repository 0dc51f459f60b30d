/** Charts of releases somebody looks at: judged once for all who look, and only what is new each time. */
import type { Recorded } from '../core/release/events.ts'
import type { Store } from '../core/ports/store.ts'
import { releaseStream } from '../engine/lane.ts'
import type { Chart } from '../report/chart/chart.ts'
import { ChartFold } from '../report/chart/chart-fold.ts'
import { chartOf } from '../report/chart/chart-of.ts'

/** One of ten metrics and several hours takes about a megabyte. */
const MOST_KEPT = 30

interface Kept {
  fold: ChartFold
  /** One look after another: two at once would judge a sample twice. */
  turn: Promise<void>
}

export class Charts {
  readonly #store: Pick<Store, 'read' | 'batches'>
  readonly #kept = new Map<string, Kept>()

  constructor(store: Pick<Store, 'read' | 'batches'>) {
    this.#store = store
  }

  /** `after` = end of the last interval that is known already; null = all. Null is the answer where nothing was observed. */
  async of(release: string, step: string, after: number | null): Promise<Chart | null> {
    const kept = this.#keep(release)
    const look = kept.turn.then(() => this.#catchUp(release, kept.fold))
    kept.turn = look.catch(() => {
      // What broke off in the middle begins again.
      kept.fold = new ChartFold()
    })
    await look
    return chartOf(kept.fold, step, after)
  }

  #keep(release: string): Kept {
    const kept = this.#kept.get(release) ?? { fold: new ChartFold(), turn: Promise.resolve() }
    this.#kept.delete(release)
    this.#kept.set(release, kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(oldest)
    }
    return kept
  }

  async #catchUp(release: string, fold: ChartFold): Promise<void> {
    fold.hear((await this.#store.read(releaseStream(release), fold.version)) as readonly Recorded[])
    await fold.advance((step, stage, after) => this.#store.batches(release, step, stage, after), othersFirst)
  }
}

function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
