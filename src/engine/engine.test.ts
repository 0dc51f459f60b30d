import { expect, test } from 'vitest'
import {
  check,
  command,
  judge,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
  wait,
} from '../../test/support/plan-builder.ts'
import type { AttemptResult, EffectContext } from '../core/ports/engine.ts'
import { StoreFault } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { ana, ben, mortal, scene, settled, start } from './engine.fixture.ts'

const checked = plan([phase('p', [step('a', check()), step('q', question)])])
const deploying = plan([phase('p', [step('go', run(), { undo: command('undo') }), step('q', question)])])
const yes = { kind: 'Answer', step: 'q', answer: 'passed', note: null, fields: {}, evidence: [] } as const
const abort = { kind: 'Abort', why: 'no', leave: false, typed: null } as const

test('what a release owes is done, and its result is in the log', async () => {
  const { engine, clock, world } = scene()
  const one = engine()
  void one.attend()
  const release = await start(one, checked)
  await clock.pass(1)
  expect(world.started).toEqual([`${release}/a/check-1`])
  expect((await one.state(release))?.steps.get('a')?.closed?.how).toBe('passed')
  await one.stop()
})

test('checks that pass side by side share appends, and the last of them waits for nobody', async () => {
  const { engine, clock, store } = scene()
  const one = engine()
  void one.attend()
  const ids = Array.from({ length: 20 }, (_, index) => `c${index}`)
  const appends: number[] = []
  const append = store.append.bind(store)
  store.append = (more, summary) => {
    appends.push(more.streams[0]?.events.length ?? 0)
    return append(more, summary)
  }
  const release = await start(
    one,
    plan([
      phase(
        'p',
        ids.map((id) => step(id, check())),
      ),
    ]),
  )
  await clock.pass(1_000)
  expect((await one.state(release))?.phase).toBe('closed')
  expect(appends.length).toBeLessThanOrEqual(ids.length / 2)
  await one.stop()
})

test('an outcome that could go with others is recorded within a moment when none comes', async () => {
  const { engine, clock, world } = scene()
  const one = engine()
  void one.attend()
  const passed = { outcome: 'passed', say: 'fine', evidence: [] } as const
  world.check = ({ attempt }) => (attempt.includes('quick') ? Promise.resolve(passed) : new Promise(() => {}))
  const slow = Array.from({ length: 9 }, (_, index) => step(`slow${index}`, check()))
  const release = await start(one, plan([phase('p', [step('quick', check()), ...slow])]))
  await clock.pass(1)
  expect((await one.state(release))?.steps.get('quick')?.closed ?? null).toBe(null)
  await clock.pass(50)
  expect((await one.state(release))?.steps.get('quick')?.closed?.how).toBe('passed')
  await one.stop()
})

test('an engine that stops while outcomes wait for company says nothing, and the next one records them', async () => {
  const { engine, clock, world, faults } = scene()
  const one = engine()
  void one.attend()
  const ids = Array.from({ length: 20 }, (_, index) => `c${index}`)
  const all = plan([
    phase(
      'p',
      ids.map((id) => step(id, check())),
    ),
  ])
  let checked = 0
  const passed = { outcome: 'passed', say: 'fine', evidence: [] } as const
  world.check = () => ((checked += 1) === 3 ? Promise.resolve(passed) : new Promise(() => {}))
  const release = await start(one, all)
  await clock.pass(1)
  await one.stop()
  await clock.pass(50)
  expect(faults).toEqual([])
  world.check = () => Promise.resolve(passed)
  const two = engine()
  void two.attend()
  await clock.pass(60_000)
  expect((await two.state(release))?.phase).toBe('closed')
  await two.stop()
})

test('a wait ends when its time is over, and not a moment before', async () => {
  const { engine, clock } = scene()
  const one = engine()
  void one.attend()
  const release = await start(one, plan([phase('p', [step('w', wait(600_000))])]))
  await clock.pass(599_999)
  expect((await one.state(release))?.phase).toBe('running')
  await clock.pass(1)
  expect((await one.state(release))?.phase).toBe('closed')
  await one.stop()
})

