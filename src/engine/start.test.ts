import { expect, test } from 'vitest'
import { check, phase, plan, question, step, watch } from '../../test/support/plan-builder.ts'
import { StoreFault } from '../core/ports/store.ts'
import { ana, ben, request, scene, start } from './engine.fixture.ts'

const asking = plan([phase('p', [step('q', question)])])
const watching = plan([phase('p', [step('a', check())]), phase('w', [step('w', watch(3_600_000))], { kind: 'watch' })])
const yes = { kind: 'Answer', step: 'q', answer: 'passed', note: null, fields: {}, evidence: [] } as const

test('one release per target: the second start names the holder', async () => {
  const { engine } = scene()
  const one = engine()
  const first = await start(one, asking)
  const second = await one.start(request(asking, { version: '2.0.0' }), ana)
  expect(second).toMatchObject({ kind: 'refused', code: 'target-busy' })
  expect(second.kind === 'refused' && second.reason).toContain(first)
})

test('a release that has not moved everyone yet cannot be superseded', async () => {
  const { engine } = scene()
  const one = engine()
  await start(one, asking)
  expect(await one.start(request(asking, { supersede: true }), ana)).toMatchObject({ code: 'target-busy' })
})

test('a hotfix ends the watch of the release before, and what that served is the previous version', async () => {
  const { engine, clock } = scene()
  const one = engine()
  void one.attend()
  const first = await start(one, watching)
  await clock.pass(2_000)
  expect((await one.state(first))?.phase).toBe('validating')
  expect(await one.start(request(asking, { version: '1.0.1' }), ana)).toMatchObject({ code: 'target-busy' })
  const hotfix = await start(one, asking, { version: '1.0.1', supersede: true })
  expect((await one.state(first))?.phase).toBe('superseded')
  expect((await one.state(hotfix))?.previous).toBe('1.0.0')
  await one.stop()
})

test('when a release is done its target is free and knows what it serves', async () => {
  const { engine, clock } = scene()
  const one = engine()
  void one.attend()
  const first = await start(one, asking)
  await one.ask(first, yes, ben, null)
  await clock.pass(1)
  expect((await one.state(first))?.phase).toBe('closed')
  const second = await start(one, asking, { version: '2.0.0', previous: 'a guess' })
  expect((await one.state(second))?.previous).toBe('1.0.0')
  await one.stop()
})

test('a rehearsal neither needs nor takes the target', async () => {
  const { engine } = scene()
  const one = engine()
  await start(one, asking)
  await start(one, asking, { rehearsal: true })
})

test('one idempotency key starts one release, however often it is sent', async () => {
  const { engine } = scene()
  const one = engine()
  const same = request(asking, { idempotencyKey: 'ci-17' })
  const answers = await Promise.all([one.start(same, ana), one.start(same, ana), one.start(same, ana)])
  expect(new Set(answers.map((answer) => answer.kind === 'started' && answer.release)).size).toBe(1)
  expect(await one.start({ ...same, version: '9.9.9' }, ana)).toMatchObject({
    kind: 'refused',
    code: 'already-started',
  })
})

test('a start that another replica has just made under the same key is that one, not a busy target', async () => {
  const { engine, store } = scene()
  const [one, two] = [engine('one'), engine('two')]
  const same = request(asking, { idempotencyKey: 'ci-17' })
  const read = store.read.bind(store)
  let first: Awaited<ReturnType<typeof two.start>> | null = null
  store.read = async (stream, after) => {
    // The key was looked for and was free; the other is quicker now.
    if (stream.startsWith('target/') && first === null) {
      store.read = read
      first = await two.start(same, ana)
    }
    return read(stream, after)
  }
  expect(await one.start(same, ana)).toEqual(first)
  expect(first).toMatchObject({ kind: 'started' })
})

test('a release is named after what it releases', async () => {
  const { engine } = scene()
  expect(await start(engine(), asking, { version: 'V1.2.3 (RC/1)' })).toMatch(/^[a-z0-9-]+-v1\.2\.3-rc-1-r1$/)
})

test('a release that ends as it begins, because nothing applies, leaves its target free', async () => {
  const { engine } = scene()
  const one = engine()
  const nothing = plan([phase('p', [step('q', question, { only: ['staging'] })])])
  const first = await start(one, nothing)
  expect((await one.state(first))?.phase).toBe('closed')
  await start(one, asking)
})

test('a list that still shows a superseded release as open is put right by whoever looks at it next', async () => {
  const { engine, clock, store } = scene()
  const one = engine()
  void one.attend()
  const first = await start(one, watching)
  await clock.pass(2_000)
  const append = store.append.bind(store)
  store.append = (...given) =>
    given[0].streams.every((stream) => stream.events.length === 0)
      ? Promise.reject(new StoreFault('gone', { retryable: true }))
      : append(...given)
  await start(one, asking, { version: '1.0.1', supersede: true })
  await one.stop()
  store.append = append
  expect((await store.summaries({ open: true })).map((each) => each.id)).toContain(first)
  const two = engine('two')
  void two.attend()
  await clock.pass(60_000)
  expect((await store.summaries({ open: true })).map((each) => each.id)).not.toContain(first)
  await two.stop()
})

test('where a checklist says that nothing else releases there, another one is refused after it, until it says so no more', async () => {
  const { engine, clock } = scene()
  const one = engine()
  void one.attend()
  const only = { environments: { production: { protected: false, mandatory: true } } } as const
  const of = (name: string, more: object = {}, phases = [phase('p', [step('q', question)])]) =>
    plan(phases, { name, ...more })
  const release = async (which: ReturnType<typeof of>, more: Parameters<typeof start>[2] = {}): Promise<void> => {
    await one.ask(await start(one, which, more), yes, ben, null)
    await clock.pass(1)
  }
  await release(of('By hand'))
  await release(of('Release', only))
  const refused = await one.start(request(of('By hand')), ana)
  expect(refused).toMatchObject({ kind: 'refused', code: 'other-checklist' })
  expect(refused.kind === 'refused' && refused.reason).toContain(
    'shop in production is released by "Release" only, which says so itself (mandatory), and this is "By hand"',
  )
  // Nor by a phase of a release of somewhere else; elsewhere, and as a dry run, it may do as before.
  const around = of('By hand', {}, [phase('p', [step('q', question)], { environment: 'production' })])
  expect(await one.start(request(around, { environment: 'staging' }), ana)).toMatchObject({ code: 'other-checklist' })
  await release(of('By hand'), { environment: 'staging' })
  await start(one, of('By hand'), { rehearsal: true })
  await release(of('Hotfix', only), { version: '1.0.1' })
  await release(of('Release', only), { version: '1.1.0' })
  await release(of('Release'), { version: '1.2.0' })
  await release(of('By hand'), { version: '1.3.0' })
  await one.stop()
})
