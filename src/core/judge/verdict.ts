/** What a judge says, and the numbers that made it say so. Shared by every judge behind the port. */
import type { Instant, Millis } from '../units.ts'

export type Zone = 'go' | 'hold' | 'rollback'

export interface Verdict {
  readonly zone: Zone
  /** Why the zone: closed set, so that a surface can colour and a rule can act on it. */
  readonly why: 'healthy' | 'warm-up' | 'too-few' | 'grey' | 'no-data' | 'drift' | 'breach'
  /** One sentence for people: `errors 3.1 % > 2 % rollback · stable 0.4 %`. */
  readonly say: string
  /** The rule that fired, as its author wrote it; null when none did. */
  readonly rule: string | null
  readonly metrics: readonly MetricReading[]
  /** Since when this zone and why hold without a break. */
  readonly since: Instant
  /** End of the last interval the verdict has seen. */
  readonly upTo: Instant
}

export interface MetricReading {
  readonly metric: string
  /** `p95`, or null for a metric with one number. */
  readonly quantile: number | null
  readonly unit: 'ratio' | 'seconds' | 'plain'
  /** null = no data or not finite. Never a pass. */
  readonly canary: number | null
  readonly stable: number | null
  readonly samples: number
  readonly zone: Zone
  readonly why: Verdict['why']
  readonly limits: {
    readonly go: string | null
    readonly rollback: string | null
    readonly versusStable: string | null
  }
  readonly say: string
  /** The frozen number it is compared with, in the metric's unit; absent = with none. */
  readonly baseline?: number
  /** Judged and told, and no part of the verdict. */
  readonly dryRun?: boolean
  /** Of the statistical judge; absent or null = not compared. */
  readonly ratio?: RatioReading | null
  readonly evidence?: EvidenceReading | null
}

/**
 * Canary / stable: for a share the ratio of the shares, for a quantile that of the requests slower than an edge. The
 * interval is always valid: it may be read after every sample and misses the truth ever in at most 5 % of rollouts.
 */
export interface RatioReading {
  /** Seconds: requests slower than this are compared; null = the metric's own share. */
  readonly slowerThan: number | null
  readonly value: number
  readonly low: number
  readonly high: number
  /** Limits in the same unit; null = none declared. */
  readonly rollback: number | null
  readonly go: number | null
}

/** How many times likelier the data is under damage, or under health, than under its opposite. */
export interface EvidenceReading {
  readonly rollback: number
  readonly rollbackNeeded: number
  /** A declared limit is exceeded beyond reasonable doubt; without that no evidence of a difference turns back. */
  readonly isBeyondLimit: boolean
  /** The least of its certificates; null = none is needed to go. */
  readonly go: number | null
  readonly goNeeded: number
  /** How much more the counts scatter than independent requests would; 1 = not at all. */
  readonly dispersion: number
  /** At this traffic, until it could go; null = it can go already, or nobody can tell. */
  readonly moreMs: Millis | null
  readonly moreRequests: number | null
}

/** One arm's answer for one metric and one interval. Counts are per interval, not per second, not cumulative. */
export type ArmSample =
  | { readonly kind: 'ratio'; readonly bad: number; readonly total: number }
  /** Cumulative over `le` (ascending, last may be Infinity), counts of this interval. */
  | { readonly kind: 'histogram'; readonly le: readonly number[]; readonly counts: readonly number[] }
  /** `say`: the whole sentence about this value, where whoever gave it has a better one than the number. */
  | { readonly kind: 'gauge'; readonly value: number; readonly say?: string }
  | { readonly kind: 'events'; readonly count: number; readonly total: number | null }
  | { readonly kind: 'no-data'; readonly why: string; readonly say?: string }

/** All that was read for one interval. Stored once per (release, step, stage, to). */
export interface SampleBatch {
  readonly step: string
  readonly stage: number | null
  /**
   * From before the rollout: a part of stable plays the canary (A/A). `to` is not after the start of the first stage.
   * Judges learn from it how much two halves of one version differ; it is never soak and never a verdict.
   */
  readonly history?: true
  /** Start and end of the interval. `from` of a batch is not `to` of the one before where intervals were missed: a gap. */
  readonly from: Instant
  readonly to: Instant
  readonly samples: readonly { readonly metric: string; readonly canary: ArmSample; readonly stable: ArmSample }[]
  /** Weights read back with the sample; `ok` false is drift or an unreadable driver. */
  readonly weights: readonly {
    readonly component: string
    readonly percent: number | null
    readonly ok: boolean
    readonly say: string
  }[]
}

/** Opaque to everyone but the judge; plain JSON, bounded in size. */
export type JudgeState = { readonly judge: string; readonly [key: string]: unknown }

export interface JudgeReport {
  readonly verdict: Verdict
  /** Observed healthy time of this stage or watch. */
  readonly soakMs: Millis
}
