/** Many writers, one transaction: everything asked for in one turn of the event loop becomes durable with one fsync. */
import type { DatabaseSync } from 'node:sqlite'
import { StaleLease, StoreFault, VersionConflict } from '../core/ports/store.ts'
import { closedFault } from './limits.ts'

interface Waiting {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (why: unknown) => void
}

type Settled = () => void

export class GroupCommit {
  readonly #database: DatabaseSync
  #waiting: Waiting[] = []
  #isPlanned = false
  #refusal: StoreFault | null = null

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Runs `work` inside the next transaction and resolves after its COMMIT. */
  write<T>(work: () => T): Promise<T> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.push({ work, resolve, reject })
    if (!this.#isPlanned) {
      this.#isPlanned = true
      // After this turn's callbacks, so that all of them share the transaction.
      setImmediate(() => this.flush())
    }
    return promise as Promise<T>
  }

  /** Reads see only what is committed: between transactions the connection holds nothing else. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    try {
      return Promise.resolve(work())
    } catch (cause) {
      return Promise.reject(this.#faultOf(cause))
    }
  }

  flush(): void {
    this.#isPlanned = false
    const group = this.#waiting
    this.#waiting = []
    if (group.length === 0) return
    let settled: readonly Settled[]
    try {
      settled = this.#commit(group)
    } catch (cause) {
      const fault = this.#faultOf(cause)
      settled = group.map(
        ({ reject }) =>
          () =>
            reject(fault),
      )
    }
    for (const settle of settled) settle()
  }

  close(): void {
    this.flush()
    this.#refusal ??= closedFault()
  }

  #commit(group: readonly Waiting[]): readonly Settled[] {
    if (this.#refusal) throw this.#refusal
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const [first, ...others] = group
      const settled =
        first && others.length === 0 ? [this.#alone(first)] : group.map((waiting) => this.#inSavepoint(waiting))
      // One that was alone and failed has taken the whole transaction back.
      if (this.#database.isTransaction) this.#database.exec('COMMIT')
      return settled
    } catch (cause) {
      this.#rollBack()
      throw cause
    }
  }

  /** A savepoint keeps a copy of every page that is changed: with nobody else to protect, the transaction is enough. */
  #alone(waiting: Waiting): Settled {
    return this.#settle(waiting, () => this.#database.exec('ROLLBACK'))
  }

  /** A conflict of one writer is that writer's alone. */
  #inSavepoint(waiting: Waiting): Settled {
    this.#database.exec('SAVEPOINT one')
    const settled = this.#settle(waiting, () => this.#database.exec('ROLLBACK TO one'))
    this.#database.exec('RELEASE one')
    return settled
  }

  /** Anything SQLite itself says ends the whole group. */
  #settle({ work, resolve, reject }: Waiting, takeBack: () => void): Settled {
    try {
      const value = work()
      return () => resolve(value)
    } catch (cause) {
      if (isSqlite(cause) && !isOfTheValue(cause)) throw cause
      takeBack()
      return () => reject(cause)
    }
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch (cause) {
      this.#faultOf(cause)
    }
  }

  /**
   * Disk full and a busy file pass. After anything else nobody knows what reached the disk: a second fsync may
   * succeed without having written what the first one lost, so nothing more is read or written until reopened.
   */
  #faultOf(cause: unknown): unknown {
    if (
      cause instanceof StoreFault ||
      cause instanceof VersionConflict ||
      cause instanceof StaleLease ||
      !isSqlite(cause)
    )
      return cause
    const code = primaryCode(cause)
    if (code === sqliteFull)
      return new StoreFault('the disk is full: nothing was recorded', { retryable: true, isFull: true, cause })
    if (code === sqliteBusy)
      return new StoreFault('the database is locked by another program: nothing was recorded', {
        retryable: true,
        cause,
      })
    this.#refusal ??= new StoreFault(
      `the store failed and refuses everything until it is reopened: ${(cause as Error).message}`,
      { retryable: false, cause },
    )
    return this.#refusal
  }
}

const sqliteBusy = 5
const sqliteFull = 13
/** Too big, a broken constraint, a wrong type: the value's fault, not the disk's. */
const ofTheValue = new Set([18, 19, 20])

function isSqlite(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SQLITE_ERROR'
}

function isOfTheValue(error: unknown): boolean {
  return ofTheValue.has(primaryCode(error))
}

function primaryCode(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff
}
