/** Numbers with a unit: `5%`, `1.5s`, `20`, and distances such as `+20%` and `+0.5pp`. */
import { parseDuration } from './duration.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'

/** Percentages are ratios (5% is 0.05), durations are seconds, everything else is plain. */
export interface Quantity {
  readonly value: number
  readonly unit: 'ratio' | 'seconds' | 'plain'
}

const number = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i

function finite(text: string): number | null {
  if (text.length > 32 || !number.test(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** Ratios are divided once, so that 0.1% is the same number as 0.001. */
function ratio(percent: number): number {
  return Number((percent / 100).toPrecision(15))
}

export function parseQuantity(text: string): Parsed<Quantity> {
  const trimmed = text.trim()
  if (trimmed.endsWith('%')) {
    const percent = finite(trimmed.slice(0, -1).trimEnd())
    if (percent !== null) return parsed({ value: ratio(percent), unit: 'ratio' })
  }
  const plain = finite(trimmed)
  if (plain !== null) return parsed({ value: plain, unit: 'plain' })
  const duration = parseDuration(trimmed.replace(/^(-)?([\d.]+)\s+/, '$1$2'))
  if (duration.ok) return parsed({ value: duration.value / 1000, unit: 'seconds' })
  return unparsed('a number, a percentage or a duration', '250ms')
}

/** A share of traffic: `5%` or `5`, from 0 to 100. */
export function parseWeight(text: string): Parsed<number> {
  const percent = finite(text.trim().replace(/\s*%$/, ''))
  return percent !== null && percent >= 0 && percent <= 100
    ? parsed(percent)
    : unparsed('a weight from 0% to 100%', '25%')
}

/** A chance between 0 and 1, without both ends: `1%` or `0.01`. */
export function parseChance(text: string): Parsed<number> {
  const quantity = parseQuantity(text)
  const wrong = unparsed('a chance between 0% and 100%', '1%')
  if (!quantity.ok || quantity.value.unit === 'seconds') return wrong
  return quantity.value.value > 0 && quantity.value.value < 1 ? parsed(quantity.value.value) : wrong
}

/** A distance from a baseline: relative (`+20%` is 0.2) or in points of a ratio (`+0.5pp` is 0.005). */
export interface Distance {
  readonly relative: number | null
  readonly points: number | null
}

export function parseDistance(text: string): Parsed<Distance> {
  const match = /^\+?\s*(\d+(?:\.\d+)?)\s*(%|pp)$/.exec(text.trim().slice(0, 40))
  const amount = match ? finite(match[1] ?? '') : null
  if (!match || amount === null) return unparsed('a distance from stable: a percentage of it, or points', '+20%')
  return parsed(
    match[2] === '%' ? { relative: ratio(amount), points: null } : { relative: null, points: ratio(amount) },
  )
}

const perUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** As a checklist writes it: `200/s`, and per minute below one a second. */
export function rateText(perSecond: number): string {
  const [amount, unit] = perSecond >= 1 ? [perSecond, 's'] : [perSecond * 60, 'm']
  return `${Number(amount.toPrecision(3))}/${unit}`
}

/** Requests per second: `200/s`, `90/m`, `5000/h`. */
export function parseRate(text: string): Parsed<number> {
  const match = /^(.{1,32})\/(s|m|h)$/.exec(text.trim())
  const amount = match ? finite((match[1] ?? '').trim()) : null
  const seconds = perUnit[match?.[2] ?? '']
  return amount !== null && seconds !== undefined && amount > 0
    ? parsed(amount / seconds)
    : unparsed('requests in a time, more than 0', '200/s')
}
