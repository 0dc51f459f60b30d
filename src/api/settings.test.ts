/** What the settings of a server ask: pages of people and checklists, roles, sign-ins, organisations and their status page. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const acme: Place = { ...everywhere, organisation: 'acme' }
const shop: Place = { ...acme, project: 'shop' }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const

let at: World
const secrets = new Map<string, string>()

/** Root manages everything, Ada one organisation, Eve sees one project, Mia is of another organisation; ten more are there. */
beforeEach(async () => {
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  const roles: readonly (readonly [person: string, role: string, place: Place])[] = [
    ['root', 'administrator', everywhere],
    ['ada', 'administrator', acme],
    ['eve', 'viewer', shop],
    ['mia', 'administrator', { ...everywhere, organisation: 'other' }],
    ...Array.from({ length: 10 }, (_, index) => [`p${index}`, 'viewer', shop] as const),
  ]
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'OrganisationCreated', organisation: 'other', name: 'Other' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'other', name: 'Bank' },
    { kind: 'RoleDefined', role: 'qa-lead', about: 'leads the tests' },
    ...['b', 'c', 'a'].map(
      (name): AccessEvent => ({
        kind: 'ChecklistRegistered',
        project: 'shop',
        name,
        service: 'shop',
        sha256: 'a'.repeat(64),
        sharedSha256: null,
        plan: 'p',
        source: { kind: 'upload', file: 'x.md' },
      }),
    ),
    ...roles.map(
      ([person]): AccessEvent => ({
        kind: 'PersonAdded',
        person,
        name: person,
        email: null,
        methods: [{ kind: 'password' }],
      }),
    ),
    ...roles.map(([holder, role, place]): AccessEvent => ({ kind: 'RoleGranted', holder, role, place })),
  ]
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: 0, events: added }] })
  for (const person of ['root', 'ada', 'eve', 'mia'])
    secrets.set(person, (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret)
})
afterEach(() => at.end())

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test knows what comes back
async function ask<T>(person: string, method: string, path: string, body?: unknown, secret = secrets.get(person)) {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${secret ?? ''}` }
  const answer = await at.request(method, path, body, headers)
  return { status: answer.status, link: answer.headers.get('link'), body: (await answer.json()) as T }
}

interface People {
  readonly people: readonly { readonly id: string; readonly lastSeen: number | null }[]
  readonly next: string | null
}

test('people come page by page, each once, and all at once for those who ask for no page', async () => {
  const seen: string[] = []
  let after = ''
  for (;;) {
    const { body } = await ask<People>('root', 'GET', `/v1/people?limit=4${after === '' ? '' : `&after=${after}`}`)
    expect(body.people.length).toBeLessThanOrEqual(4)
    seen.push(...body.people.map(({ id }) => id))
    if (body.next === null) break
    after = body.next
  }
  const all = await ask<People>('root', 'GET', '/v1/people')
  expect(seen).toEqual(all.body.people.map(({ id }) => id).toSorted())
  expect(all.body.next).toBeNull()
  expect(seen).toHaveLength(14)
  expect((await ask('root', 'GET', '/v1/people?limit=0')).status).toBe(400)
})

test('it is told when a person was here last, and who never was', async () => {
  const before = at.deps.clock.now() - 600_000
  const { body } = await ask<People>('root', 'GET', '/v1/people')
  const seen = new Map(body.people.map(({ id, lastSeen }) => [id, lastSeen]))
  expect(seen.get('eve')).toBeGreaterThan(before)
  expect(seen.get('p1')).toBeNull()
})

test('checklists come page by page too, and the header names the next one', async () => {
  const first = await ask<readonly { name: string }[]>('eve', 'GET', '/v1/checklists?limit=2')
  expect(first.body.map(({ name }) => name)).toEqual(['a', 'b'])
  const next = /^<(.*)>; rel="next"$/.exec(first.link ?? '')?.[1] ?? ''
  const second = await ask<readonly { name: string }[]>('eve', 'GET', next)
  expect(second.body.map(({ name }) => name)).toEqual(['c'])
  expect(second.link).toBeNull()
  expect((await ask<readonly unknown[]>('eve', 'GET', '/v1/checklists')).body).toHaveLength(3)
})

test('all roles are listed with what each may do, those of the team too', async () => {
  const { body } = await ask<readonly { id: string; own: boolean; rights: string[] }[]>('eve', 'GET', '/v1/roles')
  expect(body.find(({ id }) => id === 'viewer')).toMatchObject({ own: false })
  expect(body.find(({ id }) => id === 'qa-lead')).toMatchObject({ own: true, about: 'leads the tests' })
  expect(body.find(({ id }) => id === 'qa-lead')?.rights).toContain('release.approve')
})

test('a refusal names the right that is missing, and the role that brings it', async () => {
  const { status, body } = await ask<{ detail: string }>('eve', 'GET', '/v1/people')
  expect(status).toBe(403)
  expect(body.detail).toContain('people.manage, which the role administrator brings')
})

test('a person sees their own sign-ins, ends another one, and nobody else’s', async () => {
  const accounts = createAccounts(at.store, at.deps.clock)
  const other = await accounts.openSession('eve', 'passkey')
  const { body } = await ask<readonly { id: string; how: string; current: boolean }[]>('eve', 'GET', '/v1/sessions')
  expect(new Map(body.map(({ how, current }) => [how, current]))).toEqual(
    new Map([
      ['passkey', false],
      ['password', true],
    ]),
  )
  const id = body.find(({ current }) => !current)?.id ?? ''
  expect(await ask('ada', 'POST', `/v1/sessions/${id}/end`, {})).toMatchObject({ status: 404 })
  expect((await ask('eve', 'GET', '/v1/me', undefined, other.secret)).status).toBe(200)
  expect((await ask('eve', 'POST', `/v1/sessions/${id}/end`, {})).status).toBe(200)
  expect((await ask('eve', 'GET', '/v1/me', undefined, other.secret)).status).toBe(401)
  expect((await ask('eve', 'GET', '/v1/me')).status).toBe(200)
})

test('a status page is switched on by whoever manages that organisation, and by nobody else', async () => {
  const path = '/v1/organisations/acme/status-page'
  expect((await ask('eve', 'POST', path, { on: true })).status).toBe(403)
  expect((await ask('mia', 'POST', path, { on: true })).status).toBe(403)
  expect((await ask('ada', 'POST', path, { on: false })).body).toMatchObject({ code: 'no-change' })
  expect((await ask('ada', 'POST', path, { on: true })).status).toBe(200)
  expect((await ask('eve', 'GET', '/v1/organisations')).body).toEqual([{ id: 'acme', name: 'Acme', statusPage: true }])
  expect((await ask('ada', 'POST', path, { on: false })).status).toBe(200)
  expect((await ask('eve', 'GET', '/v1/organisations')).body).toMatchObject([{ statusPage: false }])
})

test('entries of a status page are written by whoever manages the organisation or steers a release in it, and by nobody else', async () => {
  const path = '/v1/organisations/acme/status'
  const incident = { title: 'Slow payments', status: 'investigating' }
  for (const [person, status] of [
    ['eve', 403],
    ['mia', 404],
  ] as const) {
    expect((await ask(person, 'POST', path, incident)).status).toBe(status)
    expect((await ask(person, 'GET', path)).status).toBe(status)
  }
  expect(await ask('ada', 'POST', path, { ...incident, status: 'resolved' })).toMatchObject({
    status: 422,
    body: { code: 'bad-entry' },
  })
  const opened = await ask<{ id: string }>('ada', 'POST', path, incident)
  expect(opened).toMatchObject({ status: 201, body: { about: 'incident', public: true } })
  const one = `${path}/${opened.body.id}`
  expect((await ask('ada', 'POST', `${path}/99`, { status: 'resolved' })).body).toMatchObject({ code: 'unknown-entry' })
  expect((await ask('ada', 'POST', one, { status: 'resolved', text: 'Fast again.' })).body).toMatchObject({
    status: 'resolved',
    updates: [{ by: 'ada' }, { by: 'ada', text: 'Fast again.' }],
  })
  expect((await ask('ada', 'POST', one, { text: 'x' })).body).toMatchObject({ code: 'entry-over' })
  expect((await ask('ada', 'GET', path)).body).toMatchObject([{ id: opened.body.id, status: 'resolved' }])
})
