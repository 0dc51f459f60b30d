/** The plot of one metric with a crosshair that pointer and keys move; what it stands on is said in words below. */
import { useMemo, useRef } from 'preact/hooks'
import type { Chart, ChartMetric, RolloutView } from '../../../../src/api/wire/web.ts'
import { shortClockWords } from '../../parts/clock.ts'
import { memo } from '../../parts/memo.ts'
import { numberWords } from '../../parts/number-words.ts'
import { useWidth } from '../../parts/width.ts'
import { visible } from '../release/visible.ts'
import { nearest, type Part } from './chart-data.ts'
import { bottom, type Drawing, drawingOf, frame, plotHeight } from './drawing.ts'
import { hasLane, Lane, laneHeight } from './lane.tsx'
import { momentOf, spokenOf } from './moment-words.ts'

interface PlotProps {
  readonly chart: Chart
  readonly metric: ChartMetric
  readonly part: Part
  readonly stages: RolloutView['stages']
  /** Where the crosshair of all charts stands; null = nobody points anywhere. */
  readonly cursor: number | null
  readonly onCursor: (at: number | null) => void
}

export function Plot({ chart, metric, part, stages, cursor, onCursor }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const width = useWidth(place)
  const drawing = useMemo(
    () => (width === 0 ? null : drawingOf(chart, metric, part, width, -new Date().getTimezoneOffset() * 60_000)),
    [chart, metric, part, width],
  )
  const columns = chart.columns[metric.label]
  const isCompared = hasLane(chart, metric)
  const at = nearest(chart, part, cursor ?? Infinity)
  const moment = momentOf(chart, metric, at)
  const point = (event: PointerEvent): void => {
    if (drawing === null || place.current === null) return
    const x = event.clientX - place.current.getBoundingClientRect().left
    // The pointer passes many pixels of one interval: only the next interval is news.
    onCursor(chart.to[nearest(chart, part, timeAt(drawing, x))] ?? null)
  }
  const press = (event: KeyboardEvent): void => {
    const next = moved(event.key, at, part)
    if (next === undefined) return
    event.preventDefault()
    onCursor(next === null ? null : (chart.to[next] ?? null))
  }
  return (
    <div
      ref={place}
      class={`plot${isCompared ? ' has-lane' : ''}`}
      role="slider"
      tabIndex={0}
      aria-label={`Moment of ${visible(metric.label)}`}
      aria-valuemin={part.start}
      aria-valuemax={Math.max(part.start, part.end - 1)}
      aria-valuenow={Math.max(part.start, at)}
      aria-valuetext={moment === null ? 'nothing measured yet' : spokenOf(moment, visible(metric.label))}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={(event) => {
        if (event.pointerType === 'mouse') onCursor(null)
      }}
      onKeyDown={press}
    >
      {drawing !== null && (
        <svg width={width} height={plotHeight} aria-hidden="true">
          <Still drawing={drawing} width={width} unit={metric.unit} stages={stages} />
          {cursor !== null && at >= 0 && <Cross drawing={drawing} chart={chart} metric={metric} at={at} />}
        </svg>
      )}
      {drawing !== null && isCompared && columns !== undefined && (
        <svg class="lane" width={width} height={laneHeight} aria-hidden="true">
          <Lane chart={chart} columns={columns} part={part} x={drawing.x} width={width} />
          {cursor !== null && at >= 0 && <LaneCross x={drawing.x.at(chart.to[at] ?? 0)} />}
        </svg>
      )}
    </div>
  )
}

function timeAt({ x }: Drawing, pixel: number): number {
  const [from, to] = [x.at(x.min), x.at(x.max)]
  const share = Math.min(1, Math.max(0, (pixel - from) / (to - from)))
  return x.min + share * (x.max - x.min)
}

/** undefined = the key means nothing here; null = back to the newest. */
function moved(key: string, at: number, { start, end }: Part): number | null | undefined {
  const within = (next: number): number => Math.min(end - 1, Math.max(start, next))
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return within(at - 1)
    case 'ArrowRight':
    case 'ArrowUp':
      return within(at + 1)
    case 'PageUp':
      return within(at - 10)
    case 'PageDown':
      return within(at + 10)
    case 'Home':
      return start
    case 'End':
    case 'Escape':
      return null
    default:
      return undefined
  }
}

interface StillProps {
  readonly drawing: Drawing
  readonly width: number
  readonly unit: ChartMetric['unit']
  readonly stages: RolloutView['stages']
}

