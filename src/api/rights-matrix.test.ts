/** Every route × every role × own and foreign project: made from the routes' own declarations, so that a new route is in it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AccessEvent, Place } from '../core/access/access.ts'
import { accessStream } from '../core/access/access.ts'
import { forPeopleOnly, rightsOf, standardRoles, type Right } from '../core/access/rights.ts'
import { createAccounts } from './auth/accounts.ts'
import { DEMAND } from './auth/declare.ts'
import { hashOfKey, makeKey } from './auth/keys.ts'
import { examplePlan, startBody, world, type World } from './test-support/world.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const bank: Place = { organisation: 'acme', project: 'bank', environment: null }
let strangers = 0
/** Strangers of one address are slowed down: here everybody comes from their own. */
const door = {
  kind: 'tcp',
  get from() {
    strangers += 1
    return `2001:db8::${strangers.toString(16)}`
  },
} as const
/** A token has no sign-in to end and no password to change. */
const aboutOneSignIn = new Set(['/v1/sign-out', '/v1/password'])
const roles = Object.keys(standardRoles)

interface Route {
  readonly method: string
  readonly path: string
  readonly demand: string
}

let at: World
let release: string

/** A server with two projects; the release runs in `shop`. Each role has one holder in each project. */
beforeEach(async () => {
  at = world(examplePlan(), {}, door)
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'PersonAdded', person: 'root', name: 'Root', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'root', role: 'administrator', place: everywhere },
    { kind: 'RoleGranted', holder: 'root', role: 'release-engineer', place: shop },
  ]
  for (const role of roles)
    for (const [project, place] of [
      ['shop', shop],
      ['bank', bank],
    ] as const) {
      const id = `${role}-${project}`
      events.push(
        isForMachines(role)
          ? { kind: 'MachineAdded', machine: id, about: role }
          : { kind: 'PersonAdded', person: id, name: id, email: null, methods: [{ kind: 'password' }] },
        { kind: 'RoleGranted', holder: id, role, place },
      )
    }
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
  const started = await send('POST', '/v1/releases', await secretOf('root'), startBody())
  release = ((await started.json()) as { release: string }).release
  expect(started.status).toBe(201)
})

function isForMachines(role: string): boolean {
  return role === 'worker' || role === 'pipeline'
}

async function secretOf(holder: string): Promise<string> {
  const machine = holder.startsWith('worker-') || holder.startsWith('pipeline-')
  if (!machine) return (await createAccounts(at.store, at.deps.clock).openSession(holder, 'password')).secret
  const secret = makeKey('token')
  const token = `t-${holder}`
  const known = (await at.store.read(accessStream)).length
  const event: AccessEvent = {
    kind: 'TokenIssued',
    token,
    holder,
    name: 'x',
    scope: { place: everywhere, rights: null, labels: [] },
    expires: at.deps.clock.now() + 60_000,
  }
  const by = { id: 'root', kind: 'person', assurance: 'proven' } as const
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: known, events: [{ at: 1, by, event }] }] })
  await at.store.putEntry('token', hashOfKey(secret), JSON.stringify({ token }))
  // Written behind the back of this server, as another replica would: known within a moment.
  await sleep(300)
  return secret
}

function send(method: string, path: string, secret: string | null, body?: unknown): Promise<Response> {
  const headers = { host: 'holdpoint.test', ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) }
  return at.request(method, path, body ?? (method === 'POST' ? {} : undefined), headers)
}

async function routes(): Promise<readonly Route[]> {
  const description = (await (await send('GET', '/openapi.json', null)).json()) as {
    paths: Record<string, Record<string, Record<string, string>>>
  }
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      demand: operation[DEMAND] ?? 'undeclared',
    })),
  )
}

/** A real path: the release of `shop`, the project `shop`, and names that stand for nothing elsewhere. */
function pathOf({ path }: Route): string {
  return path
    .replace(/^(\/v1\/releases)\/\{id\}/, `$1/${release}`)
    .replace('{project}', 'shop')
    .replace('{sha256}', 'a'.repeat(64))
    .replaceAll(/\{\w+\}/g, 'nothing')
}

/** Whether the declaration lets a holder of this role in `project` through. */
function lets(route: Route, role: string, project: string): boolean {
  if (route.demand === 'public' || route.demand === 'known') return true
  if (route.demand === 'local') return false
  const [rights = '', where = ''] = route.demand.split(' at ')
  const held = rightsOf(role).filter((right) => !isForMachines(role) || !forPeopleOnly.has(right))
  if (!rights.split(' or ').some((right) => held.includes(right as Right))) return false
  return where === 'somewhere' || (where !== 'server' && project === 'shop')
}

/** Turned away at the door: 401, 403, or what may not be seen is not there. */
async function isTurnedAway(route: Route, answer: Response): Promise<boolean> {
  if (answer.status === 401) return true
  if (answer.headers.get('content-type')?.includes('json') !== true) return false
  const { code } = JSON.parse(await answer.clone().text()) as { code?: string }
  const isHidden = code === 'unknown-release' || code === 'unknown-project'
  return code === 'forbidden' || (isHidden && /\{(id|project)\}/.test(route.path))
}

