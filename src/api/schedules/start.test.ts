/** Checklists that the server starts, over a store and real engines: once whatever happens, with the rights of who registered them. */
import { expect, test } from 'vitest'
import { type AccessEvent, type AccessState, emptyAccess, evolveAccess } from '../../core/access/access.ts'
import { compile } from '../../core/plan/compile.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import type { EnginePorts } from '../../core/ports/engine.ts'
import { createEngine } from '../../engine/engine.ts'
import { MemoryStore } from '../../store/memory.ts'
import { createAudit } from '../auth/audit.ts'
import { type AttendDeps, attendSchedules } from './attend.ts'
import { timesOf } from './kept.ts'
import { RegisteredSchedules } from './registered.ts'

const HOUR = 3_600_000
const due = Date.parse('2026-04-06T10:00:00Z')

const document = (start: string, more = '') => `---
holdpoint: 1
name: Restore drill
service: restore-drill
environments: { staging: {}, production: { protected: true } }
channels: { ops: { kind: webhook, url: "https://chat.example/ops" } }
schedule: { every: "first monday of quarter 10:00", due-within: 3d, to: ops, record: restore-test, start: ${start} }
---
# Restore drill
- [ ] Look around
${more}
## The drill
\`\`\`yaml phase
kind: drill
environment: staging
\`\`\`
- [ ] It restores
`

const outside = new Proxy({}, { get: () => () => Promise.reject(new Error('no outside world')) }) as never

function setUp(text: string, role: string | null = 'release-engineer') {
  const store = new MemoryStore()
  const clock = { now: due - HOUR }
  const told: string[] = []
  let count = 0
  const time = { now: () => clock.now, sleep: () => Promise.resolve() }
  const access = (sha256: string): AccessState => {
    const shop = { organisation: 'acme', project: 'shop', environment: null }
    const source = { kind: 'upload', file: 'drill.md' } as const
    const registered = { project: 'shop', name: 'drill', service: 'restore-drill', sha256, sharedSha256: null }
    const events: AccessEvent[] = [
      { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
      { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
      { kind: 'ServiceAdopted', project: 'shop', service: 'restore-drill' },
      { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: null, methods: [{ kind: 'password' }] },
      ...(role === null ? [] : [{ kind: 'RoleGranted', holder: 'ana', role, place: shop } as const]),
      { kind: 'ChecklistRegistered', ...registered, plan: 'x', source },
    ]
    const by = { id: 'ana', kind: 'person', assurance: 'proven' } as const
    return events.reduce<AccessState>(
      (state, event, index) => evolveAccess(state, { version: index + 1, at: due - 2 * HOUR, by, event }),
      emptyAccess,
    )
  }
  /** One that stands on the store; several stand on one. */
  const server = async (tell?: AttendDeps['tell']) => {
    const { sha256 } = await store.putEvidence(new TextEncoder().encode(text))
    const hands = { launcher: outside, judge: outside, checks: outside, commands: outside, observer: outside }
    const ports: EnginePorts = { store, clock: time, ...hands, traffic: outside, messenger: outside }
    const ids = { suffix: () => `k${(count += 1)}` }
    const engine = createEngine(ports, { owner: `server ${count}`, ids, jobs: 1, claimEveryMs: 100 })
    const deps: AttendDeps = {
      store,
      clock: time,
      access: () => Promise.resolve(access(sha256)),
      schedules: new RegisteredSchedules({ store, compile: (given) => compile(given, testKinds) }),
      audit: createAudit(store, time, () => {}),
      tell:
        tell ??
        ((_plan, channel, { subject, body }) => {
          told.push(`${channel}: ${subject}\n${body}`)
          return Promise.resolve({ ok: true, final: true, say: '200 OK' })
        }),
      log: () => {},
      starting: { engine, workspace: '/nowhere' },
    }
    return () => attendSchedules(deps)
  }
  const releases = () => store.summaries({ limit: 50 })
  const kept = async () => (await timesOf(store, 'shop/drill')).get(due)?.value.start
  return { clock, told, server, releases, kept }
}

test('a checklist is started when its time has come, once by two replicas, and not again after a crash', async () => {
  const at = setUp(document('{ drill: the-drill }'))
  const first = [await at.server(), await at.server()]
  await Promise.all(first.map((look) => look()))
  expect(await at.releases()).toEqual([])
  at.clock.now = due + 1_000
  // This one dies before it has written down what it started.
  const dies = await at.server(() => Promise.reject(new Error('the process died here')))
  await Promise.allSettled([...first.map((look) => look()), dies()])
  at.clock.now += HOUR
  for (const look of [await at.server(), await at.server()]) await look()
  const releases = await at.releases()
  expect(releases).toMatchObject([{ environment: 'staging', version: '2026-04-06', startedBy: 'schedule' }])
  expect(await at.kept()).toMatchObject({ state: 'started', release: releases[0]?.id })
})

test('a start that is refused is told in words once, tried again, and given up when the schedule says so', async () => {
  const at = setUp(document('{ give-up: 2h }'))
  await (await at.server())()
  at.clock.now = due + 1_000
  const look = await at.server()
  for (let minutes = 0; minutes < 150; minutes += 5) {
    await look()
    at.clock.now += 5 * 60_000
  }
  expect(await at.releases()).toEqual([])
  expect(at.told.map((line) => line.split('\n')[0])).toEqual([
    'ops: Not started yet: Restore drill',
    'ops: Due: Restore drill',
    'ops: Not started: Restore drill',
  ])
  expect(at.told[0]).toContain('knows staging, production, and its schedule does not say which')
  expect(at.told[0]).toContain('tried again until 2026-04-06 12:00 UTC')
  expect(at.told[2]).toContain('holdpoint schedule run shop/drill')
  expect(await at.kept()).toMatchObject({ state: 'given-up' })
})

test('it starts with the rights of who registered it, and with none of its own', async () => {
  const at = setUp(document('{ environment: staging }'), 'author')
  await (await at.server())()
  at.clock.now = due + 1_000
  await (await at.server())()
  expect(await at.releases()).toEqual([])
  expect(at.told[0]).toContain('ana may not start it')
})

test('a time at which no server ran is started late, or skipped where the schedule says so', async () => {
  for (const [missed, started] of [
    ['start', 1],
    ['skip', 0],
  ] as const) {
    const at = setUp(document(`{ environment: staging, missed: ${missed} }`))
    await (await at.server())()
    at.clock.now = due + 5 * HOUR
    await (await at.server())()
    expect([missed, (await at.releases()).length]).toEqual([missed, started])
  }
})

test('what could never be started is wrong when it is written', () => {
  const wrongIn = (text: string) =>
    compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds).problems.map(
      ({ found }) => found,
    )
  expect(wrongIn(document('{ drill: restore }'))).toEqual([expect.stringContaining('There is no drill "restore"')])
  expect(wrongIn(document('{ environment: test }'))).toEqual([expect.stringContaining('"test" is not declared')])
  expect(wrongIn(document('true').replace('channels:', 'inputs: { region: { required: true } }\nchannels:'))).toEqual([
    expect.stringContaining('nobody is there to say region'),
  ])
  expect(wrongIn(document('maybe'))).toHaveLength(1)
})
