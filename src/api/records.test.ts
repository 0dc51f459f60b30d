/** Records over the API: how long they took, who sees their evidence, what asks for them, and the drills beside them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kinds } from '../app/app.ts'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { compile } from '../core/plan/compile.ts'
import { documentsInline } from '../import/desk/inline.fixture.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const bank: Place = { ...shop, project: 'bank' }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
const text = [
  '---',
  'holdpoint: 1',
  'service: shop',
  'environments: { staging: {} }',
  '---',
  '# Shop',
  '',
  '- [ ] A restore was tested',
  '  ```yaml record',
  '  name: restore-test',
  '  max-age: 30d',
  '  drill: restore-drill',
  '  ```',
  '',
].join('\n')

let at: World
const secrets = new Map<string, string>()

/** Ana releases the shop, Eve sees it, Mia writes records of the bank. */
beforeEach(async () => {
  const all = kinds()
  const door = { kind: 'tcp', from: '203.0.113.7' } as const
  const documents = documentsInline(all)
  at = world(examplePlan(), {}, door, { documents, compile: (document) => compile(document, all) })
  const roles = [
    ['ana', 'release-engineer', shop],
    ['ana', 'author', shop],
    ['eve', 'viewer', shop],
    ['mia', 'author', bank],
  ] as const
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    ...['ana', 'eve', 'mia'].map(
      (person) =>
        ({ kind: 'PersonAdded', person, name: person, email: null, methods: [{ kind: 'password' }] }) as const,
    ),
    ...roles.map(([holder, role, place]) => ({ kind: 'RoleGranted', holder, role, place }) as const),
  ]
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: 0, events: added }] })
  for (const person of ['ana', 'eve', 'mia'])
    secrets.set(person, (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret)
})
afterEach(() => at.end())

function send(person: string, method: string, path: string, body?: unknown, type = 'application/json') {
  const authorization = `Bearer ${secrets.get(person) ?? ''}`
  return at.request(method, path, body, { host: 'holdpoint.test', authorization, 'content-type': type })
}

async function ask(person: string, method: string, path: string, body?: unknown) {
  const answer = await send(person, method, path, body)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { code?: string } }
}

async function kept(person: string, words: string): Promise<string> {
  const answer = await send(person, 'POST', '/v1/evidence', Buffer.from(words), 'application/octet-stream')
  return ((await answer.json()) as { sha256: string }).sha256
}

function recordOf(evidence: readonly string[], more: object = {}) {
  return { name: 'restore-test', observedAt: at.deps.clock.now() - 1_000, note: 'restored', evidence, ...more }
}

describe('a record', () => {
  test('says how long it took, where somebody said so', async () => {
    expect((await ask('ana', 'POST', '/v1/records', recordOf([], { tookMs: 840_000 }))).body).toMatchObject({
      tookMs: 840_000,
    })
    expect((await ask('ana', 'POST', '/v1/records', recordOf([], { tookMs: null }))).body).not.toHaveProperty('tookMs')
    expect((await ask('ana', 'POST', '/v1/records', recordOf([], { tookMs: -1 }))).body.code).toBe('bad-body')
  })

  test('shows its evidence to whoever may see it, and to nobody else', async () => {
    const hash = await kept('ana', 'the log of the restore')
    const { body } = await ask('ana', 'POST', '/v1/records', recordOf([hash]))
    const path = `/v1/evidence/${hash}?record=${String(body['id'])}`
    expect(await (await send('eve', 'GET', path)).text()).toBe('the log of the restore')
    expect((await ask('mia', 'GET', path)).body.code).toBe('unknown-evidence')
    expect((await ask('eve', 'GET', `/v1/evidence/${hash}`)).body.code).toBe('unknown-evidence')
  })

  test('opens no bytes to somebody who only knows their hash', async () => {
    const hash = await kept('ana', 'of the shop alone')
    const { body } = await ask('mia', 'POST', '/v1/records', recordOf([hash]))
    const path = `/v1/evidence/${hash}?record=${String(body['id'])}`
    expect((await ask('mia', 'GET', path)).body.code).toBe('unknown-evidence')
  })
})

describe('what is asked for', () => {
  test('comes from registered checklists and open releases of those who look', async () => {
    const { plan } = compile({ file: 'RELEASE.md', bytes: Buffer.from(text), shared: null }, kinds())
    const base64 = Buffer.from(text).toString('base64')
    const document = { file: 'RELEASE.md', base64, shared: null, digest: plan?.digest }
    await ask('ana', 'POST', '/v1/projects/shop/checklists', { name: 'release', document })
    const started = await ask('ana', 'POST', '/v1/releases', {
      document,
      version: '1.0.0',
      previous: null,
      environment: 'staging',
      inputs: {},
      workspace: { root: '/nowhere', commit: null, dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: true,
      idempotencyKey: null,
    })
    expect(started.status).toBe(201)
    const need = { name: 'restore-test', maxAgeMs: 30 * 86_400_000, drill: 'restore-drill' }
    expect((await ask('eve', 'GET', '/v1/records/needed')).body).toMatchObject([
      { ...need, by: { kind: 'checklist', id: 'shop/release', project: 'shop' } },
      { ...need, by: { kind: 'release', id: started.body['release'] } },
    ])
    expect((await ask('mia', 'GET', '/v1/records/needed')).body).toEqual([])
    expect((await ask('eve', 'GET', '/v1/drills')).body).toMatchObject([{ rehearsal: true, back: null }])
    expect((await ask('mia', 'GET', '/v1/drills')).body).toEqual([])
  })
})
