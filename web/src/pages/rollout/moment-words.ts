/** One interval of a chart in words: what the crosshair stands on. */
import type { Chart, ChartMetric } from '../../../../src/api/wire/web.ts'
import { clockWords } from '../../parts/clock.ts'
import { numberWords, timesWords } from '../../parts/number-words.ts'
import { bandAt, zoneWords } from './chart-data.ts'

export interface MomentWords {
  readonly at: number
  readonly canary: string
  readonly stable: string
  /** Of this interval alone, where the judge looks at more than that; empty = the same. */
  readonly alone: string
  /** The interval that may be read at any time; empty = not compared. */
  readonly band: string
  readonly zone: string
  readonly letter: string
}

export function momentOf(chart: Chart, metric: ChartMetric, at: number): MomentWords | null {
  const columns = chart.columns[metric.label]
  const to = chart.to[at]
  if (columns === undefined || to === undefined) return null
  const isHistory = at < chart.history
  const words = (value: number | null | undefined): string => numberWords(value ?? null, metric.unit)
  const letter = columns.zones[at] ?? '-'
  const alone = words(columns.canaryAlone[at])
  const canary = words(columns.canary[at])
  return {
    at: to,
    canary,
    stable: words(columns.stable[at]),
    alone: isHistory || alone === canary ? '' : alone,
    band: bandWords(chart, metric, at),
    zone: isHistory ? 'before the rollout' : (zoneWords[letter] ?? 'not judged'),
    letter,
  }
}

function bandWords(chart: Chart, metric: ChartMetric, at: number): string {
  const columns = chart.columns[metric.label]
  const [low, high] = [columns?.low[at], columns?.high[at]]
  if (columns === undefined || low == null || high == null) return ''
  const between = `${timesWords(low).replace(' ×', '')} to ${timesWords(high)} stable`
  const band = bandAt(columns, at)
  // Twice a rate of 70 % is no rate.
  const most = metric.unit === 'ratio' ? 1 : Infinity
  if (band !== null) {
    const [from, to] = [band.low, band.high].map((value) => numberWords(Math.min(value, most), metric.unit))
    return `${between}: ${from} to ${to}`
  }
  return `requests slower than ${numberWords(columns.slowerThan, 'seconds')}: ${between}`
}

/** For whoever hears the page: one sentence. */
export function spokenOf({ at, canary, stable, band, zone }: MomentWords, label: string): string {
  const parts = [`${clockWords(at)}: ${label} canary ${canary}`, `stable ${stable}`, band, zone]
  return parts.filter((part) => part !== '').join(', ')
}
