/** A checklist's judge as the statistical policy sees it: which metrics count events, and what their limits are. */
import type { JudgePlan, Limit, MetricLimits, MetricPlan, RelativeLimit } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import { strictest, worseOf } from '../reading.ts'
import { recentPair } from './comparison.ts'
import type { RatioLimits } from './comparison.ts'
import type { LatencyLimits } from './latency.ts'
import type { MetricSettings, PolicySettings, PolicyState, StageLimits } from './policy.ts'
import type { ShareLimits } from './share.ts'
import { tuning } from './tuning.ts'

const usualFloor = 0.001
const usualOutage = 0.05
const usualFalseGo = 0.05
const usualPlanMs = 30 * 60_000

/** Of a damage limit r, how much more must be excluded to go; least for errors, where small ratios take long to exclude. */
const goBeyond = {
  share: { factor: 1.6, least: 2 },
  latency: { factor: 1.125, least: 1 },
  lower: { factor: 0.947 },
} as const

/** Metrics that evidence can be gathered about, in the order of the plan. The rest is judged by its limits alone. */
export function countedMetrics(judge: JudgePlan, stage: JudgeSubject['stage']): readonly MetricPlan[] {
  return derivedOf(judge, stage).counted
}

/** What follows from a checklist alone. Plans do not change: it is worked out once for each, and forgotten with it. */
interface Derived {
  readonly counted: readonly MetricPlan[]
  readonly settings: readonly MetricSettings[]
}

const derived = new WeakMap<JudgePlan, WeakMap<object, Derived>>()

function derivedOf(judge: JudgePlan, stage: JudgeSubject['stage']): Derived {
  const stages = derived.get(judge) ?? new WeakMap<object, Derived>()
  derived.set(judge, stages)
  const found = stages.get(stage ?? judge)
  if (found !== undefined) return found
  const counted = judge.metrics.filter((metric) => isCounted(metric, strictest(metric, stage?.overrides[metric.name])))
  const made = { counted, settings: counted.map((metric) => metricSettings(metric, stage)) }
  stages.set(stage ?? judge, made)
  return made
}

function isCounted(metric: MetricPlan, { go, rollback }: MetricLimits): boolean {
  if (metric.kind === 'gauge') return false
  const isLower = worseOf(metric) === 'lower'
  const kept = isLower ? /^>/ : /^</
  const broken = isLower ? /^</ : /^>/
  if (!go.every(({ operator }) => kept.test(operator)) || !rollback.every(({ operator }) => broken.test(operator)))
    return false
  // Counts without a total are only comparable: an absolute limit on them is a rate per second.
  if (metric.kind === 'events' && metric.queries['total'] === undefined) return go.length + rollback.length === 0
  if (metric.kind === 'histogram') return true
  return [...go, ...rollback].every(({ value }) => value > 0 && value < 1)
}

export function settingsOf(subject: JudgeSubject): PolicySettings {
  const { judge, stage } = subject
  const plannedMs = subject.plannedMs ?? stage?.soakMs ?? usualPlanMs
  return {
    alpha: judge.falseAlarm,
    beta: judge.falseGo ?? usualFalseGo,
    stepSeconds: judge.everyMs / 1000,
    planSeconds: Math.max(plannedMs, judge.everyMs) / 1000,
    metrics: derivedOf(judge, stage).settings,
    tuning,
  }
}

function metricSettings(metric: MetricPlan, stage: JudgeSubject['stage']): MetricSettings {
  const limits = strictest(metric, stage?.overrides[metric.name])
  const dryRun = metric.dryRun === true
  if (metric.kind !== 'histogram')
    return {
      kind: 'share',
      name: metric.name,
      worse: worseOf(metric),
      dryRun,
      floor: metric.kind === 'ratio' ? (metric.floor ?? usualFloor) : null,
      outage: outageOf(metric, limits),
    }
  const compared = quantilesIn(limits.versusStable)
  const absolute = quantilesIn([...limits.go, ...limits.rollback])
  return {
    kind: 'latency',
    name: metric.name,
    dryRun,
    // Without a distance from stable the comparison only tells whose fault a slow canary is.
    quantiles: compared.length > 0 ? compared : absolute,
    absolute: absolute.map((quantile) => ({ quantile })),
  }
}

/** A service that fails often is not out for that: without a limit of its own an outage is what nobody would call usual. */
function outageOf(metric: MetricPlan, { rollback }: MetricLimits): number | null {
  if (metric.kind !== 'ratio' || worseOf(metric) === 'lower') return null
  if (metric.outage != null) return metric.outage
  const limit = least(rollback.map(({ value }) => value))
  return Math.min(0.9, Math.max(usualOutage, 2.5 * (limit ?? 0)))
}

