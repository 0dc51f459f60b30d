/** The three-zone threshold judge: limits, minimum samples, distance from stable. Doubt holds, and only proof goes or turns back. */
import type { MetricPlan } from '../plan/plan.ts'
import type { Judge, JudgeSubject } from '../ports/judge.ts'
import type { Instant, Millis } from '../units.ts'
import { type ArmWindow, emptyWindow, foldArm, type Interval, valueOf } from './arm-window.ts'
import {
  type Assessed,
  assess,
  beyondLimit,
  beyondStable,
  limitsAt,
  quantilesOf,
  ruleKey,
  samplesNeeded,
  strictest,
} from './reading.ts'
import { span } from './sentences.ts'
import { firstVerdict, fresh, since } from './standing.ts'
import type { JudgeState, SampleBatch, Verdict } from './verdict.ts'

const name = 'threshold'

interface ThresholdState extends JudgeState {
  readonly judge: typeof name
  /** A stage before this one has been judged: the canary is warm, so limits count from the first interval. */
  readonly warmed: boolean
  readonly upTo: Instant | null
  readonly soakMs: Millis
  readonly metrics: Readonly<Record<string, MetricState>>
  readonly verdict: Verdict
  /** Intervals of this rollout that would have turned back; only where some are tolerated. */
  readonly failures?: Failures
}

interface Failures {
  readonly inARow: number
  readonly total: number
}

interface MetricState {
  readonly canary: ArmWindow
  readonly stable: ArmWindow
  /** Observed time each exceeded limit has been exceeded, by rule; a limit that is kept is not listed. */
  readonly beyondMs: Readonly<Record<string, Millis>>
}

export const thresholdJudge: Judge = {
  name,

  start(subject, before) {
    const started: ThresholdState = {
      judge: name,
      warmed: before !== null,
      upTo: null,
      soakMs: 0,
      metrics: {},
      verdict: firstVerdict(subject),
      ...(subject.judge.allowedFailures && before?.judge === name && failuresOf(own(before))),
    }
    return started
  },

  observe(state, batch, subject) {
    const known = own(state)
    const interval = fresh(known, batch, subject)
    if (interval === null) return state
    const isGap = known.upTo !== null && interval.from > known.upTo
    const warming = interval.from < subject.startedAt + subject.judge.warmUpMs
    // What the canary did before it was warm is not judged: its first requests fill caches and open connections.
    const blindfold = warming && !known.warmed
    const metrics = blindfold ? known.metrics : foldMetrics(known, batch, interval, subject, isGap)
    const untolerated = judged(metrics, batch, interval, subject, warming, blindfold)
    const { found, failures } = tolerate(untolerated, known.failures, subject)
    const verdict: Verdict = { ...found, since: since(known, found, interval, isGap, subject), upTo: interval.to }
    const healthyMs = verdict.zone === 'go' ? interval.to - interval.from : 0
    const next: ThresholdState = {
      ...known,
      upTo: interval.to,
      soakMs: known.soakMs + healthyMs,
      metrics,
      verdict,
      ...failures,
    }
    return next
  },

  report(state) {
    const known = own(state)
    return { verdict: known.verdict, soakMs: known.soakMs }
  },
}

function failuresOf({ failures }: ThresholdState): Pick<ThresholdState, 'failures'> {
  return failures === undefined ? {} : { failures }
}

interface Tolerated {
  readonly found: Found
  readonly failures: Pick<ThresholdState, 'failures'>
}

/** So many breaches hold before one turns back. Doubt ends no row of them: only an interval within the limits does. */
function tolerate(found: Found, before: Failures | undefined, { judge }: JudgeSubject): Tolerated {
  const allowed = judge.allowedFailures
  if (!allowed) return { found, failures: {} }
  const { inARow, total } = before ?? { inARow: 0, total: 0 }
  if (found.zone !== 'rollback') {
    const isWithin = found.why === 'healthy' || found.why === 'grey'
    return { found, failures: { failures: { inARow: isWithin ? 0 : inARow, total } } }
  }
  const failures = { inARow: inARow + 1, total: total + 1 }
  const isTolerated =
    failures.inARow <= allowed.consecutive && (allowed.total === null || failures.total <= allowed.total)
  return { found: tolerated(found, failures, allowed, isTolerated), failures: { failures } }
}

type Allowed = NonNullable<JudgeSubject['judge']['allowedFailures']>

function tolerated(found: Found, failures: Failures, allowed: Allowed, isTolerated: boolean): Found {
  const inRow = `${failures.inARow} of ${allowed.consecutive} tolerated in a row`
  const inAll = allowed.total === null ? '' : `${failures.total} of ${allowed.total} in all`
  if (isTolerated) {
    const counts = [inRow, inAll].filter((count) => count !== '').join(', ')
    return { ...found, zone: 'hold', why: 'grey', say: `hold: ${found.say}, ${counts}` }
  }
  const isRow = failures.inARow > allowed.consecutive
  const most = isRow ? `${allowed.consecutive} in a row were tolerated` : `${allowed.total} in all were tolerated`
  return { ...found, say: `${found.say}, ${most}` }
}

function own(state: JudgeState): ThresholdState {
  if (state.judge !== name) throw new Error(`bug: the ${name} judge was handed the state of "${state.judge}"`)
  return state as ThresholdState
}

