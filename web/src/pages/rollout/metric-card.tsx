/** One metric: its verdict as a sentence, its plot, what the crosshair stands on, the query, and the same as a table. */
import { useState } from 'preact/hooks'
import type { Chart, ChartMetric, MetricView, ReleaseView, RolloutView } from '../../../../src/api/wire/web.ts'
import { clockWords, spanWords, utcWords } from '../../parts/clock.ts'
import { limitsBeside, sayOf } from '../release/metric-words.ts'
import { visible } from '../release/visible.ts'
import { armWords, nearest, type Part, queriesOf } from './chart-data.ts'
import { MetricTable } from './metric-table.tsx'
import { momentOf } from './moment-words.ts'
import { Plot, ZoneMark } from './plot.tsx'

interface MetricCardProps {
  readonly chart: Chart
  readonly metric: ChartMetric
  readonly part: Part
  readonly stages: RolloutView['stages']
  /** As the judge sees it now; null = it has not seen it yet. */
  readonly reading: MetricView | null
  readonly facts: ReleaseView['facts']
  readonly cursor: number | null
  readonly onCursor: (at: number | null) => void
}

export function MetricCard(props: MetricCardProps) {
  const { chart, metric, part, stages, reading, facts, cursor, onCursor } = props
  const [isTable, setTable] = useState(false)
  const label = visible(metric.label)
  return (
    <section class="metric" aria-label={label}>
      <header>
        <h3>{label}</h3>
        {metric.dryRun && <span class="tag">dry run: no part of the verdict</span>}
        <span class="hint">over {spanWords(metric.windowMs)}</span>
      </header>
      <p class="sentence">
        {reading === null ? (
          chart.to.length > chart.history ? (
            'Nothing measured in this stage yet.'
          ) : (
            'Nothing measured yet.'
          )
        ) : (
          <>
            <b class={`zone-word is-${reading.zone}`}>{reading.zone}</b> {sayOf(reading)}
            <span class="quiet">{limitsBeside(reading)}</span>
          </>
        )}
      </p>
      <Plot chart={chart} metric={metric} part={part} stages={stages} cursor={cursor} onCursor={onCursor} />
      <Reading chart={chart} metric={metric} part={part} cursor={cursor} />
      <details class="more" onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary>Query and table</summary>
        <Query metric={metric} chart={chart} facts={facts} />
        {isTable && <MetricTable chart={chart} metric={metric} part={part} stages={stages} />}
      </details>
    </section>
  )
}

interface ReadingProps {
  readonly chart: Chart
  readonly metric: ChartMetric
  readonly part: Part
  readonly cursor: number | null
}

/** Of the moment somebody points at, or the newest. */
function Reading({ chart, metric, part, cursor }: ReadingProps) {
  const moment = momentOf(chart, metric, nearest(chart, part, cursor ?? Infinity))
  if (moment === null) return <p class="reading" />
  return (
    <p class="reading">
      <time dateTime={new Date(moment.at).toISOString()} title={utcWords(moment.at)}>
        {clockWords(moment.at)}
      </time>
      <span class="key is-canary">canary {moment.canary}</span>
      <span class="key is-stable">stable {moment.stable}</span>
      <span>
        <ZoneMark zone={moment.letter} /> {moment.zone}
      </span>
      {moment.alone !== '' && <span class="quiet">this interval {moment.alone}</span>}
      {moment.band !== '' && <span class="key is-band">{moment.band}</span>}
    </p>
  )
}

interface QueryProps {
  readonly metric: ChartMetric
  readonly chart: Chart
  readonly facts: ReleaseView['facts']
}

function Query({ metric, chart, facts }: QueryProps) {
  const queries = queriesOf(metric)
  const own = [...new Set(metric.limits.map(({ kind, text }) => `${kind} ${text}`))]
  const limits = [...own, ...metric.versusStable.map((text) => `versus stable ${text}`)]
  return (
    <dl class="query">
      {queries.length === 0 && (
        <div>
          <dt>Read by</dt>
          <dd>a check of the watch, not a query</dd>
        </div>
      )}
      {queries.map(([name, query]) => (
        <div key={name}>
          <dt>{visible(name)}</dt>
          <dd>
            <code>{visible(query)}</code>
          </dd>
        </div>
      ))}
      {chart.arms !== null && queries.some(([, query]) => query.includes('arm')) && (
        <div>
          <dt>
            <code>{'{{arm}}'}</code>
          </dt>
          <dd>
            <code>{visible(armWords(chart.arms.canary, facts))}</code> for the canary,{' '}
            <code>{visible(armWords(chart.arms.stable, facts))}</code> for stable
          </dd>
        </div>
      )}
      {metric.source !== null && (
        <div>
          <dt>Source</dt>
          <dd>{visible(metric.source)}</dd>
        </div>
      )}
      <div>
        <dt>Limits</dt>
        <dd>{limits.length === 0 ? 'none: shown only' : visible(limits.join(' · '))}</dd>
      </div>
    </dl>
  )
}
