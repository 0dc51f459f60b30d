import { afterEach, describe, expect, test } from 'vitest'
import {
  csrfToken,
  probedService,
  type ProbedService,
  session,
  type Weakness,
} from '../../test/support/probed-service.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { securityProbe } from './security-probe.ts'
import { badTokens } from './security-probe/tokens.ts'

const services: ProbedService[] = []
afterEach(async () => {
  for (const service of services.splice(0)) await service.close()
})

async function shopWith(...weaknesses: readonly Weakness[]): Promise<ProbedService> {
  const service = await probedService(weaknesses)
  services.push(service)
  return service
}

function secretsOf(service: ProbedService): Readonly<Record<string, string>> {
  return {
    OWNER: service.token({ tenant: 'a', role: 'owner' }),
    MEMBER: service.token({ tenant: 'a', role: 'member' }),
    FOREIGN: service.token({ tenant: 'b', role: 'owner' }),
    EXPIRED: service.token({ tenant: 'a', role: 'owner', expired: true }),
    SESSION: session,
    CSRF: csrfToken,
  }
}

/** Each part of the probe as a checklist would write it. */
const settings = {
  tokens: { request: 'GET /orders', valid: 'OWNER', expired: 'EXPIRED', life: '1h' },
  roles: {
    tokens: { owner: 'OWNER', member: 'MEMBER' },
    may: { 'GET /orders': ['owner', 'member'], 'DELETE /orders/a-2': ['owner'] },
  },
  tenants: { owner: 'OWNER', other: 'FOREIGN', private: ['GET /orders/a-1'], lists: { 'GET /orders': 'chair' } },
  headers: { pages: ['GET /'] },
  cors: { request: 'GET /', allowed: ['https://shop.example'] },
  csrf: { request: 'POST /profile { "name": "x" }', cookie: 'SESSION', token: 'CSRF' },
  'signed-link': { url: '{{ link }}', expired: '{{ old_link }}' },
  upload: { request: 'POST /uploads' },
  payloads: { requests: ['GET /search?q=PAYLOAD', 'POST /notes { "text": "PAYLOAD" }'], oversize: '200kB' },
  'rate-limit': { request: 'GET /limited', within: 20 },
}
type Part = keyof typeof settings

function probe(
  service: ProbedService,
  given: Readonly<Record<string, unknown>>,
  powers: Partial<CheckPowers> = {},
): Promise<CheckResult> {
  const secrets = secretsOf(service)
  return runCheck(
    securityProbe as never,
    { base: service.base, ...given },
    {
      secret: (name) => secrets[name] ?? expect.fail(`no secret ${name}`),
      variables: { link: service.link(60_000), old_link: service.link(-60_000) },
      ...powers,
    },
  )
}

