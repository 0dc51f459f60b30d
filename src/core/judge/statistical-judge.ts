/**
 * The statistical judge behind the port: counts of canary and stable become evidence that may be looked at after every
 * sample. Metrics that count nothing, such as gauges, are judged by their limits as the threshold judge does.
 */
import type { MetricPlan } from '../plan/plan.ts'
import type { Judge, JudgeSubject } from '../ports/judge.ts'
import type { Instant, Millis } from '../units.ts'
import { emptyWindow, foldArm, type Interval } from './arm-window.ts'
import { span } from './sentences.ts'
import { decide, type Decision, type Missing } from './statistical/decide.ts'
import {
  beginStage,
  copyPolicyState,
  learnInterval,
  newPolicyState,
  observeInterval,
  type PolicySettings,
  type PolicyState,
  type StageLimits,
} from './statistical/policy.ts'
import { type Counted, countedOf } from './statistical/samples.ts'
import { countedMetrics, limitsOf, settingsOf } from './statistical/subject.ts'
import { holdSay, rollbackSay } from './statistical/saying.ts'
import { isGrey, type Known, readingsOf, type Windows } from './statistical/telling.ts'
import { thresholdJudge, weightsHold } from './threshold.ts'
import { firstVerdict, fresh, since } from './standing.ts'
import type { JudgeState, MetricReading, SampleBatch, Verdict } from './verdict.ts'

const name = 'statistical'

interface StatisticalState extends JudgeState {
  readonly judge: typeof name
  /** Names of the counted metrics that `policy` knows, in its order: an amended checklist may have others. */
  readonly counted: readonly string[]
  readonly policy: PolicyState
  /** The threshold judge's, for what is not counted. */
  readonly limits: JudgeState | null
  readonly windows: Readonly<Record<string, Windows>>
  /** A stage before this one has been judged: the canary is warm. */
  readonly warmed: boolean
  /** Why stable's past says nothing; null = it was read, or nobody asked. */
  readonly withoutHistory: string | null
  readonly upTo: Instant | null
  readonly soakMs: Millis
  readonly verdict: Verdict
}

export const statisticalJudge: Judge = {
  name,

  start(subject, before) {
    const known = before === null ? null : own(before)
    const settings = settingsOf(subject)
    const started: StatisticalState = {
      judge: name,
      counted: settings.metrics.map((metric) => metric.name),
      policy: policyFrom(known, settings),
      limits: hasOthers(subject) ? thresholdJudge.start(others(subject), known?.limits ?? null) : null,
      windows: {},
      warmed: known !== null,
      withoutHistory: known?.withoutHistory ?? null,
      upTo: null,
      soakMs: 0,
      verdict: firstVerdict(subject),
    }
    return started
  },

  observe(state, batch, subject) {
    const known = own(state)
    if (batch.history === true) return known.upTo === null ? learnt(known, batch, subject) : known
    const interval = fresh(known, batch, subject)
    return interval === null ? known : observed(known, batch, interval, subject)
  },

  report(state) {
    const known = own(state)
    return { verdict: known.verdict, soakMs: known.soakMs }
  },
}

/** The arithmetic behind the report of the same state, for people who ask why; null = nothing was judged by evidence. */
export function decisionOf(state: JudgeState, subject: JudgeSubject): Decision | null {
  if (state.judge !== name) return null
  const { policy, upTo } = own(state)
  const settings = settingsOf(subject)
  if (upTo === null || settings.metrics.length === 0) return null
  const at = upTo / 1000
  return decide(policy, settings, {
    at,
    limits: limitsOf(subject, policy),
    alone: isAlone(policy, subject, at),
    sharedBreach: subject.judge.sharedBreach ?? 'hold',
  })
}

function own(state: JudgeState): StatisticalState {
  if (state.judge !== name) throw new Error(`bug: the ${name} judge was handed the state of "${state.judge}"`)
  return state as StatisticalState
}

/** What a stage keeps of the one before: evidence of damage, and how much the counts scatter. */
function policyFrom(known: StatisticalState | null, settings: PolicySettings): PolicyState {
  const names = settings.metrics.map((metric) => metric.name)
  if (known === null || known.counted.join('\n') !== names.join('\n')) return newPolicyState(settings)
  const policy = copyPolicyState(known.policy)
  beginStage(policy, settings)
  return policy
}

