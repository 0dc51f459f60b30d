/** What turns the value of a query into the count of an interval. */
import { parseDuration } from '../core/plan/duration.ts'
import type { Millis } from '../core/units.ts'

export type Scale =
  | { readonly kind: 'factor'; readonly factor: number }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * A rate is per second: times the interval's length. An increase is over its own range: scaled to the interval.
 * A bare counter grows for ever and says nothing of an interval.
 */
export function scaleOf(query: string, intervalMs: Millis): Scale {
  const bare = query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
  const increase = rangeOfIncrease(bare)
  if (increase !== null) {
    const range = parseDuration(increase)
    if (!range.ok || range.value <= 0) return { kind: 'refused', why: `the range [${increase}] cannot be read` }
    return { kind: 'factor', factor: intervalMs / range.value }
  }
  if (!/\b(?:i?rate|deriv)\s*\(/.test(bare) && /\w_(?:total|count|bucket|sum)\b/.test(bare))
    return { kind: 'refused', why: 'the query is a bare counter: write rate(…[1m]) around it' }
  return { kind: 'factor', factor: intervalMs / 1000 }
}

/** The range of the first increase that has one right behind it: `5m` in `increase(x[5m])`. Each bracket is looked at once. */
function rangeOfIncrease(query: string): string | null {
  let seen = -1
  for (const name of query.matchAll(/\b(?:increase|delta|count_over_time|sum_over_time)\s*\(/g)) {
    const from = name.index + name[0].length
    if (from <= seen) continue
    seen = nextBracket(query, from)
    if (seen === query.length) return null
    const range = /\[\s*([0-9a-z]+)\s*[\]:]/y
    range.lastIndex = seen
    const found = range.exec(query)?.[1]
    if (found !== undefined) return found
  }
  return null
}

function nextBracket(text: string, from: number): number {
  const bracket = /[[\]]/g
  bracket.lastIndex = from
  return bracket.exec(text)?.index ?? text.length
}
