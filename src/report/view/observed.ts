/** A rollout or watch as people see it: its stages, weights, and each number beside its limits and its baseline. */
import type { JudgePlan, MetricPlan, StepPlan } from '../../core/plan/plan.ts'
import type { ComponentState, ObservationState, ReleaseState, RolloutState } from '../../core/release/state.ts'
import type { ArmSample, MetricReading, SampleBatch, Verdict } from '../../core/judge/verdict.ts'
import { watchNeedsMs } from '../../core/release/watch-times.ts'
import type { MetricView, ObservedView, RolloutView, WatchView } from '../view.ts'
import { numberWords } from '../words.ts'
import type { Scene } from './steps.ts'

export function rolloutViews(scene: Scene): readonly RolloutView[] {
  return scene.state.plan.steps.flatMap((plan) => {
    const view = rolloutView(scene, plan)
    return view ? [view] : []
  })
}

export function watchViews(scene: Scene): readonly WatchView[] {
  return scene.state.plan.steps.flatMap((plan) => {
    if (plan.block.word !== 'watch') return []
    const observed = observedView(
      scene,
      plan.id,
      null,
      plan.block.judge,
      watchNeedsMs(plan.block, scene.state.observations.get(plan.id)),
    )
    return observed ? [{ step: plan.id, text: plan.text, observed }] : []
  })
}

function rolloutView(scene: Scene, plan: StepPlan): RolloutView | null {
  if (plan.block.word !== 'rollout') return null
  const { block } = plan
  const rollout = scene.state.rollouts.get(plan.id)
  const at = rollout?.stage ?? -1
  const stage = block.stages[at]
  return {
    step: plan.id,
    text: plan.text,
    doing: rollout?.doing ?? 'waiting',
    stage: at,
    stages: block.stages.map((one, index) => ({
      id: one.id,
      title: one.title,
      weightPercent: one.weightPercent,
      soakMs: one.soakMs,
      promote: one.promote,
      state: rollout?.doing === 'done' || index < at ? 'left' : index === at ? 'now' : 'waiting',
    })),
    components: componentViews(block.components, rollout),
    observed: stage ? observedView(scene, plan.id, at, block.judge, stage.soakMs) : null,
  }
}

function componentViews(
  plans: readonly { readonly name: string; readonly driver: string }[],
  rollout: RolloutState | undefined,
): RolloutView['components'] {
  return plans.map(({ name, driver }) => {
    const component = rollout?.components.get(name)
    const restored = rollout?.restored.get(name)
    return {
      name,
      driver,
      percent: restored === undefined ? knownPercent(component) : 0,
      movingTo: component?.live?.weightPercent ?? null,
      restored: restored !== undefined,
      say: restored ?? component?.say ?? '',
    }
  })
}

function knownPercent(component: ComponentState | undefined): number | null {
  if (!component) return 0
  return component.verifiedPercent >= 0 ? component.verifiedPercent : null
}

/** null where nothing has been observed yet: what was seen of the stage before says nothing of this one. */
function observedView(
  scene: Scene,
  step: string,
  stage: number | null,
  judge: JudgePlan,
  neededMs: number,
): ObservedView | null {
  const recorded = scene.state.observations.get(step)
  if (!recorded || recorded.stage !== stage) return null
  const live = scene.live?.observations.find((one) => one.step === step && one.stage === recorded.stage)
  const { verdict, soakMs } = youngest(recorded, live?.report)
  const recent = live?.recent ?? []
  return {
    stage: recorded.stage,
    startedAt: recorded.startedAt,
    ended: recorded.ended,
    soakMs: Math.min(soakMs, neededMs),
    neededMs,
    verdict: verdict ? withoutMetrics(verdict) : null,
    metrics: (verdict?.metrics ?? []).map((reading) => metricView(reading, judge.metrics, recent)),
  }
}

function youngest(
  recorded: ObservationState,
  live: { readonly verdict: Verdict; readonly soakMs: number } | undefined,
): { verdict: Verdict | null; soakMs: number } {
  if (!live || recorded.ended || (recorded.verdict !== null && recorded.verdict.upTo > live.verdict.upTo))
    return { verdict: recorded.verdict, soakMs: recorded.soakMs }
  return live
}

