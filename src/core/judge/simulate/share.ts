/** How often something happened in a simulation, and how far that may be from the truth. */

export interface Share {
  readonly count: number
  readonly runs: number
  /** NaN without runs. */
  readonly share: number
  /** 95 % interval of the true share (Wilson, 1927). */
  readonly low: number
  readonly high: number
}

const z = 1.96

export function shareOfRuns(count: number, runs: number): Share {
  if (!(runs > 0)) return { count, runs, share: Number.NaN, low: 0, high: 1 }
  const share = count / runs
  const middle = share + (z * z) / (2 * runs)
  const half = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs))
  const scale = 1 + (z * z) / runs
  return { count, runs, share, low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) }
}

/** The value that the part `q` of the runs stay at or below; null stands for "not in the time there was". */
export function quantileOfRuns(values: readonly (number | null)[], q: number): number | null {
  if (values.length === 0) return null
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] as number
  return Number.isFinite(found) ? found : null
}
