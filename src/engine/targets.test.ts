/** Targets: what was read once is not read again, and what somebody else wrote is never missed. */
import { expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import { ana } from './engine.fixture.ts'
import { Targets } from './targets.ts'

const stream = 'target/shop/production'
const claimed = (release: string) => ({ kind: 'TargetClaimed', release, version: '1.0.0' }) as const
const of = (expectedVersion: number, release: string) => ({
  stream,
  expectedVersion,
  events: [{ at: 1, by: ana, event: claimed(release) }],
})

function watched(): { store: MemoryStore; reads: number[] } {
  const store = new MemoryStore()
  const reads: number[] = []
  const read = store.read.bind(store)
  store.read = (name, after) => {
    reads.push(after ?? 0)
    return read(name, after)
  }
  return { store, reads }
}

test('a target is read from the event behind the last one known', async () => {
  const { store, reads } = watched()
  const targets = new Targets(store)
  await store.append({ streams: [of(0, 'a')] })
  expect(await targets.read(stream)).toMatchObject({ version: 1, holder: { release: 'a' } })
  await store.append({ streams: [of(1, 'b')] })
  expect(await targets.read(stream)).toMatchObject({ version: 2, holder: { release: 'b' } })
  expect(reads).toEqual([0, 1])
})

test('what was appended here is recalled without reading, what somebody else appended by reading', async () => {
  const { store, reads } = watched()
  const targets = new Targets(store)
  await targets.read(stream)
  await store.append({ streams: [of(0, 'a')] })
  targets.appended(of(0, 'a'))
  expect(await targets.recall(stream)).toMatchObject({ version: 1, holder: { release: 'a' } })
  expect(reads).toEqual([0])
  await store.append({ streams: [of(1, 'b')] })
  targets.appended(of(7, 'c'))
  expect(await targets.recall(stream)).toMatchObject({ version: 1 })
  expect(await targets.read(stream)).toMatchObject({ version: 2, holder: { release: 'b' } })
})

test('targets that were not asked for in a long time are read anew', async () => {
  const { store, reads } = watched()
  const targets = new Targets(store)
  for (let index = 0; index <= 1_000; index += 1) await targets.read(`target/service-${index}/production`)
  await targets.recall('target/service-1000/production')
  await targets.recall('target/service-0/production')
  expect(reads).toHaveLength(1_002)
})
