import { describe, expect, test } from 'vitest'
import type { MetricCapture } from '../core/plan/plan.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import { started } from '../../test/support/canary.ts'
import { check, phase, plan, step } from '../../test/support/plan-builder.ts'
import { captureOf } from './capture.ts'
import type { MetricSources } from './metric-sources.ts'

const week = 7 * 86_400_000
const now = Date.parse('2026-11-21T14:00:00Z')
const capture: MetricCapture = {
  source: 'prom',
  query: 'load{version="{{version}}"}',
  window: { overMs: 600_000, everyMs: 60_000, agoMs: week, minSamples: 9, take: 'median' },
}
const context = { state: started(plan([phase('p', [step('a', check())])])).current } as EffectContext

/** A server that keeps a past and remembers what it was asked. */
function sources(valueAt: (index: number) => number | null) {
  const asked: { query: string; instants: readonly number[] }[] = []
  const metrics: MetricSources = {
    open: () => {
      throw new Error('not opened here')
    },
    metric: async () => ({ value: 1 }),
    series: async (_source, query, instants) => {
      asked.push({ query, instants })
      return { points: instants.map((at, index) => ({ at, value: valueAt(index) })) }
    },
  }
  return { metrics, asked }
}

describe('a number captured over a window', () => {
  test('is that of the same hour a week before, with its samples as evidence', async () => {
    const { metrics, asked } = sources((index) => index)
    const answer = await captureOf(capture, now, context, metrics)
    expect(asked[0]?.query).toBe('load{version="2.0"}')
    expect(asked[0]?.instants).toHaveLength(10)
    expect(asked[0]?.instants.at(-1)).toBe(now - week)
    expect(answer).toMatchObject({
      value: 4.5,
      say: 'median of 10 of 10 samples from 2026-11-14T13:50 to 2026-11-14T14:00 UTC',
      window: { samples: 10, expected: 10, median: 4.5, p95: 9, lowest: 0, highest: 9 },
      evidence: { name: 'samples.tsv' },
    })
    const text = 'evidence' in answer && answer.evidence ? new TextDecoder().decode(answer.evidence.bytes) : ''
    expect(text.split('\n')[0]).toBe('2026-11-14T13:51:00.000Z\t0')
  })

  test('is none with too many holes in it: missing data is no baseline', async () => {
    const { metrics } = sources((index) => (index < 2 ? null : index))
    expect(await captureOf(capture, now, context, metrics)).toEqual({
      noData: '8 of 10 samples from 2026-11-14T13:50 to 2026-11-14T14:00 UTC, at least 9 are needed',
    })
  })

  test('without a window is one number now', async () => {
    const { metrics } = sources(() => null)
    expect(await captureOf({ source: 'prom', query: 'up' }, now, context, metrics)).toEqual({ value: 1 })
  })
})
