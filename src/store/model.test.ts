/** Random sequences of operations: SQLite and PostgreSQL answer as the store in memory does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { Lease, Store } from '../core/ports/store.ts'
import { MemoryStore } from './memory.ts'
import { openPostgresStore } from './postgres.ts'
import { openSqliteStore } from './sqlite.ts'
import { batchTo, note, recordOf, summaryOf } from './test-support/examples.ts'

/** What every store is asked; `leases` are those handed out so far, old ones included. */
type Operation = (store: Store, leases: readonly Lease[], now: number) => Promise<unknown>

const stream = fc.constantFrom('release/a', 'release/b', 'target/shop/production')
const owner = fc.constantFrom('e1', 'e2')
const due = fc.constantFrom(undefined, null, 10, 500, 900.25)
const version = fc.nat(4)
const entryKey = fc.constantFrom('a', 'a/b', '%', '"\\')

const operations: fc.Arbitrary<{ name: string; run: Operation }> = fc.oneof(
  { weight: 4, arbitrary: appends() },
  fc
    .record({ owner, limit: fc.integer({ min: 1, max: 3 }) })
    .map(({ owner, limit }) => named('claim', (store, _, now) => store.claim({ owner, now, leaseMs: 300, limit }))),
  fc
    .record({ stream, owner })
    .map(({ stream, owner }) =>
      named('claimStream', (store, _, now) => store.claimStream(stream, { owner, now, leaseMs: 300 })),
    ),
  fc.nat(20).map((count) => named('renew', (store, leases, now) => store.renew(leases.slice(-count), now, 300))),
  fc
    .nat(20)
    .map((back) =>
      named('release', async (store, leases) => leases.at(-back - 1) && store.release(leases.at(-back - 1)!)),
    ),
  fc
    .tuple(fc.nat(5), fc.nat(9))
    .map(([to, value]) => named('putBatch', (store) => store.putBatch('a', batchTo(to * 1000, value)))),
  fc.nat(4).map((after) => named('batches', (store) => store.batches('a', 'rollout', 0, after * 1000))),
  fc.string().map((text) => named('putEvidence', (store) => store.putEvidence(new TextEncoder().encode(text)))),
  fc
    .tuple(fc.nat(5), fc.constantFrom('restore', 'rotation'), fc.nat(3))
    .map(([id, name, at]) => named('addRecord', (store) => store.addRecord(recordOf(`${id}`, name, at)))),
  fc.constantFrom(undefined, 'restore').map((name) => named('records', (store) => store.records(name))),
  fc
    .record({ open: fc.boolean(), service: fc.constantFrom('shop', 'api'), limit: fc.nat(3) }, { requiredKeys: [] })
    .map((filter) => named('summaries', (store) => store.summaries(filter))),
  fc
    .tuple(stream, version)
    .map(([stream, at]) => named('putSnapshot', (store) => store.putSnapshot(stream, at, 'v1', `{"at":${at}}`))),
  fc
    .record({ key: entryKey, json: fc.constantFrom('1', null), expected: fc.constantFrom(undefined, 0, 1, 2) })
    .map(({ key, json, expected }) =>
      named('putEntry', (store, _, now) =>
        store.putEntry('shelf', key, json, { expires: now + 100, ...(expected !== undefined && { expected }) }),
      ),
    ),
  entryKey.map((key) => named('getEntry', (store) => store.getEntry('shelf', key))),
  fc.constantFrom('', 'a', '%').map((prefix) => named('entries', (store) => store.entries('shelf', prefix))),
  fc.constant(named('sweepEntries', (store, _, now) => store.sweepEntries(now))),
  stream.map((stream) => named('getSnapshot', (store) => store.getSnapshot(stream, 'v1'))),
  fc.tuple(stream, version).map(([stream, after]) => named('read', (store) => store.read(stream, after))),
  fc
    .tuple(fc.nat(9), fc.integer({ min: 1, max: 5 }))
    .map(([after, limit]) => named('tail', (store) => store.tail(after, limit))),
  fc
    .tuple(stream, fc.option(version), fc.integer({ min: 1, max: 5 }))
    .map(([which, before, limit]) => named('readBack', (store) => store.readBack(which, before, limit))),
  fc.constant(named('nextDue', (store) => store.nextDue())),
  fc.constant(named('head', (store) => store.head())),
)

