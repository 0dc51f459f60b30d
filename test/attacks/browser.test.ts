/** What a page of somebody else can make a browser do to a real server, and what a browser is told about every answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adminPassword,
  type Answered,
  type AttackedServer,
  type Operation,
  pathOf,
  startAttackedServer,
} from '../support/attacked-server.ts'

const checklist = '# Release\n\n## Before\n- [ ] somebody looked\n'

let server: AttackedServer
let release: string
let cookie: string

beforeAll(async () => {
  server = await startAttackedServer()
  release = await server.start(checklist)
  const answer = await signIn({ origin: server.origin, 'sec-fetch-site': 'same-origin' })
  cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
})

afterAll(() => server.end())

function signIn(headers: Readonly<Record<string, string>>): Promise<Answered> {
  return server.ask('POST', '/v1/sign-in', {
    secret: null,
    headers,
    body: { person: 'root', password: adminPassword, as: 'cookie' },
  })
}

/** A stream does not end by itself, and the end of the server is no attack. */
const isAsked = ({ path }: Operation) => !path.endsWith('/stream') && path !== '/v1/stop'

describe('every answer tells browsers to keep out', () => {
  const expectHeaders = ({ headers }: Answered, where: string) =>
    expect({ where, ...headers }).toMatchObject({
      where,
      'content-security-policy': expect.stringMatching(/^default-src 'none'; frame-ancestors 'none'/) as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    })

  test('each route of the description sends them, to who may and to strangers', async () => {
    for (const [index, route] of (await server.routes()).filter(isAsked).entries()) {
      // Strangers of one address are slowed down.
      const from = `127.0.1.${1 + (index % 250)}`
      const where = `${route.method} ${route.path}`
      const path = pathOf(route.path, release)
      const body = route.method === 'POST' ? {} : undefined
      if (!/sign-out|password/.test(path)) expectHeaders(await server.ask(route.method, path, { body }), where)
      expectHeaders(await server.ask(route.method, path, { body, secret: null, from }), where)
    }
  }, 120_000)

  test('so do refusals: an unknown path, a wrong host, too large a body, no JSON, a stream', async () => {
    expectHeaders(await server.ask('GET', '/nothing'), 'unknown')
    expectHeaders(await server.ask('GET', '/v1/me', { headers: { host: 'evil.test' } }), 'host')
    expectHeaders(await server.ask('POST', '/v1/records', { body: 'x'.repeat(3 << 20) }), 'large')
    expectHeaders(await server.ask('POST', '/v1/records', { body: '{"' }), 'no JSON')
    const stream = await server.raw(
      `GET /v1/releases/${release}/stream HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.admin}\r\n\r\n`,
      700,
    )
    expect(stream).toMatch(/content-security-policy: default-src 'none'/)
    expect(stream).toMatch(/cache-control: no-(store|cache)/)
  })
})

