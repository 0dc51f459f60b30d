/** Opens the store that an address names: `postgres://…`, or the directory of an embedded one. */
import type { Store } from '../core/ports/store.ts'
import type { Instant } from '../core/units.ts'
import { isPostgresUrl, readAddress } from './postgres/address.ts'

export interface OpenStoreOptions {
  /** When this process took the store. */
  readonly now: Instant
  /** Nobody else may have the store while it is open; an embedded one has one owner in any case. */
  readonly isExclusive?: boolean
}

/** Rejects with a StoreFault: in use, not to be reached, of a newer program. Neither library is loaded without need. */
export async function openStore(where: string, options: OpenStoreOptions): Promise<Store> {
  if (isPostgresUrl(where)) {
    const { openPostgresStore } = await import('./postgres.ts')
    return openPostgresStore({ url: where, isExclusive: options.isExclusive ?? false })
  }
  const { openSqliteStore } = await import('./sqlite.ts')
  return openSqliteStore({ directory: where, now: options.now })
}

/** The address as people may see it: without a password. */
export function shownStore(where: string): string {
  return isPostgresUrl(where) ? readAddress(where).shown : where
}
