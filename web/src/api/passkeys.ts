/** Asks the authenticator of this browser, and the server what it thinks of the answer. */
import { get, post } from './ask.ts'

export interface Passkey {
  readonly id: string
  readonly name: string
  readonly domain: string
  readonly addedAt: number
  readonly usedAt: number | null
}

interface Asked<T> {
  readonly options: T
}

/** Browsers bind no passkey to an address in numbers, and have none on pages without TLS. */
export function hasPasskeys(): boolean {
  const isNumbers = /^[\d.]+$|^\[/.test(location.hostname)
  return !isNumbers && typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function'
}

export async function signInWithPasskey(): Promise<void> {
  const { options } = await post<Asked<PublicKeyCredentialRequestOptionsJSON>>('/v1/passkeys/sign-in/begin', {})
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const answer = await answered(navigator.credentials.get({ publicKey }))
  await post('/v1/passkeys/sign-in/finish', { answer })
}

export async function addPasskey(name: string): Promise<void> {
  const { options } = await post<Asked<PublicKeyCredentialCreationOptionsJSON>>('/v1/passkeys/register/begin', {})
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const answer = await answered(navigator.credentials.create({ publicKey }))
  await post('/v1/passkeys/register/finish', { name, answer })
}

export function listPasskeys(): Promise<readonly Passkey[]> {
  return get('/v1/passkeys')
}

export async function removePasskey({ id }: Passkey): Promise<void> {
  await post(`/v1/passkeys/${encodeURIComponent(id)}/remove`, {})
}

/** Browsers say little, and the same for "cancelled" as for "none here": that is theirs to keep. */
async function answered(asking: Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = await asking
    if (credential instanceof PublicKeyCredential) return credential.toJSON()
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'InvalidStateError')
      throw new Error('This authenticator has a passkey of yours already.', { cause })
  }
  throw new Error('No passkey was used: it was cancelled, took too long, or there is none for this server.')
}
