/** The whole story of what a judge decided: promises, history, turns, the sample and the rule that decided, and the proof. */
import { historyWords } from '../core/judge/history-words.ts'
import { policyOf } from '../core/judge/policies.ts'
import type { Certificate, Decision, Part } from '../core/judge/statistical/decide.ts'
import { tuning } from '../core/judge/statistical/tuning.ts'
import type { ArmSample, MetricReading, SampleBatch, Verdict } from '../core/judge/verdict.ts'
import type { JudgePlan, JudgePolicy, Plan } from '../core/plan/plan.ts'
import type { Recorded } from '../core/release/events.ts'
import { fold } from '../core/release/evolve.ts'
import type { Instant, Millis } from '../core/units.ts'
import { type Difference, type Moment, type ObservedReplay, replay } from './judge-replay.ts'
import { lineOfRule } from './rule-line.ts'
import { observedParts } from './rollout-history.ts'

export interface JudgeStory {
  readonly release: string
  readonly service: string
  readonly releaseVersion: string
  readonly environment: string
  readonly planDigest: string
  /** Each stage and watch that was judged, in the order in which they began. */
  readonly observed: readonly ObservedStory[]
  readonly replay: {
    readonly samples: number
    /** Verdicts of the log that were compared. */
    readonly verdicts: number
    readonly same: boolean
    /** The judge's state was the same to the last digit as well. */
    readonly identical: boolean
    readonly differences: readonly Difference[]
  }
}

export interface ObservedStory {
  readonly step: string
  readonly text: string
  /** Of the step in the checklist. */
  readonly line: number
  /** 0 = the first; null in a watch. */
  readonly stage: number | null
  readonly weightPercent: number | null
  readonly policy: JudgePolicy
  /** Chances that the checklist states; null = this policy promises none. */
  readonly falseAlarm: number | null
  readonly falseGo: number | null
  readonly everyMs: Millis
  readonly warmUpMs: Millis
  readonly neededMs: Millis
  readonly history: HistoryStory | null
  readonly startedAt: Instant
  readonly leftAt: Instant | null
  /** Who let it go on; null while it lasts, or when it never did. */
  readonly leftBy: string | null
  readonly soakMs: Millis
  readonly samples: number
  /** Each time another zone, or another reason for it, was reached. */
  readonly moments: readonly MomentStory[]
  /** As of the last sample: where the last turn stands now. */
  readonly latest: MomentStory | null
  readonly decided: DecidingStory | null
}

export interface HistoryStory {
  readonly say: string
  /** Counts of the part that played the canary, and of the rest. */
  readonly metrics: readonly {
    readonly metric: string
    readonly intervals: number
    readonly canaryRequests: number | null
    readonly stableRequests: number | null
  }[]
}

export interface MomentStory {
  readonly upTo: Instant
  readonly zone: Verdict['zone']
  readonly why: Verdict['why']
  readonly say: string
  readonly rule: string | null
  readonly metrics: readonly MetricReading[]
}

/** The sample that brought about what stands, and what it was decided by. */
export interface DecidingStory {
  readonly zone: Verdict['zone']
  readonly from: Instant
  readonly to: Instant
  readonly samples: readonly { readonly metric: string; readonly canary: ArmSample; readonly stable: ArmSample }[]
  /** As its author wrote it, and where; line null = it stands in a shared file. */
  readonly rule: { readonly metric: string | null; readonly text: string; readonly line: number | null } | null
  readonly arithmetic: Arithmetic | null
}

export interface Arithmetic {
  readonly evidence: number
  readonly needed: number
  readonly falseAlarm: number
  readonly parts: readonly (Part & { readonly gateNeeded: number })[]
  readonly certificates: readonly Certificate[]
  /** All that is missing to go; empty = nothing. */
  readonly missing: Decision['missing']
}

export function judgeStory(events: readonly Recorded[], batches: readonly SampleBatch[]): JudgeStory {
  const state = fold(events)
  if (state === null) throw new Error('bug: a story needs the events of a release')
  const { observed, samples, verdicts, differences, isIdentical } = replay(events, batches)
  const parts = observedParts(events)
  return {
    release: state.id,
    service: state.plan.service,
    releaseVersion: state.releaseVersion,
    environment: state.environment,
    planDigest: state.plan.digest,
    observed: observed.map((one) => {
      const part = parts.findLast(
        ({ step, stage, enteredAt }) => step === one.step && stage === one.stage && enteredAt <= one.subject.startedAt,
      )
      return observedStory(one, state.plan, { leftAt: part?.leftAt ?? null, leftBy: part?.leftBy ?? null })
    }),
    replay: { samples, verdicts, same: differences.length === 0, identical: isIdentical, differences },
  }
}

