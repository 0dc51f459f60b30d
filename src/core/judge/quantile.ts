/** A quantile out of cumulative buckets, by linear interpolation inside the bucket it falls into. */

/**
 * null = nothing was counted. `atLeast` = it falls into the last, open bucket: all that is known is the edge below it.
 * Edges at or above Number.MAX_VALUE count as open.
 */
export function quantileOf(
  quantile: number,
  le: readonly number[],
  cumulative: readonly number[],
): { readonly value: number; readonly atLeast: boolean } | null {
  const total = cumulative.at(-1) ?? 0
  if (!(total > 0) || le.length === 0 || le.length !== cumulative.length) return null
  const rank = quantile * total
  const found = cumulative.findIndex((count) => count >= rank)
  const index = found < 0 ? le.length - 1 : found
  const edge = le[index] as number
  const below = index > 0 ? (le[index - 1] as number) : null
  if (edge >= Number.MAX_VALUE) return below === null ? null : { value: below, atLeast: true }
  // The first bucket begins at zero, unless its edge is not above zero: then the edge is all that is known.
  if (below === null && edge <= 0) return { value: edge, atLeast: false }
  const start = below ?? 0
  const before = index > 0 ? (cumulative[index - 1] as number) : 0
  const inside = (cumulative[index] as number) - before
  const value = inside > 0 ? start + ((edge - start) * (rank - before)) / inside : edge
  return { value, atLeast: false }
}
