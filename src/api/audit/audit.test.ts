/** The audit over the API: found by person, action, place and time, page by page; taken out; verified. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccessEvent, accessStream, auditStream, type Place } from '../../core/access/access.ts'
import { createAccounts } from '../auth/accounts.ts'
import type { AuditPage } from '../wire/audit-answers.ts'
import { examplePlan, startBody, world, type World } from '../test-support/world.ts'
import { auditSentence } from './audit-words.ts'
import { verifyLog } from './verify.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
const HOUR = 3_600_000

let at: World
let now: number
const secrets = new Map<string, string>()

beforeEach(async () => {
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  now = at.deps.clock.now()
  await happen(
    accessStream,
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'root', name: 'Root', email: null, methods: [{ kind: 'password' }] },
    { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'root', role: 'administrator', place: everywhere },
    { kind: 'RoleGranted', holder: 'ana', role: 'release-engineer', place: shop },
  )
  for (const person of ['root', 'ana'])
    secrets.set(person, (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret)
})
afterEach(() => at.end())

async function happen(
  stream: string,
  ...events: readonly (AccessEvent | { readonly kind: string; readonly at?: number })[]
) {
  const expectedVersion = (await at.store.readBack(stream, null, 1))[0]?.version ?? 0
  const added = events.map((event) => ({ at: 'at' in event ? (event.at ?? now) : now, by, event }))
  await at.store.append({ streams: [{ stream, expectedVersion, events: added }] })
}

function ask(person: string, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${secrets.get(person) ?? ''}` }
  return at.request(method, path, body, headers)
}

async function found(query: string): Promise<AuditPage> {
  return (await (await ask('root', 'GET', `/v1/audit/entries?${query}`)).json()) as AuditPage
}

test('entries are found by who did it or to whom, by action, by place and by time', async () => {
  const says = async (query: string) => (await found(query)).entries.map(({ say }) => say)
  expect(await says('stream=access&by=ana&what=role')).toEqual(['ana became release-engineer at acme/shop.'])
  expect(await says('stream=access&place=acme/shop&what=ProjectCreated')).toEqual([
    'The project acme/shop was created.',
  ])
  expect(await says('stream=access&place=everywhere')).toEqual(['root became administrator everywhere.'])
  await happen(auditStream, {
    kind: 'SignInRefused',
    person: 'eve',
    why: 'wrong password',
    from: '198.51.100.9',
    at: now - 10 * HOUR,
  } as never)
  const old = `from=${now - 11 * HOUR}&to=${now - 9 * HOUR}`
  expect(await says(`stream=audit&${old}`)).toEqual(['eve was not let in from 198.51.100.9: wrong password.'])
  expect(await says(`stream=audit&from=${now - 8 * HOUR}&what=SignInRefused`)).toEqual([])
})

test('what happened in releases is told as on their pages, with the place of the release', async () => {
  const started = await ask('ana', 'POST', '/v1/releases', startBody())
  expect(started.status).toBe(201)
  const { release } = (await started.json()) as { release: string }
  const { entries } = await found('stream=releases&what=ReleaseStarted')
  expect(entries).toMatchObject([{ release, by: { id: 'ana' }, kind: 'ReleaseStarted' }])
  expect(entries[0]?.places[0]).toMatch(/^acme\/shop\//)
  expect((await found(`stream=releases&by=nobody`)).entries).toEqual([])
})

test('ten thousand entries come page by page, each once, and a rare one is found in a few questions', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ kind: index === 17 ? 'Needle' : 'Hay', index }))
  await happen(auditStream, ...many)
  const seen = new Set<number>()
  let before: number | null = null
  do {
    const page: AuditPage = await found(`what=Hay&limit=500${before === null ? '' : `&before=${before}`}`)
    for (const { version } of page.entries) {
      expect(seen.has(version)).toBe(false)
      seen.add(version)
    }
    before = page.next
  } while (before !== null)
  expect(seen.size).toBe(9_999)
  let questions = 0
  let needles = 0
  before = null
  do {
    const page: AuditPage = await found(`what=Needle${before === null ? '' : `&before=${before}`}`)
    expect(page.lookedTo).not.toBeNull()
    needles += page.entries.length
    questions += 1
    before = page.next
  } while (before !== null)
  expect([needles, questions <= 4]).toEqual([1, true])
})

test('it is taken out as JSON lines with the hashes of the chain, and as CSV in which nothing runs', async () => {
  await happen(accessStream, {
    kind: 'PersonAdded',
    person: 'x',
    name: '=HYPERLINK("http://evil")',
    email: null,
    methods: [],
  })
  await happen(accessStream, { kind: '=cmd', say: 'a,"b"\nc' } as never)
  const lines = await (await ask('root', 'GET', '/v1/audit/export?stream=access&format=jsonl')).text()
  const events = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { version: number; hash: string; previousHash: string })
  expect(events).toHaveLength(9)
  for (const [index, event] of events.entries())
    expect(event.previousHash).toBe(events[index + 1]?.hash ?? '0'.repeat(64))
  const answer = await ask('root', 'GET', '/v1/audit/export?stream=access&format=csv&what=cmd')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="holdpoint-access-.*\.csv"$/)
  const csv = await answer.text()
  expect(csv.split('\r\n')).toHaveLength(3)
  expect(csv).toContain(`"'=cmd"`)
  expect(csv).toContain('""b""')
  const [taken] = (await found('stream=audit&what=AuditExported')).entries
  expect(taken).toMatchObject({ by: { id: 'root' }, say: 'Entries of access were taken out as csv.' })
})

test('the whole log is verified, and the answer says in words what that shows', async () => {
  const answer = await ask('root', 'POST', '/v1/audit/verify', {})
  expect(await answer.json()).toMatchObject({ ok: true, faults: [], faultCount: 0 })
  expect((await found('stream=audit&what=LogVerified')).entries).toHaveLength(1)
  expect((await ask('ana', 'POST', '/v1/audit/verify', {})).status).toBe(403)
  expect((await ask('ana', 'GET', '/v1/audit/entries')).status).toBe(403)
})

test('where a chain is broken, it is said in which one and at which entry', async () => {
  const changed = {
    tail: async (after: number, limit: number) =>
      (await at.store.tail(after, limit)).map((event) =>
        event.stream === accessStream && event.version === 3 ? { ...event, by: { ...event.by, id: 'mallory' } } : event,
      ),
  }
  const verdict = await verifyLog(changed)
  expect(verdict).toMatchObject({ ok: false, faultCount: 1, faults: [{ stream: accessStream, version: 3 }] })
  expect(verdict.say.join(' ')).toContain(
    'In the changes of rights, entry 3 of the log: version 3 is not what was written',
  )
  const cut = { tail: async (after: number, limit: number) => await at.store.tail(Math.max(after, 2), limit) }
  expect((await verifyLog(cut)).say.join(' ')).toContain('event 1 is missing')
})

test('an event of a newer program is told by its name and members', () => {
  expect(auditSentence({ kind: 'KeyTurned', key: 'k1', place: shop } as never)).toBe(
    'Key turned: key k1, place acme/shop.',
  )
  expect(auditSentence({ kind: 'constructor' })).toBe('constructor.')
})
