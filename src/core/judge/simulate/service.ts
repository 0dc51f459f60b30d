/** A service that does not exist: what its metrics would have answered for canary and stable, interval by interval. */
import type { MetricPlan } from '../../plan/plan.ts'
import { worseOf } from '../reading.ts'
import { normalCdf, normalQuantile } from '../statistical/normal.ts'
import type { ArmSample, SampleBatch } from '../verdict.ts'
import { type Assumed, gaugeOf, type Noise, shareOf } from './assumed.ts'
import { drawBinomial, drawClusters, drawNormal, drawPoisson } from './draws.ts'
import type { Random } from './random.ts'

/** What is wrong with the canary: so many times the errors, the latency, or the wanted events of stable. */
export interface Fault {
  readonly kind: 'errors' | 'latency' | 'events'
  readonly times: number
}

export interface Interval {
  readonly seconds: number
  /** Share of the requests that the canary gets. */
  readonly canaryShare: number
  readonly fault: Fault | null
}

export interface Served {
  readonly samples: SampleBatch['samples']
  /** Requests that the canary answered. */
  readonly requests: number
}

/** `noise` of its own is carried from one interval to the next by whoever holds the function. */
export type Service = (interval: Interval) => Served

export function createService(metrics: readonly MetricPlan[], assumed: Assumed, random: Random): Service {
  const arms = { canary: newArm(metrics, assumed, random), stable: newArm(metrics, assumed, random) }
  return ({ seconds, canaryShare, fault }) => {
    const canary = arms.canary(seconds, canaryShare, fault)
    const stable = arms.stable(seconds, 1 - canaryShare, null)
    const samples = metrics.map((metric, i) => ({
      metric: metric.name,
      canary: canary.samples[i] as ArmSample,
      stable: stable.samples[i] as ArmSample,
    }))
    return { samples, requests: canary.requests }
  }
}

interface Answered {
  readonly samples: readonly ArmSample[]
  readonly requests: number
}

type Arm = (seconds: number, share: number, fault: Fault | null) => Answered

function newArm(metrics: readonly MetricPlan[], assumed: Assumed, random: Random): Arm {
  const { noise, perSecond } = assumed
  const errors = newDrift(noise.own, noise.seconds, random)
  const latency = newDrift(noise.latency, noise.seconds, random)
  return (seconds, share, fault) => {
    const requests = drawPoisson(random, perSecond * share * seconds)
    const now = { requests, seconds, share, fault, errors: errors(seconds), latency: latency(seconds) }
    return { samples: metrics.map((metric) => sampleOf(metric, assumed, now, random)), requests }
  }
}

/** A first-order autoregression whose spread and memory are given; its exponential has the mean 1. */
function newDrift(spread: number, memory: number, random: Random): (seconds: number) => number {
  if (!(spread > 0)) return () => 1
  let at = spread * drawNormal(random)
  return (seconds) => {
    const keep = Math.exp(-seconds / memory)
    at = keep * at + spread * Math.sqrt(1 - keep * keep) * drawNormal(random)
    return Math.exp(at - (spread * spread) / 2)
  }
}

interface Now {
  readonly requests: number
  readonly seconds: number
  readonly share: number
  readonly fault: Fault | null
  /** Factors on the share of errors and on latencies. */
  readonly errors: number
  readonly latency: number
}

function sampleOf(metric: MetricPlan, assumed: Assumed, now: Now, random: Random): ArmSample {
  switch (metric.kind) {
    case 'ratio':
      return { kind: 'ratio', bad: countOf(metric, assumed, now, random), total: now.requests }
    case 'events': {
      const total = metric.queries['total'] === undefined ? null : now.requests
      return { kind: 'events', count: countOf(metric, assumed, now, random), total }
    }
    case 'histogram':
      return histogramOf(assumed, now, random)
    case 'gauge':
      return gaugeSample(metric)
  }
}

function countOf(metric: MetricPlan, assumed: Assumed, now: Now, random: Random): number {
  const isHigher = worseOf(metric) === 'higher'
  const times = now.fault?.kind === (isHigher ? 'errors' : 'events') ? now.fault.times : 1
  const drift = isHigher ? now.errors : 1
  const share = Math.min(0.98, shareOf(metric, assumed) * times * drift)
  return isHigher
    ? clusteredCount(now.requests, share, assumed.noise, random)
    : drawBinomial(random, now.requests, share)
}

function clusteredCount(n: number, share: number, { cluster }: Noise, random: Random): number {
  if (cluster <= 1) return drawBinomial(random, n, share)
  return Math.min(n, drawClusters(random, drawPoisson(random, (n * share) / cluster), cluster))
}

/** Log-normal latencies into buckets: what is left goes over each edge in turn. */
function histogramOf({ edges, p95Seconds, sigma }: Assumed, now: Now, random: Random): ArmSample {
  const times = now.latency * (now.fault?.kind === 'latency' ? now.fault.times : 1)
  const middle = Math.log(p95Seconds * times) - sigma * normalQuantile(0.95)
  const counts: number[] = []
  let left = now.requests
  let below = 0
  for (const edge of edges) {
    const share = normalCdf((Math.log(edge) - middle) / sigma)
    const inside = below < 1 ? drawBinomial(random, left, Math.max(0, (share - below) / (1 - below))) : 0
    left -= inside
    below = share
    counts.push(now.requests - left)
  }
  return { kind: 'histogram', le: [...edges, Number.POSITIVE_INFINITY], counts: [...counts, now.requests] }
}

function gaugeSample(metric: MetricPlan): ArmSample {
  const value = gaugeOf(metric)
  return value === null ? { kind: 'no-data', why: 'no value fits all limits' } : { kind: 'gauge', value }
}
