/** The hash chain of a stream: each event carries the hash of the one before, so that no later edit goes unseen. */
import type { Recorded } from '../release/events.ts'
import type { StoredEvent, StreamId } from '../ports/store.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'

/** Where a chain ends: enough to notice anything changed, cut off or added. */
export interface ChainHead {
  readonly version: number
  readonly hash: string
}

/** What the first event of a stream names as the hash before it. */
export const genesisHash = '0'.repeat(64)

export const emptyChain: ChainHead = { version: 0, hash: genesisHash }

/** An event with its place in the chain, before the store gives it a position. */
export interface SealedEvent {
  /** Read back from `body`, so that what a writer gets is what a reader will get. */
  readonly stored: Omit<StoredEvent, 'position'>
  /** The bytes that are hashed: canonical JSON of {at, by, event, stream, version}. */
  readonly body: string
}

/** The text whose hash, after the previous hash, is an event's hash. */
export function eventBody(event: Pick<StoredEvent, 'stream' | 'version' | 'at' | 'by' | 'event'>): string {
  const { stream, version, at, by, event: news } = event
  return canonicalJson({ stream, version, at, by, event: news })
}

/** sha-256 (hex) of the previous hash (64 hex digits) followed directly by the body. */
export function eventHash(previousHash: string, body: string): string {
  return sha256Hex(previousHash + body)
}

/** Chains new events to the end of a stream. Throws for values that JSON cannot hold, before anything is written. */
export function sealEvents(
  stream: StreamId,
  lastHash: string,
  lastVersion: number,
  events: readonly Omit<Recorded<unknown>, 'version'>[],
): readonly SealedEvent[] {
  let previousHash = lastHash
  return events.map(({ at, by, event }, index) => {
    const body = eventBody({ stream, version: lastVersion + index + 1, at, by, event })
    const hash = eventHash(previousHash, body)
    const stored = storedFromBody(body, previousHash, hash)
    previousHash = hash
    return { stored, body }
  })
}

/** The event that a stored body stands for. */
export function storedFromBody(body: string, previousHash: string, hash: string): Omit<StoredEvent, 'position'> {
  const { stream, version, at, by, event } = JSON.parse(body) as StoredEvent
  return { stream, version, at, by, event, previousHash, hash }
}

export type ChainVerdict =
  | { readonly ok: true; readonly head: ChainHead }
  /** `at` = the version that the chain should have had where it is wrong. */
  | { readonly ok: false; readonly at: number; readonly why: string }

/**
 * Checks one stream from its first event on. With `head`, the chain must also end exactly there:
 * only a head known from elsewhere shows a cut tail or a chain rewritten as a whole.
 */
export function verifyChain(events: readonly StoredEvent[], head?: ChainHead): ChainVerdict {
  let last = emptyChain
  for (const [index, event] of events.entries()) {
    const why = faultOfLink(event, last, events, index)
    if (why !== null) return { ok: false, at: last.version + 1, why }
    last = { version: event.version, hash: event.hash }
  }
  if (head === undefined || (head.version === last.version && head.hash === last.hash)) return { ok: true, head: last }
  return { ok: false, at: Math.min(head.version, last.version) + 1, why: faultOfEnd(events, last, head) }
}

function faultOfLink(
  event: StoredEvent,
  last: ChainHead,
  events: readonly StoredEvent[],
  index: number,
): string | null {
  const expected = last.version + 1
  if (event.stream !== events[0]?.stream) return `an event of ${event.stream} stands in ${events[0]?.stream}`
  if (event.version !== expected) return faultOfVersion(event, expected, events, index)
  if (event.previousHash !== last.hash) return `event ${expected} does not follow the event before it`
  if (eventHash(event.previousHash, eventBody(event)) !== event.hash)
    return `event ${expected} was changed: its hash does not fit`
  return null
}

function faultOfVersion(event: StoredEvent, expected: number, events: readonly StoredEvent[], index: number): string {
  const twin = events.slice(0, index).find((earlier) => earlier.version === event.version)
  if (twin)
    return twin.hash === event.hash
      ? `event ${event.version} stands there twice`
      : `the chain forks at event ${event.version}`
  const isElsewhere = events.slice(index).some((later) => later.version === expected)
  return isElsewhere ? `event ${expected} is out of order` : `event ${expected} is missing`
}

function faultOfEnd(events: readonly StoredEvent[], last: ChainHead, head: ChainHead): string {
  if (last.version < head.version) return `events after ${last.version} are cut off: the head is ${head.version}`
  const there = events.find((event) => event.version === head.version)
  if (there && there.hash !== head.hash) return `the chain forks at or before event ${head.version}`
  return `events after ${head.version} were added behind the head`
}
