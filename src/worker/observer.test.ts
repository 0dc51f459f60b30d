/** The observer: an interval is read whole and in time, and what cannot be read is said. */
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { check as checkPlan, judge } from '../../test/support/plan-builder.ts'
import type { ArmSample, SampleBatch } from '../core/judge/verdict.ts'
import type { JudgePlan, MetricPlan, TriggerPlan, WatchCheck } from '../core/plan/plan.ts'
import type { CheckOutcome } from '../core/ports/check.ts'
import type { CheckRunner, Observer } from '../core/ports/engine.ts'
import type { MetricQuestion, MetricSource, MetricSourceDefinition } from '../core/ports/metrics.ts'
import type { Reached, TrafficDriver, TrafficDriverDefinition } from '../core/ports/traffic.ts'
import { realClock } from './clock.ts'
import { createMetricSources, type MetricSources } from './metric-sources.ts'
import { createObserver } from './observer.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const secret = 'hunter2-hunter2'
const frontMatter = [
  'environments: { test: {} }',
  'secrets: { TOKEN: { env: TOKEN } }',
  'sources: { prom: { kind: prometheus, url: "http://127.0.0.1:1" } }',
].join('\n')

type Answer = (question: MetricQuestion, signal: AbortSignal) => ArmSample | Promise<ArmSample>

interface Given {
  readonly answer?: Answer
  readonly value?: MetricSource['value']
  readonly verify?: TrafficDriver['verify']
  readonly check?: CheckOutcome
  readonly run?: CheckRunner['run']
}

interface World {
  readonly observer: Observer
  readonly metrics: MetricSources
  readonly asked: MetricQuestion[]
  readonly opened: () => number
}

function world({
  answer = () => ({ kind: 'ratio', bad: 1, total: 10 }),
  value,
  verify,
  check = 'passed',
  run = () => Promise.resolve({ outcome: check, say: 'looked', evidence: [] }),
}: Given): World {
  const asked: MetricQuestion[] = []
  let opened = 0
  const source: MetricSource = {
    sample: (questions, powers) => {
      asked.push(...questions)
      return Promise.all(questions.map(async (question) => answer(question, powers.signal)))
    },
    value: value ?? (() => Promise.resolve({ value: 1 })),
    probe: () => Promise.resolve({ ok: true, say: '' }),
  }
  const prometheus: MetricSourceDefinition = {
    kind: 'prometheus',
    summary: '',
    example: '',
    timeoutMs: 1000,
    config: z.unknown(),
    open: () => {
      opened += 1
      return source
    },
  }
  const reached: Reached = { kind: 'reached', percent: 5, say: 'canary has 5 %' }
  const driver: TrafficDriverDefinition = {
    kind: 'fake',
    summary: '',
    example: '',
    config: z.unknown(),
    open: () => ({
      read: () => Promise.resolve({ kind: 'weight', percent: 5, say: '' }),
      set: () => Promise.resolve(),
      verify: verify ?? (() => Promise.resolve(reached)),
      restore: () => Promise.resolve(),
    }),
  }
  const shared = { clock: realClock(), outbound: createOutbound(), vault: createSecretVault({ TOKEN: secret }) }
  const metrics = createMetricSources({ ...shared, sources: new Map([['prometheus', prometheus as never]]) })
  const observer = createObserver({
    ...shared,
    launcher: fakeLauncher({}),
    environment: () => Promise.resolve({}),
    drivers: new Map([['fake', driver as never]]),
    metrics,
    checks: { run },
  })
  return { observer, metrics, asked, opened: () => opened }
}

function metric(given: Partial<MetricPlan> = {}): MetricPlan {
  const errors = { bad: 'rate(bad{{{arm}}}[1m])', total: 'rate(total{{{arm}}}[1m])' }
  return {
    name: 'errors',
    kind: 'ratio',
    source: null,
    queries: errors,
    forMs: 0,
    minSamples: 1,
    windowMs: 60_000,
    unit: 'ratio',
    go: [],
    rollback: [],
    versusStable: [],
    ...given,
  }
}

const arms = { canary: { version: '{{version}}' }, stable: { version: '{{previous}}' } }
const looking: Partial<JudgePlan> = { source: 'prom', arms, metrics: [metric()], everyMs: 60_000 }
const component = { name: 'api', driver: 'fake', config: {} }

function sampled(
  { observer }: World,
  given: Partial<JudgePlan> = {},
  checks: readonly WatchCheck[] = [],
): Promise<SampleBatch> {
  const request = {
    step: 'rollout',
    stage: 0,
    judge: judge({ ...looking, ...given }),
    from: 1000,
    to: 2000,
    expected: [{ component, weightPercent: 5 }],
    checks,
  }
  return observer.sample(request, contextFor(releaseOf({ frontMatter, steps: '- [ ] Ready' })))
}

