/** A calibration as people read it: the rate beside the promise, every false rollback with its hour, and what is missing. */
import { expect, test } from 'vitest'
import type { Calibration } from '../core/judge/calibration/tally.ts'
import { calibrationLines } from './calibration-text.ts'
import { paint } from './terminal/line.ts'

const to = Date.UTC(2026, 10, 21)
const day = 86_400_000
const found: Calibration = {
  format: 1,
  service: 'shop',
  environment: 'production',
  rollout: 's',
  text: 'Customers move',
  planDigest: 'p',
  judgeDigest: 'j',
  at: to,
  from: to - 7 * day,
  to,
  historyMs: 3_600_000,
  windowMs: 1_800_000,
  splitBy: 'pod',
  standing: 'above',
  promise: 0.01,
  runs: 84,
  rolledBack: 5,
  rate: 5 / 84,
  low: 0.024,
  high: 0.121,
  wanted: 400,
  fits: 334,
  unread: [{ why: 'errors: found no series', count: 16, newest: to - 6 * day }],
  withoutHistory: 0,
  rollbacks: [
    {
      at: to - 2 * day,
      stage: 0,
      metric: 'latency',
      quantile: 0.95,
      rule: 'p95 +20%',
      say: 'latency p95 2.1 s',
      canary: ['pod-3'],
    },
  ],
  certified: 60,
  stages: [
    { title: '', weightPercent: 5, timeMs: 1_200_000, certified: 61, medianGoMs: 420_000, canaryShare: 0.331 },
    { title: 'All', weightPercent: 100, timeMs: 600_000, certified: 40, medianGoMs: null, canaryShare: null },
  ],
  dispersion: [{ metric: 'errors', quantile: null, median: 1.24, worst: 5.61 }],
  leftOut: ['cpu'],
  advice: ['a longer history'],
  stopped: null,
}

const text = (of: Calibration): string =>
  calibrationLines(of)
    .map((line) => paint(line, { width: Number.POSITIVE_INFINITY, colour: false }))
    .join('\n')

test('the rate stands beside the promise, and what is behind it below', () => {
  expect(text(found)).toMatchInlineSnapshot(`
    "Customers move  production
    windows of 30m behind 1h of history, stable split by pod, 2026-11-14 00:00 UTC to 2026-11-21 00:00 UTC
    ✖ above the promise: 5 of 84 healthy windows rolled back = 6 % (at least 2.4 %, at most 12 %), promised 1 %
      60 of 84 windows could be certified in the planned time (71.4 %), half of them take longer than planned
        5 %  certified 61 of 84 · median 7m to go · the part that played the canary had 33.1 % of the traffic
        All  certified 40 of 84 · no go in 10m in half of them
      dispersion  errors 1.2 (at most 5.6)
      ✖ 2026-11-19 00:00 UTC  latency p95 at 5 %  latency p95 2.1 s · canary: pod-3
      ! 16 windows not judged, the newest of 2026-11-15 00:00 UTC, errors: found no series
      ! only 334 windows of 400 fit into the period side by side
      ! not replayed, as a gauge counts nothing: cpu
    → a longer history"
  `)
})

test('where nothing could be judged there is no rate, and why is said', () => {
  const nothing: Calibration = { ...found, standing: 'nothing', runs: 0, rolledBack: 0, rate: null, rollbacks: [] }
  const said = text({ ...nothing, dispersion: [], stages: [] })
  expect(said).toContain('✖ nothing could be replayed')
  expect(said).toContain('16 windows not judged, errors: found no series')
  expect(said).not.toContain('rolled back')
})