test('a hardened service passes all parts, and every request says that it is ours', async () => {
  const service = await shopWith()
  const result = await probe(service, settings)
  expect(result).toMatchObject({
    outcome: 'passed',
    say: expect.stringMatching(/^0 findings in \d+ requests \(tokens, roles/),
  })
  expect(service.unmarked()).toBe(0)
  expect(result.facts?.['requests']).toBeGreaterThanOrEqual(service.asked())
  expect(service.asked()).toBeGreaterThan(60)
  // What the owner may remove was removed by the owner.
  expect(service.orders()).toBe(2)
  for (const secret of Object.values(secretsOf(service))) expect(evidenceText(result)).not.toContain(secret)
})

describe('a weak service fails the part that is about it', () => {
  const weak: readonly (readonly [
    weakness: Weakness,
    part: Part,
    says: string,
    over?: Readonly<Record<string, unknown>>,
  ])[] = [
    ['any-token', 'tokens', 'a bad token: 200, expected 401'],
    ['signature-unread', 'tokens', 'a token with a changed signature: 200'],
    ['unsigned-token', 'tokens', 'a token without a signature (alg: none): 200'],
    ['expired-token', 'tokens', 'an expired token: 200, expected 401'],
    ['member-deletes', 'roles', 'DELETE /orders/a-2 as member: 200'],
    ['foreign-order', 'tenants', 'GET /orders/a-1 as another tenant: 200'],
    ['foreign-list', 'tenants', 'GET /orders shows another tenant what it may not see'],
    ['sql-error', 'payloads', 'GET /search?q=PAYLOAD: a quote breaks it (500)'],
    ['sql-silent', 'payloads', 'a text is read as SQL'],
    ['script', 'payloads', 'a script comes back as a part of the page'],
    ['size', 'payloads', 'a text of 200000 bytes is accepted (201)'],
    ['bytes', 'payloads', 'bytes that are no UTF-8 breaks it (500)'],
    ['headers', 'headers', 'GET /: content-security-policy: expected default-src or script-src'],
    ['inline-scripts', 'headers', "scripts without 'unsafe-inline'"],
    ['any-origin', 'cors', 'https://holdpoint-probe.invalid may read it with the cookies'],
    ['origin-suffix', 'cors', 'https://shop.example.holdpoint-probe.invalid may read it'],
    ['no-csrf', 'csrf', 'POST /profile from another site: 200'],
    ['link-expiry-unsigned', 'signed-link', 'the signed link with another expires: 200'],
    ['link-for-ever', 'signed-link', 'the expired link: 200'],
    ['uploads-unscanned', 'upload', 'with the test file of malware scanners: 201'],
    ['no-limit', 'rate-limit', '20 requests in a row, and none was answered 429'],
    ['forwarded', 'rate-limit', 'x-forwarded-for talks the limit away (200 instead of 429)'],
    [
      'limit-for-all',
      'rate-limit',
      'another user is limited as well',
      { request: 'GET /mine', within: 20, by: 'user', token: 'OWNER', other: 'FOREIGN' },
    ],
  ]
  for (const [weakness, part, says, over] of weak)
    test(weakness, async () => {
      const result = await probe(await shopWith(weakness), { [part]: over ?? settings[part] })
      expect(result.outcome, result.say).toBe('failed')
      expect(result.facts?.['findings']).toEqual(expect.arrayContaining([expect.stringContaining(says)]))
    })
})

test('a request to which nobody answers says nothing about other origins', async () => {
  const result = await probe(await shopWith(), { cors: { request: 'GET /no-such-page' } })
  expect(result).toMatchObject({ outcome: 'inconclusive', say: expect.stringContaining('GET /no-such-page: 404') })
})

test('a limit of an address that another token lifts is found, one that counts addresses is not', async () => {
  const limit = { within: 20, by: 'address', token: 'OWNER', other: 'FOREIGN' }
  const lifted = await probe(await shopWith(), { 'rate-limit': { ...limit, request: 'GET /mine' } })
  expect(lifted.outcome).toBe('failed')
  expect(lifted.facts?.['findings']).toEqual([expect.stringContaining('another token talks the limit away')])
  const held = await probe(await shopWith(), { 'rate-limit': { ...limit, request: 'GET /limited' } })
  expect(held).toMatchObject({ outcome: 'passed' })
})

test('a limit that counts users lets the other user in', async () => {
  const limit = { request: 'GET /mine', within: 20, by: 'user', token: 'OWNER', other: 'FOREIGN' }
  expect(await probe(await shopWith(), { 'rate-limit': limit })).toMatchObject({ outcome: 'passed' })
})

test('a token that lives longer than it should is found', async () => {
  const result = await probe(await shopWith(), { tokens: { ...settings.tokens, life: '30m' } })
  expect(result).toMatchObject({ outcome: 'failed', say: '1 finding: the valid token lives 1h, expected 30m' })
})

test.each([
  ['a page that is not there says nothing about headers', { headers: { pages: ['GET /gone'] } }],
  ['payloads that reach nothing show nothing', { payloads: { requests: ['GET /gone?q=PAYLOAD'] } }],
  [
    'a list that its owner does not see either shows nothing',
    { tenants: { owner: 'OWNER', other: 'FOREIGN', lists: { 'GET /orders': 'sofa' } } },
  ],
  ['a write that its own page may not do either shows nothing', { csrf: { ...settings.csrf, token: 'OWNER' } }],
])('inconclusive: %s', async (_name, given) => {
  expect(await probe(await shopWith(), given)).toMatchObject({ outcome: 'inconclusive' })
})

describe('nothing is sent to production', () => {
  test.each([
    [
      'a protected environment',
      { isProtected: true, variables: { environment: 'eu' } },
      {},
      'eu is a protected environment',
    ],
    [
      'an environment that is called so',
      { variables: { environment: 'Production' } },
      {},
      'the release goes to Production',
    ],
    ['a host that is named so', {}, { production: ['127.0.0.1'] }, 'is named as production'],
  ])('%s', async (_name, powers, given, says) => {
    const service = await shopWith()
    const result = await probe(service, { ...given, headers: settings.headers }, powers)
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining(says) })
    expect(service.asked()).toBe(0)
  })

  test('but what only reads, when the checklist says so', async () => {
    const given = { 'read-only': true, headers: settings.headers, tokens: settings.tokens }
    expect(await probe(await shopWith(), given, { isProtected: true })).toMatchObject({ outcome: 'passed' })
  })

  test.each([
    ['payloads', { payloads: settings.payloads }, 'it attacks, which read-only: true rules out'],
    ['rate-limit', { 'rate-limit': settings['rate-limit'] }, 'it floods'],
    ['roles', { roles: settings.roles }, 'DELETE /orders/a-2 writes'],
  ])('and read-only takes no %s', (_name, given, says) => {
    const refused = securityProbe.config.safeParse({ base: 'https://shop.example', 'read-only': true, ...given })
    expect(JSON.stringify(refused.error?.issues)).toContain(says)
  })
})

test.each([
  ['nothing to probe', {}, 'expected something to probe: tokens, roles'],
  [
    'a role that nobody has',
    { roles: { tokens: { owner: 'OWNER' }, may: { 'GET /': ['boss'] } } },
    'there is no role boss',
  ],
  ['a payload without a place', { payloads: { requests: ['GET /search'] } }, 'expected PAYLOAD in it'],
  [
    'users without tokens',
    { 'rate-limit': { request: 'GET /', within: 5, by: 'user' } },
    'by: user needs token: and other:',
  ],
  ['a request without a path', { tokens: { request: 'orders', valid: 'OWNER' } }, 'such as GET /v1/orders'],
])('says what is wrong with its settings: %s', (_name, given, says) => {
  const refused = securityProbe.config.safeParse({ base: 'https://shop.example', ...given })
  expect(JSON.stringify(refused.error?.issues)).toContain(says)
})

test('a token that is no JWT is tampered with as a whole', () => {
  expect(badTokens('opaque-token').map(({ token }) => token)).toEqual(['holdpoint-no-such-token', 'opAque-token'])
})
