import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/ports/store.ts'
import { RecentEvents } from './recent-events.ts'

const event = (position: number, stream: string, version: number): StoredEvent => ({
  position,
  stream,
  version,
  at: 1,
  by: { id: 'engine', kind: 'engine', assurance: 'engine' },
  event: { kind: 'Something' },
  previousHash: '',
  hash: '',
})

const positions = (events: readonly StoredEvent[] | null) => events?.map((each) => each.position) ?? null

test('what was appended last is known, and nothing is left out of an answer', () => {
  const recent = new RecentEvents()
  expect(recent.tail(0, 10)).toBeNull()
  recent.add([event(5, 'a', 2), event(6, 'b', 1)])
  recent.add([event(7, 'a', 3)])
  expect(positions(recent.tail(4, 10))).toEqual([5, 6, 7])
  expect(positions(recent.tail(5, 1))).toEqual([6])
  expect(positions(recent.ofStream('a', 1))).toEqual([5, 7])
  expect(positions(recent.ofStream('a', 2))).toEqual([7])
})

test('the store is asked for what is older, not known to be there, or a whole stream', () => {
  const recent = new RecentEvents()
  recent.add([event(5, 'a', 2), event(6, 'b', 1)])
  expect(recent.tail(3, 10)).toBeNull()
  expect(recent.tail(6, 10)).toBeNull()
  expect(recent.ofStream('a', 2)).toBeNull()
  expect(recent.ofStream('c', 1)).toBeNull()
  expect(recent.ofStream('b', 0)).toBeNull()
})

test('after a gap only what follows it is known, and no more than some hundred events', () => {
  const recent = new RecentEvents()
  recent.add([event(5, 'a', 2)])
  recent.add([event(7, 'a', 4)])
  expect(recent.tail(4, 10)).toBeNull()
  expect(positions(recent.tail(6, 10))).toEqual([7])
  for (let position = 8; position < 1_000; position += 1) recent.add([event(position, 'a', position - 3)])
  expect(recent.tail(500, 10)).toBeNull()
  expect(positions(recent.tail(900, 2))).toEqual([901, 902])
})
