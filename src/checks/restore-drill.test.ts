/** Restore drills on a real PostgreSQL: real dumps of one cluster, restored into a throw-away database of another. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type PostgresCluster, postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { script } from './restore-drill/script.ts'
import { restoreDrill } from './restore-drill.ts'

const programs = postgresPrograms()
const HOUR_S = 3600

describe.skipIf(programs === null)('a restore drill', () => {
  let shop: PostgresCluster
  let scratch: PostgresCluster
  let folder: string
  /** One good dump, made once and copied. */
  let whole: string

  beforeAll(async () => {
    ;[shop, scratch] = await Promise.all([startCluster(programs ?? ''), startCluster(programs ?? '')])
    await shop.query('create database shop')
    const url = `postgres://holdpoint@127.0.0.1:${shop.port}/shop`
    const rows =
      "create table orders (id int primary key, placed_at timestamptz not null); insert into orders select n, now() - interval '2 hours' - n * interval '1 minute' from generate_series(0, 1199) n"
    execFileSync('psql', ['-q', '-d', url, '-c', rows])
    whole = join(mkdtempSync(join(tmpdir(), 'holdpoint-whole-')), 'shop.dump')
    execFileSync('pg_dump', ['-Fc', '-f', whole, url])
    execFileSync('pg_dump', ['-Fp', '-f', `${whole}.sql`, url])
  }, 60_000)

  afterAll(async () => {
    await Promise.all([shop?.dispose(), scratch?.dispose()])
    if (whole) rmSync(join(whole, '..'), { recursive: true })
  })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdpoint-dumps-'))
    return () => rmSync(folder, { recursive: true })
  })

  /** A dump that was completed so many seconds ago. */
  const put = (name: string, ageS: number, from = whole): string => {
    const file = join(folder, name)
    copyFileSync(from, file)
    age(file, ageS)
    return file
  }
  const age = (file: string, ageS: number): void => utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS)

  const drill = (more: Record<string, unknown> = {}): Promise<CheckResult> =>
    runCheck(restoreDrill as never, {
      dumps: join(folder, '*'),
      server: `postgres://holdpoint@127.0.0.1:${scratch.port}/postgres`,
      production: `127.0.0.1:${shop.port}`,
      tables: { orders: '>= 1200' },
      newest: 'orders.placed_at',
      ...more,
    })
  const databases = async (): Promise<readonly string[]> =>
    (await scratch.query<{ datname: string }>('select datname from pg_database where not datistemplate')).map(
      ({ datname }) => datname,
    )

  test('restores the newest dump, verifies it, measures both times and each step, and leaves nothing behind', async () => {
    put('shop-1.dump', 3 * HOUR_S)
    const result = await drill({ 'max-recovery': '10m', 'max-data-age': '24h' })
    expect(result.say).toMatch(/^shop-1\.dump restored and verified in .*, its data is 2h( \d+m)? old$/)
    expect(result).toMatchObject({ outcome: 'passed', facts: { dump: 'shop-1.dump', skipped: 0 } })
    const { recovery, data_age: dataAge, restore_time: restoring, answers } = result.facts as Record<string, number>
    expect(recovery).toBeGreaterThan(0)
    expect(restoring).toBeLessThanOrEqual(recovery!)
    expect(dataAge).toBeGreaterThan(2 * HOUR_S - 60)
    expect(answers).toMatchObject({ 'rows of orders': '1200' })
    expect(await databases()).toEqual(['postgres'])
  })

  test('the newest is the one that was completed last, whatever its name says', async () => {
    put('shop-2026-12-31.dump', 9 * HOUR_S)
    put('shop-2026-01-01.dump', HOUR_S)
    expect((await drill()).facts).toMatchObject({ dump: 'shop-2026-01-01.dump' })
  })

  test('empty, cut, unfinished and half-written dumps are passed over, each with its reason', async () => {
    put('good.dump', 5 * HOUR_S)
    writeFileSync(join(folder, 'empty.dump'), '')
    age(join(folder, 'empty.dump'), 60)
    const cut = put('cut.dump', 0)
    truncateSync(cut, readFileSync(whole).length - 500)
    age(cut, 120)
    const short = put('text.sql', 0, `${whole}.sql`)
    truncateSync(short, readFileSync(short).length - 200)
    age(short, 180)
    put('later.dump.partial', 240)
    put('being-written.dump', 0)
    put('from-the-future.dump', -3600)
    const result = await drill()
    expect(result).toMatchObject({ outcome: 'passed', facts: { dump: 'good.dump', skipped: 6 } })
    const told = JSON.parse(evidenceText(result)) as { skipped: { name: string; why: string }[] }
    expect(Object.fromEntries(told.skipped.map(({ name, why }) => [name, why]))).toMatchObject({
      'empty.dump': 'it is empty',
      'cut.dump': expect.stringContaining('it cannot be read to its end'),
      'text.sql': 'it ends before its end',
      'later.dump.partial': 'its name says that it is being written',
      'being-written.dump': expect.stringContaining('may still be written'),
      'from-the-future.dump': expect.stringContaining('clocks differ'),
    })
  })

  test('a dump that has other bytes than its checksum says is passed over', async () => {
    const file = put('shop.dump', HOUR_S)
    writeFileSync(`${file}.sha256`, `${createHash('sha256').update('other').digest('hex')}  shop.dump\n`)
    expect(await drill()).toMatchObject({ outcome: 'failed', say: expect.stringContaining('shop.dump.sha256') })
    writeFileSync(`${file}.sha256`, `${createHash('sha256').update(readFileSync(file)).digest('hex')}  shop.dump\n`)
    expect((await drill()).outcome).toBe('passed')
  })

  test('a dump in text restores too, and one that would leave its database is never run', async () => {
    put('shop.sql', HOUR_S, `${whole}.sql`)
    expect(await drill()).toMatchObject({ outcome: 'passed', facts: { dump: 'shop.sql' } })
    for (const line of [
      '\\connect postgres',
      '\\! touch /tmp/never',
      'DROP DATABASE shop;',
      "COPY orders TO PROGRAM 'id';",
    ]) {
      const text = readFileSync(`${whole}.sql`, 'utf8')
      writeFileSync(join(folder, 'shop.sql'), `${line}\n${text}`)
      age(join(folder, 'shop.sql'), HOUR_S)
      expect(await drill()).toMatchObject({ outcome: 'failed', facts: { skipped: 1 } })
    }
  })

  test('data that is not what it should be fails, and every reason is told', async () => {
    put('shop.dump', HOUR_S)
    const verify = { sum: { query: 'select sum(id) from orders', is: '7' }, gaps: { query: 'select 0', limit: '<= 0' } }
    const result = await drill({ tables: { orders: '> 5000' }, verify, 'max-data-age': '1h', 'max-recovery': '10m' })
    expect(result.outcome).toBe('failed')
    expect(result.say).toContain(
      'rows of orders is 1200, expected > 5000; sum is 719400, expected 7; the data is older than wanted',
    )
    expect(await databases()).toEqual(['postgres'])
  })

  test('a question that the restored data cannot answer fails, and may change nothing', async () => {
    put('shop.dump', HOUR_S)
    const gone = await drill({ tables: { invoices: '> 0' } })
    expect(gone).toMatchObject({ outcome: 'failed', say: expect.stringContaining('rows of invoices') })
    const writing = await drill({ verify: { all: { query: 'delete from orders returning 1' } } })
    expect(writing).toMatchObject({ outcome: 'failed', say: expect.stringContaining('read-only') })
  })

  test.each(['localhost', '127.0.0.1', 'PORT'])(
    'never touches a server that is named as production: %s',
    async (host) => {
      put('shop.dump', HOUR_S)
      const production = host === 'PORT' ? [`db.invalid`, `localhost:${scratch.port}`] : host
      expect(await drill({ production })).toMatchObject({
        outcome: 'errored',
        say: expect.stringContaining('which is production: nothing was done'),
      })
    },
  )

  test('never restores where the database stands from which the dump was made, unless that is said', async () => {
    put('shop.dump', HOUR_S)
    const there = { server: `postgres://holdpoint@127.0.0.1:${shop.port}/postgres`, production: 'db.invalid' }
    expect(await drill(there)).toMatchObject({
      outcome: 'errored',
      say: expect.stringContaining('it may be production'),
    })
    expect((await drill({ ...there, 'same-server': true })).outcome).toBe('passed')
    const left = await shop.query<{ datname: string }>('select datname from pg_database where not datistemplate')
    expect(left.map(({ datname }) => datname).toSorted()).toEqual(['postgres', 'shop'])
  })

  test('what a killed drill of another day has left is dropped, and nothing else is', async () => {
    put('shop.dump', HOUR_S)
    await scratch.query('create database holdpoint_drill_20200101000000_0123abcd')
    await scratch.query('create database holdpoint_drill_of_somebody_else')
    const result = await drill()
    expect(result.outcome).toBe('passed')
    expect(evidenceText(result)).toContain('holdpoint_drill_20200101000000_0123abcd')
    expect((await databases()).toSorted()).toEqual(['holdpoint_drill_of_somebody_else', 'postgres'])
    await scratch.query('drop database holdpoint_drill_of_somebody_else')
  })

  test('one that is stopped in the middle drops its database before it ends', async () => {
    const settings = {
      dumps: put('shop.dump', HOUR_S),
      server: `postgres://holdpoint@127.0.0.1:${scratch.port}/postgres`,
      production: ['db.invalid'],
      sameServer: false,
      minBytes: 1,
      settledMs: 1,
      skewMs: 5000,
      questions: { slow: 'select pg_sleep(600)' },
    }
    const env = { ...process.env, HOLDPOINT_DRILL: JSON.stringify(settings) }
    const child = spawn('node', ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const told: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => told.push(bytes))
    await vi.waitFor(
      async () => {
        const asking = await scratch.query(
          "select 1 from pg_stat_activity where query like '%pg_sleep(600)' and datname like 'holdpoint_drill%'",
        )
        expect(asking.length).toBe(1)
      },
      { timeout: 20_000 },
    )
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(JSON.parse(Buffer.concat(told).toString())).toMatchObject({ broken: 'it was stopped', dropped: true })
    expect(await databases()).toEqual(['postgres'])
  })

  test('a server that does not answer is an error of the drill, not of the dump', async () => {
    put('shop.dump', HOUR_S)
    expect(await drill({ server: 'postgres://drill@127.0.0.1:1/postgres' })).toMatchObject({ outcome: 'errored' })
  })
})

test('a password in the address, and a drill that verifies nothing, are refused when the checklist is read', () => {
  const base = { dumps: '/d/*', server: 'postgres://drill:pw@scratch/postgres', production: 'db' }
  expect(JSON.stringify(restoreDrill.config.safeParse({ ...base, tables: { orders: '> 0' } }).error?.issues)).toContain(
    'secrets: PGPASSWORD',
  )
  const bare = restoreDrill.config.safeParse({ ...base, server: 'postgres://drill@scratch/postgres' })
  expect(JSON.stringify(bare.error?.issues)).toContain('proves nothing')
})
