/** Everything that a metric's plot draws, as coordinates and paths: made anew only when its numbers or its width change. */
import type { Chart, ChartColumns, ChartMetric } from '../../../../src/api/wire/web.ts'
import { bandAt, type Part, stageAt } from './chart-data.ts'
import { areaOf, lineOf, type Scale, scaleOf, type Spot, thinned, ticksOf, timeTicksOf } from './plot.ts'

/** Pixels. */
export const frame = { left: 54, right: 10, top: 20, height: 132, zones: 16, times: 18 } as const
export const bottom = frame.top + frame.height
export const plotHeight = bottom + frame.zones + frame.times

export interface LimitLine {
  readonly kind: 'go' | 'rollback'
  readonly text: string
  readonly y: number
  readonly x1: number
  readonly x2: number
}

export interface ZoneDot {
  readonly x: number
  readonly zone: string
}

export interface Drawing {
  readonly x: Scale
  readonly y: Scale
  readonly canary: string
  readonly stable: string
  readonly band: string
  readonly limits: readonly LimitLine[]
  /** Limits that lie so far above that all else would be a flat line. */
  readonly above: readonly { readonly kind: 'go' | 'rollback'; readonly text: string }[]
  readonly dots: readonly ZoneDot[]
  /** Where the time before the rollout ends; null = none of it is shown. */
  readonly historyX: number | null
  readonly stages: readonly { readonly x: number; readonly stage: number }[]
  readonly valueTicks: readonly number[]
  readonly timeTicks: readonly number[]
}

/** A limit further away than so many times the highest value is told in words. */
const FAR = 4
const SHORTEST_INTERVALS = 10
const DOT_PX = 8
const NO_BAND = { low: null, high: null }

export function drawingOf(chart: Chart, metric: ChartMetric, part: Part, width: number, zoneMs: number): Drawing {
  const columns = chart.columns[metric.label] as ChartColumns
  const x = timeScale(chart, part, width)
  const limits = shownLimits(chart, metric, part)
  const highest = highestOf(columns, part)
  const near = limits.filter(({ value }) => highest === 0 || Math.abs(value) <= FAR * highest)
  const isAllNear = near.length === limits.length
  // Words about limits that lie above the scale stand over the lines, not on them.
  const top = Math.max(highest, ...near.map(({ value }) => value)) * (isAllNear ? 1.12 : 1.5) || 1
  const y = scaleOf(Math.min(0, lowestOf(columns, part)), top, bottom, frame.top)
  const spots = (values: (at: number) => number | null): readonly Spot[] => spotsOf(chart, part, x, y, values)
  const band = (at: number) => bandAt(columns, at) ?? NO_BAND
  return {
    x,
    y,
    canary: lineOf(thinned(spots((at) => columns.canary[at] ?? null))),
    stable: lineOf(thinned(spots((at) => columns.stable[at] ?? null))),
    band: bandPath(
      spots((at) => band(at).low),
      spots((at) => band(at).high),
    ),
    limits: near.map(({ kind, text, value, from, to }) => ({
      kind,
      text,
      y: y.at(value),
      x1: x.at(Math.max(from, x.min)),
      x2: x.at(Math.min(to, x.max)),
    })),
    above: unique(limits.filter((limit) => !near.includes(limit))),
    dots: dotsOf(chart, columns, part, x),
    historyX: part.start < chart.history ? x.at(chart.to[chart.history - 1] ?? x.min) : null,
    stages: chart.soaks
      .filter(({ stage, startedAt }) => stage !== null && startedAt >= x.min && startedAt < x.max)
      .map(({ stage, startedAt }) => ({ x: x.at(startedAt), stage: stage ?? 0 })),
    valueTicks: ticksOf(y.min, y.max, 3),
    timeTicks: timeTicksOf(x.min, x.max, Math.max(2, Math.floor(width / 110)), zoneMs),
  }
}

function timeScale(chart: Chart, { start, end }: Part, width: number): Scale {
  const first = chart.from[start] ?? chart.soaks.at(-1)?.startedAt ?? 0
  const last = chart.to[end - 1] ?? first
  const least = first + SHORTEST_INTERVALS * chart.everyMs
  return scaleOf(first, Math.max(last, least), frame.left, Math.max(frame.left + 1, width - frame.right))
}

interface SpanLimit {
  readonly kind: 'go' | 'rollback'
  readonly text: string
  readonly value: number
  readonly from: number
  readonly to: number
}

