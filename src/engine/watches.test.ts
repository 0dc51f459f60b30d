/** Watches that overlap, over an engine that goes and comes back: what nobody looked at is a gap, never healthy time. */
import { expect, test } from 'vitest'
import { judge, phase, plan, step, watch } from '../../test/support/plan-builder.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { ana, mortal, scene, start, type Scene } from './engine.fixture.ts'

const second = 1000
const up = {
  name: 'up',
  kind: 'gauge',
  source: null,
  queries: {},
  forMs: 0,
  minSamples: 1,
  windowMs: second,
  unit: 'plain',
  go: [{ quantile: null, operator: '>', value: 0, text: '> 0' }],
  rollback: [],
  versusStable: [],
} as const
const looking = judge({ everyMs: second, policy: 'threshold', metrics: [up] })

const watched = plan([
  phase(
    'w',
    [
      step('short', watch(20 * second, { judge: looking, startsMs: 0 }), { after: [] }),
      step('later', watch(20 * second, { judge: looking, startsMs: 30 * second }), { after: [] }),
      step('long', watch(100 * second, { judge: looking, startsMs: 0, before: 'close' }), { after: [] }),
    ],
    { kind: 'watch' },
  ),
])

function world(): Scene {
  const made = scene()
  const gone = { kind: 'no-data', why: 'stable is gone' } as const
  made.world.samples = [{ metric: 'up', canary: { kind: 'gauge', value: 1 }, stable: gone }]
  return made
}

const soaks = (state: ReleaseState | null) =>
  Object.fromEntries([...(state?.observations.values() ?? [])].map(({ step: id, soakMs }) => [id, soakMs / second]))

test('watches with offsets run at once, and survive an engine that dies: its absence counts for none of them', async () => {
  const here = world()
  const first = mortal(here.store)
  const dying = here.engine('one', first.store)
  void dying.attend()
  const release = await start(dying, watched)
  await here.clock.pass(10 * second)
  expect(Object.keys(soaks(await dying.state(release)))).toEqual(['short', 'long'])
  first.die()
  await here.clock.pass(60 * second)
  const next = here.engine('two')
  void next.attend()
  await here.clock.pass(2 * second)
  const back = await next.state(release)
  // Seventy-two seconds have passed, of which somebody looked for at most thirteen.
  for (const id of ['short', 'long']) expect(soaks(back)[id]).toBeLessThanOrEqual(13)
  expect(back?.observations.get('later')?.startedAt).toBeGreaterThanOrEqual(1_700_000_000_000 + 60 * second)
  await here.clock.pass(40 * second)
  expect((await next.state(release))?.phase).toBe('signed-off')
  await here.clock.pass(200 * second)
  expect((await next.state(release))?.phase).toBe('closed')
  const batches = await here.store.batches(release, 'long', null)
  const gaps = batches.filter((batch, at) => at > 0 && batch.from !== batches[at - 1]?.to)
  expect(gaps).toHaveLength(1)
  await next.stop()
})

test('a watch that begins again counts its healthy time anew, also for an engine that comes later', async () => {
  const here = world()
  const one = here.engine('one')
  void one.attend()
  const release = await start(one, watched)
  await here.clock.pass(10 * second)
  const asked = await one.ask(release, { kind: 'Rewatch', step: 'short', extendMs: null, why: 'pager' }, ana, null)
  expect(asked.kind).toBe('accepted')
  await here.clock.pass(12 * second)
  expect((await one.state(release))?.steps.get('short')?.closed).toBeNull()
  await one.stop()
  const two = here.engine('two')
  void two.attend()
  await here.clock.pass(60 * second)
  const state = await two.state(release)
  expect(state?.steps.get('short')?.closed?.how).toBe('passed')
  expect(state?.observations.get('short')).toMatchObject({ restarts: 1 })
  await two.stop()
  expect(here.faults).toEqual([])
})
