/** One simulated rollout: the checklist's own judge decides about a service that does not exist. */
import { deadlineOf } from '../../plan/deadline.ts'
import type { JudgePlan, RolloutBlock, StagePlan } from '../../plan/plan.ts'
import type { JudgeSubject } from '../../ports/judge.ts'
import { quantileName } from '../sentences.ts'
import { canaryJudge } from '../policies.ts'
import type { JudgeState, SampleBatch, Verdict } from '../verdict.ts'
import type { Assumed } from './assumed.ts'
import { randomFrom } from './random.ts'
import { createService, type Fault, type Service } from './service.ts'

export interface Scene {
  readonly step: string
  readonly block: RolloutBlock
  readonly assumed: Assumed
  readonly seed: string
}

/** How one stage went. Times in milliseconds from its beginning; null = that never happened. */
export interface StageRun {
  readonly end: 'rollback' | 'left' | 'deadline'
  readonly endMs: number
  /** The first verdict to go. */
  readonly goMs: number | null
  /** What was missing at the last verdict before the first go, or at the end; empty = nothing was. */
  readonly keptBy: readonly string[]
  /** Answered by the canary until the end. */
  readonly requests: number
  readonly state: JudgeState
  readonly intervals: number
}

/** A healthy version, stage by stage, until it is turned back or through. `before[i]` is what the judge knew as stage i began. */
export interface RolloutRun {
  readonly stages: readonly StageRun[]
  readonly before: readonly (JudgeState | null)[]
  readonly starts: readonly number[]
  readonly intervals: number
}

/** Simulated clocks begin here, so that the past before a rollout has times above nought. */
const origin = 1_000_000_000_000

export function runHealthy(scene: Scene, run: number): RolloutRun {
  const { block } = scene
  const stages: StageRun[] = []
  const before: (JudgeState | null)[] = []
  const starts: number[] = []
  const service = createService(block.judge.metrics, scene.assumed, randomFrom(scene.seed, 'healthy', run))
  let at = origin
  let state: JudgeState | null = null
  let intervals = 0
  for (const [index, stage] of block.stages.entries()) {
    const subject = subjectOf(scene, stage, at)
    let began = canaryJudge.start(subject, state)
    if (index === 0) {
      const past = pastOf(scene, at, run)
      intervals += past.length
      for (const batch of past) began = canaryJudge.observe(began, batch, subject)
    }
    before.push(began)
    starts.push(at)
    const stageRun = runStage(scene, index, began, at, service, null)
    stages.push(stageRun)
    intervals += stageRun.intervals
    if (stageRun.end === 'rollback') break
    at += stageRun.endMs
    state = stageRun.state
  }
  return { stages, before, starts, intervals }
}

/** The same rollout up to stage `index`, and a canary that is bad from its first second on. null = it never came so far. */
export function runFault(scene: Scene, healthy: RolloutRun, run: number, index: number, fault: Fault): StageRun | null {
  const began = healthy.before[index]
  const at = healthy.starts[index]
  if (began === undefined || began === null || at === undefined) return null
  // The same luck for every size: then a greater fault is found no later by chance alone.
  const random = randomFrom(scene.seed, 'fault', run, index)
  const service = createService(scene.block.judge.metrics, scene.assumed, random)
  return runStage(scene, index, began, at, service, fault)
}

export function plannedMs({ stages }: Pick<RolloutBlock, 'stages'>): number {
  return stages.reduce((sum, { soakMs }) => sum + soakMs, 0)
}

function subjectOf({ block }: Scene, stage: StagePlan, startedAt: number): JudgeSubject {
  return { judge: block.judge, stage, startedAt, plannedMs: plannedMs(block) }
}

/** Stable's past, a part of it in the role of the canary. */
function pastOf({ step, block, assumed, seed }: Scene, until: number, run: number): readonly SampleBatch[] {
  const { history, everyMs, metrics } = block.judge
  if (!assumed.history || history == null) return []
  const service = createService(metrics, assumed, randomFrom(seed, 'past', run))
  const canaryShare = Math.min(0.5, Math.max(0.1, (block.stages[0]?.weightPercent ?? 10) / 100))
  const count = Math.min(mostPast, Math.floor(history.forMs / everyMs))
  return Array.from({ length: count }, (_, i) => {
    const to = until - (count - 1 - i) * everyMs
    const { samples } = service({ seconds: everyMs / 1000, canaryShare, fault: null })
    return { step, stage: null, history: true, from: to - everyMs, to, samples, weights: [] }
  })
}

const mostPast = 1000

function runStage(
  scene: Scene,
  index: number,
  began: JudgeState,
  startedAt: number,
  service: Service,
  fault: Fault | null,
): StageRun {
  const { block, step } = scene
  const { judge } = block
  const stage = block.stages[index] as StagePlan
  const subject = subjectOf(scene, stage, startedAt)
  const most = Math.max(1, Math.ceil(deadlineOf(judge, stage) / judge.everyMs))
  const interval = { seconds: judge.everyMs / 1000, canaryShare: stage.weightPercent / 100, fault }
  const weights = weightsOf(block, stage)
  let state = began
  let goMs: number | null = null
  let keptBy: readonly string[] = []
  let requests = 0
  for (let i = 1; i <= most; i += 1) {
    const served = service(interval)
    requests += served.requests
    const from = startedAt + (i - 1) * judge.everyMs
    const batch: SampleBatch = { step, stage: index, from, to: from + judge.everyMs, samples: served.samples, weights }
    state = canaryJudge.observe(state, batch, subject)
    const { verdict, soakMs } = canaryJudge.report(state, subject)
    const elapsed = i * judge.everyMs
    const ended = { endMs: elapsed, goMs, keptBy, requests, state, intervals: i }
    if (verdict.zone === 'rollback') return { ...ended, end: 'rollback' }
    if (verdict.zone === 'go') {
      goMs ??= elapsed
      if (soakMs >= stage.soakMs) return { ...ended, goMs, end: 'left' }
    } else if (goMs === null) keptBy = lacksOf(verdict, judge)
  }
  return { end: 'deadline', endMs: most * judge.everyMs, goMs, keptBy, requests, state, intervals: most }
}

function weightsOf({ components }: RolloutBlock, { weightPercent }: StagePlan): SampleBatch['weights'] {
  return components.map(({ name }) => ({ component: name, percent: weightPercent, ok: true, say: name }))
}

/** The metrics that were not ready to go; where all were, the verdict's own reason. */
function lacksOf({ metrics, why }: Verdict, { warmUpMs }: JudgePlan): readonly string[] {
  if (why === 'warm-up' && warmUpMs > 0) return ['the warm-up']
  const names = metrics
    .filter(({ zone, dryRun }) => zone !== 'go' && dryRun !== true)
    .map(({ metric, quantile }) => (quantile === null ? metric : `${metric} ${quantileName(quantile)}`))
  return names.length > 0 ? [...new Set(names)] : [why]
}
