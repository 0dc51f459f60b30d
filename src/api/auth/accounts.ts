/** How people prove who they are with what this server keeps: passwords, sessions, invitations. Secrets are kept as hashes. */
import type { AccessState } from '../../core/access/access.ts'
import { isActive } from '../../core/access/may.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { deviceIn, isDeviceText, makeDevice } from './devices.ts'
import { hashOfKey, makeKey } from './keys.ts'
import { hashOfPassword, isPassword, pretendToCheck } from './passwords.ts'

const PASSWORDS = 'password'
const SESSIONS = 'session'
const INVITATIONS = 'invitation'
const SEEN = 'seen'

/** A session unused for so long is over, and any is after a week. */
const IDLE_MS: Millis = 12 * 3_600_000
const LONGEST_MS: Millis = 7 * 86_400_000
/** One list serves all streams; with the time between two looks of a stream it is well within a second. */
const LISTED_MS: Millis = 250
/** Using a session or a token writes at most this often. */
const TOUCH_MS: Millis = 10 * 60_000

export interface Session {
  readonly key: string
  readonly person: string
  readonly signedInAt: Instant
  readonly startedAt: Instant
  readonly how: 'password' | 'openid' | 'passkey' | 'setup'
  /** Of a sign-in through an OpenID provider: what that calls it. */
  readonly provider?: ProviderSession
}

/** A sign-in as an OpenID provider knows it. */
export interface ProviderSession {
  readonly issuer: string
  readonly subject: string
  /** null = the provider has no name for it. */
  readonly session: string | null
  /** When it told so, by its own clock. */
  readonly issuedAt: Instant
}

/** A sign-in as its owner sees it. */
export interface OpenSession extends Session {
  /** Names it in an address; opens nothing. */
  readonly id: string
  readonly usedAt: Instant
  readonly expires: Instant
}

export interface Accounts {
  setPassword(person: string, password: string): Promise<void>
  hasPassword(person: string): Promise<boolean>
  /** False in the same time for a wrong password, an unknown name and an account without one. */
  checkPassword(person: string, password: string): Promise<boolean>
  /** For the browser that a person has just signed in with; null = they have no password, so nobody guesses it. */
  markDevice(person: string): Promise<string | null>
  /** Which device of this person such a mark is of; null = of none. */
  deviceOf(person: string, mark: string): Promise<string | null>
  /** The secret is told once, here. `provenAt` = when they proved who they are, if not now; 0 = nobody knows: never fresh. */
  openSession(
    person: string,
    how: Session['how'],
    provenAt?: Instant,
    more?: { readonly provider?: ProviderSession | null; readonly startedAt?: Instant },
  ): Promise<{ readonly secret: string; readonly session: Session }>
  /** null = unknown, over, or of somebody who may no longer come in. */
  sessionOf(secret: string, state: AccessState): Promise<Session | null>
  /** Keys of all sessions that are not over, at most a moment old: for streams, which outlive the request that began them. */
  openSessions(): Promise<ReadonlySet<string>>
  /** Those of one person that are not over, the one used last first. */
  sessionsOf(person: string): Promise<readonly OpenSession[]>
  /** Remembers, to ten minutes, that somebody or a token was here. Never throws: it only informs. */
  saw(kind: 'person' | 'token', id: string): Promise<void>
  /** When each was here last; who never was is not in it. */
  lastSeen(kind: 'person' | 'token'): Promise<ReadonlyMap<string, Instant>>
  /** Asked of the store itself, not of what was read a moment ago. */
  isOpen(key: string): Promise<boolean>
  closeSession(key: string): Promise<void>
  closeAllSessions(person: string): Promise<number>
  /** Ends every session that `isOver` says so of; who had each of them. */
  closeSessions(isOver: (session: Omit<Session, 'key'>) => boolean): Promise<readonly string[]>
  /** A link that lets one person choose a password once; a new one makes the one before worthless. */
  invite(person: string, forMs: Millis): Promise<string>
  /** Whose invitation it is, or null. It is used up by this. */
  redeem(secret: string): Promise<string | null>
  /** The same by the hash of the secret. */
  redeemHashed(hash: string): Promise<string | null>
}

interface KeptSession extends Omit<Session, 'key'> {
  readonly usedAt: Instant
}

