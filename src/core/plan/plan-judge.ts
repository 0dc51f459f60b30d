/** What a checklist says of the canary judge: its policy, its metrics and their limits. */
import type { Millis } from '../units.ts'

/** Who decides about a canary: evidence that may be looked at at any time, fixed limits, or a rank test for comparison. */
export type JudgePolicy = 'statistical' | 'threshold' | 'mann-whitney'

export interface JudgePlan {
  /** Absent in plans stored before there were several: `threshold`. */
  readonly policy?: JudgePolicy
  readonly everyMs: Millis
  readonly warmUpMs: Millis
  /** Chance in (0,1) of rolling back a healthy canary over the whole rollout; used by the statistical judge. */
  readonly falseAlarm: number
  /** Chance in (0,1), per stage, of a go for a canary at or beyond a go limit; absent = 5 %. Statistical judge only. */
  readonly falseGo?: number
  /** Stable's own past, read before the rollout with a part of its instances as the canary; absent or null = none. */
  readonly history?: { readonly forMs: Millis; readonly splitBy: string } | null
  /** Intervals with a broken limit that the threshold judge tolerates, in a row and in all (null = any number); absent or null = none. */
  readonly allowedFailures?: { readonly consecutive: number; readonly total: number | null } | null
  /** An absolute limit that stable breaks as well: hold, or roll back all the same; absent = rollback. */
  readonly sharedBreach?: 'hold' | 'rollback'
  /** What is usual at this service, as its checklist declares it; absent = nobody said. Told and simulated with, never judged by. */
  readonly traffic?: TrafficPlan
  /** Default source name for the metrics. */
  readonly source: string | null
  /** Label matchers per arm, values are templates such as `{{version}}`. */
  readonly arms: {
    readonly canary: Readonly<Record<string, string>>
    readonly stable: Readonly<Record<string, string>>
  } | null
  readonly metrics: readonly MetricPlan[]
  readonly noData: { readonly holdMs: Millis; readonly then: 'rollback' | 'ask' }
  readonly grey: { readonly ask: string | null; readonly withinMs: Millis; readonly otherwise: 'rollback' | 'hold' }
  /** Multiple of the soak after which a stage that still cannot proceed asks. */
  readonly deadlineFactor: number
}

/** Requests per second of all versions together; share of failed ones and 95th percentile of latency, null = nobody said. */
export interface TrafficPlan {
  readonly perSecond: number
  readonly errorRate: number | null
  readonly p95Seconds: number | null
}

export interface MetricLimits {
  /** Comparators that must all hold to go: `< 1%`, `p95 < 2s`. */
  readonly go: readonly Limit[]
  /** Comparators of which any one rolls back. */
  readonly rollback: readonly Limit[]
  /** Worst allowed distance from stable. */
  readonly versusStable: readonly RelativeLimit[]
  /** To go, a distance from stable of this size must be excluded; absent or empty = derived from `versusStable`. */
  readonly goVersusStable?: readonly RelativeLimit[]
}

/** What one stage lays over the limits of a metric; all of them hold, so the stricter one decides. */
export type StageLimits = Partial<MetricLimits> & Pick<MetricPlan, 'versusBaseline'>

export interface MetricPlan extends MetricLimits {
  /** Worst allowed distance from a value of a `baseline` block; absent = none. */
  readonly versusBaseline?: { readonly baseline: string; readonly limits: readonly RelativeLimit[] }
  /** Limits that stand in one environment instead of those for all; absent = the same everywhere. */
  readonly inEnvironment?: Readonly<Record<string, Partial<MetricLimits>>>
  /** Never in a plan: what the baseline is for this release, null = it is missing; absent = it is not compared. */
  readonly baseline?: number | null
  readonly name: string
  readonly kind: 'ratio' | 'histogram' | 'gauge' | 'events'
  readonly source: string | null
  /** `bad` and `total` (ratio), `buckets` (histogram), `query` (gauge), `count` and optional `total` (events). */
  readonly queries: Readonly<Record<string, string>>
  /** How long a gauge must stay beyond its limit. */
  readonly forMs: Millis
  /** Fewest canary events in the judged window for a verdict. */
  readonly minSamples: number
  /** Length of the window that limits look at. */
  readonly windowMs: Millis
  readonly unit: 'ratio' | 'seconds' | 'plain'
  /** Judged and shown, and can neither hold nor roll back; absent = false. */
  readonly dryRun?: boolean
  /** Which way is bad, for a comparison with stable; absent = lower for events, higher for the rest. */
  readonly worse?: 'higher' | 'lower'
  /** Of a ratio, as a fraction: below this share a comparison with stable alone never rolls back; absent or null = 0.1 %. */
  readonly floor?: number | null
  /** Of a ratio, as a fraction: what counts as an outage at once, in the warm-up too; absent or null = 5 %, or 2.5 times the rollback limit. */
  readonly outage?: number | null
}

/** `p95 < 2s` is { quantile: 0.95, operator: '<', value: 2 }; percentages are ratios, durations are seconds. */
export interface Limit {
  readonly quantile: number | null
  readonly operator: '<' | '<=' | '>' | '>='
  readonly value: number
  /** The author's own words, for sentences. */
  readonly text: string
}

/** `p95 +20%` is { quantile: 0.95, relative: 0.2, points: null }; `+0.5pp` is { points: 0.005 }. */
export interface RelativeLimit {
  readonly quantile: number | null
  readonly relative: number | null
  readonly points: number | null
  readonly text: string
}