describe('a page of another site', () => {
  /** [Origin, Sec-Fetch-Site] as browsers send them from elsewhere; null = without it. */
  const foreign: readonly (readonly [string | null, string | null])[] = [
    ['https://evil.test', 'cross-site'],
    ['https://evil.test', 'same-site'],
    ['https://evil.test', null],
    ['null', 'cross-site'],
    ['null', null],
    ['http://127.0.0.1:1', 'same-site'],
    ['http://localhost.evil.test', 'cross-site'],
    [null, 'cross-site'],
    [null, 'same-site'],
  ]
  const headersOf = ([origin, site]: readonly [string | null, string | null]) => ({
    cookie,
    ...(origin === null ? {} : { origin }),
    ...(site === null ? {} : { 'sec-fetch-site': site }),
  })

  test('changes nothing by form, fetch or image, whatever it says of itself', async () => {
    const before = await stateOf()
    for (const from of [...foreign, [null, null] as const, [null, 'none'] as const])
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ]) {
        const answer = await server.ask('POST', `/v1/releases/${release}/commands`, {
          secret: null,
          headers: { ...headersOf(from), 'content-type': type },
          body: { seen: null, command: { kind: 'Abort', why: 'attack', leave: false, typed: null } },
        })
        expect([from, type, answer.status]).toEqual([from, type, 403])
        expect(answer.text).toContain('"cross-site"')
      }
    expect(await stateOf()).toBe(before)
  })

  test('reads nothing either: no answer, no stream, no file', async () => {
    for (const from of foreign)
      for (const path of [
        '/v1/me',
        `/v1/releases/${release}`,
        `/v1/releases/${release}/stream`,
        `/v1/releases/${release}/export?format=json`,
      ]) {
        const answer = await server.ask('GET', path, { secret: null, headers: headersOf(from) })
        expect([from, path, answer.status]).toEqual([from, path, 403])
      }
  })

  test('signs nobody in, and redeems no invitation', async () => {
    for (const from of foreign) {
      const { cookie: _none, ...headers } = headersOf(from)
      const answer = await signIn(headers)
      expect([from, answer.status, answer.headers['set-cookie']]).toEqual([from, 403, undefined])
    }
  })

  test('gets no permission to look: no CORS header is ever sent', async () => {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const answer = await server.ask(method, '/v1/releases', {
        headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
        ...(method === 'POST' ? { body: {} } : {}),
      })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('whose name was made to point here is not answered', async () => {
    for (const host of [
      'evil.test',
      `evil.test:${server.port}`,
      '127.0.0.1',
      `127.0.0.1.:${server.port}`,
      `127.1:${server.port}`,
      `0.0.0.0:${server.port}`,
      `127.0.0.1:${server.port}@evil.test`,
    ]) {
      const answer = await server.ask('GET', '/v1/me', { headers: { host, cookie }, secret: null })
      expect([host, answer.status === 421 || answer.status === 400]).toEqual([host, true])
    }
    const told = await server.raw('GET /v1/me HTTP/1.1\r\nHost: releases.internal\r\nConnection: close\r\n\r\n')
    expect(told).toContain('holdpoint serve --url https://releases.example.com')
    const old = await server.raw('GET /v1/me HTTP/1.0\r\n\r\n')
    expect(old).toMatch(/^HTTP\/1\.1 (400|421) /)
    const empty = await server.raw('GET /v1/me HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')
    expect(empty).toMatch(/^HTTP\/1\.1 (400|421) /)
  })

  test('a page of our own is answered', async () => {
    const ours = { cookie, origin: server.origin, 'sec-fetch-site': 'same-origin' }
    expect((await server.ask('GET', '/v1/me', { secret: null, headers: ours })).status).toBe(200)
    const hold = { seen: null, command: { kind: 'Hold', why: 'looking' } }
    const answer = await server.ask('POST', `/v1/releases/${release}/commands`, {
      secret: null,
      headers: ours,
      body: hold,
    })
    expect([answer.status, answer.text]).toEqual([200, answer.text])
  })
})

test('nothing changes by a GET, and no method takes the place of another', async () => {
  const routes = await server.routes()
  expect(routes.filter(({ method }) => method !== 'GET' && method !== 'POST')).toEqual([])
  const before = await stateOf()
  for (const { method, path } of routes.filter(({ method, path }) => method === 'POST' && path !== '/v1/stop')) {
    if (routes.some((other) => other.path === path && other.method === 'GET')) continue
    for (const name of ['accept', 'x-http-method-override', 'x-method-override']) {
      const answer = await server.ask('GET', `${pathOf(path, release)}?_method=POST`, { headers: { [name]: 'POST' } })
      expect([method, path, answer.status >= 400]).toEqual([method, path, true])
    }
  }
  expect(await stateOf()).toBe(before)
})

