/** The line for a busy target: order, admission anew, leaving, expiry, restarts, replicas, and locks that services share. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check, phase, plan, question, step, watch } from '../../test/support/plan-builder.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { Refusal } from '../core/release/commands.ts'
import { targetStream } from '../core/target/target.ts'
import type { Json } from '../core/units.ts'
import { ana, ben, request, type Scene, scene, start } from './engine.fixture.ts'
import type { EngineOptions } from './options.ts'
import type { EngineService, StartRequest } from './service.ts'

const asking = plan([phase('p', [step('q', question)])])
const watching = plan([phase('p', [step('a', check())]), phase('w', [step('w', watch(3_600_000))], { kind: 'watch' })])
const yes = { kind: 'Answer', step: 'q', answer: 'passed', note: null, fields: {}, evidence: [] } as const
const target = targetStream(asking.service, 'production')

/** As the API does it: what was asked comes back, and rules may have changed since. */
const admitAll = (refused: () => Refusal | null = () => null): Partial<EngineOptions> => ({
  admit: async (start, kept) =>
    refused() ?? { kind: 'admitted', request: kept as unknown as StartRequest, actor: start.by },
})

function queued(of: Plan, more: Partial<StartRequest> = {}, until: number | null = null): StartRequest {
  const plain = request(of, more)
  return { ...plain, queue: { until, kept: JSON.parse(JSON.stringify(plain)) as Json } }
}

async function join(engine: EngineService, of: Plan, more: Partial<StartRequest> = {}, until: number | null = null) {
  const answer = await engine.start(queued(of, more, until), ana)
  if (answer.kind !== 'queued') throw new Error(JSON.stringify(answer))
  return answer
}

async function attending({ engine }: Scene, refused?: () => Refusal | null, owner = 'one'): Promise<EngineService> {
  const one = engine(owner, undefined, admitAll(refused))
  void one.attend()
  return one
}

const line = async (engine: EngineService) => (await engine.target(target)).line.map(({ release }) => release)

test('a start that finds its target busy stands in line and begins by itself when the holder has ended', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, asking)
  const second = await join(one, asking, { version: '2.0.0' })
  const third = await join(one, asking, { version: '3.0.0' })
  expect([second.place, third.place]).toEqual([1, 2])
  expect(await one.state(second.release)).toBeNull()
  await one.ask(first, yes, ben, null)
  await at.clock.pass(6_000)
  expect(await one.state(second.release)).toMatchObject({
    phase: 'running',
    releaseVersion: '2.0.0',
    previous: '1.0.0',
  })
  expect((await one.state(second.release))?.startedBy).toEqual(ana)
  expect(await line(one)).toEqual([third.release])
  await one.ask(second.release, yes, ben, null)
  await at.clock.pass(6_000)
  expect(await one.state(third.release)).toMatchObject({ phase: 'running' })
  expect(at.faults).toEqual([])
  await one.stop()
})

test('a start that says queue begins at once where nobody is before it, and nobody goes before those in line', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await one.start(queued(asking), ana)
  expect(first.kind).toBe('started')
  const second = await join(one, asking, { version: '2.0.0' })
  await one.stop()
  const two = at.engine('two', undefined, admitAll())
  if (first.kind === 'started')
    await two.ask(first.release, { kind: 'Abort', why: 'no', leave: false, typed: null }, ben, null)
  expect((await two.target(target)).holder).toBeNull()
  const pushy = await two.start(request(asking, { version: '9.0.0' }), ana)
  expect(pushy).toMatchObject({ kind: 'refused', code: 'target-busy' })
  expect(pushy.kind === 'refused' && pushy.reason).toContain(second.release)
  expect(await two.start(queued(asking, { version: '9.0.0' }), ana)).toMatchObject({ kind: 'queued', place: 2 })
})

test('the line survives the end of the engine: the next one lets the first begin', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, asking)
  const second = await join(one, asking, { version: '2.0.0' })
  await one.stop()
  await at.engine('two').ask(first, yes, ben, null)
  const three = await attending(at, undefined, 'three')
  await at.clock.pass(40_000)
  expect(await three.state(second.release)).toMatchObject({ phase: 'running' })
  await three.stop()
})

