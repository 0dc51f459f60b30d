/** Hints that the log has grown: notifications of the database, and a look every second as the truth. */
import type { Client } from 'pg'
import { Waiters } from '../waiters.ts'
import { channelOf } from './append-lane.ts'
import { hangUp } from './connections.ts'
import type { Connections } from './connections.ts'

const lookEveryMs = 1_000

export class Changes {
  readonly #connections: Connections
  readonly #readHead: () => Promise<number>
  readonly #whenAnswered: (then: () => void) => void
  readonly #waiters = new Waiters()
  #waiting = 0
  #known = 0
  #listener: Client | null = null
  #isConnecting = false
  /** The database tells of every change since the head was last read. */
  #isTold = false
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  /** `whenAnswered`: of what this process appends itself it hears by the answer, and need not read it back. */
  constructor(connections: Connections, readHead: () => Promise<number>, whenAnswered: (then: () => void) => void) {
    this.#connections = connections
    this.#readHead = readHead
    this.#whenAnswered = whenAnswered
  }

  async wait(position: number, signal: AbortSignal): Promise<void> {
    const woken = this.#waiters.wait(position, this.#known, signal)
    this.#waiting += 1
    // Whatever grew before anybody listened is seen by a look; from then on it is told.
    if (this.#isTold) this.#lookLater()
    else void this.#look()
    try {
      await woken
    } finally {
      this.#waiting -= 1
    }
  }

  /** Whether something newer is known of. */
  isBeyond(position: number): boolean {
    return this.#known > position
  }

  /** The newest position that this process has seen. */
  saw(head: number): void {
    if (head > this.#known) this.#known = head
    this.#waiters.wake(this.#known)
  }

  /** Positions known so far may be those of another database. */
  forget(): void {
    this.#known = 0
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#waiters.wake(Infinity)
    if (this.#listener) await hangUp(this.#listener)
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return
    void this.#listen()
    this.#lookLater()
    try {
      this.saw(await this.#readHead())
    } catch {
      // The next look comes by itself.
    }
  }

  /** Only while somebody waits: an idle store asks nothing. */
  #lookLater(): void {
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#waiting > 0) void this.#look()
    }, lookEveryMs)
    this.#timer.unref()
  }

  async #listen(): Promise<void> {
    if (this.#listener || this.#isConnecting) return
    this.#isConnecting = true
    try {
      const client = await this.#connections.connect()
      client.on('notification', ({ payload }) => this.#whenAnswered(() => this.saw(Number(payload) || 0)))
      client.once('end', () => {
        if (this.#listener !== client) return
        this.#listener = null
        this.#isTold = false
      })
      this.#listener = client
      await client.query(`LISTEN ${channelOf(this.#connections.address.schema)}`)
      this.saw(await this.#readHead())
      this.#isTold = this.#listener === client
      if (this.#isClosed) await hangUp(client)
    } catch {
      this.#listener = null
    } finally {
      this.#isConnecting = false
    }
  }
}
