/** How long something took, time after time: a dot for each, with its numbers in the table beside it. */
import { useId } from 'preact/hooks'
import { momentWords, spanWords } from '../../parts/clock.ts'

export interface Took {
  readonly at: number
  readonly tookMs: number
  /** It was tried and did not do. */
  readonly failed?: boolean
}

interface TookChartProps {
  readonly label: string
  readonly points: readonly Took[]
  /** What it may be at most, with the words of whoever asks; absent = nobody says. */
  readonly target?: { readonly ms: number; readonly words: string } | null
}

const WIDTH = 560
const HEIGHT = 130
const LEFT = 72
const BOTTOM = 24

export function TookChart({ label, points, target = null }: TookChartProps) {
  const id = useId()
  const sorted = points.toSorted((one, other) => one.at - other.at)
  const [first] = sorted
  const last = sorted.at(-1)
  if (first === undefined || last === undefined) return null
  const longest = Math.max(...sorted.map(({ tookMs }) => tookMs), 1)
  const top = Math.max(longest, target?.ms ?? 0)
  const typical = medianOf(sorted.map(({ tookMs }) => tookMs))
  const x = (at: number): number =>
    last.at === first.at
      ? LEFT + (WIDTH - LEFT) / 2
      : LEFT + 8 + ((at - first.at) / (last.at - first.at)) * (WIDTH - LEFT - 16)
  const y = (ms: number): number => HEIGHT - BOTTOM - (ms / top) * (HEIGHT - BOTTOM - 12)
  return (
    <figure class="took-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id}>
        <title id={id}>
          {`${label}: ${sorted.length} times, between ${spanWords(Math.min(...sorted.map(({ tookMs }) => tookMs)))} and ${spanWords(longest)}; typically ${spanWords(typical)}, last ${spanWords(last.tookMs)}${target === null ? '' : `; the target is ${target.words}`}`}
        </title>
        <line class="axis" x1={LEFT} y1={y(0)} x2={WIDTH} y2={y(0)} />
        <line class="level" x1={LEFT} y1={y(longest)} x2={WIDTH} y2={y(longest)} />
        <text x={LEFT - 8} y={y(longest) + 4} text-anchor="end">
          {spanWords(longest)}
        </text>
        {sorted.length > 2 && (
          <>
            <line class="middle" x1={LEFT} y1={y(typical)} x2={WIDTH} y2={y(typical)} />
            {y(typical) - y(longest) > 20 && y(0) - y(typical) > 20 && (
              <text x={LEFT - 8} y={y(typical) + 4} text-anchor="end">
                {spanWords(typical)}
              </text>
            )}
          </>
        )}
        {y(0) - y(longest) > 14 && (
          <text x={LEFT - 8} y={y(0) + 4} text-anchor="end">
            0
          </text>
        )}
        {target !== null && (
          <>
            <line class="target" x1={LEFT} y1={y(target.ms)} x2={WIDTH} y2={y(target.ms)} />
            <text class="target" x={WIDTH} y={y(target.ms) - 4} text-anchor="end">
              target {target.words}
            </text>
          </>
        )}
        <polyline points={sorted.map(({ at, tookMs }) => `${x(at)},${y(tookMs)}`).join(' ')} />
        {sorted.map(({ at, tookMs, failed = false }) => (
          <circle key={`${at} ${tookMs}`} class={failed ? 'is-failed' : undefined} cx={x(at)} cy={y(tookMs)} r="4">
            <title>{`${spanWords(tookMs)}, ${momentWords(at)}${failed ? ', failed' : ''}`}</title>
          </circle>
        ))}
        <text x={LEFT} y={HEIGHT - 4}>
          {momentWords(first.at).split(', ')[0]}
        </text>
        {last.at !== first.at && (
          <text x={WIDTH} y={HEIGHT - 4} text-anchor="end">
            {momentWords(last.at).split(', ')[0]}
          </text>
        )}
      </svg>
      <figcaption>
        {label}: last <b>{spanWords(last.tookMs)}</b>
        {sorted.length > 2 && (
          <>
            , typically <b>{spanWords(typical)}</b>
          </>
        )}
        , at most <b>{spanWords(longest)}</b>
        {target !== null && <>; target {target.words}</>}
      </figcaption>
    </figure>
  )
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 1 ? half : half - 1], sorted[half]]
  return Math.round((low + high) / 2)
}
