/** A chart as a page holds it: answers of the server put behind each other, and what stands at one moment in it. */
import type { Chart, ChartColumns, ChartMetric } from '../../../../src/api/wire/web.ts'

/** Several answers in one. A later answer may know more metrics: what came before it has no values for those. */
export function joined(before: Chart | null, news: Chart): Chart {
  if (before === null) return news
  const known = before.to.at(-1) ?? -Infinity
  const first = news.to.findIndex((to) => to > known)
  const skip = first === -1 ? news.to.length : first
  const count = before.to.length
  const columns = Object.fromEntries(
    news.metrics.map(({ label }) => [
      label,
      joinedColumns(before.columns[label] ?? nothing(count), news.columns[label] ?? nothing(news.to.length), skip),
    ]),
  )
  return {
    ...news,
    from: [...before.from, ...news.from.slice(skip)],
    to: [...before.to, ...news.to.slice(skip)],
    history: before.history + Math.max(0, news.history - skip),
    zones: before.zones + news.zones.slice(skip),
    columns,
  }
}

function joinedColumns(before: ChartColumns, news: ChartColumns, skip: number): ChartColumns {
  const behind = (key: 'canary' | 'stable' | 'canaryAlone' | 'low' | 'high') => [
    ...before[key],
    ...news[key].slice(skip),
  ]
  return {
    canary: behind('canary'),
    stable: behind('stable'),
    canaryAlone: behind('canaryAlone'),
    low: behind('low'),
    high: behind('high'),
    slowerThan: news.slowerThan ?? before.slowerThan,
    ratioLimits: skip < news.canary.length ? news.ratioLimits : before.ratioLimits,
    zones: before.zones + news.zones.slice(skip),
  }
}

function nothing(count: number): ChartColumns {
  const none = Array.from({ length: count }, () => null)
  return {
    canary: none,
    stable: none,
    canaryAlone: none,
    low: none,
    high: none,
    slowerThan: null,
    ratioLimits: { go: null, rollback: null },
    zones: '-'.repeat(count),
  }
}

/** Which part of a chart is shown: indexes of intervals, `end` not included. */
export interface Part {
  readonly start: number
  readonly end: number
}

/** Of the time before the rollout no more is shown than this share of the whole. */
const MOST_HISTORY = 0.3

/** `stage` null = all of it. */
export function partOf(chart: Chart, stage: number | null): Part {
  const end = chart.to.length
  if (stage === null) return { start: historyStart(chart), end }
  const at = chart.soaks.findLastIndex((soak) => soak.stage === stage)
  const soak = chart.soaks[at]
  if (soak === undefined) return { start: end, end }
  const next = chart.soaks[at + 1]?.startedAt ?? Infinity
  const start = chart.to.findIndex((to) => to > soak.startedAt)
  const after = chart.to.findIndex((to) => to > next)
  return { start: start === -1 ? end : start, end: after === -1 ? end : after }
}

/** Something is known of the time before the rollout. */
export function hasPast({ columns, history }: Chart): boolean {
  return (
    history > 0 && Object.values(columns).some(({ canary }) => canary.slice(0, history).some((one) => one !== null))
  )
}

function historyStart(chart: Chart): number {
  const { history, from, to } = chart
  const begin = to[history - 1]
  const last = to.at(-1)
  if (history === 0 || begin === undefined || last === undefined) return 0
  if (!hasPast(chart)) return history
  if (history === to.length) return 0
  const room = ((last - begin) * MOST_HISTORY) / (1 - MOST_HISTORY)
  const start = from.findIndex((at) => at >= begin - room)
  return Math.min(Math.max(0, start), history)
}

/** The stage that an interval belongs to; null = before the rollout, or a watch. */
export function stageAt({ soaks }: Chart, to: number): number | null {
  return soaks.findLast(({ startedAt }) => startedAt < to)?.stage ?? null
}

/** The interval nearest to a moment, within a part; -1 = there is none. */
export function nearest({ to }: Chart, { start, end }: Part, at: number): number {
  if (end <= start) return -1
  let [low, high] = [start, end - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((to[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const before = low - 1
  return before >= start && at - (to[before] ?? 0) < (to[low] ?? 0) - at ? before : low
}

/** The interval in the unit of the metric: where the canary lies beside stable. null = not compared, or not in this unit. */
export function bandAt(columns: ChartColumns, at: number): { readonly low: number; readonly high: number } | null {
  const [stable, low, high] = [columns.stable[at], columns.low[at], columns.high[at]]
  if (columns.slowerThan !== null || stable == null || low == null || high == null) return null
  return { low: low * stable, high: high * stable }
}

export const zoneWords: Readonly<Record<string, string>> = {
  g: 'go',
  h: 'hold',
  r: 'rollback',
}

/** Queries with their slots filled as far as the page knows them. */
export function armWords(
  arm: Readonly<Record<string, string>>,
  facts: { readonly releaseVersion: string; readonly previous: string | null },
): string {
  const filled = (text: string): string =>
    text
      .replaceAll(/\{\{\s*version\s*\}\}/g, () => facts.releaseVersion)
      .replaceAll(/\{\{\s*previous\s*\}\}/g, () => facts.previous ?? '')
  return Object.entries(arm)
    .map(([name, value]) => `${name}="${filled(value)}"`)
    .join(', ')
}

/** How many more requests failed than would have at stable; null = no metric counts failed requests. */
export function mostHarmed(chart: Chart): { readonly metric: string; readonly more: number } | null {
  const all = chart.harm.map(({ metric, failed, wouldHave }) => ({
    metric,
    more: Math.max(0, failed - (wouldHave ?? 0)),
  }))
  return all.reduce<(typeof all)[number] | null>(
    (most, one) => (most === null || one.more > most.more ? one : most),
    null,
  )
}

export function queriesOf({ queries }: ChartMetric): readonly (readonly [name: string, query: string])[] {
  return Object.entries(queries)
}
