import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { judge, load } from './load.ts'
import type { LoadTold } from './load-run/script.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** On a busy machine the generator is late; these tests are not about that. */
const patient = { 'max-lag': '1m' }

function run(given: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> {
  return runCheck(load as never, { ...patient, ...given }, { timeoutMs: 60_000, ...powers })
}

test('so many users at once are really there, each with a connection, and every request says that it is ours', async () => {
  let unmarked = 0
  let most = 0
  const url = await serve((request, response) => {
    if (request.headers['x-synthetic'] !== 'holdpoint') unmarked += 1
    servers.at(-1)?.getConnections((_fault, count) => (most = Math.max(most, count)))
    setTimeout(() => response.end('ok'), 20)
  })
  const result = await run({ url, users: 12, ramp: '500ms', for: '2s', p99: '1m' })
  expect(result, result.say).toMatchObject({
    outcome: 'passed',
    say: expect.stringMatching(/^12 users for 2s: \d+ requests, 0% errors, p95 /),
    facts: { connections: 12, errors: 0 },
  })
  expect([unmarked, most]).toEqual([0, 12])
  expect((JSON.parse(evidenceText(result)) as LoadTold).outcomes).toEqual({ 200: result.facts?.['requests'] })
})

test('with a rate, what waits behind a stall counts from when it was due', async () => {
  let asked = 0
  const url = await serve((_request, response) => {
    asked += 1
    setTimeout(() => response.end(), asked === 20 ? 800 : 0)
  })
  const result = await run({ url, users: 1, rate: 50, for: '2s' })
  expect(result.facts?.['requests']).toBe(100)
  // One answer was slow; a generator that waits for it would say so of one in a hundred.
  const { latency } = JSON.parse(evidenceText(result)) as LoadTold
  expect(latency?.p90).toBeGreaterThan(250)
  expect(result.facts?.['latency']).toEqual(latency)
})

test('a service that answers too slowly, or with errors, fails', async () => {
  const slow = await serve((_request, response) => void setTimeout(() => response.end(), 80))
  expect(await run({ url: slow, users: 3, for: '600ms', p50: '50ms' })).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/^p50 .*, at most 50ms \(3 users for 600ms/),
  })
  const broken = await serve((_request, response) => response.writeHead(503).end())
  expect(await run({ url: broken, users: 3, for: '300ms' })).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/^100% of \d+ requests failed \(503 \d+ times\), at most 1%$/),
  })
})

test('a service that lets fewer in than there are users fails', async () => {
  const url = await serve((_request, response) => void setTimeout(() => response.end(), 10))
  const server = servers.at(-1)
  if (server) server.maxConnections = 4
  const result = await run({ url, users: 10, for: '700ms', 'max-errors': '100%' })
  expect(result).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/^\d connections at once, 10 expected$/),
  })
})

test('sends what it is told: method, headers, body, and a token out of its environment', async () => {
  const seen = new Set<string>()
  const url = await serve((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      seen.add(`${request.method} ${request.headers.authorization} ${request.headers['content-type']} ${body}`)
      response.end()
    })
  })
  const given = {
    url,
    users: 1,
    for: '200ms',
    method: 'POST',
    body: '{"n":"{{ n }}"}',
    headers: { 'Content-Type': 'application/json' },
  }
  const powers = testPowers()
  const withToken: CheckPowers['command'] = (request) =>
    powers.command({ ...request, env: { ...request.env, TOKEN: 't0ken' } })
  await run({ ...given, token: 'TOKEN' }, { variables: { n: '7' }, command: withToken })
  expect([...seen]).toEqual(['POST Bearer t0ken application/json {"n":"7"}'])
})

describe('nothing is sent to production', () => {
  test.each([
    ['protected', { isProtected: true }, {}],
    ['called so', { variables: { environment: 'prod' } }, {}],
    ['named so', {}, { production: ['127.0.0.1'] }],
  ])('%s', async (_name, powers, given) => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked += 1
      response.end()
    })
    const result = await run({ url, users: 1, for: '200ms', ...given }, powers)
    expect(result).toMatchObject({ outcome: 'errored', say: expect.stringContaining('nothing was sent') })
    expect(asked).toBe(0)
    const stated = await run({ url, users: 1, for: '200ms', ...given, 'in-production': true }, powers)
    expect(stated.outcome, stated.say).toBe('passed')
  })
})

describe('what a run says', () => {
  const sound: LoadTold = {
    broken: null,
    startedAt: 0,
    requests: 1_000,
    errors: 10,
    outcomes: { 200: 990, timeout: 10 },
    ownFaults: 0,
    latency: { p50: 20, p90: 50, p95: 80, p99: 200, max: 900 },
    rate: 99,
    connections: 50,
    lagMs: 3,
    buckets: [],
  }
  const given = load.config.parse({ url: 'https://staging.shop.example/', users: 50, for: '10s', p95: '100ms' })
  const say = (told: Partial<LoadTold>, more: object = {}): string => {
    const { outcome, say } = judge({ ...sound, ...told }, { ...given, ...more }, testPowers())
    return `${outcome}: ${say}`
  }

  test('at its limits it passes, beyond them not', () => {
    expect(say({})).toBe('passed: 50 users for 10s: 1000 requests, 1% errors, p95 80ms')
    expect(say({ errors: 11 })).toBe('failed: 1.1% of 1000 requests failed (timeout 10 times), at most 1%')
    expect(say({}, { p99: '150ms' })).toMatch(/^failed: p99 200ms, at most 150ms \(/)
    expect(say({}, { rate: 100 })).toMatch(/^passed: 100 requests a second/)
    expect(say({ rate: 94 }, { rate: 100 })).toBe('failed: 94 answers a second, 100 expected')
    expect(say({ connections: 46 })).toBe('failed: 46 connections at once, 50 expected')
  })

  test('a generator in trouble says nothing about the service', () => {
    expect(say({ lagMs: 400 }, { p95: '1ms' })).toBe(
      'inconclusive: the machine that asks was 400ms late itself, at most 250ms',
    )
    expect(say({ ownFaults: 3 })).toBe('inconclusive: the machine that asks ran out of sockets or files 3 times')
    expect(say({ requests: 0 })).toBe('inconclusive: not one request was made after the ramp')
    expect(say({ broken: 'no node' })).toBe('errored: no node')
  })
})
