/** Backup, restore and check of a store, for the command line. */
import { programVersion } from '../config/version.ts'
import { checkStore, type StoreReport } from '../store/check.ts'
import { isThere, openStore, shownStore } from '../store/open.ts'
import { isPostgresUrl } from '../store/postgres/address.ts'
import { backUp, BackupRefused, backUpToFile, restore, type Told, type ToldFile } from '../store/sqlite-backup.ts'
import { readSqliteStore } from '../store/sqlite-reader.ts'

export { BackupRefused }

/** Into a folder, or into one file. */
export async function backUpStore(
  home: string,
  database: string | null,
  to: { readonly folder: string } | { readonly file: string },
): Promise<Told | ToldFile> {
  if (database !== null)
    throw new BackupRefused(
      'A store on PostgreSQL is backed up with its own tools, such as pg_dump or continuous archiving; see docs/operations.md',
    )
  const made = { at: new Date(), version: programVersion() }
  return 'file' in to ? backUpToFile(home, to.file, made) : backUp(home, to.folder, made)
}

export function restoreStore(from: string, home: string): Promise<Told> {
  return restore(from, home)
}

/** Beside whoever uses the store; it is only read. */
export async function checkStoreAt(
  where: string,
  tell: (what: string, done: number) => void,
): Promise<StoreReport & { readonly store: string }> {
  if (!isThere(where)) throw new BackupRefused(`there is no store in ${shownStore(where)}`)
  const store = isPostgresUrl(where) ? await openStore(where, { now: Date.now() }) : readSqliteStore(directoryOf(where))
  try {
    return { store: shownStore(where), ...(await checkStore(store, tell)) }
  } finally {
    await store.close()
  }
}

function directoryOf(where: string): string {
  return where.replace(/^sqlite:/, '')
}
