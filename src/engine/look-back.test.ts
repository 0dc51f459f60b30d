/** The time before a rollout comes first, once, and never in the way of judging. */
import { describe, expect, test } from 'vitest'
import { judge, phase, plan, rollout, stage, step, watch } from '../../test/support/plan-builder.ts'
import { measurementsDigest } from '../core/log/measurements.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { JudgePlan } from '../core/plan/plan.ts'
import type { HistoryRequest } from '../core/ports/engine.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { mortal, scene, start } from './engine.fixture.ts'
import type { Scene } from './engine.fixture.ts'

const good = { kind: 'ratio', bad: 0, total: 100 } as const
const sample = { metric: 'errors', canary: good, stable: good }
const errors = {
  name: 'errors',
  kind: 'ratio',
  source: null,
  queries: {},
  forMs: 0,
  minSamples: 1,
  windowMs: 5000,
  unit: 'ratio',
  go: [{ quantile: null, operator: '<', value: 0.01, text: '< 1%' }],
  rollback: [{ quantile: null, operator: '>', value: 0.02, text: '> 2%' }],
  versusStable: [],
} as const

const learning = (more: Partial<JudgePlan> = {}): JudgePlan =>
  judge({
    policy: 'statistical',
    history: { forMs: 3000, splitBy: 'pod' },
    arms: { canary: { v: '2' }, stable: { v: '1' } },
    metrics: [errors],
    ...more,
  })

const rollingOut = (given: JudgePlan) =>
  plan([phase('p', [step('r', rollout([stage(10), stage(100)], { judge: given }))])])

/** As many intervals as were asked for. */
async function past({
  step: id,
  stage: at,
  judge: { everyMs },
  endsAt,
  forMs,
}: HistoryRequest): Promise<SampleBatch[]> {
  return Array.from({ length: forMs / everyMs }, (_, i) => {
    const to = endsAt - forMs + (i + 1) * everyMs
    return { step: id, stage: at, history: true, from: to - everyMs, to, samples: [sample], weights: [] }
  })
}

function world(history: (request: HistoryRequest) => Promise<readonly SampleBatch[]> = past): Scene {
  const made = scene()
  made.world.samples = [sample]
  made.world.history = history
  return made
}

async function eventsOf({ store }: Scene, release: string): Promise<readonly (ReleaseEvent & { at: number })[]> {
  const stored = await store.read(`release/${release}`)
  return stored.map(({ event, at }) => ({ ...(event as ReleaseEvent), at }))
}

