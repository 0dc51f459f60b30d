/** Brings a schema on PostgreSQL to a number, forward or back; of several programs that start at once one does it. */
import type { ClientBase } from 'pg'
import { StoreFault } from '../../../core/ports/store.ts'
import { assert } from '../../../core/units.ts'
import { postgresMigrations } from './index.ts'

/** `HPST` and a running number, as the key of the advisory lock under which a schema changes. */
const lockOfMigrators = [0x48505354, 1] as const

/** `name` is the plain name of the schema: lower-case letters, digits and underscores. */
export async function migratePostgres(
  client: ClientBase,
  name: string,
  target = postgresMigrations.length,
  known = postgresMigrations,
): Promise<void> {
  known.forEach(({ number }, index) =>
    assert(number === index + 1, `schema step ${number} stands at place ${index + 1}`),
  )
  // Whoever has nothing to change needs neither the lock nor the right to create anything.
  if ((await refuseNewer(client, name, known.length)) === target) return
  await client.query('BEGIN')
  try {
    await client.query(`SELECT pg_advisory_xact_lock($1, $2)`, [...lockOfMigrators])
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${name}"`)
    const from = await refuseNewer(client, name, known.length)
    if (from === 0) await client.query(`CREATE TABLE IF NOT EXISTS "${name}".schema_number (number integer NOT NULL)`)
    for (let at = from; at < target; at++) await client.query(known[at]!.up(`"${name}"`))
    for (let at = from; at > target; at--) await client.query(known[at - 1]!.down(`"${name}"`))
    await client.query(`DELETE FROM "${name}".schema_number`)
    await client.query(`INSERT INTO "${name}".schema_number (number) VALUES ($1)`, [target])
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw cause
  }
}

/** The number of a schema; 0 where there is none. A schema that holds anything else is refused. */
export async function schemaNumber(client: ClientBase, name: string): Promise<number> {
  const { rows } = await client.query<{ marked: boolean; tables: number }>(
    `SELECT to_regclass($1) IS NOT NULL AS marked,
      (SELECT count(*)::integer FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2) AS tables`,
    [`"${name}".schema_number`, name],
  )
  if (rows[0]?.marked !== true) {
    if (rows[0]?.tables === 0) return 0
    throw new StoreFault(
      `the schema ${name} of this database holds tables, but not those of Holdpoint: name another one, for example ?schema=holdpoint`,
      { retryable: false },
    )
  }
  const found = await client.query<{ number: number }>(`SELECT number FROM "${name}".schema_number`)
  return found.rows[0]?.number ?? 0
}

async function refuseNewer(client: ClientBase, name: string, known: number): Promise<number> {
  const found = await schemaNumber(client, name)
  if (found <= known) return found
  throw new StoreFault(
    `this store has schema ${found}, and this program knows schemas up to ${known}: use the Holdpoint that wrote it, or a newer one`,
    { retryable: false },
  )
}