test('a wait of forty days ends after forty days', async () => {
  const { engine, clock } = scene()
  const one = engine()
  const release = await start(one, plan([phase('p', [step('w', wait(40 * 86_400_000))])]))
  await clock.pass(40 * 86_400_000 - 1)
  void one.attend()
  await clock.pass(0)
  expect((await one.state(release))?.phase).toBe('running')
  await clock.pass(1)
  expect((await one.state(release))?.phase).toBe('closed')
  await one.stop()
})

test('an engine that starts after a crash attaches to what still runs, and starts nothing twice', async () => {
  const { engine, clock, world, store } = scene()
  world.run = () => new Promise(() => {})
  const life = mortal(store)
  const dead = engine('dead', life.store)
  void dead.attend()
  const release = await start(dead, deploying)
  await clock.pass(1)
  world.attach = async (attempt) => ({
    outcome: 'passed',
    say: `${attempt} is done`,
    evidence: [],
    captures: {},
    facts: {},
    observedAt: clock.now(),
  })
  life.die()
  const next = engine('next')
  void next.attend()
  await clock.pass(45_000)
  expect(world.started).toEqual([`${release}/go/action-1`])
  expect(world.attached).toEqual([`${release}/go/action-1`])
  expect((await next.state(release))?.steps.get('go')?.closed?.how).toBe('passed')
  await next.stop()
})

test('an action whose runner is lost is unknown, a check is tried again', async () => {
  const { engine, clock, world, store } = scene()
  world.run = () => new Promise(() => {})
  world.check = () => new Promise(() => {})
  const life = mortal(store)
  const dead = engine('dead', life.store)
  void dead.attend()
  const acting = await start(dead, deploying)
  const checking = await start(dead, checked, { environment: 'staging' })
  await clock.pass(1)
  world.check = async () => ({ outcome: 'passed', say: 'fine', evidence: [] })
  life.die()
  const next = engine('next')
  void next.attend()
  await clock.pass(60_000)
  expect((await next.state(acting))?.steps.get('go')?.attempts[0]?.outcome).toBe('unknown')
  expect((await next.state(checking))?.steps.get('a')?.attempts.map((attempt) => attempt.outcome)).toEqual([
    'errored',
    'passed',
  ])
  await next.stop()
})

test('what follows a lost action in the same life of the engine has a higher epoch, and what runs beside it goes on', async () => {
  const { engine, clock, world, faults } = scene()
  const epochs: [string, number][] = []
  const lost = Promise.withResolvers<AttemptResult>()
  const beside = Promise.withResolvers<AttemptResult>()
  world.run = (context) => {
    epochs.push([context.attempt.slice(context.state.id.length + 1), context.epoch])
    if (context.attempt.includes('/go/action')) return lost.promise
    if (context.attempt.includes('/beside/')) return beside.promise
    return Promise.resolve(world.result('failed', context))
  }
  const one = engine()
  void one.attend()
  const both = plan([
    phase('p', [
      step('go', run('deploy', { probe: command('probe') }), { after: [] }),
      step('beside', run(), { after: [] }),
    ]),
  ])
  const release = await start(one, both)
  await clock.pass(1)
  lost.resolve({ ...world.result('unknown', { attempt: 'go' } as EffectContext), facts: { lost: true } })
  await clock.pass(1)
  beside.resolve(world.result('passed', { attempt: 'beside' } as EffectContext))
  await clock.pass(60_000)
  const first = epochs[0]![1]
  expect(epochs.map(([attempt]) => attempt)).toEqual(['go/action-1', 'beside/action-1', 'go/probe-2'])
  expect(epochs[2]![1]).toBeGreaterThan(first)
  const state = (await one.state(release))!
  expect(state.steps.get('go')?.attempts.map(({ epoch }) => epoch)).toEqual([first, epochs[2]![1]])
  expect(state.steps.get('beside')?.closed?.how).toBe('passed')
  expect(world.attached).toEqual([])
  expect(faults).toEqual([])
  await one.stop()
})

