/** Passkeys under attack: whatever is not exactly the answer that was asked for lets nobody in. */
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AccessEvent, accessStream, auditStream } from '../core/access/access.ts'
import { createAccounts } from './auth/accounts.ts'
import { handleOf, siteOf } from './auth/passkeys.ts'
import { type Authenticator, authenticator, type Lies, type Options } from './test-support/authenticator.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const door = { kind: 'tcp', from: '203.0.113.11' } as const
const origin = 'http://holdpoint.test'
const MINUTE = 60_000

let at: World
/** Added to the clock of the server. */
let later: number

beforeEach(async () => {
  later = 0
  const clock = world().deps.clock
  const moved = { ...clock, now: () => Date.now() + later, sleep: clock.sleep?.bind(clock) } as typeof clock
  const web = { origins: [origin, 'http://other.test', 'http://127.0.0.1:4680'], isSecure: false }
  at = world(examplePlan(), {}, door, { clock: moved, web })
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: null, methods: [{ kind: 'password' }] },
    { kind: 'PersonAdded', person: 'bo', name: 'Bo', email: null, methods: [{ kind: 'password' }] },
  ]
  await append(events)
})
afterEach(() => at.end())

async function append(events: readonly AccessEvent[]): Promise<void> {
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const expectedVersion = (await at.store.read(accessStream)).length
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion, events: events.map((event) => ({ at: 1, by, event })) }],
  })
}

interface Told {
  readonly status: number
  readonly body: { readonly code?: string; readonly options: Options; readonly id: string } & Record<string, unknown>
  readonly cookie: string
  readonly session: string | undefined
}

async function send(
  path: string,
  body: unknown,
  { cookie = '', session = '', host = 'holdpoint.test' } = {},
): Promise<Told> {
  const headers: Record<string, string> = { host, cookie }
  if (session !== '') headers['authorization'] = `Bearer ${session}`
  const answer = await at.request(body === undefined ? 'GET' : 'POST', `/v1/passkeys${path}`, body, headers)
  const cookies = answer.headers.getSetCookie().join('\n')
  return {
    status: answer.status,
    body: (await answer.json()) as Told['body'],
    cookie: /holdpoint-passkey=[^;]+/.exec(cookies)?.[0] ?? '',
    session: /holdpoint=(hps_[^;]+)/.exec(cookies)?.[1],
  }
}

