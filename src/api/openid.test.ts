/** Sign-on through a provider under attack: every answer that is not exactly the one asked for lets nobody in. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OpenIdSettings } from '../config/openid-settings.ts'
import { type AccessEvent, accessStream, auditStream } from '../core/access/access.ts'
import { nameFrom } from './auth/openid-person.ts'
import { type Claims, type EvilProvider, evilProvider, keyOfSomebodyElse } from './test-support/evil-provider.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const door = { kind: 'tcp', from: '203.0.113.9' } as const
const host = { host: 'holdpoint.test' }

let provider: EvilProvider
let at: World

beforeEach(async () => {
  provider = await evilProvider()
  await serve()
})
afterEach(async () => {
  provider.close()
  await at.end()
})

/** ana is known by an identity of the provider; bo is not. */
async function serve(settings: Partial<OpenIdSettings> = {}): Promise<void> {
  await at?.end()
  const openid: OpenIdSettings = {
    issuer: provider.issuer,
    clientId: 'holdpoint',
    clientSecret: 'client secret',
    joins: null,
    allow: [],
    scopes: [],
    ...settings,
  }
  at = world(examplePlan(), {}, door, { openid })
  const identity = { kind: 'openid', issuer: provider.issuer, subject: 'subject-of-ana' } as const
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: 'ana@example.com', methods: [identity] },
    { kind: 'PersonAdded', person: 'bo', name: 'Bo', email: null, methods: [{ kind: 'password' }] },
  ]
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
}

interface Begun {
  readonly cookie: string
  readonly there: URL
  readonly state: string
  readonly nonce: string
}

async function begin(query = ''): Promise<Begun> {
  const answer = await at.request('GET', `/v1/openid/start${query}`, undefined, host)
  expect(answer.status).toBe(302)
  const there = new URL(answer.headers.get('location') ?? '')
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie, there, state: there.searchParams.get('state') ?? '', nonce: there.searchParams.get('nonce') ?? '' }
}

function goodClaims(nonce: string): Claims {
  const now = Math.floor(Date.now() / 1_000)
  const who = { iss: provider.issuer, aud: 'holdpoint', sub: 'subject-of-ana' }
  return { ...who, nonce, iat: now, exp: now + 300, auth_time: now }
}

function without(claims: Claims, name: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name))
}

function comeBack(begun: Begun, changes: Readonly<Record<string, string>> = {}): Promise<Response> {
  const query = new URLSearchParams({ code: 'c', state: begun.state, iss: provider.issuer, ...changes })
  return at.request('GET', `/v1/openid/callback?${query.toString()}`, undefined, { ...host, cookie: begun.cookie })
}

async function signInWith(claims: (nonce: string) => Claims, query = ''): Promise<Response> {
  const begun = await begin(query)
  provider.answer = { idToken: provider.sign(claims(begun.nonce)) }
  return comeBack(begun)
}

function sessionIn(answer: Response): string | undefined {
  return /holdpoint=(hps_[^;]+)/.exec(answer.headers.getSetCookie().join('\n'))?.[1]
}

async function expectNobody(answer: Response): Promise<string> {
  expect(sessionIn(answer)).toBeUndefined()
  expect(answer.status).toBeGreaterThanOrEqual(400)
  const problem = (await answer.json()) as { code: string; detail: string }
  expect(['openid-refused', 'openid-unavailable']).toContain(problem.code)
  return problem.detail
}

describe('the ordinary way', () => {
  test('a person comes in by issuer and subject, with PKCE, state and nonce, and the cookie is for this sign-in only', async () => {
    const begun = await begin()
    expect(begun.there.origin).toBe(provider.issuer)
    const asked = Object.fromEntries(begun.there.searchParams)
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'holdpoint',
      redirect_uri: 'http://holdpoint.test/v1/openid/callback',
      code_challenge_method: 'S256',
    })
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    const answer = await comeBack(begun)
    expect(answer.status).toBe(200)
    expect(provider.asked.at(-1)?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    const me = await at.request('GET', '/v1/me', undefined, { ...host, authorization: `Bearer ${sessionIn(answer)}` })
    expect(await me.json()).toMatchObject({ id: 'ana', kind: 'person' })
    const secrets = await at.store.entries('openid-begun')
    expect(secrets).toEqual([])
  })

  test('nothing that is kept between the beginning and the end could finish the sign-in', async () => {
    const { cookie, state, nonce } = await begin()
    const kept = JSON.stringify(await at.store.entries('openid-begun'))
    for (const secret of [cookie.split('=')[1] ?? '', state, nonce]) expect(kept).not.toContain(secret)
  })

  test('discovery is asked once for many sign-ins, and again after a failure', async () => {
    await begin()
    await begin()
    expect(provider.discoveries).toBe(1)
    await serve()
    provider.isDown = true
    const down = await at.request('GET', '/v1/openid/start', undefined, host)
    expect(down.status).toBe(503)
    provider.isDown = false
    await begin()
    expect(provider.discoveries).toBe(2)
  })

  test('a connection that breaks off at the token endpoint is told as the provider being down', async () => {
    const begun = await begin()
    provider.isDown = true
    expect(await expectNobody(await comeBack(begun))).toContain('does not answer')
  })
})

