/** What this server keeps of passkeys: public keys, and questions that wait for their one answer. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant } from '../../core/units.ts'
import { hashOfKey } from './keys.ts'
import { type PublicKey, QUESTION_MS } from './passkeys.ts'

const PASSKEYS = 'passkey'
const ASKED = 'passkey-asked'

export interface Passkey extends PublicKey {
  readonly person: string
  /** Chosen by the person: `phone`. */
  readonly name: string
  /** Name of the server that it is bound to. */
  readonly domain: string
  readonly addedAt: Instant
  readonly usedAt: Instant | null
}

/** `id` names it in addresses and lists. */
export interface KeptPasskey extends Passkey {
  readonly id: string
  readonly revision: number
}

/** What was asked of one browser. */
export interface Asked {
  readonly challenge: string
  readonly origin: string
  /** Who registers; null = somebody signs in. */
  readonly person: string | null
}

export interface KeptPasskeys {
  of(person: string): Promise<readonly KeptPasskey[]>
  /** By what the authenticator calls it. */
  find(credential: string): Promise<KeptPasskey | null>
  /** False when it is there already. */
  add(passkey: Passkey): Promise<boolean>
  /** False when it was used or removed since it was found. */
  used(passkey: KeptPasskey, counter: number): Promise<boolean>
  /** False when this person has none such. */
  remove(person: string, id: string): Promise<boolean>
  /** The secret is for a cookie of the browser that is asked. */
  ask(asked: Asked): Promise<string>
  /** Uses the question up, whatever comes of it. null = unknown, too old, or answered before. */
  answered(cookie: string | undefined): Promise<Asked | null>
}

export function keptPasskeys(store: Store, clock: Clock): KeptPasskeys {
  const find = async (id: string): Promise<KeptPasskey | null> => {
    const entry = await store.getEntry(PASSKEYS, id)
    return entry && { ...(JSON.parse(entry.json) as Passkey), id, revision: entry.revision }
  }
  return {
    async of(person) {
      const all = await store.entries(PASSKEYS)
      return all
        .map(({ key, json, revision }) => ({ ...(JSON.parse(json) as Passkey), id: key, revision }))
        .filter((each) => each.person === person)
        .toSorted((a, b) => a.addedAt - b.addedAt)
    },
    find: (credential) => find(hashOfKey(credential)),
    async add(passkey) {
      const put = await store.putEntry(PASSKEYS, hashOfKey(passkey.credential), JSON.stringify(passkey), {
        expected: 0,
      })
      return put !== null
    },
    async used({ id, revision, ...passkey }, counter) {
      const now: Passkey = { ...passkey, counter, usedAt: clock.now() }
      return (await store.putEntry(PASSKEYS, id, JSON.stringify(now), { expected: revision })) !== null
    },
    async remove(person, id) {
      const found = await find(id)
      if (found?.person !== person) return false
      await store.putEntry(PASSKEYS, id, null)
      return true
    },
    async ask(asked) {
      const cookie = randomBytes(32).toString('base64url')
      await store.putEntry(ASKED, hashOfKey(cookie), JSON.stringify(asked), { expires: clock.now() + QUESTION_MS })
      return cookie
    },
    async answered(cookie) {
      if (cookie === undefined) return null
      const entry = await store.getEntry(ASKED, hashOfKey(cookie))
      if (entry === null || entry.expires === null || entry.expires <= clock.now()) return null
      // Whoever removes it has used it: of two at once one wins.
      const removed = await store.putEntry(ASKED, entry.key, null, { expected: entry.revision })
      return removed === null ? null : (JSON.parse(entry.json) as Asked)
    },
  }
}