function foldMetrics(
  state: ThresholdState,
  batch: SampleBatch,
  interval: Interval,
  subject: JudgeSubject,
  isGap: boolean,
): ThresholdState['metrics'] {
  const folded: Record<string, MetricState> = {}
  for (const metric of subject.judge.metrics) {
    const before = state.metrics[metric.name] ?? { canary: emptyWindow, stable: emptyWindow, beyondMs: {} }
    const sample = batch.samples.find((one) => one.metric === metric.name)
    const canary = foldArm(before.canary, sample?.canary, metric, interval, subject.judge.everyMs)
    const stable = foldArm(before.stable, sample?.stable, metric, interval, subject.judge.everyMs)
    const beyondMs = foldBeyond(before.beyondMs, metric, { canary, stable }, interval, subject, isGap)
    folded[metric.name] = { canary, stable, beyondMs }
  }
  return folded
}

/** A limit stays exceeded only over observed time: an interval without data neither lengthens nor ends it, a gap ends it. */
function foldBeyond(
  before: MetricState['beyondMs'],
  metric: MetricPlan,
  arms: { readonly canary: ArmWindow; readonly stable: ArmWindow },
  interval: Interval,
  subject: JudgeSubject,
  isGap: boolean,
): MetricState['beyondMs'] {
  const limits = limitsOf(metric, subject)
  const next: Record<string, Millis> = {}
  const note = (key: string, beyond: ReturnType<typeof beyondLimit>): void => {
    const lasted = isGap ? undefined : before[key]
    if (beyond === 'beyond') next[key] = lasted === undefined ? 0 : lasted + (interval.to - interval.from)
    if (beyond === 'unproven' && lasted !== undefined) next[key] = lasted
  }
  for (const quantile of quantilesOf(metric, limits)) {
    const here = limitsAt(limits, quantile)
    const canary = valueOf(arms.canary, metric, quantile)
    const stable = valueOf(arms.stable, metric, quantile)
    const counts = canary.samples + 1e-6 >= samplesNeeded(metric, arms.canary)
    const comparable = counts && stable.samples + 1e-6 >= samplesNeeded(metric, arms.stable)
    for (const limit of here.rollback)
      note(ruleKey('rollback', quantile, limit.text), counts ? beyondLimit(canary, limit) : 'unproven')
    for (const limit of here.versusStable)
      note(
        ruleKey('versus-stable', quantile, limit.text),
        comparable ? beyondStable(canary, stable, limit, metric) : 'unproven',
      )
  }
  return next
}

function limitsOf(metric: MetricPlan, subject: JudgeSubject): ReturnType<typeof strictest> {
  return strictest(metric, subject.stage?.overrides[metric.name])
}

type Found = Omit<Verdict, 'since' | 'upTo'>

/** Drift and missing data outrank a grey value, which is a fact; too few samples may still become one. */
const holdOrder: readonly Verdict['why'][] = ['drift', 'no-data', 'grey', 'too-few', 'warm-up']

function judged(
  metrics: ThresholdState['metrics'],
  batch: SampleBatch,
  interval: Interval,
  subject: JudgeSubject,
  warming: boolean,
  blindfold: boolean,
): Found {
  const assessed = blindfold ? [] : assessAll(metrics, subject)
  const readings = assessed.map((one) => one.reading)
  const judging = assessed.filter((one) => !one.reading.dryRun)
  const broken = judging.find((one) => one.reading.zone === 'rollback')
  if (broken) return { zone: 'rollback', why: 'breach', say: broken.reading.say, rule: broken.rule, metrics: readings }
  const weights = weightsHold(batch, subject)
  const worst = holdOrder
    .map((why) => judging.find((one) => one.reading.why === why))
    .find((one) => one !== undefined && one.reading.zone === 'hold')
  const hold = (why: Verdict['why'], say: string, rule: string | null): Found => ({
    zone: 'hold',
    why,
    say: `hold: ${say}`,
    rule,
    metrics: readings,
  })
  if (weights) return hold(weights.why, weights.say, null)
  if (worst && worst.reading.why === 'no-data') return hold('no-data', worst.reading.say, null)
  if (warming)
    return hold('warm-up', `warming up, ${span(subject.startedAt + subject.judge.warmUpMs - interval.to)} left`, null)
  if (worst) return hold(worst.reading.why, worst.reading.say, worst.rule)
  const say = judging.length > 0 ? readings.map((one) => one.say).join('; ') : weightWords(batch)
  return { zone: 'go', why: 'healthy', say, rule: null, metrics: readings }
}

function assessAll(metrics: ThresholdState['metrics'], subject: JudgeSubject): readonly Assessed[] {
  return subject.judge.metrics.flatMap((metric) => {
    const limits = limitsOf(metric, subject)
    const state = metrics[metric.name] ?? { canary: emptyWindow, stable: emptyWindow, beyondMs: {} }
    const at = {
      stableMayBeGone: subject.stage === null || subject.stage.weightPercent >= 100,
      beyondMs: state.beyondMs,
      sharedBreach: subject.judge.sharedBreach ?? 'rollback',
    }
    return quantilesOf(metric, limits).map((quantile) => assess(metric, limits, quantile, state, at))
  })
}

/** Weights that are not as set, or that nobody could read, are never healthy time. */
export function weightsHold(
  batch: SampleBatch,
  subject: JudgeSubject,
): { readonly why: 'drift' | 'no-data'; readonly say: string } | null {
  const off = batch.weights.find((weight) => !weight.ok)
  if (off) return { why: 'drift', say: off.say }
  const nothing =
    batch.weights.length === 0 && subject.stage !== null && subject.judge.metrics.every((metric) => metric.dryRun)
  return nothing ? { why: 'no-data', say: 'no weight was read back' } : null
}

function weightWords(batch: SampleBatch): string {
  return batch.weights.length === 0
    ? 'nothing to judge is declared'
    : batch.weights.map((weight) => weight.say).join('; ')
}