test('abort cancels the running command, and only then is anything taken back', async () => {
  const { engine, clock, world } = scene()
  let end = (): void => {}
  world.run = (context) =>
    context.attempt.includes('undo')
      ? Promise.resolve(world.result('passed', context))
      : new Promise((resolve) => (end = () => resolve(world.result('unknown', context))))
  const one = engine()
  void one.attend()
  const release = await start(one, deploying)
  await clock.pass(1)
  await one.ask(release, abort, ana, null)
  await clock.pass(1)
  expect(world.cancelled).toEqual([`${release}/go/action-1`])
  expect(world.started).toEqual([`${release}/go/action-1`])
  end()
  await clock.pass(1)
  expect((await one.state(release))?.steps.get('go')?.attempts[0]?.outcome).toBe('unknown')
  await one.stop()
})

test('traffic that was still being moved is put back once more after the move has ended', async () => {
  const { engine, clock, world } = scene()
  let land = (): void => {}
  world.shift = () => new Promise((resolve) => (land = resolve))
  const one = engine()
  void one.attend()
  const release = await start(one, plan([phase('r', [step('r', rollout([stage(50)]))], { kind: 'rollout' })]))
  await clock.pass(1)
  await one.ask(release, abort, ana, null)
  await clock.pass(1)
  expect(world.moved).toEqual(['api back'])
  land()
  await clock.pass(1)
  expect(world.moved).toEqual(['api back', 'api 50', 'api back'])
  expect((await one.state(release))?.phase).toBe('rolled-back')
  await one.stop()
})

test('after a shift whose order was lost traffic moves under a higher epoch, also when it is being put back already', async () => {
  const { engine, clock, world } = scene()
  const late = Promise.withResolvers<{ isOrderLost: true }>()
  world.shift = async () => ({ kind: 'pending', percent: 0, isOrderLost: true })
  const one = engine()
  void one.attend()
  const release = await start(one, plan([phase('r', [step('r', rollout([stage(50)]))], { kind: 'rollout' })]))
  await clock.pass(1)
  world.shift = () => late.promise
  await clock.pass(5_000)
  await one.ask(release, abort, ana, null)
  await clock.pass(1)
  late.resolve({ isOrderLost: true })
  await clock.pass(1)
  expect(world.moved).toEqual(['api 50', 'api back', 'api 50', 'api back'])
  const [first, second, back, again] = world.movedUnder
  expect(second).toBeGreaterThan(first!)
  expect(back).toBe(second)
  expect(again).toBeGreaterThan(second!)
  expect((await one.state(release))?.phase).toBe('rolled-back')
  await one.stop()
})

function withTrigger(forMs: number) {
  const phases = [
    phase(
      'r',
      [
        step(
          'r',
          rollout([stage(50, { soakMs: 3_600_000 })], { judge: judge({ noData: { holdMs: 3_600_000, then: 'ask' } }) }),
        ),
      ],
      { kind: 'rollout' },
    ),
  ]
  return plan(phases, { triggers: [trigger('t', { everyMs: 10_000, forMs })] })
}

test('every look of a trigger is an attempt of its own, and one that fires turns the release back', async () => {
  const { engine, clock, world } = scene()
  const one = engine()
  void one.attend()
  const release = await start(one, withTrigger(0))
  await clock.pass(35_000)
  expect(world.looks.length).toBeGreaterThanOrEqual(3)
  expect(new Set(world.looks).size).toBe(world.looks.length)
  expect(world.looks.every((attempt) => attempt.startsWith(`${release}/`))).toBe(true)
  world.reading = 'firing'
  await clock.pass(10_001)
  expect((await one.state(release))?.rollback?.cause).toBe('trigger')
  await one.stop()
})

