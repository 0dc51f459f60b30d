/** What a simulation takes for granted of a service: its traffic, what is usual there, and how much it scatters. */
import type { JudgePlan, MetricPlan } from '../../plan/plan.ts'
import { meets } from '../../plan/limit.ts'
import { worseOf } from '../reading.ts'
import { normalQuantile } from '../statistical/normal.ts'

export const noises = {
  quiet: { own: 0, seconds: 120, cluster: 1, latency: 0 },
  noisy: { own: 0.15, seconds: 120, cluster: 3, latency: 0.03 },
  harsh: { own: 0.3, seconds: 300, cluster: 5, latency: 0.06 },
} as const satisfies Readonly<Record<string, Noise>>

export type NoiseName = keyof typeof noises

/** How much an arm differs from itself without any change. */
export interface Noise {
  /** Standard deviation of the logarithm of an arm's own share of bad requests, and for how long it stays, in seconds. */
  readonly own: number
  readonly seconds: number
  /** Bad requests come in clusters of this mean size. */
  readonly cluster: number
  /** Standard deviation of the logarithm of an arm's own latencies. */
  readonly latency: number
}

export interface Assumed {
  /** Requests per second, canary and stable together. */
  readonly perSecond: number
  /** Usual shares of requests: failed ones, and those with a wanted event such as a sign-up. */
  readonly errorShare: number
  readonly eventShare: number
  readonly p95Seconds: number
  /** Standard deviation of the logarithm of latencies, which are log-normal. */
  readonly sigma: number
  /** Bucket edges in seconds, ascending, without the open one. */
  readonly edges: readonly number[]
  readonly noise: Noise
  readonly history: boolean
}

export interface Given {
  readonly perSecond?: number | null
  readonly errorShare?: number | null
  readonly eventShare?: number | null
  readonly p95Seconds?: number | null
  readonly edges?: readonly number[] | null
  readonly noise?: NoiseName
  readonly history?: boolean
}

const usual = { perSecond: 200, errorShare: 0.003, eventShare: 0.05, p95Seconds: 0.38, sigma: 0.9 }

/** The edges that Prometheus clients have when nobody chooses. */
export const usualEdges: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What was given, then what the checklist declares, then what is usual: a version well within the checklist's own limits. */
export function assumedFor(judge: JudgePlan, given: Given): Assumed {
  return {
    perSecond: given.perSecond ?? judge.traffic?.perSecond ?? usual.perSecond,
    errorShare: given.errorShare ?? judge.traffic?.errorRate ?? usualErrors(judge),
    eventShare: given.eventShare ?? usual.eventShare,
    p95Seconds: given.p95Seconds ?? judge.traffic?.p95Seconds ?? usualP95(judge),
    sigma: usual.sigma,
    edges: given.edges ?? usualEdges,
    noise: noises[given.noise ?? 'quiet'],
    history: (given.history ?? true) && (judge.history ?? null) !== null,
  }
}

function usualErrors({ metrics }: JudgePlan): number {
  const limits = metrics
    .filter((metric) => metric.kind === 'ratio' && worseOf(metric) === 'higher')
    .flatMap(({ go, rollback }) => [...go, ...rollback].map(({ value }) => value))
  return Math.min(usual.errorShare, ...limits.filter((value) => value > 0).map((value) => 0.3 * value))
}

function usualP95({ metrics }: JudgePlan): number {
  const limits = metrics
    .filter(({ kind }) => kind === 'histogram')
    .flatMap(({ go, rollback }) => [...go, ...rollback])
    .flatMap(({ quantile, value }) => (quantile === null ? [] : [(0.5 * value) / stretch(quantile)]))
  return Math.min(usual.p95Seconds, ...limits.filter((value) => value > 0))
}

/** How many times the 95th percentile a quantile is. */
function stretch(quantile: number): number {
  return Math.exp(usual.sigma * (normalQuantile(quantile) - normalQuantile(0.95)))
}

/** A quantile of the assumed latencies, in seconds. */
export function quantileAssumed({ p95Seconds, sigma }: Assumed, quantile: number): number {
  return p95Seconds * Math.exp(sigma * (normalQuantile(quantile) - normalQuantile(0.95)))
}

/** The share that a metric with counts has of a healthy version. */
export function shareOf(metric: MetricPlan, { errorShare, eventShare }: Assumed): number {
  if (worseOf(metric) === 'higher') return errorShare
  const least = [...metric.go, ...metric.rollback].map(({ value }) => value).filter((value) => value > 0 && value < 1)
  return least.length === 0 ? eventShare : 1 - 0.3 * (1 - Math.max(...least))
}

/** A value of a gauge that its limits call good; null = none was found. */
export function gaugeOf({ go, rollback }: MetricPlan): number | null {
  const edges = [...go, ...rollback].map(({ value }) => value)
  const candidates = [0, 1, ...edges.flatMap((edge) => [edge / 2, edge * 2, edge - 1, edge + 1, edge])]
  return (
    candidates.find((value) => go.every((one) => meets(value, one)) && !rollback.some((one) => meets(value, one))) ??
    null
  )
}
