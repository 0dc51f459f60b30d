/** What pages ask around a start: a plan looked at, which begins nothing; and who sees a release that has begun. */
import { beforeEach, expect, test } from 'vitest'
import { type AccessEvent, accessStream, everywhere, type Place } from '../core/access/access.ts'
import { sha256Hex } from '../core/log/canonical.ts'
import type { Plan } from '../core/plan/plan.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'
import type { PlanAnswer } from './wire/plan-shapes.ts'

const door = { kind: 'tcp', from: '203.0.113.7' } as const
const place = (project: string, environment: string | null = null): Place => ({
  organisation: 'acme',
  project,
  environment,
})
const plan: Plan = {
  ...examplePlan(),
  environments: { staging: { protected: false }, production: { protected: true } },
}
const registered = sha256Hex(Buffer.from(plan.document))

let at: World

const person = (id: string, role: string, where: Place): readonly AccessEvent[] => [
  { kind: 'PersonAdded', person: id, name: id, email: null, methods: [{ kind: 'password' }] },
  { kind: 'RoleGranted', holder: id, role, place: where },
]

async function know(events: readonly AccessEvent[]): Promise<void> {
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
}

const base: readonly AccessEvent[] = [
  { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
  { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
  { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
  { kind: 'EnvironmentDeclared', project: 'shop', environment: 'staging', protected: true },
  ...person('ana', 'release-engineer', place('shop', 'staging')),
  ...person('dora', 'release-engineer', everywhere),
  ...person('ada', 'author', place('shop')),
  ...person('vera', 'viewer', place('shop')),
]
const adopted: AccessEvent = { kind: 'ServiceAdopted', project: 'shop', service: 'shop' }
const register: AccessEvent = {
  kind: 'ChecklistRegistered',
  project: 'shop',
  name: 'release',
  service: 'shop',
  sha256: registered,
  sharedSha256: null,
  plan: plan.digest,
  source: { kind: 'upload', file: 'release.md' },
}

beforeEach(() => {
  at = world(plan, {}, door)
})

async function ask(who: string, path: string, body: unknown): Promise<Response> {
  const { secret } = await createAccounts(at.store, at.deps.clock).openSession(who, 'password')
  return at.request('POST', path, body, { host: 'holdpoint.test', authorization: `Bearer ${secret}` })
}

async function look(who: string, text = plan.document, project?: string): Promise<PlanAnswer> {
  const document = { file: 'release.md', base64: Buffer.from(text).toString('base64'), shared: null }
  const answer = await ask(who, '/v1/plans', { document, project: project ?? null })
  expect(answer.status).toBe(200)
  return (await answer.json()) as PlanAnswer
}

test('the digest that is told starts exactly that, and looking starts nothing', async () => {
  await know([...base, adopted, register])
  const { plan: seen, project, places } = await look('dora')
  expect([seen?.digest, project]).toEqual([plan.digest, 'shop'])
  expect(places.map(({ environment, refused, holder }) => [environment, refused, holder])).toEqual([
    ['staging', null, null],
    ['production', null, null],
  ])
  expect(await at.store.summaries({})).toEqual([])
  const started = await ask('dora', '/v1/releases', startBody(plan))
  expect(started.status).toBe(201)
  const held = (await look('dora')).places[0]?.holder
  expect(held).toMatchObject({ version: '1.4.0', phase: 'running', supersedable: false })
})

test('the registered document with a calendar that was not registered is another one, which only authors start', async () => {
  await know([...base, adopted, register, ...person('pia', 'pipeline', place('shop'))])
  const { document, ...body } = startBody(plan)
  const calendars = [{ file: 'free.ics', text: 'another' }]
  const refused = await ask('pia', '/v1/releases', { ...body, document: { ...document, calendars } })
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('checklist.write')])
  expect((await ask('pia', '/v1/releases', { ...body, document })).status).toBe(201)
})

test('where a registered checklist says that nothing else releases there, no other bytes start, whoever sends them', async () => {
  const other = (name: string, sha256: string, mandatory?: readonly string[]): AccessEvent =>
    ({ ...register, name, sha256, ...(mandatory && { mandatory }) }) as AccessEvent
  const start = async (environment: string, changes: object = {}): Promise<readonly unknown[]> => {
    const answer = await ask('dora', '/v1/releases', startBody(plan, { environment, ...changes }))
    const { code, detail } = (await answer.json()) as { code?: string; detail?: string }
    return [answer.status, code, detail]
  }
  await know([...base, adopted, register, other('whole', 'c'.repeat(64), ['production'])])
  const words =
    'shop in production is released by shop/whole only, which says so itself (mandatory), and these are other bytes. For example: holdpoint run --checklist shop/whole'
  expect(await start('production')).toEqual([409, 'other-checklist', words])
  expect((await look('dora')).places.map(({ refused }) => refused)).toEqual([null, words])
  expect((await start('production', { rehearsal: true }))[0]).toBe(201)
  expect((await start('staging'))[0]).toBe(201)
})

test('what may not start there does not come in by an amendment', async () => {
  await know([...base, adopted, { ...register, mandatory: ['production'] } as AccessEvent])
  const { document, ...body } = startBody(plan, { environment: 'production' })
  const started = await ask('dora', '/v1/releases', { ...body, document })
  const { release } = (await started.json()) as { release: string }
  const other = { ...document, base64: Buffer.from('- [ ] something quick\n').toString('base64') }
  const command = { kind: 'Amend', document: other, role: 'engineer', reason: 'quicker' }
  const answer = await ask('dora', `/v1/releases/${release}/commands`, { command, seen: null })
  expect([answer.status, await answer.json()]).toEqual([
    409,
    expect.objectContaining({
      code: 'other-checklist',
      detail: expect.stringContaining('Register it first, for example: holdpoint checklist register shop/'),
    }),
  ])
})

test('it holds from its registration, which stands in the audit', async () => {
  const only: Plan = { ...plan, environments: { production: { protected: true, mandatory: true } } }
  at = world(only, {}, door)
  await know([...base, adopted])
  const { document } = startBody(only)
  const body = { name: 'release', document, git: null }
  const answer = await ask('dora', '/v1/projects/shop/checklists', body)
  expect([answer.status, await answer.json()]).toEqual([201, expect.objectContaining({ mandatory: ['production'] })])
  const start = async (text: string): Promise<number> => {
    const other = { ...document, base64: Buffer.from(text).toString('base64') }
    return (await ask('dora', '/v1/releases', startBody(only, { environment: 'production', document: other }))).status
  }
  expect(await start('- [ ] something quick\n')).toBe(409)
  expect(await start(only.document)).toBe(201)
})

test('of several checklists that say so each releases there', async () => {
  const whole = { ...register, name: 'whole', sha256: 'c'.repeat(64), mandatory: ['production'] } as AccessEvent
  await know([...base, adopted, { ...register, mandatory: ['production'] } as AccessEvent, whole])
  const started = await ask('dora', '/v1/releases', startBody(plan, { environment: 'production' }))
  expect(started.status).toBe(201)
})

test('each place says for itself who may not, and what the server protects is told as protected', async () => {
  await know([...base, adopted, register])
  const { places } = await look('ana')
  expect(places.map(({ environment, protected: isProtected, refused }) => [environment, isProtected, refused])).toEqual(
    [
      ['staging', true, null],
      ['production', true, expect.stringContaining('release.start')],
    ],
  )
  // Whoever writes checklists looks, and does not start.
  const ofAda = await look('ada')
  expect(ofAda.places.every(({ refused }) => refused?.includes('release.start') === true)).toBe(true)
})

test('a service of no project has to be given one of those that the caller may bring it into', async () => {
  await know(base)
  const open = await look('dora')
  expect([open.project, open.projects]).toEqual([null, ['shop', 'bank']])
  expect(open.places[0]?.refused).toContain('belongs to no project yet')
  const said = await look('dora', plan.document, 'bank')
  expect([said.project, said.places[0]?.refused]).toEqual(['bank', null])
  expect((await look('ada')).project).toBe('shop')
})

test('what a start would wait for is told beside the plan, as far as the caller may see it', async () => {
  await know([...base, adopted, register])
  const followUp = {
    id: 'f1',
    title: 'Alert on a full disk',
    severity: 'high',
    service: 'shop',
    environment: 'production',
  }
  const task = {
    ...followUp,
    kind: 'lesson',
    release: null,
    owner: null,
    due: 1,
    link: null,
    note: '',
    by: 'dora',
    at: 0,
  }
  await at.store.putEntry('follow-up', 'f1', JSON.stringify({ ...task, closed: null }), { expected: 0 })
  const said = async (who: string) => (await look(who)).readiness?.find(({ id }) => id === 'follow-ups')
  expect(await said('dora')).toMatchObject({ answer: 'no', say: '1 open, 1 overdue: Alert on a full disk' })
  expect(await said('ana')).toMatchObject({ answer: 'yes', say: '0 open, 0 overdue' })
})

test('too few people to sign are told before a start, and by the start itself', async () => {
  const mates = [...person('bob', 'approver', place('shop')), ...person('cy', 'approver', place('shop', 'production'))]
  const two = plan.steps.map((step) =>
    step.block.word === 'approve' ? { ...step, block: { ...step.block, roles: ['approver'], count: 2 } } : step,
  )
  at = world({ ...plan, steps: two }, {}, door)
  await know([...base, adopted, register, ...mates])
  const line = async (who: string) => (await look(who)).readiness?.find(({ id }) => id === 'signers')
  const say = '"go-live" needs 2 people as approver, and only bob can sign'
  expect(await line('dora')).toMatchObject({ answer: 'no', say: `staging: ${say}`, steps: ['go-live'] })
  expect(await line('ana')).toMatchObject({ say })
  // Nobody is told who signs where they could start nothing.
  expect(await line('ada')).toMatchObject({ answer: 'not asked' })
  const started = await (await ask('dora', '/v1/releases', startBody(plan))).json()
  expect(started).toMatchObject({ kind: 'started', warnings: [say] })
})

test('a document that does not compile comes back with its problems; a viewer does not get to ask', async () => {
  await know([...base, adopted])
  const { plan: none, problems, places } = await look('dora', 'broken')
  expect([none, problems[0]?.line, places]).toEqual([null, 3, []])
  const refused = await ask('vera', '/v1/plans', { document: { file: 'x.md', base64: '', shared: null } })
  expect(refused.status).toBe(403)
})

test('a release tells who sees it, with their roles there, to those who see it themselves', async () => {
  const leaver = person('eve', 'viewer', place('shop'))
  const gone: AccessEvent = { kind: 'HolderDisabled', holder: 'eve', reason: 'left' }
  await know([...base, adopted, register, ...person('bob', 'approver', place('bank')), ...leaver, gone])
  const started = (await (await ask('dora', '/v1/releases', startBody(plan))).json()) as { release: string }
  const path = `/v1/releases/${started.release}/people`
  const seen = async (who: string) => {
    const { secret } = await createAccounts(at.store, at.deps.clock).openSession(who, 'password')
    return at.request('GET', path, undefined, { host: 'holdpoint.test', authorization: `Bearer ${secret}` })
  }
  expect(await (await seen('vera')).json()).toEqual([
    { id: 'ada', name: 'ada', roles: [] },
    { id: 'ana', name: 'ana', roles: ['release-engineer'] },
    { id: 'dora', name: 'dora', roles: ['release-engineer'] },
    { id: 'vera', name: 'vera', roles: [] },
  ])
  expect((await seen('bob')).status).toBe(404)
})
