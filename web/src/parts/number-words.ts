/** Numbers in the words of every other surface: `1.31 %`, `240 ms`, `17`. */

export type Unit = 'ratio' | 'seconds' | 'plain'

/** null is `no data`, which is never a pass. */
export function numberWords(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return 'no data'
  if (unit === 'ratio') return `${short(value * 100)} %`
  if (unit === 'seconds') return value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`
  return short(value)
}

function short(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.095 || size === 0 ? 2 : 3
  return String(Number(value.toFixed(digits)))
}

/** `1.08 ×`: two numbers beside each other. */
export function timesWords(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toPrecision(value < 10 ? 3 : 2))} ×` : 'any number ×'
}

const grouped = new Intl.NumberFormat()

/** `4,600`, as the viewer's language groups it. */
export function countWords(count: number): string {
  return grouped.format(count)
}
