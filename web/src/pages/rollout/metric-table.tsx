/** A chart as a table: every turn of the verdict, and as many intervals between as a person reads. */
import { useMemo } from 'preact/hooks'
import type { Chart, ChartMetric, RolloutView } from '../../../../src/api/wire/web.ts'
import { Moment } from '../../parts/time.tsx'
import { visible } from '../release/visible.ts'
import { type Part, stageAt } from './chart-data.ts'
import { momentOf } from './moment-words.ts'

interface MetricTableProps {
  readonly chart: Chart
  readonly metric: ChartMetric
  readonly part: Part
  readonly stages: RolloutView['stages']
}

const ROWS = 30

export function MetricTable({ chart, metric, part, stages }: MetricTableProps) {
  const rows = useMemo(() => rowsOf(chart, metric, part), [chart, metric, part])
  const label = visible(metric.label)
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label={`Table of ${label}`}>
      <table>
        <caption>
          {label}, newest first
          {rows.length < part.end - part.start && `: ${rows.length} of ${part.end - part.start} intervals`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Traffic</th>
            <th scope="col">Canary</th>
            <th scope="col">Stable</th>
            <th scope="col">Canary / stable</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((at) => {
            const moment = momentOf(chart, metric, at)
            const stage = at < chart.history ? null : stageAt(chart, chart.to[at] ?? 0)
            return (
              moment !== null && (
                <tr key={moment.at}>
                  <th scope="row">
                    <Moment at={moment.at} hasSeconds />
                  </th>
                  <td>{stage === null ? '' : `${stages[stage]?.weightPercent ?? '?'} %`}</td>
                  <td>{moment.canary}</td>
                  <td>{moment.stable}</td>
                  <td>{moment.band}</td>
                  <td>{moment.zone}</td>
                </tr>
              )
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function rowsOf(chart: Chart, metric: ChartMetric, { start, end }: Part): readonly number[] {
  const zones = chart.columns[metric.label]?.zones ?? ''
  const every = Math.max(1, Math.ceil((end - start) / ROWS))
  const rows: number[] = []
  for (let at = end - 1; at >= start; at -= 1) {
    const isTurn = at > start && zones[at] !== zones[at - 1]
    if ((end - 1 - at) % every === 0 || (isTurn && rows.length < 3 * ROWS)) rows.push(at)
  }
  return rows
}
