/** Whether what was really served fits the weight: counted requests, not what a balancer says of itself. */
import type { WeightPercent } from '../units.ts'

/** Requests served since some beginning of the counter's own; it may begin anew at any time. */
export interface Served {
  readonly canary: number
  readonly stable: number
}

export interface Split {
  readonly ok: boolean
  readonly say: string
}

/** Fewer say nothing: at 5 % a canary then has ten of them. */
export const fewestRequests = 200

/**
 * `since` = counted when the weight was first read back. Independent requests scatter by chance, and clients that stay on
 * one side scatter more: allowed is the larger of five standard deviations and half of the smaller side, at most ten points.
 */
export function splitOf(since: Served, now: Served, percent: WeightPercent): Split {
  const canary = now.canary - since.canary
  const requests = canary + now.stable - since.stable
  const words = (share: number): string => `${canary} of ${requests} requests (${points(share)} %) went to the canary`
  if (requests < fewestRequests)
    return { ok: true, say: `${requests} requests counted, fewer than ${fewestRequests} say nothing` }
  const share = (100 * canary) / requests
  const deviations = 5 * Math.sqrt((percent * (100 - percent)) / requests)
  const allowed = Math.max(1, deviations, Math.min(10, Math.min(percent, 100 - percent) / 2))
  if (Math.abs(share - percent) <= allowed) return { ok: true, say: words(share) }
  return { ok: false, say: `${words(share)}, ${points(percent)} % ordered` }
}

/** A counter that went back began anew: what it had counted before is not known any more. */
export function beganAnew(since: Served, now: Served): boolean {
  return now.canary < since.canary || now.stable < since.stable
}

function points(percent: number): string {
  return String(Number(percent.toFixed(1)))
}
