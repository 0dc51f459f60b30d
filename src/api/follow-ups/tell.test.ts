/** The duty of deadlines over a store: each notice once, whoever looks and whenever. */
import { afterEach, expect, test } from 'vitest'
import { emptyAccess } from '../../core/access/access.ts'
import type { FollowUp } from '../../core/ports/follow-up.ts'
import { digestOf } from '../../core/log/canonical.ts'
import type { MessagePlan, Plan } from '../../core/plan/plan.ts'
import { examplePlan, startBody, world, type World } from '../test-support/world.ts'
import { due } from '../webhooks/hooks.ts'
import { findFollowUp, keepFollowUp, writeFollowUp } from './keep.ts'
import { tellFollowUps, type TellDeps } from './tell.ts'

const DAY = 86_400_000
const opened: World[] = []
afterEach(() => Promise.all(opened.splice(0).map((at) => at.end())))

const message = (on: string): MessagePlan => ({
  id: `notify-${on}`,
  line: 1,
  on,
  to: ['ops'],
  when: null,
  everyMs: null,
  body: '{{ news }} [{{ service }}]',
})

function telling(): Plan {
  const { digest: _digest, ...rest } = examplePlan()
  const channels = { ops: { kind: 'webhook', config: {} } }
  const body = { ...rest, channels, messages: [message('follow-up.due'), message('follow-up.overdue')] }
  return { ...body, digest: digestOf(body) }
}

async function owed(plan = telling(), more: Partial<FollowUp> = {}) {
  const at = world(plan)
  opened.push(at)
  const started = await at.request('POST', '/v1/releases', startBody(plan))
  const { release } = (await started.json()) as { release: string }
  const clock = { now: at.deps.clock.now(), tries: 0 }
  const followUp: FollowUp = {
    id: `${release}/incident-1/post-mortem`,
    title: 'Post-mortem',
    kind: 'post-mortem',
    severity: 'high',
    service: 'shop',
    environment: 'staging',
    release,
    owner: 'ana',
    due: clock.now + 5 * DAY,
    link: null,
    note: '',
    by: 'ana',
    at: clock.now,
    closed: null,
    ...more,
  }
  await keepFollowUp(at.store, followUp)
  const told: string[] = []
  const logged: string[] = []
  const look = (tell?: TellDeps['tell']) =>
    tellFollowUps({
      store: at.store,
      clock: { now: () => clock.now, sleep: () => Promise.resolve() },
      engine: at.engine,
      access: () => Promise.resolve({ ...emptyAccess, projectOf: new Map([['shop', 'shop']]) }),
      tell:
        tell ??
        ((_plan, channel, { on, body }) => {
          told.push(`${channel} ${on}: ${body}`)
          return Promise.resolve({ ok: true, final: true, say: '250 taken' })
        }),
      log: (line) => logged.push(line),
    })
  return { at, clock, followUp, told, logged, look }
}

test('a post-mortem is told before it is due and when it is overdue, each once, however many replicas look', async () => {
  const { clock, told, logged, look } = await owed()
  for (let hours = 0; hours < 24 * 8; hours += 9, clock.now += 9 * 3_600_000) await Promise.all([look(), look()])
  expect(told.map((line) => line.slice(0, 48))).toEqual([
    expect.stringContaining('ops follow-up.due: Due soon: Post-mortem'),
    expect.stringContaining('ops follow-up.overdue: Overdue: Post-mortem'),
  ])
  expect(told[1]).toContain('ana owns it')
  expect(told[1]).toContain('[shop]')
  expect(logged.length).toBe(2)
})

test('who gets the task when it is overdue already is told too, and nobody any more when it is done', async () => {
  const { at, clock, followUp, told, look } = await owed()
  clock.now += 6 * DAY
  await look()
  const kept = (await findFollowUp(at.store, followUp.id))!
  await writeFollowUp(at.store, { ...kept, followUp: { ...followUp, owner: 'ben' } })
  await look()
  await look()
  expect(told).toEqual([expect.stringContaining('ana owns it'), expect.stringContaining('ben owns it')])
  const now = (await findFollowUp(at.store, followUp.id))!
  const closed = { by: 'ben', at: clock.now, note: 'written' }
  await writeFollowUp(at.store, { ...now, followUp: { ...now.followUp, owner: 'cy', closed } })
  await look()
  expect(told.length).toBe(2)
})

test('what could not be sent is sent again later, and what died on the way is taken over', async () => {
  const { clock, look } = await owed()
  let tries = 0
  const flaky: TellDeps['tell'] = () => {
    tries += 1
    if (tries === 1) return Promise.resolve({ ok: false, final: false, say: 'no answer' })
    if (tries === 2) return Promise.reject(new Error('the process died here'))
    return Promise.resolve({ ok: true, final: true, say: '250 taken' })
  }
  clock.now += 6 * DAY
  await look(flaky)
  await look(flaky)
  expect(tries).toBe(1)
  clock.now += 60_000
  await expect(look(flaky)).rejects.toThrow('died')
  await look(flaky)
  expect(tries).toBe(2)
  clock.now += 130_000
  await look(flaky)
  clock.now += DAY
  await look(flaky)
  expect(tries).toBe(3)
})

test('a task of no release is told by the newest checklist of its service; without any, by the log and webhooks', async () => {
  const service = await owed(telling(), { id: 'follow-up-1', release: null })
  service.clock.now += 6 * DAY
  await service.look()
  expect(service.told).toEqual([expect.stringContaining('ops follow-up.overdue')])

  const silent = await owed(examplePlan())
  const hook = { project: 'shop', url: 'https://x.example', secret: '', createdAt: 0, createdBy: 'ana', after: 0 }
  for (const [id, topics] of [
    ['wh-1', ['follow-up.overdue']],
    ['wh-2', ['release.started']],
  ] as const)
    await silent.at.store.putEntry('webhook', id, JSON.stringify({ ...hook, id, topics }), { expected: 0 })
  silent.clock.now += 6 * DAY
  await silent.look()
  await silent.look()
  expect(silent.told).toEqual([])
  expect(silent.logged).toEqual([expect.stringContaining('follow-up.overdue')])
  const queued = await due(silent.at.store)
  expect(queued.map(({ value }) => [value.hook, value.topic])).toEqual([['wh-1', 'follow-up.overdue']])
  expect(JSON.parse(queued[0]!.value.body)).toMatchObject({
    type: 'follow-up.overdue',
    data: { followUp: { title: 'Post-mortem', kind: 'post-mortem', owner: 'ana', project: 'shop' } },
  })
})
