/** A copy holds everything, in the same order, or says why there is none; an interrupted one goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { PostgresCluster } from '../../test/support/postgres.ts'
import { verifyChain } from '../core/log/chain.ts'
import type { Store } from '../core/ports/store.ts'
import { copyStore } from './copy.ts'
import { MemoryStore } from './memory.ts'
import { openStore } from './open.ts'
import { batchTo, note, recordOf, summaryOf } from './test-support/examples.ts'

const programs = postgresPrograms()
const quiet = { source: 'the source', onProgress: () => undefined }
const bytesOf = (text: string) => new TextEncoder().encode(text)
const strange = 'release/"\\ \u0001 é 𝄞'

let folder: string
let cluster: PostgresCluster | null = null
let schemas = 0
const opened: Store[] = []

beforeAll(async () => {
  if (programs) cluster = await startCluster(programs)
})
afterAll(() => cluster?.dispose())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-copy-'))
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(where: string, isForCopy = true): Promise<Store> {
  const store = await openStore(where, { now: 0, isForCopy })
  opened.push(store)
  return store
}

const places: Readonly<Record<string, () => string>> = {
  sqlite: () => `sqlite:${join(folder, `${(schemas += 1)}`)}`,
  postgres: () => cluster!.url(`copy_${(schemas += 1)}`),
}

/** Something of everything that a store can hold, over more than one page. */
async function fill(store: Store): Promise<void> {
  const streams = ['release/a', 'release/b', 'target/shop/production', strange]
  const versions = new Map<string, number>()
  for (let turn = 0; turn < 40; turn += 1) {
    const stream = streams[(turn * 7) % streams.length]!
    const expectedVersion = versions.get(stream) ?? 0
    const events = Array.from({ length: 1 + ((turn * 5) % 30) }, (_, index) =>
      note(`${turn}/${index} \u0000 "`, turn + 0.5),
    )
    await store.append(
      {
        streams: [{ stream, expectedVersion, events, due: turn % 3 === 0 ? null : turn * 10.25 }],
        batches: [{ release: stream, batch: batchTo(turn * 1000, turn) }],
        evidence: [bytesOf(`small ${turn}`)],
      },
      summaryOf(stream, turn, { open: turn % 2 === 0 }),
    )
    versions.set(stream, expectedVersion + events.length)
  }
  await store.putBatch('a', {
    ...batchTo(5),
    step: 'watch',
    stage: null,
    samples: [{ metric: 'm', canary: { kind: 'no-data', why: '-' }, stable: { kind: 'no-data', why: '-' } }],
  })
  await store.putEvidence(new Uint8Array(200_000).fill(7))
  for (let id = 0; id < 30; id += 1) await store.addRecord(recordOf(`${id}`, id % 2 ? 'restore' : strange, id))
  for (let key = 0; key < 20; key += 1)
    await store.putEntry('token', `${key}`, `{"k":${key}}`, { expires: key % 2 ? key : null })
}

async function everythingOf(store: Store): Promise<unknown> {
  const [events, records, summaries, batches, evidence, entries, dueTimes] = await Promise.all([
    store.tail(0, 10_000),
    store.records(),
    store.summaries(),
    store.everyBatch(null, 10_000),
    store.evidenceHashes('', 10_000),
    store.everyEntry(null, 10_000),
    store.dueTimes(null, 10_000),
  ])
  const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).toSorted()
  const bytes = await Promise.all(evidence.map((sha256) => store.getEvidence(sha256)))
  return {
    events,
    records,
    summaries,
    batches: sorted(batches),
    bytes,
    entries: sorted(entries.map(({ shelf, key, json, expires }) => ({ shelf, key, json, expires }))),
    dueTimes: sorted(dueTimes),
  }
}

const directions = [
  ['sqlite', 'sqlite'],
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['postgres', 'postgres'],
] as const

test.each(directions.filter((pair) => programs !== null || !pair.some((one) => one === 'postgres')))(
  'from %s to %s: the same events at the same positions, and everything beside them',
  async (one, other) => {
    const [source, target] = [await open(places[one]!()), await open(places[other]!())]
    await fill(source)
    const counts = await copyStore(source, target, quiet)
    expect(await everythingOf(target)).toEqual(await everythingOf(source))
    expect(counts).toMatchObject({ streams: 4, evidence: 41, batches: 41, records: 30, releases: 4, entries: 20 })
    expect(counts.events).toBe(await source.head())
    for (const stream of ['release/a', strange]) expect(verifyChain(await target.read(stream)).ok).toBe(true)
    // It is a store like any other: it goes on where the source ended.
    const version = (await target.read('release/a')).length
    await target.append({ streams: [{ stream: 'release/a', expectedVersion: version, events: [note('on')] }] })
    expect(await target.head()).toBe(counts.events + 1)
  },
)

