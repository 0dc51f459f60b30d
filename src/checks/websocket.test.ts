import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { websocket } from './websocket.ts'

/** As streaming services do it: a token in the header or the query, a greeting, a count of viewers, words that end it. */
const http = new Server()
const sockets = new WebSocketServer({ noServer: true, autoPong: false })
const tokenOf = (request: IncomingMessage): string =>
  request.headers.authorization?.replace('Bearer ', '') ??
  new URL(request.url ?? '', 'http://x').searchParams.get('token') ??
  ''

http.on('upgrade', (request: IncomingMessage, socket, head) => {
  const { origin } = request.headers
  const allowed = ['secret-API_TOKEN', 'a b', 'foreign'].includes(tokenOf(request))
  const refuse = (line: string): void =>
    void socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  if (!allowed) return refuse('401 Unauthorized')
  if (origin !== undefined && origin !== 'https://app.example.com') return refuse('403 Forbidden')
  if (request.url?.startsWith('/moved')) return refuse('302 Found\r\nlocation: /live')
  sockets.handleUpgrade(request, socket, head, (one) => serve(one, request))
})

function serve(socket: WebSocket, request: IncomingMessage): void {
  if (tokenOf(request) === 'foreign') return socket.close(4403, 'another organisation')
  if (!request.url?.startsWith('/no-pong')) socket.on('ping', (data) => socket.pong(data))
  if (request.url?.startsWith('/flood')) return flood(socket)
  socket.send(JSON.stringify({ type: 'connection_established', stream: { id: 42, title: 'x' } }))
  tellCount()
  socket.on('close', tellCount)
  socket.on('message', (data) => {
    const text = (data as Buffer).toString()
    if (text === 'end') socket.close(1000, 'stream ended')
    else if (text === 'cut') socket.terminate()
    else if (text === 'pictures') socket.send(Buffer.from([1, 2, 3]))
    else socket.send(`you said ${text}`)
  })
}

function tellCount(): void {
  for (const one of sockets.clients) one.send(JSON.stringify({ type: 'viewer_count', count: sockets.clients.size }))
}

function flood(socket: WebSocket): void {
  for (let count = 0; count < 6_000; count += 1) socket.send('again')
}

let base = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  base = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
})
afterAll(() => {
  for (const one of sockets.clients) one.terminate()
  http.closeAllConnections()
  http.close()
})

const token = { headers: { authorization: 'Bearer {{ secret.API_TOKEN }}' } }
const check = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(websocket as never, { url: `${base}/live`, ...token, ...config }, powers)
const steps = (...list: readonly unknown[]): Readonly<Record<string, unknown>> => ({ steps: list })

test('lets in, greets, answers a message and a ping: everything in order', async () => {
  const result = await check(
    steps(
      { json: { type: 'connection_established', stream: { id: 42 } } },
      { expect: '"viewer_count"', within: '5s' },
      { send: { hello: '{{ version }}' } },
      { expect: '^you said \\{"hello":"2\\.0"\\}$' },
      { ping: '5s' },
      { send: 'end' },
      { closed: 1000 },
    ),
    {
      variables: { version: '2.0' },
      expectation: 'count >= 3 && messages[0].stream.title == "x" && close_code == 1000',
    },
  )
  expect(result.say).toMatch(/^127\.0\.0\.1:\d+\/live: let in after \d+ms, 3 expected messages came, pong after \d+ms$/)
  expect(result.outcome).toBe('passed')
  expect(evidenceText(result)).toContain('> {"hello":"2.0"}')
  expect(evidenceText(result)).toContain('< you said {"hello":"2.0"}')
})

test('a path goes behind the address of a source, with the headers of that', async () => {
  const source = {
    kind: 'http',
    config: { url: base.replace('ws', 'http'), headers: { Authorization: 'Bearer foreign' } },
  }
  const result = await runCheck(websocket as never, { on: 'shop', url: '/live' }, { source: () => source })
  expect(result.outcome, result.say).toBe('passed')
})

