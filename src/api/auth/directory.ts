/** The directory of a server: the fold of its stream, kept up to date, and the only way to change it. */
import {
  type AccessEvent,
  accessStream,
  type AccessState,
  emptyAccess,
  evolveAccess,
} from '../../core/access/access.ts'
import type { AccessCommand, AccessDecision } from '../../core/access/commands.ts'
import { decideAccess } from '../../core/access/decide.ts'
import type { Asker } from '../../core/access/may.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { type Store, VersionConflict } from '../../core/ports/store.ts'
import type { Actor, Recorded } from '../../core/release/events.ts'

/** Another replica's change is known here within this time; a revoked right works nowhere after it. */
const FRESH_FOR_MS = 250
const HOPELESS_CONFLICTS = 50

export class Directory {
  readonly #store: Store
  readonly #clock: Clock
  #state = emptyAccess
  #readAt = -Infinity
  #reading: Promise<AccessState> | null = null
  #asking: Promise<unknown> = Promise.resolve()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Not older than a moment. Rejects when the store does not answer: then nobody may anything. */
  current(): Promise<AccessState> {
    if (this.#clock.now() - this.#readAt < FRESH_FOR_MS) return Promise.resolve(this.#asOfNow())
    return this.refresh()
  }

  refresh(): Promise<AccessState> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** Decides on the newest state and writes what follows. A refusal is a value. */
  ask(command: AccessCommand, actor: Actor, asker: Asker | null): Promise<AccessDecision> {
    // One after another: those of one process would only make each other decide again.
    const mine = this.#asking.then(() => this.#ask(command, actor, asker))
    this.#asking = mine.catch(() => {})
    return mine
  }

  async #ask(command: AccessCommand, actor: Actor, asker: Asker | null): Promise<AccessDecision> {
    for (let conflicts = 0; conflicts < HOPELESS_CONFLICTS; conflicts += 1) {
      const state = await this.refresh()
      const now = this.#clock.now()
      const decision = decideAccess(state, command, { now, actor, asker })
      if (decision.kind === 'refused' || decision.events.length === 0) return decision
      try {
        await this.#append(state.version, decision.events, actor, now)
        await this.refresh()
        return decision
      } catch (cause) {
        if (!(cause instanceof VersionConflict)) throw cause
      }
    }
    throw new Error(`bug: the directory found a version conflict ${HOPELESS_CONFLICTS} times`)
  }

  async #append(expectedVersion: number, events: readonly AccessEvent[], by: Actor, at: number): Promise<void> {
    const added = events.map((event) => ({ at, by: plain(by), event }))
    await this.#store.append({ streams: [{ stream: accessStream, expectedVersion, events: added }] })
  }

  async #read(): Promise<AccessState> {
    const startedAt = this.#clock.now()
    const events = (await this.#store.read(accessStream, this.#state.version)) as readonly Recorded<AccessEvent>[]
    this.#state = events.reduce(evolveAccess, this.#state)
    this.#readAt = startedAt
    return this.#asOfNow()
  }

  /** Delegations begin and end by the clock, whatever is written. */
  #asOfNow(): AccessState {
    return this.#state.delegations.size === 0 ? this.#state : { ...this.#state, at: this.#clock.now() }
  }
}

/** Whose doing it was; roles and times of sign-in concern releases. */
function plain({ id, kind, assurance }: Actor): Actor {
  return { id, kind, assurance }
}
