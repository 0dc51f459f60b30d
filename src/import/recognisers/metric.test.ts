/** Numbers that must be inside limits, or as they were before. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { metricBaseline, metricThreshold } from './metric.ts'

describe('a number with a limit', () => {
  test.for([
    ['Error rate < 2%', { operator: 'lt', value: 2, unit: '%' }],
    ['Latency p95 under 800ms', { operator: 'lt', value: 800, unit: 'ms', statistic: 'p95' }],
    ['CPU usage stays below 75%', { operator: 'lt', value: 75, unit: '%' }],
    ['Availability ≥ 99.9 %', { operator: 'ge', value: 99.9, unit: '%' }],
    ['Disk usage is acceptable', {}],
    ['No new errors in Sentry', {}],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(metricThreshold, words)).toMatchObject({ kind: 'metric-threshold', role: 'step', params }),
  )

  test('two limits keep their own severity', () => {
    expect(knownTask(metricThreshold, 'Errors (>3% triggers P2, >6% triggers P1)')?.params['demands']).toMatchObject([
      { operator: 'gt', value: 3, unit: '%', severity: 'P2' },
      { operator: 'gt', value: 6, unit: '%', severity: 'P1' },
    ])
  })

  test('in a stage knows its weight', () => {
    const text = '## Stage 2: 20% canary (1 hour)\n\n### Look\n\n- [ ] Error rate < 1%\n'
    expect(known(metricThreshold, text, 5)?.params).toMatchObject({ stage: 2, weight: 20 })
  })

  test('numbers listed for a dashboard are looked at together', () => {
    const text = '## Dashboards\n\nMetrics:\n\n```\n- error rate\n- p95 latency\n```\n'
    expect(known(metricThreshold, text, 5)).toMatchObject({ params: { metrics: ['error rate', 'p95 latency'] } })
  })

  test.for(['The rate card is printed', 'Approved by at least 3 reviewers', 'Coverage over 80%', 'Ship 3 boxes'])(
    'is none: %s',
    (words) => expect(knownTask(metricThreshold, words)).toBeNull(),
  )
})

describe('a number as it was before', () => {
  test.for([
    'No increase in error rates',
    'Compare latency against the baseline',
    'Sign-ups stable',
    'Baseline of response times captured',
    'Traffic is back to normal',
  ])('%s', (words) => expect(knownTask(metricBaseline, words)).toMatchObject({ kind: 'metric-baseline', role: 'step' }))

  test.for(['The stable is cleaned', 'CPU is normal', 'No change was asked for by tests', 'Compare the prices'])(
    'is none: %s',
    (words) => expect(knownTask(metricBaseline, words)).toBeNull(),
  )
})