test('one key stands in line once, and is answered with the release when that has begun', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, asking)
  const same = queued(asking, { version: '2.0.0', idempotencyKey: 'ci-17' })
  const [a, b] = await Promise.all([one.start(same, ana), one.start(same, ana)])
  expect(a).toEqual(b)
  expect(await line(one)).toHaveLength(1)
  await one.ask(first, yes, ben, null)
  await at.clock.pass(6_000)
  expect(await one.start(same, ana)).toMatchObject({ kind: 'started', release: a.kind === 'queued' && a.release })
  await one.stop()
})

test('who may not start any more when the turn comes is sent away with the reason, and the next one begins', async () => {
  const at = scene()
  let isRevoked = false
  const no = { kind: 'refused', code: 'not-in-role', reason: 'ana may not start there any more.' } as const
  const one = await attending(at, () => (isRevoked ? ((isRevoked = false), no) : null))
  const first = await start(one, asking)
  const second = await join(one, asking, { version: '2.0.0', idempotencyKey: 'k' })
  const third = await join(one, asking, { version: '3.0.0' })
  isRevoked = true
  await one.ask(first, yes, ben, null)
  await at.clock.pass(6_000)
  expect(await one.state(second.release)).toBeNull()
  expect(await one.state(third.release)).toMatchObject({ phase: 'running' })
  expect((await one.target(target)).withdrawn).toMatchObject([
    { release: second.release, how: 'refused', why: no.reason },
  ])
  const again = await one.start(queued(asking, { version: '2.0.0', idempotencyKey: 'k' }), ana)
  expect(again.kind === 'refused' && again.reason).toContain('may not start there any more')
  await one.stop()
})

test('what is wrong with a start is said when it joins, not when its turn comes', async () => {
  const at = scene()
  const one = await attending(at)
  await start(one, asking)
  expect(await one.start(queued(asking, { inputs: { nonsense: 1 } }), ana)).toMatchObject({ code: 'missing-input' })
  expect(await line(one)).toEqual([])
  await one.stop()
})

test('a start leaves the line when somebody takes it out, and when its time in line is over', async () => {
  const at = scene()
  const one = await attending(at)
  await start(one, asking)
  const second = await join(one, asking, { version: '2.0.0' })
  const third = await join(one, asking, { version: '3.0.0' }, at.clock.now() + 3_600_000)
  expect(await one.leaveLine(target, { release: second.release, actor: ben, why: 'not today' })).toBe(true)
  expect(await one.leaveLine(target, { release: second.release, actor: ben, why: 'not today' })).toBe(false)
  expect(await line(one)).toEqual([third.release])
  await at.clock.pass(3_700_000)
  expect(await line(one)).toEqual([])
  expect((await one.target(target)).withdrawn.map(({ how, by }) => [how, by])).toEqual([
    ['left', 'ben'],
    ['expired', 'holdpoint'],
  ])
  await one.stop()
})

test('a start that its window has no room for when its turn comes leaves the line with that reason', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, asking)
  const allow = [{ weekdays: null, fromMinute: 0, toMinute: 30, dates: null }]
  const slow = { word: 'wait', forMs: 3_600_000, untilWindow: null } as const
  const cramped = {
    ...plan([phase('p', [step('a', slow)], { window: 'night' })]),
    windows: { night: { zone: 'UTC', allow, deny: [] } },
  }
  const refused = await one.start(request(cramped, { environment: 'elsewhere' }), ana)
  expect(refused).toMatchObject({ code: 'outside-window' })
  const second = await join(one, cramped, { version: '2.0.0' })
  await one.ask(first, yes, ben, null)
  await at.clock.pass(6_000)
  expect(await one.state(second.release)).toBeNull()
  const why = refused.kind === 'refused' && refused.reason
  expect((await one.target(target)).withdrawn).toMatchObject([{ release: second.release, how: 'refused', why }])
  await one.stop()
})