describe('who may use which route', () => {
  test('every route says who may use it', async () => {
    const all = await routes()
    expect(all.length).toBeGreaterThan(30)
    expect(all.filter(({ demand }) => demand === 'undeclared')).toEqual([])
    const open = all.filter(({ demand }) => demand === 'public').map(({ method, path }) => `${method} ${path}`)
    // A list that only grows on purpose: these answer strangers.
    expect(open.toSorted()).toMatchInlineSnapshot(`
      [
        "GET /healthz",
        "GET /readyz",
        "GET /v1/openid",
        "GET /v1/openid/callback",
        "GET /v1/openid/start",
        "POST /v1/gates/flagger/{hook}",
        "POST /v1/gates/github",
        "POST /v1/incidents",
        "POST /v1/openid/back-channel-logout",
        "POST /v1/openid/begin",
        "POST /v1/openid/redeem",
        "POST /v1/passkeys/sign-in/begin",
        "POST /v1/passkeys/sign-in/finish",
        "POST /v1/results",
        "POST /v1/setup",
        "POST /v1/sign-in",
        "POST /v1/slack/interactions",
        "POST /v1/welcome",
      ]
    `)
  })

  test('a stranger is turned away everywhere but where nobody is asked', async () => {
    for (const route of await routes()) {
      const answer = await send(route.method, pathOf(route), null)
      await answer.body?.cancel().catch(() => {})
      expect([`${route.method} ${route.path}`, answer.status === 401]).toEqual([
        `${route.method} ${route.path}`,
        route.demand !== 'public',
      ])
    }
  })

  for (const role of roles)
    test(`${role}: in its own project what its rights say, in a foreign one nothing`, async () => {
      for (const project of ['shop', 'bank']) {
        const secret = await secretOf(`${role}-${project}`)
        for (const route of await routes()) {
          if (route.demand === 'public' || aboutOneSignIn.has(route.path)) continue
          const answer = await send(route.method, pathOf(route), secret)
          const seen = await isTurnedAway(route, answer)
          await answer.body?.cancel().catch(() => {})
          const name = `${role} of ${project}: ${route.method} ${route.path} (${answer.status})`
          if (!lets(route, role, project)) expect([name, seen]).toEqual([name, true])
          // Let through, a body that means nothing is refused for what it says, or for a right that the very act takes.
          else expect([name, answer.status === 401]).toEqual([name, false])
        }
      }
    })
})

test('a person of another project cannot even tell that the release is there', async () => {
  const secret = await secretOf('approver-bank')
  const [real, invented] = [
    await send('GET', `/v1/releases/${release}`, secret),
    await send('GET', '/v1/releases/nothing-like-it', secret),
  ]
  expect([real.status, invented.status]).toEqual([404, 404])
  const texts = await Promise.all(
    [real, invented].map(async (answer) => ((await answer.json()) as { code: string }).code),
  )
  expect(texts).toEqual(['unknown-release', 'unknown-release'])
  expect(await (await send('GET', '/v1/releases', secret)).json()).toEqual([])
  expect((await send('GET', `/v1/releases/${release.slice(0, 4)}`, secret)).status).toBe(404)
})

test('a disabled person and a revoked token work nowhere at once', async () => {
  const secret = await secretOf('viewer-shop')
  const token = await secretOf('pipeline-shop')
  expect((await send('GET', '/v1/releases', secret)).status).toBe(200)
  expect((await send('GET', '/v1/releases', token)).status).toBe(200)
  const root = await secretOf('root')
  expect((await send('POST', '/v1/people/viewer-shop/disable', root, { reason: 'left' })).status).toBe(200)
  expect((await send('POST', '/v1/tokens/t-pipeline-shop/revoke', root, { reason: 'leaked' })).status).toBe(200)
  expect((await send('GET', '/v1/releases', secret)).status).toBe(401)
  expect((await send('GET', '/v1/releases', token)).status).toBe(401)
})

test('no other spelling of a path goes around the door', async () => {
  for (const path of [
    '//v1/releases',
    '/v1//releases',
    '/V1/releases',
    '/v1/releases/',
    '/v1/releases;x',
    '/v1/releases.svg',
    '/v1/%72eleases',
    '/healthz/../v1/releases',
    '/v1/releases%2f',
    '/v1/releases/%2e%2e/people',
  ]) {
    const answer = await send('GET', path, null)
    expect([path, answer.status === 401 || answer.status === 404]).toEqual([path, true])
  }
})

test('a stream ends within a second of its reader losing the right to it, and goes on for others', async () => {
  const [mine, others] = [await secretOf('viewer-shop'), await secretOf('approver-shop')]
  const open = async (secret: string) => {
    const answer = await send('GET', `/v1/releases/${release}/stream`, secret)
    expect(answer.status).toBe(200)
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const ended = (async () => {
      while (!(await reader.read()).done);
      return 'ended'
    })()
    return { reader, ended }
  }
  const [lost, kept] = [await open(mine), await open(others)]
  const root = await secretOf('root')
  expect((await send('POST', '/v1/people/viewer-shop/disable', root, { reason: 'left' })).status).toBe(200)
  expect(await Promise.race([lost.ended, sleep(1_500, 'still open')])).toBe('ended')
  expect(await Promise.race([kept.ended, sleep(700, 'still open')])).toBe('still open')
  await kept.reader.cancel()
})
