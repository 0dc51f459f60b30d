/** What a worker may see, take and hand in: its own environment of its own project, and nothing else on any route. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accessStream, auditStream, type AccessEvent, type Place } from '../core/access/access.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { faultOfOffer, type SignedOffer } from '../core/work/assignment.ts'
import { createPool, type Pool } from '../worker/pool/pool.ts'
import { requestOf, until } from '../worker/pool/pool.fixture.ts'
import { createApi } from './api.ts'
import { createAccounts } from './auth/accounts.ts'
import { hashOfKey, makeKey } from './auth/keys.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const at = (project: string, environment: string | null = null): Place => ({
  organisation: 'acme',
  project,
  environment,
})
const door = { kind: 'tcp', from: '203.0.113.7' } as const
const machines: readonly (readonly [string, Place])[] = [
  ['production', at('shop', 'production')],
  ['colleague', at('shop', 'production')],
  ['staging', at('shop', 'staging')],
  ['bank', at('bank')],
]

let around: World
let pool: Pool
let app: ReturnType<typeof createApi>
let secrets: Record<string, string>
let running: Promise<CommandResult | null>

beforeEach(async () => {
  const plan = examplePlan()
  const phases = plan.phases.map((phase) => ({ ...phase, environment: 'production' }))
  around = world({ ...plan, phases }, {}, door)
  pool = createPool(around.store, around.deps.clock, { leaseMs: 500, pollMs: 10 })
  app = createApi({ ...around.deps, work: pool.work })
  secrets = {}
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'ana', role: 'administrator', place: everywhere },
    { kind: 'PersonAdded', person: 'ben', name: 'Ben', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'ben', role: 'release-engineer', place: at('shop', 'staging') },
  ]
  for (const [id, place] of machines) {
    // The role holds in the whole project where there is one: the token is what binds it to an environment.
    events.push(
      { kind: 'MachineAdded', machine: id, about: 'a worker' },
      { kind: 'RoleGranted', holder: id, role: 'worker', place: { ...place, environment: null } },
      {
        kind: 'TokenIssued',
        token: `t-${id}`,
        holder: id,
        name: 'x',
        scope: { place, rights: ['work'], labels: ['linux'] },
        expires: around.deps.clock.now() + 60_000,
      },
    )
    secrets[id] = makeKey('token')
    await around.store.putEntry('token', hashOfKey(secrets[id]), JSON.stringify({ token: `t-${id}` }))
  }
  await write(events)
  for (const person of ['ana', 'ben'])
    secrets[person] = (await createAccounts(around.store, around.deps.clock).openSession(person, 'password')).secret
  running = pool.launcher.run(requestOf('r1/deploy/1', { env: { HOLDPOINT_RELEASE: 'r1' } })).catch(() => null)
  await until(() => pool.work.placeOf('r1/deploy/1'))
})

afterEach(async () => {
  pool.close()
  await running
  await around.end()
})

async function write(events: readonly AccessEvent[]): Promise<void> {
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const expectedVersion = (await around.store.read(accessStream)).length
  const added = events.map((event) => ({ at: 1, by, event }))
  await around.store.append({ streams: [{ stream: accessStream, expectedVersion, events: added }] })
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function ask(who: string, path: string, body?: unknown): Promise<Answer> {
  const headers = {
    host: 'holdpoint.test',
    authorization: `Bearer ${secrets[who]}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const method = body === undefined ? 'GET' : 'POST'
  const answer = await app.request(
    path,
    { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
    { door },
  )
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const name = 'host/1'
const question = (n: number) => `question-number-${n}`

function claim(who: string, n: number, changes: object = {}): Promise<Answer> {
  const body = { name, claim: question(n), environments: null, labels: null, urgentOnly: false, waitMs: 0, jobs: 1 }
  return ask(who, '/v1/work/claim', { ...body, version: '1', ...changes })
}

const path = (rest: string, attempt = 'r1/deploy/1') => `/v1/work/${encodeURIComponent(attempt)}/${rest}`
const held = { name, claim: question(1) }
const sent = {
  ...held,
  sentAt: Date.now(),
  result: {
    ended: 'exit',
    exitCode: 0,
    signal: null,
    stdout: Buffer.from('done\n').toString('base64'),
    stderr: '',
    truncated: false,
    output: {},
    startedAt: Date.now(),
    endedAt: Date.now(),
    why: null,
  },
}

async function begun(): Promise<void> {
  const { body } = await until(async () => {
    const answer = await claim('production', 1)
    return answer.body['offer'] === null ? null : answer
  })
  expect(body).toMatchObject({ offer: { attempt: 'r1/deploy/1' } })
  expect((await ask('production', path('heartbeat'), { ...held, waitMs: 0 })).body).toMatchObject({ go: true })
}

test('a worker of the environment claims, lives, shows its output and hands in', async () => {
  await begun()
  expect((await ask('production', path('output'), { ...held, text: 'half way' })).body).toEqual({ ok: true })
  expect(await pool.launcher.peek('r1/deploy/1')).toBe('half way')
  const followed = { lines: 3, found: { '^ready': 'ready' } }
  const whole = { ...sent, result: { ...sent.result, ended: 'followed', exitCode: null, followed } }
  expect((await ask('production', path('result'), whole)).body).toEqual({ kind: 'kept' })
  expect((await ask('production', path('result'), whole)).body).toEqual({ kind: 'already' })
  expect(await running).toMatchObject({ ended: 'followed', exitCode: null, followed })
})

test('an assignment is signed with the very token that asked', async () => {
  const { body } = await until(async () => {
    const answer = await claim('production', 1)
    return answer.body['offer'] === null ? null : answer
  })
  const offer = body['offer'] as SignedOffer
  const asked = { claim: question(1), elapsedMs: 10, waitMs: 0 }
  expect(faultOfOffer(offer, { ...asked, secret: secrets['production']! })).toBeNull()
  expect(faultOfOffer(offer, { ...asked, secret: secrets['colleague']! })).toContain('signature')
})

describe.each(['staging', 'bank'])('a worker of %s, against production of the shop', (foreign) => {
  test('is offered nothing, and may not ask for it by name', async () => {
    expect((await claim(foreign, 9)).body).toMatchObject({ offer: null })
    const named = await claim(foreign, 9, { environments: ['production'] })
    if (foreign === 'staging') expect(named).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    else expect(named.body).toMatchObject({ offer: null })
  })

  test('finds no attempt on any route, though it knows its name and its claim', async () => {
    await begun()
    for (const [rest, body] of [
      ['heartbeat', { ...held, waitMs: 0 }],
      ['output', { ...held, text: 'all is well' }],
      ['result', sent],
    ] as const) {
      const answer = await ask(foreign, path(rest), body)
      expect(answer, rest).toMatchObject({ status: 404, body: { code: 'unknown-attempt' } })
      // The same answer as for what does not exist.
      expect((await ask(foreign, path(rest, 'r1/nothing/1'), body)).body['code'], rest).toBe('unknown-attempt')
    }
    expect(await pool.launcher.peek('r1/deploy/1')).toBe('')
    expect((await ask('production', path('heartbeat'), { ...held, waitMs: 0 })).body).toMatchObject({ go: true })
  })

  test('does not see the workers there', async () => {
    await begun()
    expect(await ask(foreign, '/v1/workers')).toMatchObject({ status: 403 })
  })
})

test('another worker of the same environment cannot finish what is not its own', async () => {
  await begun()
  expect((await ask('colleague', path('heartbeat'), { ...held, waitMs: 0 })).body).toMatchObject({
    go: false,
    cancel: true,
  })
  expect((await ask('colleague', path('result'), sent)).body).toEqual({ kind: 'late' })
  const guessed = { ...sent, claim: 'another-question-99' }
  expect((await ask('production', path('result'), guessed)).body).toEqual({ kind: 'late' })
  expect((await ask('production', path('heartbeat'), { ...held, waitMs: 0 })).body).toMatchObject({ go: true })
})

test('people take no commands, whatever they may', async () => {
  await write([{ kind: 'RoleGranted', holder: 'ana', role: 'worker', place: everywhere }])
  await sleep(300)
  expect(await claim('ana', 3)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect(await ask('ana', path('result'), sent)).toMatchObject({ status: 403 })
})

test('a worker claims no label that its token does not bring', async () => {
  expect(await claim('production', 1, { labels: ['linux', 'gpu'] })).toMatchObject({ status: 403 })
})

test('what is revoked while a worker waits brings nothing any more', async () => {
  await begun()
  const waiting = claim('colleague', 5, { waitMs: 2_000, labels: [] })
  await write([{ kind: 'TokenRevoked', token: 't-colleague', reason: 'stolen' }])
  await sleep(300)
  const next = pool.launcher.run(requestOf('r1/deploy/2')).catch(() => null)
  expect((await waiting).body).toMatchObject({ offer: null })
  expect((await claim('colleague', 6)).status).toBe(401)
  expect(
    (
      await until(async () => {
        const answer = await claim('production', 7)
        return answer.body['offer'] === null ? null : answer
      })
    ).body,
  ).toMatchObject({ offer: { attempt: 'r1/deploy/2' } })
  pool.close()
  await next
})

test('a result that comes after its worker was given up is kept as evidence, told in the audit stream, and changes nothing', async () => {
  await begun()
  expect(await running).toMatchObject({ ended: 'lost' })
  expect((await ask('production', path('heartbeat'), { ...held, waitMs: 0 })).body).toMatchObject({ cancel: true })
  expect((await ask('production', path('result'), sent)).body).toEqual({ kind: 'late' })
  expect(await pool.launcher.attach('r1/deploy/1')).toMatchObject({ ended: 'lost' })
  const told = (await around.store.read(auditStream)).map(({ event }) => event as { kind: string })
  expect(told.find(({ kind }) => kind === 'LateResult')).toMatchObject({
    release: 'r1',
    attempt: 'r1/deploy/1',
    worker: 'production on host/1',
    exitCode: 0,
    evidence: [{ name: 'stdout.txt', size: 5 }],
  })
})

test('whoever may look at a project sees its workers, with what they have', async () => {
  await begun()
  const { body } = await ask('ana', '/v1/workers')
  expect(body).toMatchObject([
    { machine: 'production', name, environments: ['production'], labels: ['linux'], running: ['r1/deploy/1'] },
  ])
  expect((await ask('ben', '/v1/workers')).body).toEqual([])
})

test('a phase in another environment takes the right to start there too: its commands run there', async () => {
  await write([{ kind: 'RoleGranted', holder: 'ben', role: 'author', place: at('shop', 'staging') }])
  await sleep(300)
  expect(await ask('ben', '/v1/releases', startBody())).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  await write([{ kind: 'RoleGranted', holder: 'ben', role: 'release-engineer', place: at('shop', 'production') }])
  await sleep(300)
  expect((await ask('ben', '/v1/releases', startBody())).status).toBe(201)
})

test('an amendment that adds a phase in another environment takes the right there too', async () => {
  const person = (role: string, environment: string): AccessEvent => ({
    kind: 'RoleGranted',
    holder: 'ben',
    role,
    place: at('shop', environment),
  })
  await write([person('author', 'staging'), person('release-engineer', 'production')])
  await sleep(300)
  const started = await ask('ben', '/v1/releases', startBody())
  const { release } = started.body as { release: string }
  const production = { holder: 'ben', role: 'release-engineer', place: at('shop', 'production') }
  await write([{ kind: 'RoleRevoked', ...production }])
  await sleep(300)
  const command = { kind: 'Amend', document: startBody().document, role: 'release-engineer', reason: 'more' }
  const amended = await ask('ben', `/v1/releases/${release}/commands`, { command, seen: null })
  expect(amended).toMatchObject({ status: 403, body: { code: 'forbidden' } })
})
