/** A phase that acts in another environment holds that target while it is open: it waits its turn, and never for ever. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../test/support/plan-builder.ts'
import type { Plan } from '../core/plan/plan.ts'
import { targetStream } from '../core/target/target.ts'
import { viewOf } from '../report/view.ts'
import { ana, ben, mortal, request, type Scene, scene, start } from './engine.fixture.ts'
import type { EngineService } from './service.ts'

/** First a question in its own environment, then one in another. */
const through = (own: string, other: string): Plan => ({
  ...plan([
    phase('own', [step('q', question)]),
    phase('other', [step('r', question)], { environment: other, title: `On ${other}` }),
    phase('last', [step('s', question)]),
  ]),
  service: 'shop',
  environments: { [own]: { protected: false }, [other]: { protected: false } },
})
const simple = { ...plan([phase('p', [step('q', question)])]), service: 'shop' }
const yes = (id: string) =>
  ({ kind: 'Answer', step: id, answer: 'passed', note: null, fields: {}, evidence: [] }) as const
const abort = { kind: 'Abort', why: 'smoke', leave: false, typed: null } as const

function attending({ engine }: Scene, owner = 'one'): EngineService {
  const one = engine(owner)
  void one.attend()
  return one
}

const holderOf = async (engine: EngineService, environment: string) =>
  (await engine.target(targetStream('shop', environment))).holder
const production = { environment: 'production' }
const staging = { environment: 'staging', version: '2.0.0' }

test('a phase takes the lock of the environment that it acts on when it opens, and lets go when it closes', async () => {
  const at = scene()
  const one = attending(at)
  const release = await start(one, through('production', 'staging'), production)
  expect(await holderOf(one, 'staging')).toBeNull()
  await one.ask(release, yes('q'), ben, null)
  await at.clock.pass(100)
  expect(await holderOf(one, 'staging')).toMatchObject({ release, phase: 'On staging' })
  expect(await one.start(request(simple, staging), ana)).toMatchObject({ code: 'target-busy' })
  const busy = await one.start(request(simple, staging), ana)
  expect(busy.kind === 'refused' && busy.reason).toContain(`held by ${release} (1.0.0) for "On staging"`)
  await one.ask(release, yes('r'), ben, null)
  expect(await holderOf(one, 'staging')).toBeNull()
  expect(await holderOf(one, 'production')).toMatchObject({ release, phase: null })
  expect(at.faults).toEqual([])
  await one.stop()
})

test('a phase waits visibly for an environment that another release holds, and goes on when that has ended', async () => {
  const at = scene()
  const one = attending(at)
  const other = await start(one, simple, staging)
  const release = await start(one, through('production', 'staging'), production)
  await one.ask(release, yes('q'), ben, null)
  await at.clock.pass(3_000)
  const state = await one.state(release)
  expect(state?.phases.get('other')?.status).toBe('waiting')
  const { bar, waitsFor, busy } = viewOf(state!, one.live(release), at.clock.now())
  expect(bar.now).toMatch(
    new RegExp(
      `^Waits: "On staging" waits for shop in staging: shop in staging is held by ${other} \\(shop 2.0.0\\) since `,
    ),
  )
  expect(waitsFor).toMatchObject([{ kind: 'time', who: null }])
  expect(busy).toBe(false)
  await one.ask(other, yes('q'), ben, null)
  await at.clock.pass(3_000)
  expect((await one.state(release))?.phases.get('other')?.status).toBe('open')
  expect(await holderOf(one, 'staging')).toMatchObject({ release })
  await one.stop()
})

test('hold and abort work while a phase waits for a lock, and nothing is claimed afterwards', async () => {
  const at = scene()
  const one = attending(at)
  const other = await start(one, simple, staging)
  const release = await start(one, through('production', 'staging'), production)
  await one.ask(release, yes('q'), ben, null)
  await at.clock.pass(3_000)
  expect(await one.ask(release, { kind: 'Hold', why: 'wait' }, ben, null)).toMatchObject({ kind: 'accepted' })
  await one.ask(other, yes('q'), ben, null)
  await at.clock.pass(10_000)
  expect(await holderOf(one, 'staging')).toBeNull()
  expect(await one.ask(release, abort, ben, null)).toMatchObject({ kind: 'accepted' })
  await at.clock.pass(10_000)
  expect((await one.state(release))?.phase).toBe('rolled-back')
  expect(await holderOf(one, 'staging')).toBeNull()
  expect(await holderOf(one, 'production')).toBeNull()
  await one.stop()
})

test('a release that is aborted inside the phase lets go of both targets', async () => {
  const at = scene()
  const one = attending(at)
  const release = await start(one, through('production', 'staging'), production)
  await one.ask(release, yes('q'), ben, null)
  await at.clock.pass(100)
  expect(await holderOf(one, 'staging')).toMatchObject({ release })
  await one.ask(release, abort, ben, null)
  await at.clock.pass(1_000)
  expect([await holderOf(one, 'staging'), await holderOf(one, 'production')]).toEqual([null, null])
  await one.stop()
})

