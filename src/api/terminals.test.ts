/** A terminal that is let in by a browser: its code counts once, for it alone, and only while the browser stays signed in. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAccounts } from './auth/accounts.ts'
import { evilProvider, type EvilProvider } from './test-support/evil-provider.ts'
import { host, openIdWorld, type OpenIdWorld } from './test-support/openid-world.ts'

const verifier = 'v'.repeat(43)
const terminal = { port: 4_711, challenge: createHash('sha256').update(verifier).digest('base64url') }

let provider: EvilProvider
let at: OpenIdWorld
let secret: string
let browser: Record<string, string>

beforeEach(async () => {
  provider = await evilProvider()
  at = await openIdWorld(provider)
  secret = (await createAccounts(at.store, at.deps.clock).openSession('ana', 'passkey', 1_000)).secret
  browser = { ...host, cookie: `holdpoint=${secret}`, origin: 'http://holdpoint.test', 'sec-fetch-site': 'same-origin' }
})
afterEach(async () => {
  provider.close()
  await at.end()
})

const ask = (body: object = terminal, headers = browser) => at.request('POST', '/v1/terminals', body, headers)
const redeem = (code: string | null, with_ = verifier) =>
  at.request('POST', '/v1/openid/redeem', { code, verifier: with_ }, host)

async function codeFor(headers = browser): Promise<string | null> {
  const answer = await ask(terminal, headers)
  expect(answer.status).toBe(201)
  const there = new URL(((await answer.json()) as { address: string }).address)
  expect([there.origin, there.searchParams.get('state')]).toEqual(['http://127.0.0.1:4711', terminal.challenge])
  return there.searchParams.get('code')
}

test('the terminal gets a session of the same person, as fresh as the browser’s and no longer than it', async () => {
  const code = await codeFor()
  expect((await redeem(code, 'w'.repeat(43))).status).toBe(410)
  const answer = (await (await redeem(code)).json()) as { person: string; session: string; signedInAt: number }
  expect(answer).toMatchObject({ person: 'ana', signedInAt: 1_000 })
  expect(answer.session).not.toBe(secret)
  expect(await at.me(answer.session)).toMatchObject({ id: 'ana' })
  expect((await redeem(code)).status).toBe(410)
  const [one, other] = (await at.store.entries('session')).map(
    ({ json }) => (JSON.parse(json) as { startedAt: number }).startedAt,
  )
  expect(one).toBe(other)
})

test('a page of another site, a stranger and a token let nobody in', async () => {
  const elsewhere = { ...browser, origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
  expect((await ask(terminal, elsewhere)).status).toBe(403)
  expect((await ask(terminal, host)).status).toBe(401)
  const place = { organisation: null, project: null, environment: null }
  const scope = { place, rights: null, labels: [] }
  const expires = at.deps.clock.now() + 60_000
  const issued = await at.request('POST', '/v1/tokens', { holder: null, name: 'x', scope, expires }, browser)
  const token = ((await issued.json()) as { secret: string }).secret
  expect((await ask(terminal, { ...host, authorization: `Bearer ${token}` })).status).toBe(403)
})

test('the code goes to a port of this machine and nowhere else', async () => {
  const { port, challenge } = terminal
  for (const body of [
    { port: 80, challenge },
    { port: 70_000, challenge },
    { port: '4711@evil.example.com', challenge },
    { port, challenge: 'short' },
    { port, challenge, host: 'evil.example.com' },
  ])
    expect([body, (await ask(body)).status]).toEqual([body, 400])
})

test('who signs out before the terminal has its session signs it out too', async () => {
  const code = await codeFor()
  expect((await at.request('POST', '/v1/sign-out', { everywhere: false }, browser)).status).toBe(200)
  expect((await redeem(code)).status).toBe(403)
  expect(await at.store.entries('session')).toEqual([])
})

test('who came by a provider takes its logout along to the terminal', async () => {
  const session = at.sessionIn(await at.signIn({ sid: 'laptop' }))
  const code = await codeFor({ ...browser, cookie: `holdpoint=${session}` })
  const { session: ofTerminal } = (await (await redeem(code)).json()) as { session: string }
  expect(await at.me(ofTerminal)).toMatchObject({ id: 'ana' })
  const now = Math.floor(Date.now() / 1_000)
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const who = { iss: provider.issuer, aud: 'holdpoint', sid: 'laptop', iat: now, exp: now + 60, jti: 'one' }
  const form = new URLSearchParams({ logout_token: provider.sign({ ...who, events }) }).toString()
  const headers = { ...host, 'content-type': 'application/x-www-form-urlencoded' }
  expect((await at.request('POST', '/v1/openid/back-channel-logout', form, headers)).status).toBe(200)
  expect(await at.me(ofTerminal)).toMatchObject({ code: 'not-signed-in' })
})