function observedStory(one: ObservedReplay, plan: Plan, left: Pick<ObservedStory, 'leftAt' | 'leftBy'>): ObservedStory {
  const { subject, step, stage } = one
  const { judge } = subject
  const own = plan.steps.find(({ id }) => id === step)
  // What holds is told as it stands now; a go and a rollback by the sample that brought them about.
  const turn = one.moments.at(-1)?.report.verdict.zone === 'hold' ? one.latest : one.moments.at(-1)
  return {
    step,
    text: own?.text ?? step,
    line: own?.line ?? 1,
    stage,
    weightPercent: subject.stage?.weightPercent ?? null,
    policy: policyOf(judge),
    ...promisesOf(judge),
    everyMs: judge.everyMs,
    warmUpMs: judge.warmUpMs,
    neededMs: subject.stage?.soakMs ?? (own?.block.word === 'watch' ? own.block.forMs : 0),
    history: historyStory(one.history),
    startedAt: subject.startedAt,
    ...left,
    soakMs: one.latest?.report.soakMs ?? 0,
    samples: one.samples,
    moments: one.moments.map(momentStory),
    latest: one.latest === null ? null : momentStory(one.latest),
    decided: turn == null ? null : decidingStory(turn, judge, plan, own?.line ?? 1),
  }
}

function promisesOf(judge: JudgePlan): Pick<ObservedStory, 'falseAlarm' | 'falseGo'> {
  if (policyOf(judge) !== 'statistical') return { falseAlarm: null, falseGo: null }
  return { falseAlarm: judge.falseAlarm, falseGo: judge.falseGo ?? null }
}

function momentStory({ report: { verdict } }: Moment): MomentStory {
  const { upTo, zone, why, say, rule, metrics } = verdict
  return { upTo, zone, why, say, rule, metrics }
}

function historyStory(batches: readonly SampleBatch[]): HistoryStory | null {
  const say = historyWords(batches)
  if (say === undefined) return null
  const metrics = [...new Set(batches.flatMap(({ samples }) => samples.map(({ metric }) => metric)))]
  return {
    say,
    metrics: metrics.map((metric) => {
      const samples = batches.flatMap((batch) => batch.samples.filter((sample) => sample.metric === metric))
      const told = samples.filter(({ canary, stable }) => canary.kind !== 'no-data' && stable.kind !== 'no-data')
      return {
        metric,
        intervals: told.length,
        canaryRequests: sum(told.map(({ canary }) => requestsOf(canary))),
        stableRequests: sum(told.map(({ stable }) => requestsOf(stable))),
      }
    }),
  }
}

/** null = it counts no requests. */
export function requestsOf(sample: ArmSample): number | null {
  if (sample.kind === 'ratio' || sample.kind === 'events') return sample.total
  return sample.kind === 'histogram' ? (sample.counts.at(-1) ?? 0) : null
}

function sum(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((one) => one !== null)
  return known.length === 0 ? null : known.reduce((all, one) => all + one, 0)
}

function decidingStory({ batch, report, decision }: Moment, judge: JudgePlan, plan: Plan, line: number): DecidingStory {
  const { zone, rule } = report.verdict
  const by = decision?.by ?? report.verdict.metrics.find((one) => one.zone === 'rollback' && one.dryRun !== true)
  return {
    zone,
    from: batch.from,
    to: batch.to,
    samples: batch.samples,
    rule:
      rule === null
        ? null
        : { metric: by?.metric ?? null, text: rule, line: lineOfRule(plan.document, line, by?.metric ?? null, rule) },
    arithmetic: decision === null ? null : arithmeticOf(decision, judge),
  }
}

function arithmeticOf({ evidence, needed, parts, certificates, missing }: Decision, judge: JudgePlan): Arithmetic {
  return {
    evidence,
    needed,
    falseAlarm: judge.falseAlarm,
    parts: parts.map((part) => ({ ...part, gateNeeded: part.aspect === 'outage' ? needed : 1 / tuning.limitAlpha })),
    certificates,
    missing,
  }
}
