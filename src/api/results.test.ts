/** Results of outside runners: from a signed message to the closed step, and every way in which one is refused. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { external } from '../checks/external.ts'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { digestOf } from '../core/log/canonical.ts'
import type { CheckBlock, Plan } from '../core/plan/plan.ts'
import { createCheckRunner } from '../worker/check-runner.ts'
import { realClock } from '../worker/clock.ts'
import { createReportedReader } from '../worker/reported.ts'
import { createApi } from './api.ts'
import { createAccounts } from './auth/accounts.ts'
import { hashOfKey, makeKey } from './auth/keys.ts'
import { createSealer } from './auth/sealing.ts'
import { examplePlan, startBody, stepOf, world, type World } from './test-support/world.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const ana = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
const sealer = createSealer([randomBytes(32)])

let at: World
let api: ReturnType<typeof createApi>
let session: string
let release: string

function plan(timeoutMs = 600_000): Plan {
  const block: CheckBlock = {
    word: 'check',
    kind: 'external',
    config: { from: 'load tests' },
    timeoutMs,
    maxAgeMs: null,
    captures: [],
    secrets: [],
    expect: 'result.p99_ms < 400',
  } as never
  const { digest: _digest, ...body } = examplePlan()
  const changed = { ...body, steps: [stepOf('load', [], block), ...body.steps] }
  return { ...changed, digest: digestOf(changed) }
}

async function begin(of = plan()): Promise<void> {
  const notHere = () => Promise.reject(new Error('this test has no outside world'))
  at = world(of, {}, { kind: 'tcp', from: '203.0.113.7' }, {}, (store) => ({
    checks: createCheckRunner({
      clock: realClock(),
      checks: [external as never],
      environment: notHere,
      launcher: {} as never,
      metric: notHere,
      outbound: {} as never,
      reported: createReportedReader(store),
      vault: { redactor: () => ({ text: (text: string) => text, bytes: (bytes: Uint8Array) => bytes }) } as never,
    }),
  }))
  api = createApi({ ...at.deps, sealer })
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'ada', name: 'Ada', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'ada', role: 'administrator', place: { ...shop, project: null } },
    { kind: 'MachineAdded', machine: 'runner', about: 'load tests' },
    { kind: 'RoleGranted', holder: 'runner', role: 'pipeline', place: { ...shop, project: null } },
  ]
  await append(events, 0)
  session = (await createAccounts(at.store, at.deps.clock).openSession('ada', 'password')).secret
  const { document: _document, ...rest } = startBody(of, { version: '1.4.0' })
  const started = await at.engine.start({ ...(rest as object), plan: of } as never, ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  release = started.release
}

async function append(events: readonly AccessEvent[], expectedVersion: number): Promise<void> {
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion, events: added }] })
}

beforeEach(() => begin())
afterEach(() => at.end())

async function ask(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const answer = await api.request(
    path,
    {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: { host: 'holdpoint.test', 'content-type': 'application/json', ...headers },
    },
    { door: { kind: 'tcp', from: '203.0.113.7' } },
  )
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const manage = (method: string, path: string, body?: unknown) =>
  ask(method, path, body, { authorization: `Bearer ${session}` })

interface Key {
  readonly id: string
  readonly secret: string
}

async function keyFor(project = 'shop'): Promise<Key> {
  const made = await manage('POST', `/v1/projects/${project}/result-keys`, { machine: 'runner' })
  expect(made.status).toBe(201)
  return made.body as unknown as Key
}

const result = (more: object = {}) => ({
  release,
  step: 'load',
  outcome: 'passed',
  say: 'p99 210 ms',
  facts: { p99_ms: 210 },
  ...more,
})

function signed(key: Key, body: string, { id = randomUUID() as string, ageS = 0 } = {}): Record<string, string> {
  const timestamp = String(Math.floor(at.deps.clock.now() / 1_000) - ageS)
  const secret = Buffer.from(key.secret.slice('whsec_'.length), 'base64')
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'x-holdpoint-key': key.id,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac}`,
  }
}

async function send(key: Key, more: object = {}, how: { id?: string; ageS?: number } = {}) {
  const body = JSON.stringify(result(more))
  return ask('POST', '/v1/results', body, signed(key, body, how))
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it did not happen')
}

const attempt = () =>
  until(async () =>
    (await at.engine.state(release))?.steps.get('load')?.attempts.find(({ outcome }) => outcome === null),
  )
const finished = () =>
  until(async () =>
    (await at.engine.state(release))?.steps.get('load')?.attempts.find(({ outcome }) => outcome !== null),
  )

describe('a result from outside', () => {
  test('closes the step that waits for it, with who reported it', async () => {
    const key = await keyFor()
    const { id } = await attempt()
    const waiting = await manage('GET', `/v1/releases/${release}/awaited-results`)
    expect(waiting.body).toMatchObject([{ step: 'load', attempt: id, from: 'load tests' }])
    const taken = await send(key, {
      attempt: id,
      evidence: [{ name: 'p99.txt', mediaType: 'text/plain', base64: Buffer.from('210').toString('base64') }],
    })
    expect([taken.status, taken.body]).toEqual([201, { ok: true, attempt: id }])
    const end = await finished()
    expect(end).toMatchObject({ outcome: 'passed', say: 'load tests: p99 210 ms (reported by runner)' })
    expect(end.evidence).toMatchObject([{ name: 'p99.txt', size: 3 }])
    expect((await at.engine.state(release))?.steps.get('load')?.closed?.how).toBe('passed')
    const told = (await at.store.read('audit')).map(({ by, event }) => [by.id, (event as { kind: string }).kind])
    expect(told).toContainEqual(['runner', 'ResultReported'])
    expect((await send(key)).status).toBe(409)
  })

  test('that passed is held against what the checklist expects of it', async () => {
    const key = await keyFor()
    await attempt()
    expect((await send(key, { facts: { p99_ms: 900 } })).status).toBe(201)
    expect(await finished()).toMatchObject({ outcome: 'failed' })
  })

  test('without the number that the checklist expects is no pass', async () => {
    const key = await keyFor()
    await attempt()
    expect((await send(key, { facts: {} })).status).toBe(201)
    expect((await finished()).outcome).toBe('inconclusive')
  })

  test('may come with the token of a machine instead of a signature, and never from a person', async () => {
    await attempt()
    const secret = makeKey('token')
    const events = await at.store.read(accessStream)
    const scope = { place: shop, rights: null, labels: [] }
    const expires = at.deps.clock.now() + 600_000
    await append([{ kind: 'TokenIssued', token: 't1', holder: 'runner', name: 'x', scope, expires }], events.length)
    await at.store.putEntry('token', hashOfKey(secret), JSON.stringify({ token: 't1' }))
    expect((await manage('POST', '/v1/results', result())).status).toBe(403)
    await until(async () => {
      const { status } = await ask('POST', '/v1/results', result(), { authorization: `Bearer ${secret}` })
      return status === 201 ? true : undefined
    })
    expect(await finished()).toMatchObject({ outcome: 'passed' })
  })
})

test('a step that nobody reports to in time is inconclusive, never passed', async () => {
  await at.end()
  await begin(plan(300))
  expect(await finished()).toMatchObject({ outcome: 'inconclusive', say: 'no result of load tests came within 300ms' })
  expect((await at.engine.state(release))?.steps.get('load')?.closed).toBeNull()
  expect((await send(await keyFor())).body).toMatchObject({ code: 'not-due' })
})

describe('refused is', () => {
  const refused = async (answer: Promise<{ status: number; body: Record<string, unknown> }>, code: string) => {
    const { body } = await answer
    expect(body['code']).toBe(code)
    expect((await at.store.entries('reported-result')).length).toBe(0)
  }

  test('a message that is not signed, changed, or signed with another key', async () => {
    const key = await keyFor()
    await attempt()
    const body = JSON.stringify(result({ outcome: 'failed' }))
    await refused(ask('POST', '/v1/results', body, {}), 'bad-signature')
    await refused(ask('POST', '/v1/results', body.replace('failed', 'passed'), signed(key, body)), 'bad-signature')
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    await refused(ask('POST', '/v1/results', body, signed({ ...key, secret }, body)), 'bad-signature')
    await refused(ask('POST', '/v1/results', body, signed({ ...key, id: 'rk-0' }, body)), 'bad-signature')
  })

  test('a message that is too old, from the future, or sent a second time', async () => {
    const key = await keyFor()
    await attempt()
    await refused(send(key, {}, { ageS: 400 }), 'bad-signature')
    await refused(send(key, {}, { ageS: -400 }), 'bad-signature')
    await refused(send(key, { step: 'nothing' }, { id: 'message-1' }), 'unknown-step')
    await refused(send(key, {}, { id: 'message-1' }), 'used-up')
  })

  test('a result for another attempt, another kind of step, or a release of another project', async () => {
    const key = await keyFor()
    await attempt()
    await refused(send(key, { attempt: 'load-99' }), 'unknown-attempt')
    await refused(send(key, { step: 'ready' }), 'wrong-kind')
    await refused(send(await keyFor('bank')), 'unknown-release')
  })

  test('a key that was removed, and a machine that is disabled', async () => {
    const [removed, key] = [await keyFor(), await keyFor()]
    await attempt()
    expect((await manage('POST', `/v1/projects/bank/result-keys/${removed.id}/remove`, {})).status).toBe(404)
    expect((await manage('POST', `/v1/projects/shop/result-keys/${removed.id}/remove`, {})).status).toBe(200)
    await refused(send(removed), 'bad-signature')
    const events = await at.store.read(accessStream)
    await append([{ kind: 'HolderDisabled', holder: 'runner', reason: 'gone' }], events.length)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await refused(send(key), 'bad-signature')
  })

  test('a second result', async () => {
    const key = await keyFor()
    const { id } = await attempt()
    const both = await Promise.all([send(key, { attempt: id }), send(key, { attempt: id, outcome: 'failed' })])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 410])
  })
})

test('while only a runner outside is awaited nothing here is at work: a script that started the release can leave and report', async () => {
  await attempt()
  const { body } = await manage('GET', `/v1/releases/${release}`)
  expect(body).toMatchObject({ busy: false })
  const waits = body['waitsFor'] as readonly { readonly kind: string; readonly step: string; readonly until: number }[]
  const wait = waits.find(({ step }) => step === 'load')
  expect(wait).toMatchObject({ kind: 'time', otherwise: 'is inconclusive' })
  expect(wait?.until).toBeGreaterThan(at.deps.clock.now())
})