describe('the time before a rollout', () => {
  test('is read when the first stage is first observed, up to its start, and stands before the first sample', async () => {
    const here = world()
    const engine = here.engine()
    void engine.attend()
    const release = await start(engine, rollingOut(learning()))
    await here.clock.pass(1500)
    const events = await eventsOf(here, release)
    const startedAt = events.find((event) => event.kind === 'SoakStarted')!.at
    expect(here.world.lookedBack).toEqual([
      expect.objectContaining({ endsAt: startedAt, forMs: 3000, splitBy: 'pod', weightPercent: 10, stage: 0 }),
    ])
    const batches = await here.store.batches(release, 'r', 0)
    expect(batches.map(({ to, history }) => [to - startedAt, history ?? false])).toEqual([
      [-2000, true],
      [-1000, true],
      [0, true],
      [1000, false],
    ])
    const told = events.find((event) => event.kind === 'MeasurementsRecorded')
    expect(told).toMatchObject({ batches: 4, from: startedAt - 2000, to: startedAt + 1000 })
    expect(told).toMatchObject({ digest: measurementsDigest(batches), history: 'history of errors: 3 intervals' })
    await engine.stop()
  })

  test('is read once: neither the next stage nor the next engine asks again, and both judge the same', async () => {
    const here = world()
    const first = mortal(here.store)
    const dying = here.engine('one', first.store)
    void dying.attend()
    const release = await start(dying, rollingOut(learning()))
    await here.clock.pass(2500)
    first.die()
    const next = here.engine('two')
    void next.attend()
    await here.clock.pass(120_000)
    expect((await next.state(release))?.phase).toBe('closed')
    expect(here.world.lookedBack).toHaveLength(1)
    const events = await eventsOf(here, release)
    expect(events.filter((event) => event.kind === 'SoakStarted')).toHaveLength(2)
    const kept = await here.store.batches(release, 'r', 0)
    expect(kept.filter(({ history }) => history)).toHaveLength(3)
    expect(await here.store.batches(release, 'r', 1)).not.toContainEqual(expect.objectContaining({ history: true }))
    await next.stop()
  })

  test('is read again by the next engine when nothing of it was stored', async () => {
    const here = world()
    const first = mortal(here.store)
    const dying = here.engine('one', first.store)
    void dying.attend()
    const release = await start(dying, rollingOut(learning({ everyMs: 3000 })))
    await here.clock.pass(500)
    first.die()
    const next = here.engine('two')
    void next.attend()
    await here.clock.pass(100_000)
    expect(here.world.lookedBack).toHaveLength(2)
    const kept = await here.store.batches(release, 'r', 0)
    expect(kept.filter(({ history }) => history)).toHaveLength(1)
    await next.stop()
  })

  test('that comes too late is dropped, which is said, and the first sample is taken in time', async () => {
    const here = world(() => new Promise(() => {}))
    const engine = here.engine()
    void engine.attend()
    const release = await start(engine, rollingOut(learning()))
    await here.clock.pass(1500)
    const startedAt = (await eventsOf(here, release)).find((event) => event.kind === 'SoakStarted')!.at
    const [late, live] = await here.store.batches(release, 'r', 0)
    const why = { kind: 'no-data', why: 'it came later than the first sample' }
    expect(late).toMatchObject({
      history: true,
      to: startedAt,
      samples: [{ metric: 'errors', canary: why, stable: why }],
    })
    expect(live).toMatchObject({ to: startedAt + 1000 })
    const told = (await eventsOf(here, release)).filter((event) => event.kind === 'MeasurementsRecorded')
    expect(told[0]?.history).toBe('no history of errors: it came later than the first sample')
    await here.clock.pass(120_000)
    const later = (await eventsOf(here, release)).filter((event) => event.kind === 'MeasurementsRecorded').slice(1)
    expect(later.length).toBeGreaterThan(0)
    for (const event of later) expect(event.history).toBeUndefined()
    await engine.stop()
  })

  test('that breaks is told with its reason', async () => {
    const here = world(() => Promise.reject(new Error('out of memory')))
    const engine = here.engine()
    void engine.attend()
    const release = await start(engine, rollingOut(learning()))
    await here.clock.pass(1500)
    const [first] = await here.store.batches(release, 'r', 0)
    expect(first?.samples[0]?.canary).toEqual({ kind: 'no-data', why: 'out of memory' })
    await engine.stop()
  })

  test('is bounded: a thousand intervals say enough', async () => {
    const here = world()
    const engine = here.engine()
    void engine.attend()
    await start(engine, rollingOut(learning({ history: { forMs: 86_400_000, splitBy: 'pod' } })))
    await here.clock.pass(500)
    expect(here.world.lookedBack[0]?.forMs).toBe(1_000_000)
    await engine.stop()
  })

  const uninterested: Readonly<Record<string, Partial<JudgePlan>>> = {
    'that compares with limits only': { policy: 'threshold' },
    'whose checklist wants no history': { history: null },
    'without a metric that counts': { metrics: [{ ...errors, kind: 'gauge' }] },
  }
  for (const [what, given] of Object.entries(uninterested)) {
    test(`is not read for a judge ${what}`, async () => {
      const here = world()
      const engine = here.engine()
      void engine.attend()
      const release = await start(engine, rollingOut(learning(given)))
      await here.clock.pass(1500)
      expect(here.world.lookedBack).toEqual([])
      expect(await here.store.batches(release, 'r', 0)).toHaveLength(1)
      await engine.stop()
    })
  }
})

describe('the time before a watch', () => {
  const after = (given: JudgePlan) =>
    plan([
      phase('p', [
        step('r', rollout([stage(100)], { judge: judge({ metrics: [errors] }) })),
        step('w', watch(5000, { judge: given })),
      ]),
    ])

  test('ends where the rollout began, because stable was on its way out from then on', async () => {
    const here = world()
    const engine = here.engine()
    void engine.attend()
    const release = await start(engine, after(learning()))
    await here.clock.pass(60_000)
    const events = await eventsOf(here, release)
    expect(events.some((event) => event.kind === 'WatchStarted')).toBe(true)
    expect(here.world.lookedBack).toEqual([
      expect.objectContaining({
        step: 'w',
        stage: null,
        endsAt: events.find((event) => event.kind === 'SoakStarted')!.at,
        weightPercent: 50,
      }),
    ])
    await engine.stop()
  })

  test('is nobody to learn from where a watch compares no arms', async () => {
    const here = world()
    const engine = here.engine()
    void engine.attend()
    await start(engine, after(learning({ arms: null })))
    await here.clock.pass(60_000)
    expect(here.world.lookedBack).toEqual([])
    await engine.stop()
  })
})
