/** The one connection that appends: what is asked for while a commit is under way shares the next, in the order asked. */
import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { ChainHead } from '../../core/log/chain.ts'
import { emptyChain } from '../../core/log/chain.ts'
import { StaleLease, StoreFault } from '../../core/ports/store.ts'
import type { Append, ReleaseSummary, StoredEvent, StreamId } from '../../core/ports/store.ts'
import { closedFault } from '../limits.ts'
import { hangUp } from './connections.ts'
import type { Connections } from './connections.ts'
import { isOfTheValue, isOutOfTurn, isTurnedAway, leavesOpen } from './faults.ts'
import { conflictOf, parametersOf, seal } from './group.ts'
import type { SealedAppend } from './group.ts'
import { keyOf, nameOf } from './keys.ts'
import { statementsFor } from './statements.ts'
import type { PostgresStatements } from './statements.ts'

interface Waiting {
  readonly append: Append
  readonly summary: ReleaseSummary | undefined
  readonly resolve: (events: readonly StoredEvent[]) => void
  readonly reject: (why: unknown) => void
}

/** What the database says about a group; the lists hold places in it. */
interface Outcome {
  /** Position of the newest event of the store after the group. */
  readonly head: number
  readonly stale: readonly number[]
  readonly refused: readonly number[]
  readonly found: readonly { readonly append: number; readonly version: number }[]
}

type Job = Waiting & { readonly sealed: SealedAppend }

/** Rows are found by index: with statistics from an empty table they would not be. No lock is waited for without end. */
const sessionOptions = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'lock_timeout=20s',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

const mostAppends = 256
const mostEvents = 2_000
const mostHeads = 10_000
const mostTries = 5

export interface LaneOptions {
  /** Nobody else may have the store while this has it. */
  readonly isExclusive: boolean
  readonly onAppended: (events: readonly StoredEvent[]) => void
  /** What was known of the database may no longer be so: the next one may be another. */
  readonly onLost: () => void
}

export class AppendLane {
  readonly #connections: Connections
  readonly #options: LaneOptions
  readonly #schema: string
  readonly #sql: PostgresStatements
  readonly #writer = randomUUID()
  #client: Client | null = null
  /** Number of the last group sent. */
  #number = 0
  /** The outcome of the last group is not known. */
  #isOpen = false
  #queue: Waiting[] = []
  #working: Promise<void> | null = null
  /** Whoever waits until the group that was sent is answered. */
  #afterAnswer: (() => void)[] = []
  #isSent = false
  #isClosed = false
  /** Ends of streams as they were last seen: a hint, the database compares. */
  readonly #heads = new Map<StreamId, ChainHead>()

  constructor(connections: Connections, options: LaneOptions) {
    this.#connections = connections
    this.#options = options
    this.#schema = `"${connections.address.schema}"`
    this.#sql = statementsFor(this.#schema)
  }

