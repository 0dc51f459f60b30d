/** What is known of targets: who holds each, what serves there, and who stands in line; the store is asked only for what came since. */
import type { NewEvents, Store, StreamId } from '../core/ports/store.ts'
import type { Recorded } from '../core/release/events.ts'
import { emptyTarget, evolveTarget } from '../core/target/target.ts'
import type { TargetEvent, TargetState } from '../core/target/target.ts'

/** So many targets are remembered. */
const most = 1_000

export class Targets {
  readonly #store: Store
  readonly #known = new Map<StreamId, TargetState>()

  constructor(store: Store) {
    this.#store = store
  }

  /** As the store has it. */
  async read(stream: StreamId): Promise<TargetState> {
    const known = this.#known.get(stream) ?? emptyTarget
    const events = (await this.#store.read(stream, known.version)) as readonly Recorded<TargetEvent>[]
    return this.#remember(stream, events.reduce(evolveTarget, known))
  }

  /** As it was last seen: whoever appends on top of it hears when somebody else was quicker. */
  async recall(stream: StreamId): Promise<TargetState> {
    return this.#known.get(stream) ?? this.read(stream)
  }

  /** These stand in the log now. */
  appended({ stream, expectedVersion, events }: NewEvents): void {
    const known = this.#known.get(stream)
    if (known?.version !== expectedVersion) return
    const news = events.map((event, index) => ({ ...event, version: expectedVersion + 1 + index }))
    this.#remember(stream, (news as readonly Recorded<TargetEvent>[]).reduce(evolveTarget, known))
  }

  #remember(stream: StreamId, state: TargetState): TargetState {
    this.#known.delete(stream)
    this.#known.set(stream, state)
    const [oldest] = this.#known.size > most ? this.#known.keys() : []
    if (oldest !== undefined) this.#known.delete(oldest)
    return state
  }
}
