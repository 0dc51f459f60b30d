/** What a reader of the HTML report finds in it, and what must not come alive there. */
import { describe, expect, test } from 'vitest'
import { fold } from '../../core/release/evolve.ts'
import type { Chart } from '../chart/chart.ts'
import { toldRelease } from '../test-support/told-release.ts'
import { reportHtml } from './report-html.ts'

const chart: Chart = {
  step: 'move',
  policy: 'threshold',
  everyMs: 1000,
  soaks: [{ stage: 0, startedAt: 0, endedAt: 4000 }],
  metrics: [
    {
      label: 'errors <b>',
      metric: 'errors',
      quantile: null,
      unit: 'ratio',
      dryRun: false,
      windowMs: 1000,
      limits: [
        { kind: 'go', stage: 0, value: 0.01, text: '< 1%' },
        { kind: 'rollback', stage: 0, value: 0.02, text: '> 2%' },
      ],
      versusStable: [],
      queries: {},
      source: null,
    },
  ],
  arms: null,
  harm: [],
  from: [0, 1000, 2000, 3000],
  to: [1000, 2000, 3000, 4000],
  history: 0,
  zones: 'gggr',
  columns: {
    'errors <b>': {
      canary: [0.004, null, 0.01, 0.031],
      stable: [0.004, 0.004, 0.004, 0.004],
      canaryAlone: [],
      low: [],
      high: [],
      slowerThan: null,
      ratioLimits: { go: null, rollback: null },
      zones: 'gggr',
    },
  },
  more: false,
}

function told(hostile?: string) {
  const { events } = hostile === undefined ? toldRelease() : toldRelease(hostile)
  const step = fold(events)!.plan.steps.find(({ block }) => block.word === 'rollout')!.id
  const options = { now: events.at(-1)!.at + 60_000, charts: [{ ...chart, step }] }
  return reportHtml(fold(events)!, events, options)
}

describe('the report as one HTML file', () => {
  const calm = told('')

  test('opens with what was released and how it went', () => {
    expect(calm).toContain('<h1>checkout v2 <span class="to">to production</span></h1>')
    expect(calm).toContain('<p class="verdict bad">Rolled back in 3.0s: errors 3.1 % &gt; 2 %')
  })

  test('holds decisions, signatures, waivers, deviations, messages, steps and the past', () => {
    for (const title of [
      'Coverage',
      'Rollback',
      'Waivers and overrides',
      'Deviations',
      'Signatures',
      'Messages',
      'Timeline',
      'This record',
    ])
      expect(calm).toContain(`<h2>${title}</h2>`)
    expect(calm).toContain('1 proven by a machine, 1 promised by a person, 1 waived')
    expect(calm).toContain('All tests pass')
  })

  test('draws what was measured beside its limits, with gaps where nothing was', () => {
    expect(calm).toContain('role="img" aria-label="errors &lt;b&gt;: canary 3.1 % at the end, stable 0.4 %"')
    expect(calm).toContain('limits: go &lt; 1%, rollback &gt; 2%')
    const canary = /class="canary" d="([^"]*)"/.exec(calm)?.[1] ?? ''
    expect(canary.match(/M/g)).toHaveLength(2)
    expect(canary).not.toContain('NaN')
  })

  test('needs nothing from outside and runs nothing, whatever others wrote', () => {
    for (const page of [calm, told()]) {
      expect(page).not.toMatch(/<script|<img|<iframe|<link|<a |javascript:[^<]*"|\bon\w+="/i)
      expect(page).not.toMatch(/(?:src|href|url)\s*[=(]/i)
      expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'")
      expect(page.match(/<(main|section|table|ul|svg)\b/g)?.length).toBe(
        page.match(/<\/(main|section|table|ul|svg)>/g)?.length,
      )
    }
    expect(told()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(told()).toContain('\\u202e')
  })

  test('is the same bytes for the same release', () => {
    expect(told()).toBe(told())
  })
})