function whyOf(batch: SampleBatch, arm: 'canary' | 'stable' = 'canary'): string {
  const sample = batch.samples[0]?.[arm]
  return sample?.kind === 'no-data' ? sample.why : `not refused: ${JSON.stringify(sample)}`
}

test('both arms are asked in one call, each with its own labels', async () => {
  const place = world({})
  const batch = await sampled(place)
  expect(place.asked.map(({ arm, queries }) => [arm, queries['bad']])).toEqual([
    ['canary', 'rate(bad{version="1.2.3"}[1m])'],
    ['stable', 'rate(bad{version="1.2.2"}[1m])'],
  ])
  expect(batch).toEqual({
    step: 'rollout',
    stage: 0,
    from: 1000,
    to: 2000,
    samples: [
      { metric: 'errors', canary: { kind: 'ratio', bad: 1, total: 10 }, stable: { kind: 'ratio', bad: 1, total: 10 } },
    ],
    weights: [{ component: 'api', percent: 5, ok: true, say: 'api: canary has 5 %' }],
  })
})

test('a value that holds quotes cannot change the query', async () => {
  const place = world({})
  await sampled(place, { arms: { canary: { version: '1"} or up{a="' }, stable: { version: '{{previous}}' } } })
  expect(place.asked[0]?.queries['bad']).toBe('rate(bad{version="1\\"} or up{a=\\""}[1m])')
})

test('an arm whose label is not known is nobody: no data instead of every series without the label', async () => {
  const unknown = await sampled(world({}), { arms: { canary: { version: '{{artefact}}' }, stable: { version: 'x' } } })
  expect(whyOf(unknown)).toBe('the label version of the canary arm is empty: {{artefact}} is not known')
  const missing = await sampled(world({}), { arms: { canary: { version: '{{nobody}}' }, stable: { version: 'x' } } })
  expect(whyOf(missing)).toBe('{{ nobody }} has no value')
})

test('a comparison of the canary with itself is no data', async () => {
  const compared = [{ quantile: null, relative: 0.2, points: null, text: '+20%' }]
  const queries = { bad: 'rate(bad[1m])', total: 'rate(total[1m])' }
  const batch = await sampled(world({}), { arms: null, metrics: [metric({ queries, versusStable: compared })] })
  expect(batch.samples[0]?.canary.kind).toBe('ratio')
  expect(whyOf(batch, 'stable')).toContain('put {{arm}} between its braces')
})

test('a source that is slower than the interval is no data, not a gap', async () => {
  const place = world({ answer: () => new Promise<ArmSample>(() => undefined) })
  const batch = await sampled(place, { everyMs: 200 })
  expect(whyOf(batch)).toBe('no answer within 0.16 s')
})

test('a source that throws, answers too little, or answers what is no number is no data', async () => {
  const thrown = world({ answer: () => Promise.reject(new Error(`refused for ${secret}`)) })
  expect(whyOf(await sampled(thrown))).toBe('refused for ***')
  const strange: readonly ArmSample[] = [
    { kind: 'ratio', bad: Number.NaN, total: 10 },
    { kind: 'gauge', value: Number.POSITIVE_INFINITY },
    { kind: 'events', count: 1, total: Number.NaN },
    { kind: 'histogram', le: [1, Number.POSITIVE_INFINITY], counts: [1, Number.NaN] },
  ]
  for (const sample of strange) expect(whyOf(await sampled(world({ answer: () => sample })))).toContain('no number')
})

test('the open edge of a histogram survives JSON', async () => {
  const answer = (): ArmSample => ({ kind: 'histogram', le: [1, Number.POSITIVE_INFINITY], counts: [1, 2] })
  const batch = await sampled(world({ answer }))
  expect(JSON.parse(JSON.stringify(batch))).toEqual(batch)
})

test('a source that nobody declared is no data', async () => {
  expect(whyOf(await sampled(world({}), { source: 'graphite' }))).toContain('there is no source graphite')
  expect(whyOf(await sampled(world({}), { source: null }))).toBe('the metric names no source')
})

test('a source stays open over the steps of a release, and is another for another release', async () => {
  const place = world({})
  const state = releaseOf({ frontMatter, steps: '- [ ] Ready' })
  const other = { ...state, id: 'r2' }
  for (const [of, step] of [
    [state, 'rollout'],
    [state, 'watch'],
    [other, 'rollout'],
  ] as const)
    await place.observer.sample(
      { step, stage: 0, judge: judge(looking), from: 1000, to: 2000, expected: [], checks: [] },
      contextFor(of),
    )
  expect(place.opened()).toBe(2)
})