test('messages that come in another order are not those that were expected', async () => {
  const result = await check(
    steps({ json: { type: 'viewer_count' } }, { json: { type: 'connection_established' }, within: '200ms' }),
  )
  expect(result).toMatchObject({ outcome: 'failed' })
  expect(result.say).toContain(
    'step 2: no message with {"type":"connection_established"} within 200ms; none came at all',
  )
})

test('what came instead is said', async () => {
  const result = await check(steps({ expect: 'quality_change', within: '300ms' }))
  expect(result.outcome).toBe('failed')
  expect(result.say).toMatch(/no message that matches quality_change within 300ms; .*"viewer_count","count":\d+/)
})

test('a value in a query is escaped, and one without a value is a fault', async () => {
  const url = `${base}/live?token={{ token }}`
  expect(await check({ url, headers: {} }, { variables: { token: 'a b' } })).toMatchObject({ outcome: 'passed' })
  expect(await check({ url, headers: {} })).toMatchObject({ outcome: 'errored', say: '{{ token }} has no value' })
})

describe('whoever must be refused', () => {
  const nobody = { headers: {} }

  test('is refused by a status', async () => {
    expect(await check({ ...nobody, refused: [401, 403] })).toMatchObject({
      outcome: 'passed',
      say: expect.stringMatching(/\/live refuses with 401 Unauthorized$/) as string,
    })
    const other = await check({ origin: 'https://evil.example', refused: [403] })
    expect(other).toMatchObject({ outcome: 'passed' })
  })

  test('or by a code, once they are in', async () => {
    const foreign = { headers: { authorization: 'Bearer foreign' } }
    expect(await check({ ...foreign, refused: [401, 4403] })).toMatchObject({
      outcome: 'passed',
      say: expect.stringContaining('refuses: it closes with 4403 (another organisation)') as string,
    })
    expect(await check({ ...foreign, refused: [1008] })).toMatchObject({ outcome: 'failed' })
  })

  test('and when they are let in, or refused in another way, that is a failure', async () => {
    expect((await check({ refused: [401] })).say).toMatch(/let in, expected 401$/)
    expect((await check({ refused: [401] })).outcome).toBe('failed')
    const stays = await check({ refused: [4401], within: '200ms' })
    expect(stays.say).toContain('it was still open after 200ms, expected it to close with 4401')
    expect((await check({ ...nobody, refused: [403] })).say).toContain('answers 401 Unauthorized, expected 403')
  })

  test('that nobody answers is no refusal', async () => {
    const result = await check({ url: 'ws://127.0.0.1:1/', refused: [401] })
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('ECONNREFUSED') as string })
  })
})

test('the page it comes from is said as a browser would', async () => {
  expect(await check({ origin: 'https://app.example.com' })).toMatchObject({ outcome: 'passed' })
  const other = await check({ origin: 'https://evil.example' })
  expect(other).toMatchObject({ outcome: 'failed', say: expect.stringContaining('403 Forbidden') as string })
})

test('a redirect is not followed', async () => {
  expect((await check({ url: `${base}/moved` })).say).toContain('does not let in: 302 Found')
})

test('a ping without a pong fails', async () => {
  const result = await check({ url: `${base}/no-pong`, ...steps({ ping: '150ms' }) })
  expect(result).toMatchObject({ outcome: 'failed', say: expect.stringContaining('no pong within 150ms') as string })
})

test('a connection that breaks off is told from one that closes', async () => {
  const result = await check(steps({ send: 'cut' }, { closed: 1000, within: '5s' }))
  expect(result.say).toContain('it closed with 1006, without a word, expected 1000')
  const gone = await check(steps({ send: 'end' }, { expect: 'more', within: '5s' }))
  expect(gone.say).toContain('it closed with 1000 (stream ended), before a message that matches more came')
})

