/** Small pictures made of characters: a share as a bar, a series as a sparkline. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A bar of `width` columns, filled to `share` (0 to 1). */
export function shareBar(share: number, width: number): string {
  const filled = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * width
  const whole = Math.floor(filled)
  const part = whole < width ? (eighths[Math.floor((filled - whole) * 8)] ?? '') : ''
  return `${'█'.repeat(whole)}${part}${'░'.repeat(Math.max(0, width - whole - (part === '' ? 0 : 1)))}`
}

/** The last `width` values between `low` and `high` of all series shown beside it; a gap is a dot. */
export function sparkline(values: readonly (number | null)[], width: number, low: number, high: number): string {
  const shown = width > 0 ? values.slice(-width) : []
  const line = shown.map((value) => {
    if (value === null) return '·'
    const share = high > low ? (value - low) / (high - low) : 0
    return heights[Math.max(0, Math.min(7, Math.round(share * 7)))]
  })
  return line.join('')
}

/** From zero to the greatest value, so that a small noise looks small. */
export function rangeOf(...series: readonly (readonly (number | null)[])[]): readonly [number, number] {
  const values = series.flat().filter((value) => value !== null)
  return [Math.min(0, ...values), Math.max(0, ...values)]
}