describe('a copy that is interrupted', () => {
  /** A target that breaks at its n-th write, before or after it happened. */
  function breaking(store: Store, at: number, side: 'before' | 'after'): Store {
    let writes = 0
    return new Proxy(store, {
      get(target, name: keyof Store) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          const isHit = ['append', 'putEvidence', 'addRecord', 'putEntry'].includes(name) && ++writes === at
          if (isHit && side === 'before') throw new Error('pulled')
          const result: unknown = await Reflect.apply(member, target, args)
          if (isHit && side === 'after') throw new Error('pulled')
          return result
        }
      },
    })
  }

  test.each(['before', 'after'] as const)('goes on where it stood, wherever that was (%s a write)', async (side) => {
    const source = new MemoryStore()
    await fill(source)
    const expected = await everythingOf(source)
    let interrupted = 0
    for (let at = 1; ; at += 1) {
      const target = new MemoryStore()
      const first = await copyStore(source, breaking(target, at, side), quiet).catch((error: Error) => error)
      if (!(first instanceof Error)) break
      interrupted += 1
      await copyStore(source, target, quiet)
      expect(await everythingOf(target)).toEqual(expected)
    }
    expect(interrupted).toBeGreaterThan(50)
  })

  test('leaves a store that nobody runs on, until the copy is done', async () => {
    const where = places['sqlite']!()
    const source = new MemoryStore()
    await fill(source)
    const target = await openStore(where, { now: 0, isForCopy: true })
    await expect(copyStore(source, breaking(target, 5, 'after'), quiet)).rejects.toThrow('pulled')
    await target.close()
    await expect(open(where, false)).rejects.toThrow(
      'is an unfinished copy of the source: give holdpoint store copy again',
    )
    const again = await openStore(where, { now: 0, isForCopy: true })
    await copyStore(source, again, quiet)
    await again.close()
    await open(where, false)
  })

  test('brings nothing back that the source has taken back meanwhile', async () => {
    const [source, target] = [new MemoryStore(), new MemoryStore()]
    await fill(source)
    await expect(copyStore(source, breaking(target, 60, 'after'), quiet)).rejects.toThrow('pulled')
    expect(await target.getEntry('token', '3')).not.toBeNull()
    await source.putEntry('token', '3', null)
    await copyStore(source, target, quiet)
    expect(await target.getEntry('token', '3')).toBeNull()
  })

  test('is done when it is done: the same command again compares and says the same', async () => {
    const [source, target] = [new MemoryStore(), new MemoryStore()]
    await fill(source)
    const counts = await copyStore(source, target, quiet)
    expect(await copyStore(source, target, quiet)).toEqual(counts)
    await target.putEntry('token', 'more', '{}')
    await expect(copyStore(source, target, quiet)).rejects.toThrow('the target holds 21 entries, the source 20')
  })

  test('does not go on from another source', async () => {
    const [one, other, target] = [new MemoryStore(), new MemoryStore(), new MemoryStore()]
    await fill(one)
    await other.append({ streams: [{ stream: 'release/z', expectedVersion: 0, events: [note('z')] }] })
    await expect(copyStore(one, breaking(target, 5, 'after'), quiet)).rejects.toThrow('pulled')
    await expect(copyStore(other, target, quiet)).rejects.toThrow('the target holds another store')
  })
})

describe('no copy', () => {
  test('into a store that holds anything', async () => {
    const source = new MemoryStore()
    await fill(source)
    const holding: readonly ((store: Store) => Promise<unknown>)[] = [
      (store) => store.append({ streams: [{ stream: 'release/x', expectedVersion: 0, events: [note('x')] }] }),
      (store) => store.putEvidence(bytesOf('x')),
      (store) => store.putEntry('token', 'x', '{}'),
      (store) => store.addRecord(recordOf('x', 'x', 1)),
      (store) => store.putBatch('x', batchTo(1)),
    ]
    for (const put of holding) {
      const target = new MemoryStore()
      await put(target)
      const before = await everythingOf(target)
      await expect(copyStore(source, target, quiet)).rejects.toThrow('the target is not empty')
      expect(await everythingOf(target)).toEqual(before)
    }
  })

  test('of nothing', async () => {
    await expect(copyStore(new MemoryStore(), new MemoryStore(), quiet)).rejects.toThrow('the source is empty')
  })

  test('of a log that was changed: its events no longer hash to what it says', async () => {
    const source = new MemoryStore()
    await fill(source)
    const forged = new Proxy(source, {
      get(target, name: keyof Store) {
        if (name !== 'tail') return (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind(target)
        return async (after: number, limit: number) =>
          (await target.tail(after, limit)).map((event) =>
            event.position === 17 ? { ...event, event: { kind: 'NoteAdded', note: 'forged' } } : event,
          )
      },
    })
    await expect(copyStore(forged, new MemoryStore(), quiet)).rejects.toThrow('the source was changed')
  })

  test('is called done that lacks a batch, a record, an entry or a due time', async () => {
    const source = new MemoryStore()
    await fill(source)
    for (const lost of ['addRecord', 'putEntry', 'append'] as const) {
      const forgetful = new Proxy(new MemoryStore(), {
        get(target, name: keyof Store) {
          const member = Reflect.get(target, name) as (...args: unknown[]) => unknown
          return async (...args: unknown[]) => {
            if (name !== lost) return Reflect.apply(member, target, args)
            if (name === 'putEntry' && args[0] === 'store') return Reflect.apply(member, target, args)
            if (name !== 'append') return undefined
            const [append, summary] = args as Parameters<Store['append']>
            return target.append({ ...append, batches: [] }, summary)
          }
        },
      })
      await expect(copyStore(source, forgetful, quiet)).rejects.toThrow('the target holds 0')
    }
  })
})