export function createAccounts(store: Store, clock: Clock): Accounts {
  let listed: { at: Instant; keys: Promise<ReadonlySet<string>> } | null = null
  const written = new Map<string, Instant>()
  const saw: Accounts['saw'] = async (kind, id) => {
    const [key, now] = [`${kind}/${id}`, clock.now()]
    if (now - (written.get(key) ?? Number.NEGATIVE_INFINITY) < TOUCH_MS) return
    written.set(key, now)
    await store.putEntry(SEEN, key, JSON.stringify({ at: now })).catch(() => written.delete(key))
  }
  /** What is kept of it; null = there is none. */
  const passwordOf = async (person: string): Promise<string | null> => {
    const entry = await store.getEntry(PASSWORDS, person)
    return entry === null ? null : (JSON.parse(entry.json) as { hash: string }).hash
  }
  const keep = (key: string, session: KeptSession, expected?: number) =>
    store.putEntry(SESSIONS, key, JSON.stringify(session), {
      expires: Math.min(session.startedAt + LONGEST_MS, session.usedAt + IDLE_MS),
      ...(expected === undefined ? {} : { expected }),
    })
  /** A session that was ended since it was read stays ended. */
  const touch = async (key: string, session: KeptSession, revision: number): Promise<boolean> =>
    (await keep(key, session, revision)) !== null || (await store.getEntry(SESSIONS, key)) !== null
  const redeemHashed = async (key: string): Promise<string | null> => {
    const entry = await store.getEntry(INVITATIONS, key)
    if (entry === null || entry.expires === null || entry.expires <= clock.now()) return null
    // Whoever removes it has used it: of two at once one wins.
    const removed = await store.putEntry(INVITATIONS, key, null, { expected: entry.revision })
    return removed === null ? null : (JSON.parse(entry.json) as { person: string }).person
  }
  const closeSessions: Accounts['closeSessions'] = async (isOver) => {
    const all = (await store.entries(SESSIONS)).map(({ key, json }) => ({
      key,
      session: JSON.parse(json) as KeptSession,
    }))
    const over = all.filter(({ session }) => isOver(session))
    for (const { key } of over) await store.putEntry(SESSIONS, key, null)
    listed = null
    return over.map(({ session }) => session.person)
  }
  return {
    async setPassword(person, password) {
      await store.putEntry(PASSWORDS, person, JSON.stringify({ hash: await hashOfPassword(password) }))
    },
    hasPassword: async (person) => (await store.getEntry(PASSWORDS, person)) !== null,
    async checkPassword(person, password) {
      const hash = await passwordOf(person)
      return hash === null ? pretendToCheck(password) : isPassword(password, hash)
    },
    async markDevice(person) {
      const hash = await passwordOf(person)
      return hash === null ? null : makeDevice(person, hash, clock.now())
    },
    async deviceOf(person, mark) {
      if (!isDeviceText(mark)) return null
      const hash = await passwordOf(person)
      return hash === null ? null : deviceIn(mark, person, hash, clock.now())
    },
    async openSession(person, how, provenAt, { provider = null, startedAt } = {}) {
      const secret = makeKey('session')
      const key = hashOfKey(secret)
      const now = clock.now()
      const signedInAt = Math.min(provenAt ?? now, now)
      const session = {
        person,
        how,
        signedInAt,
        startedAt: Math.min(startedAt ?? now, now),
        ...(provider === null ? {} : { provider }),
      }
      await keep(key, { ...session, usedAt: now })
      await saw('person', person)
      return { secret, session: { key, ...session } }
    },
    async sessionOf(secret, state) {
      const key = hashOfKey(secret)
      const entry = await store.getEntry(SESSIONS, key)
      const now = clock.now()
      if (entry === null || entry.expires === null || entry.expires <= now) return null
      const { usedAt, ...session } = JSON.parse(entry.json) as KeptSession
      if (!isActive(state, session.person)) return null
      const isUsed = now - usedAt > TOUCH_MS
      if (isUsed && !(await touch(key, { ...session, usedAt: now }, entry.revision))) return null
      if (isUsed) await saw('person', session.person)
      return { key, ...session }
    },
    openSessions() {
      const now = clock.now()
      if (listed === null || now - listed.at > LISTED_MS) {
        const keys = store
          .entries(SESSIONS)
          .then((all) => new Set(all.filter(({ expires }) => (expires ?? 0) > now).map(({ key }) => key)))
        listed = { at: now, keys }
      }
      return listed.keys
    },
    async sessionsOf(person) {
      const now = clock.now()
      return (await store.entries(SESSIONS))
        .map(({ key, json, expires }) => ({
          ...(JSON.parse(json) as KeptSession),
          key,
          id: key.slice(0, 16),
          expires: expires ?? 0,
        }))
        .filter((session) => session.person === person && session.expires > now)
        .toSorted((one, other) => other.usedAt - one.usedAt)
    },
    saw,
    async lastSeen(kind) {
      const kept = await store.entries(SEEN, `${kind}/`)
      return new Map(
        kept.map(({ key, json }) => [key.slice(kind.length + 1), (JSON.parse(json) as { at: Instant }).at]),
      )
    },
    async isOpen(key) {
      const entry = await store.getEntry(SESSIONS, key)
      return entry !== null && (entry.expires ?? 0) > clock.now()
    },
    async closeSession(key) {
      await store.putEntry(SESSIONS, key, null)
      listed = null
    },
    closeAllSessions: async (person) => (await closeSessions((session) => session.person === person)).length,
    closeSessions,
    async invite(person, forMs) {
      const secret = makeKey('invitation')
      for (const { key, json } of await store.entries(INVITATIONS))
        if ((JSON.parse(json) as { person: string }).person === person) await store.putEntry(INVITATIONS, key, null)
      await store.putEntry(INVITATIONS, hashOfKey(secret), JSON.stringify({ person }), {
        expires: clock.now() + forMs,
      })
      return secret
    },
    redeem: (secret) => redeemHashed(hashOfKey(secret)),
    redeemHashed,
  }
}
