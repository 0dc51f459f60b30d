/** Attends one release while its lease holds: asks what is owed, and has every owed effect worked on exactly once at a time. */
import type { EnginePorts } from '../core/ports/engine.ts'
import { StaleLease, StoreFault } from '../core/ports/store.ts'
import type { Lease } from '../core/ports/store.ts'
import type { Reached } from '../core/ports/traffic.ts'
import type { EngineCommand, Refusal } from '../core/release/commands.ts'
import type { Effect } from '../core/release/effects.ts'
import type { Actor } from '../core/release/events.ts'
import { isOpen } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import { handle } from './handlers/index.ts'
import type { Jobs } from './jobs.ts'
import type { Lane, Order, Submitted } from './lane.ts'
import { defaults } from './options.ts'
import type { Patience } from './patience.ts'
import { Relieved } from './work.ts'
import type { Desk, InHand, Observed, Progress, SubmitExtras } from './work.ts'

export const engineActor: Actor = { id: 'holdpoint', kind: 'engine', assurance: 'engine' }

/** A reason of our own: without one every abort makes an error with a stack, once per command started. */
const noLongerOwed = 'no longer owed'

/** What the engine lends to each attendance. */
export interface Office {
  readonly ports: EnginePorts
  readonly jobs: Jobs
  readonly claims: Jobs
  readonly patience: Patience
  wakeAt(release: string, at: Instant | null): void
  /** The release is no longer attended here: taken over, ended, or let go. */
  onLeft(attendance: Attendance): void
  onFault(where: string, error: unknown): void
  touch(release: string): void
}

interface Task {
  /** Version of the state it was owed by. */
  readonly version: number
  readonly controller: AbortController
  /** The last look at which it was owed. */
  owedAt: number
}

/** An effect that is owed still, though its handler has just ended without changing anything, rests before it is tried again. */
interface Rest {
  readonly version: number
  readonly tries: number
  readonly until: Instant
}

export class Attendance implements Desk {
  readonly release: string
  readonly ports: EnginePorts
  readonly jobs: Jobs
  readonly claims: Jobs
  readonly inHand = new Map<string, InHand>()
  readonly shifting = new Map<string, Set<Promise<Reached>>>()
  readonly observing = new Map<string, Promise<void>>()
  readonly progress = new Map<string, Progress>()
  readonly observed = new Map<string, Observed>()
  lease: Lease
  readonly #lane: Lane
  readonly #office: Office
  readonly #tasks = new Map<string, Task>()
  readonly #rests = new Map<string, Rest>()
  readonly #relief = new AbortController()
  #fencing: Promise<void> | null = null
  #isPumpDue = false
  /** What was owed at the last look: the same list again holds nothing to drop. */
  #lookedAt: readonly Effect[] | null = null
  #looks = 0

  constructor(lane: Lane, lease: Lease, office: Office) {
    this.release = lane.id
    this.lease = lease
    this.ports = office.ports
    this.jobs = office.jobs
    this.claims = office.claims
    this.#lane = lane
    this.#office = office
  }

  get relieved(): AbortSignal {
    return this.#relief.signal
  }

  state(): ReleaseState {
    const { state } = this.#lane
    if (!state) throw new Error(`bug: ${this.release} is attended without a state`)
    return state
  }

  now(): Instant {
    return this.#lane.now()
  }

  touch(): void {
    this.#office.touch(this.release)
  }

