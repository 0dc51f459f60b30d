/** What was measured, as a picture without a script: canary beside stable, and the limits. */
import type { Chart, ChartColumns, ChartMetric } from '../chart/chart.ts'
import { clockWords, numberWords } from '../words.ts'
import { element, type Markup } from './element.ts'

const width = 760
const height = 190
const left = 62
const bottom = 24
const top = 10

export function chartFigures(chart: Chart): readonly Markup[] {
  return chart.metrics.flatMap((metric) => {
    const columns = chart.columns[metric.label]
    const isMeasured = columns?.canary.some((value) => value !== null) === true
    return columns === undefined || !isMeasured ? [] : [figure(chart, metric, columns)]
  })
}

interface Scale {
  readonly x: (at: number) => number
  readonly y: (value: number) => number
}

function figure(chart: Chart, metric: ChartMetric, columns: ChartColumns): Markup {
  const scale = scaleOf(chart, metric, columns)
  const canary = last(columns.canary)
  const stable = last(columns.stable)
  const said = `${metric.label}: canary ${numberWords(canary, metric.unit)} at the end, stable ${numberWords(stable, metric.unit)}`
  const limits = metric.limits.filter(
    (limit, at) => metric.limits.findIndex((one) => one.kind === limit.kind && one.value === limit.value) === at,
  )
  const drawn = element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': said },
    axes(chart, metric, scale),
    limits.map(({ kind, value }) =>
      element('line', { class: kind, x1: left, x2: width, y1: scale.y(value), y2: scale.y(value) }),
    ),
    element('path', { class: 'stable', d: lineOf(chart, columns.stable, scale) }),
    element('path', { class: 'canary', d: lineOf(chart, columns.canary, scale) }),
  )
  const told = limits.map(({ kind, text }) => `${kind} ${text}`).join(', ')
  return element(
    'figure',
    {},
    drawn,
    element('figcaption', {}, `${said} (blue: canary, grey: stable)${told === '' ? '' : ` · limits: ${told}`}`),
  )
}

function last(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null
}

/** From nothing to a little above the greatest value or limit; times in UTC. */
function scaleOf(chart: Chart, metric: ChartMetric, columns: ChartColumns): Scale {
  const values = [...columns.canary, ...columns.stable, ...metric.limits.map(({ value }) => value)]
  const most = Math.max(...values.filter((value) => value !== null && Number.isFinite(value)).map(Number), 0)
  const greatest = most === 0 ? 1 : most * 1.1
  const from = chart.from[0] ?? 0
  const span = Math.max(1, (chart.to.at(-1) ?? from) - from)
  return {
    x: (at) => rounded(left + ((at - from) / span) * (width - left)),
    y: (value) => rounded(height - bottom - (Math.min(value, greatest) / greatest) * (height - bottom - top)),
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function axes(chart: Chart, metric: ChartMetric, { x, y }: Scale): readonly Markup[] {
  const from = chart.from[0] ?? 0
  const to = chart.to.at(-1) ?? from
  const floor = height - bottom
  const greatest = Math.max(...metric.limits.map(({ value }) => value), 0)
  const mark = (value: number) =>
    element('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, numberWords(value, metric.unit))
  return [
    element('line', { class: 'axis', x1: left, x2: width, y1: floor, y2: floor }),
    ...chart.soaks
      .slice(1)
      .map(({ startedAt }) =>
        element('line', { class: 'stage', x1: x(startedAt), x2: x(startedAt), y1: top, y2: floor }),
      ),
    element('text', { x: left, y: height - 6 }, `${clockWords(from)} UTC`),
    element('text', { x: width, y: height - 6, 'text-anchor': 'end' }, clockWords(to)),
    mark(0),
    ...(greatest > 0 ? [mark(greatest)] : []),
  ]
}

/** A missed interval is a gap, never a line across it. */
function lineOf({ to, everyMs }: Chart, values: readonly (number | null)[], { x, y }: Scale): string {
  let before: number | null = null
  return values
    .map((value, at) => {
      const moment = to[at] ?? 0
      if (value === null || !Number.isFinite(value)) return ''
      const isNext = before !== null && moment - before <= everyMs * 1.5
      before = moment
      return `${isNext ? 'L' : 'M'}${x(moment)} ${y(value)}`
    })
    .join('')
}
