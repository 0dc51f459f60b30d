/** What WebAuthn (level 3, sections 7.1 and 7.2) has a server check of a passkey, for registrations without attestation. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type CborMap, readCbor } from './cbor.ts'

/** What has to come back, and from where. */
export interface Expected {
  readonly challenge: string
  readonly origin: string
  readonly domain: string
}

export interface Registered {
  /** base64url */
  readonly credential: string
  /** COSE key, as the authenticator wrote it. */
  readonly publicKey: Uint8Array
  readonly counter: number
}

/** EdDSA, ES256, RS256, by their numbers in COSE: what authenticators have, and no runtime lacks. */
export const ALGORITHMS = [-8, -7, -257] as const

const PRESENT = 0x01
const VERIFIED = 0x04
const MAY_BE_COPIED = 0x08
const IS_COPIED = 0x10
const HAS_KEY = 0x40
const HAS_EXTENSIONS = 0x80
const LONGEST_ID = 1_023

/** `given` = as browsers write it; nothing of it is trusted. Throws with a reason for the log. */
export function registrationIn(given: Readonly<Record<string, unknown>>, id: string, expected: Expected): Registered {
  const client = bytesIn(given['clientDataJSON'])
  checkClient(client, 'webauthn.create', expected)
  const { value: attestation, end } = readCbor(bytesIn(given['attestationObject']))
  if (!(attestation instanceof Map) || end !== bytesIn(given['attestationObject']).byteLength)
    throw new Error('no attestation object')
  const written: unknown = attestation.get('authData')
  if (!(written instanceof Uint8Array)) throw new Error('no authenticator data')
  const { key, counter } = authenticatorData(written, expected.domain)
  if (key === null) throw new Error('no key')
  if (key.credential !== id) throw new Error('the id of another passkey')
  checkStatement(attestation, keyIn(key.publicKey), Buffer.concat([written, sha256(client)]))
  return { ...key, counter }
}

/**
 * None was asked for: then browsers take away what would name the model, and leave the signature of a key over itself
 * (8.2, without certificates). What certificates of strangers say is not looked at, nor fetched from where they say.
 */
function checkStatement(attestation: CborMap, { key, digest, algorithm }: CoseKey, signed: Uint8Array): void {
  const [format, statement] = [attestation.get('fmt'), attestation.get('attStmt')]
  if (!(statement instanceof Map)) throw new Error('no statement')
  if (format === 'none' && statement.size === 0) return
  const signature: unknown = statement.get('sig')
  if (format !== 'packed' || statement.size !== 2 || !(signature instanceof Uint8Array))
    throw new Error('an attestation that nobody asked for')
  if (statement.get('alg') !== algorithm || !verify(digest, signed, key, signature))
    throw new Error('the signature of another key')
}

/** The new counter. Throws with a reason for the log. */
export function signInWith(
  given: Readonly<Record<string, unknown>>,
  expected: Expected,
  known: { readonly publicKey: Uint8Array; readonly counter: number },
): number {
  const client = bytesIn(given['clientDataJSON'])
  checkClient(client, 'webauthn.get', expected)
  const written = bytesIn(given['authenticatorData'])
  const { counter } = authenticatorData(written, expected.domain)
  const signed = Buffer.concat([written, sha256(client)])
  const { key, digest } = keyIn(known.publicKey)
  if (!verify(digest, signed, key, bytesIn(given['signature']))) throw new Error('the signature is of another key')
  // Those that do not count say 0 for ever.
  if ((counter > 0 || known.counter > 0) && counter <= known.counter)
    throw new Error(`the counter says ${counter} and was ${known.counter}: there is a copy`)
  return counter
}

function checkClient(bytes: Uint8Array, type: string, { challenge, origin }: Expected): void {
  const client = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Readonly<
    Record<string, unknown>
  >
  if (client['type'] !== type) throw new Error('an answer to another kind of question')
  if (client['challenge'] !== challenge) throw new Error('an answer to another question')
  if (client['origin'] !== origin) throw new Error('an answer from another page')
  // Our pages stand in no frame of others.
  if (client['crossOrigin'] === true || client['topOrigin'] !== undefined)
    throw new Error('an answer from within another page')
}

