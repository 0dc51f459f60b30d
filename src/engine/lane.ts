/**
 * One release's newest state, and the queue through which every change of it goes: decide, append, evolve, one after
 * another, so that the state kept here is never behind what this engine itself appended.
 */
import type { Clock } from '../core/ports/clock.ts'
import { VersionConflict } from '../core/ports/store.ts'
import type { Lease, NewEvents, Store, StoredEvent, StreamId } from '../core/ports/store.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { decide } from '../core/release/decide.ts'
import { due, wakeAt } from '../core/release/due.ts'
import { evolve } from '../core/release/evolve.ts'
import { isOpen } from '../core/release/standing.ts'
import type { Decision, PersonCommand, Refusal, ReleaseCommand } from '../core/release/commands.ts'
import type { Actor, Recorded, ReleaseEvent } from '../core/release/events.ts'
import type { Effect } from '../core/release/effects.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { TargetState } from '../core/target/target.ts'
import type { Instant } from '../core/units.ts'
import { staleView } from './seen.ts'
import { summaryOf } from './summary.ts'
import { targetAppend } from './start-commit.ts'
import { ownStreams, targetEventsOf } from './target-events.ts'
import type { Targets } from './targets.ts'

export interface Order {
  readonly command: ReleaseCommand
  readonly actor: Actor
  /** The engine writes only while it holds the release; people's decisions need no lease. */
  readonly lease: Lease | null
  /** Version of the state a person decided on; null = whatever stands now. */
  readonly seen?: number | null
  readonly batches?: readonly SampleBatch[]
  readonly evidence?: readonly Uint8Array[]
  /** Streams that it claims, as they were looked at: the order is refused where one has changed since. */
  readonly onTop?: ReadonlyMap<StreamId, TargetState>
  /** Nobody waits for it: it goes with the next order of the same lease, or by itself a moment later. */
  readonly isUnhurried?: boolean
  /** Called in the same turn in which the events become part of the state, before anyone else looks. */
  readonly onAppended?: (events: readonly ReleaseEvent[]) => void
  /** Called instead where it was not recorded: for orders that followed another one. */
  readonly onGone?: () => void
  /** Orders that go with this one, of what is owed once it stands; `before` is what was owed without it. */
  readonly following?: (owed: readonly Effect[], before: readonly Effect[]) => readonly Order[]
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
/** Orders that share one append at most. */
const mostTogether = 64
/** How long an order that nobody waits for stays for company. */
const longestStayMs = 25

export function releaseStream(release: string): string {
  return `release/${release}`
}

interface Waiting {
  readonly order: Order
  readonly resolve: (submitted: Submitted | Refusal) => void
  readonly reject: (error: unknown) => void
}

/** An order with what was decided on it; `decision` is kept from the state that the orders before it lead to. */
interface Decided {
  readonly waiting: Waiting
  readonly decision: Decision
  readonly version: number
}

export interface LanePorts {
  readonly store: Store
  readonly targets: Targets
  readonly clock: Clock
}

interface Together {
  readonly decided: readonly Decided[]
  readonly next: ReleaseState
  readonly recorded: readonly Recorded[]
}

export class Lane {
  readonly id: string
  readonly #store: Store
  readonly #targets: Targets
  readonly #clock: Clock
  readonly #onChange: (lane: Lane) => void
  #state: ReleaseState | null = null
  #owed: Owed | null = null
  #isLoaded = false
  #last: Promise<unknown> = Promise.resolve()
  /** The engine's own orders since the last append went out: they share the next one. */
  #gathering: Waiting[] | null = null
  /** Orders that nobody waits for, all of one lease. */
  #unhurried: Waiting[] = []

  constructor(id: string, { store, targets, clock }: LanePorts, onChange: (lane: Lane) => void) {
    this.id = id
    this.#store = store
    this.#targets = targets
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
    return new Promise((resolve, reject) => {
      const waiting = { order, resolve, reject }
      const mates = this.#gathering
      if (mates && order.lease && mates[0]?.order.lease === order.lease && mates.length < mostTogether)
        mates.push(waiting)
      else if (order.isUnhurried && this.#mayStay(order)) this.#stay(waiting)
      else this.#enter([...this.#companyOf(order), waiting])
    })
  }

  #mayStay({ lease }: Order): boolean {
    const [first] = this.#unhurried
    return lease !== null && (!first || first.order.lease === lease) && this.#unhurried.length < mostTogether - 1
  }

