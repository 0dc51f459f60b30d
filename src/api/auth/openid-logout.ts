/** Back-channel logout: a provider tells this server, directly, that somebody signed out there; their sign-ins here end. */
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'
import type { Accounts, ProviderSession, Session } from './accounts.ts'
import { hashOfKey } from './keys.ts'
import type { LetIn } from './openid-sign-in.ts'
import { ALGORITHMS, ANSWER_WITHIN_S, OpenIdFault, type OpenIdProvider } from './openid.ts'

/** Where providers send logout tokens: told to the provider when this server is registered there. */
export const OPENID_LOGOUT = '/v1/openid/back-channel-logout'

/** Whom the provider has signed out: one sign-in, or all of a subject. */
export interface LoggedOut {
  readonly issuer: string
  readonly subject: string | null
  readonly session: string | null
  /** Says which token it was. */
  readonly id: string
  /** By the provider's clock. */
  readonly issuedAt: Instant
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** `typ` of a logout token; older providers say no more than `JWT`, or nothing. An access token says `at+jwt`. */
const TYPES: readonly unknown[] = [undefined, 'JWT', 'logout+jwt', 'application/logout+jwt']
const CLOCKS_S = 30
/** A token is sent at once: one that is older was kept by somebody. */
const OLDEST_S = 300
/** Longer than a token may be old, and longer than a sign-in takes from the provider's answer to its session. */
const REMEMBERED_MS: Millis = 3_600_000
const SEEN = 'openid-logout'
const ENDED = 'openid-ended'

/** Checks all of a logout token but whether it came before. Throws OpenIdFault. */
export type LogoutCheck = (token: string) => Promise<LoggedOut>

export function createLogoutCheck(provider: OpenIdProvider, clock: Clock): LogoutCheck {
  let keys: { readonly address: string; readonly find: JWTVerifyGetKey } | null = null
  return async (token) => {
    const [jose, address] = await Promise.all([import('jose'), provider.keysAddress()])
    if (keys?.address !== address.href)
      keys = {
        address: address.href,
        find: jose.createRemoteJWKSet(address, { timeoutDuration: ANSWER_WITHIN_S * 1_000 }),
      }
    const { find } = keys
    const findKey: JWTVerifyGetKey = async (header, jws) => {
      try {
        return await find(header, jws)
      } catch (cause) {
        const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys, JOSENotSupported } = jose.errors
        const isOfToken = [JWKSNoMatchingKey, JWKSMultipleMatchingKeys, JOSENotSupported].some(
          (kind) => cause instanceof kind,
        )
        if (isOfToken) throw cause
        throw new OpenIdFault('down', `The keys of the OpenID provider cannot be asked for: ${wordsOf(cause)}.`, cause)
      }
    }
    try {
      const { payload, protectedHeader } = await jose.jwtVerify(token, findKey, {
        algorithms: ALGORITHMS,
        issuer: provider.settings.issuer,
        audience: provider.settings.clientId,
        requiredClaims: ['iat', 'exp', 'jti'],
        maxTokenAge: OLDEST_S,
        clockTolerance: CLOCKS_S,
        currentDate: new Date(clock.now()),
      })
      if (!TYPES.includes(protectedHeader.typ)) throw new Error(`it is a token of another kind, ${protectedHeader.typ}`)
      return loggedOutIn(payload, provider.settings.issuer)
    } catch (cause) {
      if (cause instanceof OpenIdFault) throw cause
      throw new OpenIdFault('refused', `This logout token proves nothing: ${wordsOf(cause)}.`, cause)
    }
  }
}

/** What the standard asks of the claims beyond those of any token. */
function loggedOutIn(payload: JWTPayload, issuer: string): LoggedOut {
  const { events, sub, sid, jti, iat } = payload as JWTPayload & { readonly events?: unknown; readonly sid?: unknown }
  const event = typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT)
  if (!event || typeof (events as Record<string, unknown>)[EVENT] !== 'object')
    throw new Error('it does not say that it is for a logout')
  // An identity token has one, and no logout token may: the one never counts as the other.
  if ('nonce' in payload) throw new Error('it has a nonce, as identity tokens have')
  const [subject, session, id] = [sub, sid, jti].map(textIn)
  if (subject == null && session == null) throw new Error('it names neither a subject nor a session')
  if (id == null) throw new Error('it has no id')
  return { issuer, subject: subject ?? null, session: session ?? null, id, issuedAt: (iat ?? 0) * 1_000 }
}

/** null = absent. Throws for anything but text. */
function textIn(claim: unknown): string | null {
  if (claim === undefined) return null
  if (typeof claim === 'string' && claim !== '' && claim.length <= 500) return claim
  throw new Error('a claim is not of the expected form')
}

/** Whether this token was never seen before; it is from here on. Of two at once one is. */
export async function isFirst(store: Store, clock: Clock, { issuer, id }: LoggedOut): Promise<boolean> {
  const expires = clock.now() + REMEMBERED_MS
  return (await store.putEntry(SEEN, hashOfKey(`${issuer} ${id}`), '{}', { expected: 0, expires })) !== null
}

/** Ends every sign-in that the provider means, and those that are just being made of it. Who had each of them. */
export async function endSessions(
  { store, clock, accounts }: { readonly store: Store; readonly clock: Clock; readonly accounts: Accounts },
  ended: LoggedOut,
): Promise<readonly string[]> {
  // Remembered first: whoever opens a session now finds it either here, or is found by what follows.
  await store.putEntry(ENDED, endedKey(ended), JSON.stringify({ at: ended.issuedAt }), {
    expires: clock.now() + REMEMBERED_MS,
  })
  return accounts.closeSessions(({ provider }) => provider !== undefined && isMeant(ended, provider))
}

/** Opens a session unless the person has been signed out since they were let in, here or at the provider; null = they have. */
export async function openUnlessEnded(
  { store, accounts }: { readonly store: Store; readonly accounts: Accounts },
  { person, how, provenAt, provider, by }: LetIn,
): Promise<{ readonly secret: string; readonly session: Session } | null> {
  const opened = await accounts.openSession(person, how, provenAt, { provider, ...(by && { startedAt: by.startedAt }) })
  // Opened first: whoever ends sign-ins from here on finds it, and what was ended before is seen now.
  const isOver =
    (provider !== null && (await isEnded(store, provider))) || (by !== undefined && !(await accounts.isOpen(by.key)))
  if (!isOver) return opened
  await accounts.closeSession(opened.session.key)
  return null
}

async function isEnded(store: Store, provider: ProviderSession): Promise<boolean> {
  const { issuer, subject, session } = provider
  if (session !== null && (await store.getEntry(ENDED, endedKey({ issuer, subject, session }))) !== null) return true
  const all = await store.getEntry(ENDED, endedKey({ issuer, subject, session: null }))
  return all !== null && provider.issuedAt <= (JSON.parse(all.json) as { at: Instant }).at
}

function isMeant(ended: LoggedOut, { issuer, subject, session }: ProviderSession): boolean {
  if (issuer !== ended.issuer || (ended.subject !== null && ended.subject !== subject)) return false
  // A sign-in that the provider gave no name may be the one that is meant.
  return ended.session === null || ended.session === session || (session === null && ended.subject !== null)
}

function endedKey({ issuer, subject, session }: Pick<LoggedOut, 'issuer' | 'subject' | 'session'>): string {
  return hashOfKey(session === null ? `${issuer} subject ${subject}` : `${issuer} session ${session}`)
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 300) : String(cause)
}
