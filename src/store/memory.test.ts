/** The memory store meets the contract and breaks where it is told to. */
import { expect, test } from 'vitest'
import { MemoryStore } from './memory.ts'
import { storeContract } from './store.contract.ts'
import { note } from './test-support/examples.ts'

storeContract('memory', (options) => {
  const store = new MemoryStore(options)
  return Promise.resolve({ store, dispose: () => store.close() })
})

const append = { streams: [{ stream: 'release/r1', expectedVersion: 0, events: [note('a')] }] }

test('a fault before an operation leaves nothing behind, one after it leaves everything', async () => {
  let where: 'before' | 'after' | null = 'before'
  const crash = (here: 'before' | 'after') => (operation: string) => {
    if (where === here && operation === 'append') throw new Error(`crash ${here}`)
  }
  const store = new MemoryStore({ faults: { before: crash('before'), after: crash('after') } })
  await expect(store.append(append)).rejects.toThrow('crash before')
  expect(await store.read('release/r1')).toEqual([])
  where = 'after'
  await expect(store.append(append)).rejects.toThrow('crash after')
  expect(await store.read('release/r1')).toHaveLength(1)
})
