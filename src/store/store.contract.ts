/** What every store must do, whatever it is made of. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { genesisHash, verifyChain } from '../core/log/chain.ts'
import type { Entry, KeptBatch, ReleaseSummary, Store } from '../core/ports/store.ts'
import { ana, batchTo, note, recordOf, summaryOf } from './test-support/examples.ts'

export interface StoreUnderTest {
  readonly store: Store
  readonly dispose: () => Promise<void>
}

/** Everything there is, page by page; a page is never larger than asked. */
async function allPages<T>(limit: number, next: (last: T | null) => Promise<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = []
  for (;;) {
    const page = await next(all.at(-1) ?? null)
    expect(page.length).toBeLessThanOrEqual(limit)
    if (page.length === 0) return all
    all.push(...page)
  }
}

export function storeContract(
  name: string,
  open: (options: { evidenceCapBytes?: number }) => Promise<StoreUnderTest>,
): void {
  describe(`${name} as a store`, () => {
    let store: Store
    let dispose: () => Promise<void>
    const r1 = 'release/r1'
    const r2 = 'release/r2'
    const long = { leaseMs: 1000, limit: 10 }

    beforeEach(async () => {
      ;({ store, dispose } = await open({ evidenceCapBytes: 1024 }))
    })
    afterEach(() => dispose())

    const put = (stream: string, expectedVersion: number, ...notes: string[]) =>
      store.append({ streams: [{ stream, expectedVersion, events: notes.map((text) => note(text)) }] })

    test('what was appended is read back, versioned from 1 and chained', async () => {
      const added = await put(r1, 0, 'a', 'b')
      await put(r1, 2, 'c')
      const events = await store.read(r1)
      expect(events.slice(0, 2)).toEqual(added)
      expect(events.map(({ version, at, by, event }) => ({ version, at, by, event }))).toEqual(
        ['a', 'b', 'c'].map((text, index) => ({ version: index + 1, ...note(text) })),
      )
      expect(events[0]!.previousHash).toBe(genesisHash)
      expect(verifyChain(events).ok).toBe(true)
      expect((await store.read(r1, 2)).map(({ version }) => version)).toEqual([3])
      expect(await store.read('release/none')).toEqual([])
    })

    test('a writer that saw an older version is refused and told what is there', async () => {
      await put(r1, 0, 'a')
      await expect(put(r1, 0, 'b')).rejects.toMatchObject({
        name: 'VersionConflict',
        stream: r1,
        expected: 0,
        found: 1,
      })
      await expect(put(r1, 2, 'b')).rejects.toMatchObject({ name: 'VersionConflict', expected: 2, found: 1 })
      expect(await store.read(r1)).toHaveLength(1)
    })

    test('of two writers that saw the same version exactly one wins', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => put(r1, 0, `writer ${index}`)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await store.read(r1)).toHaveLength(1)
    })

    test('an append over several streams happens wholly or not at all', async () => {
      await put(r2, 0, 'there')
      const both = (versionOfR2: number) =>
        store.append(
          {
            streams: [
              { stream: r1, expectedVersion: 0, events: [note('a')], due: 5 },
              { stream: r2, expectedVersion: versionOfR2, events: [note('b')] },
            ],
            batches: [{ release: 'r1', batch: batchTo(1000) }],
          },
          summaryOf('r1', 1),
        )
      await expect(both(0)).rejects.toMatchObject({ name: 'VersionConflict', stream: r2 })
      expect([
        await store.read(r1),
        await store.nextDue(),
        await store.batches('r1', 'rollout', 0),
        await store.summaries(),
      ]).toEqual([[], null, [], []])
      await both(1)
      expect(await store.read(r1)).toHaveLength(1)
      expect(await store.read(r2)).toHaveLength(2)
      expect(await store.batches('r1', 'rollout', 0)).toEqual([batchTo(1000)])
      expect(await store.summaries()).toEqual([summaryOf('r1', 1)])
    })

    /** Writes to the one, and wants the other as it was seen. */
    const naming = (own: string, seen: number, other: string, otherSeen: number) =>
      store.append({
        streams: [
          { stream: own, expectedVersion: seen, events: [note('a')] },
          { stream: other, expectedVersion: otherSeen, events: [] },
        ],
      })

    test('a stream that is only named has to be as it was seen, also one that is not there', async () => {
      await expect(naming(r1, 0, r2, 1)).rejects.toMatchObject({ name: 'VersionConflict', stream: r2 })
      await naming(r1, 0, r2, 0)
      await put(r2, 0, 'there')
      expect((await store.read(r2)).map(({ version }) => version)).toEqual([1])
      await expect(naming(r1, 1, r2, 0)).rejects.toMatchObject({ name: 'VersionConflict', stream: r2, found: 1 })
    })

    test('of two writers of which each names the stream of the other, one is refused', async () => {
      const outcomes = await Promise.allSettled([naming(r1, 0, r2, 0), naming(r2, 0, r1, 0)])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    })

    test('a conflict of one writer leaves the others of the same moment alone', async () => {
      const outcomes = await Promise.allSettled([put(r1, 0, 'a'), put(r1, 7, 'x'), put(r2, 0, 'b')])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await store.tail(0, 10)).map(({ position, stream }) => [position, stream])).toEqual([
        [1, r1],
        [2, r2],
      ])
    })

    test('an event that JSON cannot hold is refused and nothing of its append stays', async () => {
      const bad = { at: 1, by: ana, event: { kind: 'NoteAdded', weight: NaN } }
      await expect(
        store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a'), bad] }] }),
      ).rejects.toThrow(/no JSON form/)
      expect(await store.tail(0, 10)).toEqual([])
      await put(r1, 0, 'a')
      expect(await store.head()).toBe(1)
    })

    test('what a writer changes afterwards does not change the log', async () => {
      const event = { kind: 'NoteAdded', note: 'a', list: [1] }
      await store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [{ at: 1, by: ana, event }] }] })
      event.list.push(2)
      expect((await store.read(r1))[0]!.event).toEqual({ kind: 'NoteAdded', note: 'a', list: [1] })
    })

    test('hostile text is kept byte for byte', async () => {
      const text = '\u0000\u001b[31m\ud800 "quoted" \\ \u2028 𝄞 __proto__'
      await put(r1, 0, text)
      expect((await store.read(r1))[0]!.event).toEqual({ kind: 'NoteAdded', note: text })
      expect(verifyChain(await store.read(r1)).ok).toBe(true)
    })

    test('the tail goes through all streams in one order without gaps', async () => {
      await Promise.all([put(r1, 0, 'a', 'b'), put(r2, 0, 'c'), put(r1, 9, 'refused').catch(() => undefined)])
      await put(r2, 1, 'd')
      const all = await store.tail(0, 100)
      expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4])
      expect((await store.tail(1, 2)).map(({ position }) => position)).toEqual([2, 3])
      expect(await store.tail(4, 10)).toEqual([])
      expect(await store.head()).toBe(4)
    })

    test('one stream is read back from its end, or from a version, page by page', async () => {
      await put(r1, 0, 'a', 'b', 'c')
      await put(r2, 0, 'd')
      await put(r1, 3, 'e')
      const versions = async (before: number | null, limit: number) =>
        (await store.readBack(r1, before, limit)).map(({ version }) => version)
      expect(await versions(null, 3)).toEqual([4, 3, 2])
      expect(await versions(2, 3)).toEqual([1])
      expect(await versions(1, 3)).toEqual([])
      expect(await versions(99, 1)).toEqual([4])
      expect(await store.readBack(r1, 3, 1)).toEqual((await store.read(r1)).slice(1, 2))
      expect(await store.readBack('release/nothing', null, 5)).toEqual([])
    })

    test('whoever waits for a change is woken by an append, and by giving up', async () => {
      const controller = new AbortController()
      let isWoken = false
      const waiting = store.changed(0, controller.signal).then(() => (isWoken = true))
      await store.head()
      expect(isWoken).toBe(false)
      await put(r1, 0, 'a')
      await waiting
      await store.changed(0, controller.signal)
      const givenUp = store.changed(1, controller.signal)
      controller.abort()
      await givenUp
      expect(isWoken).toBe(true)
    })

    test('streams are claimed when due, earliest first, and not twice', async () => {
      await store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a')], due: 200 }] })
      await store.append({ streams: [{ stream: r2, expectedVersion: 0, events: [note('a')], due: 100 }] })
      expect(await store.nextDue()).toBe(100)
      expect(await store.claim({ owner: 'e1', now: 99, ...long })).toEqual([])
      expect(await store.claim({ owner: 'e1', now: 200, leaseMs: 1000, limit: 1 })).toMatchObject([
        { stream: r2, owner: 'e1' },
      ])
      expect(await store.claim({ owner: 'e2', now: 200, ...long })).toMatchObject([{ stream: r1, owner: 'e2' }])
      expect(await store.claim({ owner: 'e1', now: 200, ...long })).toEqual([])
    })

    test('a due time stays unless an append moves or removes it', async () => {
      await store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a')], due: 200 }] })
      await put(r1, 1, 'b')
      expect(await store.nextDue()).toBe(200)
      await store.append({ streams: [{ stream: r1, expectedVersion: 2, events: [], due: 300.5 }] })
      expect(await store.nextDue()).toBe(300.5)
      await store.append({ streams: [{ stream: r1, expectedVersion: 2, events: [], due: null }] })
      expect(await store.nextDue()).toBeNull()
    })

    test('an engine that lost its lease can write nothing more to the stream', async () => {
      const old = await store.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1000 })
      const append = (lease: typeof old, version: number) =>
        store.append({ streams: [{ stream: r1, expectedVersion: version, events: [note('a')] }], lease: lease! })
      await append(old, 0)
      const taken = await store.claimStream(r1, { owner: 'e2', now: 1000, leaseMs: 1000 })
      expect(taken!.epoch).toBeGreaterThan(old!.epoch)
      await expect(append(old, 1)).rejects.toMatchObject({ name: 'StaleLease', stream: r1 })
      await expect(store.putBatch('r1', batchTo(1000), old!)).rejects.toMatchObject({ name: 'StaleLease' })
      expect(await store.batches('r1', 'rollout', 0)).toEqual([])
      await append(taken, 1)
      await store.putBatch('r1', batchTo(1000), taken!)
      expect(await store.read(r1)).toHaveLength(2)
    })

    test('a live lease is nobody else’s; its owner gets it back with the same epoch', async () => {
      const mine = await store.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1000 })
      expect(await store.claimStream(r1, { owner: 'e2', now: 999, leaseMs: 1000 })).toBeNull()
      expect(await store.claimStream(r1, { owner: 'e1', now: 500, leaseMs: 1000 })).toEqual(mine)
      expect(await store.claimStream(r1, { owner: 'e2', now: 1000, leaseMs: 1000 })).toBeNull()
    })

    test('a lease lives as long as it is renewed', async () => {
      const mine = (await store.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1000 }))!
      expect(await store.renew([mine], 900, 1000)).toEqual([mine])
      expect(await store.claimStream(r1, { owner: 'e2', now: 1899, leaseMs: 1000 })).toBeNull()
      const taken = (await store.claimStream(r1, { owner: 'e2', now: 1900, leaseMs: 1000 }))!
      expect(await store.renew([mine, taken], 1950, 1000)).toEqual([taken])
    })

    test('a lease that was let go is free at once, and letting an old one go takes nothing away', async () => {
      const mine = (await store.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1000 }))!
      await store.release(mine)
      const next = (await store.claimStream(r1, { owner: 'e2', now: 1, leaseMs: 1000 }))!
      await store.release(mine)
      expect(await store.claimStream(r1, { owner: 'e1', now: 2, leaseMs: 1000 })).toBeNull()
      expect(next.epoch).toBeGreaterThan(mine.epoch)
    })

    test('a lease that is fenced gets a higher epoch; under the old one nothing is written', async () => {
      const mine = (await store.claimStream(r1, { owner: 'e1', now: 0, leaseMs: 1000 }))!
      const fenced = (await store.fence(mine))!
      expect(fenced.epoch).toBeGreaterThan(mine.epoch)
      await expect(store.append({ streams: [], lease: mine })).rejects.toMatchObject({ epoch: mine.epoch })
      expect(await store.fence(mine)).toBeNull()
    })

    test('a dead engine’s due stream is claimed by another after the lease, with a higher epoch', async () => {
      await store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a')], due: 0 }] })
      const [dead] = await store.claim({ owner: 'e1', now: 0, ...long })
      expect(await store.claim({ owner: 'e2', now: 999, ...long })).toEqual([])
      const [taken] = await store.claim({ owner: 'e2', now: 1000, ...long })
      expect(taken).toMatchObject({ stream: r1, owner: 'e2' })
      expect(taken!.epoch).toBeGreaterThan(dead!.epoch)
    })

    test('a batch of samples is kept once and read in order of its end', async () => {
      await store.putBatch('r1', batchTo(3000))
      await store.putBatch('r1', batchTo(1000))
      await store.putBatch('r1', batchTo(3000, 99))
      await store.putBatch('r1', { ...batchTo(2000), stage: 1 })
      await store.putBatch('r1', { ...batchTo(2000), step: 'watch', stage: null })
      await store.putBatch('r2', batchTo(2000))
      expect(await store.batches('r1', 'rollout', 0)).toEqual([batchTo(1000), batchTo(3000)])
      expect(await store.batches('r1', 'rollout', 0, 1000)).toEqual([batchTo(3000)])
      expect(await store.batches('r1', 'watch', null)).toEqual([{ ...batchTo(2000), step: 'watch', stage: null }])
    })

    test('batches without an event are kept all or none, those of the time before the rollout first', async () => {
      await store.append({ streams: [{ stream: r1, expectedVersion: 0, events: [note('a')], due: 0 }] })
      const [lease] = await store.claim({ owner: 'e1', now: 0, ...long })
      const past = { ...batchTo(1000), history: true } as const
      const batches = [past, batchTo(2000)].map((batch) => ({ release: 'r1', batch }))
      await store.append({ streams: [], lease: lease!, batches })
      expect(await store.batches('r1', 'rollout', 0)).toEqual([past, batchTo(2000)])
      const stale = { ...lease!, epoch: lease!.epoch + 1 }
      const more = [batchTo(3000), batchTo(4000)].map((batch) => ({ release: 'r1', batch }))
      await expect(store.append({ streams: [], lease: stale, batches: more })).rejects.toMatchObject({
        name: 'StaleLease',
      })
      expect(await store.batches('r1', 'rollout', 0)).toHaveLength(2)
    })

    test('evidence is kept by its hash, the same bytes once', async () => {
      const bytes = new TextEncoder().encode('200 OK\n')
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(await Promise.all([store.putEvidence(bytes), store.putEvidence(bytes)])).toEqual([
        { sha256, size: 7 },
        { sha256, size: 7 },
      ])
      expect(await store.getEvidence(sha256)).toEqual(bytes)
      expect(await store.getEvidence('0'.repeat(64))).toBeNull()
      expect(await store.getEvidence('../../etc/passwd')).toBeNull()
    })

    test('what is forgotten is gone, and nothing else; it may come back', async () => {
      const bytes = ['a', 'b', 'c'.repeat(900)].map((text) => new TextEncoder().encode(text))
      const names = bytes.map((piece) => createHash('sha256').update(piece).digest('hex'))
      await store.append({
        streams: [{ stream: 'release/r1', expectedVersion: 0, events: [note('a')] }],
        evidence: [bytes[0]!],
      })
      await store.putEvidence(bytes[1]!)
      await store.putEvidence(bytes[2]!)
      await store.putBatch('r1', batchTo(1000))
      await store.putBatch('r1', batchTo(2000))
      await store.putBatch('r11', batchTo(1000))
      expect(await store.forget('r1', [names[0]!, names[2]!, '0'.repeat(64), '../x'])).toEqual({
        batches: 2,
        evidence: 2,
      })
      expect(await store.forget('r1', [names[0]!])).toEqual({ batches: 0, evidence: 0 })
      expect(await store.batches('r1', 'rollout', 0)).toEqual([])
      expect(await store.batches('r11', 'rollout', 0)).toHaveLength(1)
      expect(await Promise.all(names.map((name) => store.getEvidence(name)))).toEqual([null, bytes[1], null])
      expect(await store.read('release/r1')).toHaveLength(1)
      await store.putEvidence(bytes[2]!)
      expect(await store.getEvidence(names[2]!)).toEqual(bytes[2])
    })

    test('evidence of an append is there with its events, or not at all', async () => {
      const [small, refused] = ['exit 0\n', 'never\n'].map((text) => new TextEncoder().encode(text))
      const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      const streams = (expectedVersion: number) => [
        { stream: r1, expectedVersion, events: [{ at: 1, by: ana, event: { kind: 'NoteAdded' } }] },
      ]
      await store.append({ streams: streams(0), evidence: [small!, small!] })
      await expect(store.append({ streams: streams(0), evidence: [refused!] })).rejects.toThrow('is at version 1')
      expect(await store.getEvidence(sha256Of(small!))).toEqual(small)
      expect(await store.getEvidence(sha256Of(refused!))).toBeNull()
      expect(await store.putEvidence(small!)).toEqual({ sha256: sha256Of(small!), size: small!.byteLength })
      const large = new Uint8Array(1025)
      await expect(store.append({ streams: streams(1), evidence: [large] })).rejects.toMatchObject({ retryable: false })
      expect(await store.read(r1)).toHaveLength(1)
    })

    test('evidence beyond the cap is refused and the store goes on', async () => {
      await expect(store.putEvidence(new Uint8Array(1025))).rejects.toMatchObject({
        name: 'StoreFault',
        retryable: false,
      })
      expect(await store.putEvidence(new Uint8Array(1024))).toMatchObject({ size: 1024 })
      await put(r1, 0, 'a')
    })

    test('records are listed by name, newest observation first', async () => {
      await store.addRecord(recordOf('1', 'restore', 100))
      await store.addRecord(recordOf('2', 'rotation', 300))
      await store.addRecord(recordOf('3', 'restore', 200))
      await store.addRecord(recordOf('3', 'restore', 999))
      expect((await store.records()).map(({ id }) => id)).toEqual(['2', '3', '1'])
      expect(await store.records('restore')).toEqual([recordOf('3', 'restore', 200), recordOf('1', 'restore', 100)])
    })

    test('summaries are replaced with their release and listed newest first', async () => {
      const add = async (id: string, at: number, more: Partial<ReleaseSummary>, version = 0) =>
        store.append(
          { streams: [{ stream: `release/${id}`, expectedVersion: version, events: [note('a')] }] },
          summaryOf(id, at, more),
        )
      await add('a', 1, {})
      await add('b', 3, { service: 'api' })
      await add('c', 2, {})
      await add('c', 2, { open: false, phase: 'closed' }, 1)
      expect((await store.summaries()).map(({ id }) => id)).toEqual(['b', 'c', 'a'])
      expect((await store.summaries({ open: true })).map(({ id }) => id)).toEqual(['b', 'a'])
      expect(await store.summaries({ service: 'shop', limit: 1 })).toMatchObject([{ id: 'c', phase: 'closed' }])
    })

    test('a snapshot is replaced by a newer one only, per format', async () => {
      await store.putSnapshot(r1, 5, 'v1', '{"five":5}')
      await store.putSnapshot(r1, 4, 'v1', '{"four":4}')
      expect(await store.getSnapshot(r1, 'v1')).toEqual({ version: 5, json: '{"five":5}' })
      expect(await store.getSnapshot(r1, 'v2')).toBeNull()
    })

    test('a page of summaries goes on where the one before ended, and holds only the services asked for', async () => {
      for (const [id, at, service] of [
        ['a', 1, 'shop'],
        ['b', 2, 'api'],
        ['c', 2, 'shop'],
        ['d', 3, 'web'],
      ] as const)
        await store.append(
          { streams: [{ stream: `release/${id}`, expectedVersion: 0, events: [note('a')] }] },
          summaryOf(id, at, { service }),
        )
      expect((await store.summaries({ services: ['shop', 'api'] })).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
      expect(await store.summaries({ services: [] })).toEqual([])
      expect(await store.countSummaries({ services: ['shop', 'api'], open: true, limit: 1 })).toBe(3)
      expect((await store.summaries({ after: { startedAt: 2, id: 'c' }, limit: 1 })).map(({ id }) => id)).toEqual(['b'])
    })

    test('an entry is written by whoever saw its newest revision, and by nobody else', async () => {
      expect(await store.putEntry('session', 'x', '{"a":1}', { expected: 0, expires: 50 })).toBe(1)
      expect(await store.putEntry('session', 'x', '{"a":2}', { expected: 0 })).toBeNull()
      expect(await store.putEntry('session', 'x', '{"a":3}', { expected: 1, expires: 60 })).toBe(2)
      expect(await store.getEntry('session', 'x')).toEqual({
        shelf: 'session',
        key: 'x',
        revision: 2,
        json: '{"a":3}',
        expires: 60,
      })
      expect(await store.getEntry('token', 'x')).toBeNull()
      expect(await store.putEntry('session', 'x', null, { expected: 1 })).toBeNull()
      expect(await store.putEntry('session', 'x', null, { expected: 2 })).toBe(0)
      expect(await store.getEntry('session', 'x')).toBeNull()
    })

    test('of many writers with the same expectation one wins', async () => {
      const tries = Array.from({ length: 20 }, (_, index) => store.putEntry('work', 'one', `${index}`, { expected: 0 }))
      const won = (await Promise.all(tries)).filter((revision) => revision !== null)
      expect(won).toEqual([1])
    })

    test('entries are listed by the beginning of their key, and swept when they have expired', async () => {
      await store.putEntry('work', 'prod/2', '2', { expires: 10 })
      await store.putEntry('work', 'prod/1', '1')
      await store.putEntry('work', 'prod%', '3', { expires: 30 })
      await store.putEntry('work', 'staging/1', '4')
      expect((await store.entries('work', 'prod/')).map(({ json }) => json)).toEqual(['1', '2'])
      expect(await store.sweepEntries(20)).toBe(1)
      expect((await store.entries('work')).map(({ key }) => key)).toEqual(['prod%', 'prod/1', 'staging/1'])
    })

    test('what the log does not hold is handed out in pages, each thing once', async () => {
      const streams = ['release/a', 'release/b', 'target/shop/production']
      for (const [index, stream] of streams.entries())
        await store.append({ streams: [{ stream, expectedVersion: 0, events: [note('a')], due: 100.5 - index }] })
      const batches = [
        { release: 'a', batch: batchTo(-1000) },
        { release: 'a', batch: batchTo(2000) },
        { release: 'a', batch: { ...batchTo(1000), stage: 1 } },
        { release: 'a', batch: { ...batchTo(1000), step: 'watch', stage: null } },
        { release: 'b', batch: batchTo(1000) },
      ]
      await store.append({ streams: [], batches })
      const pieces = ['one', 'two', 'three', 'four'].map((text) => new TextEncoder().encode(text))
      const hashes = pieces.map((bytes) => createHash('sha256').update(bytes).digest('hex'))
      await store.append({ streams: [], evidence: pieces.slice(0, 3) })
      for (const bytes of pieces.slice(2)) await store.putEvidence(bytes)
      for (const [shelf, key] of [
        ['token', 'b'],
        ['token', 'a'],
        ['session', 'z'],
      ] as const)
        await store.putEntry(shelf, key, '{}', { expires: 7 })

      const dues = await allPages<{ stream: string; due: number }>(1, (last) => store.dueTimes(last?.stream ?? null, 1))
      expect(dues).toEqual(streams.map((stream, index) => ({ stream, due: 100.5 - index })))
      const kept = await allPages<KeptBatch>(2, (last) => store.everyBatch(last, 2))
      expect(kept).toHaveLength(batches.length)
      expect(kept).toEqual(expect.arrayContaining(batches))
      expect(await allPages<string>(3, (last) => store.evidenceHashes(last ?? '', 3))).toEqual(hashes.toSorted())
      const entries = await allPages<Entry>(1, (last) => store.everyEntry(last, 1))
      expect(entries.map(({ shelf, key }) => `${shelf} ${key}`)).toEqual(['session z', 'token a', 'token b'])
      expect(entries[0]).toEqual({ shelf: 'session', key: 'z', revision: 1, json: '{}', expires: 7 })
    })

    test('a closed store says so to everyone', async () => {
      const waiting = store.changed(0, new AbortController().signal)
      await store.close()
      await waiting
      await expect(put(r1, 0, 'a')).rejects.toMatchObject({ name: 'StoreFault', retryable: false })
      await expect(store.read(r1)).rejects.toMatchObject({ name: 'StoreFault' })
      await store.close()
    })
  })
}
