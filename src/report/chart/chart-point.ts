/** One interval as a point of a chart: the values of each series, and what the judge said of them. */
import { quantilesOf, strictest } from '../../core/judge/reading.ts'
import type { MetricReading, SampleBatch, Verdict } from '../../core/judge/verdict.ts'
import type { MetricPlan } from '../../core/plan/plan.ts'
import type { JudgeSubject } from '../../core/ports/judge.ts'
import type { Instant } from '../../core/units.ts'
import { isComparable } from '../evidence-words.ts'
import { labelOf, seriesOf } from '../view/observed.ts'
import { zoneLetters } from './chart.ts'

export interface Point {
  readonly from: Instant
  readonly to: Instant
  readonly isHistory: boolean
  /** One letter, as in a chart's `zones`. */
  readonly zone: string
  /** By label. */
  readonly values: ReadonlyMap<string, PointValues>
}

export interface PointValues {
  readonly canary: number | null
  readonly stable: number | null
  readonly canaryAlone: number | null
  readonly low: number | null
  readonly high: number | null
  readonly slowerThan: number | null
  readonly ratioLimits: { readonly go: number | null; readonly rollback: number | null } | null
  readonly zone: string
}

export interface Series {
  readonly label: string
  readonly plan: MetricPlan
  readonly quantile: number | null
}

/** Each number that is judged: a metric, or a quantile of one. */
export function seriesPlans({ judge, stage }: JudgeSubject): readonly Series[] {
  return judge.metrics.flatMap((plan) =>
    quantilesOf(plan, strictest(plan, stage?.overrides[plan.name])).map((quantile) => ({
      label: labelOf(plan.name, quantile),
      plan,
      quantile,
    })),
  )
}

/** `verdict` null = from before the rollout: nothing was judged. */
export function pointOf(batch: SampleBatch, verdict: Verdict | null, series: readonly Series[]): Point {
  return {
    from: batch.from,
    to: batch.to,
    isHistory: batch.history === true,
    zone: verdict === null ? '-' : zoneLetters[verdict.zone],
    values: new Map(series.map((one) => [one.label, valuesOf(batch, verdict, one)])),
  }
}

function valuesOf(batch: SampleBatch, verdict: Verdict | null, { plan, quantile }: Series): PointValues {
  const [canaryAlone = null] = seriesOf([batch], plan.name, quantile, 'canary')
  const [stableAlone = null] = seriesOf([batch], plan.name, quantile, 'stable')
  const reading = verdict?.metrics.find((one) => one.metric === plan.name && one.quantile === quantile)
  return {
    canary: short(verdict === null ? canaryAlone : (reading?.canary ?? null)),
    stable: short(verdict === null ? stableAlone : (reading?.stable ?? null)),
    canaryAlone: short(canaryAlone),
    ...bandOf(reading),
    zone: reading === undefined ? '-' : zoneLetters[reading.zone],
  }
}

function bandOf(reading: MetricReading | undefined): Pick<PointValues, 'low' | 'high' | 'slowerThan' | 'ratioLimits'> {
  const ratio = reading?.ratio ?? null
  const slowerThan = ratio?.slowerThan ?? null
  const ratioLimits = ratio === null ? null : { go: short(ratio.go), rollback: short(ratio.rollback) }
  if (ratio === null || !isComparable(ratio)) return { low: null, high: null, slowerThan, ratioLimits }
  return { low: short(ratio.low), high: short(ratio.high), slowerThan, ratioLimits }
}

/** More digits than a screen can show only make the answer longer. */
function short(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5))
}
