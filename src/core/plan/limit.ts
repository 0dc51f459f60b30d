/** Limits: comparators such as `< 1%` and `p95 < 2s, p99 < 5s`, and distances from stable such as `p95 +20%`. */
import type { Limit, RelativeLimit } from './plan.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import { parseDistance, parseQuantity, type Quantity } from './quantity.ts'

/** A comparator with the unit its author wrote, so that one metric never mixes seconds with percentages. */
export interface ParsedLimit {
  readonly limit: Limit
  readonly unit: Quantity['unit']
}

const comparator = /^(?:p(\d{1,2}(?:\.\d{1,3})?)\s*)?(<=|>=|<|>)\s*(.+)$/
const distance = /^(?:p(\d{1,2}(?:\.\d{1,3})?)\s+)?(\+?.+)$/

/** `p99.9` is 0.999; `p0` and an absent one are not quantiles. */
function quantile(text: string | undefined): number | null {
  return text === undefined ? null : Number((Number(text) / 100).toPrecision(12))
}

/** One comparator: `< 1%`, `p95 < 2s`. */
export function parseLimit(text: string): Parsed<ParsedLimit> {
  const wrong = unparsed(
    'a comparator (<, <=, > or >=) and a number, percentage or duration; p95 before it for a histogram',
    '"< 1%"',
  )
  const match = comparator.exec(text.trim().slice(0, 200))
  if (!match || match[1] === '0') return wrong
  const quantity = parseQuantity(match[3] ?? '')
  if (!quantity.ok) return wrong
  const operator = match[2] as Limit['operator']
  const limit = { quantile: quantile(match[1]), operator, value: quantity.value.value, text: text.trim() }
  return parsed({ limit, unit: quantity.value.unit })
}

/** Comparators between commas; all of them apply. */
export function parseLimits(text: string): Parsed<readonly ParsedLimit[]> {
  return each(text, parseLimit)
}

/** One distance from stable: `+20%`, `p95 +20%`, `+0.5pp`. */
export function parseRelativeLimit(text: string): Parsed<RelativeLimit> {
  const match = distance.exec(text.trim().slice(0, 200))
  const found = parseDistance(match?.[2] ?? '')
  if (!match || !found.ok) return unparsed('a distance from stable', '"p95 +20%"')
  return parsed({ quantile: quantile(match[1]), ...found.value, text: text.trim() })
}

export function parseRelativeLimits(text: string): Parsed<readonly RelativeLimit[]> {
  return each(text, parseRelativeLimit)
}

function each<T>(text: string, parse: (part: string) => Parsed<T>): Parsed<readonly T[]> {
  const values: T[] = []
  for (const part of text.split(',')) {
    const one = parse(part)
    if (!one.ok) return one
    values.push(one.value)
  }
  return parsed(values)
}

/** Does the comparator hold for this number? Missing, NaN and infinite numbers are no answer, whatever the operator. */
export function holds(limit: Limit, value: number | null | undefined): boolean | 'inconclusive' {
  if (typeof value !== 'number' || !Number.isFinite(value) || !Number.isFinite(limit.value)) return 'inconclusive'
  return meets(value, limit)
}

/** The bare comparison, for values known to be numbers. */
export function meets(value: number, limit: Limit): boolean {
  switch (limit.operator) {
    case '<':
      return value < limit.value
    case '<=':
      return value <= limit.value
    case '>':
      return value > limit.value
    case '>=':
      return value >= limit.value
  }
}
