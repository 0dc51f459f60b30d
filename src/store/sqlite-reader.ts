/** Reads an embedded store beside the process that owns it: committed events and evidence, nothing is ever written. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storedFromBody } from '../core/log/chain.ts'
import { StoreFault } from '../core/ports/store.ts'
import type { Store } from '../core/ports/store.ts'
import { EvidenceFiles, sound } from './evidence-files.ts'
import { evidenceCapBytes } from './limits.ts'

/** What a check of a store needs of it. */
export type Readable = Pick<Store, 'tail' | 'evidenceHashes' | 'getEvidence' | 'close'>

export const DATABASE_FILE = 'holdpoint.sqlite'
export const EVIDENCE_FOLDER = 'evidence'

/** Throws StoreFault when there is no store, or its file is damaged. */
export function readSqliteStore(directory: string): Readable {
  const file = join(resolve(directory), DATABASE_FILE)
  if (!existsSync(file)) throw new StoreFault(`there is no store in ${directory}`, { retryable: false })
  const database = openForReading(file)
  const files = new EvidenceFiles(join(resolve(directory), EVIDENCE_FOLDER), evidenceCapBytes)
  const events = database.prepare(
    'SELECT position, previous_hash, hash, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
  )
  const names = database.prepare('SELECT sha256 FROM small_evidence WHERE sha256 > ? ORDER BY sha256 LIMIT ?')
  const bytesOf = database.prepare('SELECT bytes FROM small_evidence WHERE sha256 = ?')
  return {
    tail: async (after, limit) =>
      events.all(after, limit).map((row) => ({
        ...storedFromBody(row['body'] as string, row['previous_hash'] as string, row['hash'] as string),
        position: row['position'] as number,
      })),
    evidenceHashes: async (after, limit) => {
      const small = names.all(after, limit).map((row) => row['sha256'] as string)
      const all = new Set([...small, ...(await files.names(after, limit))])
      return [...all].toSorted().slice(0, limit)
    },
    getEvidence: async (sha256) => {
      const row = bytesOf.get(sha256)
      return row === undefined ? files.get(sha256) : sound(sha256, row['bytes'] as Uint8Array)
    },
    close: async () => database.close(),
  }
}

export function openForReading(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
    // Also says no to a store that an older program made: the next start of the engine brings it up to date.
    database.prepare('SELECT count(*) FROM small_evidence').get()
    return database
  } catch (cause) {
    throw new StoreFault(`${file} cannot be read: ${cause instanceof Error ? cause.message : 'no reason given'}`, {
      retryable: false,
      cause,
    })
  }
}