test('a condition that has to hold for a while fires when it has, and not before', async () => {
  const { engine, clock, world } = scene()
  const one = engine()
  void one.attend()
  const release = await start(one, withTrigger(30_000))
  world.reading = 'firing'
  await clock.pass(15_000)
  world.reading = 'quiet'
  await clock.pass(10_000)
  world.reading = 'firing'
  await clock.pass(25_000)
  expect((await one.state(release))?.rollback).toBeNull()
  await clock.pass(20_000)
  expect((await one.state(release))?.rollback?.cause).toBe('trigger')
  await one.stop()
})

test('while the store fails nothing is started; when it works again the release goes on', async () => {
  const { engine, clock, store, world } = scene()
  const append = store.append.bind(store)
  let isBroken = false
  store.append = (...given) =>
    isBroken ? Promise.reject(new StoreFault('disk full', { retryable: true })) : append(...given)
  const one = engine()
  void one.attend()
  const release = await start(one, plan([phase('p', [step('q', question), step('go', run()), step('after', check())])]))
  await one.ask(release, yes, ben, null)
  await clock.pass(0)
  const before = world.started.length
  isBroken = true
  await clock.pass(120_000)
  expect(world.started.length).toBeLessThanOrEqual(Math.max(before, 1))
  isBroken = false
  await clock.pass(60_000)
  expect((await one.state(release))?.phase).toBe('closed')
  expect(new Set(world.started).size).toBe(world.started.length)
  await one.stop()
})

test('an engine whose lease was taken over writes nothing more of that release', async () => {
  const { engine, clock, store, world } = scene()
  let answer = (): void => {}
  world.run = (context) => new Promise((resolve) => (answer = () => resolve(world.result('passed', context))))
  const one = engine('one')
  void one.attend()
  const release = await start(one, deploying)
  await clock.pass(1)
  const stolen = await store.claimStream(`release/${release}`, {
    owner: 'two',
    now: clock.now() + 1_000_000,
    leaseMs: 60_000,
  })
  expect(stolen).not.toBeNull()
  answer()
  await clock.pass(1)
  const events = await store.read(`release/${release}`)
  expect(events.map((event) => (event.event as ReleaseEvent).kind)).not.toContain('AttemptFinished')
  await one.stop()
})

test('a follower hears every event once and in order, past and new', async () => {
  const { engine, clock } = scene()
  const one = engine()
  void one.attend()
  const release = await start(one, checked)
  await clock.pass(1)
  const heard: number[] = []
  const stop = new AbortController()
  const following = (async () => {
    for await (const event of one.follow(release, 2, stop.signal)) heard.push(event.version)
  })()
  await settled()
  for (let notes = 0; notes < 20; notes += 1)
    await one.ask(release, { kind: 'Note', step: null, note: `note ${notes}` }, ben, null)
  await one.ask(release, yes, ben, null)
  await clock.pass(1_000)
  stop.abort()
  await following
  const last = (await one.state(release))?.version ?? 0
  expect(last).toBeGreaterThan(25)
  expect(heard).toEqual(Array.from({ length: last - 2 }, (_, index) => index + 3))
  await one.stop()
})

test('a live view shows what runs with its last line of output, and is told of changes', async () => {
  const { engine, clock, world } = scene()
  world.run = () => new Promise(() => {})
  const one = engine()
  void one.attend()
  const release = await start(one, deploying)
  let changes = 0
  const silence = one.onLive(release, () => (changes += 1))
  await clock.pass(1_500)
  expect(one.live(release).attempts).toMatchObject([
    { step: 'go', attempt: `${release}/go/action-1`, say: 'last line' },
  ])
  expect(changes).toBeGreaterThan(0)
  silence()
  await one.stop()
})

test('after stop nothing new begins, and the release is free for another engine', async () => {
  const { engine, clock, store } = scene()
  const one = engine('one')
  void one.attend()
  const release = await start(one, checked)
  await clock.pass(1)
  await one.stop()
  const lease = await store.claimStream(`release/${release}`, { owner: 'two', now: clock.now(), leaseMs: 1_000 })
  expect(lease).not.toBeNull()
})
