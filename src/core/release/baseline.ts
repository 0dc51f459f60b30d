/** Baselines as later steps see them: frozen values by name, and the limits that are measured from them. */
import type { JudgePlan, Limit, MetricPlan, RelativeLimit, StagePlan } from '../plan/plan.ts'
import type { ReleaseState } from './state.ts'

/** What stands before the name of a baseline value wherever it is used: `baseline.error_rate`. */
export const baselinePrefix = 'baseline.'

/** `waived` = a named person let the step pass without it, or it does not apply: nothing is compared then. */
export type Baseline =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'waived' }
  | { readonly kind: 'missing' }

/** `name` as in the plan, without the prefix. */
export function baselineOf(state: ReleaseState, name: string): Baseline {
  const text = state.captures.get(`${baselinePrefix}${name}`)
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return { kind: 'value', value }
  const step = state.plan.steps.find(
    ({ block }) =>
      block.word === 'fields' && block.baseline === true && block.fields.some((field) => field.name === name),
  )
  const how = step && state.steps.get(step.id)?.closed?.how
  return how === 'waived' || how === 'not-applicable' ? { kind: 'waived' } : { kind: 'missing' }
}

/** One answer for the same judge and the same numbers, so that whoever compares judges by identity finds it again. */
const known = new WeakMap<JudgePlan, { readonly key: string; readonly judge: JudgePlan }>()

/** The judge as it judges this release, in this stage: limits of its environment, and distances from the baseline as numbers. */
export function judgeFor(state: ReleaseState, judge: JudgePlan, stage: StagePlan | null): JudgePlan {
  const distances = judge.metrics.map((metric) => distancesOf(metric, stage))
  if (distances.every((each) => each.length === 0) && !judge.metrics.some((metric) => metric.inEnvironment))
    return judge
  const baselines = distances.map((each) =>
    each.map(({ baseline, limits }) => ({ baseline: baselineOf(state, baseline), limits })),
  )
  const key = JSON.stringify([state.environment, baselines])
  const before = known.get(judge)
  if (before?.key === key) return before.judge
  const made = {
    ...judge,
    metrics: judge.metrics.map((metric, index) =>
      (baselines[index] ?? []).reduce(withBaseline, inEnvironment(metric, state.environment)),
    ),
  }
  known.set(judge, { key, judge: made })
  return made
}

/** What the environment says of a limit stands instead of what is said for all of them. */
function inEnvironment(metric: MetricPlan, environment: string): MetricPlan {
  const own = metric.inEnvironment?.[environment]
  return own === undefined ? metric : { ...metric, ...own }
}

type Distance = NonNullable<MetricPlan['versusBaseline']>

/** Of the whole rollout, and of the stage: both hold. */
function distancesOf({ name, versusBaseline }: MetricPlan, stage: StagePlan | null): readonly Distance[] {
  return [versusBaseline, stage?.overrides[name]?.versusBaseline].filter((each) => each !== undefined)
}

interface Compared {
  readonly baseline: Baseline
  readonly limits: Distance['limits']
}

/** A baseline that is missing stays missing, whatever another one is. */
function withBaseline(metric: MetricPlan, { baseline, limits: distances }: Compared): MetricPlan {
  if (baseline.kind === 'waived' || metric.baseline === null) return metric
  if (baseline.kind !== 'value') return { ...metric, baseline: null }
  const limits = distances.map((limit) => limitFrom(baseline.value, limit, metric))
  return { ...metric, baseline: baseline.value, rollback: [...metric.rollback, ...limits] }
}

/** Beyond `+20%` of 0.4 is `> 0.48`; where lower is worse, or the distance is below, `< 0.32`. */
export function limitFrom(baseline: number, distance: RelativeLimit, { worse }: Pick<MetricPlan, 'worse'>): Limit {
  const { quantile, relative, points } = distance
  const isLower = worse === 'lower' || (relative ?? points ?? 0) < 0
  const far = points === null ? Math.abs(baseline) * Math.abs(relative ?? 0) : Math.abs(points)
  return {
    quantile,
    operator: isLower ? '<' : '>',
    value: isLower ? baseline - far : baseline + far,
    text: `baseline ${distance.text}`,
  }
}