describe('tokens that are not what was asked for', () => {
  const now = () => Math.floor(Date.now() / 1_000)
  const claims: readonly (readonly [string, (good: Claims) => Claims])[] = [
    ['another nonce', (good) => ({ ...good, nonce: 'of another sign-in' })],
    ['no nonce', (good) => without(good, 'nonce')],
    ['another audience', (good) => ({ ...good, aud: 'another-client' })],
    ['several audiences and another authorised party', (good) => ({ ...good, aud: ['holdpoint', 'x'], azp: 'x' })],
    ['another issuer', (good) => ({ ...good, iss: 'https://evil.example.com' })],
    ['no issuer', (good) => without(good, 'iss')],
    ['expired', (good) => ({ ...good, iat: now() - 7_200, exp: now() - 3_600 })],
    ['no expiry', (good) => without(good, 'exp')],
    ['not yet valid', (good) => ({ ...good, nbf: now() + 3_600 })],
    ['no subject', (good) => without(good, 'sub')],
    ['a subject that is no text', (good) => ({ ...good, sub: { $ne: null } })],
  ]
  test.each(claims)('%s', async (_name, change) => {
    const why = await expectNobody(await signInWith((nonce) => change(goodClaims(nonce))))
    expect(why).toContain('proves nothing')
  })

  test('not signed at all', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce), { alg: 'none' }) }
    expect(await expectNobody(await comeBack(begun))).toContain('proves nothing')
  })

  test('signed with the client secret, which the provider itself would accept', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce), { alg: 'HS256' }) }
    expect(await expectNobody(await comeBack(begun))).toContain('proves nothing')
  })

  test('signed with the key of somebody else, under the name of the right one', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce), {}, keyOfSomebodyElse) }
    expect(await expectNobody(await comeBack(begun))).toContain('proves nothing')
  })

  test('a token of one sign-in swapped into another', async () => {
    const [hers, his] = [await begin(), await begin()]
    provider.answer = { idToken: provider.sign(goodClaims(hers.nonce)) }
    expect(await expectNobody(await comeBack(his))).toContain('proves nothing')
  })

  test('no token, or an error of the provider', async () => {
    const begun = await begin()
    provider.answer = { status: 200, body: { access_token: 'a', token_type: 'Bearer' } }
    await expectNobody(await comeBack(begun))
    const again = await begin()
    provider.answer = { status: 400, body: { error: 'invalid_grant', error_description: 'the code was used before' } }
    expect(await expectNobody(await comeBack(again))).toContain('the code was used before')
  })
})

