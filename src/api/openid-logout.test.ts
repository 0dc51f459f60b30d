/** Back-channel logout under attack: what the provider says ends sign-ins, and nothing else that is sent there does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditStream } from '../core/access/access.ts'
import { type Claims, type EvilProvider, evilProvider, keyOfSomebodyElse } from './test-support/evil-provider.ts'
import { host, openIdWorld, type OpenIdWorld } from './test-support/openid-world.ts'
import { startBody } from './test-support/world.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let provider: EvilProvider
let at: OpenIdWorld
let count = 0

beforeEach(async () => {
  provider = await evilProvider()
  at = await openIdWorld(provider)
})
afterEach(async () => {
  provider.close()
  await at.end()
})

const now = () => Math.floor(Date.now() / 1_000)
function good(changes: Claims = {}): Claims {
  const [iat, jti] = [now(), `token-${(count += 1)}`]
  const claims = { iss: provider.issuer, aud: 'holdpoint', sub: 'subject-of-ana', iat, exp: iat + 120, jti }
  return { ...claims, events: { [EVENT]: {} }, ...changes }
}
function without(claims: Claims, name: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name))
}
function send(token: string): Promise<Response> {
  const form = new URLSearchParams({ logout_token: token }).toString()
  const headers = { ...host, 'content-type': 'application/x-www-form-urlencoded' }
  return at.request('POST', '/v1/openid/back-channel-logout', form, headers)
}
const told = (claims: Claims, header: Claims = { typ: 'logout+jwt' }) => send(provider.sign(claims, header))
const isIn = async (secret: string | undefined) => (await at.me(secret))['id'] === 'ana'
const come = async (claims: Claims = {}) => at.sessionIn(await at.signIn(claims))

describe('a logout at the provider', () => {
  test('of one sign-in ends that one here, and leaves the others', async () => {
    const [laptop, phone] = [await come({ sid: 'laptop' }), await come({ sid: 'phone' })]
    const answer = await told(good({ sid: 'laptop' }))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect([await isIn(laptop), await isIn(phone)]).toEqual([false, true])
    // Without a subject it is the same.
    expect((await told(without(good({ sid: 'phone' }), 'sub'))).status).toBe(200)
    expect(await isIn(phone)).toBe(false)
  })

  test('of a subject ends all of its sign-ins, and nobody else’s', async () => {
    const others = { kind: 'openid', issuer: provider.issuer, subject: 'subject-of-bo' } as const
    await at.happen([{ kind: 'PersonAdded', person: 'bo', name: 'Bo', email: null, methods: [others] }])
    const hers = [await come({ sid: 'laptop' }), await come()]
    const his = await come({ sub: 'subject-of-bo', sid: 'tablet' })
    expect((await told(good())).status).toBe(200)
    expect([await isIn(hers[0]), await isIn(hers[1])]).toEqual([false, false])
    expect((await at.me(his))['id']).toBe('bo')
  })

  test('of a sign-in that was given no name here ends what may be it', async () => {
    const nameless = await come()
    expect((await told(good({ sid: 'laptop' }))).status).toBe(200)
    expect(await isIn(nameless)).toBe(false)
  })

  test('leaves a sign-in by password alone', async () => {
    const { createAccounts } = await import('./auth/accounts.ts')
    const { secret } = await createAccounts(at.store, at.deps.clock).openSession('ana', 'password')
    await come()
    expect((await told(good())).status).toBe(200)
    expect(await isIn(secret)).toBe(true)
  })

  test('is written down, once for each person, and not at all when nobody was signed in', async () => {
    await told(good())
    await come({ iat: now() + 5 })
    await come({ iat: now() + 5 })
    await told(good())
    const events = (await at.store.read(auditStream, 0)).map(({ event, by }) => ({ ...(event as object), by: by.id }))
    expect(events.filter((event) => 'sessions' in event)).toEqual([
      { kind: 'SignedOut', person: 'ana', sessions: 2, how: 'openid', by: 'openid' },
    ])
  })

  test('also ends a sign-in that is only being made: its answer comes, and lets nobody in', async () => {
    expect((await told(good({ sid: 'laptop' }))).status).toBe(200)
    const late = await at.signIn({ sid: 'laptop' })
    expect([late.status, at.sessionIn(late)]).toEqual([403, undefined])
    expect(await isIn(await come({ sid: 'phone' }))).toBe(true)
    // Of the whole subject: what the provider told before counts no more, what it tells later does.
    expect((await told(good())).status).toBe(200)
    expect((await at.signIn({ sid: 'phone', iat: now() - 5 })).status).toBe(403)
    expect((await at.signIn({ sid: 'phone', iat: now() + 5 })).status).toBe(200)
  })

  test('ends a live stream', async () => {
    const place = { organisation: null, project: null, environment: null }
    await at.happen([{ kind: 'RoleGranted', holder: 'ana', role: 'release-engineer', place }])
    const headers = { ...host, authorization: `Bearer ${await come({ sid: 'laptop' })}` }
    const started = await at.request('POST', '/v1/releases', startBody(), headers)
    const { release } = (await started.json()) as { release: string }
    const stream = await at.request('GET', `/v1/releases/${release}/stream`, undefined, headers)
    expect(stream.status).toBe(200)
    const reader = stream.body!.getReader()
    expect((await told(good({ sid: 'laptop' }))).status).toBe(200)
    // How soon is said by the spans that it is made of; here it must end at all.
    while (!(await reader.read()).done);
  })
})

describe('what ends nothing', () => {
  const bad: readonly (readonly [string, (token: Claims) => Claims])[] = [
    ['of another issuer', (token) => ({ ...token, iss: 'https://evil.example.com' })],
    ['for another client', (token) => ({ ...token, aud: 'another-client' })],
    ['without an audience', (token) => without(token, 'aud')],
    ['expired', (token) => ({ ...token, iat: now() - 200, exp: now() - 100 })],
    ['without an expiry', (token) => without(token, 'exp')],
    ['without its time', (token) => without(token, 'iat')],
    ['kept for an hour', (token) => ({ ...token, iat: now() - 3_600, exp: now() + 3_600 })],
    ['of the future', (token) => ({ ...token, iat: now() + 3_600, exp: now() + 7_200 })],
    ['without an id', (token) => without(token, 'jti')],
    ['with an id that is no text', (token) => ({ ...token, jti: { $ne: null } })],
    ['with a nonce, as identity tokens have', (token) => ({ ...token, nonce: 'n' })],
    ['without the event', (token) => without(token, 'events')],
    ['of another event', (token) => ({ ...token, events: { 'http://schemas.openid.net/event/x': {} } })],
    ['with an event that is no object', (token) => ({ ...token, events: { [EVENT]: true } })],
    ['of nobody', (token) => without(token, 'sub')],
    ['of a subject that is no text', (token) => ({ ...token, sub: ['subject-of-ana'] })],
    ['of a session that is no text', (token) => ({ ...token, sid: 7 })],
  ]
  test.each(bad)('a token %s', async (_name, change) => {
    const secret = await come({ sid: 'laptop' })
    const answer = await told(change(good()))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'bad-logout' })
    expect(await isIn(secret)).toBe(true)
  })

  test('a token that is not signed, by another key, with the client secret, or of another kind', async () => {
    const secret = await come()
    const forged = [
      provider.sign(good(), { alg: 'none' }),
      provider.sign(good(), { alg: 'HS256' }),
      provider.sign(good(), {}, keyOfSomebodyElse),
      provider.sign(good(), { kid: 'unknown' }),
      provider.sign(good(), { typ: 'at+jwt' }),
      provider.sign(good(), { crit: ['x'], x: true }),
      'a.b.c',
      '',
    ]
    for (const token of forged) expect([token, (await send(token)).status]).toEqual([token, 400])
    expect(await isIn(secret)).toBe(true)
  })

  test('the same token again, also of two at once', async () => {
    const token = provider.sign(good())
    const both = await Promise.all([send(token), send(token)])
    expect(both.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 400])
    const secret = await come({ iat: now() + 5 })
    expect((await send(token)).status).toBe(400)
    expect(await isIn(secret)).toBe(true)
  })

  test('no token, two of them, or one in JSON', async () => {
    const token = provider.sign(good())
    const headers = { ...host, 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/v1/openid/back-channel-logout'
    const two = `logout_token=${token}&logout_token=${token}`
    for (const form of ['', two, JSON.stringify({ logout_token: token })])
      expect((await at.request('POST', path, form, headers)).status).toBe(400)
  })

  test('a logout token that is used to sign in', async () => {
    const begun = await at.signIn({ events: { [EVENT]: {} }, nonce: undefined })
    expect(at.sessionIn(begun)).toBeUndefined()
  })

  test('a provider that does not answer for its keys: it may send the token again', async () => {
    const secret = await come()
    const token = provider.sign(good())
    provider.isDown = true
    expect((await send(token)).status).toBe(503)
    expect(await isIn(secret)).toBe(true)
    provider.isDown = false
    expect((await send(token)).status).toBe(200)
    expect(await isIn(secret)).toBe(false)
  })
})

test('a server without a provider takes no logout of anybody', async () => {
  await at.end()
  at = await openIdWorld(provider, {}, { openid: null })
  expect((await told(good())).status).toBe(404)
})
