/** Captures a number for a field: as it is now, or what a window of the past comes to. What cannot be read is said, never guessed. */
import type { CaptureWindow, MetricCapture } from '../core/plan/plan.ts'
import { renderPromql } from '../core/plan/promql-template.ts'
import type { Captured, EffectContext } from '../core/ports/engine.ts'
import { variablesOf } from '../core/release/values.ts'
import { gridOf, type Point, type Summary, summaryOf } from '../core/series/summary.ts'
import type { Instant } from '../core/units.ts'
import type { MetricSources } from './metric-sources.ts'

export async function captureOf(
  capture: MetricCapture,
  at: Instant,
  context: EffectContext,
  metrics: MetricSources,
): Promise<Captured> {
  const query = renderPromql(capture.query, variablesOf(context.state))
  if (!query.ok) return { noData: query.why }
  const { source, window } = capture
  if (window === undefined) return metrics.metric(source, query.text, at, context)
  const to = at - window.agoMs
  const series = await metrics.series(source, query.text, gridOf(to, window.overMs, window.everyMs), context)
  return 'noData' in series ? series : concluded(window, series.points, to)
}

function concluded(window: CaptureWindow, points: readonly Point[], to: Instant): Captured {
  const summary = summaryOf(points)
  const from = to - window.overMs
  const span = `${new Date(from).toISOString().slice(0, 16)} to ${new Date(to).toISOString().slice(0, 16)} UTC`
  const samples = summary?.samples ?? 0
  if (summary === null || samples < window.minSamples)
    return { noData: `${samples} of ${points.length} samples from ${span}, at least ${window.minSamples} are needed` }
  const value = takenFrom(summary, window)
  const lines = points.map(({ at, value: seen }) => `${new Date(at).toISOString()}\t${seen ?? 'no data'}`)
  return {
    value,
    say: `${window.take} of ${samples} of ${points.length} samples from ${span}`,
    window: { ...summary, from, to },
    evidence: {
      name: 'samples.tsv',
      mediaType: 'text/tab-separated-values; charset=utf-8',
      bytes: new TextEncoder().encode(`${lines.join('\n')}\n`),
    },
  }
}

function takenFrom(summary: Summary, { take }: CaptureWindow): number {
  return summary[take]
}