/** The subject with only what is not counted. */
function others(subject: JudgeSubject): JudgeSubject {
  const counted = new Set(countedMetrics(subject.judge, subject.stage).map((metric) => metric.name))
  const metrics = subject.judge.metrics.filter((metric) => !counted.has(metric.name))
  return { ...subject, judge: { ...subject.judge, metrics } }
}

function hasOthers(subject: JudgeSubject): boolean {
  return countedMetrics(subject.judge, subject.stage).length < subject.judge.metrics.length
}

/** From before the rollout: how much two parts of stable differ when nothing is different. */
function learnt(known: StatisticalState, batch: SampleBatch, subject: JudgeSubject): StatisticalState {
  const metrics = countedMetrics(subject.judge, subject.stage)
  const counted = metrics.map((metric) => countedOf(batch, metric, null))
  const lacking = counted.find(({ doubts }) => doubts.canary !== null)
  const policy = copyPolicyState(known.policy)
  learnInterval(
    policy,
    settingsOf(subject),
    (batch.to - batch.from) / 1000,
    counted.map(({ arms }) => arms),
  )
  return { ...known, policy, withoutHistory: lacking?.doubts.canary ?? null }
}

function observed(
  known: StatisticalState,
  batch: SampleBatch,
  interval: Interval,
  subject: JudgeSubject,
): StatisticalState {
  const seen = look(known, batch, interval, subject)
  const isGap = known.upTo !== null && interval.from > known.upTo
  const found = judged(seen, batch, interval, subject)
  const verdict: Verdict = {
    ...found.verdict,
    since: since(known, found.verdict, interval, isGap, subject),
    upTo: interval.to,
  }
  const { policy, limits, windows } = seen
  const healthyMs = found.isHealthy ? interval.to - interval.from : 0
  return { ...known, policy, limits, windows, upTo: interval.to, soakMs: known.soakMs + healthyMs, verdict }
}

/** All that is known after one interval. */
interface Seen {
  readonly metrics: readonly MetricPlan[]
  readonly counted: readonly Counted[]
  readonly settings: PolicySettings
  readonly stageLimits: StageLimits
  readonly policy: PolicyState
  readonly decision: Decision
  readonly limits: JudgeState | null
  readonly windows: StatisticalState['windows']
  readonly alone: boolean
  readonly warming: boolean
}

function look(known: StatisticalState, batch: SampleBatch, interval: Interval, subject: JudgeSubject): Seen {
  const metrics = countedMetrics(subject.judge, subject.stage)
  const settings = settingsOf(subject)
  const weight = weightOf(subject)
  const counted = metrics.map((metric) => countedOf(batch, metric, weight))
  const warming = interval.from < subject.startedAt + subject.judge.warmUpMs
  const policy = copyPolicyState(known.policy)
  const stageLimits = limitsOf(subject, policy)
  const at = interval.to / 1000
  observeInterval(policy, settings, {
    at,
    seconds: (interval.to - interval.from) / 1000,
    // What the canary did before it was warm is not judged; in later stages it is warm, and only its soak waits.
    warming: warming && !known.warmed,
    weight,
    limits: stageLimits,
    metrics: counted.map(({ arms }) => (subject.judge.arms === null ? { ...arms, stable: null } : arms)),
  })
  const alone = isAlone(policy, subject, at)
  return {
    metrics,
    counted,
    settings,
    stageLimits,
    policy,
    alone,
    warming,
    decision: decide(policy, settings, {
      at,
      limits: stageLimits,
      alone,
      sharedBreach: subject.judge.sharedBreach ?? 'hold',
    }),
    limits: known.limits === null ? null : thresholdJudge.observe(known.limits, batch, others(subject)),
    windows: Object.fromEntries(
      metrics.map((metric) => [metric.name, windowsOf(known, batch, metric, interval, subject)]),
    ),
  }
}

/** Share of the traffic that the canary should have; null in a watch. */
function weightOf({ stage }: JudgeSubject): number | null {
  return stage === null ? null : stage.weightPercent / 100
}