function authenticatorData(bytes: Uint8Array, domain: string) {
  if (bytes.byteLength < 37) throw new Error('authenticator data that is cut off')
  if (!sha256(domain).equals(bytes.subarray(0, 32))) throw new Error('a passkey for another name')
  const flags = bytes[32] ?? 0
  if ((flags & PRESENT) === 0 || (flags & VERIFIED) === 0) throw new Error('the person was not checked')
  if ((flags & IS_COPIED) !== 0 && (flags & MAY_BE_COPIED) === 0) throw new Error('a copy of what may not be copied')
  const counter = Buffer.from(bytes).readUInt32BE(33)
  const key = (flags & HAS_KEY) === 0 ? null : credentialAt(bytes, 37)
  let { end } = key ?? { end: 37 }
  if ((flags & HAS_EXTENSIONS) !== 0) {
    const extensions = readCbor(bytes, end)
    if (!(extensions.value instanceof Map)) throw new Error('extensions that are none')
    end = extensions.end
  }
  if (end !== bytes.byteLength) throw new Error('bytes that mean nothing')
  return { key: key && { credential: key.credential, publicKey: key.publicKey }, counter }
}

/** After sixteen bytes that say what model it is, which nobody asked. */
function credentialAt(bytes: Uint8Array, at: number) {
  const start = at + 18
  if (start > bytes.byteLength) throw new Error('a key that is cut off')
  const length = Buffer.from(bytes).readUInt16BE(at + 16)
  if (length === 0 || length > LONGEST_ID || start + length > bytes.byteLength) throw new Error('an id of no passkey')
  const credential = Buffer.from(bytes.subarray(start, start + length)).toString('base64url')
  const { end } = readCbor(bytes, start + length)
  return { credential, publicKey: bytes.slice(start + length, end), end }
}

interface CoseKey {
  readonly key: KeyObject
  readonly digest: 'sha256' | null
  readonly algorithm: (typeof ALGORITHMS)[number]
}

/** A COSE key (RFC 9053, RFC 8230) of one of the three kinds; its own word for the algorithm decides, and nothing in the answer. */
function keyIn(cose: Uint8Array): CoseKey {
  const { value, end } = readCbor(cose)
  if (!(value instanceof Map) || end !== cose.byteLength) throw new Error('no key')
  const map: CborMap = value
  const part = (label: number, lengths: readonly [least: number, most: number]): string => {
    const found = map.get(label)
    if (!(found instanceof Uint8Array) || found.byteLength < lengths[0] || found.byteLength > lengths[1])
      throw new Error('a key with a part of another length')
    return Buffer.from(found).toString('base64url')
  }
  const [kind, algorithm, curve] = [1, 3, -1].map((label) => map.get(label))
  if (kind === 2 && algorithm === -7 && curve === 1)
    return {
      key: publicKey({ kty: 'EC', crv: 'P-256', x: part(-2, [32, 32]), y: part(-3, [32, 32]) }),
      digest: 'sha256',
      algorithm,
    }
  if (kind === 1 && algorithm === -8 && curve === 6)
    return { key: publicKey({ kty: 'OKP', crv: 'Ed25519', x: part(-2, [32, 32]) }), digest: null, algorithm }
  if (kind === 3 && algorithm === -257)
    return {
      key: publicKey({ kty: 'RSA', n: part(-1, [256, 1_024]), e: part(-2, [1, 4]) }),
      digest: 'sha256',
      algorithm,
    }
  throw new Error('a key of no kind that was asked for')
}

/** Points that are not on their curve are refused by the runtime. */
function publicKey(jwk: Readonly<Record<string, string>>): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' })
}

function bytesIn(text: unknown): Uint8Array {
  if (typeof text !== 'string' || !/^[\w-]+$/.test(text)) throw new Error('a part is missing')
  return Buffer.from(text, 'base64url')
}

function sha256(of: string | Uint8Array): Buffer {
  return createHash('sha256').update(of).digest()
}
