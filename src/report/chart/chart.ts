/** The shape of a chart: what was measured of a rollout or watch, interval by interval, and what the judge made of it. */
import type { MetricReading, Zone } from '../../core/judge/verdict.ts'
import type { JudgePolicy } from '../../core/plan/plan.ts'
import type { Instant } from '../../core/units.ts'

/** One stage that soaked, or one watch. */
export interface ChartSoak {
  /** 0 = the first; null in a watch. */
  readonly stage: number | null
  readonly startedAt: Instant
  /** null while it lasts. */
  readonly endedAt: Instant | null
}

export interface ChartLimit {
  readonly kind: 'go' | 'rollback'
  /** 0 = the first stage; null in a watch. */
  readonly stage: number | null
  /** In the unit of the metric. */
  readonly value: number
  /** The author's words: `< 1%`. */
  readonly text: string
}

export interface ChartMetric {
  /** `errors`, `latency p95`. */
  readonly label: string
  readonly metric: string
  readonly quantile: number | null
  readonly unit: MetricReading['unit']
  readonly dryRun: boolean
  /** Length of the window that `canary` and `stable` of a column are told over. */
  readonly windowMs: number
  /** Of every stage that has begun. */
  readonly limits: readonly ChartLimit[]
  /** Its limits relative to stable, as their author wrote them: `p95 +20%`; empty = it is not held against stable. */
  readonly versusStable: readonly string[]
  /** As in the checklist, by name: `bad`, `total`; empty = something else than a question to a source. */
  readonly queries: Readonly<Record<string, string>>
  readonly source: string | null
}

/** One value per interval, aligned with `to`; null = no data. */
export interface ChartColumns {
  /** Over the judge's window. From before the rollout: of the interval alone. */
  readonly canary: readonly (number | null)[]
  readonly stable: readonly (number | null)[]
  /** Of the interval alone. */
  readonly canaryAlone: readonly (number | null)[]
  /** Canary / stable, the interval that may be read at any time; null = not compared, or too few. */
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
  /** Seconds: `low` and `high` compare the shares of requests slower than this; null = the metric itself. */
  readonly slowerThan: number | null
  /** Limits of `low` and `high`, as they are now; null = none declared. */
  readonly ratioLimits: { readonly go: number | null; readonly rollback: number | null }
  /** One letter per interval: g = go, h = hold, r = rollback, - = not judged. */
  readonly zones: string
}

/** How many requests failed at the canary, and how many of as many would have at stable. */
export interface ChartHarm {
  readonly metric: string
  readonly requests: number
  readonly failed: number
  /** At stable's share of the same time; null = stable had no requests. */
  readonly wouldHave: number | null
}

export interface Chart {
  readonly step: string
  readonly policy: JudgePolicy
  /** Judged anew every so often. */
  readonly everyMs: number
  readonly soaks: readonly ChartSoak[]
  readonly metrics: readonly ChartMetric[]
  /** What `{{arm}}` in a query becomes, as in the checklist: labels and their values; null = the queries name no arm. */
  readonly arms: {
    readonly canary: Readonly<Record<string, string>>
    readonly stable: Readonly<Record<string, string>>
  } | null
  /** Of all intervals so far, whatever was asked for; by metric. */
  readonly harm: readonly ChartHarm[]
  /** Of the intervals, ascending; `from` is not the `to` before where intervals were missed. */
  readonly from: readonly Instant[]
  readonly to: readonly Instant[]
  /** So many of the first columns are from before the rollout: two parts of stable beside each other. */
  readonly history: number
  /** The verdict over all metrics, as in `zones` of one. */
  readonly zones: string
  /** By label. */
  readonly columns: Readonly<Record<string, ChartColumns>>
  /** There are more intervals than fit into one answer: ask again after the last `to`. */
  readonly more: boolean
}

export const zoneLetters: Readonly<Record<Zone, string>> = { go: 'g', hold: 'h', rollback: 'r' }
