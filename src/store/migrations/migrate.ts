/** Brings a database to a schema number, forward or back, one transaction per step. */
import type { DatabaseSync } from 'node:sqlite'
import { StoreFault } from '../../core/ports/store.ts'
import { assert } from '../../core/units.ts'
import { migrations } from './index.ts'
import type { Migration } from './migration.ts'

/** `HPST`: tells a Holdpoint store from any other SQLite file. */
const applicationId = 0x48505354

export function migrate(database: DatabaseSync, target = migrations.length, known = migrations): void {
  known.forEach(({ number }, index) =>
    assert(number === index + 1, `schema step ${number} stands at place ${index + 1}`),
  )
  refuseForeign(database)
  refuseNewer(database, known.length)
  for (let from = schemaOf(database); from < target; from++) step(database, known[from]!, 'up')
  for (let from = schemaOf(database); from > target; from--) step(database, known[from - 1]!, 'down')
}

export function schemaOf(database: DatabaseSync): number {
  return numberOf(database, 'user_version')
}

function step(database: DatabaseSync, migration: Migration, direction: 'up' | 'down'): void {
  const reached = direction === 'up' ? migration.number : migration.number - 1
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(migration[direction])
    // Both numbers live in the file's header and are part of the transaction.
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${reached}`)
    database.exec('COMMIT')
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw new StoreFault(`schema step ${migration.number} (${direction}) failed; the store is as it was`, {
      retryable: false,
      cause,
    })
  }
}

function refuseForeign(database: DatabaseSync): void {
  const isNew = numberOf(database, 'schema_version') === 0
  if (isNew || numberOf(database, 'application_id') === applicationId) return
  throw new StoreFault('this file is an SQLite database, but not a Holdpoint store', { retryable: false })
}

function refuseNewer(database: DatabaseSync, known: number): void {
  const found = schemaOf(database)
  if (found <= known) return
  throw new StoreFault(
    `this store has schema ${found}, and this program knows schemas up to ${known}: use the Holdpoint that wrote it, or a newer one`,
    {
      retryable: false,
    },
  )
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma])
}
