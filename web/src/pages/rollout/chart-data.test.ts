/** Answers put behind each other are what one answer would have been. */
import { expect, test } from 'vitest'
import type { Chart } from '../../../../src/api/wire/web.ts'
import { armWords, bandAt, joined, mostHarmed, nearest, partOf, stageAt } from './chart-data.ts'
import { momentOf } from './moment-words.ts'

const metric = (label: string) => ({
  label,
  metric: label,
  quantile: null,
  unit: 'ratio',
  dryRun: false,
  windowMs: 1000,
  limits: [],
  versusStable: [],
  queries: {},
  source: null,
})

/** Intervals of a second that end at `to`. */
function chart(to: readonly number[], more: Partial<Chart> = {}, labels: readonly string[] = ['errors']): Chart {
  return {
    step: 'r',
    policy: 'statistical',
    everyMs: 1000,
    soaks: [{ stage: 0, startedAt: 0, endedAt: null }],
    metrics: labels.map(metric) as Chart['metrics'],
    arms: null,
    harm: [],
    from: to.map((at) => at - 1000),
    to,
    history: 0,
    zones: 'g'.repeat(to.length),
    columns: Object.fromEntries(
      labels.map((label) => [
        label,
        {
          canary: to.map((at) => at / 1e6),
          stable: to.map(() => 0.5),
          canaryAlone: to.map(() => 0.5),
          low: to.map(() => 0.8),
          high: to.map(() => 1.4),
          slowerThan: null,
          ratioLimits: { go: null, rollback: null },
          zones: 'g'.repeat(to.length),
        },
      ]),
    ),
    more: false,
    ...more,
  }
}

test('news go behind what is known; what comes twice counts once', () => {
  const all = chart([1000, 2000, 3000, 4000])
  expect(joined(chart([1000, 2000]), chart([2000, 3000, 4000]))).toEqual(all)
  expect(joined(all, chart([]))).toEqual(all)
  expect(joined(null, all)).toBe(all)
})

test('a metric that an amended plan brings has no values before', () => {
  const made = joined(chart([1000]), chart([2000], {}, ['errors', 'fresh']))
  expect(made.columns['fresh']?.canary).toEqual([null, 0.002])
  expect(made.columns['fresh']?.zones).toBe('-g')
})

test('a stage shows its own intervals; the whole shows a part of a long time before', () => {
  const soaks = [
    { stage: 0, startedAt: 100_000, endedAt: 103_000 },
    { stage: 1, startedAt: 103_500, endedAt: null },
  ]
  const to = [...Array.from({ length: 100 }, (_, at) => (at + 1) * 1000), 101_000, 102_000, 103_000, 104_500, 105_500]
  const made = chart(to, { soaks, history: 100 })
  expect(partOf(made, 0)).toEqual({ start: 100, end: 103 })
  expect(partOf(made, 1)).toEqual({ start: 103, end: 105 })
  expect(partOf(made, 2)).toEqual({ start: 105, end: 105 })
  const whole = partOf(made, null)
  expect(whole.start).toBeGreaterThan(90)
  expect(whole).toMatchObject({ end: 105 })
  expect([to[0], 102_000, 104_500].map((at) => stageAt(made, at!))).toEqual([null, 0, 1])
})

test('the nearest interval is found, and none where there is none', () => {
  const made = chart([1000, 2000, 4000])
  const all = { start: 0, end: 3 }
  expect([-5, 1400, 1600, 2900, 3100, 9000].map((at) => nearest(made, all, at))).toEqual([0, 0, 1, 1, 2, 2])
  expect(nearest(made, { start: 2, end: 2 }, 1000)).toBe(-1)
})

test('a rate is never said to be more than all of it', () => {
  const made = chart([1000])
  const columns = { errors: { ...made.columns['errors']!, stable: [0.25], low: [2], high: [8] } }
  const [errors] = made.metrics
  expect(momentOf({ ...made, columns }, errors!, 0)?.band).toMatch(/: 50 % to 100 %$/)
  expect(momentOf({ ...made, columns }, { ...errors!, unit: 'seconds' }, 0)?.band).toMatch(/: 500 ms to 2 s$/)
})

test('the band is in the unit of the metric, and nowhere else', () => {
  const { columns } = chart([1000])
  expect(bandAt(columns['errors']!, 0)).toEqual({ low: 0.4, high: 0.7 })
  expect(bandAt({ ...columns['errors']!, slowerThan: 0.25 }, 0)).toBeNull()
  expect(bandAt({ ...columns['errors']!, low: [null] }, 0)).toBeNull()
})

test('harm is told by the metric that shows most of it, and never below nothing', () => {
  const harm = [
    { metric: 'errors', requests: 100, failed: 3, wouldHave: 5 },
    { metric: 'timeouts', requests: 100, failed: 9, wouldHave: null },
  ]
  expect(mostHarmed(chart([], { harm }))).toEqual({ metric: 'timeouts', more: 9 })
  expect(mostHarmed(chart([], { harm: harm.slice(0, 1) }))).toEqual({ metric: 'errors', more: 0 })
  expect(mostHarmed(chart([]))).toBeNull()
})

test('an arm is told with the versions of this release', () => {
  const facts = { releaseVersion: '2.0 $&', previous: null }
  expect(armWords({ version: '{{version}}', pod: 'a{{ previous }}' }, facts)).toBe('version="2.0 $&", pod="a"')
})