  /** Looks again soon: once, however many reasons there are. */
  nudge(): void {
    if (this.#isPumpDue || this.relieved.aborted) return
    this.#isPumpDue = true
    queueMicrotask(() => {
      this.#isPumpDue = false
      this.#pump()
    })
  }

  /** Ends all work here. Commands keep running in the launcher: whoever attends next attaches to them. */
  relieve(): void {
    if (this.relieved.aborted) return
    this.#office.wakeAt(this.release, null)
    this.#relief.abort()
    for (const task of this.#tasks.values()) task.controller.abort()
    for (const each of this.inHand.values()) if (each.endsUnowed) each.controller.abort()
  }

  async submit(command: EngineCommand, extras: SubmitExtras = {}): Promise<Submitted | Refusal> {
    const { following, ...rest } = extras
    return this.persist(async () => {
      // Nothing begins while the epoch changes: what is lost and what comes after it never have the same.
      await this.#fencing
      const order = orderOf(command, this.lease, rest)
      if (!following) return this.#lane.submit(order)
      const next: Order['following'] = (owed, before) =>
        following(owed, before).map(({ command: own, ...more }) => orderOf(own, order.lease, more))
      return this.#lane.submit({ ...order, following: next })
    })
  }

  async outdate(epoch: number): Promise<void> {
    if (epoch < this.lease.epoch) return
    this.#fencing ??= this.#fence().finally(() => (this.#fencing = null))
    await this.#fencing
  }

  async #fence(): Promise<void> {
    const lease = await this.persist(() => this.ports.store.fence(this.lease))
    if (lease === null) return this.#goAway()
    this.lease = lease
  }

  async persist<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.relieved.aborted) throw new Relieved()
      try {
        const result = await write()
        this.#office.patience.succeeded()
        if (this.relieved.aborted) throw new Relieved()
        return result
      } catch (error) {
        await this.#endure(error)
      }
    }
  }

  /** Returns when the write may be tried again; throws when it must not be. */
  async #endure(error: unknown): Promise<void> {
    if (this.relieved.aborted) throw new Relieved()
    if (error instanceof StaleLease) {
      // Sent off under the epoch before this one: not recorded, and still ours to record.
      await this.#fencing
      if (error.epoch < this.lease.epoch) return
      return this.#goAway()
    }
    if (!(error instanceof StoreFault) || !error.retryable) throw error
    this.#office.onFault(`store, for ${this.release}`, error)
    await this.#office.patience.failed()
  }

  /** Another engine has the release. */
  #goAway(): never {
    this.relieve()
    this.#office.onLeft(this)
    throw new Relieved()
  }

  #pump(): void {
    if (this.relieved.aborted || this.#office.patience.isTried) return
    const { effects, until } = this.#lane.owed()
    this.#dropUnowed(effects)
    let wake = until
    for (const effect of effects) {
      if (this.#tasks.has(effect.key) || this.#isInHand(effect)) continue
      const restUntil = this.#restOf(effect.key)
      if (restUntil > this.now()) wake = Math.min(wake, restUntil)
      else this.#start(effect)
    }
    if (this.#tasks.size === 0 && effects.length === 0 && !isOpen(this.state())) this.#office.onLeft(this)
    else this.#office.wakeAt(this.release, Number.isFinite(wake) ? wake : null)
  }

  #dropUnowed(effects: readonly Effect[]): void {
    if (effects === this.#lookedAt) return
    this.#lookedAt = effects
    this.#looks += 1
    for (const effect of effects) {
      const task = this.#tasks.get(effect.key)
      if (task) task.owedAt = this.#looks
    }
    this.#tasks.forEach((task) => {
      if (task.owedAt !== this.#looks) task.controller.abort(noLongerOwed)
    })
    this.#dropRests(effects)
    const ending = [...this.inHand].filter(([, each]) => each.endsUnowed)
    const attempts = new Set(ending.length === 0 ? [] : effects.map(attemptOf))
    for (const [attempt, each] of ending) if (!attempts.has(attempt)) each.controller.abort()
  }

  #dropRests(effects: readonly Effect[]): void {
    if (this.#rests.size === 0) return
    const keys = new Set(effects.map((effect) => effect.key))
    for (const key of this.#rests.keys()) if (!keys.has(key)) this.#rests.delete(key)
  }

  #isInHand(effect: Effect): boolean {
    const attempt = attemptOf(effect)
    return attempt !== null && this.inHand.has(attempt)
  }

  #restOf(key: string): Instant {
    const rest = this.#rests.get(key)
    return rest && rest.version === this.state().version ? rest.until : 0
  }

  isTaken(key: string): boolean {
    return this.#tasks.has(key)
  }

  takeUp(effect: Effect, handler: () => Promise<void>): void {
    this.#work(effect, handler)
  }

  #start(effect: Effect): void {
    this.#work(effect, (signal) => handle({ effect, desk: this, signal }))
  }

  #work(effect: Effect, handler: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController()
    const task = { version: this.state().version, controller, owedAt: this.#looks }
    this.#tasks.set(effect.key, task)
    void handler(controller.signal)
      .catch((error: unknown) => {
        if (!(error instanceof Relieved)) this.#office.onFault(`${effect.kind} ${effect.key} of ${this.release}`, error)
      })
      .then(() => this.#ended(effect.key, task))
  }

  /** An effect that changed nothing is owed still: it rests, longer each time, until something else changes. */
  #ended(key: string, task: Task): void {
    this.#tasks.delete(key)
    const { version } = this.state()
    if (version === task.version) {
      const before = this.#rests.get(key)
      const tries = before?.version === version ? before.tries + 1 : 0
      const pauseMs = defaults.pausesMs[Math.min(tries, defaults.pausesMs.length - 1)] ?? 30_000
      this.#rests.set(key, { version, tries, until: this.now() + pauseMs })
    }
    this.nudge()
  }
}

/** What the engine starts, it starts under the newest epoch of its lease. */
function orderOf(command: EngineCommand, lease: Lease | null, extras: Omit<SubmitExtras, 'following'>): Order {
  const newest = 'epoch' in command && lease ? { ...command, epoch: lease.epoch } : command
  return { command: newest, actor: engineActor, lease, ...extras }
}

/** The attempt that an effect goes on with; null for a new one. */
function attemptOf(effect: Effect): string | null {
  return effect.kind === 'AwaitAttempt' || effect.kind === 'RepeatShift' || effect.kind === 'RestoreTraffic'
    ? effect.attempt
    : null
}
