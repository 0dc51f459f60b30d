/** How much of a histogram lies above a point between its edges. */
import { normalCdf, normalQuantile } from './normal.ts'

/**
 * Share of the counted that is greater than `x`. Between edges the probit of the cumulative share runs along a monotone
 * cubic over ln x (Fritsch and Carlson, 1980), which is exact for a log-normal and close for a mixture of a few.
 * `le` ascending, its last entry open; `cumulative` as in a Prometheus histogram, its last entry > 0.
 */
export function shareAbove(le: readonly number[], cumulative: readonly number[], x: number): number {
  const last = le.length - 2
  const all = cumulative[last + 1] as number
  let hi = 0
  while (hi <= last && (le[hi] as number) < x) hi += 1
  if (hi > last) return 1 - (cumulative[last] as number) / all
  if ((le[hi] as number) === x || hi === 0 || !((le[hi - 1] as number) > 0)) return 1 - (cumulative[hi] as number) / all
  const knot = (k: number): Knot => ({
    at: Math.log(le[k] as number),
    z: normalQuantile(Math.min(1 - 0.5 / all, Math.max(0.5 / all, (cumulative[k] as number) / all))),
  })
  const left = knot(hi - 1)
  const right = knot(hi)
  const before = hi >= 2 && (le[hi - 2] as number) > 0 && (cumulative[hi - 2] as number) > 0 ? knot(hi - 2) : null
  const after = hi < last && (cumulative[hi + 1] as number) < all ? knot(hi + 1) : null
  return 1 - normalCdf(along(before, left, right, after, Math.log(x)))
}

interface Knot {
  readonly at: number
  readonly z: number
}

function along(before: Knot | null, left: Knot, right: Knot, after: Knot | null, at: number): number {
  const width = right.at - left.at
  const slope = (right.z - left.z) / width
  const atLeft = before === null ? slope : harmonic(secant(before, left), slope, left.at - before.at, width)
  const atRight = after === null ? slope : harmonic(slope, secant(right, after), width, after.at - right.at)
  const t = (at - left.at) / width
  const u = 1 - t
  return (
    left.z * (1 + 2 * t) * u * u +
    atLeft * width * t * u * u +
    right.z * t * t * (3 - 2 * t) -
    atRight * width * t * t * u
  )
}

function secant(a: Knot, b: Knot): number {
  return (b.z - a.z) / (b.at - a.at)
}

/** The slope at a knot between two secants, weighted by the other one's width; 0 where the curve is flat on one side. */
function harmonic(one: number, other: number, widthOne: number, widthOther: number): number {
  if (!(one * other > 0)) return 0
  const a = 2 * widthOther + widthOne
  const b = widthOther + 2 * widthOne
  return (a + b) / (a / one + b / other)
}
