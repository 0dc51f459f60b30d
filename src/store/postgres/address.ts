/** Where a PostgreSQL store is: the connection and the schema, read from `postgres://…?schema=…`. */
import { StoreFault } from '../../core/ports/store.ts'

export interface PostgresAddress {
  /** For the library; holds the password and is never shown. */
  readonly connectionString: string
  /** Plain name of the schema: it needs no quotes anywhere. */
  readonly schema: string
  /** Host, port and database: what people are told. */
  readonly shown: string
}

const defaultSchema = 'holdpoint'
const example = 'postgres://holdpoint@db.example.com/holdpoint?schema=holdpoint'

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text)
}

export function readAddress(text: string): PostgresAddress {
  const url = isPostgresUrl(text) && URL.canParse(text) ? new URL(text) : null
  // The text may hold a password: it is not repeated.
  if (!url) throw wrong('the database address is not a PostgreSQL URL')
  const schema = url.searchParams.get('schema') ?? defaultSchema
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema) || schema.startsWith('pg_'))
    throw wrong(
      `the schema in the database address is ${JSON.stringify(schema)}, expected lower-case letters, digits and _, at most 48`,
    )
  url.searchParams.delete('schema')
  const host = url.searchParams.get('host') ?? (url.host || 'localhost')
  return { connectionString: url.href, schema, shown: `${host}${url.pathname || '/'} (schema ${schema})` }
}

function wrong(what: string): StoreFault {
  return new StoreFault(`${what}; for example ${example}`, { retryable: false })
}