/** Each for as long as its stage lasted; what stays the same over stages is one line. */
function shownLimits(chart: Chart, metric: ChartMetric, { start, end }: Part): readonly SpanLimit[] {
  const first = chart.from[start] ?? -Infinity
  const last = chart.to[end - 1] ?? Infinity
  const made: SpanLimit[] = []
  for (const [at, { stage, startedAt }] of chart.soaks.entries()) {
    const to = chart.soaks[at + 1]?.startedAt ?? Infinity
    if (to <= first || startedAt >= last) continue
    for (const { kind, text, value } of metric.limits.filter((limit) => limit.stage === stage)) {
      const before = made.findIndex((one) => one.kind === kind && one.text === text && one.to === startedAt)
      const known = made[before]
      if (known === undefined) made.push({ kind, text, value, from: startedAt, to })
      else made[before] = { ...known, to }
    }
  }
  return made
}

function unique(limits: readonly SpanLimit[]): Drawing['above'] {
  const seen = new Map(limits.map(({ kind, text }) => [`${kind} ${text}`, { kind, text }]))
  return [...seen.values()]
}

function highestOf(columns: ChartColumns, { start, end }: Part): number {
  let most = 0
  for (let at = start; at < end; at += 1) most = Math.max(most, columns.canary[at] ?? 0, columns.stable[at] ?? 0)
  // The upper end of the interval is wide while there is little to go by: only what it is in the end counts.
  const last = bandAt(columns, end - 1)?.high ?? 0
  return Math.max(most, Math.min(last, 3 * most))
}

function lowestOf(columns: ChartColumns, { start, end }: Part): number {
  let least = 0
  for (let at = start; at < end; at += 1) least = Math.min(least, columns.canary[at] ?? 0, columns.stable[at] ?? 0)
  return least * 1.12
}

/** A missed interval breaks the line. */
export function spotsOf(
  { from, to, everyMs }: Chart,
  { start, end }: Part,
  x: Scale,
  y: Scale,
  valueAt: (at: number) => number | null,
): readonly Spot[] {
  const made: Spot[] = []
  for (let at = start; at < end; at += 1) {
    const here = x.at(to[at] ?? 0)
    const before = to[at - 1] ?? 0
    if (at > start && (from[at] ?? 0) - before > everyMs / 2) made.push({ x: (x.at(before) + here) / 2, y: null })
    const value = valueAt(at)
    made.push({ x: here, y: value === null ? null : Math.max(Math.min(frame.top, y.at(y.max)) - 2, y.at(value)) })
  }
  return made
}

/** Every so many pixels one pair of edges: the widest that the interval was there. */
export function bandPath(low: readonly Spot[], high: readonly Spot[]): string {
  const [lows, highs]: [Spot[], Spot[]] = [[], []]
  for (let at = 0; at < low.length; at += 1) {
    const [below, above] = [low[at] as Spot, high[at] as Spot]
    const [lastLow, lastHigh] = [lows.at(-1), highs.at(-1)]
    const isSame = lastLow !== undefined && Math.floor(lastLow.x / 2) === Math.floor(below.x / 2)
    const canJoin = lastLow?.y != null && lastHigh?.y != null && below.y !== null && above.y !== null
    if (isSame && canJoin) {
      lows[lows.length - 1] = { x: lastLow.x, y: Math.max(lastLow.y ?? 0, below.y ?? 0) }
      highs[highs.length - 1] = { x: lastHigh?.x ?? 0, y: Math.min(lastHigh?.y ?? 0, above.y ?? 0) }
    } else {
      lows.push(below)
      highs.push(above)
    }
  }
  return areaOf(lows, highs)
}

const severity: Readonly<Record<string, number>> = { '-': 0, g: 1, h: 2, r: 3 }

/** One mark every few pixels: the gravest of the intervals it stands for. */
function dotsOf({ to }: Chart, { zones }: ChartColumns, { start, end }: Part, x: Scale): readonly ZoneDot[] {
  const worst = new Map<number, ZoneDot>()
  for (let at = start; at < end; at += 1) {
    const here = x.at(to[at] ?? 0)
    const cell = Math.floor((here - frame.left) / DOT_PX)
    const zone = zones[at] ?? '-'
    if ((severity[zone] ?? 0) > (severity[worst.get(cell)?.zone ?? '-'] ?? 0)) worst.set(cell, { x: here, zone })
  }
  return [...worst.values()]
}

/** For a heading over the line: the weight of the stage that an interval belongs to. */
export function stageOf(chart: Chart, at: number): number | null {
  const to = chart.to[at]
  return to === undefined ? null : stageAt(chart, to)
}
