/** Somebody who knows the API asks it directly: no stage is skipped, nobody signs who may not, and everything that was tried is written down. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AttackedServer, pathOf, startAttackedServer } from '../support/attacked-server.ts'

const fence = '```'
const checklist = `---
holdpoint: 1
service: shop
---
# Release

## Before
- [ ] Somebody looks
- [ ] Two people agree
  ${fence}yaml approve
  roles: [approver]
  count: 2
  ${fence}

## Deploy
- [ ] It is deployed {danger}
  ${fence}sh run danger
  echo deployed
  ${fence}
- [ ] It is looked at
- [ ] It goes on
  ${fence}yaml approve
  roles: [approver]
  ${fence}
`
const place = { organisation: 'acme', project: 'shop', environment: null }

let server: AttackedServer
let release: string
const sessions: Record<string, string> = {}

beforeAll(async () => {
  server = await startAttackedServer()
  release = await server.start(checklist)
  for (const [person, role] of [
    ['mia', 'approver'],
    ['bo', 'approver'],
    ['vic', 'viewer'],
  ] as const) {
    const invited = await server.ask('POST', '/v1/people', { body: { person, name: person, email: null, place } })
    expect([invited.status, invited.text]).toEqual([201, invited.text])
    const key = /hpi_[\w-]+/.exec(invited.text)?.[0]
    if (role !== 'viewer') await server.ask('POST', '/v1/grants', { body: { holder: person, role, place } })
    const welcome = await server.ask('POST', '/v1/welcome', {
      secret: null,
      body: { key, password: `quiet rivers carry ${person} home`, as: 'token' },
    })
    expect([person, welcome.status]).toEqual([person, 201])
    sessions[person] = (JSON.parse(welcome.text) as { session: string }).session
  }
}, 60_000)

afterAll(() => server.end())

const eventsOf = async () => (await server.ask('GET', `/v1/releases/${release}/events`)).text
const command = (body: object, secret?: string) =>
  server.ask('POST', `/v1/releases/${release}/commands`, {
    body: { command: body, seen: null },
    ...(secret === undefined ? {} : { secret }),
  })
const codeOf = (said: string) => (JSON.parse(said) as { code?: string }).code

describe('out of order', () => {
  test('nothing that lies ahead can be answered, signed, settled, promoted or run by asking for it', async () => {
    const before = await eventsOf()
    const ahead = [
      'before/two-people-agree',
      'deploy/it-is-deployed-danger',
      'deploy/it-is-deployed',
      'deploy/it-is-looked-at',
      'deploy/it-goes-on',
    ]
    for (const step of ahead)
      for (const body of [
        { kind: 'Answer', step, answer: 'passed', note: null, fields: {}, evidence: [] },
        { kind: 'Approve', step, role: 'approver', digest: null, typed: release, note: null },
        { kind: 'Settle', step, as: 'done', why: 'because' },
        { kind: 'Retry', step },
        { kind: 'RevokeApproval', step, why: 'because' },
      ])
        for (const secret of [undefined, sessions['mia']]) {
          const answer = await command(body, secret)
          expect([body.kind, step, answer.status >= 400, codeOf(answer.text)]).toEqual([
            body.kind,
            step,
            true,
            expect.any(String),
          ])
        }
    for (const body of [
      { kind: 'Promote', stage: 0, role: null, reason: 'because' },
      { kind: 'Promote', stage: null, role: null, reason: null },
      { kind: 'Resume', why: 'because' },
    ])
      expect((await command(body)).status).toBeGreaterThanOrEqual(400)
    expect(await eventsOf()).toBe(before)
  })

  test('an event cannot be told instead of asked for', async () => {
    const before = await eventsOf()
    for (const kind of [
      'StepClosed',
      'AttemptStarted',
      'AttemptFinished',
      'StageEntered',
      'Approved',
      'RecordOutcome',
      'Tick',
      'StartRelease',
    ])
      expect((await command({ kind, step: 'deploy/it-goes-on', outcome: 'passed' })).status).toBe(400)
    expect(await eventsOf()).toBe(before)
  })
})

describe('who may not sign', () => {
  test('the starter, who is administrator and approver too, a viewer, a machine, and nobody twice', async () => {
    const answered = await command({
      kind: 'Answer',
      step: 'before/somebody-looks',
      answer: 'passed',
      note: null,
      fields: {},
      evidence: [],
    })
    expect([answered.status, answered.text]).toEqual([200, answered.text])
    const step = 'before/two-people-agree'
    const approve = { kind: 'Approve', step, role: 'approver', digest: null, typed: null, note: null }
    // Whoever started it signs nothing of it.
    expect(codeOf((await command(approve)).text)).toBe('self-approval')
    expect(codeOf((await command(approve, sessions['vic'])).text)).toBe('forbidden')
    const machine = await server.ask('POST', '/v1/machines', { body: { machine: 'ci', about: 'ci', place } })
    expect(machine.status).toBe(201)
    for (const role of ['approver', 'pipeline'])
      await server.ask('POST', '/v1/grants', { body: { holder: 'ci', role, place } })
    const issued = await server.ask('POST', '/v1/tokens', {
      body: { holder: 'ci', name: 'ci', scope: { place, rights: null, labels: [] }, expires: Date.now() + 3_600_000 },
    })
    const token = /hpt_[\w-]+/.exec(issued.text)?.[0] ?? ''
    expect((await server.ask('GET', '/v1/me', { secret: token })).status).toBe(200)
    expect((await command(approve, token)).status).toBe(403)
    expect((await command(approve, sessions['mia'])).status).toBe(200)
    expect(codeOf((await command(approve, sessions['mia'])).text)).toBe('already-signed')
    // A role that they do not have, or the name of somebody else, is not taken either.
    expect((await command({ ...approve, role: 'administrator' }, sessions['bo'])).status).toBeGreaterThanOrEqual(400)
    const claimed = await server.ask('POST', `/v1/releases/${release}/commands`, {
      body: { command: approve, seen: null },
      secret: sessions['mia'] ?? null,
      headers: { 'x-holdpoint-actor': 'bo', 'x-holdpoint-as': 'bo', 'x-forwarded-user': 'bo', 'x-remote-user': 'bo' },
    })
    expect(codeOf(claimed.text)).toBe('already-signed')
    expect((await eventsOf()).match(/"kind":"ApprovalGiven"/g)).toHaveLength(1)
  })

  test('a token may less than its holder where its scope says so, and never more', async () => {
    const scoped = async (scope: object) => {
      const answer = await server.ask('POST', '/v1/tokens', {
        secret: sessions['mia'] ?? null,
        body: { holder: null, name: 'x', scope, expires: Date.now() + 3_600_000 },
      })
      expect([answer.status, answer.text]).toEqual([201, answer.text])
      return /hpt_[\w-]+/.exec(answer.text)?.[0] ?? ''
    }
    const reads = await scoped({ place, rights: ['release.read'], labels: [] })
    const elsewhere = await scoped({ place: { ...place, environment: 'production' }, rights: null, labels: [] })
    const greedy = await scoped({
      place: { organisation: null, project: null, environment: null },
      rights: ['release.read', 'people.manage', 'server.manage', 'audit.read', 'project.manage'],
      labels: [],
    })
    const table: readonly (readonly [string, string, string, number])[] = [
      [reads, 'GET', `/v1/releases/${release}`, 200],
      [reads, 'POST', `/v1/releases/${release}/commands`, 403],
      [reads, 'GET', '/v1/records', 403],
      [elsewhere, 'GET', `/v1/releases/${release}`, 404],
      [elsewhere, 'POST', `/v1/releases/${release}/commands`, 404],
      [greedy, 'GET', `/v1/releases/${release}`, 200],
      [greedy, 'GET', '/v1/people', 403],
      [greedy, 'GET', '/v1/audit', 403],
      [greedy, 'GET', '/metrics', 403],
      [greedy, 'POST', '/v1/organisations', 403],
    ]
    for (const [secret, method, path, status] of table) {
      const body = method === 'POST' ? { command: { kind: 'Hold', why: 'x' }, seen: null } : undefined
      const answer = await server.ask(method, path, { secret, body })
      expect([method, path, answer.status]).toEqual([method, path, status])
    }
    const issuing = await server.ask('POST', '/v1/tokens', {
      secret: greedy,
      body: { holder: null, name: 'y', scope: { place, rights: null, labels: [] }, expires: Date.now() + 60_000 },
    })
    expect(issuing.status).toBe(403)
  })

  test('who is disabled is out within a second, on every connection', async () => {
    const stream = server.raw(
      `GET /v1/releases/${release}/stream HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${sessions['bo']}\r\n\r\n`,
      10_000,
      // The end of an answer in chunks.
      '\r\n0\r\n\r\n',
    )
    await sleep(500)
    expect((await server.ask('GET', '/v1/me', { secret: sessions['bo'] ?? null })).status).toBe(200)
    const disabled = await server.ask('POST', '/v1/people/bo/disable', { body: { reason: 'left' } })
    expect(disabled.status).toBe(200)
    const since = performance.now()
    expect((await server.ask('GET', '/v1/me', { secret: sessions['bo'] ?? null })).status).toBe(401)
    expect(await stream).toContain('event: live')
    // Half a second between two looks; this bound is about never, on a busy machine too.
    expect(performance.now() - since).toBeLessThan(8_000)
  }, 20_000)
})

describe('what was tried', () => {
  interface Told {
    readonly at: number
    readonly by: { readonly id: string }
    readonly event: {
      readonly kind: string
      readonly path?: string
      readonly method?: string
      readonly from?: string
      readonly person?: string
    }
  }
  const audit = async (stream: string) =>
    JSON.parse((await server.ask('GET', `/v1/audit?stream=${stream}`)).text) as Told[]

  test('every refusal of every route is written down: who, when, what, from where', async () => {
    const tried: string[] = []
    for (const { method, path, demand } of await server.routes()) {
      if (demand === 'public' || demand === 'known' || path.endsWith('/stream') || path === '/v1/stop') continue
      const real = pathOf(path, release)
      const answer = await server.ask(method, real, {
        secret: sessions['vic'] ?? null,
        body: method === 'POST' ? {} : undefined,
      })
      if (answer.status === 403) tried.push(`${method} ${real}`)
    }
    expect(tried.length).toBeGreaterThan(20)
    await sleep(300)
    const told = (await audit('audit')).filter(({ event, by }) => event.kind === 'RequestRefused' && by.id === 'vic')
    for (const each of tried) expect(told.map(({ event }) => `${event.method} ${event.path}`)).toContain(each)
    for (const { at, event } of told) expect([event.from, at > Date.now() - 600_000]).toEqual(['127.0.0.1', true])
  })

  test('so are sign-ins, exports, changes of rights and signatures', async () => {
    await server.ask('POST', '/v1/sign-in', {
      secret: null,
      body: { person: 'mia', password: 'wrong entirely', as: 'token' },
    })
    const again = await server.ask('POST', '/v1/sign-in', {
      secret: null,
      body: { person: 'mia', password: 'quiet rivers carry mia home', as: 'token' },
    })
    const secret = (JSON.parse(again.text) as { session: string }).session
    const changed = await server.ask('POST', '/v1/password', {
      secret,
      body: { before: 'quiet rivers carry mia home', after: 'loud rivers carry nobody anywhere' },
    })
    expect([changed.status, changed.text]).toEqual([201, changed.text])
    const fresh = (JSON.parse(changed.text) as { session: string }).session
    await server.ask('GET', `/v1/releases/${release}/export?format=report`, { secret: fresh })
    await server.ask('POST', '/v1/sign-out', { secret: fresh, body: { everywhere: true } })
    const kinds = (await audit('audit')).map(({ event, by }) => `${event.kind} ${by.id}`)
    for (const kind of [
      'SignedIn root',
      'SignedIn mia',
      'SignInRefused mia',
      'PasswordChanged mia',
      'SignedOut mia',
      'RecordExported mia',
      'Invited root',
    ])
      expect(kinds).toContain(kind)
    const rights = (await audit('access')).map(({ event, by }) => `${event.kind} ${by.id}`)
    for (const kind of [
      'PersonAdded root',
      'RoleGranted root',
      'MachineAdded root',
      'TokenIssued root',
      'TokenIssued mia',
      'HolderDisabled root',
    ])
      expect(rights).toContain(kind)
    const events = JSON.parse(await eventsOf()) as { event: { kind: string; by?: string } }[]
    expect(events.filter(({ event }) => event.kind === 'ApprovalGiven').map(({ event }) => event.by)).toEqual(['mia'])
  })
})