test('a phase whose target is the very one of the release needs no second lock, and a rehearsal needs none', async () => {
  const at = scene()
  const one = attending(at)
  const same = { ...through('staging', 'staging'), environments: { staging: { protected: false } } }
  const release = await start(one, same, staging)
  await one.ask(release, yes('q'), ben, null)
  expect((await one.state(release))?.phases.get('other')?.status).toBe('open')
  const rehearsed = await start(one, through('production', 'staging'), { ...production, rehearsal: true })
  await one.ask(rehearsed, yes('q'), ben, null)
  expect((await one.state(rehearsed))?.phases.get('other')?.status).toBe('open')
  await one.stop()
})

test('an amendment that would make two releases wait for each other is refused with the circle in words', async () => {
  const at = scene()
  const one = attending(at)
  const other = await start(one, through('staging', 'demo'), staging)
  const release = await start(one, simple, { environment: 'canary' })
  const amend = (id: string, next: Plan, digest: string) => {
    const amended = { ...next, digest: digest.repeat(64) }
    return one.ask(id, { kind: 'Amend', plan: amended, reason: 'one more', role: 'lead' }, ana, null)
  }
  expect(await amend(release, through('canary', 'staging'), 'e')).toMatchObject({ kind: 'accepted' })
  expect(await amend(other, through('staging', 'canary'), 'f')).toMatchObject({
    kind: 'refused',
    code: 'target-busy',
    reason: `${release} holds shop in canary, which this release will need, and will itself need shop in staging: they could wait for each other for ever. It has to end first.`,
  })
  expect(await amend(other, through('staging', 'production'), 'a')).toMatchObject({ kind: 'accepted' })
  await one.stop()
})

test('a lock that is waited for is taken by the next engine when the first one dies', async () => {
  const at = scene()
  const life = mortal(at.store)
  const one = at.engine('one', life.store)
  void one.attend()
  const other = await start(one, simple, staging)
  const release = await start(one, through('production', 'staging'), production)
  await one.ask(release, yes('q'), ben, null)
  await at.clock.pass(3_000)
  life.die()
  const two = attending(at, 'two')
  await two.ask(other, yes('q'), ben, null)
  await at.clock.pass(60_000)
  expect((await two.state(release))?.phases.get('other')?.status).toBe('open')
  expect(await holderOf(two, 'staging')).toMatchObject({ release })
  await two.stop()
})

test('a start that could come to wait for a release that waits for it is refused while nobody waits yet', async () => {
  const at = scene()
  const one = attending(at)
  const first = await start(one, through('production', 'staging'), production)
  const second = await one.start(request(through('staging', 'production'), staging), ana)
  expect(second).toMatchObject({ kind: 'refused', code: 'target-busy' })
  expect(second.kind === 'refused' && second.reason).toContain(`${first} holds shop in production`)
  // Past the phase that wanted staging there is no circle any more.
  await one.ask(first, yes('q'), ben, null)
  await at.clock.pass(100)
  await one.ask(first, yes('r'), ben, null)
  await start(one, through('staging', 'production'), staging)
  await one.stop()
})

test('a circle of three is refused too', async () => {
  const at = scene()
  const one = attending(at)
  await start(one, through('a', 'b'), { environment: 'a' })
  await start(one, through('b', 'c'), { environment: 'b' })
  expect(await one.start(request(through('c', 'a'), { environment: 'c' }), ana)).toMatchObject({ code: 'target-busy' })
  expect(await one.start(request(through('c', 'd'), { environment: 'c' }), ana)).toMatchObject({ kind: 'started' })
  await one.stop()
})

test('two starts at the same moment that want each other’s targets never both begin', async () => {
  const at = scene()
  const [one, two] = [attending(at, 'one'), attending(at, 'two')]
  const answers = await Promise.all([
    one.start(request(through('production', 'staging'), production), ana),
    two.start(request(through('staging', 'production'), staging), ana),
  ])
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['refused', 'started'])
  await Promise.all([one.stop(), two.stop()])
})

test('whatever releases want of each other, every one comes to its end and no target has two holders', async () => {
  const environments = ['a', 'b', 'c', 'd']
  const pair = fc.tuple(fc.constantFrom(...environments), fc.constantFrom(...environments))
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { minLength: 2, maxLength: 7 }), async (pairs) => {
      const at = scene()
      const engines = [attending(at, 'one'), attending(at, 'two')]
      for (const [turn, [own, other]] of pairs.entries())
        await engines[turn % 2]!.start(request(through(own, other), { environment: own, version: `1.${turn}.0` }), ana)
      for (let round = 0; round < 4 * pairs.length; round += 1) {
        for (const { id } of await at.store.summaries({ open: true }))
          for (const each of ['q', 'r', 's']) await engines[round % 2]!.ask(id, yes(each), ben, null)
        await at.clock.pass(5_000)
      }
      expect(await at.store.summaries({ open: true })).toEqual([])
      for (const environment of environments) {
        const log = (await at.store.read(targetStream('shop', environment))) as readonly {
          event: { kind: string; release: string }
        }[]
        let holder: string | null = null
        for (const { event } of log) {
          if (event.kind === 'TargetClaimed') expect(holder).toBeNull()
          if (event.kind === 'TargetClaimed') holder = event.release
          if (event.kind === 'TargetReleased' && holder === event.release) holder = null
        }
        expect(holder).toBeNull()
      }
      expect(at.faults).toEqual([])
      await Promise.all(engines.map((each) => each.stop()))
    }),
    { numRuns: 15 },
  )
})