  append(append: Append, summary?: ReleaseSummary): Promise<readonly StoredEvent[]> {
    if (this.#isClosed) return Promise.reject(closedFault())
    const { promise, resolve, reject } = Promise.withResolvers<readonly StoredEvent[]>()
    this.#queue.push({ append, summary, resolve, reject })
    this.#working ??= this.#work()
    return promise
  }

  /** Calls when no group is under way whose answer is still to come: at once, or in a moment. */
  whenAnswered(then: () => void): void {
    if (this.#isSent) this.#afterAnswer.push(then)
    else then()
  }

  /** Connects now rather than with the first append; rejects when the store is somebody else's alone. */
  async start(): Promise<void> {
    const client = await this.#session()
    // Rows of replicas that were killed. One that only slept so long is told that it is out of turn, and enters anew.
    await client.query(`DELETE FROM ${this.#schema}.writers WHERE seen < now() - interval '30 days' AND id <> $1`, [
      this.#writer,
    ])
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#working
    await this.#client
      ?.query(`DELETE FROM ${this.#schema}.writers WHERE id = $1`, [this.#writer])
      .catch(() => undefined)
    if (this.#client) await hangUp(this.#client)
  }

  async #work(): Promise<void> {
    // After this turn's callbacks, so that all of them share the commit.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#settle(this.#take())
    this.#working = null
  }

  /** From the front of the queue, up to the first that touches a stream of another: order is kept, streams are not mixed. */
  #take(): readonly Waiting[] {
    const streams = new Set<StreamId>()
    let events = 0
    const isEnd = ({ append }: Waiting, index: number) => {
      if (index >= mostAppends || (index > 0 && append.streams.some(({ stream }) => streams.has(stream)))) return true
      for (const { stream, events: news } of append.streams) {
        streams.add(stream)
        events += news.length
      }
      return index > 0 && events > mostEvents
    }
    const end = this.#queue.findIndex(isEnd)
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  async #settle(group: readonly Waiting[], tries = 0): Promise<void> {
    let sealed: readonly Job[] = []
    try {
      sealed = this.#seal(group, await this.#headsFor(group))
      if (sealed.length === 0) return
      this.#isSent = true
      const outcome = await this.#commit(sealed.map((job) => job.sealed)).finally(() => (this.#isSent = false))
      const again = this.#answer(sealed, outcome)
      if (again.length > 0) await this.#onceMore(again, tries)
    } catch (error) {
      if (isOfTheValue(error) && sealed.length > 1) for (const job of sealed) await this.#settle([job])
      else for (const { reject } of group) reject(this.#connections.fault(error))
    } finally {
      this.#tellAnswered()
    }
  }

  #tellAnswered(): void {
    if (this.#isSent) return
    const waiting = this.#afterAnswer
    this.#afterAnswer = []
    for (const then of waiting) then()
  }

  /** The end of a stream was not what was remembered, though its version was: the database may be another one. */
  async #onceMore(jobs: readonly Job[], tries: number): Promise<void> {
    if (tries === 0) return this.#settle(jobs, 1)
    const fault = new StoreFault('the end of a stream is not the hash of its last event: the log was changed', {
      retryable: false,
    })
    for (const { reject } of jobs) reject(fault)
  }

  #seal(group: readonly Waiting[], known: ReadonlyMap<StreamId, ChainHead>): readonly Job[] {
    // A version that is not there seals to something the database refuses, and it then says what is there.
    const headOf = (stream: StreamId, version: number) =>
      version === 0 ? emptyChain : (known.get(stream) ?? { version, hash: '' })
    return group.flatMap((waiting) => {
      try {
        return [{ ...waiting, sealed: seal(waiting.append, waiting.summary, headOf) }]
      } catch (error) {
        waiting.reject(error)
        return []
      }
    })
  }

  /** Ends of the streams at the versions that the writers saw. */
  async #headsFor(group: readonly Waiting[]): Promise<ReadonlyMap<StreamId, ChainHead>> {
    const seen = group
      .flatMap(({ append }) => append.streams)
      .filter(({ expectedVersion }) => expectedVersion > 0)
      .map(({ stream, expectedVersion }) => ({ stream, version: expectedVersion, known: this.#heads.get(stream) }))
    const known = seen.flatMap((one) => (one.known?.version === one.version ? [[one.stream, one.known] as const] : []))
    const asked = seen.filter((one) => one.known?.version !== one.version)
    if (asked.length === 0) return new Map(known)
    const rows = await this.#connections.again<{ stream: string; version: number; hash: string }>(this.#sql.headsOf, [
      asked.map(({ stream }) => keyOf(stream)),
      asked.map(({ version }) => version),
    ])
    return new Map([...known, ...rows.map(({ stream, version, hash }) => [nameOf(stream), { version, hash }] as const)])
  }

  /** Tells every writer; returns those to try once more. */
  #answer(jobs: readonly Job[], { head, stale, refused, found }: Outcome): readonly Job[] {
    const lost = new Set(refused)
    const kept = jobs.filter((_, index) => !lost.has(index))
    const count = kept.reduce((sum, { sealed }) => sum + sealed.events.length, 0)
    let position = head - count
    const added = kept.map(({ sealed }) => sealed.events.map(({ stored }) => ({ ...stored, position: ++position })))
    for (const { sealed } of kept) for (const { stream, to } of sealed.changes) this.#remember(stream, to)
    this.#options.onAppended(added.flat())
    kept.forEach(({ resolve }, index) => resolve(added[index]!))
    return jobs.filter((job, index) => {
      if (!lost.has(index)) return false
      for (const { stream } of job.sealed.changes) this.#heads.delete(stream)
      const versions = found.filter(({ append }) => append === index).map(({ version }) => version)
      const why = this.#whyRefused(job.sealed, stale.includes(index), versions)
      if (why) job.reject(why)
      return why === null
    })
  }

  #whyRefused(sealed: SealedAppend, isStale: boolean, versions: readonly number[]): Error | null {
    const { lease } = sealed.append
    if (isStale && lease) return new StaleLease(lease.stream, lease.epoch)
    return conflictOf(sealed, new Map(sealed.changes.map(({ stream }, place) => [stream, versions[place] ?? 0])))
  }

