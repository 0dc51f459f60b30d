/** Stable against itself: the rate found lies within the promise, a sick instance is found and named, gaps are told. */
import { describe, expect, test } from 'vitest'
import type { JudgePlan, RolloutBlock } from '../../plan/plan.ts'
import { judgePlan, limit, metric, stage, versus } from '../build.fixture.ts'
import { type Sampler, sampler } from '../statistical/samplers.fixture.ts'
import type { ArmSample, SampleBatch } from '../verdict.ts'
import { calibratable, readCalibration } from './record.ts'
import { judgeDigest, partsOf, type Replay, replay, type StageRead, together } from './replay.ts'
import { type Calibrated, type Calibration, tally } from './tally.ts'
import { windowsIn } from './windows.ts'

const every = 15_000
const now = 1_700_000_010_000

function block(given: Partial<JudgePlan> = {}): RolloutBlock {
  const errors = metric({ queries: { bad: 'b', total: 't' }, versusStable: [versus(0.25)] })
  return {
    word: 'rollout',
    components: [{ name: 'shop', driver: 'fake', config: {} }],
    stages: [stage({ weightPercent: 25, soakMs: 600_000 }), stage({ weightPercent: 100, soakMs: 300_000 })],
    judge: judgePlan({
      policy: 'statistical',
      everyMs: every,
      warmUpMs: 60_000,
      arms: { canary: { version: 'new' }, stable: { version: 'old' } },
      history: { forMs: 1_800_000, splitBy: 'pod' },
      metrics: [errors],
      ...given,
    }),
  }
}

const historyMs = 1_800_000

interface Service {
  /** Requests per second of the part that plays the canary, and of the rest. */
  readonly canary?: number
  readonly stable?: number
  readonly errorRate?: number
  /** Chance that the sick instance plays the canary, and how much more often it fails. */
  readonly sick?: { readonly chance: number; readonly factor: number }
  /** How many errors come at once. */
  readonly cluster?: number
}

/** One stage as a source would tell it. */
function read(random: Sampler, from: number, to: number, service: Service, pod: string): StageRead {
  const { canary = 50, stable = 150, errorRate = 0.003, cluster = 1 } = service
  const rate = errorRate * (pod === 'pod-3' ? (service.sick?.factor ?? 1) : 1)
  const arm = (perSecond: number, share: number): ArmSample => {
    const total = random.poisson((perSecond * every) / 1000)
    const bad = cluster === 1 ? random.binomial(total, share) : random.clustered(total * share, cluster)
    return { kind: 'ratio', bad: Math.min(bad, total), total }
  }
  const batches = Array.from({ length: (to - from) / every }, (_, i): SampleBatch => {
    const end = from + (i + 1) * every
    const samples = [{ metric: 'errors', canary: arm(canary, rate), stable: arm(stable, errorRate) }]
    return { step: 's', stage: 0, history: true, from: end - every, to: end, samples, weights: [] }
  })
  return { batches, canary: [pod] }
}

function calibrate(
  service: Service,
  runs: number,
  given: Partial<JudgePlan> = {},
  change: (reads: StageRead[], window: number) => readonly StageRead[] = (reads) => reads,
): { readonly found: Calibration; readonly replays: readonly Replay[] } {
  const rollout = block(given)
  const random = sampler(7)
  const parts = partsOf(rollout)
  const liveMs = parts.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
  const period = { from: now - 14 * 86_400_000, to: now }
  const { windows, fits } = windowsIn(period, { liveMs, historyMs, everyMs: every }, runs)
  const replays = windows.map(({ startsAt }, window) => {
    const pod = service.sick !== undefined && random.uniform() < service.sick.chance ? 'pod-3' : 'pod-1'
    const reads = parts.map(({ index, fromMs, lengthMs }) => {
      const from = startsAt + fromMs - (index === 0 ? historyMs : 0)
      return read(random, from, startsAt + fromMs + lengthMs, service, pod)
    })
    return replay(rollout, 's', startsAt, change(reads, window))
  })
  return { found: tally(calibrated(rollout, period, runs, fits), replays), replays }
}

