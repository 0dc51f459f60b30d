/**
 * How much more the counts of canary and stable scatter than independent requests would: the dispersion factor, 1 for
 * Poisson counts. Measured between adjacent blocks of time, so that shocks common to both arms and slow drifts cancel.
 */

/** Plain JSON: the open block, the one before it, and the sum of the chi-squares so far. */
export interface Dispersion {
  open: Block
  last: Block | null
  /** Blocks that were compared with the one before. */
  blocks: number
  sum: number
  greatest: number
}

/** Seconds, then bad and all of canary, bad and all of stable. */
export type Block = [seconds: number, xc: number, nc: number, xs: number, ns: number]

export function newDispersion(): Dispersion {
  return { open: [0, 0, 0, 0, 0], last: null, blocks: 0, sum: 0, greatest: 0 }
}

export function copyDispersion(one: Dispersion): Dispersion {
  return { ...one, open: [...one.open] }
}

/** Adds one interval, in place. A block closes after `blockSeconds` and once the canary is expected to hold `fewest` events. */
export function addToDispersion(
  one: Dispersion,
  blockSeconds: number,
  fewest: number,
  [seconds, xc, nc, xs, ns]: Block,
): void {
  const block = one.open
  block[0] += seconds
  block[1] += xc
  block[2] += nc
  block[3] += xs
  block[4] += ns
  if (block[0] < blockSeconds || !(block[2] > 0 && block[4] > 0)) return
  if (((block[1] + block[3]) * block[2]) / (block[2] + block[4]) < fewest) return
  const before = one.last
  one.last = block
  one.open = [0, 0, 0, 0, 0]
  if (before === null) return
  const chi = chiSquare(before, block)
  one.blocks += 1
  one.sum += chi
  one.greatest = Math.max(one.greatest, chi)
}

/** Of two blocks against their own common ratio canary / stable: expectation = dispersion, one degree of freedom. */
function chiSquare(a: Block, b: Block): number {
  const xc = a[1] + b[1]
  const xs = a[3] + b[3]
  if (!(xc > 0 && xs > 0)) return 1
  const ratio = xc / (a[2] + b[2]) / (xs / (a[4] + b[4]))
  const chi = deviation(a, ratio) + deviation(b, ratio)
  return Number.isFinite(chi) ? chi : 1
}

function deviation([, xc, nc, xs, ns]: Block, ratio: number): number {
  const share = (ratio * nc) / (ratio * nc + ns)
  const all = xc + xs
  return (xc - all * share) ** 2 / Math.max(1e-9, all * share * (1 - share))
}
