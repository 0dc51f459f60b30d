/** The last samples of one number as a small line; a gap stays a gap. */

interface SparklineProps {
  readonly values: readonly (number | null)[]
  readonly label: string
}

const WIDTH = 96
const HEIGHT = 20
const MOST = 60

export function Sparkline({ values, label }: SparklineProps) {
  const shown = values.slice(-MOST)
  const known = shown.filter((value) => value !== null)
  if (known.length < 2) return null
  const low = Math.min(...known)
  const high = Math.max(...known)
  const x = (at: number): number => (at / Math.max(1, shown.length - 1)) * (WIDTH - 2) + 1
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4)
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <path d={pathOf(shown, x, y)} />
    </svg>
  )
}

function pathOf(values: readonly (number | null)[], x: (at: number) => number, y: (value: number) => number): string {
  return values
    .map((value, at) => {
      if (value === null) return ''
      const begins = at === 0 || values[at - 1] === null
      return `${begins ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
    })
    .join('')
}
