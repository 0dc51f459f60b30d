/** The normal distribution: its share below a point, and the point below which a share lies. */

const density0 = 1 / Math.sqrt(2 * Math.PI)
const gridPerUnit = 512
const gridEnd = 6
const grid = tabulate()

/**
 * Share of a standard normal below `z`. Cubic between the points of a table (the slope is the density), error < 1e-12;
 * the tail beyond 6 by the continued fraction of the Mills ratio.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.10 and 26.2.14.
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN
  const x = Math.abs(z)
  const upper = x >= gridEnd ? upperTail(x) : 1 - fromTable(x)
  return z > 0 ? 1 - upper : upper
}

/**
 * The point below which the share `p` of a standard normal lies; ±Infinity at 1 and 0.
 * Source: Abramowitz and Stegun 26.2.23 as the first guess, then Halley's method.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  const tail = Math.min(p, 1 - p)
  const t = Math.sqrt(-2 * Math.log(tail))
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  for (let step = 0; step < 2; step += 1) {
    const density = density0 * Math.exp(-0.5 * x * x)
    if (density < 1e-300) break
    const error = (normalCdf(-x) - tail) / density
    x += error / (1 - 0.5 * x * error)
  }
  return p < 0.5 ? -x : x
}

function fromTable(x: number): number {
  const at = Math.round(x * gridPerUnit)
  const z = at / gridPerUnit
  const h = x - z
  // Taylor about the nearest point: every derivative of the share is the density times a polynomial.
  return (grid[at] as number) + density0 * Math.exp(-0.5 * z * z) * h * (1 - (h * z) / 2 + (h * h * (z * z - 1)) / 6)
}

function tabulate(): Float64Array {
  const table = new Float64Array(gridEnd * gridPerUnit + 2)
  for (let i = 0; i < table.length; i += 1) {
    const z = i / gridPerUnit
    table[i] = z < 3 ? 0.5 + series(z) : 1 - upperTail(z)
  }
  return table
}

/** Share between 0 and z, for z up to about 3. */
function series(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return density0 * Math.exp(-0.5 * z * z) * sum
}

function upperTail(z: number): number {
  let fraction = 0
  for (let k = 40; k >= 1; k -= 1) fraction = k / (z + fraction)
  return (density0 * Math.exp(-0.5 * z * z)) / (z + fraction)
}
