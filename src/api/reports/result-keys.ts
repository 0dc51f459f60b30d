/** Keys with which outside runners sign their results, each of one machine and one project: sealed, kept as entries. */
import type { Entry, Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'

const KEYS = 'result-key'
const SEEN = 'result-message'
/** Longer than a message may be old: what was seen once is refused until it is too old anyway. */
const REMEMBERED_MS = 3_600_000

export interface ResultKey {
  readonly id: string
  readonly project: string
  readonly organisation: string
  readonly machine: string
  /** Sealed, in the context of `contextOfKey(id)`. */
  readonly secret: string
  readonly createdAt: Instant
  readonly createdBy: string
  readonly expires: Instant
}

/** How old a message may be, or how far ahead its sender's clock. */
export const messageWindowMs: Millis = 300_000

export function contextOfKey(id: string): string {
  return `result key ${id}`
}

export async function resultKeys(store: Store): Promise<readonly ResultKey[]> {
  return (await store.entries(KEYS)).map(keyIn)
}

export async function resultKeyOf(store: Store, id: string): Promise<ResultKey | null> {
  const entry = await store.getEntry(KEYS, id)
  return entry && keyIn(entry)
}

export async function keepResultKey(store: Store, key: ResultKey): Promise<void> {
  await store.putEntry(KEYS, key.id, JSON.stringify(key), { expected: 0, expires: key.expires })
}

export async function dropResultKey(store: Store, id: string): Promise<void> {
  await store.putEntry(KEYS, id, null)
}

/** False = a message of this key with this id has been taken before. */
export async function isFirstMessage(store: Store, key: string, message: string, now: Instant): Promise<boolean> {
  const taken = await store.putEntry(SEEN, `${key}/${message}`, '{}', { expected: 0, expires: now + REMEMBERED_MS })
  return taken !== null
}

function keyIn({ json }: Entry): ResultKey {
  return JSON.parse(json) as ResultKey
}
