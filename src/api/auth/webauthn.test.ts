/** Our checks of passkeys beside those of a library that many use: what it refuses is never accepted here, however it was made. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authenticator, type Authenticator, cbor, type Kind, type Lies } from '../test-support/authenticator.ts'
import { type Expected, registrationIn, type Registered, signInWith } from './webauthn.ts'

const origin = 'https://releases.example.com'
const domain = 'releases.example.com'
const kinds: readonly Kind[] = ['ES256', 'EdDSA', 'RS256']
const asked = (): Expected => ({ origin, domain, challenge: randomBytes(32).toString('base64url') })

interface Made {
  readonly device: Authenticator
  readonly registered: Registered
}

function made(kind: Kind): Made {
  const device = authenticator(origin, kind)
  const expected = asked()
  const answer = create(device, expected)
  return { device, registered: registrationIn({ ...answer.response }, answer.id, expected) }
}

function create(device: Authenticator, { challenge }: Expected, lies: Lies = {}): RegistrationResponseJSON {
  return device.create({ challenge, rp: { id: domain }, user: { id: 'me' } }, lies) as RegistrationResponseJSON
}

function get(device: Authenticator, { challenge }: Expected, lies: Lies = {}): AuthenticationResponseJSON {
  return device.get({ challenge, rpId: domain }, lies) as AuthenticationResponseJSON
}

const common = { expectedOrigin: origin, expectedRPID: domain, requireUserVerification: true }

const theirRegistration = (response: RegistrationResponseJSON, { challenge }: Expected): Promise<boolean> =>
  verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    ...common,
    supportedAlgorithmIDs: [-8, -7, -257],
  }).then(
    ({ verified }) => verified,
    () => false,
  )
const theirSignIn = (
  response: AuthenticationResponseJSON,
  { challenge }: Expected,
  known: Registered,
): Promise<boolean> =>
  verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    ...common,
    credential: { id: known.credential, publicKey: new Uint8Array(known.publicKey), counter: known.counter },
  }).then(
    ({ verified }) => verified,
    () => false,
  )

function keyOf(kind: Kind) {
  if (kind === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  return kind === 'EdDSA'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

function isTaken(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** One to three bytes are others, or one is missing, or one more. */
const damage = fc.record({
  how: fc.constantFrom('change', 'change', 'change', 'cut', 'add'),
  at: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  }),
})
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function damaged(bytes: Buffer, { how, at }: Damage): Buffer {
  const copy = Buffer.from(bytes)
  const [[first, by] = [0, 1]] = at
  const place = Math.floor(first * copy.byteLength)
  if (how === 'cut') return Buffer.concat([copy.subarray(0, place), copy.subarray(place + 1)])
  if (how === 'add') return Buffer.concat([copy.subarray(0, place), Buffer.from([by]), copy.subarray(place)])
  for (const [where, change] of at) {
    const index = Math.floor(where * copy.byteLength)
    copy[index] = (copy[index] ?? 0) ^ change
  }
  return copy
}

