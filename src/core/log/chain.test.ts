/** Every way to tamper with a stream is found by its chain. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredEvent } from '../ports/store.ts'
import type { Actor } from '../release/events.ts'
import { canonicalJson } from './canonical.ts'
import { genesisHash, sealEvents, verifyChain } from './chain.ts'
import type { ChainHead } from './chain.ts'

const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }

function chainOf(notes: readonly string[], stream = 'release/r1'): StoredEvent[] {
  const news = notes.map((note, index) => ({ at: 1000 + index, by: ana, event: { kind: 'NoteAdded', note, n: index } }))
  return sealEvents(stream, genesisHash, 0, news).map(({ stored }, index) => ({ ...stored, position: index + 1 }))
}

function headOf(events: readonly StoredEvent[]): ChainHead {
  const last = events.at(-1)
  return last ? { version: last.version, hash: last.hash } : { version: 0, hash: genesisHash }
}

/** A forger with the tool in hand: everything from `index` on is hashed again. */
function rehash(events: readonly StoredEvent[], index: number): StoredEvent[] {
  const before = events.slice(0, index)
  const last = headOf(before)
  const again = sealEvents('release/r1', last.hash, last.version, events.slice(index))
  return [...before, ...again.map(({ stored }, place) => ({ ...stored, position: index + place + 1 }))]
}

const flipped = (hex: string) => (hex.startsWith('0') ? `1${hex.slice(1)}` : `0${hex.slice(1)}`)

type Mutation = (events: StoredEvent[], at: number, other: number) => StoredEvent[]
const edit = (events: StoredEvent[], at: number, change: (event: StoredEvent) => StoredEvent) =>
  events.map((event, index) => (index === at ? change(event) : event))

const mutations: Readonly<Record<string, Mutation>> = {
  'an edited event': (events, at) =>
    edit(events, at, (event) => ({ ...event, event: { kind: 'NoteAdded', note: 'forged', n: at } })),
  'an edited time': (events, at) => edit(events, at, (event) => ({ ...event, at: event.at + 1 })),
  'another actor': (events, at) => edit(events, at, (event) => ({ ...event, by: { ...event.by, id: 'eve' } })),
  'a raised assurance': (events, at) =>
    edit(events, at, (event) => ({ ...event, by: { ...event.by, assurance: 'proven' } })),
  'a flipped hash': (events, at) => edit(events, at, (event) => ({ ...event, hash: flipped(event.hash) })),
  'a flipped link': (events, at) =>
    edit(events, at, (event) => ({ ...event, previousHash: flipped(event.previousHash) })),
  'another version': (events, at, other) =>
    edit(events, at, (event) => ({ ...event, version: event.version + 1 + other })),
  'another stream': (events, at) => edit(events, at, (event) => ({ ...event, stream: 'release/r2' })),
  'a deletion': (events, at) => events.filter((_, index) => index !== at),
  'a deletion, hashed again': (events, at) =>
    rehash(
      events.filter((_, index) => index !== at),
      at,
    ),
  'a swap': (events, at) => {
    const next = (at + 1) % events.length
    return events.map((event, index) => (index === at ? events[next]! : index === next ? events[at]! : event))
  },
  'a repetition': (events, at) => [...events.slice(0, at + 1), events[at]!, ...events.slice(at + 1)],
  'an insertion': (events, at) => [
    ...events.slice(0, at),
    { ...events[at]!, event: { kind: 'NoteAdded', note: 'new', n: -1 } },
    ...events.slice(at),
  ],
  'an insertion, hashed again': (events, at) =>
    rehash([...events.slice(0, at), { ...events[at]!, event: { kind: 'X' } }, ...events.slice(at)], at),
  'an edit, hashed again': (events, at) =>
    rehash(
      edit(events, at, (event) => ({ ...event, event: { kind: 'X' } })),
      at,
    ),
  'a fork': (events, at) => [
    ...events,
    rehash(
      edit(events, at, (event) => ({ ...event, event: { kind: 'X' } })),
      at,
    )[at]!,
  ],
  'a cut tail': (events, at) => events.slice(0, at),
  'an added tail': (events) => rehash([...events, events[0]!], events.length),
}

describe('the chain', () => {
  test('an untouched chain verifies and gives its head', () => {
    const events = chainOf(['a', 'b', 'c'])
    expect(verifyChain(events)).toEqual({ ok: true, head: headOf(events) })
    expect(verifyChain(events, headOf(events)).ok).toBe(true)
    expect(verifyChain([]).ok).toBe(true)
  })

  test('a chain may be continued in a second append', () => {
    const first = chainOf(['a', 'b'])
    const more = sealEvents('release/r1', headOf(first).hash, 2, [{ at: 5, by: ana, event: { kind: 'X' } }])
    expect(verifyChain([...first, ...more.map(({ stored }) => ({ ...stored, position: 3 }))]).ok).toBe(true)
  })

  test('the hash can be made with public tools: previous hash, then canonical JSON', async () => {
    const [event] = chainOf(['a'])
    const { createHash } = await import('node:crypto')
    const body = canonicalJson({ at: event!.at, by: event!.by, event: event!.event, stream: event!.stream, version: 1 })
    expect(event!.hash).toBe(createHash('sha256').update(genesisHash).update(body).digest('hex'))
  })

  test('of 1,000 random mutations every one is found', () => {
    let found = 0
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 2, maxLength: 12 }),
        fc.constantFrom(...Object.keys(mutations)),
        fc.nat(),
        fc.nat(5),
        (notes, name, place, other) => {
          const events = chainOf(notes)
          const mutated = mutations[name]!(events, place % events.length, other)
          expect(verifyChain(mutated, headOf(events)).ok, name).toBe(false)
          found++
        },
      ),
      { numRuns: 1000 },
    )
    expect(found).toBe(1000)
  })

  test.each([
    ['a deletion', /event 2 is missing/],
    ['a swap', /event 2 is out of order/],
    ['a repetition', /event 2 stands there twice/],
    ['a fork', /the chain forks at event 2/],
    ['an edited event', /event 2 was changed/],
    ['a cut tail', /events after 1 are cut off/],
    ['an added tail', /were added behind the head/],
    ['an edit, hashed again', /forks at or before event 4/],
  ])('the finding names %s', (name, words) => {
    const events = chainOf(['a', 'b', 'c', 'd'])
    const verdict = verifyChain(mutations[name]!(events, 1, 0), headOf(events))
    expect(verdict.ok ? '' : verdict.why).toMatch(words)
  })

  test('a value that JSON cannot hold is refused, not recorded as something else', () => {
    expect(() => sealEvents('s', genesisHash, 0, [{ at: 1, by: ana, event: { n: NaN } }])).toThrow(/no JSON form/)
  })
})