function calibrated(rollout: RolloutBlock, period: Calibrated['period'], wanted: number, fits: number): Calibrated {
  return {
    service: 'shop',
    environment: 'production',
    planDigest: 'p',
    rollout: 's',
    text: 'Customers move',
    block: rollout,
    at: now,
    period,
    historyMs,
    splitBy: 'pod',
    wanted,
    fits,
    stopped: null,
  }
}

describe('a calibration of the judge', () => {
  test('of independent requests: no more healthy windows are turned back than promised, and most are certified', () => {
    const { found } = calibrate({}, 150)
    expect(found.standing).toBe('within')
    expect(found.runs).toBe(150)
    expect(found.low).toBeLessThanOrEqual(found.promise)
    expect(found.certified).toBeGreaterThan(75)
    expect(found.stages[0]?.canaryShare).toBeCloseTo(0.25, 1)
    expect(found.stages[1]?.canaryShare).toBeNull()
    expect(found.stages[0]?.medianGoMs).toBeGreaterThan(60_000)
    expect(found.dispersion).toEqual([expect.objectContaining({ metric: 'errors', quantile: null })])
    expect(found.advice.join()).toContain('takes 299 without a rollback')
  })

  test('of errors that come in clusters: what the counts scatter is found and told', () => {
    const quiet = calibrate({}, 20).found.dispersion[0]?.median ?? 0
    const clustered = calibrate({ cluster: 8 }, 20).found.dispersion[0]?.median ?? 0
    expect(clustered).toBeGreaterThan(2 * quiet)
  })

  test('one sick instance: the rate is above the promise, with its name, its metric, its hour and what to do', () => {
    const { found } = calibrate({ sick: { chance: 0.3, factor: 8 } }, 60)
    expect(found.standing).toBe('above')
    expect(found.rolledBack).toBeGreaterThan(5)
    expect(found.rate).toBe(found.rolledBack / 60)
    for (const one of found.rollbacks) {
      expect(one).toMatchObject({ metric: 'errors', stage: 0, canary: ['pod-3'] })
      expect(one.at).toBeGreaterThan(found.from)
      expect(one.at).toBeLessThanOrEqual(found.to)
    }
    expect(found.advice[0]).toMatch(/^the pod pod-3 played the canary in (\d+) of \1: it is unlike the others/)
    expect(found.advice.join('\n')).toMatch(/errors caused \d+ of \d+: raise its limit/)
    expect(found.advice.join('\n')).toMatch(/`false-alarm: 0\.0\d+%` instead of 1%/)
  })

  test('one window of many may be chance, and is never called calibrated', () => {
    const { found } = calibrate({ sick: { chance: 0.04, factor: 8 } }, 30)
    expect(found.rolledBack).toBeGreaterThan(0)
    expect(found.rolledBack).toBeLessThan(3)
    expect(found.standing).toBe('doubtful')
    expect(found.advice[0]).toContain('may still be chance')
  })

  test('what could not be read is no healthy window', () => {
    const none: ArmSample = {
      kind: 'no-data',
      why: 'stable has one pod only (pod-1), and a part of it is to play the canary',
    }
    const without = (reads: StageRead[]): readonly StageRead[] =>
      reads.map(({ batches }) => ({
        canary: [],
        batches: batches
          .slice(-1)
          .map((batch) => ({ ...batch, samples: [{ metric: 'errors', canary: none, stable: none }] })),
      }))
    const { found } = calibrate({}, 12, {}, without)
    expect(found).toMatchObject({ standing: 'nothing', runs: 0, rate: null, low: 0, high: 1 })
    expect(found.unread).toEqual([
      { why: expect.stringContaining('one pod only') as string, count: 12, newest: expect.any(Number) as number },
    ])
    expect(found.advice.join()).toContain('two or more instances')
  })

  test('a window with many gaps is not judged, and the others are', () => {
    const { found } = calibrate({}, 10, {}, (reads, window) =>
      window === 3 ? reads.map((one) => ({ ...one, batches: one.batches.filter((_, i) => i % 2 === 0) })) : reads,
    )
    expect(found.runs).toBe(9)
    expect(found.unread[0]?.why).toMatch(/^errors: numbers for (49|50|51) % of the intervals only/)
  })

  test('the same samples say the same again', () => {
    expect(calibrate({ cluster: 4 }, 8).found).toEqual(calibrate({ cluster: 4 }, 8).found)
  })

  test('windows without history are counted, and where no history is wanted nobody misses it', () => {
    const live = (reads: StageRead[]): readonly StageRead[] =>
      reads.map((one, i) => (i === 0 ? { ...one, batches: one.batches.slice(historyMs / every) } : one))
    expect(calibrate({}, 5, {}, live).found.withoutHistory).toBe(5)
    expect(calibrate({}, 5, { history: null }, live).found.withoutHistory).toBe(0)
  })

  test('a gauge has no past and is told to be left out', () => {
    const gauge = metric({ name: 'cpu', kind: 'gauge', queries: { query: 'q' }, go: [limit('<', 0.9)], rollback: [] })
    const { found } = calibrate({}, 5, { metrics: [...block().judge.metrics, gauge] })
    expect(found.leftOut).toEqual(['cpu'])
    expect(found.runs).toBe(5)
  })

  test('is kept as JSON, and another limit makes another judge', () => {
    const { found } = calibrate({}, 3)
    const bytes = new TextEncoder().encode(JSON.stringify(found))
    expect(readCalibration(bytes)).toMatchObject({ runs: 3, judgeDigest: found.judgeDigest, standing: found.standing })
    expect(readCalibration(new TextEncoder().encode('{"format":2}'))).toBeNull()
    expect(readCalibration(new TextEncoder().encode('no JSON'))).toBeNull()
    expect(judgeDigest(block())).toBe(found.judgeDigest)
    expect(judgeDigest(block({ falseAlarm: 0.02 }))).not.toBe(found.judgeDigest)
  })
})

