/** One sign-in through a provider, from its beginning to its end: bound to the browser that began it, good for one answer. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'
import type { ProviderSession, Session } from './accounts.ts'
import { hashOfKey, isSameText } from './keys.ts'
import type { Proof } from './openid.ts'

/** Where providers send people back to: told to the provider when this server is registered there. */
export const OPENID_CALLBACK = '/v1/openid/callback'

/** What somebody wants of a sign-in. */
export interface Wish {
  /** They must prove anew who they are. */
  readonly fresh: boolean
  /** Page of ours to go on to. */
  readonly then: string
  /** Hash of the key of an invitation: the person is the one invited. */
  readonly invitation: string | null
  /** A command line that waits on this port of the browser's machine; the hash of what only it knows. */
  readonly terminal: Terminal | null
}

export interface Terminal {
  readonly port: number
  readonly challenge: string
}

export const terminalShape = z.strictObject({
  port: z.number().int().min(1_024).max(65_535),
  challenge: z.string().regex(/^[\w-]{43}$/),
})

/** On the machine of the browser and nowhere else. */
export function terminalAddress({ port, challenge }: Terminal, told: Readonly<Record<string, string>>): string {
  return `http://127.0.0.1:${port}/?${new URLSearchParams({ ...told, state: challenge }).toString()}`
}

/** Who came in by a browser, and how. */
export interface LetIn {
  readonly person: string
  readonly provenAt: Instant
  readonly how: Session['how']
  readonly provider: ProviderSession | null
  /** The sign-in of a browser that says yes to a terminal: it has to last until then, and the terminal's lasts no longer. */
  readonly by?: { readonly key: string; readonly startedAt: Instant }
}

export interface SignIn extends Wish {
  readonly begunAt: Instant
  readonly proof: Proof
}

interface KeptSignIn extends Wish {
  readonly begunAt: Instant
  readonly redirectUri: string
  /** Hash of the secret in the cookie. The verifier and the nonce come from that secret, and are kept nowhere. */
  readonly browser: string
}

export interface SignIns {
  /** For somebody who asks by POST and goes on in a browser; the id opens nothing by itself. */
  ask(wish: Wish): Promise<string>
  /** null = unknown, over, or taken already. */
  asked(id: string): Promise<Wish | null>
  /** The cookie goes to the browser, the proof to the provider. */
  begin(wish: Wish, redirectUri: string): Promise<{ readonly cookie: string; readonly proof: Proof }>
  /** Ends it: true for one answer only. A reason in words otherwise. */
  end(state: string, cookie: string | undefined): Promise<SignIn | string>
  /** A code for the command line that began the sign-in. */
  leave(letIn: LetIn, terminal: Terminal): Promise<string>
  /** Whom the code lets in, for the one who knows what the challenge was made of. */
  fetch(code: string, verifier: string): Promise<LetIn | null>
}

const ASKED = 'openid-asked'
const BEGUN = 'openid-begun'
const LEFT = 'openid-left'
/** People look for their second factor; nobody looks for longer. */
const SIGN_IN_MS: Millis = 10 * 60_000
const CODE_MS: Millis = 60_000

export function createSignIns(store: Store, clock: Clock): SignIns {
  const put = async (shelf: string, secret: string, value: unknown, forMs: Millis): Promise<void> => {
    await store.putEntry(shelf, hashOfKey(secret), JSON.stringify(value), { expires: clock.now() + forMs })
  }
  /** `fits` is asked before it is used up: who only guesses takes nothing away. */
  const take = async <T>(shelf: string, secret: string, fits: (found: T) => boolean): Promise<T | null> => {
    const entry = await store.getEntry(shelf, hashOfKey(secret))
    if (entry === null || entry.expires === null || entry.expires <= clock.now()) return null
    const found = JSON.parse(entry.json) as T
    if (!fits(found)) return null
    // Whoever removes it has used it: of two at once one wins.
    const removed = await store.putEntry(shelf, hashOfKey(secret), null, { expected: entry.revision })
    return removed === null ? null : found
  }
  return {
    async ask(wish) {
      const id = random()
      await put(ASKED, id, wish, SIGN_IN_MS)
      return id
    },
    asked: (id) => take<Wish>(ASKED, id, () => true),
    async begin(wish, redirectUri) {
      const [cookie, state] = [random(), random()]
      const kept: KeptSignIn = { ...wish, begunAt: clock.now(), redirectUri, browser: hashOfKey(cookie) }
      await put(BEGUN, state, kept, SIGN_IN_MS)
      return { cookie, proof: proofOf(cookie, state, redirectUri) }
    },
    async end(state, cookie) {
      if (cookie === undefined)
        return 'This sign-in was begun in another browser, or too long ago. Begin again, and stay in one browser.'
      const kept = await take<KeptSignIn>(BEGUN, state, ({ browser }) => isSameText(browser, hashOfKey(cookie)))
      if (kept === null) return 'This sign-in was finished before, begun elsewhere, or begun too long ago. Begin again.'
      const { browser: _browser, redirectUri, ...rest } = kept
      return { ...rest, proof: proofOf(cookie, state, redirectUri) }
    },
    async leave(letIn, { challenge }) {
      const code = random()
      await put(LEFT, code, { ...letIn, challenge }, CODE_MS)
      return code
    },
    fetch: (code, verifier) =>
      take<LetIn & { challenge: string }>(LEFT, code, ({ challenge }) => isSameText(challenge, challengeOf(verifier))),
  }
}

/** As a command line makes it of its verifier. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function proofOf(cookie: string, state: string, redirectUri: string): Proof {
  return { redirectUri, state, nonce: madeOf(cookie, 'nonce'), verifier: madeOf(cookie, 'verifier') }
}

function madeOf(cookie: string, what: string): string {
  return createHash('sha256').update(`holdpoint openid ${what} ${cookie}`).digest('base64url')
}

function random(): string {
  return randomBytes(32).toString('base64url')
}