test('silence is listened for, and proves nothing when the connection is gone', async () => {
  const greeting = { expect: 'viewer_count' }
  const quiet = await check({ url: `${base}/live`, ...steps(greeting, { none: 'other stream', for: '150ms' }) })
  expect(quiet).toMatchObject({ outcome: 'passed' })
  const loud = await check(steps({ none: 'connection_established', for: '5s' }))
  expect(loud.outcome).toBe('failed')
  const gone = await check(steps(greeting, { send: 'cut' }, { none: 'other stream', for: '5s' }))
  expect(gone.say).toContain('of silence prove nothing')
})

test('more connections beside it, and once more after leaving, are counted by the server', async () => {
  // Those of tests before may still be leaving.
  while (sockets.clients.size > 0) await later(10)
  const result = await check({
    beside: 3,
    ...steps(
      { json: { type: 'viewer_count', count: 4 } },
      { reconnect: true },
      { json: { type: 'connection_established' } },
      { json: { type: 'viewer_count', count: 4 } },
    ),
  })
  expect(result).toMatchObject({ outcome: 'passed' })
  expect(result.say).toContain('3 more beside it')
  while (sockets.clients.size > 0) await later(10)
})

test('a flood is cut, and never a pass', async () => {
  const result = await check({ url: `${base}/flood`, ...steps({ expect: 'the end' }) })
  expect(result).toMatchObject({ outcome: 'failed', say: expect.stringContaining('more than 5000 messages') as string })
})

test('pictures are no text', async () => {
  const result = await check(steps({ send: 'pictures' }, { expect: '.', within: '2s' }, { none: 'x', for: '100ms' }))
  expect(evidenceText(result)).toContain('< 3 bytes')
})

test('over TLS only a certificate that is trusted, for this very name', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-wss-'))
  const made = 'req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost'
  const words = [...made.split(' '), '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', words, { cwd: root, stdio: 'pipe' })
  const server = createHttps({ key: readFileSync(join(root, 'key.pem')), cert: readFileSync(join(root, 'cert.pem')) })
  const greeter = new WebSocketServer({ server })
  greeter.on('connection', (socket) => socket.send('hello'))
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const at = (name: string): Readonly<Record<string, unknown>> => ({
      url: `wss://${name}:${port}/`,
      ...steps({ expect: '^hello$' }),
    })
    expect(await check({ ...at('localhost'), ca: 'cert.pem' }, { root })).toMatchObject({ outcome: 'passed' })
    expect((await check(at('localhost'), { root })).say).toContain('self-signed certificate')
    expect(await check({ ...at('127.0.0.1'), ca: 'cert.pem' }, { root })).toMatchObject({ outcome: 'failed' })
  } finally {
    greeter.close()
    server.close()
    rmSync(root, { recursive: true, force: true })
  }
})

test('settings that are wrong are said in words', () => {
  const problems = (config: unknown): string =>
    JSON.stringify(websocket.config.safeParse(config).error?.issues.map(({ path, message }) => [...path, message]))
  expect(problems({ url: 'https://x' })).toContain('expected an address such as wss://')
  expect(problems({ url: 'ws://x', steps: [{ says: 'x' }] })).toContain('expected one of expect, json, none, send')
  expect(problems({ url: 'ws://x', steps: ['x'] })).toContain('["steps",0,')
  expect(problems({ url: 'ws://x', steps: [{ expect: '(' }] })).toContain('expect: expected a regular expression')
  expect(problems({ url: 'ws://x', steps: [{ expect: 'x', within: 5 }] })).toContain('within')
  expect(problems({ url: 'ws://x', steps: [{ ping: '1s' }], refused: [401] })).toContain('either `refused` or `steps`')
})

test('doctor hears whether it lets in, and is content with the refusal that is expected', async () => {
  const probe = (config: Readonly<Record<string, unknown>>): Promise<{ ok: boolean; say: string } | undefined> =>
    Promise.resolve(websocket.probe?.(websocket.config.parse({ url: `${base}/live`, ...config }), testPowers()))
  expect(await probe(token)).toMatchObject({ ok: true })
  expect(await probe({})).toMatchObject({ ok: false, say: expect.stringContaining('401') as string })
  expect(await probe({ refused: [401] })).toMatchObject({ ok: true })
})