async function sessionOf(person: string): Promise<string> {
  return (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret
}

async function register(person: string, device: Authenticator, lies: Lies = {}): Promise<Told> {
  const session = await sessionOf(person)
  const begun = await send('/register/begin', {}, { session })
  const answer = device.create(begun.body.options, lies)
  return send('/register/finish', { name: 'phone', answer }, { session, cookie: begun.cookie })
}

async function signIn(device: Authenticator, lies: Lies = {}): Promise<Told> {
  const begun = await send('/sign-in/begin', {})
  expect(begun.status).toBe(201)
  return send('/sign-in/finish', { answer: device.get(begun.body.options, lies) }, begun)
}

/** The device of ana, registered. */
async function deviceOfAna(): Promise<Authenticator> {
  const device = authenticator(origin)
  expect((await register('ana', device)).status).toBe(201)
  return device
}

function expectNobody(told: Told, code = 'passkey-refused'): void {
  expect([told.status >= 400, told.body.code, told.session]).toEqual([true, code, undefined])
}

async function audited(): Promise<readonly unknown[]> {
  return (await at.store.read(auditStream)).map(({ event }) => event)
}

describe('the ordinary way', () => {
  test('somebody registers a passkey and signs in with it, without a name, as a fresh sign-in that the audit knows', async () => {
    const device = await deviceOfAna()
    later = 60 * MINUTE
    const told = await signIn(device)
    expect([told.status, told.body['person'], told.body['session']]).toEqual([201, 'ana', undefined])
    expect(Number(told.body['signedInAt'])).toBeGreaterThan(Date.now() + 59 * MINUTE)
    expect(told.session).toMatch(/^hps_/)
    expect(await audited()).toMatchObject([
      { kind: 'PasskeyAdded', person: 'ana', name: 'phone' },
      { kind: 'SignedIn', person: 'ana', how: 'passkey', from: '203.0.113.11' },
    ])
    expect((await signIn(device)).status).toBe(201)
  })

  test('what is asked needs a person who is verified, and a passkey that knows whose it is', async () => {
    const session = await sessionOf('ana')
    const { body } = await send('/register/begin', {}, { session })
    expect(body.options).toMatchObject({
      rp: { id: 'holdpoint.test' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    const asked = await send('/sign-in/begin', {})
    expect(asked.body.options).toMatchObject({ rpId: 'holdpoint.test', userVerification: 'required' })
    expect(JSON.stringify(asked.body.options)).not.toContain('allowCredentials')
  })

  test('a list tells one’s own, without keys; a removed one lets nobody in', async () => {
    const device = await deviceOfAna()
    const session = await sessionOf('ana')
    const listed = await send('', undefined, { session })
    const [mine] = listed.body as unknown as Record<string, unknown>[]
    expect(Object.keys(mine ?? {}).toSorted()).toEqual(['addedAt', 'domain', 'id', 'name', 'usedAt'])
    expect(mine).toMatchObject({ name: 'phone', domain: 'holdpoint.test', usedAt: null })
    expect((await send('', undefined, { session: await sessionOf('bo') })).body).toEqual([])
    expect((await send(`/${String(mine?.['id'])}/remove`, {}, { session })).status).toBe(200)
    expectNobody(await signIn(device))
  })

  test('only public halves are kept', async () => {
    const device = await deviceOfAna()
    const [kept] = await at.store.entries('passkey')
    expect(Object.keys(JSON.parse(kept?.json ?? '') as object).toSorted()).toEqual(
      ['addedAt', 'counter', 'credential', 'domain', 'name', 'person', 'publicKey', 'transports', 'usedAt'].toSorted(),
    )
    expect(kept?.json).toContain(device.id)
  })
})

describe('an answer that is not the one asked for lets nobody in', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  test.each<[string, Lies]>([
    ['from a page of somebody else', { origin: 'https://holdpoint.test.evil.example' }],
    ['from the same name at another port', { origin: 'http://holdpoint.test:81' }],
    ['from another name of this server', { origin: 'http://other.test' }],
    ['for another name', { domain: 'evil.example' }],
    ['to another challenge', { challenge: Buffer.from('another one').toString('base64url') }],
    ['without user verification', { isVerified: false }],
    ['of another type', { type: 'webauthn.create' }],
    ['signed by another key', { key: other }],
    ['with the handle of somebody else', { userHandle: handleOf('bo') }],
    ['without a handle', { userHandle: null }],
  ])('%s', async (_what, lies) => {
    const device = await deviceOfAna()
    expectNobody(await signIn(device, lies))
    expect((await audited()).at(-1)).toMatchObject({ kind: 'SignInRefused', person: 'ana' })
    expect((await signIn(device)).status).toBe(201)
  })

  test('given twice', async () => {
    const device = await deviceOfAna()
    const begun = await send('/sign-in/begin', {})
    const answer = device.get(begun.body.options)
    expect((await send('/sign-in/finish', { answer }, begun)).status).toBe(201)
    expectNobody(await send('/sign-in/finish', { answer }, begun), 'used-up')
    expectNobody(await send('/sign-in/finish', { answer }, await send('/sign-in/begin', {})))
  })

  test('after a wrong answer: one question, one answer', async () => {
    const device = await deviceOfAna()
    const begun = await send('/sign-in/begin', {})
    expectNobody(
      await send('/sign-in/finish', { answer: device.get(begun.body.options, { isVerified: false }) }, begun),
    )
    expectNobody(await send('/sign-in/finish', { answer: device.get(begun.body.options) }, begun), 'used-up')
  })

  test('in another browser, or too late', async () => {
    const device = await deviceOfAna()
    const begun = await send('/sign-in/begin', {})
    const answer = device.get(begun.body.options)
    expectNobody(await send('/sign-in/finish', { answer }), 'used-up')
    expectNobody(await send('/sign-in/finish', { answer }, { ...begun, host: 'other.test' }), 'used-up')
    const late = await send('/sign-in/begin', {})
    later = 5 * MINUTE + 1_000
    expectNobody(await send('/sign-in/finish', { answer: device.get(late.body.options) }, late), 'used-up')
  })

  test('with a count that goes back or stands still: somebody has a copy', async () => {
    const device = await deviceOfAna()
    expect((await signIn(device, { counter: 10 })).status).toBe(201)
    expectNobody(await signIn(device, { counter: 10 }))
    expectNobody(await signIn(device, { counter: 9 }))
    expect((await audited()).at(-1)).toMatchObject({ kind: 'SignInRefused', why: expect.stringContaining('counter') })
    expect((await signIn(device, { counter: 11 })).status).toBe(201)
  })

  test('of a passkey that nobody registered', async () => {
    expectNobody(await signIn(authenticator(origin)))
    expect((await audited()).at(-1)).toMatchObject({ kind: 'SignInRefused', why: 'unknown passkey' })
  })

  test('of somebody who is disabled', async () => {
    const device = await deviceOfAna()
    await append([{ kind: 'HolderDisabled', holder: 'ana', reason: 'left' }])
    expectNobody(await signIn(device))
    expect((await audited()).at(-1)).toMatchObject({ kind: 'SignInRefused', person: 'ana', why: 'disabled' })
  })

  test('to the question of a registration', async () => {
    const device = await deviceOfAna()
    const begun = await send('/register/begin', {}, { session: await sessionOf('ana') })
    const answer = device.get({ challenge: begun.body.options.challenge, rpId: 'holdpoint.test' })
    expectNobody(await send('/sign-in/finish', { answer }, begun))
  })
})

describe('registering', () => {
  test.each<[string, Lies]>([
    ['from a page of somebody else', { origin: 'https://evil.example' }],
    ['for another name', { domain: 'evil.example' }],
    ['without user verification', { isVerified: false }],
    ['of another type', { type: 'webauthn.get' }],
    ['to another challenge', { challenge: 'YW5vdGhlcg' }],
    ['with certificates that nobody asked for', { format: 'packed' }],
  ])('%s keeps nothing', async (_what, lies) => {
    expectNobody(await register('ana', authenticator(origin), lies))
    expect(await at.store.entries('passkey')).toEqual([])
  })

  test('what somebody else began is refused, and so is a passkey that somebody has', async () => {
    const device = await deviceOfAna()
    const begun = await send('/register/begin', {}, { session: await sessionOf('ana') })
    const answer = authenticator(origin).create(begun.body.options)
    const session = await sessionOf('bo')
    expectNobody(await send('/register/finish', { name: 'x', answer }, { session, cookie: begun.cookie }))
    expectNobody(await register('bo', device))
    expect(await at.store.entries('passkey')).toHaveLength(1)
  })

  test('takes a person whose sign-in is fresh, at its beginning and its end', async () => {
    const session = await sessionOf('ana')
    later = 14 * MINUTE
    const begun = await send('/register/begin', {}, { session })
    later = 16 * MINUTE
    const answer = authenticator(origin).create(begun.body.options)
    expectNobody(await send('/register/finish', { name: 'x', answer }, { ...begun, session }), 'sign-in-required')
    expectNobody(await send('/register/begin', {}, { session }), 'sign-in-required')
    expectNobody(await send('/register/begin', {}), 'not-signed-in')
  })

  test('somebody else’s passkey is not there to remove', async () => {
    await deviceOfAna()
    const [kept] = await at.store.entries('passkey')
    const session = await sessionOf('bo')
    expectNobody(await send(`/${kept?.key}/remove`, {}, { session }), 'unknown-passkey')
    expect(await at.store.entries('passkey')).toHaveLength(1)
  })
})

test('a server without a name says that passkeys need one', async () => {
  expectNobody(await send('/sign-in/begin', {}, { host: '127.0.0.1:4680' }), 'passkeys-off')
  expect(siteOf('http://[::1]:4680')).toBeNull()
  expect(siteOf('http://localhost:4680')).toEqual({ origin: 'http://localhost:4680', domain: 'localhost' })
})

test('one address is slowed down', async () => {
  let told = await send('/sign-in/begin', {})
  for (let tries = 0; tries < 25 && told.status === 201; tries += 1) told = await send('/sign-in/begin', {})
  expectNobody(told, 'rate-limited')
})
