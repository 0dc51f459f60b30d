/** The public status page: off until somebody switches it on, and nothing internal on it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccessEvent } from '../../core/access/access.ts'
import { accessStream } from '../../core/access/access.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import type { MessageState, ReleaseState } from '../../core/release/state.ts'
import type { StatusCommand } from '../../core/status/entries.ts'
import { writeStatus } from './book.ts'
import { examplePlan, world, type World } from '../test-support/world.ts'

const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
const HOUR = 3_600_000

let at: World
let count: number
const rehearsed = new Set<string>()
const planned = new Map<string, number>()

beforeEach(async () => {
  // The releases here are lines of the list: only what the page asks of a whole one is there.
  const state = (id: string) => Promise.resolve(stateOf(id))
  rehearsed.clear()
  planned.clear()
  told.clear()
  at = world(examplePlan(), { state }, { kind: 'tcp', from: '203.0.113.7' })
  count = 0
  await happen(
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme <b>' },
    { kind: 'OrganisationCreated', organisation: 'other', name: 'Other' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'other', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'checkout' },
    { kind: 'ServiceAdopted', project: 'bank', service: 'vault' },
    { kind: 'EnvironmentDeclared', project: 'shop', environment: 'production', protected: true },
    { kind: 'EnvironmentDeclared', project: 'shop', environment: 'staging', protected: false },
    { kind: 'EnvironmentDeclared', project: 'bank', environment: 'production', protected: true },
  )
  await release('checkout', 'production', '2.0.0-<i>', 'running')
  await release('checkout', 'staging', '9.9.9', 'running')
  await release('vault', 'production', '7.7.7', 'running')
  await release('checkout', 'production', '1.9.0', 'rolled-back')
  await release('checkout', 'production', '1.8.0', 'closed')
})
afterEach(() => at.end())

const told = new Map<string, readonly Partial<MessageState>[]>()

function stateOf(id: string): ReleaseState {
  const messages = (told.get(id) ?? []).map((message, index): [string, Partial<MessageState>] => [
    String(index),
    message,
  ])
  const plan = { channels: {}, service: 'checkout' }
  const ended = { phase: 'closed', endedAt: at.deps.clock.now(), lastEventAt: at.deps.clock.now() }
  const time = { plannedAt: planned.get(id) ?? null }
  return {
    id,
    rehearsal: rehearsed.has(id),
    plan,
    time,
    firstTrafficAt: null,
    messages: new Map(messages),
    ...ended,
  } as unknown as ReleaseState
}

async function happen(...events: readonly AccessEvent[]): Promise<void> {
  const expectedVersion = (await at.store.read(accessStream)).length
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion, events: added }] })
}

async function release(service: string, environment: string, version: string, phase: string): Promise<void> {
  count += 1
  const now = at.deps.clock.now()
  const summary: ReleaseSummary = {
    id: `secret-id-${count}`,
    service,
    environment,
    version,
    phase,
    startedAt: now - HOUR,
    startedBy: 'ana-the-engineer',
    updatedAt: now - count * 1_000,
    open: phase === 'running',
    bar: 'waits for ana-the-engineer to sign "Secret step"',
  }
  const event = { kind: 'Invented' }
  const events = [{ at: now, by, event }]
  await at.store.append({ streams: [{ stream: `release/${summary.id}`, expectedVersion: 0, events }] }, summary)
}

const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  at.request(method, path, undefined, { host: 'holdpoint.test', ...headers })

/** The directory notices what another replica wrote within a moment; a page that is on is asked until it is. */
async function whenOn(path: string): Promise<Response> {
  for (;;) {
    const answer = await ask(path)
    if (answer.status === 200) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('there is none until an administrator switches it on, and strangers cannot tell an organisation from none', async () => {
  const [off, none] = [await ask('/status/acme'), await ask('/status/nobody')]
  expect([off.status, none.status]).toEqual([404, 404])
  expect(await off.text()).toBe(await none.text())
})

test('it shows what goes to protected environments of that organisation, now and lately', async () => {
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const text = await (await whenOn('/status/acme')).text()
  expect(text).toContain('One release is under way')
  expect(text).toContain('being released')
  expect(text).toMatch(/1\.9\.0.*taken back.*1\.8\.0.*released/s)
  for (const foreign of ['9.9.9', 'staging', 'vault', '7.7.7', 'Other']) expect(text).not.toContain(foreign)
})

test('a rehearsal is not on it: it reaches no user', async () => {
  await release('checkout', 'production', '5.5.5', 'running')
  rehearsed.add(`secret-id-${count}`)
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const text = await (await whenOn('/status/acme')).text()
  expect(text).toContain('2.0.0-')
  expect(text).not.toContain('5.5.5')
})

test('a release that is only planned is scheduled for its time, and not being released', async () => {
  await release('checkout', 'production', '6.6.6', 'running')
  planned.set(`secret-id-${count}`, Date.parse('2099-12-01T10:00:00Z'))
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const text = await (await whenOn('/status/acme')).text()
  expect(text).toContain('One release is under way')
  expect(text).toMatch(/Planned<.*6\.6\.6.*scheduled.*for .*2099-12-01 10:00.*Being released/s)
})

test('no person, no step, no id and no reason is on it, and nothing of it is HTML of somebody else', async () => {
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const answer = await whenOn('/status/acme')
  const text = await answer.text()
  for (const internal of ['ana-the-engineer', 'Secret', 'secret-id', 'waits']) expect(text).not.toContain(internal)
  expect(text).toContain('Acme &lt;b&gt;')
  expect(text).toContain('2.0.0-&lt;i&gt;')
  expect(text).not.toMatch(/<script|\son\w+=|style="/)
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/)
})

test('caches may keep it for a while, and are told when nothing has changed', async () => {
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const first = await whenOn('/status/acme')
  expect(first.headers.get('cache-control')).toBe('public, max-age=15')
  expect(first.headers.get('set-cookie')).toBeNull()
  const tag = first.headers.get('etag') ?? ''
  expect((await ask('/status/acme', { 'if-none-match': tag })).status).toBe(304)
  const head = await ask('/status/acme', {}, 'HEAD')
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await ask('/status/style.css')).headers.get('content-type')).toContain('text/css')
})

