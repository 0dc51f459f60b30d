/** Faults where rights are checked and decisions are taken: nobody is let in by one, and nothing goes on. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accessStream, type AccessEvent } from '../core/access/access.ts'
import { StoreFault } from '../core/ports/store.ts'
import { createAccounts } from './auth/accounts.ts'
import { examplePlan, startExample, world, type World } from './test-support/world.ts'

const door = { kind: 'tcp', from: '203.0.113.7' } as const
const everywhere = { organisation: null, project: null, environment: null }

let at: World
let local: World
let release: string
let secret: string

beforeEach(async () => {
  at = world(examplePlan(), {}, door)
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'root', name: 'Root', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'root', role: 'administrator', place: everywhere },
    { kind: 'RoleGranted', holder: 'root', role: 'release-engineer', place: everywhere },
    { kind: 'RoleGranted', holder: 'root', role: 'approver', place: everywhere },
  ]
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
  secret = (await createAccounts(at.store, at.deps.clock).openSession('root', 'password')).secret
  local = world(examplePlan())
  release = await startExample(local)
})

afterEach(async () => {
  await at.end()
  await local.end()
})

const ask = (method: string, path: string, body?: unknown) =>
  at.request(method, path, body, { host: 'holdpoint.test', authorization: `Bearer ${secret}` })

/** Replaces one operation of the store by a fault of that sort. */
function breaks(
  store: World['store'],
  operation: 'read' | 'getEntry' | 'append' | 'entries' | 'summaries',
  fault: () => Error,
): () => void {
  const whole = store[operation].bind(store) as (...given: unknown[]) => unknown
  Object.assign(store, { [operation]: () => Promise.reject(fault()) })
  return () => void Object.assign(store, { [operation]: whole })
}

const faults: Readonly<Record<string, () => Error>> = {
  'a store that is away': () => new StoreFault('the database does not answer', { retryable: true }),
  'a bug': () => new TypeError('undefined is not a function'),
}

describe('while it', () => {
  for (const [what, fault] of Object.entries(faults))
    test.each(['read', 'getEntry', 'append'] as const)(
      `${what}: the %s fails: nobody is let in by it, and nothing changes`,
      async (operation) => {
        expect((await ask('GET', '/v1/people')).status).toBe(200)
        // Longer than what is known may be old.
        await new Promise((resolve) => setTimeout(resolve, 300))
        const mend = breaks(at.store, operation, fault)
        const paths: readonly (readonly [string, string, unknown])[] = [
          ['GET', '/v1/people', undefined],
          ['POST', '/v1/people', { person: 'eve', name: 'Eve', email: null, place: everywhere }],
          ['POST', '/v1/grants', { holder: 'root', role: 'viewer', place: everywhere }],
          ['POST', '/v1/organisations', { organisation: 'evil', name: 'Evil' }],
          ['POST', '/v1/sign-in', { person: 'root', password: 'whatever it may be', as: 'token' }],
        ]
        for (const [method, path, body] of paths) {
          const answer = await ask(method, path, body)
          const isReading = method === 'GET' && operation === 'append'
          expect([method, path, answer.status >= 400 || isReading]).toEqual([method, path, true])
          expect(await answer.text()).not.toMatch(/hps_|undefined is not|at .*\.ts/)
        }
        mend()
        await new Promise((resolve) => setTimeout(resolve, 300))
        const people = await (await ask('GET', '/v1/people')).text()
        expect(people).not.toContain('eve')
        // What broke was no reason to let anybody stay out either.
        expect(people).toContain('root')
      },
    )
})

test('a session whose entry cannot be read lets nobody in, whatever it holds', async () => {
  const { session, secret: mine } = await createAccounts(at.store, at.deps.clock).openSession('root', 'password')
  for (const json of ['', 'null', '{}', '{"person":"root"}', '{"person":{"toString":1}}', '[]'])
    for (const expires of [undefined, at.deps.clock.now() + 60_000]) {
      await at.store.putEntry('session', session.key, json, expires === undefined ? {} : { expires })
      const answer = await at.request('GET', '/v1/me', undefined, {
        host: 'holdpoint.test',
        authorization: `Bearer ${mine}`,
      })
      expect([json, answer.status >= 400 || json === '{"person":"root"}']).toEqual([json, true])
    }
})

test('a signature that cannot be checked is no signature', async () => {
  for (const signature of [
    '',
    'x',
    '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----',
    '\u0000'.repeat(100),
  ]) {
    const command = { kind: 'Approve', step: 'go-live', role: null, digest: null, typed: null, note: null }
    const answer = await local.request('POST', `/v1/releases/${release}/commands`, { command, seen: null, signature })
    expect([signature, answer.status >= 400]).toEqual([signature, true])
    const events = await (await local.request('GET', `/v1/releases/${release}/events`)).text()
    expect(events).not.toContain('ApprovalGiven')
  }
})
