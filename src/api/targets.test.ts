/** Targets and their lines over the network: who sees them, who may leave, and whose rights are asked again when the turn comes. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'
import type { TargetView } from './wire/target-shapes.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const everywhere: Place = { organisation: null, project: null, environment: null }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const

let at: World
const secrets = new Map<string, string>()

/** Ana and Ben release the shop, Eve only looks, Mia is of another project. */
beforeEach(async () => {
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  const roles = [
    ['ana', 'release-engineer', shop],
    ['ben', 'release-engineer', shop],
    ['eve', 'viewer', shop],
    ['mia', 'release-engineer', { ...shop, project: 'bank' }],
  ] as const
  const people = ['ana', 'ben', 'eve', 'mia']
  await append([
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    ...people.map(
      (person) =>
        ({ kind: 'PersonAdded', person, name: person, email: null, methods: [{ kind: 'password' }] }) as const,
    ),
    ...roles.map(([holder, role, place]) => ({ kind: 'RoleGranted', holder, role, place }) as const),
  ])
  for (const person of people)
    secrets.set(person, (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret)
})
afterEach(() => at.end())

async function append(events: readonly AccessEvent[]): Promise<void> {
  const expectedVersion = (await at.store.read(accessStream)).length
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion, events: added }] })
}

async function ask(person: string, method: string, path: string, body?: unknown) {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${secrets.get(person) ?? ''}` }
  const answer = await at.request(method, path, body, headers)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function start(person: string, version: string, more: object = {}) {
  const { body } = await ask(person, 'POST', '/v1/releases', startBody(undefined, { version, ...more }))
  return body as { kind?: string; code?: string; release: string; place?: number }
}

async function targetAs(person: string): Promise<TargetView | undefined> {
  const { body } = await ask(person, 'GET', '/v1/targets?service=shop&environment=staging')
  return (body as unknown as readonly TargetView[])[0]
}

const queue = { queue: { forMs: null } }
const abort = (release: string) =>
  ask('ana', 'POST', `/v1/releases/${release}/commands`, {
    command: { kind: 'Abort', why: 'smoke', leave: false, typed: null },
    seen: null,
  })

test('everybody who may see the release sees who holds its target and who stands in line, and nobody else does', async () => {
  const first = await start('ana', '1.0.0')
  expect(await start('ben', '1.1.0')).toMatchObject({ code: 'target-busy' })
  const second = await start('ben', '1.1.0', queue)
  expect(second).toMatchObject({ kind: 'queued', place: 1 })
  expect(await targetAs('eve')).toMatchObject({
    name: 'shop in staging',
    holder: { release: first.release, version: '1.0.0', startedBy: 'ana', state: 'running', supersedable: false },
    line: [{ release: second.release, version: '1.1.0', by: 'ben', say: 'next, behind shop 1.0.0' }],
  })
  expect((await targetAs('eve'))?.holder?.ends).toContain(`holdpoint release abort ${first.release}`)
  const all = (await ask('eve', 'GET', '/v1/targets')).body as unknown as readonly TargetView[]
  expect(all.map(({ name }) => name)).toEqual(['shop in staging'])
  expect((await ask('mia', 'GET', '/v1/targets')).body).toEqual([])
  expect(await targetAs('mia')).toBeUndefined()
})

test('when the holder ends the first in line begins under the name of whoever asked for it', async () => {
  const first = await start('ana', '1.0.0')
  const second = await start('ben', '1.1.0', queue)
  await abort(first.release)
  await vi.waitFor(async () => {
    const { body, status } = await ask('eve', 'GET', `/v1/releases/${second.release}`)
    expect(status).toBe(200)
    expect(body['facts']).toMatchObject({ releaseVersion: '1.1.0', startedBy: { id: 'ben' } })
  })
  expect((await targetAs('eve'))?.line).toEqual([])
})

test('a start whose person lost the right while it stood in line never begins, and says why', async () => {
  const first = await start('ana', '1.0.0')
  const second = await start('ben', '1.1.0', queue)
  const third = await start('ana', '1.2.0', queue)
  await append([{ kind: 'RoleRevoked', holder: 'ben', role: 'release-engineer', place: shop }])
  await abort(first.release)
  await vi.waitFor(async () => expect((await targetAs('eve'))?.holder?.release).toBe(third.release))
  expect((await targetAs('eve'))?.withdrawn).toMatchObject([{ release: second.release, how: 'refused' }])
  expect((await targetAs('eve'))?.withdrawn[0]?.why).toContain('release.start')
})

test('a start leaves the line by whoever asked for it or may stop releases there, and by nobody else', async () => {
  await start('ana', '1.0.0')
  const second = await start('ben', '1.1.0', queue)
  const third = await start('ben', '1.2.0', queue)
  const leave = (person: string, release: string) => ask(person, 'POST', `/v1/line/${release}/leave`, { why: '' })
  expect(await leave('eve', second.release)).toMatchObject({ status: 403 })
  expect(await leave('mia', second.release)).toMatchObject({ status: 404, body: { code: 'not-in-line' } })
  expect(await leave('ben', second.release)).toMatchObject({ status: 200 })
  expect((await targetAs('eve'))?.line).toMatchObject([{ release: third.release, say: 'next, behind shop 1.0.0' }])
  expect(await leave('ana', third.release)).toMatchObject({ status: 200 })
  expect(await leave('ana', third.release)).toMatchObject({ body: { code: 'not-in-line' } })
  expect((await targetAs('eve'))?.withdrawn).toMatchObject([
    { release: third.release, by: 'ana', how: 'left' },
    { release: second.release, by: 'ben', how: 'left' },
  ])
  // Whoever reads the audit finds it beside the releases.
  await append([{ kind: 'RoleGranted', holder: 'mia', role: 'administrator', place: everywhere }])
  await vi.waitFor(async () => {
    const { body } = await ask('mia', 'GET', '/v1/audit/entries?stream=releases&what=left%20the%20line')
    const { entries } = body as { entries?: readonly { say: string; places: readonly string[] }[] }
    expect(entries).toMatchObject([
      {
        say: `${third.release} left the line without beginning (left): taken out by ana`,
        places: ['acme/shop/staging'],
      },
      { say: `${second.release} left the line without beginning (left): taken out by ben` },
    ])
  })
})
