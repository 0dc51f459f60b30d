import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { type OutboundAnswer, OutboundFault } from '../core/ports/outbound.ts'
import type { HostRule } from './declared-hosts.ts'
import { createOutbound, type Outbound, type OutboundInit, type OutboundSettings } from './outbound.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; port: number; url: string }> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}` }
}

function outbound(settings: Partial<OutboundSettings> = {}): Outbound {
  const made = createOutbound(settings)
  closers.push(() => made.close())
  return made
}

const literal = (host: string, port: number | null = null): HostRule => ({ host, port, trust: 'literal' })
const given = (host: string, port: number | null = null): HostRule => ({ host, port, trust: 'given' })
const get = (extra: Partial<OutboundInit> = {}): OutboundInit => ({
  method: 'GET',
  headers: {},
  signal: AbortSignal.timeout(10_000),
  ...extra,
})

async function fault(request: Promise<OutboundAnswer>): Promise<OutboundFault> {
  const caught = await request.then(
    () => null,
    (error: unknown) => error,
  )
  expect(caught).toBeInstanceOf(OutboundFault)
  return caught as OutboundFault
}

test('a declared loopback address answers, and only on its declared port', async () => {
  const there = await serve((_request, response) => response.end('yes'))
  const other = await serve((_request, response) => response.end('secret'))
  const request = outbound().for({ rules: [literal('127.0.0.1', there.port)], protected: true })
  expect(await (await request(there.url, get())).text()).toBe('yes')
  expect((await fault(request(other.url, get()))).code).toBe('refused')
})

test('an undeclared host is refused before anything is resolved', async () => {
  const asked: string[] = []
  const request = outbound({
    resolve: (host) => {
      asked.push(host)
      return Promise.resolve([{ address: '93.184.216.34', family: 4 }])
    },
  }).for({ rules: [literal('api.example.com')], protected: false })
  const refusal = await fault(request('https://evil.example.com/', get()))
  expect(refusal.code).toBe('refused')
  expect(refusal.message).toContain('evil.example.com')
  expect(asked).toEqual([])
})

test('a declared name that leads to loopback or metadata is refused', async () => {
  for (const [address, family] of [
    ['127.0.0.1', 4],
    ['169.254.169.254', 4],
    ['::1', 6],
    ['::ffff:169.254.169.254', 6],
    ['64:ff9b::7f00:1', 6],
  ] as const) {
    const request = outbound({ resolve: () => Promise.resolve([{ address, family }]) }).for({
      rules: [literal('api.example.com')],
      protected: false,
    })
    expect((await fault(request('http://api.example.com/', get()))).message).toContain(address)
  }
})

test('a name is resolved once per request and the connection goes to the address that was checked', async () => {
  let asked = 0
  const { port } = await serve((_request, response) => response.end('inside'))
  const request = outbound({
    resolve: () => {
      asked += 1
      return Promise.resolve([asked === 1 ? { address: '192.0.2.1', family: 4 } : { address: '127.0.0.1', family: 4 }])
    },
  }).for({ rules: [literal('rebind.example.com')], protected: false })
  const answer = await fault(request(`http://rebind.example.com:${port}/`, get({ signal: AbortSignal.timeout(300) })))
  expect(['aborted', 'unreachable']).toContain(answer.code)
  expect(asked).toBe(1)
})

test('a redirect to a metadata address, a decimal address or an undeclared host is refused', async () => {
  for (const location of [
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://elsewhere.example.com/',
    'file:///etc/passwd',
  ]) {
    const there = await serve((_request, response) => response.writeHead(302, { location }).end())
    const request = outbound().for({ rules: [literal('127.0.0.1', there.port)], protected: false })
    expect((await fault(request(there.url, get()))).code, location).toBe('refused')
  }
})

test('an input may name a local address only where the environment is not protected, and never metadata', async () => {
  const { url, port } = await serve((_request, response) => response.end('dev'))
  const rules = [given('127.0.0.1', port), given('169.254.169.254', 80)]
  expect((await outbound().for({ rules, protected: false })(url, get())).status).toBe(200)
  expect((await fault(outbound().for({ rules, protected: true })(url, get()))).code).toBe('refused')
  expect((await fault(outbound().for({ rules, protected: false })('http://169.254.169.254/', get()))).code).toBe(
    'refused',
  )
})

test('a redirect keeps the body out of a GET and credentials inside their origin', async () => {
  const seen: { method: string | undefined; authorization: string | undefined; own: readonly string[] }[] = []
  const target = await serve((request, response) => {
    seen.push({
      method: request.method,
      authorization: request.headers.authorization,
      own: Object.keys(request.headers).filter((name) => name.startsWith('x-')),
    })
    response.end('landed')
  })
  const first = await serve((_request, response) => response.writeHead(303, { location: `${target.url}/there` }).end())
  const request = outbound().for({
    rules: [literal('127.0.0.1', first.port), literal('127.0.0.1', target.port)],
    protected: false,
  })
  const answer = await request(
    first.url,
    get({
      method: 'POST',
      body: '{}',
      headers: { authorization: 'Bearer canary', 'x-service-token': 'canary', 'x-apikey': 'canary', 'x-own': 'kept' },
    }),
  )
  expect(await answer.text()).toBe('landed')
  expect(seen).toEqual([{ method: 'GET', authorization: undefined, own: ['x-own'] }])
})

