/** A deployment protection rule of GitHub, against a GitHub that refuses what the real one refuses. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeGithub, fakeGithub } from '../../../test/support/github.ts'
import type { AccessEvent } from '../../core/access/access.ts'
import { accessStream } from '../../core/access/access.ts'
import { createOutbound } from '../../worker/outbound.ts'
import { createApi } from '../api.ts'
import { createAccounts } from '../auth/accounts.ts'
import { examplePlan, startBody, world, type World } from '../test-support/world.ts'
import { createGithubClient } from './github-client.ts'
import { waitingOnes } from './github-waiting.ts'
import { type GithubWatchDeps, watchGithub } from './github-watch.ts'

const ana = { id: 'ana', kind: 'person', assurance: 'claimed' } as const
const commit = 'a'.repeat(40)

let at: World
let github: FakeGithub
let api: ReturnType<typeof createApi>
let outbound: ReturnType<typeof createOutbound>
let session: string

beforeEach(async () => {
  github = await fakeGithub()
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
  const { api: address, app, key, webhookSecret } = github
  api = createApi({ ...at.deps, github: { app, key, webhookSecret, api: address } })
  outbound = createOutbound()
  const place = { organisation: 'acme', project: 'shop', environment: null }
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ProjectCreated', project: 'bank', organisation: 'acme', name: 'Bank' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'ServiceAdopted', project: 'bank', service: 'ledger' },
    { kind: 'PersonAdded', person: 'ada', name: 'Ada', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'ada', role: 'administrator', place: { ...place, project: null } },
  ]
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion: 0, events: events.map((event) => ({ at: 1, by, event })) }],
  })
  session = (await createAccounts(at.store, at.deps.clock).openSession('ada', 'password')).secret
})

afterEach(async () => {
  outbound.close()
  await at.end()
  await github.close()
})

function watching(): GithubWatchDeps {
  const { api: address, app, key, webhookSecret } = github
  const { hostname, port } = new URL(address)
  const http = outbound.for({
    rules: [{ host: hostname, port: Number(port), trust: 'literal' }],
    protected: true,
  })
  const client = createGithubClient({ app, key, webhookSecret, api: address }, http, at.deps.clock)
  return { store: at.store, engine: at.engine, clock: at.deps.clock, client, log: () => {} }
}

const post = (path: string, body: string, headers: Record<string, string>) =>
  Promise.resolve(
    api.request(
      path,
      { method: 'POST', body, headers: { host: 'holdpoint.test', ...headers } },
      { door: { kind: 'tcp', from: '203.0.113.7' } },
    ),
  )

const manage = (path: string, body: unknown) =>
  post(path, JSON.stringify(body), { 'content-type': 'application/json', authorization: `Bearer ${session}` })

const sent = (run: number, changes: Parameters<FakeGithub['request']>[1] = {}) => {
  const { body, headers } = github.request(run, changes)
  return post('/v1/gates/github', body, headers)
}

const binding = {
  repository: 'acme/shop',
  githubEnvironment: 'production',
  service: 'shop',
  environment: 'staging',
  step: 'ready',
}
const bind = async (more: object = {}) =>
  (await manage('/v1/projects/shop/github-gates', { ...binding, ...more })).status

async function start(workspace: object = { root: '/', commit, dirty: false }): Promise<string> {
  const { document: _document, ...rest } = startBody(examplePlan(), { workspace })
  const started = await at.engine.start({ ...(rest as object), plan: examplePlan() } as never, ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  return started.release
}

async function answer(release: string): Promise<void> {
  const command = { kind: 'Answer', step: 'ready', answer: 'passed', note: null, fields: {}, evidence: [] } as const
  expect((await at.engine.ask(release, command, ana, null)).kind).toBe('accepted')
}

describe('a deployment at GitHub', () => {
  test('waits until the gate of its commit opens, and is approved once', async () => {
    expect(await bind()).toBe(201)
    expect((await sent(7)).status).toBe(200)
    await watchGithub(watching())
    const release = await start()
    await watchGithub(watching())
    expect(github.reviewed).toEqual([])
    await answer(release)
    await Promise.all([watchGithub(watching()), watchGithub(watching())])
    await watchGithub(watching())
    expect(github.reviewed).toEqual([
      { run: 7, environment: 'production', state: 'approved', comment: 'Holdpoint: "ready" is closed: answered.' },
    ])
    expect(github.refused).toEqual([])
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test('is rejected once the release goes back', async () => {
    await bind()
    await sent(7)
    const release = await start()
    await at.engine.ask(release, { kind: 'Abort', why: 'smoke', leave: false, confirm: null } as never, ana, null)
    await watchGithub(watching())
    expect(github.reviewed).toMatchObject([{ state: 'rejected', comment: 'Holdpoint: The release goes back: smoke' }])
  })

  test.each([
    ['of another commit', { root: '/', commit: 'b'.repeat(40), dirty: false }],
    ['of a changed workspace', { root: '/', commit, dirty: true }],
    ['of no known commit and another version', { root: '/', commit: null, dirty: false }],
  ])('does not go by a release %s', async (_title, workspace) => {
    await bind()
    await sent(7)
    await answer(await start(workspace))
    await watchGithub(watching())
    expect(github.reviewed).toEqual([])
  })

  test('goes by a tag with the version where the release knows no commit', async () => {
    await bind()
    await sent(7, { ref: 'refs/tags/v1.4.0' })
    await answer(await start({ root: '/', commit: null, dirty: false }))
    await watchGithub(watching())
    expect(github.reviewed).toMatchObject([{ state: 'approved' }])
  })

  test('is told again after GitHub failed, and given up when GitHub no longer waits', async () => {
    await bind()
    await sent(7)
    await answer(await start())
    github.failNext(1, 502)
    await watchGithub(watching())
    const [kept] = await waitingOnes(at.store)
    expect(kept?.value).toMatchObject({ tries: 1, say: 'GitHub answered 502 to signing in as the App' })
    expect(kept?.value.notBefore).toBeGreaterThan(at.deps.clock.now())
    await at.store.putEntry('github-waiting', kept?.key ?? '', JSON.stringify({ ...kept?.value, notBefore: 0 }))
    github.failNext(1, 422)
    await watchGithub(watching())
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test('of a repository that belongs to no project waits', async () => {
    await sent(7)
    await answer(await start())
    await watchGithub(watching())
    expect(github.reviewed).toEqual([])
    expect(await waitingOnes(at.store)).toHaveLength(1)
  })
})

describe('a webhook', () => {
  test('that is not signed by GitHub is refused', async () => {
    const code = async (answered: Promise<Response>) => ((await (await answered).json()) as { code: string }).code
    expect(await code(sent(7, { secret: 'another secret' }))).toBe('bad-signature')
    const { body, headers } = github.request(7)
    expect(await code(post('/v1/gates/github', body.replace('acme', 'evil'), headers))).toBe('bad-signature')
    const { 'x-hub-signature-256': _signature, ...unsigned } = headers
    expect(await code(post('/v1/gates/github', body, unsigned))).toBe('bad-signature')
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test('that comes twice counts once, also after the deployment was decided', async () => {
    await bind()
    const { body, headers } = github.request(7)
    await post('/v1/gates/github', body, headers)
    const again = await post('/v1/gates/github', body, headers)
    expect([again.status, await again.json()]).toEqual([200, { ok: true, repeated: true }])
    await answer(await start())
    await watchGithub(watching())
    await post('/v1/gates/github', body, headers)
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test.each([
    'http://169.254.169.254/repos/acme/shop/actions/runs/7/deployment_protection_rule',
    'API/repos/evil/shop/actions/runs/7/deployment_protection_rule',
    'API/repos/acme/shop/actions/runs/7/../../../../x',
    'API/repos/acme/shop/actions/runs/7/deployment_protection_rule?x=1',
  ])('cannot send the answer to %s', async (callback) => {
    const answered = await sent(7, { callback: callback.replace('API', github.api) })
    expect(answered.status).toBe(400)
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test('of another event is taken and changes nothing', async () => {
    const { body, headers } = github.request(7)
    const answered = await post('/v1/gates/github', body, { ...headers, 'x-github-event': 'ping' })
    expect(await answered.json()).toEqual({ ok: true, ignored: true })
    expect(await waitingOnes(at.store)).toEqual([])
  })

  test('says how to set the App up where there is none', async () => {
    api = createApi(at.deps)
    const answered = await sent(7)
    expect([answered.status, ((await answered.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringContaining('HOLDPOINT_GITHUB_APP'),
    ])
  })
})

test('a repository asks one project, and only for a service of it', async () => {
  expect(await bind({ service: 'ledger' })).toBe(403)
  expect(await bind()).toBe(201)
  const other = { ...binding, service: 'ledger' }
  expect((await manage('/v1/projects/bank/github-gates', other)).status).toBe(409)
  const { repository, githubEnvironment } = binding
  expect((await manage('/v1/projects/shop/github-gates/remove', { repository, githubEnvironment })).status).toBe(200)
  expect((await manage('/v1/projects/bank/github-gates', other)).status).toBe(201)
  const told = (await at.store.read('audit')).map(({ event }) => (event as { kind: string }).kind)
  expect(told.filter((kind) => kind.startsWith('Gate'))).toEqual(['GateBound', 'GateUnbound', 'GateBound'])
})