test('a weight that is off, unreadable, late or refused is not ok', async () => {
  const weights = async (
    verify: TrafficDriver['verify'],
    everyMs = 60_000,
  ): Promise<SampleBatch['weights'][number] | undefined> => (await sampled(world({ verify }), { everyMs })).weights[0]
  expect(
    await weights(() => Promise.resolve({ kind: 'pending', percent: 7, say: 'canary has 7 %, 5 % ordered' })),
  ).toEqual({
    component: 'api',
    percent: 7,
    ok: false,
    say: 'api: canary has 7 %, 5 % ordered',
  })
  expect(await weights(() => Promise.reject(new Error('socket closed')))).toMatchObject({
    percent: null,
    ok: false,
    say: 'api: socket closed',
  })
  expect(await weights(() => new Promise(() => undefined), 300)).toMatchObject({
    ok: false,
    say: 'api: no answer within 0.24 s',
  })
  const lied = await weights(() => Promise.resolve({ kind: 'cannot-tell', percent: Number.NaN, say: 'who knows' }))
  expect(lied).toMatchObject({ percent: null, ok: false })
})

describe('the checks of a watch', () => {
  const health: WatchCheck = { name: 'health', check: checkPlan({ kind: 'http', config: {} }) }
  const judged = { metrics: [metric({ name: 'health', kind: 'gauge' })] }

  test('a pass is 0, a failure is 1, each with the sentence of the check; anything else is no data', async () => {
    const told = async (check: CheckOutcome): Promise<unknown> =>
      (await sampled(world({ check }), judged, [health])).samples
    const stable = { kind: 'no-data', why: 'a check does not look at stable' }
    const given = (canary: unknown): unknown => [{ metric: 'health', canary, stable }]
    expect(await told('passed')).toEqual(given({ kind: 'gauge', value: 0, say: 'looked' }))
    expect(await told('failed')).toEqual(given({ kind: 'gauge', value: 1, say: 'looked' }))
    for (const outcome of ['inconclusive', 'errored'] as const)
      expect(await told(outcome)).toEqual(given({ kind: 'no-data', why: 'looked', say: 'looked' }))
  })

  test('no metric source is asked for them, and metrics beside them still are', async () => {
    const place = world({})
    const both = { metrics: [metric(), ...judged.metrics] }
    const batch = await sampled(place, both, [health])
    expect(batch.samples.map((sample) => sample.metric)).toEqual(['errors', 'health'])
    expect(place.asked).toHaveLength(2)
  })

  test('a check that is slower than the interval is no data, not a gap', async () => {
    const aborted: boolean[] = []
    const run: CheckRunner['run'] = (_check, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(true))
      return new Promise(() => undefined)
    }
    const batch = await sampled(world({ run }), { ...judged, everyMs: 200 }, [health])
    expect(whyOf(batch)).toBe('no answer within 0.16 s')
    expect(aborted).toEqual([true])
  })

  test('two checks of one interval are two attempts, with no more time than the interval has', async () => {
    const ran: [string, number][] = []
    const run: CheckRunner['run'] = ({ timeoutMs }, { attempt }) => {
      ran.push([attempt, timeoutMs])
      return Promise.reject(new Error('broken'))
    }
    const batch = await sampled(world({ run }), { metrics: [], everyMs: 1000 }, [health, { ...health, name: 'door' }])
    expect(ran).toEqual([
      ['r1/r1/step/1/health', 800],
      ['r1/r1/step/1/door', 800],
    ])
    expect(whyOf(batch)).toBe('broken')
  })
})

test('a trigger is quiet when its check passes, fires when it fails, and is blind otherwise', async () => {
  const trigger = { check: {} } as TriggerPlan
  const context = contextFor(releaseOf({ frontMatter, steps: '- [ ] Ready' }))
  const readings: string[] = []
  for (const check of ['passed', 'failed', 'inconclusive', 'errored'] as const)
    readings.push((await world({ check }).observer.trigger(trigger, context)).reading)
  expect(readings).toEqual(['quiet', 'firing', 'blind', 'blind'])
})

test('one number for a field, or why there is none, without secrets', async () => {
  const context = contextFor(releaseOf({ frontMatter, steps: '- [ ] Ready' }))
  const capture = (given: Given, query = 'pool{version="{{version}}"}'): Promise<unknown> =>
    world(given).observer.capture({ source: 'prom', query }, 5000, context)
  const queries: string[] = []
  const value: MetricSource['value'] = (query) => {
    queries.push(query)
    return Promise.resolve({ value: 0.5 })
  }
  expect(await capture({ value })).toEqual({ value: 0.5 })
  expect(queries).toEqual(['pool{version="1.2.3"}'])
  expect(await capture({ value: () => Promise.resolve({ value: Number.NaN }) })).toEqual({
    noData: 'the answer is no finite number',
  })
  expect(await capture({ value: () => Promise.reject(new Error(`denied for ${secret}`)) })).toEqual({
    noData: 'denied for ***',
  })
  expect(await capture({}, 'pool{{ version }}')).toMatchObject({
    noData: expect.stringContaining('outside of a string') as string,
  })
})