/** All that does not move with the pointer. */
const Still = memo(({ drawing, width, unit, stages }: StillProps) => {
  const right = width - frame.right
  return (
    <>
      {drawing.historyX !== null && (
        <>
          <rect
            class="past"
            x={frame.left}
            y={frame.top}
            width={Math.max(0, drawing.historyX - frame.left)}
            height={frame.height}
          />
          {drawing.historyX - frame.left > 110 && (
            <text class="note" x={frame.left + 4} y={frame.top - 6}>
              before the rollout
            </text>
          )}
        </>
      )}
      {drawing.valueTicks.map((value) => (
        <g key={value}>
          <line class="grid" x1={frame.left} x2={right} y1={drawing.y.at(value)} y2={drawing.y.at(value)} />
          <text class="tick" x={frame.left - 6} y={drawing.y.at(value) + 4} text-anchor="end">
            {numberWords(value, unit)}
          </text>
        </g>
      ))}
      {drawing.timeTicks.map((at) => (
        <text
          key={at}
          class="tick"
          x={drawing.x.at(at)}
          y={plotHeight - 4}
          text-anchor={drawing.x.at(at) > right - 36 ? 'end' : 'middle'}
        >
          {shortClockWords(at, drawing.x.max - drawing.x.min < 600_000)}
        </text>
      ))}
      {drawing.stages.map(({ x, stage }, at) => (
        <g key={x}>
          <line class="edge" x1={x} x2={x} y1={frame.top - 14} y2={bottom} />
          {(drawing.stages[at + 1]?.x ?? right) - x > 34 && (
            <text class="note" x={x + 4} y={frame.top - 6}>
              {(drawing.stages[at + 1]?.x ?? right) - x > 72 && 'stage '}
              {stages[stage]?.weightPercent ?? '?'} %
            </text>
          )}
        </g>
      ))}
      <path class="band" d={drawing.band} />
      {drawing.limits.map(({ kind, text, y, x1, x2 }) => (
        <g key={`${kind} ${text} ${x1}`} class={`limit is-${kind}`}>
          <line x1={x1} x2={x2} y1={y} y2={y} />
        </g>
      ))}
      {drawing.above.map(({ kind, text }, at) => (
        <g key={`${kind} ${text}`} class={`limit is-${kind}`}>
          <text x={right - 2} y={frame.top + 12 + at * 14} text-anchor="end">
            ↑ {kind} {visible(text)}, above this scale
          </text>
        </g>
      ))}
      <path class="line is-stable" d={drawing.stable} />
      <path class="line is-canary" d={drawing.canary} />
      {drawing.limits.map(
        ({ kind, text, y, x1 }, at) =>
          isLastOf(drawing, at) && (
            <g key={`${kind} ${text} ${x1}`} class={`limit is-${kind}`}>
              <text x={right - 2} y={kind === 'go' ? y + 13 : y - 5} text-anchor="end">
                {kind} {visible(text)}
              </text>
            </g>
          ),
      )}
      {drawing.dots.map(({ x, zone }) => (
        <Dot key={x} x={x} zone={zone} />
      ))}
    </>
  )
})

/** The words stand once, at the end of the last line that they belong to. */
function isLastOf({ limits }: Drawing, at: number): boolean {
  const one = limits[at]
  return !limits.some((other, later) => later > at && other.kind === one?.kind && other.x2 >= one.x2)
}

export function Dot({
  x,
  zone,
  y = bottom + frame.zones / 2,
}: {
  readonly x: number
  readonly zone: string
  readonly y?: number
}) {
  if (zone === 'r') return <path class="dot is-rollback" d={`M${x - 3} ${y - 3}l6 6m0-6l-6 6`} />
  if (zone === 'h') return <path class="dot is-hold" d={`M${x} ${y - 3.2}l3.2 3.2l-3.2 3.200l-3.2-3.200Z`} />
  return <circle class="dot is-go" cx={x} cy={y} r={2.2} />
}

/** The same mark beside words. */
export function ZoneMark({ zone }: { readonly zone: string }) {
  return (
    <svg class="zone-mark" width="10" height="10" viewBox="-5 -5 10 10" aria-hidden="true">
      {zone === '-' ? <path class="dot" d="M-3 0h6" /> : <Dot x={0} y={0} zone={zone} />}
    </svg>
  )
}

function LaneCross({ x }: { readonly x: number }) {
  return (
    <g class="cross">
      <line x1={x} x2={x} y1={14} y2={laneHeight} />
    </g>
  )
}

interface CrossProps {
  readonly drawing: Drawing
  readonly chart: Chart
  readonly metric: ChartMetric
  readonly at: number
}

function Cross({ drawing, chart, metric, at }: CrossProps) {
  const columns = chart.columns[metric.label]
  const x = drawing.x.at(chart.to[at] ?? 0)
  const [canary, stable] = [columns?.canary[at] ?? null, columns?.stable[at] ?? null]
  return (
    <g class="cross">
      <line x1={x} x2={x} y1={frame.top - 4} y2={bottom + frame.zones} />
      {stable !== null && <circle class="is-stable" cx={x} cy={drawing.y.at(stable)} r={3} />}
      {canary !== null && <circle class="is-canary" cx={x} cy={drawing.y.at(canary)} r={3.5} />}
    </g>
  )
}
