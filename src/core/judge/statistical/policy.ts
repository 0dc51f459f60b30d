/**
 * The statistical policy: what is known of a canary after each interval, and what follows from it. Roll back when damage
 * is significant (worse than stable, level alpha over the whole rollout) and material (beyond the declared limit); go
 * when damage beyond the go limit is excluded (level beta per stage); otherwise hold.
 */
import type { Turn } from './comparison.ts'
import {
  type Buckets,
  copyLatency,
  enterLatencyStage,
  judgeLatency,
  type Latency,
  type LatencyLimits,
  learnLatency,
  newLatency,
  useEdges,
  warmLatency,
} from './latency.ts'
import { remember } from './recent-past.ts'
import {
  copyShare,
  type Counts,
  enterShareStage,
  judgeShare,
  learnShare,
  newShare,
  type Share,
  type ShareLimits,
  type ShareSettings,
  warmShare,
  watchOutage,
} from './share.ts'
import { capFor, type Tuning } from './tuning.ts'

/** All that does not change within a rollout. Times in seconds, chances and shares as fractions. */
export interface PolicySettings {
  readonly alpha: number
  readonly beta: number
  /** Nominal length of an interval. */
  readonly stepSeconds: number
  /** Length of the whole rollout as planned: the stake for late faults is spread over it. */
  readonly planSeconds: number
  readonly metrics: readonly MetricSettings[]
  readonly tuning: Tuning
}

export type MetricSettings = ShareMetricSettings | LatencyMetricSettings

export interface ShareMetricSettings extends ShareSettings {
  readonly kind: 'share'
  readonly name: string
  /** Judged and told, and never part of a decision. */
  readonly dryRun?: boolean
}

export interface LatencyMetricSettings {
  readonly kind: 'latency'
  readonly name: string
  readonly dryRun?: boolean
  /** Which parts of the distribution are compared. */
  readonly quantiles: readonly number[]
  /** Quantiles that have an absolute limit in some stage. */
  readonly absolute: readonly { readonly quantile: number }[]
}

/** The limits of one stage by metric, in the order of `PolicySettings.metrics`. */
export type StageLimits = readonly (
  | { readonly kind: 'share'; readonly limits: ShareLimits }
  | { readonly kind: 'latency'; readonly limits: LatencyLimits }
)[]

/** One interval of both arms; null = nothing usable was read. Metrics in the order of the settings. */
export interface PolicyInterval {
  /** End of the interval and its length, in seconds. `at` has the same origin in every interval of a rollout. */
  readonly at: number
  readonly seconds: number
  readonly warming: boolean
  /** Share of the traffic that the canary should have; null = unknown. */
  readonly weight: number | null
  readonly limits: StageLimits
  readonly metrics: readonly Arms[]
}

export type Arms =
  | { readonly kind: 'share'; readonly canary: Counts | null; readonly stable: Counts | null }
  | {
      readonly kind: 'latency'
      readonly le: readonly number[]
      readonly canary: Buckets | null
      readonly stable: Buckets | null
    }

/** Plain JSON: the fold of all intervals so far. */
export interface PolicyState {
  metrics: MetricState[]
  /** Blocks of the recent past: seconds, requests of canary and of stable, and what the canary should have had of them. */
  traffic: [number, number, number, number][]
  /** When each arm last had traffic, in seconds; null = never. */
  lastCanary: number | null
  lastStable: number | null
}

export type MetricState = { readonly kind: 'share'; share: Share } | { readonly kind: 'latency'; latency: Latency }

export function newPolicyState(settings: PolicySettings): PolicyState {
  return {
    metrics: settings.metrics.map((metric) =>
      metric.kind === 'share'
        ? { kind: 'share', share: newShare(metric.worse, settings.tuning) }
        : { kind: 'latency', latency: newLatency(metric.absolute) },
    ),
    traffic: [],
    lastCanary: null,
    lastStable: null,
  }
}

export function copyPolicyState(state: PolicyState): PolicyState {
  return {
    ...state,
    traffic: state.traffic.map((block) => [...block]),
    metrics: state.metrics.map((metric) =>
      metric.kind === 'share'
        ? { kind: 'share', share: copyShare(metric.share) }
        : { kind: 'latency', latency: copyLatency(metric.latency) },
    ),
  }
}

/** A new stage begins: certificates start afresh, evidence of damage is kept. In place. */
export function beginStage(state: PolicyState, { tuning }: PolicySettings): void {
  for (const metric of state.metrics)
    if (metric.kind === 'share') enterShareStage(metric.share, tuning)
    else enterLatencyStage(metric.latency, tuning)
  state.traffic = []
}

