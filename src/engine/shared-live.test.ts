/** What one replica shows of a release that another attends. */
import { expect, test } from 'vitest'
import { phase, plan, run, step, command, judge, rollout, stage } from '../../test/support/plan-builder.ts'
import { scene, start } from './engine.fixture.ts'

const deploying = plan([phase('p', [step('go', run(), { undo: command('undo') })])])

test('a running command attended by one replica is seen through another, with its newest output', async () => {
  const { engine, clock, world, store } = scene()
  world.run = () => new Promise(() => {})
  const [one, two] = [engine('one', store, { isShared: true }), engine('two', store, { isShared: true })]
  void one.attend()
  await clock.pass(10)
  const release = await start(one, deploying)
  void two.attend()
  let news = 0
  const unsubscribe = two.onLive(release, () => (news += 1))
  await clock.pass(5_000)
  expect(one.live(release).attempts).toHaveLength(1)
  expect(two.live(release).attempts).toEqual(one.live(release).attempts)
  expect(two.live(release).attempts[0]).toMatchObject({ step: 'go', say: 'last line' })
  expect(news).toBeGreaterThan(0)
  unsubscribe()
  await Promise.all([one.stop(), two.stop()])
})

test('the numbers of a stage travel too, those that JSON cannot hold included', async () => {
  const { engine, clock, world, store } = scene()
  const le = [0.1, Infinity]
  const counts = { kind: 'histogram', le, counts: [100, 100] } as const
  world.samples = [{ metric: 'latency', canary: counts, stable: counts }]
  const [one, two] = [engine('one', store, { isShared: true }), engine('two', store, { isShared: true })]
  void one.attend()
  await clock.pass(10)
  const soaking = rollout([stage(50, { soakMs: 3_600_000 })], {
    judge: judge({ everyMs: 20_000, noData: { holdMs: 3_600_000, then: 'ask' } }),
  })
  const watched = plan([phase('r', [step('r', soaking)], { kind: 'rollout' })])
  const release = await start(one, watched)
  void two.attend()
  const unsubscribe = two.onLive(release, () => {})
  await clock.pass(75_000)
  expect(one.live(release).observations).toHaveLength(1)
  expect(two.live(release).observations).toEqual(one.live(release).observations)
  unsubscribe()
  await Promise.all([one.stop(), two.stop()])
})

test('nothing is written while nobody watches, and nothing by an engine that is alone', async () => {
  const { engine, clock, world, store } = scene()
  world.run = () => new Promise(() => {})
  const one = engine('one', store, { isShared: true })
  void one.attend()
  await start(one, deploying)
  await clock.pass(5_000)
  expect(await store.entries('live-view')).toEqual([])
  await one.stop()
  const alone = engine('alone')
  void alone.attend()
  const unsubscribe = alone.onLive('nothing', () => {})
  await clock.pass(5_000)
  expect(await store.entries('live-watching')).toEqual([])
  unsubscribe()
  await alone.stop()
})