describe('answers that do not belong to this browser, or come again', () => {
  test('the same answer a second time', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    expect((await comeBack(begun)).status).toBe(200)
    await expectNobody(await comeBack(begun))
    expect(provider.asked).toHaveLength(1)
  })

  test('two at once: one comes in', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    const both = await Promise.all([comeBack(begun), comeBack(begun)])
    expect(both.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 403])
  })

  test('an answer that an attacker began, in the browser of a victim: no signing in as somebody else', async () => {
    const [attacker, victim] = [await begin(), await begin()]
    provider.answer = { idToken: provider.sign(goodClaims(attacker.nonce)) }
    await expectNobody(await comeBack({ ...attacker, cookie: victim.cookie }))
    await expectNobody(await comeBack({ ...attacker, cookie: '' }))
    expect(provider.asked).toHaveLength(0)
    // Nothing was used up by trying.
    expect((await comeBack(attacker)).status).toBe(200)
  })

  test('without a state, with a made-up one, or with two', async () => {
    const begun = await begin()
    await expectNobody(await comeBack(begun, { state: '' }))
    await expectNobody(await comeBack(begun, { state: 'A'.repeat(43) }))
    const doubled = `/v1/openid/callback?code=c&state=${begun.state}&state=${begun.state}`
    await expectNobody(await at.request('GET', doubled, undefined, { ...host, cookie: begun.cookie }))
  })

  test('an answer in the name of another provider (mix-up)', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    await expectNobody(await comeBack(begun, { iss: 'https://evil.example.com' }))
    expect(provider.asked).toHaveLength(0)
  })

  test('a session that the browser has already is neither used nor in the way when it comes back', async () => {
    const begun = await begin()
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    const cookie = `${begun.cookie}; holdpoint=hps_anything`
    const query = new URLSearchParams({ code: 'c', state: begun.state, iss: provider.issuer }).toString()
    const headers = { ...host, cookie, 'sec-fetch-site': 'cross-site' }
    expect((await at.request('GET', `/v1/openid/callback?${query}`, undefined, headers)).status).toBe(200)
  })

  test('a way on that leads to another site is refused before anything begins', async () => {
    for (const then of [
      '//evil.example.com',
      'https://evil.example.com',
      '/\\evil.example.com',
      'javascript:alert(1)',
    ]) {
      const query = new URLSearchParams({ then }).toString()
      expect((await at.request('GET', `/v1/openid/start?${query}`, undefined, host)).status).toBe(400)
    }
  })
})

describe('how fresh a sign-in is', () => {
  const longAgo = (nonce: string): Claims => ({ ...goodClaims(nonce), auth_time: 1_700_000_000 })
  const signedInAt = async (answer: Response): Promise<number> => {
    const headers = { ...host, authorization: `Bearer ${sessionIn(answer)}` }
    const me = (await (await at.request('GET', '/v1/me', undefined, headers)).json()) as {
      session: { signedInAt: number }
    }
    return me.session.signedInAt
  }

  test('counts from when the provider saw the person, not from when the browser came by', async () => {
    expect(await signedInAt(await signInWith(longAgo))).toBe(1_700_000_000_000)
  })

  test('is never fresh when the provider does not say', async () => {
    const answer = await signInWith((nonce) => {
      return without(goodClaims(nonce), 'auth_time')
    })
    expect(await signedInAt(answer)).toBe(0)
  })

  test('never lies in the future', async () => {
    const answer = await signInWith((nonce) => ({ ...goodClaims(nonce), auth_time: 9_999_999_999 }))
    expect(await signedInAt(answer)).toBeLessThanOrEqual(Date.now())
  })

  test('a sign-in that was to be fresh and is not lets nobody in', async () => {
    expect((await begin('?fresh=1')).there.searchParams.get('prompt')).toBe('login')
    await expectNobody(await signInWith(longAgo, '?fresh=1'))
    const silent = (nonce: string) => {
      return without(goodClaims(nonce), 'auth_time')
    }
    await expectNobody(await signInWith(silent, '?fresh=1'))
    expect((await signInWith(goodClaims, '?fresh=1')).status).toBe(200)
  })
})