/** Nobody to compare with: none was declared, or all traffic is on the canary and stable has none left. */
function isAlone(policy: PolicyState, { judge, stage }: JudgeSubject, at: number): boolean {
  if (judge.arms === null) return true
  const mayBeGone = stage === null || stage.weightPercent >= 100
  return mayBeGone && (policy.lastStable === null || policy.lastStable < at)
}

function windowsOf(
  known: StatisticalState,
  batch: SampleBatch,
  metric: MetricPlan,
  interval: Interval,
  { judge }: JudgeSubject,
): Windows {
  const before = known.windows[metric.name] ?? { canary: emptyWindow, stable: emptyWindow }
  const sample = batch.samples.find((one) => one.metric === metric.name)
  return {
    canary: foldArm(before.canary, sample?.canary, metric, interval, judge.everyMs),
    stable: foldArm(before.stable, sample?.stable, metric, interval, judge.everyMs),
  }
}

interface Found {
  readonly verdict: Omit<Verdict, 'since' | 'upTo'>
  /** Nothing speaks against the canary in this interval: it counts as soak, certified or not. */
  readonly isHealthy: boolean
}

/** Damage outranks doubt about the data, which outranks what only time can bring. */
function judged(seen: Seen, batch: SampleBatch, interval: Interval, subject: JudgeSubject): Found {
  const known: Known = {
    subject,
    metrics: seen.metrics,
    windows: seen.windows,
    state: seen.policy,
    settings: seen.settings,
    limits: seen.stageLimits,
    decision: seen.decision,
  }
  const limits = seen.limits === null ? null : thresholdJudge.report(seen.limits, others(subject)).verdict
  const metrics: readonly MetricReading[] = [...readingsOf(known), ...(limits?.metrics ?? [])]
  const found = (
    zone: Verdict['zone'],
    why: Verdict['why'],
    say: string,
    rule: string | null,
    isHealthy = false,
  ): Found => ({
    verdict: { zone, why, say: zone === 'hold' ? `hold: ${say}` : say, rule, metrics },
    isHealthy,
  })
  if (seen.decision.zone === 'rollback') {
    const { say, rule } = rollbackSay(known)
    return found('rollback', 'breach', say, rule)
  }
  if (limits?.zone === 'rollback') return found('rollback', 'breach', limits.say, limits.rule)
  const weights = weightsHold(batch, subject)
  if (weights !== null) return found('hold', weights.why, weights.say, null)
  const lack = dataLack(seen)
  if (lack !== null) return found('hold', 'no-data', lack, null)
  if (limits !== null && limits.zone === 'hold' && limits.why !== 'warm-up')
    return found('hold', limits.why, limits.say.replace(/^hold: /, ''), limits.rule)
  if (seen.warming) {
    const left = span(subject.startedAt + subject.judge.warmUpMs - interval.to)
    return found('hold', 'warm-up', `warming up, ${left} left`, null)
  }
  const first = seen.decision.missing[0]
  if (first === undefined) return found('go', 'healthy', goSay(metrics), null, true)
  return found(
    'hold',
    whyOf(first),
    holdSay(known, first),
    null,
    first.why === 'certificate' || first.why === 'no-reference',
  )
}

/** Earlier good data never stands in for what this interval lacks. */
function dataLack({ counted, metrics, alone }: Seen): string | null {
  for (const [i, { doubts }] of counted.entries()) {
    const metric = metrics[i] as MetricPlan
    if (metric.dryRun === true) continue
    if (doubts.canary !== null) return `${metric.name}: no data from the canary: ${doubts.canary}`
    if (doubts.stable !== null && !alone && needsStable(metric))
      return `${metric.name}: no data from stable: ${doubts.stable}`
  }
  return null
}

function needsStable({ versusStable, goVersusStable }: MetricPlan): boolean {
  return versusStable.length > 0 || (goVersusStable ?? []).length > 0
}

function whyOf({ why }: Missing): Verdict['why'] {
  if (isGrey(why)) return 'grey'
  return why === 'no-canary' || why === 'traffic-share' ? 'no-data' : 'too-few'
}

function goSay(metrics: readonly MetricReading[]): string {
  const told = metrics.filter(({ dryRun }) => dryRun !== true).map(({ say }) => say)
  return told.length > 0
    ? told.join('; ')
    : metrics.length > 0
      ? 'every metric is a dry run: nobody judges'
      : 'nothing to judge is declared'
}