describe('the cookie of a sign-in', () => {
  test('is out of reach for scripts, stays on this site and ends', async () => {
    const answer = await signIn({ origin: server.origin })
    const [set = ''] = answer.headers['set-cookie'] ?? []
    expect(set).toMatch(/^holdpoint=hps_[\w-]{32}_[\w-]{6}; /)
    expect(set).toContain('HttpOnly')
    expect(set).toMatch(/SameSite=(Lax|Strict)/)
    expect(set).toContain('Path=/')
    expect(set).not.toContain('Domain')
    expect(set).toMatch(/Max-Age=\d+/)
    expect(answer.text).not.toContain('hps_')
  })

  test('is a new one at each sign-in: what somebody planted before opens nothing', async () => {
    const planted = 'holdpoint=hps_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA_AAAAAA'
    const first = await signIn({ origin: server.origin, cookie: planted })
    const second = await signIn({
      origin: server.origin,
      cookie: first.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    })
    const secrets = [planted, first.headers['set-cookie']?.[0], second.headers['set-cookie']?.[0]].map(
      (text) => /hps_[\w-]+/.exec(text ?? '')?.[0],
    )
    expect(new Set(secrets).size).toBe(3)
    expect((await server.ask('GET', '/v1/me', { secret: null, headers: { cookie: planted } })).status).toBe(401)
  })

  test('is worthless after signing out', async () => {
    const [set = ''] = (await signIn({ origin: server.origin })).headers['set-cookie'] ?? []
    const mine = { cookie: set.split(';')[0] ?? '', origin: server.origin }
    expect((await server.ask('GET', '/v1/me', { secret: null, headers: mine })).status).toBe(200)
    expect((await server.ask('POST', '/v1/sign-out', { secret: null, headers: mine, body: {} })).status).toBe(200)
    expect((await server.ask('GET', '/v1/me', { secret: null, headers: mine })).status).toBe(401)
  })
})

describe('what others wrote', () => {
  test('is a download in a sandbox, never a page of ours', async () => {
    const html = Buffer.from('<script>fetch("/v1/me")</script>')
    const kept = await server.ask('POST', '/v1/evidence', {
      body: html,
      headers: { 'content-type': 'application/octet-stream' },
    })
    const { sha256 } = JSON.parse(kept.text) as { sha256: string }
    const started = await server.start(
      '---\nholdpoint: 1\nservice: html\n---\n# R\n\n## A\n- [ ] page\n  ```sh check\n  printf \'<script>fetch("/v1/me")</script>\'\n  ```\n- [ ] look\n',
    )
    await finished(started)
    for (const path of [
      `/v1/evidence/${sha256}?release=${started}`,
      ...['bundle', 'md', 'report', 'json'].map((format) => `/v1/releases/${started}/export?format=${format}`),
    ]) {
      const answer = await server.ask('GET', path)
      expect([path, answer.status]).toEqual([path, 200])
      expect([path, answer.headers['content-disposition']]).toEqual([
        path,
        expect.stringMatching(/^attachment; filename="/),
      ])
      expect([path, answer.headers['content-security-policy']]).toEqual([path, expect.stringContaining('sandbox')])
      expect(answer.headers['content-type']).not.toMatch(/html|svg|xml|javascript/)
    }
  })
})

describe('another spelling of a path', () => {
  test('opens no route without its right, on the wire', async () => {
    for (const path of [
      '//v1/me',
      '/v1//me',
      '/V1/me',
      '/v1/me/',
      '/v1/me;x',
      '/v1/me.svg',
      '/v1/%6de',
      '/healthz/../v1/me',
      '/healthz/%2e%2e/v1/me',
      '/v1/me%00',
      '/v1/me?x=/healthz',
      '/v1\\me',
      `http://127.0.0.1:${server.port}/v1/me`,
      'http://evil.test/v1/me',
    ]) {
      const answer = await server.raw(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`,
      )
      expect([path, /^HTTP\/1\.1 (400|401|404|421) /.test(answer)]).toEqual([path, true])
    }
  })
})

async function stateOf(): Promise<string> {
  return (await server.ask('GET', `/v1/releases/${release}/events`)).text
}

async function finished(id: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await server.ask('GET', `/v1/releases/${id}/events`)).text.includes('"AttemptFinished"')) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nothing of ${id} finished`)
}
