/** How a verdict's numbers read: each beside its limit and its baseline. */
import type { Limit, MetricPlan, RelativeLimit } from '../plan/plan.ts'

export type Unit = MetricPlan['unit']

/** `3.1 %`, `1.31 s`, `95.4 ms`, `420`. Three significant digits, never an exponent in the usual range. */
export function number(value: number, unit: Unit): string {
  if (unit === 'ratio') return `${digits(value * 100)} %`
  if (unit === 'seconds') return Math.abs(value) < 1 ? milliseconds(value * 1000) : `${digits(value)} s`
  return digits(value)
}

function milliseconds(value: number): string {
  return `${Math.abs(value) >= 100 ? Math.round(value) : digits(value)} ms`
}

function digits(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 100) return String(Math.round(value * 10) / 10)
  if (size < 1e-6) return value.toExponential(1)
  const places = Math.max(0, 2 - Math.floor(Math.log10(size)))
  return String(Number(value.toFixed(Math.min(places, 8))))
}

/** `p95`, `p99.9`. */
export function quantileName(quantile: number | null): string {
  return quantile === null ? '' : `p${Number((quantile * 100).toFixed(4))}`
}

/** How the number stands to a limit's own number: `> 2 %`, `= 2 %`, `< 2 %`. */
export function standing(value: number, limit: Limit, unit: Unit): string {
  const sign = value > limit.value ? '>' : value < limit.value ? '<' : '='
  return `${sign} ${number(limit.value, unit)}`
}

/** `stable 0.42 s`, or why there is none. */
export function baseline(value: number | null, unit: Unit): string {
  return value === null ? 'stable unknown' : `stable ${number(value, unit)}`
}

/** `+20 %`, `+0.5 pp`. */
export function distance(limit: RelativeLimit, unit: Unit): string {
  const signed = (value: number, text: string): string => `${value < 0 ? '−' : '+'}${text}`
  if (limit.relative !== null) return signed(limit.relative, `${digits(Math.abs(limit.relative) * 100)} %`)
  const points = limit.points ?? 0
  return signed(points, unit === 'ratio' ? `${digits(Math.abs(points) * 100)} pp` : number(Math.abs(points), unit))
}

/** `12 s`, `2 min`: how much is left of something. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** A multiple: `1.05`, `2.2`, `14`, `130`. Around 1, where limits are, every hundredth counts. */
export function times(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return String(Number(value >= 0.1 && value < 2 ? value.toFixed(2) : value.toPrecision(2)))
}

/** An amount of evidence: `0.3`, `6`, `5,300`, `over a million`. */
export function count(value: number): string {
  if (value >= 1e6) return 'over a million'
  if (value < 10) return String(Number(value.toPrecision(2)))
  return grouped(value < 1000 ? Math.round(value) : Number(value.toPrecision(2)))
}

/** A whole number with its thousands apart: `4,200`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}
