/**
 * The policy `mann-whitney`, for comparison with tools that work so: at each look a rank-sum test of the window's points,
 * one for each interval and arm. Its chance of a false alarm holds for one look and grows with every further one. Absolute
 * limits are judged as by the threshold policy.
 */
import type { MetricLimits, MetricPlan } from '../plan/plan.ts'
import type { Judge, JudgeSubject } from '../ports/judge.ts'
import type { Instant, Millis } from '../units.ts'
import { emptyWindow, foldArm, type Interval, valueOf } from './arm-window.ts'
import { comparePoints, type Compared, type Points } from './mann-whitney-metric.ts'
import { quantilesOf, strictest } from './reading.ts'
import { thresholdJudge } from './threshold.ts'
import type { ArmSample, JudgeState, MetricReading, SampleBatch, Verdict } from './verdict.ts'

const name = 'mann-whitney'

/** The test looks at all pairs: what does not fit is forgotten, oldest first. */
const mostPoints = 120

interface MannWhitneyState extends JudgeState {
  readonly judge: typeof name
  /** The threshold judge's own, of the absolute limits. */
  readonly limits: JudgeState
  readonly points: Readonly<Record<string, Points>>
  readonly upTo: Instant | null
  readonly soakMs: Millis
  readonly verdict: Verdict
}

export const mannWhitneyJudge: Judge = {
  name,

  start(subject, before) {
    const plain = withoutComparison(subject)
    const limits = thresholdJudge.start(plain, before === null ? null : own(before).limits)
    const { verdict } = thresholdJudge.report(limits, plain)
    const started: MannWhitneyState = { judge: name, limits, points: {}, upTo: null, soakMs: 0, verdict }
    return started
  },

  observe(state, batch, subject) {
    const known = own(state)
    const plain = withoutComparison(subject)
    const limits = thresholdJudge.observe(known.limits, batch, plain)
    // Late, repeated, or from before the stage: no news for the points either.
    if (limits === known.limits) return state
    const { verdict: byLimits } = thresholdJudge.report(limits, plain)
    const interval = { from: Math.max(batch.from, known.upTo ?? subject.startedAt), to: batch.to }
    const isBlindfold = byLimits.metrics.length === 0
    const points = isBlindfold ? known.points : foldPoints(known.points, batch, interval, subject)
    const compared = isBlindfold ? [] : compareAll(points, subject)
    const found = joined(byLimits, compared)
    const isSame = found.zone === known.verdict.zone && found.why === known.verdict.why
    const isGap = known.upTo !== null && interval.from > known.upTo
    const first = known.upTo === null ? subject.startedAt : interval.from
    const verdict: Verdict = { ...found, since: isSame && !isGap ? known.verdict.since : first, upTo: interval.to }
    const healthyMs = verdict.zone === 'go' ? interval.to - interval.from : 0
    const next: MannWhitneyState = {
      judge: name,
      limits,
      points,
      upTo: interval.to,
      soakMs: known.soakMs + healthyMs,
      verdict,
    }
    return next
  },

  report(state) {
    const { verdict, soakMs } = own(state)
    return { verdict, soakMs }
  },
}

function own(state: JudgeState): MannWhitneyState {
  if (state.judge !== name) throw new Error(`bug: the ${name} judge was handed the state of "${state.judge}"`)
  return state as MannWhitneyState
}

/** What the threshold judge sees: the same metrics without their distances from stable. */
function withoutComparison(subject: JudgeSubject): JudgeSubject {
  const { judge, stage } = subject
  const metrics = judge.metrics.map((metric) => ({ ...metric, versusStable: [], goVersusStable: [] }))
  const overrides = Object.fromEntries(
    Object.entries(stage?.overrides ?? {}).map(([metric, { go, rollback }]) => [
      metric,
      { ...(go && { go }), ...(rollback && { rollback }) },
    ]),
  )
  return { ...subject, judge: { ...judge, metrics }, stage: stage && { ...stage, overrides } }
}

interface Comparable {
  readonly metric: MetricPlan
  readonly limits: MetricLimits
  readonly quantile: number | null
  readonly key: string
}

function comparables({ judge, stage }: JudgeSubject): readonly Comparable[] {
  return judge.metrics.flatMap((metric) => {
    const limits = strictest(metric, stage?.overrides[metric.name])
    const { versusStable, goVersusStable = [] } = limits
    if (versusStable.length + goVersusStable.length === 0) return []
    return quantilesOf(metric, { go: [], rollback: [], versusStable, goVersusStable }).map((quantile) => ({
      metric,
      limits,
      quantile,
      key: `${metric.name} ${quantile ?? ''}`,
    }))
  })
}

