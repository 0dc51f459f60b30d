/** A store on PostgreSQL, dumped and restored with PostgreSQL's own tools as docs/operations.md says, is the same store. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresCluster, postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import { checkStore } from './check.ts'
import { openPostgresStore } from './postgres.ts'
import { note, summaryOf } from './test-support/examples.ts'

const programs = postgresPrograms()

describe.skipIf(programs === null)('a dump', () => {
  let cluster: PostgresCluster

  beforeAll(async () => {
    cluster = await startCluster(programs ?? '')
  })
  afterAll(() => cluster.dispose())

  test('of a database in use is restored into another one, and every chain holds', async () => {
    const url = cluster.url('live')
    const store = await openPostgresStore({ url })
    const append = (stream: string, expectedVersion: number) =>
      store.append(
        { streams: [{ stream, expectedVersion, events: [note('a'), note('b')] }], evidence: [Buffer.from(stream)] },
        summaryOf(stream, expectedVersion),
      )
    for (let at = 0; at < 40; at += 1) await append(`release/r${at % 4}`, Math.floor(at / 4) * 2)
    const writing = Promise.all(Array.from({ length: 40 }, (_, at) => append(`release/w${at}`, 0)))
    const connection = url.replace(/\?.*$/, '')
    const dump = execFileSync(join(programs ?? '', 'pg_dump'), ['--schema=live', `--dbname=${connection}`], {
      maxBuffer: 2 ** 28,
    })
    await writing
    await cluster.query('CREATE DATABASE restored')
    const target = connection.replace(/postgres$/, 'restored')
    execFileSync(join(programs ?? '', 'psql'), ['--quiet', '--single-transaction', '-v', 'ON_ERROR_STOP=1', target], {
      input: dump,
      stdio: ['pipe', 'ignore', 'inherit'],
    })

    const restored = await openPostgresStore({ url: `${target}?schema=live` })
    const report = await checkStore(restored)
    expect(report.problems).toEqual([])
    expect(report.events).toBeGreaterThanOrEqual(80)
    expect(report.evidence).toBeGreaterThanOrEqual(4)
    expect(await restored.read('release/r0')).toEqual(await store.read('release/r0'))
    const [first] = await append('release/r0', 20)
    expect(first?.version).toBe(21)
    const more = await restored.append({
      streams: [{ stream: 'release/r0', expectedVersion: 20, events: [note('c')] }],
    })
    expect(more[0]?.position).toBe(report.events + 1)
    await Promise.all([store.close(), restored.close()])
  }, 120_000)

  test('that lost or changed an event is found', async () => {
    const url = cluster.url('hurt')
    // Opened anew each time: a store remembers what it wrote itself.
    const problems = async () => {
      const store = await openPostgresStore({ url })
      const report = await checkStore(store)
      await store.close()
      return report.problems
    }
    const store = await openPostgresStore({ url })
    await store.append({ streams: [{ stream: 'release/a', expectedVersion: 0, events: [note('a'), note('b')] }] })
    await store.close()
    expect(await problems()).toEqual([])
    await cluster.query(`ALTER TABLE hurt.events DISABLE TRIGGER USER`)
    await cluster.query(`UPDATE hurt.events SET body = replace(body::text, '"b"', '"c"') WHERE position = 2`)
    expect(await problems()).toEqual(['release/a: version 2 is not what was written'])
    await cluster.query(`DELETE FROM hurt.events WHERE position = 1`)
    expect((await problems())[0]).toBe('event 1 is missing: the next one is 2')
  }, 120_000)
})
