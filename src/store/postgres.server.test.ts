/** What a server and the wire to it can do wrong to the PostgreSQL store: restarts, kills, cuts, and a schema of others. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { PostgresCluster } from '../../test/support/postgres.ts'
import { wireTo } from '../../test/support/wire.ts'
import type { Wire } from '../../test/support/wire.ts'
import { verifyChain } from '../core/log/chain.ts'
import type { Store } from '../core/ports/store.ts'
import { postgresMigrations } from './migrations/postgres/index.ts'
import { migratePostgres, schemaNumber } from './migrations/postgres/migrate.ts'
import { openPostgresStore } from './postgres.ts'
import { batchTo, note, summaryOf } from './test-support/examples.ts'

const programs = postgresPrograms()
const replica = join(import.meta.dirname, 'test-support', 'replica.ts')
const newest = postgresMigrations.length

describe.skipIf(programs === null)('a PostgreSQL server', () => {
  let cluster: PostgresCluster
  let schemas = 0
  let schema = ''
  let url = ''
  const opened: Store[] = []
  const started: ChildProcess[] = []

  beforeAll(async () => {
    cluster = await startCluster(programs ?? '')
  })
  afterAll(() => cluster.dispose())
  beforeEach(() => {
    schema = `server_${(schemas += 1)}`
    url = cluster.url(schema)
  })
  afterEach(async () => {
    for (const process of started.splice(0))
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
    for (const store of opened.splice(0)) await store.close()
  })

  async function open(at = url): Promise<Store> {
    const store = await openPostgresStore({ url: at })
    opened.push(store)
    return store
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAt = Date.now() + 60_000
    while (!(await condition())) {
      if (Date.now() > giveUpAt) throw new Error('nothing happened for 60 s')
      await sleep(10)
    }
  }

  const put = (store: Store, stream: string, expectedVersion: number, text = 'a') =>
    store.append({ streams: [{ stream, expectedVersion, events: [note(text)] }] })

  describe('under load', () => {
    function startWriter(name: string): { process: ChildProcess; lines: () => string[] } {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', replica, 'append', url, name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      started.push(child)
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
      return { process: child, lines: () => text.split('\n').slice(0, -1) }
    }

    /** Two processes write; something is done to the server again and again; everything acknowledged must be there once. */
    async function survives(rounds: number, disturb: (round: number) => Promise<void>): Promise<void> {
      const writers = [startWriter('one'), startWriter('two')]
      const written = () => writers.map(({ lines }) => lines().filter((line) => line.startsWith('release/')).length)
      await until(() => written().every((count) => count > 20))
      for (let round = 0; round < rounds; round += 1) {
        await disturb(round)
        const before = written()
        await until(() => written().every((count, index) => count > before[index]! + 20))
      }
      for (const { process } of writers) {
        expect(process.exitCode).toBeNull()
        process.kill('SIGKILL')
        await once(process, 'close')
      }
      const store = await open()
      const all = await store.tail(0, 1_000_000)
      expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index + 1))
      const ids = all.map(({ event }) => (event as { note: string }).note)
      expect(new Set(ids).size).toBe(ids.length)
      const kept = new Set(
        all.map(({ stream, version, event }) => `${stream} ${version} ${(event as { note: string }).note}`),
      )
      const acknowledged = writers.flatMap(({ lines }) => lines().filter((line) => line.startsWith('release/')))
      expect(acknowledged.filter((line) => !kept.has(line))).toEqual([])
      for (const stream of new Set(all.map((event) => event.stream)))
        expect(verifyChain(await store.read(stream)).ok).toBe(true)
    }

    test('fast restarts and kills of the postmaster lose nothing that two processes were told is recorded', async () => {
      await survives(20, async (round) => {
        await cluster.stop(round % 2 === 0 ? 'SIGKILL' : 'fast')
        await cluster.start()
      })
    }, 180_000)

    test('sessions that are terminated lose nothing, and nothing is written twice', async () => {
      await survives(10, async () => {
        await cluster.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdpoint' AND pid <> pg_backend_pid()`,
        )
      })
    }, 120_000)
  })

  describe('a wire that is cut', () => {
    let wire: Wire
    let store: Store
    beforeEach(async () => {
      await open()
      wire = await wireTo(cluster.port)
      store = await open(url.replace(String(cluster.port), String(wire.port)))
      await put(store, 'release/a', 0, 'first')
    })
    afterEach(() => wire.dispose())

    const everything = (id: string) =>
      store.append(
        {
          streams: [{ stream: 'release/a', expectedVersion: 1, events: [note(id)], due: 7 }],
          batches: [{ release: 'a', batch: batchTo(1000) }],
        },
        summaryOf('a', 1),
      )

    test('an append whose answer was lost is acknowledged with its positions, and is there once', async () => {
      const id = randomUUID()
      const cut = wire.cut('client', '"refused"')
      const added = await everything(id)
      await cut
      expect(added).toMatchObject([{ stream: 'release/a', version: 2, position: 2, event: { note: id } }])
      expect(await store.tail(0, 10)).toHaveLength(2)
      await put(store, 'release/a', 2)
    })

    test('an append that never arrived is sent again, and is there once', async () => {
      const id = randomUUID()
      const cut = wire.cut('server', id)
      expect(await everything(id)).toMatchObject([{ version: 2, position: 2 }])
      await cut
      expect(await store.tail(0, 10)).toHaveLength(2)
    })

    test('a refusal whose answer was lost is still told', async () => {
      const cut = wire.cut('client', '"refused"')
      await expect(put(store, 'release/a', 7)).rejects.toMatchObject({ name: 'VersionConflict', found: 1 })
      await cut
    })

    test('a server that dies right behind its answer harms nobody: the answer counts, and the next question goes elsewhere', async () => {
      const dying = errorResponse('57P02', 'terminating connection due to unexpected postmaster exit')
      for (let time = 0; time < 3; time += 1) {
        // Answer and last words in one piece: nobody waits for anything when the error comes.
        const said = wire.lastWords('revision', dying)
        expect(await store.putEntry('shelf', `${time}`, '{}')).toBe(1)
        await said
      }
      expect(await store.entries('shelf')).toHaveLength(3)
    })

    test('an append that the server still works on is waited for, never sent beside itself', async () => {
      const blocker = await cluster.connect()
      await blocker.query('BEGIN')
      await blocker.query(`SELECT last FROM ${schema}.log FOR UPDATE`)
      const append = everything('slow')
      const waiting = (count: number) =>
        until(async () => {
          const rows = await cluster.query(
            `SELECT 1 FROM pg_stat_activity WHERE application_name = 'holdpoint' AND wait_event_type = 'Lock'`,
          )
          return rows.length === count
        })
      await waiting(1)
      wire.cutClients()
      // The new connection waits behind the old one's transaction.
      await waiting(2)
      await blocker.query('COMMIT')
      await blocker.end()
      expect(await append).toMatchObject([{ version: 2, position: 2 }])
      expect(await store.read('release/a')).toHaveLength(2)
    })

    test('while the server is away writers and readers are told so in words, and afterwards all goes on', async () => {
      await cluster.stop('fast')
      try {
        const outcomes = await Promise.allSettled([
          put(store, 'release/a', 1),
          store.read('release/a'),
          store.claim({ owner: 'e1', now: 1, leaseMs: 1000, limit: 1 }),
          store.putBatch('a', batchTo(1000)),
        ])
        for (const outcome of outcomes)
          expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StoreFault', retryable: true } })
      } finally {
        await cluster.start()
      }
      await put(store, 'release/a', 1)
      expect(await store.head()).toBe(2)
    }, 60_000)
  })

  describe('faults', () => {
    test('no fault shows the password, however deep one looks', async () => {
      const tries = [
        'postgres://ana:hunter2@127.0.0.1:1/holdpoint',
        `postgres://ana:hunter2@127.0.0.1:${cluster.port}/nowhere`,
        'postgres://ana:hunter2@127.0.0.1:notaport/holdpoint',
        'postgres://ana:hunter2@127.0.0.1/holdpoint?schema=Drop%20Table',
        'postgres://ana:hunter2@',
      ]
      for (const bad of tries) {
        const fault: unknown = await open(bad).catch((error: unknown) => error)
        expect(fault).toMatchObject({ name: 'StoreFault' })
        expect(inspect(fault, { depth: 20, showHidden: true })).not.toContain('hunter2')
      }
    }, 60_000)

    test('a database that only reads is refused as something that passes', async () => {
      const store = await open()
      await cluster.query(`ALTER DATABASE postgres SET default_transaction_read_only = on`)
      try {
        await cluster.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdpoint' AND pid <> pg_backend_pid()`,
        )
        await expect(put(store, 'release/a', 0)).rejects.toMatchObject({ name: 'StoreFault', retryable: true })
      } finally {
        const owner = await cluster.connect()
        await owner.query('SET default_transaction_read_only = off')
        await owner.query('ALTER DATABASE postgres RESET default_transaction_read_only')
        await owner.end()
      }
      await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdpoint'`)
      await put(store, 'release/a', 0)
    })

    test('a value that does not fit is refused alone; those of the same moment are written', async () => {
      const store = await open()
      // Longer than an index entry can be.
      const hopeless = `release/${Array.from({ length: 400 }, () => randomUUID()).join('')}`
      const outcomes = await Promise.allSettled([
        put(store, 'release/a', 0),
        put(store, hopeless, 0),
        put(store, 'release/b', 0),
      ])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await store.tail(0, 10)).map(({ stream }) => stream)).toEqual(['release/a', 'release/b'])
    })

    test('names may hold what PostgreSQL cannot', async () => {
      const store = await open()
      const name = 'release/\u0000\ud800 "\\'
      const lease = await store.claimStream(name, { owner: name, now: 0, leaseMs: 1000 })
      await store.append({
        streams: [{ stream: name, expectedVersion: 0, events: [note(name)], due: 1 }],
        lease: lease!,
      })
      await store.append({ streams: [{ stream: name, expectedVersion: 1, events: [note(name)] }], lease: lease! })
      expect((await store.read(name)).map(({ stream }) => stream)).toEqual([name, name])
      await store.release(lease!)
      expect(await store.claim({ owner: 'e', now: 1, leaseMs: 1, limit: 1 })).toMatchObject([{ stream: name }])
    })

    test('whoever copies the store has it alone', async () => {
      const store = await open()
      await expect(openPostgresStore({ url, isExclusive: true })).rejects.toThrow(
        'another Holdpoint is connected to it',
      )
      await store.close()
      const alone = await openPostgresStore({ url, isExclusive: true })
      await expect(open()).rejects.toThrow('it is being copied')
      await alone.close()
      await open()
    })
  })

  describe('the schema', () => {
    test('a store of a newer program is refused in words, and left as it is', async () => {
      await (await open()).close()
      await cluster.query(`UPDATE ${schema}.schema_number SET number = ${newest + 1}`)
      for (let tries = 0; tries < 2; tries += 1)
        await expect(open()).rejects.toThrow(
          `this store has schema ${newest + 1}, and this program knows schemas up to ${newest}`,
        )
    })

    test('a schema that holds the tables of somebody else is refused', async () => {
      await cluster.query(`CREATE SCHEMA ${schema}`)
      await cluster.query(`CREATE TABLE ${schema}.customers (id integer)`)
      await expect(open()).rejects.toThrow('holds tables, but not those of Holdpoint')
    })

    test('every step goes forward, back and forward again', async () => {
      const client = await cluster.connect()
      for (let target = 1; target <= newest; target += 1) {
        await migratePostgres(client, schema, target)
        expect(await schemaNumber(client, schema)).toBe(target)
      }
      const objects = async () =>
        (await client.query(`SELECT 1 FROM pg_class WHERE relnamespace = '${schema}'::regnamespace`)).rowCount
      const full = await objects()
      await migratePostgres(client, schema, 0)
      expect([await schemaNumber(client, schema), await objects()]).toEqual([0, 1])
      await migratePostgres(client, schema)
      expect(await objects()).toBe(full)
      await client.end()
      await put(await open(), 'release/a', 0)
    })

    test('a step that fails leaves the schema where it was', async () => {
      const client = await cluster.connect()
      await migratePostgres(client, schema)
      const broken = {
        number: newest + 1,
        up: (s: string) => `CREATE TABLE ${s}.half (); CREATE TABEL typo`,
        down: () => '',
      }
      await expect(migratePostgres(client, schema, broken.number, [...postgresMigrations, broken])).rejects.toThrow(
        'TABEL',
      )
      expect(await schemaNumber(client, schema)).toBe(newest)
      expect((await client.query(`SELECT to_regclass('${schema}.half') AS half`)).rows).toEqual([{ half: null }])
      await client.end()
    })

    test('not even SQL changes or removes an event', async () => {
      await put(await open(), 'release/a', 0)
      for (const attack of [
        `UPDATE ${schema}.events SET body = '{}'`,
        `DELETE FROM ${schema}.events`,
        `TRUNCATE ${schema}.events`,
      ])
        await expect(cluster.query(attack)).rejects.toThrow('events never change and never go')
    })

    test('an end of a stream that was changed behind its back is not built upon', async () => {
      const store = await open()
      await put(store, 'release/a', 0)
      await cluster.query(`UPDATE ${schema}.streams SET hash = repeat('f', 64)`)
      await expect(put(store, 'release/a', 1)).rejects.toMatchObject({
        name: 'StoreFault',
        retryable: false,
        message: 'the end of a stream is not the hash of its last event: the log was changed',
      })
    })
  })
})

/** A message of the server as it is on the wire: kind, length, then severity, code and text, each ended by a zero. */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
