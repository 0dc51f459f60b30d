/** Webhooks of a project, from the log to a receiver that checks what it gets. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { signatureOf } from '../../notify/webhook.ts'
import { webhookReach, webhookTrouble } from '../../app/server-duties.ts'
import { createOutbound } from '../../worker/outbound.ts'
import type { AccessEvent } from '../../core/access/access.ts'
import { accessStream } from '../../core/access/access.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { createApi } from '../api.ts'
import { createAccounts } from '../auth/accounts.ts'
import { Directory } from '../auth/directory.ts'
import { createSealer } from '../auth/sealing.ts'
import { examplePlan, startBody, world, type World } from '../test-support/world.ts'
import { deliver } from './deliver.ts'
import { due } from './hooks.ts'
import { listenToLog } from './listen-to-log.ts'

interface Got {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

const ana = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
const sealer = createSealer([randomBytes(32)])

let at: World
let api: ReturnType<typeof createApi>
let outbound: ReturnType<typeof createOutbound>
let server: Server
let got: Got[]
let statuses: number[]
let session: string
let later: number

beforeEach(async () => {
  got = []
  statuses = []
  later = 0
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(statuses.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  api = createApi({ ...at.deps, sealer, webhookHosts: hosts() })
  outbound = createOutbound()
  const place = { organisation: 'acme', project: null, environment: null }
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'ada', name: 'Ada', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'ada', role: 'administrator', place },
  ]
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
  session = (await createAccounts(at.store, at.deps.clock).openSession('ada', 'password')).secret
})

afterEach(async () => {
  outbound.close()
  await at.end()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const port = () => (server.address() as AddressInfo).port
const hosts = () => [{ host: '127.0.0.1', port: port() }]
const clock = (): Clock => ({ ...at.deps.clock, now: () => at.deps.clock.now() + later })

const listen = () => {
  const directory = new Directory(at.store, at.deps.clock)
  return listenToLog({ store: at.store, clock: clock(), access: () => directory.refresh() })
}
const send = (named = hosts()) =>
  deliver({ store: at.store, clock: clock(), sealer, reach: (url) => webhookReach(outbound, named, url) })

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await api.request(
    path,
    {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        host: 'holdpoint.test',
        authorization: `Bearer ${session}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    },
    { door: { kind: 'tcp', from: '203.0.113.7' } },
  )
  return { status: answer.status, body: await answer.json() }
}

interface Made {
  readonly id: string
  readonly secret: string
}

async function hook(topics: readonly string[], project = 'shop'): Promise<Made> {
  const url = `http://127.0.0.1:${port()}/hook?key=of-the-receiver`
  const { status, body } = await ask('POST', `/v1/projects/${project}/webhooks`, { url, topics })
  expect(status).toBe(201)
  return body as Made
}

async function start(version = '1.4.0'): Promise<string> {
  const { document: _document, ...rest } = startBody(examplePlan(), { version })
  const started = await at.engine.start({ ...(rest as object), plan: examplePlan() } as never, ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  return started.release
}

describe('a webhook', () => {
  test('hears of what it wants, signed, once for each piece of news, whichever replica tells', async () => {
    const before = await start('1.3.0')
    await at.engine.ask(before, { kind: 'Abort', why: 'none', leave: false, confirm: null } as never, ana, null)
    const { secret } = await hook(['release.started', 'release.held'])
    const release = await start()
    await at.engine.ask(release, { kind: 'Hold', why: 'smoke' }, ana, null)
    await Promise.all([listen(), listen()])
    await Promise.all([send(), send()])
    await listen()
    await send()
    const bodies = got.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> })
    expect(bodies.map(({ type }) => type)).toEqual(['release.started', 'release.held'])
    expect(bodies[1]?.data).toMatchObject({
      say: 'Held by ana: smoke',
      event: 'HoldPlaced',
      by: { id: 'ana', kind: 'person' },
      release: { id: release, project: 'shop', service: 'shop', version: '1.4.0', environment: 'staging' },
    })
    for (const { headers, body } of got) {
      const [id, timestamp] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])]
      expect(headers['webhook-signature']).toBe(signatureOf(secret, id, timestamp, body))
      expect(headers['idempotency-key']).toBe(id)
      expect(Math.abs(Number(timestamp) * 1_000 - Date.now())).toBeLessThan(600_000)
    }
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
    expect(await due(at.store)).toEqual([])
  })

  test('of another project hears nothing', async () => {
    await hook(['release.started'], 'bank')
    await start()
    await listen()
    await send()
    expect(got).toEqual([])
  })

  test('that fails is told again with the same id after a while, and what became of it can be seen', async () => {
    const { id } = await hook(['release.started'])
    await start()
    await listen()
    statuses = [503]
    await send()
    await send()
    expect(got).toHaveLength(1)
    const path = `/v1/projects/shop/webhooks/${id}/deliveries`
    expect((await ask('GET', path)).body).toMatchObject([{ state: 'waiting', tries: 1, say: 'answered 503' }])
    later = 6_000
    await send()
    expect(got.map(({ headers }) => headers['webhook-id'])).toHaveLength(2)
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect((await ask('GET', path)).body).toMatchObject([{ state: 'delivered', tries: 2, topic: 'release.started' }])
  })

  test('that is gone is given up at once', async () => {
    const { id } = await hook(['release.started'])
    await start()
    await listen()
    statuses = [410]
    await send()
    expect((await ask('GET', `/v1/projects/shop/webhooks/${id}/deliveries`)).body).toMatchObject([
      { state: 'given up' },
    ])
  })

  test('that fails for a day is given up', async () => {
    const { id } = await hook(['release.started'])
    await start()
    await listen()
    later = 86_500_000
    statuses = [500]
    await send()
    expect(await due(at.store)).toEqual([])
    expect((await ask('GET', `/v1/projects/shop/webhooks/${id}/deliveries`)).body).toMatchObject([
      { state: 'given up', say: 'answered 500' },
    ])
  })

  test('cannot reach the own network unless whoever runs the server named the place', async () => {
    await hook(['release.started'])
    await start()
    await listen()
    await send([])
    expect(got).toEqual([])
    const [kept] = await due(at.store)
    expect(kept?.value.say).toContain('127.0.0.1')
  })

  test('is refused with the reason when its address leads to the own network, also by a name', async () => {
    const names: Readonly<Record<string, readonly string[]>> = {
      'hooks.example.com': ['93.184.215.14'],
      'inside.example.com': ['10.0.0.7', 'fd12::7'],
      'metadata.example.com': ['169.254.169.254'],
      'mine.example.com': ['192.168.1.7'],
      localhost: ['127.0.0.1'],
    }
    const resolve = (host: string) => {
      const found = names[host]
      if (found === undefined) return Promise.reject(new Error('not found'))
      return Promise.resolve(found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }) as const))
    }
    const named = [{ host: 'mine.example.com', port: null }]
    const webhookHosts = [...named, { host: '172.16.0.9', port: 8_443 }]
    const trouble = (url: string) => webhookTrouble(webhookHosts, url, { resolve })
    api = createApi({ ...at.deps, sealer, webhookHosts, webhookTrouble: trouble })
    const made = async (url: string) => {
      const { status, body } = await ask('POST', '/v1/projects/shop/webhooks', { url, topics: ['release.started'] })
      return status === 201 ? 'made' : (body as { detail: string }).detail
    }
    for (const url of ['https://inside.example.com/x', 'https://10.1.2.3/', 'https://[fd00::1]/', 'https://[::1]/'])
      expect([url, await made(url)]).toEqual([url, expect.stringContaining('own network')])
    for (const url of ['https://metadata.example.com/', 'https://localhost/', 'https://100.64.0.1/', 'https://0x7f.1/'])
      expect([url, await made(url)]).toEqual([url, expect.stringContaining('HOLDPOINT_WEBHOOK_HOSTS=')])
    for (const url of ['https://hooks.example.com/', 'https://mine.example.com/', 'http://172.16.0.9:8443/'])
      expect([url, await made(url)]).toEqual([url, 'made'])
    // A name that is not found now may be there when something happens.
    expect(await made('https://later.example.com/')).toBe('made')
  })
})

describe('who manages a project', () => {
  test('sees its secret once, and never the query of its address', async () => {
    const { secret, id } = await hook(['release.started'])
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const { body } = await ask('GET', '/v1/projects/shop/webhooks')
    expect(body).toMatchObject([{ id, url: `http://127.0.0.1:${port()}/hook`, createdBy: 'ada' }])
    expect(JSON.stringify(body)).not.toMatch(/whsec|of-the-receiver|s1\./)
    const kept = await at.store.getEntry('webhook', id)
    expect(kept?.json).not.toContain(secret)
  })

  test('cannot touch a webhook of another project, and drops what waits by removing its own', async () => {
    const { id } = await hook(['release.started'])
    await start()
    await listen()
    expect((await ask('POST', `/v1/projects/bank/webhooks/${id}/remove`, {})).status).toBe(404)
    expect((await ask('GET', `/v1/projects/bank/webhooks/${id}/deliveries`)).status).toBe(404)
    expect((await ask('POST', `/v1/projects/shop/webhooks/${id}/remove`, {})).status).toBe(200)
    await send()
    expect([got, await due(at.store)]).toEqual([[], []])
  })

  test.each(['http://hooks.example.com/x', 'https://a:b@hooks.example.com/', 'ftp://x', 'nonsense'])(
    'is told that %s is no address for it',
    async (url) => {
      const { status } = await ask('POST', '/v1/projects/shop/webhooks', { url, topics: ['release.started'] })
      expect(status).toBe(400)
    },
  )

  test('is told how to set a key where there is none', async () => {
    api = createApi(at.deps)
    const { status, body } = await ask('POST', '/v1/projects/shop/webhooks', {
      url: 'https://hooks.example.com/',
      topics: ['release.started'],
    })
    expect(status).toBe(409)
    expect((body as { detail: string }).detail).toContain('HOLDPOINT_SECRET_KEY_FILE')
  })
})
