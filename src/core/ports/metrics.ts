/** The port behind which every metric source lives: one file per kind in src/metrics. */
import type { z } from 'zod'
import type { Instant, Json, Millis } from '../units.ts'
import type { ArmSample } from '../judge/verdict.ts'
import type { Clock } from './clock.ts'
import type { OutboundAnswer } from './outbound.ts'

/** One metric of one arm for one interval. Labels have been rendered; `{{arm}}` in a query becomes them. */
export interface MetricQuestion {
  readonly kind: 'ratio' | 'histogram' | 'gauge' | 'events'
  /** Rendered queries: `bad`/`total`, `buckets`, `query`, `count`. */
  readonly queries: Readonly<Record<string, string>>
  readonly arm: 'canary' | 'stable'
  readonly labels: Readonly<Record<string, string>>
  /** The interval the counts are for. A Prometheus rate is multiplied by its length. */
  readonly from: Instant
  readonly to: Instant
}

/** One metric of one arm for many intervals of the past. */
export interface HistoryQuestion extends MetricQuestion {
  /** `from` to `to` is a row of intervals of this length; what is left over at `from` is not asked for. */
  readonly everyMs: Millis
}

/** Which values of a label are asked for: those of the series that these queries read. */
export interface MembersQuestion {
  readonly queries: Readonly<Record<string, string>>
  /** Only of series that are matched by all of these labels, so that no joined series is taken for a member. */
  readonly labels: Readonly<Record<string, string>>
  /** `instance`, `pod`. */
  readonly label: string
  readonly from: Instant
  readonly to: Instant
}

export interface MetricPowers {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly http: (
    url: string,
    init: {
      method: string
      headers: Readonly<Record<string, string>>
      body?: string
      signal: AbortSignal
      redirect?: 'follow' | 'manual'
    },
  ) => Promise<OutboundAnswer>
  /**
   * One statement that only reads, asked of a declared database by the name of its source. `{{ name }}` in it are bind
   * parameters. Throws a sentence. Absent = no database can be asked here.
   */
  readonly database?: (
    name: string,
    statement: string,
    values: Readonly<Record<string, string>>,
    bounds: { readonly timeoutMs: Millis; readonly signal: AbortSignal },
  ) => Promise<DatabaseRows>
}

export interface DatabaseRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** There were more than are given. */
  readonly more: boolean
}

/**
 * A live source. In a histogram's `le` the last, open edge is `Infinity` or `Number.MAX_VALUE` (which survives JSON).
 * May keep memory between samples (counters of a scrape); a new one after a crash starts with a gap.
 */
export interface MetricSource {
  /** Never throws for what the source answers: missing, NaN, several series, HTML, errors are each `no-data` with its reason. */
  sample(questions: readonly MetricQuestion[], powers: MetricPowers): Promise<readonly ArmSample[]>
  /** One number now, for `promql check`, fields and triggers; `no-data` as above. */
  value(
    query: string,
    at: Instant,
    powers: MetricPowers,
  ): Promise<{ readonly value: number } | { readonly noData: string }>
  /**
   * Only of sources that keep a past. One list for each question: the samples of its intervals, oldest first, as `sample`
   * would have given them, each `no-data` with its reason where it could not. Never throws.
   */
  history?(questions: readonly HistoryQuestion[], powers: MetricPowers): Promise<readonly (readonly ArmSample[])[]>
  /** Only of sources that keep a past: the values a label had, sorted, without the empty one. None is no fault. Never throws. */
  members?(
    question: MembersQuestion,
    powers: MetricPowers,
  ): Promise<{ readonly members: readonly string[] } | { readonly noData: string }>
  /** For `doctor`. */
  probe(powers: MetricPowers): Promise<{ ok: boolean; say: string }>
}

export interface MetricSourceDefinition<C = unknown> {
  readonly kind: string
  readonly summary: string
  readonly config: z.ZodType<C>
  readonly example: string
  readonly timeoutMs: Millis
  /**
   * What keeps a query from ever being answered, for the compiler; null = nothing that can be seen in its text. Slots
   * such as `{{arm}}` are still in it. `value` = one number, for a check or a trigger.
   */
  checkQuery?(
    kind: MetricQuestion['kind'] | 'value',
    name: string,
    text: string,
  ): { readonly expected: string; readonly example: string } | null
  /** Where it is asked under these settings, as they are written, besides the addresses that stand among them. */
  addresses?(config: Readonly<Record<string, Json>>): readonly string[]
  open(config: C): MetricSource
}

export function defineMetricSource<C>(definition: MetricSourceDefinition<C>): MetricSourceDefinition<C> {
  return definition
}
