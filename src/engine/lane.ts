/**
 * One release's newest state, and the queue through which every change of it goes: decide, append, evolve, one after
 * another, so that the state kept here is never behind what this engine itself appended.
 */
import type { Clock } from '../core/ports/clock.ts'
import { VersionConflict } from '../core/ports/store.ts'
import type { Lease, NewEvents, Store, StoredEvent } from '../core/ports/store.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { decide } from '../core/release/decide.ts'
import { due, wakeAt } from '../core/release/due.ts'
import { evolve } from '../core/release/evolve.ts'
import { isOpen } from '../core/release/standing.ts'
import type { Accepted, Decision, PersonCommand, Refusal, ReleaseCommand } from '../core/release/commands.ts'
import type { Actor, Recorded, ReleaseEvent } from '../core/release/events.ts'
import type { Effect } from '../core/release/effects.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { targetStream } from '../core/target/target.ts'
import type { Instant } from '../core/units.ts'
import { staleView } from './seen.ts'
import { summaryOf } from './summary.ts'
import { targetEventsOf } from './target-events.ts'

export interface Order {
  readonly command: ReleaseCommand
  readonly actor: Actor
  /** The engine writes only while it holds the release; people's decisions need no lease. */
  readonly lease: Lease | null
  /** Version of the state a person decided on; null = whatever stands now. */
  readonly seen?: number | null
  readonly batches?: readonly SampleBatch[]
  /** Called in the same turn in which the events become part of the state, before anyone else looks. */
  readonly onAppended?: (events: readonly ReleaseEvent[]) => void
}

export type Submitted = Decision & { readonly version: number }

/** What the release owes, as of a moment; stands until `until` unless an event comes. */
export interface Owed {
  readonly effects: readonly Effect[]
  readonly at: Instant
  readonly until: Instant
}

/** Even a release that only waits for a person is looked at this often. */
const longestRestMs = 3_600_000
const hopelessConflicts = 100

export function releaseStream(release: string): string {
  return `release/${release}`
}

export class Lane {
  readonly id: string
  readonly #store: Store
  readonly #clock: Clock
  readonly #onChange: (lane: Lane) => void
  #state: ReleaseState | null = null
  #owed: Owed | null = null
  #isLoaded = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(id: string, store: Store, clock: Clock, onChange: (lane: Lane) => void) {
    this.id = id
    this.#store = store
    this.#clock = clock
    this.#onChange = onChange
  }

  /** As of the last event this engine knows of; null = no such release, or not loaded yet. */
  get state(): ReleaseState | null {
    return this.#state
  }

  /** Event times never go back, whatever the clock of this machine says. */
  now(): Instant {
    return Math.max(this.#clock.now(), this.#state?.lastEventAt ?? 0)
  }

  owed(): Owed {
    const now = this.now()
    if (!this.#owed || now >= this.#owed.until || now < this.#owed.at) this.#owed = owedBy(this.#state, now)
    return this.#owed
  }

  /** Rejects with StaleLease or StoreFault; a refusal is a value. */
  submit(order: Order): Promise<Submitted | Refusal> {
    return this.#inTurn(() => this.#submit(order))
  }

  /** Reads what others appended. */
  refresh(): Promise<ReleaseState | null> {
    return this.#inTurn(async () => {
      await this.#read()
      return this.#state
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => {})
    return mine
  }

  async #submit(order: Order): Promise<Submitted | Refusal> {
    if (!this.#isLoaded) await this.#read()
    for (let conflicts = 0; conflicts < hopelessConflicts; conflicts += 1) {
      if (!this.#state) return { kind: 'refused', code: 'not-started', reason: `There is no release ${this.id}.` }
      const decision = decide(this.#state, order.command, { now: this.now(), actor: order.actor })
      if (decision.kind === 'refused' || decision.events.length === 0)
        return { ...decision, version: this.#state.version }
      const stale = await this.#staleView(order)
      if (stale) return { ...stale, version: this.#state.version }
      try {
        await this.#append(this.#state, decision, order)
        return { ...decision, version: this.#state.version }
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error
        await this.#read()
      }
    }
    throw new Error(`bug: ${this.id} found a version conflict ${hopelessConflicts} times`)
  }

  async #staleView({ seen, command }: Order): Promise<Refusal | null> {
    const state = this.#state
    if (seen == null || !state || seen >= state.version) return null
    const since = await this.#store.read(releaseStream(this.id), seen)
    return staleView(command as PersonCommand, since as readonly StoredEvent<ReleaseEvent>[])
  }

  async #append(state: ReleaseState, { events }: Accepted, order: Order): Promise<void> {
    const now = this.now()
    const recorded = events.map(
      (event, index): Recorded => ({ version: state.version + 1 + index, at: now, by: order.actor, event }),
    )
    const next = recorded.reduce<ReleaseState>(evolve, state)
    const owed = owedBy(next, now)
    const own: NewEvents = {
      stream: releaseStream(this.id),
      expectedVersion: state.version,
      events: recorded.map(withoutVersion),
      due: nextLook(next, owed),
    }
    const target = await this.#targetNews(state, next, events, order.actor, now)
    await this.#store.append(
      {
        streams: [own, ...target],
        ...(order.lease ? { lease: order.lease } : {}),
        ...(order.batches ? { batches: order.batches.map((batch) => ({ release: this.id, batch })) } : {}),
      },
      summaryOf(next),
    )
    this.#adopt(next, owed)
    order.onAppended?.(events)
    this.#onChange(this)
  }

  async #targetNews(
    state: ReleaseState,
    next: ReleaseState,
    events: readonly ReleaseEvent[],
    by: Actor,
    at: Instant,
  ): Promise<readonly NewEvents[]> {
    const news = targetEventsOf(state, next, events)
    if (news.length === 0) return []
    const stream = targetStream(state.plan.service, state.environment)
    const known = await this.#store.read(stream)
    return [{ stream, expectedVersion: known.at(-1)?.version ?? 0, events: news.map((event) => ({ at, by, event })) }]
  }

  async #read(): Promise<void> {
    const events = (await this.#store.read(
      releaseStream(this.id),
      this.#state?.version ?? 0,
    )) as readonly StoredEvent<ReleaseEvent>[]
    this.#isLoaded = true
    if (events.length === 0) return
    let state = this.#state
    for (const event of events) state = evolve(state, event)
    this.#adopt(state, null)
    this.#onChange(this)
  }

  #adopt(state: ReleaseState | null, owed: Owed | null): void {
    this.#state = state
    this.#owed = owed
  }
}

function withoutVersion({ at, by, event }: Recorded): Omit<Recorded, 'version'> {
  return { at, by, event }
}

function owedBy(state: ReleaseState | null, at: Instant): Owed {
  if (!state) return { effects: [], at, until: Infinity }
  return { effects: due(state, at), at, until: wakeAt(state, at) ?? Infinity }
}

/** When the store should hand this release to whoever is free: at once while anything is owed. */
export function nextLook(state: ReleaseState, owed: Owed): Instant | null {
  if (!isOpen(state)) return null
  return owed.effects.length > 0 ? owed.at : Math.min(owed.until, owed.at + longestRestMs)
}

export { owedBy }
