/** Which workers have been here lately, for people who look: hints, never a reason to hand out anything. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { KnownWorker, WorkerId } from '../../core/ports/work.ts'
import type { Instant, Millis } from '../../core/units.ts'

const WORKERS = 'worker'
/** Who was away for so long is no longer listed. */
const REMEMBERED_MS: Millis = 86_400_000
const WRITE_EVERY_MS: Millis = 5_000
const MOST_REMEMBERED = 10_000

export type SeenWorker = Omit<KnownWorker, 'lastSeen' | 'running'>

export class KnownWorkers {
  readonly #store: Store
  readonly #clock: Clock
  readonly #written = new Map<string, { readonly at: Instant; readonly worker: string }>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async saw(worker: SeenWorker): Promise<void> {
    const now = this.#clock.now()
    const key = keyOf(worker)
    const text = JSON.stringify(worker)
    const last = this.#written.get(key)
    if (last?.worker === text && now - last.at < WRITE_EVERY_MS) return
    this.#written.delete(key)
    this.#written.set(key, { at: now, worker: text })
    const [oldest] = this.#written.keys()
    if (this.#written.size > MOST_REMEMBERED && oldest !== undefined) this.#written.delete(oldest)
    const kept = JSON.stringify({ ...worker, lastSeen: now })
    await this.#store.putEntry(WORKERS, key, kept, { expires: now + REMEMBERED_MS })
  }

  /** One that told what it is before, to this process. */
  async touch(worker: WorkerId): Promise<void> {
    const last = this.#written.get(keyOf(worker))
    if (last !== undefined) await this.saw(JSON.parse(last.worker) as SeenWorker)
  }

  /** With the attempts that each has, of those given. */
  async all(held: readonly { readonly worker: WorkerId; readonly attempt: string }[]): Promise<readonly KnownWorker[]> {
    const now = this.#clock.now()
    const entries = await this.#store.entries(WORKERS)
    return entries
      .filter(({ expires }) => expires === null || expires > now)
      .map(({ json }) => JSON.parse(json) as Omit<KnownWorker, 'running'>)
      .map((worker) => ({
        ...worker,
        running: held.filter((one) => keyOf(one.worker) === keyOf(worker)).map(({ attempt }) => attempt),
      }))
  }
}

function keyOf({ machine, name }: WorkerId): string {
  return `${encodeURIComponent(machine)}/${encodeURIComponent(name)}`
}
