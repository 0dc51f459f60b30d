/** A deployment on real commands and a real service: what served first, one by one, stopped in the middle, taken back in reverse. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { person } from '../support/release-spec.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

let engine: RealEngine
let server: Server
let root: string

/** The version that a component serves is in a file; its health is that of a service, which needs a moment to come up. */
const looksUntilUp = 2
const sick = new Set<string>()
let looks: Record<string, number> = {}

beforeAll(async () => {
  engine = await openRealEngine()
  server = createServer((request, answer) => {
    const name = (request.url ?? '').slice(1)
    looks[name] = (looks[name] ?? 0) + 1
    answer.writeHead(sick.has(name) || looks[name] <= looksUntilUp ? 503 : 200).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})

afterAll(async () => {
  await engine.stop()
  await new Promise((done) => server.close(done))
})

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hp-deploy-'))
  mkdirSync(join(root, 'now'))
  writeFileSync(join(root, 'now', 'api'), '1.0.0\n')
  writeFileSync(join(root, 'now', 'worker'), '0.9.0\n')
  writeFileSync(join(root, 'now', 'web'), '1.0.0\n')
  sick.clear()
  looks = {}
  return () => rmSync(root, { recursive: true, force: true })
})

const port = () => (server.address() as AddressInfo).port
const served = () => Object.fromEntries(['api', 'worker', 'web'].map((name) => [name, read(join('now', name)).trim()]))
const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '')
const order = () => read('log').trim().split('\n')

const abort = ({ id }: RealRelease, why: string) =>
  engine.app.engine.ask(id, { kind: 'Abort', why, leave: false, typed: null }, person('ana'), null)

function start(
  version: string,
  before = '',
  more: { previous?: string; andBack?: true; back?: string } = {},
): Promise<RealRelease> {
  const healthy = (name: string) => `http://127.0.0.1:${port()}/${name}`
  const text = `---
holdpoint: 1
service: shop-${version}
environments: { staging: {} }
---
# Release
## Deploy
- [ ] Everything runs
  \`\`\`yaml deploy
  components:
    api: { healthy: '${healthy('api')}' }
    worker: { healthy: '${healthy('worker')}', restart: 'echo "restart $HOLDPOINT_COMPONENT" >> log' }
    web: { healthy: '${healthy('web')}' }
  deploy: |
    ${before}
    echo "$HOLDPOINT_COMPONENT $HOLDPOINT_VERSION" >> log
    echo "$HOLDPOINT_VERSION" > "now/$HOLDPOINT_COMPONENT"
  serves: cat "now/$HOLDPOINT_COMPONENT"
  within: ${more.back === undefined ? '60s' : '2s'}
  \`\`\`
## Look
- [ ] Somebody looked
${more.back ?? ''}`
  const { back: _, ...given } = more
  return engine.start({ root, text, version, previous: null, environment: 'staging', inputs: {}, people: [], ...given })
}

test('components come one by one, each when the one before is healthy, and go back in reverse to what each served', async () => {
  const release = await start('1.1.0')
  const there = await release.until(
    'all are out',
    (state) => state.steps.get('look/somebody-looked')?.reachedAt != null,
  )
  expect(order()).toEqual(['api 1.1.0', 'worker 1.1.0', 'restart worker', 'web 1.1.0'])
  expect(looks).toEqual({ api: 3, worker: 3, web: 3 })
  expect(Object.fromEntries([...there.captures].filter(([name]) => name.startsWith('serving_')))).toEqual({
    serving_api: '1.0.0',
    serving_worker: '0.9.0',
    serving_web: '1.0.0',
  })
  await abort(release, 'enough')
  await release.until('it is back', ({ phase }) => phase === 'rolled-back')
  expect(order().slice(4)).toEqual(['web 1.0.0', 'worker 0.9.0', 'restart worker', 'api 1.0.0'])
  expect(served()).toEqual({ api: '1.0.0', worker: '0.9.0', web: '1.0.0' })
})

