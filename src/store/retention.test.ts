/** What is dropped of releases that ended long ago, and above all what is not. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from './memory.ts'
import { applyRetention, type Forgotten } from './retention.ts'
import { batchTo, recordOf, summaryOf } from './test-support/examples.ts'

const day = 86_400_000
const by = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

let store: MemoryStore
let now: number
let told: Forgotten[]
let onSleep: () => Promise<void>

beforeEach(() => {
  store = new MemoryStore()
  now = 1_000 * day
  told = []
  onSleep = () => Promise.resolve()
})

const apply = (retainMs = 400 * day, laterMs = 3_600_000) => {
  now += laterMs
  return applyRetention({
    store,
    clock: { now: () => now, sleep: () => onSleep() },
    retainMs,
    onForgotten: (one) => Promise.resolve(void told.push(one)),
  })
}

async function release(id: string, endedAt: number, evidence: readonly string[], more: object = {}): Promise<void> {
  const { open = false, retentionMs } = more as { open?: boolean; retentionMs?: number }
  const started = { kind: 'ReleaseStarted', plan: { service: 'shop', ...(retentionMs ? { retentionMs } : {}) } }
  const named = { kind: 'AttemptFinished', evidence: evidence.map((text) => ({ sha256: hashOf(text) })) }
  await store.append(
    {
      streams: [
        {
          stream: `release/${id}`,
          expectedVersion: 0,
          events: [started, named].map((event) => ({ at: endedAt, by, event })),
        },
      ],
      evidence: evidence.map((text) => Buffer.from(text)),
    },
    summaryOf(id, endedAt, { open, updatedAt: endedAt }),
  )
  await store.putBatch(id, batchTo(1_000))
}

const has = async (text: string) => (await store.getEvidence(hashOf(text))) !== null
const batches = async (id: string) => (await store.batches(id, 'rollout', 0)).length

describe('retention', () => {
  test('drops samples and evidence of a release that ended long ago, and no event of it', async () => {
    await release('old', 10 * day, ['a', 'b'])
    await release('young', 900 * day, ['c'])
    await apply()
    expect(told).toEqual([{ release: 'old', batches: 1, evidence: 2 }])
    expect([await has('a'), await has('b'), await has('c')]).toEqual([false, false, true])
    expect([await batches('old'), await batches('young')]).toEqual([0, 1])
    expect(await store.read('release/old')).toHaveLength(2)
    await apply()
    expect(told).toHaveLength(1)
  })

  test('keeps what an open or a younger release, a record, a checklist or an entry names as well', async () => {
    await release('old', 10 * day, ['open', 'young', 'record', 'checklist', 'entry', 'free'])
    await release('still', 10 * day, ['open'], { open: true })
    await release('newer', 900 * day, ['young'])
    await store.addRecord({ ...recordOf('r1', 'restore drill', 10 * day), evidence: [hashOf('record')] })
    await store.append({
      streams: [
        { stream: 'access', expectedVersion: 0, events: [{ at: 1, by, event: { sha256: hashOf('checklist') } }] },
      ],
    })
    await store.putEntry('work', 'x', JSON.stringify({ script: hashOf('entry') }))
    await apply()
    const kept = await Promise.all(['open', 'young', 'record', 'checklist', 'entry', 'free'].map(has))
    expect(kept).toEqual([true, true, true, true, true, false])
    expect(await batches('still')).toBe(1)
  })

  test('drops what two old releases shared once both are old', async () => {
    await release('one', 10 * day, ['shared'])
    await release('two', 500 * day, ['shared'])
    await apply(600 * day)
    expect([await has('shared'), told.map((one) => one.release)]).toEqual([true, ['one']])
    await apply()
    expect([await has('shared'), told.map((one) => one.release)]).toEqual([false, ['one', 'two']])
  })

  test('keeps a release as long as its checklist asks for', async () => {
    await release('old', 10 * day, ['a'], { retentionMs: 3_000 * day })
    await release('short', 900 * day, ['b'], { retentionMs: day })
    await apply()
    expect([told, await has('a'), await has('b')]).toEqual([[], true, true])
  })

  test('puts back what somebody handed in again meanwhile', async () => {
    await release('old', 10 * day, ['again', 'gone'])
    // Its bytes were there when they were handed in; its event comes after they were dropped.
    onSleep = async () => {
      await store.append(
        {
          streams: [
            {
              stream: 'release/new',
              expectedVersion: 0,
              events: [{ at: now, by, event: { kind: 'AttemptFinished', evidence: [{ sha256: hashOf('again') }] } }],
            },
          ],
        },
        summaryOf('new', now, { open: true }),
      )
    }
    await apply()
    expect([await has('again'), await has('gone')]).toEqual([true, false])
  })

  test('is the turn of one replica at a time', async () => {
    await release('old', 10 * day, ['a'])
    await Promise.all([apply(), apply(undefined, 0), apply(undefined, 0)])
    expect(told).toHaveLength(1)
  })
})
