/**
 * An empty answer to a count of bad events: zero, or a query that can never match? A series such as `code="500"` does
 * not exist before the first error. The answer is zero only if the same metric has series in which every label that the
 * query filters by is set: then the filter is meaningful, and it found nothing.
 */

/** A name is tried from its beginning only: long ones cost no square. */
const selector = /(?<![A-Za-z0-9_:])([A-Za-z_:][A-Za-z0-9_:]*)\s*\{([^{}]*)\}/g
const matcher = /(?<![A-Za-z0-9_])([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g

/** The question that tells the two apart; null where the query has no single selector to ask about. */
export function zeroQuestion(query: string, arm: Readonly<Record<string, string>>): string | null {
  const selectors = [...query.matchAll(selector)]
  const [only] = selectors
  if (!only || selectors.length > 1) return null
  const matchers = [...(only[2] ?? '').matchAll(matcher)].map(([whole, label = '']) =>
    Object.hasOwn(arm, label) ? whole : `${label}!=""`,
  )
  return matchers.length === 0 ? null : `count(${only[1]}{${matchers.join(',')}})`
}
