/** What the lines and marks of all charts mean, and which part of the rollout they show. */
import type { Chart, RolloutView } from '../../../../src/api/wire/web.ts'
import { hasPast } from './chart-data.ts'
import { ZoneMark } from './plot.tsx'

interface LegendProps {
  readonly chart: Chart
  readonly stages: RolloutView['stages']
  readonly shown: number | null
  readonly onShow: (stage: number | null) => void
}

export function Legend({ chart, stages, shown, onShow }: LegendProps) {
  const hasBand = Object.values(chart.columns).some(
    ({ low, slowerThan }) => slowerThan === null && low.some((one) => one !== null),
  )
  return (
    <div class="legend">
      <ul aria-label="Legend">
        <li class="key is-canary">canary</li>
        <li class="key is-stable">stable</li>
        {hasBand && <li class="key is-band">where the canary may lie, at any time</li>}
        <li>
          <ZoneMark zone="g" /> go <ZoneMark zone="h" /> hold <ZoneMark zone="r" /> rollback
        </li>
        {hasPast(chart) && <li class="key is-past">before the rollout: two parts of stable</li>}
      </ul>
      {shown !== null && (
        <p>
          Only {stages[shown]?.weightPercent} %{' '}
          <button type="button" class="plain" onClick={() => onShow(null)}>
            show all
          </button>
        </p>
      )}
    </div>
  )
}
