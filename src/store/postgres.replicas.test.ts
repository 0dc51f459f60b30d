/** Several replicas on one database: one order, one holder of a lease, and zombies that are refused. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { PostgresCluster } from '../../test/support/postgres.ts'
import { verifyChain } from '../core/log/chain.ts'
import type { Store, StoredEvent } from '../core/ports/store.ts'
import { openPostgresStore } from './postgres.ts'
import type { PostgresStoreOptions } from './postgres.ts'
import { note, summaryOf } from './test-support/examples.ts'

const programs = postgresPrograms()
const replica = join(import.meta.dirname, 'test-support', 'replica.ts')

describe.skipIf(programs === null)('replicas on one database', () => {
  let cluster: PostgresCluster
  let schemas = 0
  let url = ''
  const opened: Store[] = []
  const started: ChildProcess[] = []

  beforeAll(async () => {
    cluster = await startCluster(programs ?? '')
  })
  afterAll(() => cluster.dispose())
  beforeEach(() => {
    url = cluster.url(`replicas_${(schemas += 1)}`)
  })
  afterEach(async () => {
    for (const process of started.splice(0))
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
    for (const store of opened.splice(0)) await store.close()
  })

  async function open(more: Partial<PostgresStoreOptions> = {}): Promise<Store> {
    const store = await openPostgresStore({ url, ...more })
    opened.push(store)
    return store
  }

  function start(...args: readonly string[]): { process: ChildProcess; lines: () => string[] } {
    const process_ = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', replica, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(process_)
    let text = ''
    process_.stdout!.setEncoding('utf8').on('data', (more: string) => (text += more))
    return { process: process_, lines: () => text.split('\n').slice(0, -1) }
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAt = Date.now() + 30_000
    while (!(await condition())) {
      if (Date.now() > giveUpAt) throw new Error('nothing happened for 30 s')
      await sleep(5)
    }
  }

  const put = (store: Store, stream: string, expectedVersion: number, text = 'a') =>
    store.append({ streams: [{ stream, expectedVersion, events: [note(text)] }] })

  test('five that start at once on an empty database share one schema', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => open()))
    await Promise.all(stores.map((store, index) => put(store, `release/${index}`, 0)))
    expect((await stores[0]!.tail(0, 10)).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5])
  })

  test('what one acknowledged, another reads at once, also behind what it wrote itself', async () => {
    const [one, two] = [await open(), await open()]
    await put(one, 'release/a', 0)
    await put(two, 'release/a', 1)
    await put(one, 'release/a', 2)
    await put(two, 'release/a', 3)
    expect((await one.read('release/a', 2)).map(({ version }) => version)).toEqual([3, 4])
    expect((await one.tail(2, 10)).map(({ position }) => position)).toEqual([3, 4])
    expect(verifyChain(await two.read('release/a')).ok).toBe(true)
    await expect(put(one, 'release/a', 3)).rejects.toMatchObject({ name: 'VersionConflict', found: 4 })
  })

  test('of the replicas that race for one version exactly one wins, every time', async () => {
    const stores = await Promise.all(Array.from({ length: 3 }, () => open()))
    for (let version = 0; version < 100; version += 1) {
      const outcomes = await Promise.allSettled(
        stores.map((store, index) => put(store, 'release/a', version, `${index}`)),
      )
      const names = outcomes.map((one) => (one.status === 'fulfilled' ? 'won' : (one.reason as Error).name))
      expect(names.toSorted()).toEqual(['VersionConflict', 'VersionConflict', 'won'])
    }
    expect(verifyChain(await stores[0]!.read('release/a'))).toMatchObject({ ok: true, head: { version: 100 } })
  })

  test('appends of several replicas over crossing streams neither deadlock nor tear', async () => {
    const stores = await Promise.all(Array.from({ length: 3 }, () => open()))
    const names = ['release/a', 'release/b', 'release/c']
    let won = 0
    const write = async (store: Store, turn: number) => {
      const order = turn % 2 === 0 ? names : names.toReversed()
      const streams = await Promise.all(
        order.map(async (stream) => ({
          stream,
          expectedVersion: (await store.read(stream)).length,
          events: [note(`${turn}`)],
        })),
      )
      await store.append({ streams }, summaryOf('x', turn)).then(
        () => (won += 1),
        (error: Error) => expect(error.name).toBe('VersionConflict'),
      )
    }
    await Promise.all(
      stores.map(async (store, index) => {
        for (let turn = 0; turn < 30; turn += 1) await write(store, turn + index)
      }),
    )
    const lengths = await Promise.all(names.map(async (stream) => (await stores[0]!.read(stream)).length))
    expect(lengths).toEqual([won, won, won])
    expect(won).toBeGreaterThan(10)
  })

  test('the tail skips nothing and repeats nothing while commits are slow and overtake each other', async () => {
    const first = await open()
    const schema = `replicas_${schemas}`
    // Every commit sleeps a little after its positions are taken: the classic way to lose a row behind a cursor.
    await cluster.query(`CREATE FUNCTION ${schema}.dawdle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NULL; END $$`)
    await cluster.query(`CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ${schema}.events
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.dawdle()`)
    const stores = [first, await open(), await open()]
    const reader = await open()
    let streams = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 }), fc.nat(20)), { minLength: 10, maxLength: 25 }),
        async (script) => {
          const from = await reader.head()
          const seen: StoredEvent[] = []
          const done = new AbortController()
          const following = (async () => {
            while (!done.signal.aborted || (await reader.head()) > (seen.at(-1)?.position ?? from))
              seen.push(...(await reader.tail(seen.at(-1)?.position ?? from, 3)))
          })()
          const acknowledged = await Promise.all(
            script.map(async ([writer, count, delay]) => {
              await sleep(delay)
              const events = Array.from({ length: count }, (_, index) => note(`${index}`))
              return stores[writer]!.append({
                streams: [{ stream: `release/slow-${(streams += 1)}`, expectedVersion: 0, events }],
              })
            }),
          )
          done.abort()
          await following
          expect(seen.map(({ position }) => position)).toEqual(seen.map((_, index) => from + index + 1))
          const byPosition = acknowledged.flat().toSorted((a, b) => a.position - b.position)
          expect(seen).toEqual(byPosition)
        },
      ),
      { numRuns: 6 },
    )
  }, 120_000)

  test('whoever waits is woken by another replica, also when its own session was terminated', async () => {
    const [one, two] = [await open(), await open()]
    const signal = new AbortController().signal
    const first = two.changed(0, signal)
    await until(async () => (await listeners()) > 0)
    await put(one, 'release/a', 0)
    await first
    const second = two.changed(1, signal)
    await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
    await put(one, 'release/a', 1)
    await second
  })

  const listeners = async () =>
    (await cluster.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN holdpoint_replicas_${schemas}%'`))
      .length

  test('an idle replica asks the database nothing', async () => {
    const store = await open()
    await put(store, 'release/a', 0)
    const controller = new AbortController()
    const waiting = store.changed(1, controller.signal)
    await sleep(50)
    controller.abort()
    await waiting
    await sleep(1_200)
    const last = () =>
      cluster.query<{ at: string }>(
        `SELECT max(query_start)::text AS at FROM pg_stat_activity WHERE application_name = 'holdpoint'`,
      )
    const before = await last()
    await sleep(2_500)
    expect(await last()).toEqual(before)
  })

  describe('leases', () => {
    const r1 = 'release/r1'

    test('a replica whose clock is an hour ahead steals nothing, one whose clock is behind hoards nothing', async () => {
      const [one, two] = [await open(), await open()]
      const now = Date.now()
      const hour = 3_600_000
      const mine = (await one.claimStream(r1, { owner: 'e1', now: now - hour, leaseMs: 300 }))!
      expect(await two.claimStream(r1, { owner: 'e2', now: now + hour, leaseMs: 300 })).toBeNull()
      expect(await one.renew([mine], now - hour, 300)).toEqual([mine])
      expect(await two.claim({ owner: 'e2', now: now + hour, leaseMs: 300, limit: 5 })).toEqual([])
      await sleep(400)
      const taken = await two.claimStream(r1, { owner: 'e2', now: now - hour, leaseMs: 60_000 })
      expect(taken!.epoch).toBeGreaterThan(mine.epoch)
    })

    test('due streams that replicas race for are each claimed by one of them', async () => {
      const stores = await Promise.all(Array.from({ length: 3 }, () => open()))
      const claimed: string[] = []
      for (let round = 0; round < 20; round += 1) {
        const names = Array.from({ length: 10 }, (_, index) => `release/due-${round}-${index}`)
        await Promise.all(
          names.map((stream) =>
            stores[0]!.append({ streams: [{ stream, expectedVersion: 0, events: [note('a')], due: 0 }] }),
          ),
        )
        const leases = await Promise.all(
          stores.map((store, index) => store.claim({ owner: `e${index}`, now: 1, leaseMs: 60_000, limit: 10 })),
        )
        claimed.push(...leases.flat().map(({ stream }) => stream))
        const rest = await stores[0]!.claim({ owner: 'e0', now: 1, leaseMs: 60_000, limit: 100 })
        claimed.push(...rest.map(({ stream }) => stream))
      }
      expect(new Set(claimed).size).toBe(200)
      expect(claimed).toHaveLength(200)
    })

    test('a replica that was stopped past its lease and goes on is refused, and writes nothing', async () => {
      const zombie = start('lease', url, r1)
      await until(() => zombie.lines().length > 20)
      zombie.process.kill('SIGSTOP')
      const store = await open()
      let taken = null
      await until(async () => {
        taken = await store.claimStream(r1, { owner: 'heir', now: Date.now(), leaseMs: 60_000 })
        return taken !== null
      })
      const version = (await store.read(r1)).length
      await store.append({
        streams: [{ stream: r1, expectedVersion: version, events: [note('taken over')] }],
        lease: taken!,
      })
      zombie.process.kill('SIGCONT')
      await once(zombie.process, 'close')
      expect(zombie.lines().at(-1)).toBe('refused StaleLease StaleLease')
      const events = await store.read(r1)
      expect(events).toHaveLength(version + 1)
      expect(verifyChain(events).ok).toBe(true)
      expect(await store.batches('r1', 'rollout', 0)).toEqual([])
    }, 60_000)

    test('a claim waits for an append that was checked before it, so that no write arrives after a takeover', async () => {
      const [one, two] = [await open(), await open()]
      const mine = (await one.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1 }))!
      await sleep(10)
      const blocker = await cluster.connect()
      await blocker.query('BEGIN')
      await blocker.query(`SELECT last FROM replicas_${schemas}.log FOR UPDATE`)
      const order: string[] = []
      const append = one
        .append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a')] }], lease: mine })
        .then(() => order.push('appended'))
      await until(async () => (await waiting()) === 1)
      const claim = two.claimStream(r1, { owner: 'e2', now: 0, leaseMs: 60_000 }).then(() => order.push('claimed'))
      await until(async () => (await waiting()) === 2)
      await blocker.query('COMMIT')
      await blocker.end()
      await Promise.all([append, claim])
      expect(order.toSorted()).toEqual(['appended', 'claimed'])
      expect(await two.read(r1)).toHaveLength(1)
    })

    const waiting = async () =>
      (
        await cluster.query(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'holdpoint' AND wait_event_type = 'Lock'`,
        )
      ).length
  })
})
