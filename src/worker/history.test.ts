/** What is read of the time before a rollout: two parts of stable, interval by interval, and every doubt with its reason. */
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { judge } from '../../test/support/plan-builder.ts'
import type { Split } from '../core/judge/split.ts'
import type { ArmSample, SampleBatch } from '../core/judge/verdict.ts'
import type { JudgePlan, MetricPlan } from '../core/plan/plan.ts'
import type { HistoryRequest } from '../core/ports/engine.ts'
import type { HistoryQuestion, MembersQuestion, MetricSource } from '../core/ports/metrics.ts'
import { realClock } from './clock.ts'
import { readHistory } from './history.ts'
import { createMetricSources } from './metric-sources.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const secret = 'hunter2-hunter2'
const frontMatter = [
  'environments: { test: {} }',
  'secrets: { TOKEN: { env: TOKEN } }',
  'sources: { prom: { kind: prometheus, url: "http://127.0.0.1:1" } }',
].join('\n')
const endsAt = 1_700_000_000_000

type Given = {
  readonly members?: (question: MembersQuestion) => readonly string[] | string
  readonly counts?: (question: HistoryQuestion, to: number) => ArmSample
  readonly history?: MetricSource['history']
  readonly keepsNone?: boolean
}

interface Read {
  readonly batches: readonly SampleBatch[]
  readonly asked: readonly HistoryQuestion[]
}

async function look(given: Given, plan: Partial<JudgePlan> = {}, more: Partial<HistoryRequest> = {}): Promise<Read> {
  const asked: HistoryQuestion[] = []
  const counts = given.counts ?? (() => ({ kind: 'ratio', bad: 1, total: 100 }) as const)
  const past: Pick<MetricSource, 'history' | 'members'> = {
    history: (questions, powers) => {
      asked.push(...questions)
      if (given.history) return given.history(questions, powers)
      return Promise.resolve(
        questions.map((one) =>
          Array.from({ length: (one.to - one.from) / one.everyMs }, (_, i) =>
            counts(one, one.from + (i + 1) * one.everyMs),
          ),
        ),
      )
    },
    members: (question) => {
      const found = given.members?.(question) ?? ['a', 'b', 'c', 'd']
      return Promise.resolve(typeof found === 'string' ? { noData: found } : { members: found })
    },
  }
  const source: MetricSource = {
    sample: () => Promise.resolve([]),
    value: () => Promise.resolve({ value: 1 }),
    probe: () => Promise.resolve({ ok: true, say: '' }),
    ...(given.keepsNone === true ? {} : past),
  }
  const kind = { kind: 'prometheus', summary: '', example: '', timeoutMs: 1, config: z.unknown(), open: () => source }
  const shared = { clock: realClock(), outbound: createOutbound(), vault: createSecretVault({ TOKEN: secret }) }
  const metrics = createMetricSources({ ...shared, sources: new Map([['prometheus', kind as never]]) })
  const request: HistoryRequest = {
    step: 'rollout',
    stage: 0,
    judge: judge({ source: 'prom', arms, metrics: [errors()], everyMs: 10_000, ...plan }),
    endsAt,
    forMs: 40_000,
    splitBy: 'pod',
    weightPercent: 25,
    seed: 'r1',
    budgetMs: 10_000,
    ...more,
  }
  const release = releaseOf({ frontMatter, steps: '- [ ] Ready' })
  return { batches: await readHistory(request, contextFor(release), { ...shared, metrics }), asked }
}

const arms = { canary: { version: 'new' }, stable: { version: 'old' } }

