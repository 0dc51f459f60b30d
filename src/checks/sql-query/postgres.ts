/** Asks PostgreSQL one query inside a read-only transaction that is always rolled back. */
import { Client, Query, types as pgTypes, type QueryArrayConfig } from 'pg'
import { rowCap, type Rows } from './rows.ts'
import type { Statement } from './statement.ts'

const int8 = 20
const numeric = 1700
const dates = new Set([1082, 1114, 1184])

/** Throws what the driver throws; the address with its password is in none of our own messages. */
export async function askPostgres(
  url: string,
  statement: Statement,
  values: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Rows> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'holdpoint',
    types: { getTypeParser: parserOf as typeof pgTypes.getTypeParser },
  })
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => {})
  const leave = (): void => void client.end().catch(() => {})
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([transact(client, statement, values, timeoutMs), whenAborted(signal)])
  } finally {
    signal.removeEventListener('abort', leave)
    await Promise.race([client.end().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1_000).unref())])
  }
}

async function transact(
  client: Client,
  statement: Statement,
  values: readonly string[],
  timeoutMs: number,
): Promise<Rows> {
  await client.connect().catch((fault: unknown) => {
    throw isWithoutPassword(fault)
      ? new Error('it asks for a password, and the url has none: {{ secret.NAME }}')
      : fault
  })
  await client.query('BEGIN READ ONLY')
  await client.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.floor(timeoutMs))}`)
  await client.query('SET LOCAL lock_timeout = 5000')
  const rows = await readRows(client, statement, values)
  // An answer that is too long is still arriving; hanging up ends it and its transaction.
  if (!rows.more) await client.query('ROLLBACK')
  return rows
}

/** The driver says it in the words of a protocol. */
function isWithoutPassword(fault: unknown): boolean {
  return fault instanceof Error && fault.message.includes('client password must be a string')
}

/** Keeps `rowCap` rows and then hangs up: an answer of any size costs the same memory. `name` asks for the protocol that carries one statement only. */
function readRows(client: Client, statement: Statement, values: readonly string[]): Promise<Rows> {
  return new Promise((resolve, reject) => {
    const rows: unknown[][] = []
    let columns: readonly string[] = []
    const settings: QueryArrayConfig = {
      name: 'holdpoint-check',
      text: statement.text,
      values: [...values],
      rowMode: 'array',
    }
    const query = new Query<unknown[], unknown[]>(settings)
    query.on('row', (row, result) => {
      columns = result?.fields.map((field) => field.name) ?? columns
      if (rows.length < rowCap) rows.push(row)
      else resolve({ columns, rows, more: true })
    })
    query.on('end', (result) => resolve({ columns: result.fields.map((field) => field.name), rows, more: false }))
    query.on('error', reject)
    client.query(query)
  })
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error('the database did not answer in time'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Integers and decimals as numbers where a number holds them exactly enough; dates stay as the server writes them. */
function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary' && oid === int8) return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)
  if (format !== 'binary' && oid === numeric) return Number
  if (format !== 'binary' && dates.has(oid)) return (text) => text
  return pgTypes.getTypeParser(oid, format as 'text') as (text: string) => unknown
}
