import { expect, test } from 'vitest'
import { judge } from '../../test/support/plan-builder.ts'
import { thresholdJudge } from '../core/judge/threshold.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { Judging } from './judging.ts'

const metric = {
  name: 'errors',
  kind: 'ratio',
  source: null,
  queries: {},
  forMs: 0,
  minSamples: 10,
  windowMs: 30_000,
  unit: 'ratio',
  go: [{ quantile: null, operator: '<', value: 0.01, text: '< 1%' }],
  rollback: [{ quantile: null, operator: '>', value: 0.02, text: '> 2%' }],
  versusStable: [],
} as const

const subject = { judge: judge({ everyMs: 10_000, metrics: [metric] }), stage: null, startedAt: 1_000_000 }
const at = (seconds: number): number => subject.startedAt + seconds * 1000

function judging(neededMs = 20_000): Judging {
  return new Judging(thresholdJudge, subject, null, 10_000, neededMs)
}

function batch(seconds: number, bad = 0): SampleBatch {
  const arm = (count: number) => ({ kind: 'ratio', bad: count, total: 100 }) as const
  return {
    step: 'w',
    stage: null,
    from: at(seconds - 10),
    to: at(seconds),
    samples: [{ metric: 'errors', canary: arm(bad), stable: arm(0) }],
    weights: [],
  }
}

test('samples are taken on a grid that begins with the stage', () => {
  const fold = judging()
  expect(fold.nextEnd(at(0))).toBe(at(10))
  expect(fold.nextEnd(at(3))).toBe(at(10))
  fold.observe(batch(10))
  expect(fold.nextEnd(at(10))).toBe(at(20))
  expect(fold.nextEnd(at(20))).toBe(at(20))
})

test('intervals that passed unseen are a gap: the next sample is of the interval that ends next', () => {
  const fold = judging()
  fold.observe(batch(10))
  expect(fold.nextEnd(at(57))).toBe(at(60))
  expect(fold.lastEnd(at(60.004))).toBe(at(60))
})

test('the fold of stored batches says what the fold that was lost said', () => {
  const lived = judging()
  for (const seconds of [10, 20, 30, 50, 60]) lived.observe(batch(seconds, seconds === 50 ? 1 : 0))
  const again = judging()
  for (const seconds of [10, 20, 30, 50, 60]) again.observe(batch(seconds, seconds === 50 ? 1 : 0))
  expect(again.record(again.report(), 'w', null)).toEqual(lived.record(lived.report(), 'w', null))
})

test('the first sample, a changed standing and a minute of the same are news', () => {
  // 70 s and 130 s: a minute each · 150 s: the breach.
  expect(newsOf(judging(240_000), new Map([[150, 100]]))).toEqual([10, 70, 130, 150])
})

test('a completed soak is news, and a short one is told several times before it ends, so that a question in it knows the newest numbers', () => {
  // 80 s: it has soaked.
  expect(newsOf(judging(80_000), new Map())).toEqual([10, 30, 50, 70, 80, 100, 120, 140, 160])
})

/** The seconds at which the log would hear of it. */
function newsOf(fold: Judging, bad: ReadonlyMap<number, number>): readonly number[] {
  const news: number[] = []
  for (let seconds = 10; seconds <= 160; seconds += 10) {
    fold.observe(batch(seconds, bad.get(seconds) ?? 0))
    const report = fold.report()
    if (!fold.isNews(report)) continue
    news.push(seconds)
    fold.recorded(report)
  }
  return news
}

test('a record names exactly the batches that were not told before', () => {
  const fold = judging()
  fold.observe(batch(10))
  fold.observe(batch(20))
  fold.knownUpTo(at(10))
  fold.observe(batch(30))
  expect(fold.record(fold.report(), 'w', null)).toMatchObject({ from: at(20), to: at(30), batches: 2 })
  fold.recorded(fold.report())
  expect(fold.isBehind).toBe(false)
})
