/** The one-time link by which the first administrator of a server comes in. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import { hashOfKey, makeKey } from './keys.ts'

const SHELF = 'setup'
const KEY = 'link'
const VALID_MS = 24 * 3_600_000

/** A new link makes the one before worthless: only who sees the newest start of the server can use it. */
export async function newSetupKey(store: Store, clock: Clock): Promise<string> {
  const secret = makeKey('setup')
  await store.putEntry(SHELF, KEY, JSON.stringify({ hash: hashOfKey(secret) }), { expires: clock.now() + VALID_MS })
  return secret
}

/** Uses it up: true for one caller only. */
export async function useSetupKey(store: Store, clock: Clock, secret: string): Promise<boolean> {
  const entry = await store.getEntry(SHELF, KEY)
  if (entry === null || entry.expires === null || entry.expires <= clock.now()) return false
  if ((JSON.parse(entry.json) as { hash: string }).hash !== hashOfKey(secret)) return false
  return (await store.putEntry(SHELF, KEY, null, { expected: entry.revision })) !== null
}