test('who may end the watch before it waits only until everybody has been moved', async () => {
  const at = scene()
  const one = await attending(at)
  const held = plan([phase('p', [step('q', question)]), phase('w', [step('w', watch(3_600_000))], { kind: 'watch' })])
  const first = await start(one, held)
  const hotfix = await join(one, asking, { version: '1.0.1', supersede: true })
  await one.ask(first, yes, ben, null)
  await at.clock.pass(6_000)
  expect((await one.state(first))?.phase).toBe('superseded')
  expect(await one.state(hotfix.release)).toMatchObject({ phase: 'running', previous: '1.0.0' })
  await one.stop()
})

test('without the word, a start in line waits for the end of the watch', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, watching)
  await at.clock.pass(2_000)
  const second = await join(one, asking, { version: '2.0.0' })
  await at.clock.pass(1_800_000)
  expect((await one.state(first))?.phase).toBe('validating')
  expect(await one.state(second.release)).toBeNull()
  await one.stop()
})

test('the emergency stop of the holder works while others stand in line', async () => {
  const at = scene()
  const one = await attending(at)
  const first = await start(one, asking)
  const second = await join(one, asking, { version: '2.0.0' })
  expect(await one.ask(first, { kind: 'Hold', why: 'smoke' }, ben, null)).toMatchObject({ kind: 'accepted' })
  expect(await one.ask(first, { kind: 'Abort', why: 'smoke', leave: false, typed: null }, ben, null)).toMatchObject({
    kind: 'accepted',
  })
  await at.clock.pass(6_000)
  expect((await one.state(first))?.phase).toBe('rolled-back')
  expect(await one.state(second.release)).toMatchObject({ phase: 'running' })
  await one.stop()
})

const sharing = (service: string) => ({
  ...asking,
  service,
  environments: { production: { protected: false, locks: ['shop-cluster'] } },
})

test('two services that share a lock exclude each other, and the second begins when the first has ended', async () => {
  const at = scene()
  const one = await attending(at)
  const [shop, mail] = [sharing('shop'), sharing('mail')]
  const first = await start(one, shop)
  const busy = await one.start(request(mail), ana)
  expect(busy).toMatchObject({ kind: 'refused', code: 'target-busy' })
  expect(busy.kind === 'refused' && busy.reason).toContain(`the lock shop-cluster is held by ${first}`)
  const second = await join(one, mail)
  await one.ask(first, yes, ben, null)
  await at.clock.pass(70_000)
  expect(await one.state(second.release)).toMatchObject({ phase: 'running' })
  expect((await one.target('lock/-/shop-cluster')).holder?.release).toBe(second.release)
  // Another project's lock of that name is another.
  await start(one, sharing('other'), { project: 'blog' })
  await one.stop()
})

test('whatever the order in which two engines start, answer and let go, no target ever has two holders', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { minLength: 5, maxLength: 25 }), async (moves) => {
      const at = scene()
      const engines = [await attending(at, undefined, 'one'), await attending(at, undefined, 'two')]
      const plans = [sharing('shop'), sharing('mail')]
      for (const [turn, move] of moves.entries()) {
        const engine = engines[turn % 2]!
        const releases = (await at.store.summaries({ open: true })).map(({ id }) => id)
        if (move < 4) await engine.start(queued(plans[move % 2]!, { version: `1.${turn}.0` }), ana)
        else if (releases[0]) await engine.ask(releases[0], yes, ben, null)
        if (move % 2 === 0) await at.clock.pass(5_000)
      }
      for (let round = 0; round < 2 * moves.length; round += 1) {
        await at.clock.pass(11_000)
        for (const { id } of await at.store.summaries({ open: true })) await engines[0]!.ask(id, yes, ben, null)
      }
      expect((await engines[0]!.target(targetStream('shop', 'production'))).line).toEqual([])
      expect((await engines[0]!.target(targetStream('mail', 'production'))).line).toEqual([])
      const log = (await at.store.read('lock/-/shop-cluster')) as readonly {
        event: { kind: string; release: string }
      }[]
      let holder: string | null = null
      for (const { event } of log) {
        if (event.kind === 'TargetClaimed') expect(holder).toBeNull()
        holder = event.kind === 'TargetClaimed' ? event.release : null
      }
      expect(at.faults).toEqual([])
      await Promise.all(engines.map((each) => each.stop()))
    }),
    { numRuns: 15 },
  )
})
