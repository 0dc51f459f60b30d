/** The upper edge of a histogram bucket, as its `le` label says it. */

/** null = no edge. The open edge is the largest number there is, because JSON has no infinity. */
export function edgeOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  if (text === '+Inf' || text === 'Inf') return Number.MAX_VALUE
  const edge = Number(text)
  return Number.isFinite(edge) ? edge : null
}