describe('who it is', () => {
  const asSubject =
    (subject: string, more: Claims = {}) =>
    (nonce: string) => ({
      ...goodClaims(nonce),
      sub: subject,
      ...more,
    })

  test('an address, a name or a subject alone is nobody: only the subject of this issuer', async () => {
    const claims = { email: 'ana@example.com', email_verified: true, preferred_username: 'ana', name: 'Ana' }
    expect(await expectNobody(await signInWith(asSubject('ana', claims)))).toContain('Nobody here is known')
  })

  test('strangers join as viewers where that is set, by a name that is free', async () => {
    await serve({ joins: 'acme' })
    provider.userinfo = { sub: 's-1', preferred_username: 'Émile Zola', email: 'e@example.com' }
    expect((await signInWith(asSubject('s-1'))).status).toBe(200)
    const events = await at.store.read(accessStream, 0)
    expect(events.slice(-2).map(({ event }) => event)).toMatchObject([
      { kind: 'PersonAdded', person: 'emile-zola', methods: [{ kind: 'openid', subject: 's-1' }] },
      { kind: 'RoleGranted', holder: 'emile-zola', role: 'viewer', place: { organisation: 'acme' } },
    ])
    provider.userinfo = { sub: 's-2', preferred_username: 'bo' }
    expect(await expectNobody(await signInWith(asSubject('s-2')))).toContain('"bo"')
    provider.userinfo = { sub: 's-3', preferred_username: 'engine' }
    await expectNobody(await signInWith(asSubject('s-3')))
  })

  test('what the provider tells of another subject is not believed', async () => {
    await serve({ joins: 'acme' })
    provider.userinfo = { sub: 'somebody else', preferred_username: 'carla' }
    await expectNobody(await signInWith(asSubject('s-1')))
  })

  test('nobody joins an organisation that is not there', async () => {
    await serve({ joins: 'globex' })
    provider.userinfo = { sub: 's-1', preferred_username: 'carla' }
    expect(await expectNobody(await signInWith(asSubject('s-1')))).toContain('no organisation here')
  })

  test('only people with one of the claims come in, where that is set', async () => {
    await serve({ allow: [{ claim: 'groups', value: 'releases' }] })
    provider.userinfo = { sub: 'subject-of-ana', groups: ['cooks'] }
    await expectNobody(await signInWith(goodClaims))
    provider.userinfo = { sub: 'subject-of-ana', groups: ['cooks', 'releases'] }
    expect((await signInWith(goodClaims)).status).toBe(200)
  })

  test('a refusal is told to the audit', async () => {
    await expectNobody(await signInWith(asSubject('stranger')))
    const told = await at.store.read(auditStream, 0)
    expect(told.at(-1)?.event).toMatchObject({ kind: 'SignInRefused', from: '203.0.113.9' })
  })

  test('names of the provider become names of this server, or none', () => {
    expect(nameFrom({ preferred_username: 'Ana.Diaz' })).toBe('ana.diaz')
    expect(nameFrom({ preferred_username: 'José Peña' })).toBe('jose-pena')
    expect(nameFrom({ email: 'bo@example.com', email_verified: true })).toBe('bo@example.com')
    // Whoever may write their own address could write anybody's.
    expect(nameFrom({ email: 'bo@example.com' })).toBeNull()
    expect(nameFrom({ preferred_username: '../../etc' })).toBe('etc')
    expect(nameFrom({ preferred_username: '日本' })).toBeNull()
  })
})

describe('a terminal that waits', () => {
  const verifier = 'v'.repeat(43)
  const challenge = 'GhI67mcPurRrVmpOfLxwjKCbeWaG81vUBDnlT13xfvA'

  async function throughTerminal(): Promise<URL> {
    const { createHash } = await import('node:crypto')
    const body = { terminal: { port: 4_711, challenge: createHash('sha256').update(verifier).digest('base64url') } }
    const asked = (await (await at.request('POST', '/v1/openid/begin', body, host)).json()) as { address: string }
    const begun = await begin(new URL(asked.address).search)
    provider.answer = { idToken: provider.sign(goodClaims(begun.nonce)) }
    const answer = await comeBack(begun)
    expect(sessionIn(answer)).toBeUndefined()
    return new URL(answer.headers.get('location') ?? '')
  }

  test('gets a code at its own port of the same machine, good once and with its verifier only', async () => {
    const back = await throughTerminal()
    expect(back.origin).toBe('http://127.0.0.1:4711')
    const code = back.searchParams.get('code')
    const fetched = (with_: string) => at.request('POST', '/v1/openid/redeem', { code, verifier: with_ }, host)
    expect((await fetched('w'.repeat(43))).status).toBe(410)
    const session = (await (await fetched(verifier)).json()) as { person: string; session: string }
    expect(session).toMatchObject({ person: 'ana' })
    expect(session.session).toMatch(/^hps_/)
    expect((await fetched(verifier)).status).toBe(410)
  })

  test('the address to open works once, and a port below 1024 or another machine is no terminal', async () => {
    const body = { terminal: { port: 4_711, challenge } }
    const asked = (await (await at.request('POST', '/v1/openid/begin', body, host)).json()) as { address: string }
    const path = `/v1/openid/start${new URL(asked.address).search}`
    expect((await at.request('GET', path, undefined, host)).status).toBe(302)
    expect((await at.request('GET', path, undefined, host)).status).toBe(410)
    const low = { terminal: { port: 80, challenge } }
    expect((await at.request('POST', '/v1/openid/begin', low, host)).status).toBe(400)
  })

  test('another page cannot begin one for its visitor', async () => {
    const headers = { ...host, origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    const answer = await at.request('POST', '/v1/openid/begin', { terminal: { port: 4_711, challenge } }, headers)
    expect(answer.status).toBe(403)
  })
})
