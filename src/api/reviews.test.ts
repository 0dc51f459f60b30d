/** What is let through without a pass on a server asks somebody else to look at it, and says when nobody did. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream, auditStream } from '../core/access/access.ts'
import { createAccounts } from './auth/accounts.ts'
import { overrideIn, tellOverdue } from './reviews.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'

const HOUR = 3_600_000
const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const bank: Place = { ...shop, project: 'bank' }
const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const

let at: World
let release: string
const secrets = new Map<string, string>()

/** Ana steers and approves, Ben approves, Eve sees, Mia is of another project. */
beforeEach(async () => {
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  const roles: readonly (readonly [person: string, role: string, place: Place])[] = [
    ['ana', 'release-engineer', shop],
    ['ana', 'approver', shop],
    ['ben', 'approver', shop],
    ['eve', 'viewer', shop],
    ['mia', 'approver', bank],
  ]
  const people = [...new Set(roles.map(([person]) => person))]
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    ...people.map(
      (person) =>
        ({ kind: 'PersonAdded', person, name: person, email: null, methods: [{ kind: 'password' }] }) as const,
    ),
    ...roles.map(([holder, role, place]) => ({ kind: 'RoleGranted', holder, role, place }) as const),
  ]
  const added = events.map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: 0, events: added }] })
  for (const person of people)
    secrets.set(person, (await createAccounts(at.store, at.deps.clock).openSession(person, 'password')).secret)
  release = ((await ask('ana', 'POST', '/v1/releases', startBody())).body as { release: string }).release
})
afterEach(() => at.end())

async function ask(person: string, method: string, path: string, body?: unknown) {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${secrets.get(person) ?? ''}` }
  const answer = await at.request(method, path, body, headers)
  return { status: answer.status, body: (await answer.json()) as unknown }
}

async function decide(person: string, command: object): Promise<number> {
  const answer = await ask(person, 'POST', `/v1/releases/${release}/commands`, { command, seen: null })
  expect(answer).toMatchObject({ status: 200 })
  return (answer.body as { version: number }).version
}

const leaveOut = () =>
  decide('ana', { kind: 'MarkNotApplicable', step: 'ready', reason: 'no schema change', role: null })
const close = (person: string, version: number, note = 'looked at it, all fine') =>
  ask(person, 'POST', `/v1/reviews/${release}/${version}/close`, { note })
const reviewsFor = async (person: string) => (await ask(person, 'GET', '/v1/reviews')).body

test('what a person lets through without a pass is to be looked at within 48 hours, and stands in the audit log', async () => {
  const version = await leaveOut()
  const [review, ...others] = (await reviewsFor('eve')) as readonly { readonly at: number; readonly due: number }[]
  expect(others).toEqual([])
  expect(review).toMatchObject({
    release,
    version,
    service: 'shop',
    environment: 'staging',
    what: 'marked ready as not applicable',
    reason: 'no schema change',
    by: 'ana',
    closed: null,
    overdue: false,
  })
  expect((review?.due ?? 0) - (review?.at ?? 0)).toBe(48 * HOUR)
  const told = (await at.store.read(auditStream)).map(({ event, by: { id } }) => ({ event, id }))
  expect(told).toContainEqual({ event: expect.objectContaining({ kind: 'ReviewDue', release, version }), id: 'ana' })
})

test('only somebody else who may approve there closes it, once, and with words', async () => {
  const version = await leaveOut()
  expect(await close('ana', version)).toMatchObject({ status: 403, body: { code: 'self-approval' } })
  expect(await close('eve', version)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect(await close('mia', version)).toMatchObject({ status: 404, body: { code: 'unknown-release' } })
  expect(await close('ben', version, ' ')).toMatchObject({ status: 422, body: { code: 'reason-required' } })
  expect(await close('ben', version + 1)).toMatchObject({ status: 404, body: { code: 'unknown-review' } })
  expect(await reviewsFor('ana')).toMatchObject([{ version, closed: null }])
  const answers = await Promise.all([close('ben', version), close('ben', version)])
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409])
  expect(await reviewsFor('ana')).toMatchObject([{ version, closed: { by: 'ben', note: 'looked at it, all fine' } }])
  const closings = (await at.store.read(auditStream)).filter(
    ({ event }) => (event as { kind: string }).kind === 'ReviewClosed',
  )
  expect(closings).toMatchObject([{ by: { id: 'ben' }, event: { release, version, note: 'looked at it, all fine' } }])
})

test('a review of another project is not there', async () => {
  await leaveOut()
  expect(await reviewsFor('mia')).toEqual([])
})

test('what waits for a pass, stops, or is only claimed and refused asks for no review', async () => {
  await decide('ana', { kind: 'Note', step: null, note: 'on it' })
  await decide('ana', { kind: 'Hold', why: 'odd' })
  const refused = { kind: 'Waive', step: 'nothing', reason: 'x', role: 'approver', expires: null }
  const answer = await ask('ana', 'POST', `/v1/releases/${release}/commands`, { command: refused, seen: null })
  expect(answer).toMatchObject({ status: 404, body: { code: 'unknown-step' } })
  expect(await reviewsFor('ana')).toEqual([])
})

test('each way past a gate asks for a review, with what was done and why', () => {
  const why = 'seen by hand'
  const what = (command: object) => overrideIn(command as Parameters<typeof overrideIn>[0])
  expect(what({ kind: 'Waive', step: 'load', reason: why })).toEqual({ what: 'waived load', reason: why })
  expect(what({ kind: 'Settle', step: 'load', as: 'done', why })).toEqual({ what: 'settled load as done', reason: why })
  expect(what({ kind: 'Amend', reason: why })).toEqual({ what: 'amended the checklist', reason: why })
  expect(what({ kind: 'Abort', leave: true, why })?.what).toBe('ended it and left things as they are')
  expect(what({ kind: 'Abort', leave: false, why })).toBeNull()
})

test('a review that nobody did in time is told each hour until it is done; open ones come first', async () => {
  const first = await leaveOut()
  const second = await decide('ana', {
    kind: 'Waive',
    step: 'go-live',
    reason: 'both hands',
    role: 'approver',
    expires: null,
  })
  expect(await close('ben', first)).toMatchObject({ status: 200 })
  expect(await reviewsFor('ana')).toMatchObject([
    { version: second, closed: null },
    { version: first, closed: { by: 'ben' } },
  ])
  const toldAfter = async (ms: number) => {
    const lines: string[] = []
    await tellOverdue(at.store, at.deps.clock.now() + ms, (line) => lines.push(line))
    return lines
  }
  expect(await toldAfter(47 * HOUR)).toEqual([])
  const overdue = expect.stringContaining(`review overdue: ${release} version ${second}: ana waived go-live`) as string
  expect(await toldAfter(49 * HOUR)).toEqual([overdue])
  expect(await close('ben', second)).toMatchObject({ status: 200 })
  expect(await toldAfter(49 * HOUR)).toEqual([])
})
