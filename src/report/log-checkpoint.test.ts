import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { VirtualClock } from '../../sim/clock.ts'
import type { Store } from '../core/ports/store.ts'
import { MemoryStore } from '../store/memory.ts'
import { checkpointed } from './log-checkpoint.ts'
import { signerOf } from './signer.ts'

const by = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
const signer = signerOf(generateKeyPairSync('ed25519').privateKey)
let folder: string
let file: string
let told: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-checkpoint-'))
  file = join(folder, 'log.checkpoint')
  told = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (store: Store, key = signer) =>
  checkpointed(store, { file, signer: key, clock: new VirtualClock(0), log: (line) => told.push(line) })

async function storeWith(notes: readonly string[]): Promise<Store> {
  const store = new MemoryStore()
  for (const [version, note] of notes.entries()) await append(store, version, note)
  return store
}

const append = (store: Store, expectedVersion: number, note: string) =>
  store.append({
    streams: [{ stream: 'release/r', expectedVersion, events: [{ at: 1, by, event: { kind: 'NoteAdded', note } }] }],
  })

test('a log that has only grown is gone on with, and the file follows it', async () => {
  const store = await open(await storeWith(['a', 'b']))
  const first = readFileSync(file, 'utf8')
  expect(first).toMatch(/^holdpoint\/log\n2\n[A-Za-z0-9+/]{43}=\n\n\u2014 holdpoint [A-Za-z0-9+/]+=*\n$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await append(store, 2, 'c')
  const again = await open(await storeWith(['a', 'b', 'c', 'd']))
  expect(readFileSync(file, 'utf8')).toContain('\n4\n')
  await append(again, 4, 'e')
  expect(told).toEqual([])
})

test('an older state is only read: it is told, nothing is written or attended, and the file stays', async () => {
  await open(await storeWith(['a', 'b', 'c']))
  const kept = readFileSync(file)
  const restored = await open(await storeWith(['a', 'b']))
  expect(told).toEqual([
    `read-only: the checkpoint in ${file} was made of 3 events, and the log has 2: an older state was restored, or events are gone. If this state is to be gone on from, move ${file} away and start again.`,
  ])
  await expect(append(restored, 2, 'c')).rejects.toMatchObject({ name: 'StoreFault', retryable: false })
  expect(await restored.claim({ owner: 'e', now: 9e12, leaseMs: 1, limit: 9 })).toEqual([])
  expect(await restored.claimStream('release/r', { owner: 'e', now: 1, leaseMs: 1 })).toBeNull()
  expect(await restored.read('release/r')).toHaveLength(2)
  expect(await restored.putEntry('session', 'k', '{}')).toBe(1)
  expect(readFileSync(file)).toEqual(kept)
})

test('a log that was rewritten, a key that is another, and a file that is none are told as such', async () => {
  await open(await storeWith(['a', 'b', 'c']))
  const kept = readFileSync(file)
  await open(await storeWith(['a', 'B', 'c', 'd']))
  await open(await storeWith(['a', 'b', 'c']), signerOf(generateKeyPairSync('ed25519').privateKey))
  writeFileSync(file, kept.toString().replace('\n3\n', '\n2\n'))
  await open(await storeWith(['a', 'b', 'c']))
  writeFileSync(file, 'something else')
  await open(await storeWith(['a', 'b', 'c']))
  expect(told.map((line) => line.slice(0, 50))).toEqual([
    'read-only: the first 3 events are not those that t',
    'read-only: the first 3 events are not those that t',
    'read-only: the first 2 events are not those that t',
    `read-only: ${file} is no checkpoint`.slice(0, 50),
  ])
})

test('once the file is moved away the state is gone on from', async () => {
  await open(await storeWith(['a', 'b', 'c']))
  rmSync(file)
  const store = await open(await storeWith(['a', 'b']))
  await append(store, 2, 'other')
  expect(told).toEqual([])
})

test('a file that cannot be written is told once, and the store goes on', async () => {
  file = join(folder, 'nowhere', 'log.checkpoint')
  const store = await open(await storeWith(['a']))
  await append(store, 1, 'b')
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('is not kept: ENOENT')
})