describe.each(kinds)('a passkey with %s', (kind) => {
  test('is registered and signs in, as the library has it too', async () => {
    const device = authenticator(origin, kind)
    const expected = asked()
    const answer = create(device, expected)
    expect(await theirRegistration(answer, expected)).toBe(true)
    const registered = registrationIn({ ...answer.response }, answer.id, expected)
    expect(registered).toMatchObject({ credential: device.id, counter: 1 })
    const again = asked()
    const signed = get(device, again)
    expect(await theirSignIn(signed, again, registered)).toBe(true)
    expect(signInWith({ ...signed.response }, again, registered)).toBe(2)
  })

  test('that signs its own key when it is made is taken, and with the signature of another key or none it is not', async () => {
    const device = authenticator(origin, kind)
    const other = keyOf(kind)
    const cases: readonly (readonly [Lies, boolean])[] = [
      [{ attests: true }, true],
      [{ attests: other }, false],
      [{ format: 'packed' }, false],
      [{ attests: true, format: 'none' }, false],
      [{ attests: true, format: 'tpm' }, false],
    ]
    for (const [lies, isGood] of cases) {
      const expected = asked()
      const answer = create(device, expected, lies)
      expect(isTaken(() => registrationIn({ ...answer.response }, answer.id, expected))).toBe(isGood)
      expect(await theirRegistration(answer, expected)).toBe(isGood)
    }
  })

  test('of which any signed byte is another lets nobody in', async () => {
    const { device, registered } = made(kind)
    const parts = ['clientDataJSON', 'authenticatorData', 'signature'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), damage, async (part, how) => {
        const expected = asked()
        const answer = get(device, expected)
        const bytes = damaged(Buffer.from(answer.response[part], 'base64url'), how)
        const changed = { ...answer, response: { ...answer.response, [part]: bytes.toString('base64url') } }
        // What is signed was changed, so nothing of it may be taken at all.
        const isSame = bytes.equals(Buffer.from(answer.response[part], 'base64url'))
        expect(isTaken(() => signInWith({ ...changed.response }, expected, registered))).toBe(isSame)
      }),
      { numRuns: 60 },
    )
  })

  test('whose owner lies and signs it is taken only where the library takes it', async () => {
    const { device, registered } = made(kind)
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const expected = asked()
        const answer = get(device, expected, { data: (data) => damaged(data, how) })
        if (isTaken(() => signInWith({ ...answer.response }, expected, registered)))
          expect(await theirSignIn(answer, expected, registered)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('that is registered with changed bytes is taken only where the library takes it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('attestationObject', 'clientDataJSON'), damage, async (part, how) => {
        const expected = asked()
        const answer = create(authenticator(origin, kind === 'RS256' ? 'ES256' : kind), expected)
        const bytes = damaged(Buffer.from(answer.response[part], 'base64url'), how)
        const changed = { ...answer, response: { ...answer.response, [part]: bytes.toString('base64url') } }
        if (isTaken(() => registrationIn({ ...changed.response }, changed.id, expected)))
          expect(await theirRegistration(changed, expected)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe('what the library would let through, and is refused here', () => {
  const signed = (changes: object): boolean => {
    const { device, registered } = made('ES256')
    const expected = asked()
    const answer = get(device, expected)
    const client = JSON.parse(Buffer.from(answer.response.clientDataJSON, 'base64url').toString()) as object
    const clientDataJSON = Buffer.from(JSON.stringify({ ...client, ...changes })).toString('base64url')
    return isTaken(() => signInWith({ ...answer.response, clientDataJSON }, expected, registered))
  }

  test('a page within the page of somebody else', () => {
    expect(signed({ crossOrigin: true })).toBe(false)
    expect(signed({ topOrigin: 'https://evil.example.com' })).toBe(false)
  })

  test('a key that is weak, of another kind, or not on its curve', () => {
    const jwk = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ format: 'jwk' })
    const of = (text = '') => Buffer.from(text, 'base64url')
    const none = Buffer.alloc(32)
    const keys: readonly (readonly [number, unknown])[][] = [
      [
        [1, 3],
        [3, -257],
        [-1, of(jwk.n)],
        [-2, of(jwk.e)],
      ],
      [
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, none],
        [-3, none],
      ],
      [
        [1, 2],
        [3, -7],
        [-1, 2],
        [-2, none],
        [-3, none],
      ],
      [
        [1, 2],
        [3, -35],
        [-1, 1],
        [-2, none],
        [-3, none],
      ],
      [
        [1, 1],
        [3, -7],
        [-1, 6],
        [-2, none],
      ],
      [
        [1, 4],
        [3, 5],
        [-1, none],
      ],
      [],
    ]
    const expected = asked()
    for (const key of keys) {
      const replaced = (data: Buffer) =>
        Buffer.concat([data.subarray(0, 37 + 18 + 16), cbor(new Map<number, unknown>(key))])
      const answer = create(authenticator(origin), expected, { data: replaced })
      expect([key, isTaken(() => registrationIn({ ...answer.response }, answer.id, expected))]).toEqual([key, false])
    }
  })

  test('an answer without its parts, or with parts of another form', () => {
    const { device, registered } = made('ES256')
    const expected = asked()
    const { response } = get(device, expected)
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'])
      for (const value of [undefined, null, 7, '', 'not base64!', {}, [], 'AAAA'])
        expect(isTaken(() => signInWith({ ...response, [part]: value }, expected, registered))).toBe(false)
  })

  test('a signature of the right key over something else', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const { x = '' } = publicKey.export({ format: 'jwk' })
    const cose = cbor(
      new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, Buffer.from(x, 'base64url')],
      ]),
    )
    const expected = asked()
    const { response } = get(authenticator(origin, 'EdDSA'), expected)
    const signature = sign(null, Buffer.from('something else'), privateKey).toString('base64url')
    expect(isTaken(() => signInWith({ ...response, signature }, expected, { publicKey: cose, counter: 0 }))).toBe(false)
  })
})