test('stopped inside a component, its command ends at once, the next never begins, and only what was begun goes back', async () => {
  const waits = '[ "$HOLDPOINT_COMPONENT$HOLDPOINT_VERSION" != worker1.2.0 ] || { touch waiting; sleep 600; }'
  const release = await start('1.2.0', waits)
  await release.until('the worker is being brought out', () => existsSync(join(root, 'waiting')))
  await abort(release, 'stop')
  await release.until('it is back', ({ phase }) => phase === 'rolled-back')
  expect(order()).toEqual(['api 1.2.0', 'worker 0.9.0', 'restart worker', 'api 1.0.0'])
  expect(served()).toEqual({ api: '1.0.0', worker: '0.9.0', web: '1.0.0' })
})

test('where one of them does not say what it serves, nothing is brought out', async () => {
  writeFileSync(join(root, 'now', 'web'), '')
  const release = await start('1.3.0')
  const state = await release.until('the look failed', (now) =>
    [...now.steps.values()].some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'failed')),
  )
  expect(state.steps.get('deploy/everything-runs/api-deployed')?.reachedAt).toBeNull()
  expect(read('log')).toBe('')
  await abort(release, 'no')
  await release.until('it ended', ({ phase }) => phase === 'rolled-back')
})

test('a rehearsal brings out, takes back by itself, and leaves a record with the time of each step', async () => {
  const release = await start('1.4.0', '', { previous: '1.0.0', andBack: true })
  const state = await release.until('it is back and recorded', ({ phase }, events) => {
    return phase === 'rolled-back' && events.some(({ kind }) => kind === 'RecordWritten')
  })
  expect(state.rollback).toMatchObject({ cause: 'rehearsal', failed: null })
  expect(served()).toEqual({ api: '1.0.0', worker: '0.9.0', web: '1.0.0' })
  const [record] = await engine.app.store.records('rollback-rehearsal')
  expect(record).toMatchObject({ environment: 'staging', release: release.id })
  expect(record?.outcome ?? 'passed').toBe('passed')
  expect(record?.facts).toMatchObject({
    from: '1.0.0',
    to: '1.4.0',
    'before worker': '0.9.0',
    way_back: expect.stringMatching(/^[0-9a-f]{64}$/),
    'seconds of taken back: web: deployed': expect.any(Number),
  })
  expect(record?.tookMs).toBe(state.rollback!.finishedAt! - state.rollback!.startedAt)
})

const phase = (script: string) =>
  `## Back\n\`\`\`yaml phase\nkind: rollback\n\`\`\`\n- [ ] It is back\n  \`\`\`sh run\n  ${script}\n  \`\`\`\n`

test('a rollback phase that forgets a component has failed, and its rehearsal is no proof', async () => {
  const back = phase('echo 1.0.0 > now/api; echo 1.0.0 > now/web')
  const release = await start('1.5.0', '', { previous: '1.0.0', andBack: true, back })
  const state = await release.until('it failed and is recorded', ({ phase: at }, events) => {
    return at === 'rollback-failed' && events.some(({ kind }) => kind === 'RecordWritten')
  })
  expect(state.rollback?.failed).toMatch(/^"worker: serves again what served before" does not hold: /)
  const records = await engine.app.store.records('rollback-rehearsal')
  expect(records.find((record) => record.release === release.id)).toMatchObject({ outcome: 'failed' })
})

test('one that brings all of them back is done when each serves what it served', async () => {
  const back = phase('echo 1.0.0 > now/api; echo 0.9.0 > now/worker; echo 1.0.0 > now/web')
  const release = await start('1.6.0', '', { previous: '1.0.0', andBack: true, back })
  const state = await release.until('it is back', ({ phase: at }) => at === 'rolled-back')
  const looks = [...state.steps].filter(([id]) => id.endsWith('-serves-again-what-served-before'))
  expect(looks.map(([, step]) => step.attempts.at(-1)?.outcome)).toEqual(['passed', 'passed', 'passed'])
})