  #stay(waiting: Waiting): void {
    this.#unhurried.push(waiting)
    if (this.#unhurried.length > 1) return
    const mine = this.#unhurried
    void this.#clock.sleep(longestStayMs).then(() => {
      if (this.#unhurried === mine) this.#enter(this.#companyOf(waiting.order))
    })
  }

  /** Whoever stayed for company, if this order is of their lease. */
  #companyOf({ lease }: Order): Waiting[] {
    const company = this.#unhurried
    if (company[0]?.order.lease !== lease) return []
    this.#unhurried = []
    return company
  }

  /** Others appended up to this version; what this engine itself appended needs no reading. */
  async reach(version: number): Promise<void> {
    await this.#last
    if (this.#state && this.#state.version < version) await this.refresh()
  }

  /** This engine started the release itself: nobody else has had a turn yet, or an append will tell. */
  begin(state: ReleaseState): void {
    if (this.#isLoaded) return
    this.#isLoaded = true
    this.#adopt(state, null)
  }

  /** Reads what others appended. */
  refresh(): Promise<ReleaseState | null> {
    return this.#inTurn(async () => {
      await this.#read()
      return this.#state
    })
  }

  /** Nothing is owed any more: writes down what lists show, and that nobody need look again. */
  settleAccounts(lease: Lease): Promise<void> {
    return this.#inTurn(async () => {
      const state = this.#state
      if (!state) return
      const own = {
        stream: releaseStream(this.id),
        expectedVersion: state.version,
        events: [],
        due: nextLook(state, owedBy(state, this.now())),
      }
      await this.#store.append({ streams: [own], lease }, summaryOf(state))
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#gathering = null
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => {})
    return mine
  }

  #enter(group: Waiting[]): void {
    void this.#inTurn(async () => {
      if (this.#gathering === group) this.#gathering = null
      await this.#submit(group).catch((error: unknown) => group.forEach(({ reject }) => reject(error)))
    })
    this.#gathering = group[0]?.order.lease ? group : null
  }

  async #submit(group: readonly Waiting[]): Promise<void> {
    if (!this.#isLoaded) await this.#read()
    for (let conflicts = 0; conflicts < hopelessConflicts; conflicts += 1) {
      const state = this.#state
      if (!state)
        return group.forEach(({ resolve }) =>
          resolve({ kind: 'refused', code: 'not-started', reason: `There is no release ${this.id}.` }),
        )
      const now = this.now()
      const asked = decideAll(state, group, now)
      const stale = await this.#staleView(state, asked.decided)
      if (stale) return group.forEach(({ resolve }) => resolve({ ...stale, version: state.version }))
      const all = this.#withFollowing(asked, now)
      try {
        if (all.recorded.length > 0) await this.#append(state, all, now)
        return all.decided.forEach(({ waiting, decision, version }) => waiting.resolve({ ...decision, version }))
      } catch (error) {
        for (const { waiting } of all.decided) waiting.order.onGone?.()
        if (!(error instanceof VersionConflict)) throw error
        await this.#read()
        if (group.some(({ order }) => order.onTop)) return this.#refuseClaims(group)
        for (const stream of [...ownStreams(state), ...(state.lock?.streams ?? [])]) await this.#targets.read(stream)
      }
    }
    throw new Error(`bug: ${this.id} found a version conflict ${hopelessConflicts} times`)
  }

  /** Somebody was quicker, perhaps where one of them looked: whoever claims looks again, the others are decided again. */
  async #refuseClaims(group: readonly Waiting[]): Promise<void> {
    const reason = 'Somebody wrote in between.'
    for (const { order, resolve } of group) if (order.onTop) resolve({ kind: 'refused', code: 'target-busy', reason })
    const others = group.filter(({ order }) => !order.onTop)
    if (others.length > 0) await this.#submit(others)
  }

  /** People's orders come alone, so the first decision is the only one that can rest on an old view. */
  async #staleView(state: ReleaseState, [first]: readonly Decided[]): Promise<Refusal | null> {
    if (!first || first.decision.kind === 'refused' || first.decision.events.length === 0) return null
    const { seen, command } = first.waiting.order
    if (seen == null || seen >= state.version) return null
    const since = await this.#store.read(releaseStream(this.id), seen)
    return staleView(command as PersonCommand, since as readonly StoredEvent<ReleaseEvent>[])
  }

  /** The orders that follow from those that were accepted are decided on top of them, and share their append. */
  #withFollowing(asked: Together, now: Instant): Together & { readonly owed: Owed } {
    // A refusal changes nothing: what is owed stands.
    const owed = asked.recorded.length === 0 ? this.owed() : owedBy(asked.next, now)
    const before = this.owed().effects
    const orders = asked.decided.flatMap(({ waiting, decision }) =>
      decision.kind === 'accepted' ? (waiting.order.following?.(owed.effects, before) ?? []) : [],
    )
    if (orders.length === 0) return { ...asked, owed }
    const nobody = { resolve: () => {}, reject: () => {} }
    const more = decideAll(
      asked.next,
      orders.map((order) => ({ order, ...nobody })),
      now,
    )
    return {
      decided: [...asked.decided, ...more.decided],
      next: more.next,
      recorded: [...asked.recorded, ...more.recorded],
      owed: owedBy(more.next, now),
    }
  }

  async #append(
    state: ReleaseState,
    { next, recorded, decided, owed }: Together & { readonly owed: Owed },
    now: Instant,
  ): Promise<void> {
    const own: NewEvents = {
      stream: releaseStream(this.id),
      expectedVersion: state.version,
      events: recorded.map(withoutVersion),
      due: nextLook(next, owed),
    }
    const orders = decided.filter(({ decision }) => decision.kind === 'accepted').map(({ waiting }) => waiting.order)
    const { lease, actor } = orders[0]!
    const batches = orders.flatMap((order) => order.batches ?? [])
    const evidence = orders.flatMap((order) => order.evidence ?? [])
    const onTop = new Map(orders.flatMap((order) => [...(order.onTop ?? [])]))
    const target = await this.#targetNews(state, next, recorded, actor, now, onTop)
    await this.#store.append(
      {
        streams: [own, ...target],
        ...(lease ? { lease } : {}),
        ...(batches.length > 0 ? { batches: batches.map((batch) => ({ release: this.id, batch })) } : {}),
        ...(evidence.length > 0 ? { evidence } : {}),
      },
      summaryOf(next),
    )
    target.forEach((each) => this.#targets.appended(each))
    this.#adopt(next, owed)
    for (const { waiting, decision } of decided) {
      if (decision.kind === 'accepted') waiting.order.onAppended?.(decision.events)
      else waiting.order.onGone?.()
    }
    this.#onChange(this)
  }

  async #targetNews(
    state: ReleaseState,
    next: ReleaseState,
    recorded: readonly Recorded[],
    by: Actor,
    at: Instant,
    onTop: ReadonlyMap<StreamId, TargetState>,
  ): Promise<readonly NewEvents[]> {
    const news = targetEventsOf(
      state,
      next,
      recorded.map(({ event }) => event),
    )
    return Promise.all(
      news.map(async ({ stream, events }) =>
        targetAppend(stream, onTop.get(stream) ?? (await this.#targets.recall(stream)), events, by, at),
      ),
    )
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

/** Each order is decided on what the orders before it lead to. */
function decideAll(state: ReleaseState, group: readonly Waiting[], now: Instant): Together {
  let next = state
  const recorded: Recorded[] = []
  const decided = group.map((waiting): Decided => {
    const { command, actor } = waiting.order
    const decision = decide(next, command, { now, actor })
    for (const event of decision.kind === 'accepted' ? decision.events : []) {
      const record: Recorded = { version: next.version + 1, at: now, by: actor, event }
      recorded.push(record)
      next = evolve(next, record)
    }
    return { waiting, decision, version: next.version }
  })
  return { decided, next, recorded }
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