test('when it is switched off it is gone', async () => {
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  await whenOn('/status/acme')
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: false })
  while ((await ask('/status/acme')).status !== 404) await new Promise((resolve) => setTimeout(resolve, 50))
})

test('whoever asks too often is slowed down', async () => {
  const answers = await Promise.all(Array.from({ length: 90 }, () => ask('/status/nobody')))
  const slowed = answers.find(({ status }) => status === 429)
  expect(Number(slowed?.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('entries that people wrote are on it by their lifecycle: announced before, under way by themselves, then history', async () => {
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  await whenOn('/status/acme')
  const actor = { id: 'ana-the-engineer', kind: 'person', assurance: 'proven' } as const
  const now = at.deps.clock.now()
  const plain = { services: ['checkout'], text: null, from: null, until: null, publishAt: null, endsItself: false }
  const open = (title: string, more: Partial<StatusCommand & { kind: 'OpenEntry' }>, when: number) =>
    writeStatus(at.store, 'acme', { kind: 'OpenEntry', title, status: 'investigating', ...plain, ...more }, actor, when)
  await open('Slow <payments>', { text: 'We look <b>into</b> it.' }, now - 3_000)
  await open('Database upgrade', { status: 'scheduled', from: now + HOUR, until: now + 2 * HOUR }, now - 2_000)
  await open('Begun by itself', { status: 'scheduled', from: now - HOUR, until: now + HOUR }, now - 2 * HOUR)
  await open('Not yet told', { status: 'scheduled', from: now + 9 * HOUR, publishAt: now + 8 * HOUR }, now - 1_000)
  const over = await open('Long over', {}, now - 1_000)
  await writeStatus(
    at.store,
    'acme',
    { kind: 'UpdateEntry', entry: over.id, status: 'resolved', text: null },
    actor,
    now,
  )
  await writeStatus(
    at.store,
    'other',
    { kind: 'OpenEntry', title: 'Vault', status: 'investigating', ...plain },
    actor,
    now,
  )
  let text = ''
  while (!text.includes('Long over')) text = await (await whenOn('/status/acme')).text()
  expect(text).toContain('<h1>Slow &lt;payments&gt;, and 1 more</h1>')
  expect(text).toMatch(
    /Slow &lt;payments&gt;.*We look &lt;b&gt;into.*Begun by itself.*Planned.*Database upgrade.*weeks.*Long over/s,
  )
  for (const foreign of ['Not yet told', 'Vault', 'ana-the-engineer']) expect(text).not.toContain(foreign)
})

test('what a release tells the page is on it, and ends with the release', async () => {
  const sent = { channel: 'status', status: 'delivered', on: 'rollback.started', subject: 'ana: 7 %', body: 'ana: 7 %' }
  told.set('secret-id-5', [{ ...sent, status: 'delivered', lastTryAt: at.deps.clock.now() - 1_000 }])
  await happen({ kind: 'StatusPageSet', organisation: 'acme', isOn: true })
  const text = await (await whenOn('/status/acme')).text()
  expect(text).toMatch(/Problems with checkout.*resolved/s)
  expect(text).not.toMatch(/ana: 7/)
})