function quantilesIn(limits: readonly { readonly quantile: number | null }[]): readonly number[] {
  return [...new Set(limits.flatMap(({ quantile }) => quantile ?? []))].sort((a, b) => a - b)
}

/** The limits that apply now. A distance in points is a ratio only beside what stable has: the last minutes tell. */
export function limitsOf(subject: JudgeSubject, state: PolicyState): StageLimits {
  return limitsBeside(subject, (_, i) => usualShare(state, i))
}

/** The same, beside any shares that stable may have. */
export function limitsBeside(
  { judge, stage }: JudgeSubject,
  usual: (metric: MetricPlan, index: number) => number | null,
): StageLimits {
  return countedMetrics(judge, stage).map((metric, i) => {
    const limits = strictest(metric, stage?.overrides[metric.name])
    if (metric.kind === 'histogram') return { kind: 'latency', limits: latencyLimits(limits, judge) }
    return { kind: 'share', limits: shareLimits(metric, limits, judge, usual(metric, i)) }
  })
}

function usualShare(state: PolicyState, index: number): number | null {
  const metric = state.metrics[index]
  if (metric?.kind !== 'share') return null
  const { xs, ns } = recentPair(metric.share.comparison)
  return ns > 0 ? (xs + 0.5) / ns : null
}

function shareLimits(metric: MetricPlan, limits: MetricLimits, judge: JudgePlan, usual: number | null): ShareLimits {
  const isLower = worseOf(metric) === 'lower'
  const of = (values: readonly number[]): number | null => (isLower ? greatest(values) : least(values))
  const rollback = of(limits.rollback.map(({ value }) => value))
  const go = of(limits.go.map(({ value }) => value))
  const missing = (share: number | null): number | null => (share === null ? null : isLower ? 1 - share : share)
  return {
    ratio: judge.arms === null ? null : shareRatio(limits, isLower, usual),
    rollback: missing(rollback),
    go: missing(go),
  }
}

function shareRatio(limits: MetricLimits, isLower: boolean, usual: number | null): RatioLimits {
  const strictestOf = (list: readonly RelativeLimit[]): number | null => {
    const ratios = list.flatMap((limit) => ratioOf(limit, isLower, usual) ?? [])
    return isLower ? greatest(ratios) : least(ratios)
  }
  const rollback = strictestOf(limits.versusStable)
  const own = strictestOf(limits.goVersusStable ?? [])
  if (own !== null || rollback === null) return { rollback, go: own }
  if (isLower) return { rollback, go: rollback * goBeyond.lower.factor }
  return { rollback, go: Math.max(goBeyond.share.least, rollback * goBeyond.share.factor) }
}

/** `+20 %` is 1.2, and for what is good when it is high 0.8. */
function ratioOf({ relative, points }: RelativeLimit, isLower: boolean, usual: number | null): number | null {
  const distance = relative === null ? (usual === null ? null : Math.abs(points ?? 0) / usual) : Math.abs(relative)
  if (distance === null) return null
  return isLower ? Math.max(0.01, 1 - distance) : 1 + distance
}

function latencyLimits(limits: MetricLimits, judge: JudgePlan): LatencyLimits {
  const absolute = quantilesIn([...limits.go, ...limits.rollback]).map((quantile) => ({
    quantile,
    go: least(valuesAt(limits.go, quantile)),
    rollback: least(valuesAt(limits.rollback, quantile)),
  }))
  if (judge.arms === null) return { ratio: null, absolute }
  const compared = quantilesIn(limits.versusStable).map((quantile) => {
    const at = (list: readonly RelativeLimit[]): number | null =>
      least(
        list.filter((one) => one.quantile === quantile || one.quantile === null).flatMap((one) => one.relative ?? []),
      )
    const rollback = at(limits.versusStable)
    const go = at(limits.goVersusStable ?? [])
    return {
      quantile,
      rollback: rollback === null ? null : 1 + rollback,
      go: go !== null ? 1 + go : rollback === null ? null : (1 + rollback) * goBeyond.latency.factor,
    }
  })
  return { ratio: compared.length > 0 ? compared : [{ quantile: null, rollback: null, go: null }], absolute }
}

function valuesAt(limits: readonly Limit[], quantile: number): readonly number[] {
  return limits.filter((limit) => limit.quantile === quantile).map(({ value }) => value)
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values)
}

function greatest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values)
}
