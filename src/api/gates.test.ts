/** Gates that other deployers ask, as they ask them: bodies and answers written from their public documentation. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { hashOfKey, makeKey } from './auth/keys.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const bank: Place = { organisation: 'acme', project: 'bank', environment: null }
const target = { service: 'shop', environment: 'staging', version: '1.4.0' }

let at: World
let release: string
let token: string
let foreign: string

beforeEach(async () => {
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'MachineAdded', machine: 'flagger', about: 'asks gates' },
    { kind: 'RoleGranted', holder: 'flagger', role: 'pipeline', place: shop },
    { kind: 'MachineAdded', machine: 'other', about: 'asks gates elsewhere' },
    { kind: 'RoleGranted', holder: 'other', role: 'pipeline', place: bank },
  ]
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
  token = await tokenOf('flagger')
  foreign = await tokenOf('other')
  release = await startAs('1.4.0')
})

afterEach(() => at.end())

async function tokenOf(holder: string): Promise<string> {
  const secret = makeKey('token')
  const events = await at.store.read(accessStream)
  const event: AccessEvent = {
    kind: 'TokenIssued',
    token: `t-${holder}`,
    holder,
    name: 'x',
    scope: { place: everywhere, rights: null, labels: [] },
    expires: at.deps.clock.now() + 600_000,
  }
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: events.length, events: [{ at: 1, by, event }] }],
  })
  await at.store.putEntry('token', hashOfKey(secret), JSON.stringify({ token: `t-${holder}` }))
  return secret
}

const ana = { id: 'ana', kind: 'person', assurance: 'claimed' } as const

async function startAs(version: string, changes: { rehearsal?: boolean } = {}): Promise<string> {
  const {
    document: _document,
    env: _env,
    ...rest
  } = startBody(examplePlan(), { version, ...changes }) as never as {
    document: unknown
    env: unknown
  }
  const started = await at.engine.start({ ...(rest as object), plan: examplePlan() } as never, ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  return started.release
}

async function openGate(id = release): Promise<void> {
  const answer = { kind: 'Answer', step: 'ready', answer: 'passed', note: null, fields: {}, evidence: [] } as const
  expect((await at.engine.ask(id, answer, ana, null)).kind).toBe('accepted')
}

const get = (path: string, secret: string | null = token) =>
  at.request('GET', path, undefined, {
    host: 'holdpoint.test',
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
  })

const hook = (name: string, metadata: Record<string, string> | null, headers: Record<string, string> = {}) =>
  at.request(
    'POST',
    `/v1/gates/flagger/${name}`,
    { name: 'podinfo', namespace: 'test', phase: 'Progressing', checksum: '85d557f47b', metadata },
    { host: 'holdpoint.test', ...headers },
  )

const query = (more: Record<string, string> = {}) => new URLSearchParams({ ...target, ...more }).toString()

describe('the plain gate', () => {
  test('says waiting, then open, by id and by target', async () => {
    const waiting = (await (await get(`/v1/releases/${release}/gate?step=ready`)).json()) as Record<string, unknown>
    expect(waiting).toMatchObject({ release, status: 'waiting', open: false, value: 0, point: { step: 'ready' } })
    await openGate()
    const open = (await (await get(`/v1/gate?${query({ step: 'ready' })}`)).json()) as Record<string, unknown>
    expect(open).toMatchObject({ release, ...target, status: 'open', open: true, value: 1 })
    expect(await (await get(`/v1/gate?${query()}`)).json()).toMatchObject({
      status: 'waiting',
      point: { kind: 'release' },
    })
  })

  test.each([
    ['a version that is not there', `/v1/gate?service=shop&environment=staging&version=1.4`, 404],
    ['half a target', '/v1/gate?service=shop&environment=staging', 400],
    ['no release at all', '/v1/gate', 400],
    ['both a target and an id', `/v1/gate?${query({ release: 'x' })}`, 400],
    ['two points', `/v1/gate?${query({ step: 'ready', phase: 'gate' })}`, 400],
    ['a step that is not there', `/v1/gate?${query({ step: 'nothing' })}`, 404],
    ['a token in the address', `/v1/gate?${query({ token: 'hpt_x' })}`, 400],
  ])('answers with no yes to %s', async (_title, path, status) => {
    await openGate()
    expect((await get(path)).status).toBe(status)
  })

  test('does not exist for a token of another project, nor for nobody', async () => {
    await openGate()
    expect((await get(`/v1/gate?${query({ step: 'ready' })}`, foreign)).status).toBe(404)
    expect((await get(`/v1/releases/${release}/gate`, foreign)).status).toBe(404)
    expect((await get(`/v1/gate?${query({ step: 'ready' })}`, null)).status).toBe(401)
  })

  test('takes the open release of a version, not an aborted one before it, and never a rehearsal', async () => {
    await at.engine.ask(release, { kind: 'Abort', why: 'again', leave: false, confirm: null } as never, ana, null)
    await startAs('1.4.0', { rehearsal: true })
    expect(await (await get(`/v1/gate?${query()}`)).json()).toMatchObject({ release, status: 'closed' })
  })
})

describe('Argo Rollouts', () => {
  test('gets no answer while the gate waits, so that nothing is counted, and a value once it is open', async () => {
    const waiting = await get(`/v1/gates/argo?${query({ step: 'ready' })}`)
    expect([waiting.status, ((await waiting.json()) as { code: string }).code]).toEqual([409, 'gate-waiting'])
    await openGate()
    const open = await get(`/v1/gates/argo?${query({ step: 'ready' })}`)
    expect(open.status).toBe(200)
    expect(await open.json()).toMatchObject({ value: 1, status: 'open' })
  })

  test('gets a value of 0 once the release goes back', async () => {
    await at.engine.ask(release, { kind: 'Abort', why: 'smoke', leave: false, confirm: null } as never, ana, null)
    const closed = await get(`/v1/gates/argo?${query({ step: 'ready' })}`)
    expect(closed.status).toBe(200)
    expect(await closed.json()).toMatchObject({ value: 0, status: 'closed' })
  })
})

describe('Flagger', () => {
  const metadata = (more: Record<string, string> = {}) => ({ ...target, step: 'ready', token, ...more })

  test('is told 403 until the gate opens, then 200', async () => {
    const waiting = await hook('confirm', metadata())
    expect(waiting.status).toBe(403)
    expect(await waiting.text()).toContain('Not closed: ready')
    await openGate()
    expect((await hook('confirm', metadata())).status).toBe(200)
  })

  test('may show its token by basic authentication too', async () => {
    await openGate()
    const { token: _token, ...bare } = metadata()
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`flagger:${password}`).toString('base64')}`,
    })
    expect((await hook('confirm', bare, basic(token))).status).toBe(200)
    expect((await hook('confirm', bare, basic('guess'))).status).toBe(403)
    expect((await hook('confirm', bare)).status).toBe(403)
  })

  test.each([
    ['a token of another project', () => metadata({ token: foreign })],
    ['a token that is none', () => metadata({ token: 'hpt_nothing' })],
    ['another version', () => metadata({ version: '1.5.0' })],
    ['a step that is not there', () => metadata({ step: 'nothing' })],
    ['two points', () => metadata({ phase: 'gate' })],
    ['no release', () => ({ token })],
    ['nothing', () => null],
  ])('is told 403 with %s', async (_title, given) => {
    await openGate()
    expect((await hook('confirm', given() as Record<string, string> | null)).status).toBe(403)
  })

  test('rolls back only once the release does', async () => {
    expect((await hook('rollback', metadata())).status).toBe(403)
    await at.engine.ask(release, { kind: 'Abort', why: 'smoke', leave: false, confirm: null } as never, ana, null)
    expect((await hook('rollback', metadata())).status).toBe(200)
    expect((await hook('confirm', metadata())).status).toBe(403)
    expect((await hook('rollback', metadata({ version: '9' }))).status).toBe(403)
  })

  test('is told 403, and not 500, while the store does not answer', async () => {
    await openGate()
    at.store.summaries = () => Promise.reject(new Error('gone'))
    expect((await hook('confirm', metadata())).status).toBe(403)
  })
})
