/** All metrics of a rollout or watch, one chart each, with one crosshair through all of them. */
import { useMemo, useState } from 'preact/hooks'
import type { Chart, ObservedView, ReleaseView, RolloutView } from '../../../../src/api/wire/web.ts'
import { partOf } from './chart-data.ts'
import { MetricCard } from './metric-card.tsx'

interface ObservedChartsProps {
  readonly chart: Chart
  readonly observed: ObservedView | null
  readonly stages: RolloutView['stages']
  readonly facts: ReleaseView['facts']
  /** null = all of them. */
  readonly shown: number | null
}

export function ObservedCharts({ chart, observed, stages, facts, shown }: ObservedChartsProps) {
  const [cursor, setCursor] = useState<number | null>(null)
  const part = useMemo(() => partOf(chart, shown), [chart, shown])
  return (
    <div class="metric-cards">
      {chart.metrics.map((metric) => (
        <MetricCard
          key={metric.label}
          chart={chart}
          metric={metric}
          part={part}
          stages={stages}
          reading={observed?.metrics.find(({ label }) => label === metric.label) ?? null}
          facts={facts}
          cursor={cursor}
          onCursor={setCursor}
        />
      ))}
    </div>
  )
}
