/** Plays the checklist's own judge over one piece of stable's past, as if a rollout had been there. */
import { digestOf } from '../../log/canonical.ts'
import type { JudgePlan, MetricPlan, RolloutBlock, StagePlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import type { Instant, Millis } from '../../units.ts'
import { canaryJudge, policyOf } from '../policies.ts'
import { countedMetrics } from '../statistical/subject.ts'
import type { ArmSample, JudgeState, SampleBatch, Verdict } from '../verdict.ts'

/** Where one stage lies within a replay. */
export interface StagePart {
  readonly index: number
  readonly stage: StagePlan
  /** From the start of the rollout. */
  readonly fromMs: Millis
  readonly lengthMs: Millis
  /** All traffic is on the canary: all instances play it, and nobody is stable. */
  readonly isAlone: boolean
}

/** What was read for one stage: the part of stable that plays the canary, and the numbers of both sides. */
export interface StageRead {
  readonly batches: readonly SampleBatch[]
  readonly canary: readonly string[]
}

export interface FalseRollback {
  readonly at: Instant
  readonly stage: number
  readonly metric: string
  readonly quantile: number | null
  readonly rule: string | null
  readonly say: string
  /** The instances that played the canary. */
  readonly canary: readonly string[]
}

export interface Dispersion {
  readonly metric: string
  readonly quantile: number | null
  /** How much more the counts scatter than independent requests would; 1 = not at all. */
  readonly value: number
}

export type Replay =
  | {
      readonly kind: 'judged'
      readonly startsAt: Instant
      readonly rollback: FalseRollback | null
      /** By stage: from its beginning to the first verdict to go; null = not in its time. */
      readonly goMs: readonly (Millis | null)[]
      /** By stage: the canary's share of all that was counted; null = nobody was compared with. */
      readonly canaryShare: readonly (number | null)[]
      readonly dispersion: readonly Dispersion[]
      readonly withoutHistory: string | null
    }
  | { readonly kind: 'unread'; readonly startsAt: Instant; readonly why: string }

/** Below this share of intervals with numbers a window says more about its gaps than about the judge. */
const leastCovered = 0.8

/** What a rollout promises can be put to the test: it compares counts with stable, and says how often it errs. */
export function canCalibrate({ judge }: RolloutBlock): boolean {
  return policyOf(judge) === 'statistical' && judge.arms !== null && countedMetrics(judge, null).length > 0
}

/** The judge without what has no past: a gauge counts nothing, and nobody can say what half of it was. */
export function replayedJudge(judge: JudgePlan): JudgePlan {
  return { ...judge, metrics: judge.metrics.filter(({ kind }) => kind !== 'gauge') }
}

/** All that decides what a calibration says: another digest, another judge. */
export function judgeDigest({ judge, stages }: RolloutBlock): string {
  const kept = stages.map(({ weightPercent, soakMs, overrides }) => ({ weightPercent, soakMs, overrides }))
  return digestOf({ judge, stages: kept })
}

/** Each stage takes its warm-up and its soak, in whole intervals. */
export function partsOf({ stages, judge }: RolloutBlock): readonly StagePart[] {
  let fromMs = 0
  return stages.map((stage, index) => {
    const intervals = Math.max(1, Math.ceil((judge.warmUpMs + stage.soakMs) / judge.everyMs))
    const part = { index, stage, fromMs, lengthMs: intervals * judge.everyMs, isAlone: stage.weightPercent >= 100 }
    fromMs += part.lengthMs
    return part
  })
}

/** `reads` has one entry for each stage; the first one's batches also hold the time before `startsAt`. */
export function replay(block: RolloutBlock, step: string, startsAt: Instant, reads: readonly StageRead[]): Replay {
  const judge = replayedJudge(block.judge)
  const parts = partsOf(block)
  const metrics = countedMetrics(judge, null)
  const lack = lackOf(parts, reads, metrics, judge, startsAt)
  if (lack !== null) return { kind: 'unread', startsAt, why: lack }
  const past = (reads[0]?.batches ?? []).filter(({ to }) => to <= startsAt)
  const plannedMs = block.stages.reduce((sum, { soakMs }) => sum + soakMs, 0)
  const goMs: (Millis | null)[] = parts.map(() => null)
  let rollback: FalseRollback | null = null
  let before: JudgeState | null = null
  /** Of the last stage with somebody to compare with: alone, counts do not scatter against anything. */
  let compared: Verdict | null = null
  for (const part of parts) {
    const subject: JudgeSubject = { judge, stage: part.stage, startedAt: startsAt + part.fromMs, plannedMs }
    const read = reads[part.index] ?? { batches: [], canary: [] }
    let state: JudgeState = canaryJudge.start(subject, before)
    if (part.index === 0)
      for (const batch of past) state = canaryJudge.observe(state, { ...batch, step, history: true }, subject)
    for (const batch of liveBatches(block, judge, step, part, subject.startedAt, read)) {
      state = canaryJudge.observe(state, batch, subject)
      const { verdict } = canaryJudge.report(state, subject)
      if (!part.isAlone) compared = verdict
      if (verdict.zone === 'go') goMs[part.index] ??= batch.to - subject.startedAt
      if (verdict.zone === 'rollback') {
        rollback = falseRollback(verdict, batch.to, part.index, read)
        break
      }
    }
    if (rollback !== null) break
    before = state
  }
  return {
    kind: 'judged',
    startsAt,
    rollback,
    goMs,
    canaryShare: parts.map((part) => (part.isAlone ? null : shareOf(reads[part.index], startsAt))),
    dispersion: dispersionIn(compared),
    withoutHistory: judge.history == null ? null : lackOfHistory(past),
  }
}

function falseRollback(verdict: Verdict, at: Instant, stage: number, { canary }: StageRead): FalseRollback {
  const cause = verdict.metrics.find(({ zone, dryRun }) => zone === 'rollback' && dryRun !== true)
  return {
    at,
    stage,
    metric: cause?.metric ?? 'all metrics together',
    quantile: cause?.quantile ?? null,
    rule: verdict.rule,
    say: verdict.say,
    canary,
  }
}

/** Every interval of the stage, with what is missing said to be missing, as a rollout would have read it. */
function liveBatches(
  { components }: RolloutBlock,
  { metrics, everyMs }: JudgePlan,
  step: string,
  { index, stage, lengthMs, isAlone }: StagePart,
  startedAt: Instant,
  { batches }: StageRead,
): readonly SampleBatch[] {
  const known = new Map(batches.map((batch) => [batch.to, batch]))
  const percent = stage.weightPercent
  const weights = components.map(({ name }) => ({ component: name, percent, ok: true, say: `${name} at ${percent} %` }))
  return Array.from({ length: Math.round(lengthMs / everyMs) }, (_, i): SampleBatch => {
    const to = startedAt + (i + 1) * everyMs
    const samples = metrics.map(({ name }) => {
      const { canary, stable } = known.get(to)?.samples.find((one) => one.metric === name) ?? missing
      return { metric: name, ...(isAlone ? { canary: together(canary, stable), stable: nobody } : { canary, stable }) }
    })
    return { step, stage: index, from: to - everyMs, to, samples, weights }
  })
}

const noNumbers: ArmSample = { kind: 'no-data', why: 'no numbers for this interval' }
const missing = { canary: noNumbers, stable: noNumbers }
const nobody: ArmSample = { kind: 'no-data', why: 'all traffic is on the canary' }

/** Both sides as one; what either lacks is lacking. */
export function together(one: ArmSample, other: ArmSample): ArmSample {
  if (one.kind === 'no-data') return one
  if (one.kind === 'ratio' && other.kind === 'ratio')
    return { kind: 'ratio', bad: one.bad + other.bad, total: one.total + other.total }
  if (one.kind === 'events' && other.kind === 'events') {
    const total = one.total === null || other.total === null ? null : one.total + other.total
    return { kind: 'events', count: one.count + other.count, total }
  }
  if (one.kind === 'histogram' && other.kind === 'histogram' && one.le.join() === other.le.join())
    return { kind: 'histogram', le: one.le, counts: one.counts.map((count, i) => count + (other.counts[i] ?? 0)) }
  return other.kind === 'no-data' ? other : { kind: 'no-data', why: 'the two sides do not count alike' }
}

/** Why this window cannot be judged; null = it can. */
function lackOf(
  parts: readonly StagePart[],
  reads: readonly StageRead[],
  metrics: readonly MetricPlan[],
  { everyMs }: JudgePlan,
  startsAt: Instant,
): string | null {
  for (const metric of metrics.filter(({ dryRun }) => dryRun !== true)) {
    let [wanted, read] = [0, 0]
    for (const part of parts) {
      const samples = samplesOf(reads[part.index], metric.name, startsAt)
      wanted += part.lengthMs / everyMs
      read += samples.filter(({ canary, stable }) => canary.kind !== 'no-data' && stable.kind !== 'no-data').length
    }
    if (read >= leastCovered * wanted) continue
    const why = reasonIn(reads, metric.name)
    return why !== null && read === 0
      ? `${metric.name}: ${why}`
      : `${metric.name}: numbers for ${Math.floor((100 * read) / wanted)} % of the intervals only`
  }
  return null
}

function samplesOf(read: StageRead | undefined, metric: string, after: Instant): SampleBatch['samples'] {
  return (read?.batches ?? [])
    .filter(({ to }) => to > after)
    .flatMap(({ samples }) => samples.filter((one) => one.metric === metric))
}

function reasonIn(reads: readonly StageRead[], metric: string): string | null {
  for (const { canary, stable } of reads.flatMap((read) => samplesOf(read, metric, Number.NEGATIVE_INFINITY))) {
    if (canary.kind === 'no-data') return canary.why
    if (stable.kind === 'no-data') return stable.why
  }
  return null
}

function lackOfHistory(past: readonly SampleBatch[]): string | null {
  const samples = past.flatMap((batch) => batch.samples)
  if (samples.some(({ canary }) => canary.kind !== 'no-data')) return null
  const [first] = samples
  return first?.canary.kind === 'no-data' ? first.canary.why : 'no numbers before the window'
}

function shareOf(read: StageRead | undefined, startsAt: Instant): number | null {
  let [canary, all] = [0, 0]
  for (const batch of (read?.batches ?? []).filter(({ to }) => to > startsAt)) {
    for (const sample of batch.samples) {
      const [own, other] = [requestsOf(sample.canary), requestsOf(sample.stable)]
      canary += own
      all += own + other
    }
  }
  return all > 0 ? canary / all : null
}

function requestsOf(sample: ArmSample): number {
  if (sample.kind === 'ratio') return sample.total
  if (sample.kind === 'histogram') return sample.counts.at(-1) ?? 0
  return sample.kind === 'events' ? (sample.total ?? sample.count) : 0
}

function dispersionIn(verdict: Verdict | null): readonly Dispersion[] {
  return (verdict?.metrics ?? []).flatMap(({ metric, quantile, evidence }) =>
    evidence == null ? [] : [{ metric, quantile, value: evidence.dispersion }],
  )
}
