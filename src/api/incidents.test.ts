/** A problem reported: by a person on a release, and by a system that knows only what is broken. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { digestOf } from '../core/log/canonical.ts'
import type { Plan } from '../core/plan/plan.ts'
import { hashOfKey, makeKey } from './auth/keys.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const door = { kind: 'tcp', from: '203.0.113.7' } as const
const severities = { P1: { action: 'rollback', tell: [], withinMs: null } } as const

let at: World

function plan(): Plan {
  const { digest: _digest, ...body } = examplePlan()
  const changed = { ...body, severities }
  return { ...changed, digest: digestOf(changed) }
}

beforeEach(() => {
  at = world(plan())
})
afterEach(() => at.end())

const post = async (path: string, body: unknown, headers = {}) => {
  const answer = await at.request('POST', path, body, { host: 'holdpoint.test', ...headers })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('a person reports a problem with a release, and what its severity means is done', async () => {
  const started = await post('/v1/releases', startBody(plan()))
  const release = String(started.body['release'])
  const declared = await post(`/v1/releases/${release}/incident`, { severity: 'P1', reason: 'orders are lost' })
  expect(declared).toMatchObject({ status: 201, body: { release, severity: 'P1', action: 'rollback' } })
  const view = (await (await at.request('GET', `/v1/releases/${release}`)).json()) as Record<string, unknown>
  expect(view).toMatchObject({
    phase: 'rolled-back',
    incidents: [{ severity: 'P1', reason: 'orders are lost', status: 'investigating' }],
  })
  const after = await post(`/v1/releases/${release}/incident`, { severity: 'P1', reason: 'again' })
  expect(after).toMatchObject({ status: 409, body: { code: 'ended' } })
  expect(String(after.body['detail'])).toContain('--hotfix-of')
})

test('a severity that the checklist does not have is refused with those that it has', async () => {
  const release = String((await post('/v1/releases', startBody(plan()))).body['release'])
  const refused = await post(`/v1/releases/${release}/incident`, { severity: 'P7', reason: 'x' })
  expect(refused.body).toMatchObject({ code: 'bad-answer' })
  expect(String(refused.body['detail'])).toContain('this checklist has P1')
})

test('a machine reports what is broken by service and environment; nobody else gets through that door', async () => {
  await at.end()
  at = world(examplePlan(), {}, door)
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'MachineAdded', machine: 'desk', about: 'support desk' },
    { kind: 'RoleGranted', holder: 'desk', role: 'pipeline', place: shop },
    {
      kind: 'TokenIssued',
      token: 't1',
      holder: 'desk',
      name: randomUUID(),
      scope: { place: shop, rights: null, labels: [] },
      expires: at.deps.clock.now() + 600_000,
    },
  ]
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: 0, events: added }] })
  const secret = makeKey('token')
  await at.store.putEntry('token', hashOfKey(secret), JSON.stringify({ token: 't1' }))
  const said = { service: 'shop', environment: 'staging', severity: 'P2', reason: '40 complaints' }
  const authorization = `Bearer ${secret}`
  expect(await post('/v1/incidents', said, { authorization })).toMatchObject({
    status: 404,
    body: { code: 'unknown-release' },
  })
  const { document: _document, ...rest } = startBody()
  const ana = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
  const started = await at.engine.start({ ...(rest as object), plan: examplePlan() } as never, ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  expect((await post('/v1/incidents', said)).body).toMatchObject({ code: 'bad-signature' })
  const declared = await post('/v1/incidents', said, { authorization })
  expect(declared).toMatchObject({ status: 201, body: { severity: 'P2', action: 'ask' } })
  const state = await at.engine.state(started.release)
  expect(state?.hold).toMatchObject({ by: 'desk', why: 'P2 incident: 40 complaints' })
})

test('an incident has a status, and the release stays open until it is over', async () => {
  const release = String((await post('/v1/releases', startBody(plan()))).body['release'])
  await post(`/v1/releases/${release}/incident`, { severity: 'P1', reason: 'x' })
  const command = { kind: 'SetIncidentStatus', incident: null, status: 'resolved', note: 'over' }
  expect((await post(`/v1/releases/${release}/commands`, { command, seen: null })).status).toBe(200)
  expect((await at.engine.state(release))?.incidents).toMatchObject([{ status: 'resolved', note: 'over' }])
})
