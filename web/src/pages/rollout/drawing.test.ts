/** What a metric's plot shows: limits for as long as they held, the gravest verdict of each place, gaps where nothing was measured. */
import { expect, test } from 'vitest'
import type { Chart, ChartMetric } from '../../../../src/api/wire/web.ts'
import { drawingOf } from './drawing.ts'

const ends = Array.from({ length: 40 }, (_, at) => (at + 1) * 1_000)

function chartOf(zones: string, values: readonly (number | null)[], more: Partial<Chart> = {}): Chart {
  const same = ends.map(() => null)
  return {
    step: 'r',
    policy: 'statistical',
    everyMs: 1_000,
    soaks: [
      { stage: 0, startedAt: 0, endedAt: 20_000 },
      { stage: 1, startedAt: 20_000, endedAt: null },
    ],
    metrics: [],
    arms: null,
    harm: [],
    from: ends.map((at) => at - 1_000),
    to: ends,
    history: 0,
    zones,
    columns: {
      errors: {
        canary: values,
        stable: values,
        canaryAlone: values,
        low: same,
        high: same,
        slowerThan: null,
        ratioLimits: { go: null, rollback: null },
        zones,
      },
    },
    more: false,
    ...more,
  }
}

const metric = (limits: ChartMetric['limits']): ChartMetric => ({
  label: 'errors',
  metric: 'errors',
  quantile: null,
  unit: 'ratio',
  dryRun: false,
  windowMs: 1_000,
  limits,
  versusStable: [],
  queries: {},
  source: null,
})
const limit = (kind: 'go' | 'rollback', stage: number, value: number) => ({ kind, stage, value, text: `${value}` })
const all = { start: 0, end: 40 }
const flat = ends.map(() => 0.01)

test('a limit that stays is one line over all stages, and a stricter one begins with its stage', () => {
  const limits = [limit('go', 0, 0.02), limit('go', 1, 0.02), limit('rollback', 0, 0.03), limit('rollback', 1, 0.025)]
  const { limits: lines, x } = drawingOf(chartOf('g'.repeat(40), flat), metric(limits), all, 600, 0)
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['go 0.02', 'rollback 0.03', 'rollback 0.025'])
  expect(lines[0]).toMatchObject({ x1: x.at(0), x2: x.at(40_000) })
  expect(lines[1]?.x2).toBe(x.at(20_000))
  expect(lines[2]?.x1).toBe(x.at(20_000))
})

test('a limit far above everything is named and does not flatten the lines', () => {
  const made = drawingOf(chartOf('g'.repeat(40), flat), metric([limit('rollback', 0, 5)]), all, 600, 0)
  expect(made.limits).toEqual([])
  expect(made.above).toEqual([{ kind: 'rollback', text: '5' }])
  expect(made.y.max).toBeLessThan(0.02)
})

test('one interval with a rollback shows, however many healthy ones share its place', () => {
  const zones = `${'g'.repeat(30)}r${'g'.repeat(9)}`
  const narrow = drawingOf(chartOf(zones, flat), metric([]), all, 120, 0).dots
  expect(narrow.length).toBeLessThan(20)
  expect(narrow.filter(({ zone }) => zone === 'r')).toHaveLength(1)
  const wide = drawingOf(chartOf(zones, flat), metric([]), all, 2_000, 0)
  expect(wide.dots.map(({ x }) => x)).toEqual(ends.map((at) => wide.x.at(at)))
})

test('no data and missed intervals are gaps in the line', () => {
  const values = flat.map((value, at) => (at === 5 ? null : value))
  const noData = drawingOf(chartOf('g'.repeat(40), values), metric([]), all, 600, 0)
  expect(noData.canary.match(/M/g)).toHaveLength(2)
  const to = ends.map((at) => (at > 10_000 ? at + 30_000 : at))
  const missed = drawingOf(
    chartOf('g'.repeat(40), flat, { to, from: to.map((at) => at - 1_000) }),
    metric([]),
    all,
    600,
    0,
  )
  expect(missed.canary.match(/M/g)).toHaveLength(2)
})

test('nothing measured yet is an empty plot, not a broken one', () => {
  const none = chartOf('', [], { from: [], to: [], zones: '' })
  const made = drawingOf(none, metric([limit('go', 0, 0.02)]), { start: 0, end: 0 }, 300, 0)
  expect([made.canary, made.stable, made.band, made.dots]).toEqual(['', '', '', []])
  expect(Number.isFinite(made.x.at(made.x.max)) && Number.isFinite(made.y.at(0))).toBe(true)
  expect(made.limits).toHaveLength(1)
})