function withoutMetrics(verdict: Verdict): Omit<Verdict, 'metrics'> {
  const { zone, why, say, rule, since, upTo } = verdict
  return { zone, why, say, rule, since, upTo }
}

function metricView(reading: MetricReading, plans: readonly MetricPlan[], recent: readonly SampleBatch[]): MetricView {
  const { metric, quantile, unit } = reading
  return {
    label: labelOf(metric, quantile),
    metric,
    quantile,
    unit,
    canary: reading.canary,
    stable: reading.stable,
    baseline: reading.baseline ?? null,
    samples: reading.samples,
    minSamples: plans.find((plan) => plan.name === metric)?.minSamples ?? 0,
    zone: reading.zone,
    why: reading.why,
    limits: reading.limits,
    say: reading.say || readingWords(reading),
    dryRun: reading.dryRun ?? false,
    ratio: reading.ratio ?? null,
    evidence: reading.evidence ?? null,
    canarySeries: seriesOf(recent, metric, quantile, 'canary'),
    stableSeries: seriesOf(recent, metric, quantile, 'stable'),
  }
}

/** `errors`, `latency p95`. */
export function labelOf(metric: string, quantile: number | null): string {
  return quantile === null ? metric : `${metric} p${Number((quantile * 100).toFixed(3))}`
}

function readingWords({ metric, unit, canary, stable, limits }: MetricReading): string {
  const beside = [limits.go ? `${limits.go} go` : '', limits.rollback ? `${limits.rollback} rollback` : '']
  const limit = beside.filter((one) => one !== '').join(', ')
  return `${metric} ${numberWords(canary, unit)} ${limit ? `(${limit}) ` : ''}· stable ${numberWords(stable, unit)}`
}

/** One value per interval; null where an interval says nothing. */
export function seriesOf(
  batches: readonly SampleBatch[],
  metric: string,
  quantile: number | null,
  arm: 'canary' | 'stable',
): readonly (number | null)[] {
  return batches.map((batch) => {
    const sample = batch.samples.find((one) => one.metric === metric)?.[arm]
    return sample ? valueOf(sample, quantile) : null
  })
}

function valueOf(sample: ArmSample, quantile: number | null): number | null {
  switch (sample.kind) {
    case 'ratio':
      return sample.total > 0 ? sample.bad / sample.total : null
    case 'gauge':
      return Number.isFinite(sample.value) ? sample.value : null
    case 'events':
      if (sample.total === null) return sample.count
      return sample.total > 0 ? sample.count / sample.total : null
    case 'histogram':
      return quantile === null ? null : quantileOf(sample.le, sample.counts, quantile)
    case 'no-data':
      return null
  }
}

/** Linear within its bucket, as Prometheus does it. */
function quantileOf(le: readonly number[], counts: readonly number[], quantile: number): number | null {
  const total = counts.at(-1) ?? 0
  if (total <= 0) return null
  const rank = quantile * total
  const index = counts.findIndex((count) => count >= rank)
  const upper = le[index]
  if (index < 0 || upper === undefined) return null
  const lower = index === 0 ? 0 : (le[index - 1] ?? 0)
  if (!Number.isFinite(upper)) return lower
  const below = index === 0 ? 0 : (counts[index - 1] ?? 0)
  const inside = (counts[index] ?? 0) - below
  return inside <= 0 ? upper : lower + ((upper - lower) * (rank - below)) / inside
}

/** The stage a rollout soaks in, and how long it still needs; null when none does. */
export function soakOf(
  state: ReleaseState,
  views: readonly RolloutView[],
): { view: RolloutView; leftMs: number } | null {
  if (state.phase !== 'running') return null
  const view = views.find((one) => one.doing === 'soaking')
  if (!view) return null
  const { observed } = view
  const needed = observed?.neededMs ?? view.stages[view.stage]?.soakMs ?? 0
  return { view, leftMs: Math.max(0, needed - (observed?.soakMs ?? 0)) }
}
