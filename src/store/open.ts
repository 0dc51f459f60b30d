/** Opens the store that an address names: `postgres://…`, or the directory of an embedded one, plain or as `sqlite:DIR`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StoreFault } from '../core/ports/store.ts'
import type { Store } from '../core/ports/store.ts'
import type { Instant } from '../core/units.ts'
import { unfinishedCopyOf } from './copy-mark.ts'
import { isPostgresUrl, readAddress } from './postgres/address.ts'

export interface OpenStoreOptions {
  /** When this process took the store. */
  readonly now: Instant
  /** Nobody else may have the store while it is open, and it may be half a copy. An embedded one has one owner anyway. */
  readonly isForCopy?: boolean
}

/** Rejects with a StoreFault: in use, not to be reached, of a newer program, half copied. */
export async function openStore(where: string, options: OpenStoreOptions): Promise<Store> {
  const store = await openAny(where, options)
  const half = options.isForCopy === true ? null : await unfinishedCopyOf(store)
  if (half === null) return store
  await store.close()
  throw new StoreFault(
    `the store at ${shownStore(where)} is an unfinished copy of ${half}: give holdpoint store copy again, and it goes on`,
    { retryable: false },
  )
}

/** Neither library is loaded without need. */
async function openAny(where: string, options: OpenStoreOptions): Promise<Store> {
  if (isPostgresUrl(where)) {
    const { openPostgresStore } = await import('./postgres.ts')
    return openPostgresStore({ url: where, isExclusive: options.isForCopy ?? false })
  }
  const { openSqliteStore } = await import('./sqlite.ts')
  return openSqliteStore({ directory: directoryOf(where), now: options.now })
}

/** The address as people may see it: without a password. */
export function shownStore(where: string): string {
  return isPostgresUrl(where) ? readAddress(where).shown : directoryOf(where)
}

/** Whether there is an embedded store in a directory; opening one makes it. */
export function isThere(where: string): boolean {
  return isPostgresUrl(where) || existsSync(join(directoryOf(where), 'holdpoint.sqlite'))
}

function directoryOf(where: string): string {
  return where.replace(/^sqlite:/, '')
}