/** An interval from before the rollout, in which a part of stable played the canary. In place. */
export function learnInterval(
  state: PolicyState,
  settings: PolicySettings,
  seconds: number,
  metrics: readonly Arms[],
): void {
  for (const [i, arms] of metrics.entries()) {
    const metric = state.metrics[i]
    const own = settings.metrics[i]
    if (arms.canary === null || arms.stable === null) continue
    if (arms.kind === 'share' && metric?.kind === 'share' && own?.kind === 'share')
      learnShare(metric.share, seconds, arms.canary, arms.stable, own, settings.tuning)
    if (arms.kind === 'latency' && metric?.kind === 'latency' && own?.kind === 'latency') {
      useEdges(metric.latency, arms.le)
      learnLatency(metric.latency, seconds, arms.canary, arms.stable, own.quantiles, settings.tuning)
    }
  }
}

/** One interval of the rollout, in place. Intervals come in order; late and repeated ones are the caller's to leave out. */
export function observeInterval(state: PolicyState, settings: PolicySettings, interval: PolicyInterval): void {
  const turn = turnOf(settings, interval.seconds)
  noteShare(state, settings, interval)
  for (let i = 0; i < interval.metrics.length; i += 1) {
    const arms = interval.metrics[i] as Arms
    const metric = state.metrics[i]
    const own = settings.metrics[i]
    const limits = interval.limits[i]
    noteTraffic(state, arms, interval.at)
    if (arms.kind === 'share' && metric?.kind === 'share' && own?.kind === 'share' && limits?.kind === 'share')
      observeShare(metric.share, own, arms, limits.limits, interval.warming, turn)
    if (arms.kind === 'latency' && metric?.kind === 'latency' && own?.kind === 'latency' && limits?.kind === 'latency')
      observeLatency(metric.latency, own, arms, limits.limits, interval.warming, turn)
  }
}

function turnOf({ tuning, stepSeconds, planSeconds }: PolicySettings, seconds: number): Turn {
  const later = -Math.expm1(-seconds / Math.max(planSeconds, seconds))
  const { damage, health } = tuning.firstStake
  return {
    seconds,
    stakes: { damage: { first: damage, later }, health: { first: health, later } },
    caps: { damage: capFor(tuning.damageCap, stepSeconds), health: capFor(tuning.healthCap, stepSeconds) },
    tuning,
  }
}

function noteTraffic(state: PolicyState, arms: Arms, at: number): void {
  if (requestsOf(arms, 'canary') > 0) state.lastCanary = at
  if (requestsOf(arms, 'stable') > 0) state.lastStable = at
}

/** Both arms have to have answered: otherwise nobody knows what the canary's share was. */
function noteShare(state: PolicyState, { tuning }: PolicySettings, { seconds, weight, metrics }: PolicyInterval): void {
  const arms = metrics.find((one) => one.canary !== null && one.stable !== null)
  if (arms === undefined) return
  const canary = requestsOf(arms, 'canary')
  const stable = requestsOf(arms, 'stable')
  // Where nobody says what it should be, as in a watch, any share will do.
  const expected = (canary + stable) * (weight ?? 0)
  remember(state.traffic, [seconds, canary, stable, expected], tuning.recentSeconds)
}

export function requestsOf(arms: Arms, arm: 'canary' | 'stable'): number {
  if (arms.kind === 'share') return arms[arm]?.n ?? 0
  return arms[arm]?.at(-1) ?? 0
}

function observeShare(
  share: Share,
  settings: ShareMetricSettings,
  { canary, stable }: Extract<Arms, { kind: 'share' }>,
  limits: ShareLimits,
  warming: boolean,
  turn: Turn,
): void {
  if (canary === null) return
  watchOutage(share, canary, stable, settings, turn)
  if (warming) warmShare(share, canary, stable, limits, settings, turn)
  else judgeShare(share, canary, stable, limits, settings, turn)
}

function observeLatency(
  latency: Latency,
  { quantiles }: LatencyMetricSettings,
  { le, canary, stable }: Extract<Arms, { kind: 'latency' }>,
  limits: LatencyLimits,
  warming: boolean,
  turn: Turn,
): void {
  if (canary === null && stable === null) return
  useEdges(latency, le)
  if (warming) warmLatency(latency, canary, stable, limits, quantiles, turn)
  else judgeLatency(latency, canary, stable, limits, quantiles, turn)
}
