/** Follow-ups: kept out of the log and by hand, assigned, done, and asked for before the next release. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCheck } from '../checks/parts/powers.fixture.ts'
import { followUps } from '../checks/follow-ups.ts'
import { createFollowUpReader } from '../worker/follow-ups.ts'
import { keepFollowUpsOfLog } from './follow-ups/from-log.ts'
import { startExample, world, type World } from './test-support/world.ts'
import type { ToldFollowUp } from './wire/follow-up-shapes.ts'

const DAY_MS = 86_400_000

let at: World

beforeEach(() => {
  at = world()
})
afterEach(() => at.end())

const post = async (path: string, body: unknown) => {
  const answer = await at.request('POST', path, body)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const list = async (query = '') => (await (await at.request('GET', `/v1/follow-ups${query}`)).json()) as ToldFollowUp[]
const lesson = (release: string, more: object = {}) =>
  post(`/v1/releases/${release}/commands`, {
    command: {
      kind: 'AddFollowUp',
      title: 'Alert on a full disk',
      severity: 'high',
      owner: 'ben',
      due: at.deps.clock.now() + DAY_MS,
      link: null,
      ...more,
    },
    seen: null,
  })

test('a lesson of a release is a task at once, whoever reads the log', async () => {
  const release = await startExample(at)
  expect((await lesson(release)).status).toBe(200)
  expect(await list('?open=true&service=shop')).toMatchObject([
    { id: `${release}/follow-up-1`, title: 'Alert on a full disk', owner: 'ben', release, overdue: false },
  ])
  await keepFollowUpsOfLog(at.store)
  await keepFollowUpsOfLog(at.store)
  expect(await list()).toHaveLength(1)
  expect(await list('?service=other')).toEqual([])
})

test('it is given to somebody else, and done with words; then it is done', async () => {
  const release = await startExample(at)
  await lesson(release)
  const id = `${release}/follow-up-1`
  const due = at.deps.clock.now() + 2 * DAY_MS
  expect((await post('/v1/follow-ups/change', { id, owner: 'cy', due })).body).toMatchObject({
    owner: 'cy',
    due,
    severity: 'high',
  })
  expect((await post('/v1/follow-ups/close', { id, note: ' ' })).body).toMatchObject({ code: 'reason-required' })
  expect((await post('/v1/follow-ups/close', { id, note: 'alert merged' })).body).toMatchObject({
    closed: { by: expect.any(String), note: 'alert merged' },
  })
  expect((await post('/v1/follow-ups/close', { id, note: 'again' })).body).toMatchObject({ code: 'already-closed' })
  expect(await list('?open=true')).toEqual([])
  expect(await list()).toHaveLength(1)
  await keepFollowUpsOfLog(at.store)
  expect((await list())[0]?.closed).not.toBeNull()
})

test('one of no release belongs to its service; an address that a browser would run is refused', async () => {
  const said = { title: 'Rotate the key', service: 'shop', link: 'https://tickets.example/1' }
  const kept = await post('/v1/follow-ups', said)
  expect(kept).toMatchObject({ status: 201, body: { ...said, release: null, severity: 'normal', kind: 'other' } })
  expect((await post('/v1/follow-ups', { ...said, link: 'javascript:alert(1)' })).status).toBe(400)
  expect((await post('/v1/follow-ups/close', { id: 'nothing', note: 'x' })).body).toMatchObject({
    code: 'unknown-follow-up',
  })
})

test('what is overdue fails the gate that asks, and only from the severity that it asks for', async () => {
  const release = await startExample(at)
  await lesson(release)
  const id = `${release}/follow-up-1`
  await list()
  const read = createFollowUpReader(at.store)
  const state = await at.engine.state(release)
  if (state === null) throw new Error('the release is gone')
  const next = { ...state, id: 'the-next-one' }
  const check = (config: object, of = next) => runCheck(followUps as never, config, { followUps: () => read(of) })
  expect(await check({ least: 'high' })).toMatchObject({ outcome: 'passed', facts: { open: 1, overdue: 0 } })
  expect(await check({ open: true })).toMatchObject({ outcome: 'failed' })
  await post('/v1/follow-ups/change', { id, due: 1 })
  expect(await check({ least: 'high' })).toMatchObject({
    outcome: 'failed',
    say: '1 open of severity high, 1 overdue: Alert on a full disk',
  })
  await post('/v1/follow-ups/change', { id, severity: 'normal' })
  expect(await check({ least: 'high' })).toMatchObject({ outcome: 'passed' })
  expect(await check({})).toMatchObject({ outcome: 'failed' })
  // What a release itself leaves is for the next one.
  expect(await check({}, state)).toMatchObject({ outcome: 'passed' })
})
