/** Backups made by real tools: whole ones pass, cut ones never do, and how many are kept is counted. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeWith, findProgram } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { backup } from './backup.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { postgresPrograms, startPostgres, type TestPostgres } from './parts/postgres.fixture.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-backup-'))
  return () => rmSync(folder, { recursive: true })
})

/** Dates it back; `cut` takes so many bytes from its end. */
function put(name: string, bytes: Uint8Array | string, ageS = 3_600, cut = 0): void {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  if (cut > 0) truncateSync(file, Buffer.byteLength(bytes) - cut)
  utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS)
}

const check = (more: Record<string, unknown> = {}, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(backup as never, { files: join(folder, '*'), 'newer-than': '24h', ...more }, powers)

const sql = `-- PostgreSQL database dump\n${'insert into orders values (1);\n'.repeat(2_000)}-- PostgreSQL database dump complete\n`

const postgres = postgresPrograms()
test('what is called SQL and holds the words of a program that failed is told from a dump, also compressed whole', async () => {
  put('shop.sql.gz', gzipSync(Buffer.from('pg_dump: error: connection to server failed\n')))
  expect(await check()).toMatchObject({
    outcome: 'inconclusive',
    say: expect.stringContaining('(gzip of no SQL dump that is known), 1h old: nobody can tell whether it is whole'),
  })
})

describeWith({ PostgreSQL: postgres, pg_dump: findProgram('/usr/bin/pg_dump') }, 'dumps of a real PostgreSQL', () => {
  let server: TestPostgres
  const made: Record<string, Uint8Array> = {}

  beforeAll(async () => {
    server = await startPostgres(postgres as string)
    await server.query('create table orders as select n, md5(n::text) as word from generate_series(1, 5000) n')
    for (const [name, format] of [
      ['dump', 'c'],
      ['tar', 't'],
      ['sql', 'p'],
    ] as const)
      made[name] = execFileSync('pg_dump', ['-F', format, server.url], {
        maxBuffer: 1e8,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
  }, 60_000)
  afterAll(() => server.stop())

  test.each([
    ['dump', 'pg_dump archive'],
    ['tar', 'tar'],
    ['sql', 'SQL'],
  ])('of the format %s pass whole, also compressed, and fail when their end is missing', async (name, is) => {
    const bytes = made[name] as Uint8Array
    put(`shop.${name}`, bytes)
    expect(await check()).toMatchObject({ outcome: 'passed', say: `shop.${name} (${is}), 1h old, reads to its end` })
    put(`shop.${name}`, gzipSync(bytes))
    expect((await check()).say).toContain(`(gzip of ${is})`)
    put(`shop.${name}`, gzipSync(bytes), 3_600, 9)
    expect(await check()).toMatchObject({ outcome: 'failed', say: expect.stringContaining('its gzip is broken') })
    put(`shop.${name}`, gzipSync(bytes.subarray(0, bytes.length - 3_000)))
    expect((await check()).outcome).toBe('failed')
    put(`shop.${name}`, bytes, 3_600, 3_000)
    expect((await check()).outcome).toBe('failed')
  })

  test('as a folder pass whole and fail when a file of it is cut', async () => {
    const file = join(folder, 'shop')
    execFileSync('pg_dump', ['-F', 'd', '-f', file, server.url], { stdio: 'ignore' })
    expect(await check({ settled: '0ms' })).toMatchObject({
      outcome: 'passed',
      say: expect.stringContaining('pg_dump folder'),
    })
    const data = readdirSync(file).find((name) => name.endsWith('.gz')) ?? ''
    truncateSync(join(file, data), 200)
    expect((await check({ settled: '0ms' })).outcome).toBe('failed')
  })
})

describe('which one counts', () => {
  test('the newest by its time; one that is being written is passed over, one that is broken is not', async () => {
    put('z-old.sql', sql, 90_000)
    expect((await check()).say).toBe('z-old.sql: the newest is 25h old, at most 24h allowed')
    put('a-new.sql', sql)
    put('later.sql.part', 'half')
    put('just-now.sql', 'half', 0)
    expect(await check()).toMatchObject({ outcome: 'passed', say: expect.stringContaining('a-new.sql (SQL), 1h old') })
    put('newer.sql', sql, 600, 60)
    expect((await check()).say).toBe('a-new.sql: newer.sql, which is newer, is broken: the SQL ends before its end')
  })

  test('its age is another for each environment', async () => {
    put('shop.sql', sql, 7_200)
    const given = { 'newer-than': { production: '1h', else: '24h' } }
    expect((await check(given, { variables: { environment: 'production' } })).say).toContain('at most 1h allowed')
    expect((await check(given, { variables: { environment: 'staging' } })).outcome).toBe('passed')
  })

  test('enough are kept, far enough back, without a gap, and it did not shrink', async () => {
    for (const day of [0, 1, 2, 5]) put(`day-${day}.sql`, sql, day * 86_400 + 3_600)
    expect((await check({ 'at-least': 4, 'reaches-back': '5d' })).outcome).toBe('passed')
    expect((await check({ 'at-least': 5 })).say).toContain('4 are kept, expected at least 5')
    expect((await check({ 'reaches-back': '30d' })).say).toContain('expected to reach back')
    expect((await check({ gap: '25h' })).say).toMatch(/(?:72h|71h 59m) lie between two of them/)
    put('day-0.sql', sql.slice(0, 30) + sql.slice(-50))
    expect((await check({ 'of-previous': '50%' })).say).toContain('0 % of the bytes of the one before')
    expect((await check({}, { expectation: 'count >= 30' })).outcome).toBe('failed')
  })
})

describe('of other kinds', () => {
  test('tar, zstd and SQLite are read to their end, and a digest beside one holds', async () => {
    writeFileSync(join(folder, '.words'), 'x'.repeat(20_000))
    const tar = execFileSync('tar', ['-cf', '-', '-C', folder, '.words'])
    put('files.tar.zst', zstdCompressSync(tar))
    expect((await check()).say).toContain('(zstd of tar), 1h old, reads to its end')
    put('files.tar.zst', zstdCompressSync(tar.subarray(0, 15_000)))
    expect((await check()).say).toContain('the tar ends before its end')
    rmSync(join(folder, 'files.tar.zst'))

    const file = join(folder, '.made.db')
    const database = new DatabaseSync(file)
    database.exec('create table a(b)')
    for (let n = 0; n < 200; n += 1) database.exec(`insert into a values ('${'word '.repeat(40)}')`)
    database.close()
    const bytes = readFileSync(file)
    put('shop.db', bytes)
    expect((await check()).say).toContain('(SQLite database)')
    put('shop.db', bytes, 3_600, 4_096)
    expect((await check()).say).toContain('the SQLite database is broken')

    put('shop.db', 'anything')
    expect(await check()).toMatchObject({
      outcome: 'inconclusive',
      say: expect.stringContaining('put its digest beside it'),
    })
    expect((await check({ integrity: false })).outcome).toBe('passed')
    const digest = execFileSync('sha256sum', [join(folder, 'shop.db')], { encoding: 'utf8' })
    put('shop.db.sha256', digest)
    expect((await check()).outcome).toBe('passed')
    put('shop.db', 'anythinG')
    expect((await check()).say).toContain('its bytes are not those of shop.db.sha256')
  })

  test('an encrypted one is told by its first bytes, and read where a command decrypts it', async () => {
    const words = ['enc', '-aes-256-cbc', '-pbkdf2', '-pass', 'pass:the-key']
    put('plain.sql', sql)
    expect((await check({ encrypted: true })).say).toBe('plain.sql: it is not encrypted, as far as its first bytes say')
    rmSync(join(folder, 'plain.sql'))
    put('shop.enc', execFileSync('openssl', words, { input: gzipSync(sql) }))
    expect(await check({ encrypted: true })).toMatchObject({
      outcome: 'inconclusive',
      say: expect.stringContaining('give decrypt'),
    })
    const decrypt = 'openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:the-key'
    const good = await check({ encrypted: true, decrypt })
    expect(good).toMatchObject({
      outcome: 'passed',
      say: 'shop.enc (openssl of gzip of SQL), 1h old, reads to its end',
    })
    expect(evidenceText(good)).not.toContain('insert into')
    expect((await check({ decrypt: decrypt.replace('the-key', 'other') })).outcome).toBe('failed')
    expect((await check({ decrypt: 'no-such-tool-here' })).outcome).toBe('errored')
  })

  test.each([
    ['8c0d04090302a1b2c3d4e5f60718ffd24101', 'OpenPGP'],
    ['85010c0350d4a1b2c3d4e5f60107fe', 'OpenPGP'],
    [Buffer.from('age-encryption.org/v1\n-> X25519 ').toString('hex'), 'age'],
    ['8cff00114277', null],
    ['ffd8ffe000104a464946', null],
  ])('%s begins what %s encrypted', async (hex, is) => {
    put('shop.bin', Buffer.from(hex, 'hex'))
    const { outcome, facts } = await check({ encrypted: true, integrity: false })
    expect([outcome, facts?.['is']]).toEqual([is === null ? 'failed' : 'passed', is])
  })
})
