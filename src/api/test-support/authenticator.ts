/** An authenticator in software: makes passkeys and signs with them, and lies where a test wants it to. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** What an honest authenticator and browser would say otherwise. */
export interface Lies {
  readonly origin?: string
  readonly domain?: string
  readonly type?: string
  readonly challenge?: string
  readonly counter?: number
  readonly isVerified?: boolean
  readonly format?: string
  readonly userHandle?: string | null
  /** Signs its own key when it is made, as some do: with this key, or `true` for its own. */
  readonly attests?: KeyObject | true
  /** What it says of itself, changed before it signs. */
  readonly data?: (data: Buffer) => Buffer
  /** Signs with a key of its own. */
  readonly key?: KeyObject
}

export interface Options {
  readonly challenge: string
  readonly rpId?: string
  readonly rp?: { readonly id: string }
  readonly user?: { readonly id: string }
}

export interface Authenticator {
  readonly id: string
  create(options: Options, lies?: Lies): object
  get(options: Options, lies?: Lies): object
}

const PRESENT = 0x01
const VERIFIED = 0x04
const KEY_INCLUDED = 0x40

export type Kind = 'ES256' | 'EdDSA' | 'RS256'
const ALGORITHM = { ES256: -7, EdDSA: -8, RS256: -257 } as const

export function authenticator(origin: string, kind: Kind = 'ES256'): Authenticator {
  const { publicKey, privateKey } = pairOf(kind)
  const id = randomBytes(16)
  let count = 0
  let handle = ''
  const clientData = (type: string, { challenge }: Options, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const data = (domain: string, lies: Lies, key: Buffer | null): Buffer => {
    const flags = PRESENT | (lies.isVerified === false ? 0 : VERIFIED) | (key === null ? 0 : KEY_INCLUDED)
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(lies.counter ?? (count += 1))
    const honest = Buffer.concat([sha256(lies.domain ?? domain), Buffer.from([flags]), counter, key ?? Buffer.alloc(0)])
    return lies.data?.(honest) ?? honest
  }
  const told = (response: object) => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
    response,
  })
  return {
    id: id.toString('base64url'),
    create(options, lies = {}) {
      handle = options.user?.id ?? ''
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseOf(publicKey, kind)])
      const client = clientData('webauthn.create', options, lies)
      const about = data(options.rp?.id ?? '', lies, credential)
      const attests = lies.attests === true ? privateKey : lies.attests
      const statement = attests && [
        ['alg', ALGORITHM[kind]],
        ['sig', signed(kind, about, client, attests)],
      ]
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', lies.format ?? (statement ? 'packed' : 'none')],
          ['attStmt', new Map(statement as [string, unknown][] | undefined)],
          ['authData', about],
        ]),
      )
      return told({
        clientDataJSON: client.toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      })
    },
    get(options, lies = {}) {
      const client = clientData('webauthn.get', options, lies)
      const about = data(options.rpId ?? '', lies, null)
      const signature = signed(kind, about, client, lies.key ?? privateKey)
      const userHandle = lies.userHandle === undefined ? handle : lies.userHandle
      return told({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: about.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === null ? {} : { userHandle }),
      })
    },
  }
}

function signed(kind: Kind, about: Buffer, client: Buffer, key: KeyObject): Buffer {
  return sign(kind === 'EdDSA' ? null : 'sha256', Buffer.concat([about, sha256(client)]), key)
}

function sha256(of: string | Buffer): Buffer {
  return createHash('sha256').update(of).digest()
}

function pairOf(kind: Kind): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (kind === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return kind === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2_048 })
}

/** As RFC 9053 and RFC 8230 write it. */
function coseOf(key: KeyObject, kind: Kind): Buffer {
  const { x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' })
  const of = (text: string) => Buffer.from(text, 'base64url')
  if (kind === 'EdDSA')
    return cbor(
      new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, of(x)],
      ]),
    )
  if (kind === 'RS256')
    return cbor(
      new Map<number, unknown>([
        [1, 3],
        [3, -257],
        [-1, of(n)],
        [-2, of(e)],
      ]),
    )
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  )
}

/** As much of CBOR (RFC 8949) as an authenticator writes. */
export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap((pair) => pair.map((each) => cbor(each)))])
  throw new Error(`an authenticator writes no ${typeof value}`)
}

function head(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size])
  if (size < 256) return Buffer.from([(major << 5) | 24, size])
  return Buffer.from([(major << 5) | 25, size >> 8, size & 0xff])
}
