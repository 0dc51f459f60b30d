/** What an outcome makes due is claimed in the append that records the outcome, and nothing is started that is not in the log. */
import { expect, test } from 'vitest'
import { check, phase, plan, question, run, step } from '../../test/support/plan-builder.ts'
import { StoreFault } from '../core/ports/store.ts'
import type { Append } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { ana, mortal, scene, settled, start } from './engine.fixture.ts'
import type { Scene } from './engine.fixture.ts'

const sequence = plan([phase('p', [step('a', run()), step('b', run()), step('c', run()), step('q', question)])])
const kinds = ({ streams }: Append) => (streams[0]?.events ?? []).map(({ event }) => (event as ReleaseEvent).kind)

/** Sees every append before the store does; what it throws, the store's caller gets. */
function watched({ store }: Scene, onAppend: (append: Append) => unknown): void {
  const append = store.append.bind(store)
  store.append = async (more, summary) => {
    await onAppend(more)
    return append(more, summary)
  }
}

test('in a sequence of actions the outcome of one and the start of the next are one append', async () => {
  const at = scene()
  const appends: string[][] = []
  watched(at, (append) => appends.push(kinds(append)))
  const one = at.engine()
  void one.attend()
  const release = await start(one, sequence)
  await at.clock.pass(100)
  expect(at.world.started).toEqual(['a', 'b', 'c'].map((id) => `${release}/${id}/action-1`))
  const finishing = appends.filter((each) => each.includes('AttemptFinished'))
  expect(finishing).toHaveLength(3)
  expect(finishing.map((each) => each.includes('AttemptStarted'))).toEqual([true, true, false])
  await one.stop()
})

test('a step that fails starts nothing in its append', async () => {
  const at = scene()
  const appends: string[][] = []
  watched(at, (append) => appends.push(kinds(append)))
  at.world.run = async (context) => at.world.result('failed', context)
  const one = at.engine()
  void one.attend()
  const release = await start(one, sequence)
  await at.clock.pass(100)
  expect(at.world.started).toEqual([`${release}/a/action-1`])
  expect(appends.filter((each) => each.includes('AttemptFinished')).flat()).not.toContain('AttemptStarted')
  await one.stop()
})

test('nothing is started while the append with its claim fails, and once when it is taken', async () => {
  const at = scene()
  let failures = 3
  watched(at, (append) => {
    if (kinds(append).includes('AttemptFinished') && failures-- > 0) throw new StoreFault('away', { retryable: true })
  })
  const one = at.engine()
  void one.attend()
  const release = await start(one, sequence)
  await settled()
  expect(at.world.started).toEqual([`${release}/a/action-1`])
  await at.clock.pass(60_000)
  expect(at.world.started).toEqual(['a', 'b', 'c'].map((id) => `${release}/${id}/action-1`))
  await one.stop()
})

test('somebody who holds the release between an outcome and the next start has held it', async () => {
  const at = scene()
  const one = at.engine()
  const other = at.engine('other')
  let isHeld = false
  watched(at, async (append) => {
    if (!kinds(append).includes('AttemptFinished') || isHeld) return
    isHeld = true
    const release = append.streams[0]?.stream.slice('release/'.length) ?? ''
    expect(await other.ask(release, { kind: 'Hold', why: 'wait' }, ana, null)).toMatchObject({ kind: 'accepted' })
  })
  void one.attend()
  const release = await start(one, sequence)
  await at.clock.pass(1_000)
  expect((await one.state(release))?.hold).toMatchObject({ why: 'wait' })
  expect(at.world.started).toEqual([`${release}/a/action-1`])
  await one.stop()
})

test('a release that waits for a place is not overtaken by the next step of the one that has it', async () => {
  const at = scene()
  const one = at.engine('one', at.store, { jobs: 1 })
  const order: string[] = []
  at.world.run = async (context) => {
    order.push(context.state.plan.service)
    await at.clock.sleep(10)
    return at.world.result('passed', context)
  }
  void one.attend()
  await start(one, { ...sequence, service: 'first' })
  await start(one, { ...sequence, service: 'second' })
  await at.clock.pass(1_000)
  expect(order).toHaveLength(6)
  expect(order.slice(0, 4)).toEqual(['first', 'second', 'first', 'second'])
  await one.stop()
})

test('an engine that dies with a claim recorded leaves it to the next one, which asks the launcher before it does anything', async () => {
  const at = scene()
  const first = mortal(at.store)
  const one = at.engine('one', first.store)
  at.world.run = async (context) => {
    if (!context.attempt.includes('/a/')) return new Promise(() => {})
    return at.world.result('passed', context)
  }
  void one.attend()
  const release = await start(one, sequence)
  await at.clock.pass(1)
  first.die()
  const two = at.engine('two')
  at.world.attach = async () => null
  void two.attend()
  await at.clock.pass(60_000)
  expect(at.world.attached).toEqual([`${release}/b/action-1`])
  expect((await two.state(release))?.steps.get('b')?.attempts[0]?.outcome).toBe('unknown')
  expect(at.world.started.filter((attempt) => attempt.includes('/b/'))).toHaveLength(1)
  await two.stop()
})

test('checks that an action makes due are claimed with its outcome, as many as there are places', async () => {
  const at = scene()
  const appends: string[][] = []
  watched(at, (append) => appends.push(kinds(append)))
  const checks = Array.from({ length: 5 }, (_, index) => step(`c${index}`, check()))
  const one = at.engine('one', at.store, { jobs: 3 })
  void one.attend()
  const release = await start(one, plan([phase('p', [step('go', run()), ...checks, step('q', question)])]))
  await at.clock.pass(1_000)
  const finished = appends.find((each) => each.includes('AttemptFinished')) ?? []
  expect(finished.filter((kind) => kind === 'AttemptStarted')).toHaveLength(3)
  expect(at.world.started).toHaveLength(6)
  expect(new Set(at.world.started).size).toBe(6)
  expect((await one.state(release))?.steps.get('c4')?.closed?.how).toBe('passed')
  await one.stop()
})
