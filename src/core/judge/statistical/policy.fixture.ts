/** Builders for tests of the statistical policy: settings, limits and intervals in a line each. */
import { normalCdf } from './normal.ts'
import type { Turn } from './comparison.ts'
import type { Arms, LatencyMetricSettings, PolicyInterval, PolicySettings, ShareMetricSettings } from './policy.ts'
import { capFor, tuning } from './tuning.ts'

export const usualTurn: Turn = {
  seconds: 15,
  stakes: { damage: { first: 0.65, later: 0.01 }, health: { first: 0.9, later: 0.01 } },
  caps: { damage: capFor(tuning.damageCap, 15), health: capFor(tuning.healthCap, 15) },
  tuning,
}

export const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY]

export function errorsSettings(given: Partial<ShareMetricSettings> = {}): ShareMetricSettings {
  return { kind: 'share', name: 'errors', worse: 'higher', floor: 0.001, outage: 0.05, ...given }
}

export function latencySettings(given: Partial<LatencyMetricSettings> = {}): LatencyMetricSettings {
  return { kind: 'latency', name: 'latency', quantiles: [0.75, 0.95, 0.99], absolute: [], ...given }
}

export function policySettings(given: Partial<PolicySettings> = {}): PolicySettings {
  return {
    alpha: 0.01,
    beta: 0.05,
    stepSeconds: 15,
    planSeconds: 1800,
    metrics: [errorsSettings()],
    tuning,
    ...given,
  }
}

export const errorsLimits = {
  kind: 'share',
  limits: { ratio: { rollback: 1.25, go: 2 }, rollback: 0.02, go: 0.01 },
} as const

export const latencyLimits = {
  kind: 'latency',
  limits: { ratio: [{ quantile: null, rollback: 1.2, go: 1.35 }], absolute: [] },
} as const

/** Bad and all requests of canary and stable. */
export function errorArms(xc: number, nc: number, xs: number, ns: number): Arms {
  return { kind: 'share', canary: { x: xc, n: nc }, stable: { x: xs, n: ns } }
}

/** The n-th interval of 15 s (from 1), of a canary with a fifth of the traffic. */
export function interval(n: number, metrics: readonly Arms[], given: Partial<PolicyInterval> = {}): PolicyInterval {
  return { at: 15 * n, seconds: 15, warming: false, weight: 0.2, limits: [errorsLimits], metrics, ...given }
}

/** Cumulative counts of log-normal latencies. */
export function latencies(
  requests: number,
  median: number,
  sigma = 0.8,
  le: readonly number[] = buckets,
): readonly number[] {
  return le.map((edge) =>
    edge === Number.POSITIVE_INFINITY ? requests : requests * normalCdf(Math.log(edge / median) / sigma),
  )
}
