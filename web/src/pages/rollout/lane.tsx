/** Beneath the plot of a quantile: how many more requests are slow at the canary than at stable, with the interval that is judged. */
import type { Chart, ChartColumns, ChartMetric } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { numberWords, timesWords } from '../../parts/number-words.ts'
import type { Part } from './chart-data.ts'
import { bandPath, frame, spotsOf } from './drawing.ts'
import { type Scale, scaleOf } from './plot.ts'

/** Pixels. */
export const laneHeight = 62
const top = 18
/** Two texts do not fit beside each other. */
const NARROW = 480
const bottom = laneHeight - 4

/** A quantile has no interval in its own unit: the shares of requests slower than an edge are compared. */
export function hasLane(chart: Chart, metric: ChartMetric): boolean {
  return chart.policy === 'statistical' && metric.quantile !== null && metric.versusStable.length > 0
}

interface LaneProps {
  readonly chart: Chart
  readonly columns: ChartColumns
  readonly part: Part
  readonly x: Scale
  readonly width: number
}

export const Lane = memo(({ chart, columns, part, x, width }: LaneProps) => {
  const { rollback, go } = columns.ratioLimits
  const y = ratioScale(columns, part)
  const right = width - frame.right
  const edge = (key: 'low' | 'high') =>
    spotsOf(chart, part, x, y, (at) => {
      const value = columns[key][at]
      return value == null ? null : Math.log2(value)
    })
  const limits = [
    { kind: 'rollback', value: rollback },
    { kind: 'go', value: go },
  ].flatMap(({ kind, value }) => {
    const log = value === null ? Number.NaN : Math.log2(value)
    return value !== null && log > y.min && log < y.max ? [{ kind, at: y.at(log) }] : []
  })
  return (
    <>
      <text class="note" x={frame.left} y={11}>
        {columns.slowerThan === null
          ? 'canary / stable: too few to compare yet'
          : `slower than ${numberWords(columns.slowerThan, 'seconds')}: canary / stable`}
      </text>
      {(rollback !== null || go !== null) && (
        <text x={right - 2} y={width < NARROW ? bottom : 11} text-anchor="end" class="ratio-limits">
          {rollback !== null && <tspan class="is-rollback">rollback above {timesWords(rollback)} </tspan>}
          {go !== null && <tspan class="is-go">go below {timesWords(go)}</tspan>}
        </text>
      )}
      <line class="grid" x1={frame.left} x2={right} y1={y.at(0)} y2={y.at(0)} />
      <text class="tick" x={frame.left - 6} y={y.at(0) + 4} text-anchor="end">
        1 ×
      </text>
      <path class="band" d={bandPath(edge('low'), edge('high'))} />
      {limits.map(({ kind, at }) => (
        <g key={kind} class={`limit is-${kind}`}>
          <line x1={frame.left} x2={right} y1={at} y2={at} />
        </g>
      ))}
    </>
  )
})

/** Twice as many is as far above as half as many is below; never so wide that the newest interval cannot be read. */
function ratioScale({ low, high, ratioLimits }: ChartColumns, { start, end }: Part): Scale {
  const newest = newestOf(low, high, { start, end })
  const least = Math.min(0.5, newest.low / 1.3)
  const most = Math.max(2, newest.high * 1.3, Math.min(8, (ratioLimits.rollback ?? 0) * 1.3))
  return scaleOf(Math.log2(least), Math.log2(most), bottom, top)
}

function newestOf(low: ChartColumns['low'], high: ChartColumns['high'], { start, end }: Part) {
  for (let at = end - 1; at >= start; at -= 1) {
    const [below, above] = [low[at], high[at]]
    if (below != null && above != null) return { low: Math.max(below, 0.05), high: Math.min(above, 20) }
  }
  return { low: 1, high: 1 }
}
