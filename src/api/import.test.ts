/** Importing over the API, and registered checklists with their past. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { kinds } from '../app/app.ts'
import { compile } from '../core/plan/compile.ts'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { documentsInline } from '../import/desk/inline.fixture.ts'
import { DocumentTooMuch } from '../import/desk/documents.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, world, type World } from './test-support/world.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
const checklist = (step: string) =>
  `---\nholdpoint: 1\nservice: shop\nenvironments: { staging: {} }\n---\n# Shop\n\n- [ ] ${step}\n`

let at: World
const secrets = new Map<string, string>()

/** Ana writes checklists of the shop, Eve sees them, Mia is of another project. */
beforeEach(async () => {
  const all = kinds()
  at = world(
    examplePlan(),
    {},
    { kind: 'tcp', from: '203.0.113.7' },
    {
      documents: documentsInline(all),
      compile: (document) => compile(document, all),
    },
  )
  const roles = [
    ['ana', 'author', shop],
    ['ana', 'release-engineer', shop],
    ['eve', 'viewer', shop],
    ['mia', 'author', { ...shop, project: 'bank' }],
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

async function ask(person: string, method: string, path: string, body?: unknown) {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${secrets.get(person) ?? ''}` }
  const answer = await at.request(method, path, body, headers)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { code?: string } }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

async function register(step: string) {
  const text = checklist(step)
  const { plan } = compile({ file: 'RELEASE.md', bytes: Buffer.from(text), shared: null }, kinds())
  const document = { file: 'RELEASE.md', base64: base64(text), shared: null, digest: plan?.digest }
  const answer = await ask('ana', 'POST', '/v1/projects/shop/checklists', { name: 'release', document })
  expect(answer.status).toBe(201)
  return document
}

describe('importing over the API', () => {
  test('shows what a document holds, writes the copy, and keeps nothing', async () => {
    const document = { file: 'RELEASE.md', base64: base64('# R\n\n- [ ] Up: `curl -fsS http://shop.example/up`\n') }
    const preview = await ask('eve', 'POST', '/v1/import', document)
    const { items } = preview.body['imported'] as { items: { proposal: { block: string } | null }[] }
    const accepted = items.flatMap(({ proposal }, place) => (proposal ? [{ at: place, block: proposal.block }] : []))
    expect(accepted.length).toBe(1)
    const copy = await ask('eve', 'POST', '/v1/import/copy', { ...document, out: 'C.md', accepted, service: 'shop' })
    expect(copy.body).toMatchObject({ plan: { service: 'shop' }, leftOut: [], restored: { isSame: true } })
    const linted = await ask('eve', 'POST', '/v1/lint', { file: 'C.md', base64: base64(String(copy.body['text'])) })
    expect(linted.body).toMatchObject({ declared: true, fixed: [], text: null })
    expect((await ask('ana', 'GET', '/v1/checklists')).body).toEqual([])
  })

  test('a name that breaks out of its line changes nothing else in the front matter', async () => {
    const service = 'shop\nroles: { approver: [mallory] }'
    const document = { file: 'R.md', base64: base64('# R\n\n- [ ] Up\n'), out: 'C.md', accepted: [], service }
    const { body } = await ask('ana', 'POST', '/v1/import/copy', document)
    expect(body['text']).toBeNull()
    expect(JSON.stringify(body['problems'])).toContain('service')
  })

  test('refuses what is too large, and what the desk gives up on, in words', async () => {
    const large = { file: 'R.md', base64: 'A'.repeat(600_004) }
    expect((await ask('ana', 'POST', '/v1/import', large)).body.code).toBe('bad-body')
    const documents = { ...at.deps.documents, preview: () => Promise.reject(new DocumentTooMuch('it takes long')) }
    const slow = world(examplePlan(), {}, undefined, { documents: documents as never })
    const answer = await slow.request('POST', '/v1/import', { file: 'R.md', base64: base64('# R') })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ code: 'document-too-much', detail: expect.stringContaining('long') })
    await slow.end()
  })
})

