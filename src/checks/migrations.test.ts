/** Migrations on a real PostgreSQL: what ran, what is pending, and a rehearsal on a copy that leaves nothing behind. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { migrationsIn } from './migration-folder/folder.ts'
import { migrations } from './migrations.ts'
import { postgresPrograms, startPostgres, type TestPostgres } from './parts/postgres.fixture.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const programs = postgresPrograms()
if (programs === null && process.env['CI'] === 'true') throw new Error('PostgreSQL is needed in CI')
const sha = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

describe.skipIf(programs === null)('migrations', () => {
  let server: TestPostgres
  let root: string

  beforeAll(async () => {
    server = await startPostgres(programs ?? '')
  }, 60_000)
  afterAll(() => server?.stop())

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'holdpoint-migrations-'))
    for (const name of ['orders', 'staging']) {
      await server.query(`drop database if exists ${name} with (force)`)
      await server.query(`create database ${name}`)
    }
    return () => rmSync(root, { recursive: true })
  })

  const url = (name: string): string => server.url.replace(/postgres$/, name)
  const put = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, 'db', name)), { recursive: true })
      writeFileSync(join(root, 'db', name), text)
    }
  }
  const inEach = async (sql: string, names = ['orders', 'staging']): Promise<void> => {
    for (const name of names) await on(name, sql)
  }
  const on = async (name: string, sql: string): Promise<readonly unknown[]> => {
    const { Client } = await import('pg')
    const client = new Client({ connectionString: url(name) })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }
  const ask = (more: Record<string, unknown> = {}, expectation: string | null = null): Promise<CheckResult> =>
    runCheck(
      migrations as never,
      { on: 'orders', folder: 'db', layout: 'plain', table: 'schema_migrations', ...more },
      { root, expectation, source: (name) => ({ kind: 'postgres', config: { url: url(name) } }) as never },
    )
  const plain = async (...ran: string[]): Promise<void> => {
    await inEach('create table schema_migrations (version text); create table orders (id int, state text)')
    for (const version of ran) await inEach(`insert into schema_migrations values ('${version}')`)
  }

  test('what is pending only adds: it passes, and says how many there are', async () => {
    await plain('001')
    put({ '001_orders.sql': 'create table orders ()', '002_note.sql': 'alter table orders add note text;' })
    expect(await ask({}, 'pending == 1 && pending_names[0] == "002_note"')).toMatchObject({
      outcome: 'passed',
      say: '1 pending, 1 applied',
      facts: { pending: 1, applied: 1, without_back: ['002_note'] },
    })
    expect(await ask({ 'max-pending': 0 })).toMatchObject({
      outcome: 'failed',
      say: '1 pending, at most 0 allowed: 002_note',
    })
  })

  test('what destroys fails with its statement, what cannot be told asks, and what somebody looked at may run', async () => {
    await plain()
    put({
      '001_drop.sql': 'alter table orders drop column state;',
      '002_do.sql': 'do $$ begin perform 1; end $$',
      '002_do.down.sql': 'select 1',
    })
    const both = await ask()
    expect(both).toMatchObject({ outcome: 'failed', facts: { destructive: ['001_drop'], unknown: ['002_do'] } })
    expect(both.say).toBe('001_drop drops a column; 002_do: DO: what it does is not known here')
    expect(evidenceText(both)).toContain('alter table orders drop column state')
    expect((await ask({ accept: ['001_drop'] })).outcome).toBe('inconclusive')
    expect((await ask({ accept: ['001_drop', '002_do'] })).outcome).toBe('passed')
    expect((await ask({ destructive: 'allow' })).outcome).toBe('passed')
    expect(await ask({ accept: ['001_dorp'] })).toMatchObject({
      outcome: 'errored',
      say: 'accept names 001_dorp, and the folder has no such migration',
    })
  })

  test('a rehearsal runs there and back on the copy, takes the time of each, and leaves nothing behind', async () => {
    await plain()
    await inEach("insert into orders select n, 'open' from generate_series(1, 5000) n", ['staging'])
    put({
      '001_note.up.sql':
        "begin; alter table orders add note text default 'a;b'; create index note on orders (note); commit",
      '001_note.down.sql': 'alter table orders drop column note',
      '002_paid.sql': '-- migrate:up\ncreate table paid (id int);\n-- migrate:down\ndrop table paid;',
    })
    const result = await ask({ copy: 'staging', back: true, 'max-time': '5m' })
    expect(result.outcome).toBe('passed')
    expect(result.say).toMatch(/^2 pending, 0 applied; they ran and back again on staging \(\d+ % of the size\) in /)
    expect(evidenceText(result)).toMatch(/001_note ran in .*, back in /)
    expect(result.facts).toMatchObject({ seconds: expect.any(Number), slowest: expect.any(String) })
    const left =
      "select count(*)::int as n from information_schema.columns where column_name = 'note' or table_name = 'paid'"
    expect(await on('staging', left)).toEqual([{ n: 0 }])
    expect(await on('staging', 'select count(*)::int as n from orders')).toEqual([{ n: 5000 }])
  })

  test('one that does not run on the copy fails with the words of the server, and nothing stays', async () => {
    await plain()
    put({ '001_a.sql': 'create table a (id int)', '002_b.sql': 'alter table no_such add b int' })
    expect(await ask({ copy: 'staging' })).toMatchObject({
      outcome: 'failed',
      say: '002_b does not run forward on staging: relation "no_such" does not exist',
    })
    expect(await on('staging', "select to_regclass('a') as a")).toEqual([{ a: null }])
  })

  test('a way back that does not lead back fails and says what is left', async () => {
    await plain()
    put({
      '001_a.sql': 'create table a (id int primary key); alter table orders add note text',
      '001_a.down.sql': 'drop table a',
    })
    const result = await ask({ copy: 'staging', back: true })
    expect(result.outcome).toBe('failed')
    expect(result.say).toContain('the way back does not lead back: still there: column public.orders.note text')
    expect(await ask({ back: true })).toMatchObject({ outcome: 'passed' })
    rmSync(join(root, 'db', '001_a.down.sql'))
    expect(await ask({ back: true })).toMatchObject({ outcome: 'failed', say: 'no way back: 001_a' })
  })

  test.each([
    'commit and no chain; create table stays ()',
    'create index concurrently i on orders (id)',
    "copy orders to program 'touch /tmp/never'",
    'vacuum orders',
    'rollback',
  ])('what cannot be taken back is not rehearsed, or has no effect: %s', async (script) => {
    await plain()
    put({ '001_a.sql': script })
    const result = await ask({ copy: 'staging', destructive: 'allow' })
    if (!script.startsWith('commit')) expect([script, result.outcome]).toEqual([script, 'inconclusive'])
    expect(await on('staging', "select to_regclass('stays') as a, to_regclass('i') as b")).toEqual([
      { a: null, b: null },
    ])
  })

  test('time over its limit fails with both numbers', async () => {
    await plain()
    put({ '001_a.sql': 'select pg_sleep(0.3)' })
    const result = await ask({ copy: 'staging', accept: ['001_a'], 'max-time': '100ms' })
    expect(result).toMatchObject({ outcome: 'failed' })
    expect(result.say).toMatch(/^they took \d+(\.\d)?m?s on staging, at most 100ms allowed$/)
  })

  test('nothing is rehearsed on the database itself, nor on a copy that stands elsewhere', async () => {
    await plain()
    put({ '001_a.sql': 'create table a ()' })
    const same = await runCheck(
      migrations as never,
      { on: 'orders', folder: 'db', layout: 'plain', table: 'schema_migrations', copy: 'other' },
      { root, source: () => ({ kind: 'postgres', config: { url: url('orders') } }) as never },
    )
    expect(same).toMatchObject({ outcome: 'errored', say: 'other is the same database as orders: nothing was run' })
    await inEach("insert into schema_migrations values ('001_a.sql')", ['staging'])
    expect(await ask({ copy: 'staging' })).toMatchObject({
      outcome: 'inconclusive',
      say: 'staging is no copy of where orders stands: 0 pending there, 1 here',
    })
  })

  test('a database without the table, or one that nobody reaches, is never taken for one where all ran', async () => {
    put({ '001_a.sql': 'create table a ()' })
    expect(await ask({ 'max-pending': 9 })).toMatchObject({
      outcome: 'inconclusive',
      say: 'orders has no table schema_migrations: nobody can tell what ran there',
    })
    expect((await ask({ on: 'no_such_database' })).outcome).toBe('errored')
  })

  test('Prisma: stopped, changed and missing migrations fail, and marked as rolled back is no way back', async () => {
    const table = `create table _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, logs text,
      rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count int)`
    await inEach(table)
    const text = 'create table a ();'
    const names = ['20260101_a', '20260102_b', '20260103_c', '20260104_d']
    put(Object.fromEntries(names.map((name) => [`${name}/migration.sql`, text])))
    put({ 'migration_lock.toml': '' })
    const prisma = (): Promise<CheckResult> => ask({ layout: 'prisma', table: undefined })
    const ran = (name: string, more = "now(), null, '"): Promise<unknown> =>
      on(
        'orders',
        `insert into _prisma_migrations (migration_name, finished_at, rolled_back_at, checksum) values ('${name}', ${more}${sha('sha256', text)}')`,
      )
    await ran('20260101_a')
    expect(await prisma()).toMatchObject({ outcome: 'passed', say: '3 pending, 1 applied' })
    await ran('20260102_b', "null, now(), '")
    expect(await prisma()).toMatchObject({
      outcome: 'inconclusive',
      say: 'marked as rolled back, which reverts nothing: 20260102_b',
    })
    await ran('20260102_b', "null, null, '")
    expect(await prisma()).toMatchObject({ outcome: 'failed', say: 'stopped in the middle: 20260102_b' })
    await on('orders', "delete from _prisma_migrations where migration_name like '%b'")
    await ran('20260103_c')
    await ran('20251231_gone')
    put({ '20260101_a/migration.sql': `${text} -- later` })
    expect(await prisma()).toMatchObject({
      outcome: 'failed',
      say: 'ran and is not in the folder: 20251231_gone; changed after it ran: 20260101_a; pending behind one that ran already: 20260102_b',
    })
  })

  test('sqlx: its table says what ran, with the checksum that it keeps', async () => {
    await inEach(
      'create table _sqlx_migrations (version bigint primary key, description text, installed_on timestamptz default now(), success boolean, checksum bytea, execution_time bigint)',
    )
    put({
      '1_a.up.sql': 'create table a ()',
      '1_a.down.sql': 'drop table a',
      '20_b.sql': 'create table b ()',
      '3_c.sql': 'create table c ()',
    })
    const sqlx = (): Promise<CheckResult> => ask({ layout: 'sqlx', table: undefined })
    await on(
      'orders',
      `insert into _sqlx_migrations values (1, 'a', now(), true, '\\x${sha('sha384', 'create table a ()')}', 1)`,
    )
    expect(await sqlx()).toMatchObject({ outcome: 'passed', facts: { pending_names: ['3_c', '20_b'] } })
    await on('orders', `insert into _sqlx_migrations values (3, 'c', now(), false, '\\x00', 1)`)
    expect(await sqlx()).toMatchObject({ outcome: 'failed', say: 'stopped in the middle: 3_c' })
  })

  test('Flyway: versions, a baseline, undone ones, and repeatable ones that changed', async () => {
    await inEach(
      'create table flyway_schema_history (installed_rank int, version text, description text, type text, script text, checksum int, success boolean)',
    )
    const flyway = (): Promise<CheckResult> => ask({ layout: 'flyway', table: undefined })
    put({
      'V1__old.sql': 'create table old ()',
      'V1_2__a.sql': 'create table a ();\r\n-- ok\n',
      'V1.10__b.sql': 'create table b ()',
      'U1.10__b.sql': 'drop table b',
      'R__views.sql': 'create or replace view v as select 1',
    })
    const sums = Object.fromEntries(
      (await migrationsIn('db', 'flyway', { root, variables: {} })).map(({ name, checksum }) => [name, checksum]),
    )
    const insert = (rank: number, rest: string): Promise<unknown> =>
      on('orders', `insert into flyway_schema_history values (${rank}, ${rest}, true)`)
    await insert(1, "'1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', null")
    await insert(2, `'1.2', 'a', 'SQL', 'V1_2__a.sql', ${sums['V1_2__a']}`)
    await insert(3, `'1.10', 'b', 'SQL', 'V1.10__b.sql', ${sums['V1.10__b']}`)
    await insert(4, `null, 'views', 'SQL', 'R__views.sql', ${sums['R__views']}`)
    expect(await flyway()).toMatchObject({ outcome: 'passed', say: '0 pending, 3 applied' })
    await insert(5, "'1.10', 'b', 'UNDO_SQL', 'U1.10__b.sql', null")
    put({ 'R__views.sql': 'create or replace view v as select 2' })
    expect((await flyway()).facts).toMatchObject({ pending_names: ['V1.10__b', 'R__views'], without_back: [] })
  })

  test('Alembic: what stands before the revision of the table ran, several heads fail, Python that is not known asks', async () => {
    await inEach('create table alembic_version (version_num text primary key)')
    const alembic = (more: object = {}): Promise<CheckResult> => ask({ layout: 'alembic', table: undefined, ...more })
    const file = (revision: string, down: string, upgrade: string, downgrade = 'pass'): string =>
      `"""${revision}"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision: str = '${revision}'\ndown_revision = ${down}\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n    ${upgrade}\n\n\ndef downgrade() -> None:\n    ${downgrade}\n`
    put({
      '__init__.py': '',
      'a1_orders.py': file('a1', 'None', "op.create_table('orders', sa.Column('id', sa.Integer()))"),
      'b2_note.py': file('b2', "'a1'", "op.add_column('orders', sa.Column('note', sa.Text()))"),
      'c3_paid.py': file('c3', '"b2"', 'op.execute("create table paid (id int)")'),
    })
    await on('orders', "insert into alembic_version values ('b2')")
    expect(await alembic()).toMatchObject({ outcome: 'passed', say: '1 pending, 2 applied' })
    expect(await alembic({ back: true })).toMatchObject({ outcome: 'failed', say: 'no way back: c3_paid' })
    put({
      'd4_old.py': file('d4', "'c3'", "op.drop_table('orders')"),
      'e5_data.py': file('e5', "('d4',)", 'op.execute(sql)'),
    })
    expect(await alembic()).toMatchObject({
      outcome: 'failed',
      say: 'd4_old drops a table; e5_data: its SQL is put together when it runs',
    })
    expect((await alembic({ accept: ['d4_old'] })).outcome).toBe('inconclusive')
    put({ 'f6_fork.py': file('f6', "'b2'", 'pass') })
    const forked = await alembic({ destructive: 'allow' })
    expect(forked).toMatchObject({
      outcome: 'failed',
      say: '2 heads, which one comes last nobody says: f6_fork, e5_data',
    })
    rmSync(join(root, 'db', 'f6_fork.py'))
    await on('orders', "insert into alembic_version values ('zz')")
    expect((await alembic({ destructive: 'allow' })).say).toContain('ran and is not in the folder: zz')
    put({ 'g7_lost.py': file('g7', "'gone'", 'pass') })
    expect(await alembic()).toMatchObject({
      outcome: 'errored',
      say: 'g7_lost comes after gone, which the folder does not have',
    })
  })

  test('a folder elsewhere, or without a migration, is an error', async () => {
    await plain()
    mkdirSync(join(root, 'db'))
    expect(await ask()).toMatchObject({
      outcome: 'errored',
      say: 'db has no migration as plain names them: 003_add_note.sql or 003_add_note.up.sql',
    })
    expect(await ask({ folder: '../..' })).toMatchObject({ outcome: 'errored' })
  })
})

test('a setting that cannot work says what is expected', () => {
  const base = { on: 'orders', folder: 'db', layout: 'plain' }
  const words = (given: unknown): string => JSON.stringify(migrations.config.safeParse(given).error?.issues)
  expect(words(base)).toContain('expected table')
  expect(words({ ...base, table: 'x; drop', copy: 'orders' })).toContain('schema_migrations')
  expect(words({ ...base, table: 'x', 'max-time': '5m' })).toContain('expected copy')
  expect(words({ ...base, layout: 'alembic', copy: 'staging' })).toContain('expected no copy: Alembic runs Python')
  expect(words({ ...base, table: 'x', copy: 'orders' })).toContain('another source than orders')
})