function errors(given: Partial<MetricPlan> = {}): MetricPlan {
  return {
    name: 'errors',
    kind: 'ratio',
    source: null,
    queries: { bad: 'rate(bad{{{arm}}}[10s])', total: 'rate(total{{{arm}}}[10s])' },
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

/** The one batch that says why there is no past. */
function whyOf({ batches }: Read): unknown {
  expect(batches).toHaveLength(1)
  const [batch] = batches
  expect(batch).toMatchObject({ history: true, to: endsAt })
  const [sample] = batch?.samples ?? []
  expect(sample?.stable).toEqual(sample?.canary)
  return sample?.canary.kind === 'no-data' ? sample.canary.why : sample
}

describe('the time before a rollout', () => {
  test('a part of stable plays the canary, and the rest stays stable', async () => {
    const { asked } = await look({})
    const [canary, stable] = asked
    const drawn = /version="old",pod=~"(\w)"/.exec(canary?.queries['bad'] ?? '')?.[1]
    expect('abcd').toContain(drawn)
    expect(canary?.queries['total']).toBe(`rate(total{version="old",pod=~"${drawn}"}[10s])`)
    expect(stable?.queries['bad']).toBe(`rate(bad{version="old",pod!~"${drawn}",pod!=""}[10s])`)
    expect(canary).toMatchObject({ arm: 'canary', from: endsAt - 40_000, to: endsAt, everyMs: 10_000 })
    expect(Object.keys(canary?.labels ?? {})).toEqual(['version', 'pod'])
  })

  test('whoever asks is told who played the canary', async () => {
    const told: Split[] = []
    const { asked } = await look({}, {}, { onSplit: (split) => told.push(split) })
    expect(told).toEqual([{ label: 'pod', canary: [expect.stringMatching(/^[abcd]$/)] }])
    expect(asked[0]?.queries['bad']).toContain(`pod=~"${told[0]?.canary[0]}"`)
  })

  test('every interval up to the start of the rollout is a batch of its own, oldest first', async () => {
    const { batches } = await look({ counts: (_, to) => ({ kind: 'ratio', bad: 0, total: (endsAt - to) / 1000 }) })
    expect(batches.map(({ from, to }) => [from - endsAt, to - endsAt])).toEqual([
      [-40_000, -30_000],
      [-30_000, -20_000],
      [-20_000, -10_000],
      [-10_000, 0],
    ])
    const counted = { kind: 'ratio', bad: 0, total: 30 }
    expect(batches[0]).toEqual({
      step: 'rollout',
      stage: 0,
      history: true,
      from: endsAt - 40_000,
      to: endsAt - 30_000,
      samples: [{ metric: 'errors', canary: counted, stable: counted }],
      weights: [],
    })
  })

  test('intervals that one side has no numbers of are left out', async () => {
    const { batches } = await look({
      counts: ({ arm }, to) =>
        arm === 'canary' && to === endsAt
          ? { kind: 'no-data', why: 'answered without any series' }
          : { kind: 'ratio', bad: to === endsAt - 20_000 ? Number.NaN : 0, total: 10 },
    })
    expect(batches.map(({ to }) => to - endsAt)).toEqual([-30_000, -10_000])
  })

  test('instances that were there all the time are preferred', async () => {
    const { asked } = await look({ members: ({ to }) => (to === endsAt ? ['x', 'y', 'z'] : ['w', 'x', 'y']) }, {}, wide)
    expect(asked[0]?.queries['bad']).toMatch(/pod=~"[xy]"/)
    const young = await look({ members: ({ to }) => (to === endsAt ? ['x', 'y'] : ['v', 'w']) }, {}, wide)
    expect(young.asked[0]?.queries['bad']).toMatch(/pod=~"[xy]"/)
  })
  const wide = { forMs: 3_600_000 }

  test('what a gauge said before is not asked', async () => {
    const { batches } = await look({}, { metrics: [errors({ kind: 'gauge', queries: { query: 'pool{{{arm}}}' } })] })
    expect(batches).toEqual([])
  })

  test('a metric without a past is told once, beside the past of the others', async () => {
    const { batches } = await look({}, { metrics: [errors(), errors({ name: 'slow', source: 'nobody' })] })
    expect(batches.map(({ samples }) => samples.map(({ metric }) => metric))).toEqual([
      ['errors'],
      ['errors'],
      ['errors'],
      ['errors', 'slow'],
    ])
    expect(batches[3]?.samples[1]?.canary).toMatchObject({ kind: 'no-data', why: expect.stringMatching('nobody') })
  })
})

describe('a past that cannot be read is one batch with the reason', () => {
  test('the source keeps none', async () => {
    expect(whyOf(await look({ keepsNone: true }))).toBe('a prometheus source keeps no past')
  })

  test('stable has one instance', async () => {
    expect(whyOf(await look({ members: () => ['only'] }))).toMatch(/stable has one pod only \(only\)/)
    expect(whyOf(await look({ members: () => [] }))).toBe('no series of stable has the label pod')
  })

  test('the instances cannot be asked for, and secrets stay out of the reason', async () => {
    expect(whyOf(await look({ members: () => `refused ${secret}` }))).toBe('refused ***')
  })

  test('the query is the same for both arms', async () => {
    const queries = { bad: 'rate(bad[10s])', total: 'rate(total[10s])' }
    expect(whyOf(await look({}, { metrics: [errors({ queries })] }))).toContain('{{arm}}')
  })

  test('the judge names no arms', async () => {
    expect(whyOf(await look({}, { arms: null }))).toBe('the judge names no arms')
  })

  test('no interval has numbers of both sides', async () => {
    const counts = (): ArmSample => ({ kind: 'no-data', why: 'answered without any series' })
    expect(whyOf(await look({ counts }))).toBe('answered without any series')
  })

  test('the source gives another number of intervals', async () => {
    expect(whyOf(await look({ history: () => Promise.resolve([[], []]) }))).toContain('another number of intervals')
  })

  test('the source breaks', async () => {
    expect(whyOf(await look({ history: () => Promise.reject(new Error('out of memory')) }))).toBe('out of memory')
  })

  test('it takes too long, and is told to stop', async () => {
    let stopped = false
    const history: MetricSource['history'] = (_, { signal }) =>
      new Promise(() => signal.addEventListener('abort', () => (stopped = true)))
    expect(whyOf(await look({ history }, {}, { budgetMs: 50 }))).toBe('no answer within 0.05 s')
    expect(stopped).toBe(true)
  })
})
