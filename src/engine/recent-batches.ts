/** The newest intervals of an observation, for live views: kept as text, since thousands of canaries are seldom all looked at. */
import { batchFromLine, batchLine } from '../core/log/measurements.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'

const most = 60

export class RecentBatches {
  readonly #lines: string[] = []

  add(batch: SampleBatch): void {
    if (this.#lines.length === most) this.#lines.shift()
    // One flat piece: a text that was put together from parts keeps all of them in memory.
    this.#lines.push(Buffer.from(batchLine(batch)).toString())
  }

  /** Oldest first. */
  all(): readonly SampleBatch[] {
    return this.#lines.map(batchFromLine)
  }
}