function foldPoints(
  before: MannWhitneyState['points'],
  batch: SampleBatch,
  interval: Interval,
  subject: JudgeSubject,
): MannWhitneyState['points'] {
  const folded: Record<string, Points> = {}
  for (const { metric, quantile, key } of comparables(subject)) {
    const sample = batch.samples.find((one) => one.metric === metric.name)
    const { everyMs } = subject.judge
    const canary = pointOf(sample?.canary, metric, quantile, interval, everyMs)
    const stable = pointOf(sample?.stable, metric, quantile, interval, everyMs)
    const kept = (before[key]?.past ?? []).filter((point) => point.to > interval.to - metric.windowMs)
    const past = [...kept, { to: interval.to, canary: canary.value, stable: stable.value }].slice(-mostPoints)
    folded[key] = { past, canary: canary.doubt, stable: stable.doubt }
  }
  return folded
}

/** What one interval comes to, by itself. Only a lower bound of it, as in an open last bucket, is no point. */
function pointOf(
  sample: ArmSample | undefined,
  metric: MetricPlan,
  quantile: number | null,
  interval: Interval,
  everyMs: Millis,
): { readonly value: number | null; readonly doubt: string | null } {
  const found = valueOf(foldArm(emptyWindow, sample, metric, interval, everyMs), metric, quantile)
  if (found.kind === 'none') return { value: null, doubt: found.say }
  if (found.atLeast) return { value: null, doubt: 'beyond the last bucket edge' }
  return { value: found.value, doubt: null }
}

function compareAll(points: MannWhitneyState['points'], subject: JudgeSubject): readonly Compared[] {
  const stableMayBeGone = subject.stage === null || subject.stage.weightPercent >= 100
  return comparables(subject).map(({ metric, limits, quantile, key }) =>
    comparePoints(points[key] ?? { past: [], canary: 'not sampled yet', stable: 'not sampled yet' }, {
      metric,
      limits,
      quantile,
      stableMayBeGone,
    }),
  )
}

type Found = Omit<Verdict, 'since' | 'upTo'>

const weights: Readonly<Record<Verdict['zone'], number>> = { go: 0, hold: 1, rollback: 2 }

/** The worse of what limits and tests say. A breach outranks all; what holds by the limits is told before what holds here. */
function joined(byLimits: Verdict, compared: readonly Compared[]): Found {
  const { zone, why, say, rule } = byLimits
  const metrics = joinedReadings(byLimits.metrics, compared)
  const judging = compared.filter(({ reading }) => !reading.dryRun)
  const worst = judging.reduce<Compared | null>(
    (found, one) => (found === null || weights[one.reading.zone] > weights[found.reading.zone] ? one : found),
    null,
  )
  if (worst === null || zone === 'rollback') return { zone, why, say, rule, metrics }
  const { reading } = worst
  if (reading.zone === 'rollback')
    return { zone: 'rollback', why: 'breach', say: reading.say, rule: worst.rule, metrics }
  if (zone === 'hold') return { zone, why, say, rule, metrics }
  if (reading.zone === 'hold')
    return { zone: 'hold', why: reading.why, say: `hold: ${reading.say}`, rule: worst.rule, metrics }
  return { zone, why, say: metrics.map((one) => one.say).join('; '), rule, metrics }
}

/** One reading for each number: the worse of the two where both looked at it, with the limits of both. */
function joinedReadings(byLimits: readonly MetricReading[], compared: readonly Compared[]): readonly MetricReading[] {
  const rest = new Map(compared.map(({ reading }) => [`${reading.metric} ${reading.quantile ?? ''}`, reading]))
  const both = byLimits.flatMap((reading) => {
    const key = `${reading.metric} ${reading.quantile ?? ''}`
    const tested = rest.get(key)
    rest.delete(key)
    const isLimited = reading.limits.go !== null || reading.limits.rollback !== null
    if (!tested) return isLimited || !compared.some((one) => one.reading.metric === reading.metric) ? [reading] : []
    if (!isLimited && reading.zone === 'go') return [tested]
    const { zone, why } = weights[tested.zone] > weights[reading.zone] ? tested : reading
    const limits = { ...reading.limits, versusStable: tested.limits.versusStable }
    return [{ ...reading, zone, why, limits, say: `${reading.say}; ${tested.say}` }]
  })
  return [...both, ...rest.values()]
}
