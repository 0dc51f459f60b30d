/** Tells the chart of one rollout or watch from what was judged so far. */
import { policyOf } from '../../core/judge/policies.ts'
import { limitsAt, strictest } from '../../core/judge/reading.ts'
import type { Limit } from '../../core/plan/plan.ts'
import type { Instant } from '../../core/units.ts'
import type { Chart, ChartColumns, ChartLimit, ChartMetric } from './chart.ts'
import type { ChartFold, JudgedSoak } from './chart-fold.ts'
import { type Point, type PointValues, type Series, seriesPlans } from './chart-point.ts'

/** A first answer stays below half a megabyte with ten metrics; what comes after it is asked for at once. */
const MOST_COLUMNS = 3_000

/** null = nothing of this step has been observed, or the release has no such step. */
export function chartOf(fold: ChartFold, step: string, after: Instant | null): Chart | null {
  const soaks = fold.soaks.filter((soak) => soak.step === step)
  const last = soaks.at(-1)
  if (last === undefined) return null
  const points = soaks.flatMap(({ points: told }) => told).filter(({ to }) => after === null || to > after)
  const shown = points.slice(0, MOST_COLUMNS)
  const metrics = metricsOf(soaks)
  return {
    step,
    policy: policyOf(last.subject.judge),
    everyMs: last.subject.judge.everyMs,
    soaks: soaks.map(({ stage, startedAt, endedAt }) => ({ stage, startedAt, endedAt })),
    metrics,
    arms: last.subject.judge.arms,
    harm: fold.harmOf(step),
    from: shown.map(({ from }) => from),
    to: shown.map(({ to }) => to),
    history: shown.filter(({ isHistory }) => isHistory).length,
    zones: shown.map(({ zone }) => zone).join(''),
    columns: Object.fromEntries(metrics.map(({ label }) => [label, columnsOf(label, shown)])),
    more: points.length > shown.length,
  }
}

function columnsOf(label: string, points: readonly Point[]): ChartColumns {
  const values = points.map((point) => point.values.get(label))
  const column = (key: 'canary' | 'stable' | 'canaryAlone' | 'low' | 'high') =>
    values.map((one: PointValues | undefined) => one?.[key] ?? null)
  return {
    canary: column('canary'),
    stable: column('stable'),
    canaryAlone: column('canaryAlone'),
    low: column('low'),
    high: column('high'),
    slowerThan: values.findLast((one) => one?.slowerThan != null)?.slowerThan ?? null,
    ratioLimits: values.findLast((one) => one?.ratioLimits != null)?.ratioLimits ?? { go: null, rollback: null },
    zones: values.map((one) => one?.zone ?? '-').join(''),
  }
}

/** Of all plans that stood: an amended one may have added a metric, and what was measured before stays told. */
function metricsOf(soaks: readonly JudgedSoak[]): readonly ChartMetric[] {
  const newest = new Map<string, Series>()
  for (const { subject } of soaks) for (const series of seriesPlans(subject)) newest.set(series.label, series)
  const source = soaks.at(-1)?.subject.judge.source ?? null
  return [...newest.values()].map(({ label, plan, quantile }) => ({
    label,
    metric: plan.name,
    quantile,
    unit: plan.unit,
    dryRun: plan.dryRun ?? false,
    windowMs: plan.windowMs,
    limits: soaks.flatMap((soak) => limitsOf(soak, label)),
    versusStable: versusStableOf(soaks, label),
    queries: plan.queries,
    source: plan.source ?? source,
  }))
}

function versusStableOf(soaks: readonly JudgedSoak[], label: string): readonly string[] {
  const texts = soaks.flatMap(({ subject }) => {
    const series = seriesPlans(subject).find((one) => one.label === label)
    if (series === undefined) return []
    const limits = strictest(series.plan, subject.stage?.overrides[series.plan.name])
    return limitsAt(limits, series.quantile).versusStable.map(({ text }) => text)
  })
  return [...new Set(texts)]
}

function limitsOf({ subject, stage }: JudgedSoak, label: string): readonly ChartLimit[] {
  const series = seriesPlans(subject).find((one) => one.label === label)
  if (series === undefined) return []
  const { go, rollback } = limitsAt(strictest(series.plan, subject.stage?.overrides[series.plan.name]), series.quantile)
  const line =
    (kind: ChartLimit['kind']) =>
    ({ value, text }: Limit): ChartLimit => ({ kind, stage, value, text })
  return [...go.map(line('go')), ...rollback.map(line('rollback'))]
}
