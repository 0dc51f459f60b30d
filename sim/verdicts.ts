/** Verdicts follow from the samples that were kept, and what was before the rollout comes before all of them. */
import { digestOf } from '../src/core/log/canonical.ts'
import { canaryJudge } from '../src/core/judge/policies.ts'
import type { JudgeState, SampleBatch } from '../src/core/judge/verdict.ts'
import type { JudgePlan, StagePlan, StepPlan } from '../src/core/plan/plan.ts'
import type { JudgeSubject } from '../src/core/ports/judge.ts'
import { soaksOf } from '../src/core/release/due-traffic.ts'
import type { EventOf } from '../src/core/release/events.ts'
import type { Instant, Millis } from '../src/core/units.ts'
import type { History } from './history.ts'

interface Observed {
  readonly stage: number | null
  readonly subject: JudgeSubject
  /** When the next stage began; what came later was not handed on. */
  readonly endedAt: Instant
}

/** The past is read once, for the first that is observed, and ends where that began. */
export function pastComesFirst(history: History): readonly string[] {
  return history.plan.steps.flatMap((step) => {
    const past = history.batches.filter((batch) => batch.step === step.id && batch.history === true)
    const [first] = observedOf(history, step)
    if (past.length === 0) return []
    if (!first) return [`${step.id} has a past and was never observed`]
    const { judge } = first.subject
    return [
      ...(judge.policy === 'statistical' && judge.history != null ? [] : [`${step.id}: nobody wanted a past`]),
      ...past
        .filter(({ stage, to }) => stage !== first.stage || to > first.subject.startedAt)
        .map(({ stage, to }) => `${step.id} ${stage}: ${to} is not before the first stage`),
      ...toldWithTheFirst(history, step, past),
    ]
  })
}

/** A part of the past would pass for all of it, so it is stored with the first sample or not at all. */
function toldWithTheFirst({ log }: History, step: StepPlan, past: readonly SampleBatch[]): readonly string[] {
  const told = log.flatMap(({ event }) =>
    event.kind === 'MeasurementsRecorded' && event.step === step.id ? [event] : [],
  )
  const [first] = told
  const oldest = past[0]?.to
  return first?.from === oldest ? [] : [`${step.id}: the past begins ${oldest}, the log knows of ${first?.from}`]
}

/** Whoever folds the kept samples again reaches the state and the verdict that the log tells. */
export function verdictsFollow(history: History): readonly string[] {
  if (history.log.some(({ event }) => event.kind === 'ReleaseAmended')) return []
  return history.plan.steps.flatMap((step) => {
    let before: JudgeState | null = null
    return observedOf(history, step).flatMap((observed) => {
      const { broken, state } = refold(history, step, observed, before)
      before = state
      return broken
    })
  })
}

function refold(
  { log, batches }: History,
  step: StepPlan,
  { stage, subject, endedAt }: Observed,
  before: JudgeState | null,
): { readonly broken: readonly string[]; readonly state: JudgeState } {
  const isHere = (one: { readonly step: string; readonly stage: number | null }): boolean =>
    one.step === step.id && one.stage === stage
  const own = batches.filter(isHere)
  const told = log.flatMap(({ event, version }, index) => {
    if (event.kind !== 'MeasurementsRecorded' || !isHere(event)) return []
    return [{ event, version, verdict: log[index + 1]?.event }]
  })
  let state = canaryJudge.start(subject, before)
  let done = 0
  const foldTo = (to: Instant): void => {
    for (; done < own.length && own[done]!.to <= to; done += 1) state = canaryJudge.observe(state, own[done]!, subject)
  }
  const broken = told.flatMap(({ event, version, verdict }) => {
    foldTo(event.to)
    return isSaid(state, subject, event, verdict) ? [] : [`version ${version}: the samples of ${step.id} say otherwise`]
  })
  foldTo(endedAt)
  return { broken, state }
}

function isSaid(
  state: JudgeState,
  subject: JudgeSubject,
  told: EventOf<'MeasurementsRecorded'>,
  verdict: History['log'][number]['event'] | undefined,
): boolean {
  const report = canaryJudge.report(state, subject)
  if (verdict?.kind !== 'VerdictReached') return false
  const same =
    digestOf(JSON.parse(JSON.stringify(report.verdict))) === digestOf(JSON.parse(JSON.stringify(verdict.verdict)))
  return same && digestOf(JSON.parse(JSON.stringify(state))) === told.judgeStateDigest && report.soakMs === told.soakMs
}

function observedOf({ log }: History, { id, block }: StepPlan): readonly Observed[] {
  if (block.word !== 'rollout' && block.word !== 'watch') return []
  const { judge } = block
  const plannedMs = block.word === 'watch' ? block.forMs : soaksOf(block.stages)
  const starts = log.flatMap(({ event, at }) => {
    if ((event.kind === 'WatchStarted' || event.kind === 'WatchRestarted') && event.step === id)
      return [seen(null, judge, null, plannedMs, at)]
    if (event.kind !== 'SoakStarted' || event.rollout !== id || block.word !== 'rollout') return []
    return [seen(event.stage, judge, block.stages[event.stage] ?? null, plannedMs, at)]
  })
  return starts.map((start, index) => ({ ...start, endedAt: starts[index + 1]?.subject.startedAt ?? Infinity }))
}

function seen(
  stage: number | null,
  judge: JudgePlan,
  stagePlan: StagePlan | null,
  plannedMs: Millis,
  startedAt: Instant,
): Omit<Observed, 'endedAt'> {
  return { stage, subject: { judge, stage: stagePlan, startedAt, plannedMs } }
}
