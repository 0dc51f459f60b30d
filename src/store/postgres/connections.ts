/** Connections to one database: how they are set up, and reads that outlive a lost one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Pool, types } from 'pg'
import type { ClientConfig, QueryResultRow } from 'pg'
import { StoreFault } from '../../core/ports/store.ts'
import { closedFault } from '../limits.ts'
import type { PostgresAddress } from './address.ts'
import { faultOf, isLost, isTurnedAway, leavesOpen } from './faults.ts'

/** How long a restarting database is waited for before the caller is told. */
const patienceMs = 5_000
const statementTimeoutMs = 30_000
/** How long a farewell may take. */
const endMs = 2_000
const pausesMs = [20, 50, 100, 250, 500]

const int8 = 20

/** Parsed and planned once per connection under its name. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export class Connections {
  readonly address: PostgresAddress
  readonly #pool: Pool
  readonly #config: ClientConfig
  #isClosed = false

  constructor(address: PostgresAddress, connections: number) {
    this.address = address
    this.#config = {
      connectionString: address.connectionString,
      application_name: 'holdpoint',
      keepAlive: true,
      connectionTimeoutMillis: patienceMs,
      statement_timeout: statementTimeoutMs,
      // Beyond the server's own limit: then nobody is there any more.
      query_timeout: statementTimeoutMs + 5_000,
      types: { getTypeParser: (id: number, format?: 'text' | 'binary') => parserOf(id, format) } as never,
    }
    this.#pool = new Pool({ ...this.#config, max: connections, idleTimeoutMillis: 60_000, allowExitOnIdle: true })
    // An idle connection that breaks is replaced by the next request; without a listener it would end the process.
    this.#pool.on('error', () => undefined)
    // The same for one that breaks between an answer and its way back to the pool: then nobody of the pool listens.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** A connection of its own, not from the pool. The caller ends it with `hangUp`. */
  async connect(more: Pick<ClientConfig, 'options' | 'statement_timeout' | 'query_timeout'> = {}): Promise<Client> {
    const client = new Client({ ...this.#config, ...more })
    client.on('error', () => undefined)
    await client.connect()
    // An acknowledged write is on the disk, whatever the server's default says.
    await client.query(
      `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
    )
    return client
  }

  /** A statement that may safely happen twice: a read, or a write that is idempotent by its key. */
  async again<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return this.patiently(async () => (await this.#pool.query<Row>({ ...statement, values: [...values] })).rows)
  }

  /** A statement whose outcome stays open when the connection breaks: the caller is told so, and nothing is repeated. */
  async once<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    this.refuseClosed()
    const client = await this.patiently(() => this.#pool.connect())
    try {
      const { rows } = await client.query<Row>({ ...statement, values: [...values] })
      client.release()
      return rows
    } catch (error) {
      client.release(true)
      throw leavesOpen(error) ? this.open() : this.fault(error)
    }
  }

  /** Tries again while the connection is what fails, for a bounded time. */
  async patiently<T>(act: () => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + patienceMs
    for (let tries = 0; ; tries += 1) {
      this.refuseClosed()
      try {
        return await act()
      } catch (error) {
        if (!(isLost(error) || isTurnedAway(error)) || performance.now() > giveUpAt) throw this.fault(error)
        await sleep(pausesMs[Math.min(tries, pausesMs.length - 1)])
      }
    }
  }

  fault(error: unknown): Error {
    return this.#isClosed && !(error instanceof StoreFault) ? closedFault() : faultOf(error, this.address.shown)
  }

  /** Nobody can say whether it happened. */
  open(): StoreFault {
    return new StoreFault(
      `the connection to the database at ${this.address.shown} broke: whether this was recorded is not known, read again`,
      { retryable: true, where: this.address.shown },
    )
  }

  refuseClosed(): void {
    if (this.#isClosed) throw closedFault()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await atMost(endMs, this.#pool.end())
  }
}

/** Ends a connection in order; one that does not answer is not waited for. */
export async function hangUp(client: Client): Promise<void> {
  await atMost(
    endMs,
    client.end().catch(() => undefined),
  )
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const enough = new AbortController()
  await Promise.race([work, sleep(ms, undefined, { signal: enough.signal, ref: false }).catch(() => undefined)])
  enough.abort()
}

/** Positions, versions and epochs stay below 2^53: a store with a million events a second would last 285 years. */
function parserOf(id: number, format?: 'text' | 'binary'): (text: string) => unknown {
  return id === int8 ? Number : (types.getTypeParser(id, format as 'text') as (text: string) => unknown)
}
