/** Builders for judge tests: a subject, its metrics and batches in a line each. */
import type { JudgePlan, Limit, MetricPlan, RelativeLimit, StagePlan } from '../plan/plan.ts'
import type { JudgeSubject } from '../ports/judge.ts'
import type { ArmSample, JudgeReport, JudgeState, SampleBatch } from './verdict.ts'
import { thresholdJudge } from './threshold.ts'

export function limit(operator: Limit['operator'], value: number, quantile: number | null = null): Limit {
  return { quantile, operator, value, text: `${quantile === null ? '' : `p${quantile * 100} `}${operator} ${value}` }
}

export function versus(
  relative: number | null,
  points: number | null = null,
  quantile: number | null = null,
): RelativeLimit {
  return { quantile, relative, points, text: `versus ${quantile ?? ''} ${relative ?? ''} ${points ?? ''}` }
}

/** Errors: go under 1 %, rollback over 2 %, 30 samples, five intervals of 10 s. */
export function metric(given: Partial<MetricPlan> = {}): MetricPlan {
  return {
    name: 'errors',
    kind: 'ratio',
    source: null,
    queries: {},
    forMs: 0,
    minSamples: 30,
    windowMs: 50_000,
    unit: 'ratio',
    go: [limit('<', 0.01)],
    rollback: [limit('>', 0.02)],
    versusStable: [],
    ...given,
  }
}

export function judgePlan(given: Partial<JudgePlan> = {}): JudgePlan {
  return {
    everyMs: 10_000,
    warmUpMs: 0,
    falseAlarm: 0.01,
    source: null,
    arms: null,
    metrics: [metric()],
    // oxlint-disable-next-line unicorn/no-thenable -- the checklist's own word
    noData: { holdMs: 60_000, then: 'rollback' },
    grey: { ask: null, withinMs: 60_000, otherwise: 'rollback' },
    deadlineFactor: 3,
    ...given,
  }
}

export function stage(given: Partial<StagePlan> = {}): StagePlan {
  return {
    id: 'stage-1',
    title: '5 %',
    line: 1,
    weightPercent: 5,
    soakMs: 60_000,
    deadlineMs: null,
    promote: null,
    onInconclusive: 'hold',
    actions: [],
    steps: [],
    overrides: {},
    ...given,
  }
}

export function subject(judge: Partial<JudgePlan> = {}, at: StagePlan | null = stage()): JudgeSubject {
  return { judge: judgePlan(judge), stage: at, startedAt: 0 }
}

export function ratio(bad: number, total: number): ArmSample {
  return { kind: 'ratio', bad, total }
}

export const noData: ArmSample = { kind: 'no-data', why: 'the source does not answer' }

const atWeight: SampleBatch['weights'] = [{ component: 'api', percent: 5, ok: true, say: 'api at 5 %' }]

/** The n-th interval of 10 s (from 1), with one metric. */
export function batch(
  n: number,
  canary: ArmSample,
  stable: ArmSample = ratio(4, 1000),
  given: Partial<SampleBatch> = {},
): SampleBatch {
  const samples = [{ metric: 'errors', canary, stable }]
  return { step: 'rollout', stage: 0, from: (n - 1) * 10_000, to: n * 10_000, samples, weights: atWeight, ...given }
}

export function fold(at: JudgeSubject, batches: readonly SampleBatch[], before: JudgeState | null = null): JudgeState {
  return batches.reduce((state, one) => thresholdJudge.observe(state, one, at), thresholdJudge.start(at, before))
}

export function judge(
  at: JudgeSubject,
  batches: readonly SampleBatch[],
  before: JudgeState | null = null,
): JudgeReport {
  return thresholdJudge.report(fold(at, batches, before), at)
}
