/** The duty of schedules over a store: each reminder once, whoever looks and whenever, and nothing that was missed is lost. */
import { describe, expect, test } from 'vitest'
import { emptyAccess } from '../../core/access/access.ts'
import { compile } from '../../core/plan/compile.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import { MemoryStore } from '../../store/memory.ts'
import { createAudit } from '../auth/audit.ts'
import { attendSchedules, type AttendDeps } from './attend.ts'
import { timesOf } from './kept.ts'
import { RegisteredSchedules } from './registered.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const start = Date.parse('2026-03-30T12:00:00Z')

const document = `---
holdpoint: 1
name: Restore drill
channels: { ops: { kind: webhook, url: "https://chat.example/ops" }, leads: { kind: webhook, url: "https://chat.example/leads" } }
schedule:
  every: first monday of quarter 10:00
  remind: [7d, 1d]
  due-within: 3d
  escalate: { after: 2d, to: leads }
  to: ops
  owner: data team
  record: restore-test
---
# Restore drill
- [ ] It restores
`

/** A server that stands on a store; several stand on one. */
async function serverOn(store: MemoryStore, clock: { now: number }, tell?: AttendDeps['tell']) {
  const bytes = new TextEncoder().encode(document)
  const { sha256 } = await store.putEvidence(bytes)
  const checklist = {
    project: 'shop',
    name: 'restore-drill',
    service: 'restore-drill',
    sha256,
    sharedSha256: null,
    plan: 'x',
    source: { kind: 'upload', file: 'drill.md' },
    registeredAt: start,
    registeredBy: 'ana',
  } as const
  const time = { now: () => clock.now, sleep: () => Promise.resolve() }
  const told: string[] = []
  const bodies: string[] = []
  const deps: AttendDeps = {
    store,
    clock: time,
    access: () => Promise.resolve({ ...emptyAccess, checklists: new Map([['shop/restore-drill', checklist]]) }),
    schedules: new RegisteredSchedules({ store, compile: (given) => compile(given, testKinds) }),
    audit: createAudit(store, time, () => {}),
    tell:
      tell ??
      ((_plan, channel, { subject, body }) => {
        told.push(`${channel}: ${subject}`)
        bodies.push(body)
        return Promise.resolve({ ok: true, final: true, say: '200 OK' })
      }),
    log: () => {},
  }
  return { told, bodies, look: () => attendSchedules(deps) }
}

/** The first Monday of the second quarter of 2026, at ten. */
const due = Date.parse('2026-04-06T10:00:00Z')
const record = (store: MemoryStore, observedAt: number, more: { outcome?: 'failed'; project?: string } = {}) =>
  store.addRecord({
    id: `r${observedAt}`,
    name: 'restore-test',
    observedAt,
    recordedAt: observedAt,
    by: 'ben',
    note: 'rows are missing',
    evidence: [],
    release: null,
    project: 'shop',
    ...more,
  })

describe('a recurring checklist', () => {
  test('reminds, says that it is due and overdue, tells others, and is missed in the end: each once, however often it is looked at', async () => {
    const [store, clock] = [new MemoryStore(), { now: start }]
    const server = await serverOn(store, clock)
    for (; clock.now < due + 90 * DAY; clock.now += 7 * HOUR) await server.look()
    expect(server.told.slice(0, 7)).toEqual([
      'ops: Reminder: Restore drill is due in 6d 22h',
      'ops: Reminder: Restore drill is due in 19h',
      'ops: Due: Restore drill',
      'ops: Overdue: Restore drill',
      'leads: Still overdue: Restore drill',
      'ops: Still overdue: Restore drill',
      'ops: Missed: Restore drill',
    ])
    expect(server.bodies[4]).toContain('It is owed by data team.')
    const [first] = [...(await timesOf(store, 'shop/restore-drill')).values()]
    expect(first?.value).toMatchObject({ at: due, ended: { how: 'missed', record: null } })
    const audit = (await store.read('audit')).map(({ event }) => event)
    expect(audit).toMatchObject([{ kind: 'OccurrenceMissed', checklist: 'shop/restore-drill', time: due }])
  })

  test('is reminded of once by two replicas that look at the same moment, and after each was started again', async () => {
    const [store, clock] = [new MemoryStore(), { now: start }]
    const sent: string[] = []
    const slow: AttendDeps['tell'] = async (_plan, channel, { subject }) => {
      await Promise.resolve()
      sent.push(`${channel}: ${subject}`)
      return { ok: true, final: true, say: '250 taken' }
    }
    for (let round = 0; round < 4; round += 1) {
      const replicas = await Promise.all([serverOn(store, clock, slow), serverOn(store, clock, slow)])
      await Promise.all(replicas.flatMap((each) => [each.look(), each.look()]))
      clock.now += 6 * HOUR
    }
    expect(sent).toEqual(['ops: Reminder: Restore drill is due in 6d 22h'])
  })

  test('what could not be sent is sent again later, and what died on the way is taken over', async () => {
    const [store, clock] = [new MemoryStore(), { now: start }]
    let tries = 0
    const flaky = await serverOn(store, clock, () => {
      tries += 1
      if (tries === 1) return Promise.resolve({ ok: false, final: false, say: 'no answer' })
      if (tries === 2) return Promise.reject(new Error('the process died here'))
      return Promise.resolve({ ok: true, final: true, say: '250 taken' })
    })
    await flaky.look()
    await flaky.look()
    expect(tries).toBe(1)
    clock.now += 60_000
    await expect(flaky.look()).rejects.toThrow('died')
    await flaky.look()
    expect(tries).toBe(2)
    clock.now += 130_000
    await flaky.look()
    clock.now += HOUR
    await flaky.look()
    expect(tries).toBe(3)
    const [kept] = [...(await timesOf(store, 'shop/restore-drill')).values()]
    expect(Object.values(kept!.value.told)).toMatchObject([{ state: 'sent', tries: 3, say: '250 taken' }])
  })

  test('a record ends it; one that failed, or is of another project, does not', async () => {
    const [store, clock] = [new MemoryStore(), { now: due + HOUR }]
    const server = await serverOn(store, { now: start })
    await server.look()
    const later = await serverOn(store, clock)
    await record(store, due - DAY, { project: 'bank' })
    await record(store, due, { outcome: 'failed' })
    await later.look()
    expect(later.told).toEqual(['ops: Due: Restore drill'])
    expect(later.bodies[0]).toContain('It was tried at 2026-04-06 10:00 UTC and failed: rows are missing')
    await record(store, due + HOUR)
    clock.now += 10 * DAY
    await later.look()
    expect(later.told.length).toBe(1)
    const [kept] = [...(await timesOf(store, 'shop/restore-drill')).values()]
    expect(kept?.value.ended).toMatchObject({ how: 'done', record: `r${due + HOUR}` })
  })

  test('a server that was away tells once what stands now, and writes down each time that was missed meanwhile', async () => {
    const [store, clock] = [new MemoryStore(), { now: start }]
    await (await serverOn(store, clock)).look()
    clock.now = Date.parse('2026-10-01T00:00:00Z')
    const back = await serverOn(store, clock)
    await back.look()
    await back.look()
    expect(back.told).toEqual([
      'ops: Missed: Restore drill',
      'ops: Missed: Restore drill',
      'ops: Reminder: Restore drill is due in 4d 10h',
    ])
  })
})