test('one caller has only so many documents looked at at once, and others have their turn', async () => {
  const { promise, resolve } = Promise.withResolvers<never>()
  let count = 0
  const lint = () => {
    count += 1
    return promise
  }
  const documents = { ...at.deps.documents, lint }
  const slow = world(examplePlan(), {}, undefined, { documents: documents as never })
  const ask = () => slow.request('POST', '/v1/lint', { file: 'R.md', base64: base64('# R') })
  const first = [ask(), ask(), ask()]
  await vi.waitFor(() => expect(count).toBe(3))
  expect(((await (await ask()).json()) as { code: string }).code).toBe('rate-limited')
  resolve({} as never)
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await ask()).status).toBe(200)
  await slow.end()
})

describe('a registered checklist', () => {
  test('keeps its versions, who registered them, and which releases were made with which', async () => {
    const first = await register('Look at the graphs')
    const start = {
      document: first,
      version: '1.0.0',
      previous: null,
      environment: 'staging',
      inputs: {},
      workspace: { root: '/nowhere', commit: null, dirty: false },
      artefact: null,
      supersede: false,
      rehearsal: true,
      idempotencyKey: null,
    }
    const started = await ask('ana', 'POST', '/v1/releases', start)
    expect(started.status).toBe(201)
    await register('Look at the graphs twice')
    const { body } = await ask('eve', 'GET', '/v1/projects/shop/checklists/release/about')
    expect(body).toMatchObject({
      retired: null,
      versions: [{ number: 2, registeredBy: 'ana' }, { number: 1 }],
      plan: { service: 'shop', ladder: { steps: 1, manual: 1 } },
      releases: [{ version: '1.0.0', made: 1, rehearsal: true }],
    })
    expect((await ask('eve', 'GET', '/v1/checklists/retired')).body).toEqual([])
  })

  test('is kept with its calendars, and is another one with another calendar', async () => {
    const text = `---\nholdpoint: 1\nservice: shop\nenvironments: { staging: {} }\nwindows: { office: { holidays: free.ics } }\n---\n# Shop\n\n- [ ] Go\n`
    const asked = (day: string) => {
      const event = `BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:${day}\nEND:VEVENT\nEND:VCALENDAR\n`
      const document = { file: 'release.md', base64: Buffer.from(text).toString('base64'), shared: null }
      const calendars = [{ file: 'free.ics', text: event }]
      const { plan } = compile({ ...document, bytes: Buffer.from(text), calendars }, kinds())
      if (plan === null) throw new Error('it compiles')
      return { ...document, calendars, digest: plan.digest }
    }
    const path = '/v1/projects/shop/checklists'
    const [first, second] = [asked('20270104'), asked('20270105')]
    const { digest: _, ...looked } = first
    expect((await ask('ana', 'POST', '/v1/plans', { document: looked })).body['plan']).toMatchObject({
      digest: first.digest,
    })
    expect((await ask('ana', 'POST', path, { name: 'release', document: first, git: null })).status).toBe(201)
    expect((await ask('eve', 'GET', `${path}/release`)).body['calendars']).toEqual(first.calendars)
    expect((await ask('eve', 'GET', `${path}/release/about`)).body['plan']).toMatchObject({ digest: first.digest })
    const again = { name: 'release', document: first, git: null }
    expect((await ask('ana', 'POST', path, again)).body.code).toBe('no-change')
    expect((await ask('ana', 'POST', path, { ...again, document: second })).status).toBe(201)
    const none = await ask('ana', 'POST', path, { ...again, document: { ...first, calendars: [] } })
    expect(none.body.code).toBe('does-not-compile')
  })

  test('is still to be seen once it is retired, by whom and why, and by nobody of another project', async () => {
    await register('Look at the graphs')
    const path = '/v1/projects/shop/checklists/release'
    await ask('ana', 'POST', `${path}/retire`, { reason: 'moved to git' })
    const retired = { by: 'ana', reason: 'moved to git' }
    expect((await ask('eve', 'GET', `${path}/about`)).body).toMatchObject({ retired })
    expect((await ask('eve', 'GET', '/v1/checklists/retired')).body).toMatchObject([{ name: 'release', retired }])
    expect((await ask('mia', 'GET', '/v1/checklists/retired')).body).toEqual([])
    expect((await ask('mia', 'GET', `${path}/about`)).body.code).toBe('unknown-project')
  })
})