describe('both sides as one', () => {
  test('counts add up, and what either lacks is lacking', () => {
    const none: ArmSample = { kind: 'no-data', why: 'gone' }
    expect(together({ kind: 'ratio', bad: 1, total: 10 }, { kind: 'ratio', bad: 2, total: 30 })).toEqual({
      kind: 'ratio',
      bad: 3,
      total: 40,
    })
    expect(
      together({ kind: 'histogram', le: [1, 2], counts: [1, 3] }, { kind: 'histogram', le: [1, 2], counts: [4, 4] }),
    ).toEqual({ kind: 'histogram', le: [1, 2], counts: [5, 7] })
    expect(together({ kind: 'events', count: 1, total: null }, { kind: 'events', count: 2, total: 5 })).toEqual({
      kind: 'events',
      count: 3,
      total: null,
    })
    expect(together({ kind: 'ratio', bad: 0, total: 1 }, none)).toEqual(none)
    expect(together({ kind: 'ratio', bad: 0, total: 1 }, { kind: 'gauge', value: 1 }).kind).toBe('no-data')
  })
})

test('only a rollout that compares counts with stable promises what can be put to the test', () => {
  const step = (id: string, given: Partial<JudgePlan>): { id: string; text: string; block: RolloutBlock } => ({
    id,
    text: id,
    block: block(given),
  })
  const steps = [
    step('statistical', {}),
    step('alone', { arms: null }),
    step('threshold', { policy: 'threshold' }),
    step('nothing', { metrics: [] }),
  ]
  expect(calibratable({ steps } as unknown as Parameters<typeof calibratable>[0]).map(({ id }) => id)).toEqual([
    'statistical',
  ])
})