function appends(): fc.Arbitrary<{ name: string; run: Operation }> {
  const one = fc.record({ stream, version: fc.option(version), notes: fc.array(fc.string(), { maxLength: 3 }), due })
  const shape = fc.record({
    streams: fc.array(one, { minLength: 1, maxLength: 2 }),
    lease: fc.option(fc.nat(5)),
    to: fc.nat(5),
    open: fc.boolean(),
  })
  return shape.map(({ streams, lease, to, open }) =>
    named('append', async (store, leases) => {
      const named = await Promise.all(
        streams.map(async ({ stream, version, notes, due }) => ({
          stream,
          // Mostly the version that is there, so that most appends get through.
          expectedVersion: version ?? (await store.read(stream)).length,
          events: notes.map((text) => note(text)),
          ...(due === undefined ? {} : { due }),
        })),
      )
      const held = lease === null ? undefined : leases.at(-lease - 1)
      return store.append(
        { streams: named, ...(held && { lease: held }), batches: [{ release: 'a', batch: batchTo(to * 1000) }] },
        summaryOf(streams[0]!.stream, to, { open }),
      )
    }),
  )
}

function named(name: string, run: Operation): { name: string; run: Operation } {
  return { name, run }
}

async function answer(work: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work }
  } catch (error) {
    return { refused: (error as Error).name, why: (error as Error).message }
  }
}

function leasesIn(found: unknown): Lease[] {
  const { value } = found as { value?: unknown }
  const candidates = Array.isArray(value) ? value : [value]
  return candidates.filter((item): item is Lease => typeof item === 'object' && item !== null && 'epoch' in item)
}

type Opened = { readonly store: Store; readonly dispose: () => Promise<void> }

async function answersAsMemoryDoes(open: () => Promise<Opened>, numRuns: number): Promise<void> {
  let refusals = 0
  let answers = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ operation: operations, step: fc.nat(200) }), { minLength: 5, maxLength: 40 }),
      async (script) => {
        const memory = new MemoryStore()
        const { store, dispose } = await open()
        const leases: Lease[] = []
        let now = 0
        try {
          for (const { operation, step } of script) {
            now += step
            const expected = await answer(operation.run(memory, leases, now))
            expect(await answer(operation.run(store, leases, now)), operation.name).toEqual(expected)
            leases.push(...leasesIn(expected))
            if ('refused' in (expected as object)) refusals++
            else answers++
          }
          expect(await store.tail(0, 1000)).toEqual(await memory.tail(0, 1000))
        } finally {
          await dispose()
        }
      },
    ),
    { numRuns },
  )
  // A script that is always refused, or never, would compare nothing.
  expect(refusals).toBeGreaterThan(numRuns / 3)
  expect(answers).toBeGreaterThan(numRuns * 3)
}

test('SQLite and memory give the same answers to the same questions', async () => {
  await answersAsMemoryDoes(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdpoint-model-'))
    const store = await openSqliteStore({ directory, now: 0 })
    const dispose = async () => {
      await store.close()
      rmSync(directory, { recursive: true })
    }
    return { store, dispose }
  }, 150)
}, 120_000)

const programs = postgresPrograms()

test.skipIf(programs === null)(
  'PostgreSQL and memory give the same answers to the same questions',
  async () => {
    const cluster = await startCluster(programs ?? '')
    let schemas = 0
    try {
      await answersAsMemoryDoes(async () => {
        const url = cluster.url(`model_${(schemas += 1)}`)
        const store = await openPostgresStore({ url, leaseClock: 'caller' })
        return { store, dispose: () => store.close() }
      }, 50)
    } finally {
      await cluster.dispose()
    }
  },
  180_000,
)
