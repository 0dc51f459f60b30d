/** Runs migrations on a copy, times each, runs their way back, and takes everything back with one transaction. */
import { Client } from 'pg'
import type { Migration } from './folder.ts'
import { isFrame } from './danger.ts'
import { statementsOf } from './statements.ts'

export interface Rehearsed {
  /** In the order in which they ran; `back` = null where it was not run. */
  readonly ran: readonly { readonly name: string; readonly forwardMs: number; readonly backMs: number | null }[]
  /** The first that did not go, with its words. */
  readonly stopped: {
    readonly name: string
    readonly way: 'forward' | 'back'
    readonly why: string
    readonly rehearsable: boolean
  } | null
  /** What stands otherwise after the way there and back: one line for each thing of the schema. */
  readonly left: readonly string[]
}

export interface Rehearsal {
  readonly url: string
  readonly migrations: readonly Migration[]
  readonly back: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Who answers, and how many bytes it holds: two addresses with the same first column are one database. */
export const identityQuery = `select concat_ws(' ', (select system_identifier from pg_control_system()),
  extract(epoch from pg_postmaster_start_time()), current_database()), pg_database_size(current_database())`

/** Everything of a schema that a way back has to leave as it was. */
const schemaQuery = `
select format('column %s.%s.%s %s %s %s', table_schema, table_name, column_name, udt_name, is_nullable, column_default)
  from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema') and table_schema not like 'pg\\_%'
union all select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(c.oid))
  from pg_constraint c join pg_namespace n on n.oid = connamespace where nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
union all select format('index %s', indexdef) from pg_indexes where schemaname not in ('pg_catalog', 'pg_toast')
union all select format('function %s %s', p.oid::regprocedure, md5(prosrc))
  from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname not in ('pg_catalog', 'information_schema')
union all select format('trigger %s on %s', tgname, tgrelid::regclass) from pg_trigger where not tgisinternal
union all select format('type %s %s', t.oid::regtype, coalesce((select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid), ''))
  from pg_type t join pg_namespace n on n.oid = typnamespace where nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and typtype in ('e', 'd')
union all select format('view %s %s', c.oid::regclass, md5(pg_get_viewdef(c.oid))) from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('v', 'm') and nspname not in ('pg_catalog', 'information_schema')
order by 1`

/** Throws what the driver throws when the copy cannot be asked at all. Nothing of it stays, however it ends. */
export async function rehearse(rehearsal: Rehearsal): Promise<Rehearsed> {
  const client = new Client({ connectionString: rehearsal.url, application_name: 'holdpoint rehearsal' })
  client.on('error', () => {})
  const leave = (): void => void client.end().catch(() => {})
  rehearsal.signal.addEventListener('abort', leave, { once: true })
  try {
    await client.connect()
    await client.query('begin')
    await client.query(`set local statement_timeout = ${Math.max(1, Math.floor(rehearsal.timeoutMs))}`)
    await client.query('set local lock_timeout = 5000')
    const started = await transactionOf(client)
    const told = await thereAndBack(client, rehearsal)
    if (told.stopped === null && (await transactionOf(client)) !== started)
      throw new Error('a migration ended the transaction of the rehearsal: look at the copy, it may be changed')
    await client.query('rollback')
    return told
  } finally {
    rehearsal.signal.removeEventListener('abort', leave)
    await client.end().catch(() => {})
  }
}

async function transactionOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id')
  return rows[0]?.id ?? ''
}

async function schemaOf(client: Client): Promise<readonly string[]> {
  // A migration may have set the path, which decides how names are written.
  const path = await client.query<{ path: string }>("select current_setting('search_path') as path")
  await client.query("select set_config('search_path', '', true)")
  const { rows } = await client.query<unknown[]>({ text: schemaQuery, rowMode: 'array' })
  await client.query("select set_config('search_path', $1, true)", [path.rows[0]?.path])
  return rows.map(([line]) => String(line))
}

async function thereAndBack(client: Client, { migrations, back }: Rehearsal): Promise<Rehearsed> {
  const before = await schemaOf(client)
  const times = new Map<string, { forwardMs: number; backMs: number | null }>()
  const ran = (): Rehearsed['ran'] => [...times].map(([name, each]) => ({ name, ...each }))
  for (const { name, script } of migrations) {
    const done = await timed(client, script)
    if ('why' in done) return { ran: ran(), stopped: { name, way: 'forward', ...done }, left: [] }
    times.set(name, { forwardMs: done.ms, backMs: null })
  }
  if (!back) return { ran: ran(), stopped: null, left: [] }
  for (const { name, back: script } of migrations.toReversed()) {
    const done = await timed(client, script ?? '')
    if ('why' in done) return { ran: ran(), stopped: { name, way: 'back', ...done }, left: [] }
    times.set(name, { forwardMs: times.get(name)?.forwardMs ?? 0, backMs: done.ms })
  }
  const after = await schemaOf(client)
  const left = [
    ...before.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `still there: ${line}`),
  ]
  return { ran: ran(), stopped: null, left }
}

type Timed = { readonly ms: number } | { readonly why: string; readonly rehearsable: boolean }

async function timed(client: Client, script: string): Promise<Timed> {
  const started = performance.now()
  for (const statement of statementsOf(script)) {
    if (isFrame(statement)) continue
    const cannot = whyNotHere(statement.words, statement.unread)
    if (cannot !== null) return { why: cannot, rehearsable: false }
    try {
      // With a name the server takes one statement and no second one behind it.
      await client.query({ name: `holdpoint-${(number += 1)}`, text: statement.text })
    } catch (fault) {
      const { code, message } = fault as { code?: string; message: string }
      // 25001: it cannot run inside of a transaction.
      return { why: message, rehearsable: code !== '25001' }
    }
  }
  return { ms: performance.now() - started }
}

let number = 0

/** What would end the transaction that takes everything back, or reach out of the database. */
function whyNotHere(words: readonly string[], unread: string | null): string | null {
  if (unread !== null) return unread
  const first = words[0] ?? ''
  if (['rollback', 'abort', 'prepare', 'savepoint', 'release', 'copy', 'load'].includes(first))
    return `${first.toUpperCase()} cannot be rehearsed in a transaction that is taken back`
  return words.includes('concurrently') ? 'CONCURRENTLY cannot run inside of a transaction' : null
}
