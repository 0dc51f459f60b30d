/** Passkeys: what a browser is asked, and whether its answer proves anything. The only place that knows the library. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type * as Library from '@simplewebauthn/server'

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

/** As browsers write it (`toJSON` of a credential); read by the library, which trusts none of it. */
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

/** EdDSA, ES256, RS256, by their numbers in COSE: what authenticators have, and no runtime lacks. */
const ALGORITHMS = [-8, -7, -257]

/** null = browsers bind no passkey to an address in numbers. */
export function siteOf(origin: string): Site | null {
  const domain = new URL(origin).hostname
  return isIP(domain.replace(/^\[|\]$/g, '')) === 0 ? { origin, domain } : null
}

/** Told to the authenticator instead of the name, and told by it when somebody signs in. */
export function handleOf(person: string): string {
  return createHash('sha256').update(`holdpoint passkeys of ${person}`).digest('base64url')
}

export async function askToRegister(
  site: Site,
  person: { readonly id: string; readonly name: string },
  known: readonly PublicKey[],
): Promise<Question> {
  const { generateRegistrationOptions } = await library()
  const options = await generateRegistrationOptions({
    rpName: 'Holdpoint',
    rpID: site.domain,
    userName: person.id,
    userDisplayName: person.name,
    userID: new Uint8Array(Buffer.from(handleOf(person.id), 'base64url')),
    timeout: QUESTION_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ credential, transports }) => ({ id: credential, transports: [...transports] })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { challenge: options.challenge, options }
}

/** Throws PasskeyFault. */
export async function registeredBy(answer: Answer, challenge: string, site: Site): Promise<PublicKey> {
  const { verifyRegistrationResponse } = await library()
  const response = answer as unknown as Library.RegistrationResponseJSON
  return proving(async () => {
    await refuseAttestation(answer)
    const { verified, registrationInfo: found } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.domain,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified) throw new Error('not verified')
    const { id, publicKey, counter, transports = [] } = found.credential
    const known = transports.filter((each) => /^[a-z-]{1,20}$/.test(each)).slice(0, 8)
    return { credential: id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports: known }
  })
}

/** For whoever comes: the authenticator knows who they are. */
export async function askToSignIn(site: Site): Promise<Question> {
  const { generateAuthenticationOptions } = await library()
  const options = await generateAuthenticationOptions({
    rpID: site.domain,
    timeout: QUESTION_MS,
    userVerification: 'required',
  })
  return { challenge: options.challenge, options }
}

/** The new count of the passkey. `person` = whose it is here. Throws PasskeyFault. */
export async function provenBy(
  answer: Answer,
  challenge: string,
  site: Site,
  key: PublicKey,
  person: string,
): Promise<number> {
  const { verifyAuthenticationResponse } = await library()
  const response = answer as unknown as Library.AuthenticationResponseJSON
  return proving(async () => {
    // Nobody was named before: then the answer has to say whose passkey it is.
    if (response.response.userHandle !== handleOf(person)) throw new Error('the passkey of somebody else')
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.domain,
      requireUserVerification: true,
      credential: {
        id: key.credential,
        publicKey: new Uint8Array(Buffer.from(key.publicKey, 'base64url')),
        counter: key.counter,
        transports: [...key.transports],
      },
    })
    if (!verified) throw new Error('not verified')
    return authenticationInfo.newCounter
  })
}

/** None was asked for; what certificates of strangers say is not looked at, nor fetched from where they say. */
async function refuseAttestation({ response }: Answer): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const bytes = Buffer.from(String(response['attestationObject']), 'base64url')
  if (decodeAttestationObject(new Uint8Array(bytes)).get('fmt') !== 'none') throw new Error('an attestation')
}

async function proving<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new PasskeyFault('This passkey proves nothing here. Begin again, on this page.', { cause })
  }
}

/** Loaded when somebody first uses a passkey. */
function library(): Promise<typeof Library> {
  return import('@simplewebauthn/server')
}
