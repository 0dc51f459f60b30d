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
  const increase = /\b(?:increase|delta|count_over_time|sum_over_time)\s*\([^[\]]*\[\s*([0-9a-z]+)\s*[\]:]/.exec(bare)
  if (increase) {
    const range = parseDuration(increase[1] ?? '')
    if (!range.ok || range.value <= 0) return { kind: 'refused', why: `the range [${increase[1]}] cannot be read` }
    return { kind: 'factor', factor: intervalMs / range.value }
  }
  if (!/\b(?:i?rate|deriv)\s*\(/.test(bare) && /\w_(?:total|count|bucket|sum)\b/.test(bare))
    return { kind: 'refused', why: 'the query is a bare counter: write rate(…[1m]) around it' }
  return { kind: 'factor', factor: intervalMs / 1000 }
}
