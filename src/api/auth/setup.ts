/** The one-time link by which the first administrator of a server comes in. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import { hashOfKey, makeKey } from './keys.ts'

const SHELF = 'setup'
const VALID_MS = 24 * 3_600_000

/** Replicas that start together each print a link: any of them will do, until one has been used. */
export async function newSetupKey(store: Store, clock: Clock): Promise<string> {
  const secret = makeKey('setup')
  await store.putEntry(SHELF, hashOfKey(secret), '{}', { expires: clock.now() + VALID_MS })
  return secret
}

/** Does the key let somebody in? Who comes first is for the directory, which takes one first administrator only. */
export async function isSetupKey(store: Store, clock: Clock, secret: string): Promise<boolean> {
  const entry = await store.getEntry(SHELF, hashOfKey(secret))
  return entry !== null && entry.expires !== null && entry.expires > clock.now()
}

/** There is an administrator: no link of any replica opens anything any more. */
export async function dropSetupKeys(store: Store): Promise<void> {
  for (const { key } of await store.entries(SHELF)) await store.putEntry(SHELF, key, null)
}
