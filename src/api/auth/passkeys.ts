/** Passkeys: what a browser is asked, and whether its answer proves anything. What it has to be is in webauthn.ts. */
import { createHash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { ALGORITHMS, registrationIn, signInWith } from './webauthn.ts'

/** Where a passkey is good: the page that may ask for it, and the name that it is bound to. */
export interface Site {
  /** `https://releases.example.com` */
  readonly origin: string
  /** `releases.example.com` */
  readonly domain: string
}

/** The public half of a passkey, as it is kept. */
export interface PublicKey {
  /** Chosen by the authenticator, base64url. */
  readonly credential: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** How often it was used, as far as it says; 0 for those that do not count. */
  readonly counter: number
  readonly transports: readonly string[]
}

/** What goes to the browser, and the part of it that has to come back signed. */
export interface Question {
  readonly challenge: string
  readonly options: object
}

/** As browsers write it (`toJSON` of a credential); none of it is trusted. */
export interface Answer {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: Readonly<Record<string, unknown>>
}

/** The answer proves nothing. The message is for people, and says nothing of what is kept. */
export class PasskeyFault extends Error {
  override name = 'PasskeyFault'
}

/** People look for their phone; nobody looks for longer. */
export const QUESTION_MS = 5 * 60_000

/** null = browsers bind no passkey to an address in numbers. */
export function siteOf(origin: string): Site | null {
  const domain = new URL(origin).hostname
  return isIP(domain.replace(/^\[|\]$/g, '')) === 0 ? { origin, domain } : null
}

/** Told to the authenticator instead of the name, and told by it when somebody signs in. */
export function handleOf(person: string): string {
  return createHash('sha256').update(`holdpoint passkeys of ${person}`).digest('base64url')
}

export function askToRegister(
  site: Site,
  person: { readonly id: string; readonly name: string },
  known: readonly PublicKey[],
): Question {
  const challenge = newChallenge()
  const options = {
    challenge,
    rp: { name: 'Holdpoint', id: site.domain },
    user: { id: handleOf(person.id), name: person.id, displayName: person.name },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: 'public-key' })),
    timeout: QUESTION_MS,
    attestation: 'none',
    excludeCredentials: known.map(({ credential, transports }) => ({ id: credential, type: 'public-key', transports })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  }
  return { challenge, options }
}

/** Throws PasskeyFault. */
export function registeredBy(answer: Answer, challenge: string, site: Site): PublicKey {
  return proving(() => {
    const { credential, publicKey, counter } = registrationIn(answer.response, idOf(answer), { challenge, ...site })
    return { credential, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports: waysOf(answer) }
  })
}

/** For whoever comes: the authenticator knows who they are. */
export function askToSignIn(site: Site): Question {
  const challenge = newChallenge()
  return { challenge, options: { challenge, rpId: site.domain, timeout: QUESTION_MS, userVerification: 'required' } }
}

/** The new count of the passkey. `person` = whose it is here. Throws PasskeyFault. */
export function provenBy(answer: Answer, challenge: string, site: Site, key: PublicKey, person: string): number {
  return proving(() => {
    // Nobody was named before: then the answer has to say whose passkey it is.
    if (answer.response['userHandle'] !== handleOf(person)) throw new Error('the passkey of somebody else')
    if (idOf(answer) !== key.credential) throw new Error('the id of another passkey')
    const publicKey = Buffer.from(key.publicKey, 'base64url')
    return signInWith(answer.response, { challenge, ...site }, { publicKey, counter: key.counter })
  })
}

function newChallenge(): string {
  return randomBytes(32).toString('base64url')
}

function idOf({ id, rawId }: Answer): string {
  if (id !== rawId) throw new Error('two ids')
  return id
}

/** How the browser may find it again; only a hint, and shown to nobody else. */
function waysOf({ response }: Answer): readonly string[] {
  const { transports } = response
  if (!Array.isArray(transports)) return []
  return transports
    .filter((each): each is string => typeof each === 'string' && /^[a-z-]{1,20}$/.test(each))
    .slice(0, 8)
}

function proving<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new PasskeyFault('This passkey proves nothing here. Begin again, on this page.', { cause })
  }
}