  #remember(stream: StreamId, head: ChainHead): void {
    if (this.#heads.size >= mostHeads) this.#heads.clear()
    this.#heads.set(stream, { version: head.version, hash: head.hash })
  }

  /** Sends the group until it is known to be committed or refused; never again while that is open. */
  async #commit(group: readonly SealedAppend[]): Promise<Outcome> {
    const parameters = parametersOf(group)
    for (let tries = 1; ; tries += 1) {
      const client = await this.#session()
      const number = ++this.#number
      try {
        return await this.#send(client, number, parameters)
      } catch (error) {
        const outcome = await this.#after(error, number)
        if (outcome) return outcome
        if (tries >= mostTries) throw error
      }
    }
  }

  async #send(client: Client, number: number, parameters: readonly unknown[]): Promise<Outcome> {
    const values = [this.#writer, number, channelOf(this.#connections.address.schema), ...parameters]
    const places = values.map((_, index) => `$${index + 1}`).join(', ')
    const { rows } = await client.query<{ outcome: Outcome }>({
      name: 'append-group',
      text: `SELECT ${this.#schema}.append_group(${places}) AS outcome`,
      values,
    })
    return rows[0]!.outcome
  }

  /** After a failure: the outcome if there is one; null = it certainly was not written. Rejects when nobody can say. */
  async #after(error: unknown, number: number): Promise<Outcome | null> {
    if (isTurnedAway(error) || isOutOfTurn(error)) {
      this.#number = number - 1
      if (isOutOfTurn(error)) this.#drop()
      return null
    }
    if (!leavesOpen(error)) {
      this.#number = number - 1
      throw error
    }
    this.#isOpen = true
    this.#drop()
    const client = await this.#connect().catch(() => {
      throw this.#connections.open()
    })
    return this.#outcomeOf(client, number)
  }

  /** Ready for the next group: connected, and nothing open behind it. */
  async #session(): Promise<Client> {
    const client = this.#client ?? (await this.#connect())
    if (this.#isOpen) await this.#outcomeOf(client, this.#number)
    return client
  }

  /**
   * Whether a group was committed. The row of the writer waits for a transaction that is still under way, and takes the
   * group's number away from one that is still to come: the answer is final.
   */
  async #outcomeOf(client: Client, number: number): Promise<Outcome | null> {
    try {
      const { rows } = await client.query<{ last: number; outcome: Outcome }>(
        `WITH before AS (SELECT last, outcome FROM ${this.#schema}.writers WHERE id = $1 FOR NO KEY UPDATE)
          UPDATE ${this.#schema}.writers w SET last = $2 FROM before WHERE w.id = $1 RETURNING before.last, before.outcome`,
        [this.#writer, number],
      )
      this.#isOpen = false
      const [row] = rows
      return row?.last === number ? row.outcome : null
    } catch {
      this.#drop()
      throw this.#connections.open()
    }
  }

  async #connect(): Promise<Client> {
    return this.#connections.patiently(async () => {
      const client = await this.#connections.connect({ options: sessionOptions })
      try {
        await this.#enter(client)
      } catch (error) {
        await hangUp(client)
        throw error
      }
      client.once('end', () => this.#client === client && this.#drop())
      this.#client = client
      return client
    })
  }

  async #enter(client: Client): Promise<void> {
    const take = this.#options.isExclusive ? 'pg_try_advisory_lock' : 'pg_try_advisory_lock_shared'
    const { rows } = await client.query<{ taken: boolean }>(`SELECT ${take}($1, hashtext($2)) AS taken`, [
      lockOfStores,
      this.#connections.address.schema,
    ])
    if (rows[0]?.taken !== true) throw inUse(this.#connections.address.shown, this.#options.isExclusive)
    // An open group is decided by the row as it is found; where even the row is gone, the group is gone as well.
    await client.query(
      `INSERT INTO ${this.#schema}.writers AS w (id, last) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET last = CASE WHEN $3 THEN w.last ELSE excluded.last END`,
      [this.#writer, this.#isOpen ? this.#number - 1 : this.#number, this.#isOpen],
    )
  }

  #drop(): void {
    const client = this.#client
    this.#client = null
    this.#heads.clear()
    this.#options.onLost()
    if (client) void hangUp(client)
  }
}

/** `HPST` and a running number: who has a store, shared or alone. */
const lockOfStores = 0x48505355

export function channelOf(schema: string): string {
  return `holdpoint_${schema}`
}

function inUse(where: string, isExclusive: boolean): StoreFault {
  const why = isExclusive ? 'another Holdpoint is connected to it' : 'it is being copied'
  return new StoreFault(`the store at ${where} is in use: ${why}`, { retryable: true })
}