test('a redirect loop ends, and manual leaves the redirect to the caller', async () => {
  const there = await serve((request, response) => response.writeHead(302, { location: request.url ?? '/' }).end())
  const request = outbound().for({ rules: [literal('127.0.0.1', there.port)], protected: false })
  expect((await fault(request(there.url, get()))).code).toBe('too-many-redirects')
  expect((await request(there.url, get({ redirect: 'manual' }))).status).toBe(302)
})

test('a body larger than the cap is refused, plain and compressed alike', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  const there = await serve((request, response) => {
    if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    else response.end(Buffer.alloc(6 * 1024 * 1024))
  })
  const request = outbound().for({ rules: [literal('127.0.0.1', there.port)], protected: false })
  expect((await fault(request(`${there.url}/plain`, get()))).code).toBe('too-large')
  expect((await fault(request(`${there.url}/bomb`, get()))).code).toBe('too-large')
})

test('a truncated answer is broken, a slow one ends with its signal, a closed port is unreachable', async () => {
  const broken = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half')
    setTimeout(() => response.destroy(), 20)
  })
  const slow = await serve((_request, response) => {
    response.writeHead(200)
    response.write('.')
  })
  const request = outbound().for({ rules: [literal('127.0.0.1')], protected: false })
  expect((await fault(request(broken.url, get()))).code).toBe('broken-answer')
  expect((await fault(request(slow.url, get({ signal: AbortSignal.timeout(100) })))).code).toBe('aborted')
  const gone = await fault(request('http://127.0.0.1:1/', get()))
  expect(gone).toMatchObject({ code: 'unreachable', retryable: true })
  expect(gone.message).toContain('ECONNREFUSED')
  const plain = await fault(request(broken.url.replace('http:', 'https:'), get()))
  expect(plain.message).toMatch(/cannot be reached over TLS \(\w+\); does it speak http:\/\/ there\?$/)
})

test('a connection that the server closed while idle does not fail the next reading request', async () => {
  const there = await serve((_request, response) => response.end('ok'))
  const request = outbound().for({ rules: [literal('127.0.0.1', there.port)], protected: false })
  await request(there.url, get())
  there.server.closeAllConnections()
  expect((await request(there.url, get())).status).toBe(200)
})

test('a password in an address is refused without being repeated', async () => {
  const request = outbound().for({ rules: [literal('api.example.com')], protected: false })
  const refusal = await fault(request('https://ana:hunter2@api.example.com/', get()))
  expect(refusal.code).toBe('refused')
  expect(refusal.message).not.toContain('hunter2')
})

test('a server that is no web server is looked up once, by the same rules as any other host', async () => {
  const leading = (address: string): Partial<OutboundSettings> => ({
    resolve: () => Promise.resolve([{ address, family: 4 }]),
  })
  const ask = (url: string, settings: Partial<OutboundSettings>, rules: readonly HostRule[]): Promise<unknown> =>
    outbound(settings)
      .place(url, { rules, protected: true })
      .catch((error: unknown) => (error instanceof OutboundFault ? error.code : error))
  const declared = [literal('mail.example.com'), literal('127.0.0.1', 25)]
  expect(await ask('smtp://Mail.Example.com', leading('93.184.216.34'), declared)).toEqual({
    host: 'mail.example.com',
    port: 587,
    addresses: [{ address: '93.184.216.34', family: 4 }],
  })
  expect(await ask('smtps://mail.example.com', leading('10.0.0.7'), declared)).toMatchObject({ port: 465 })
  expect(await ask('smtp://mail.example.com:80', leading('10.0.0.7'), declared)).toMatchObject({ port: 80 })
  expect(await ask('smtp://0x7f.1:25', {}, declared)).toMatchObject({ host: '127.0.0.1', port: 25 })
  expect(await ask('tcp://127.0.0.1:25', {}, declared)).toMatchObject({ host: '127.0.0.1', port: 25 })
  for (const address of ['127.0.0.1', '169.254.169.254', '0.0.0.0'])
    expect(await ask('smtp://mail.example.com', leading(address), declared)).toBe('refused')
  for (const url of [
    'smtp://other.example.com',
    'smtp://127.0.0.1:26',
    'tcp://mail.example.com',
    'smtp://',
    'smtp://u:p@mail.example.com',
  ])
    expect(await ask(url, leading('93.184.216.34'), declared)).toBe('refused')
})

test('a certificate of a cluster of its own is trusted where it is named, and nowhere else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-outbound-'))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
  const made = [
    '-keyout',
    files.key,
    '-out',
    files.cert,
    '-subj',
    '/CN=cluster',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  ]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...made], { stdio: 'pipe' })
  const ca = readFileSync(files.cert, 'utf8')
  const server = createTlsServer({ key: readFileSync(files.key), cert: ca }, (_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = outbound().for({ rules: [literal('127.0.0.1')], protected: false })
  expect((await fault(ask(url, get()))).message).toContain('has a certificate that is not trusted (DEPTH_ZERO_SELF')
  expect((await ask(url, get({ ca }))).status).toBe(200)
  // A connection that was let in with it is not there for others.
  await expect(ask(url, get())).rejects.toThrow(OutboundFault)
})
