/** Many simulated rollouts of one checklist, and what they say of its judge before anything is released. */
import { deadlineOf } from '../../plan/deadline.ts'
import type { JudgePlan, JudgePolicy, StagePlan } from '../../plan/plan.ts'
import { worseOf } from '../reading.ts'
import { policyOf } from '../policies.ts'
import type { Assumed } from './assumed.ts'
import { type RolloutRun, runFault, runHealthy, type Scene, type StageRun } from './rollout.ts'
import type { Fault } from './service.ts'
import { quantileOfRuns, type Share, shareOfRuns } from './share.ts'

export interface Simulated {
  readonly policy: JudgePolicy
  /** Greatest chance that the checklist states for turning back a healthy version; null = its policy promises none. */
  readonly promised: number | null
  readonly runs: number
  readonly regressionRuns: number
  /** Of healthy versions, over the whole rollout. */
  readonly rolledBack: Share
  readonly finished: Share
  /** From the first stage to the last verdict to go, of those that finished. */
  readonly finishedMs: Spread
  readonly stages: readonly StageAnswer[]
}

/** null = not before the stage's deadline. */
export interface Spread {
  readonly median: number | null
  readonly p95: number | null
}

export interface StageAnswer {
  readonly id: string
  readonly title: string
  readonly weightPercent: number
  readonly soakMs: number
  readonly deadlineMs: number
  /** Canary requests within the soak. */
  readonly requests: number
  /** Of healthy versions that came so far. */
  readonly rolledBack: Share
  readonly goMs: Spread
  readonly goWithinSoak: Share
  /** What was missing last before the first go, the most frequent first. */
  readonly keptBy: readonly { readonly name: string; readonly share: number }[]
  readonly regressions: readonly RegressionAnswer[]
}

/** A version that is so much worse from the first second of the stage on, after healthy stages before. */
export interface RegressionAnswer {
  readonly kind: Fault['kind']
  readonly times: number
  /** What that comes to: a share of requests, of latency its 95th percentile in seconds; null = each metric has its own. */
  readonly value: number | null
  readonly found: Share
  /** Left the stage with a go. */
  readonly passed: Share
  /** Of those that were found: until the rollback, and what the canary had answered by then. */
  readonly medianMs: number | null
  readonly medianRequests: number | null
}

export interface Progress {
  readonly what: 'healthy versions' | 'regressions'
  readonly done: number
  readonly of: number
}

const usualRuns = 200
/** Verdicts that a simulation takes when nobody says how many runs: some seconds of a slow machine. */
const budget = { healthy: 50_000, regressions: 25_000 }
const fewestRuns = 40
const fewestRegressionRuns = 20
const mostRegressionRuns = 100

/** `runs` null = as many as there is time for. Yields after each run; the last value is the answer. */
export function* simulate(scene: Scene, runs: number | null): Generator<Progress, Simulated> {
  const { block } = scene
  const healthy: RolloutRun[] = []
  let spent = 0
  const wanted = runs ?? usualRuns
  const limits = runs === null ? budget : { healthy: Infinity, regressions: Infinity }
  while (healthy.length < wanted && (healthy.length < fewestRuns || spent < limits.healthy)) {
    const run = runHealthy(scene, healthy.length)
    spent += run.intervals
    healthy.push(run)
    yield { what: 'healthy versions', done: healthy.length, of: wanted }
  }
  const cells = cellsOf(scene)
  spent = 0
  let done = 0
  const most = cells.length === 0 ? 0 : Math.min(healthy.length, runs ?? mostRegressionRuns)
  while (done < most && (done < fewestRegressionRuns || spent < limits.regressions)) {
    const before = healthy[done] as RolloutRun
    for (const cell of cells) {
      const run = runFault(scene, before, done, cell.stage, cell.fault)
      if (run === null) continue
      spent += run.intervals
      cell.runs.push(run)
    }
    done += 1
    yield { what: 'regressions', done, of: most }
  }
  return {
    policy: policyOf(block.judge),
    promised: policyOf(block.judge) === 'statistical' ? block.judge.falseAlarm : null,
    runs: healthy.length,
    regressionRuns: done,
    ...wholeOf(healthy, block.stages.length),
    stages: block.stages.map((stage, index) => stageAnswer(scene, stage, index, healthy, cells)),
  }
}

interface Cell {
  readonly stage: number
  readonly fault: Fault
  readonly runs: StageRun[]
}

const sizes = { errors: [1.5, 2, 3, 5, 10, 30], latency: [1.2, 1.5, 2], events: [0.9, 0.8, 0.5] } as const

/** Every second request fails: whatever the usual share is, that is an outage. */
const outageShare = 0.5

function timesOf(kind: Fault['kind'], { errorShare }: Assumed): readonly number[] {
  if (kind !== 'errors') return sizes[kind]
  const outage = outageShare / errorShare
  return [...sizes.errors.filter((times) => times < outage), outage]
}

/** Every size of what the metrics could see, in every stage. */
function cellsOf({ block, assumed }: Scene): readonly Cell[] {
  const kinds = kindsOf(block.judge)
  return block.stages.flatMap((_, stage) =>
    kinds.flatMap((kind) => timesOf(kind, assumed).map((times): Cell => ({ stage, fault: { kind, times }, runs: [] }))),
  )
}

function kindsOf({ metrics }: JudgePlan): readonly Fault['kind'][] {
  const deciding = metrics.filter(({ dryRun }) => dryRun !== true)
  const counts = deciding.filter(({ kind }) => kind === 'ratio' || kind === 'events')
  const kinds: Fault['kind'][] = []
  if (counts.some((metric) => worseOf(metric) === 'higher')) kinds.push('errors')
  if (deciding.some(({ kind }) => kind === 'histogram')) kinds.push('latency')
  if (counts.some((metric) => worseOf(metric) === 'lower')) kinds.push('events')
  return kinds
}

function wholeOf(
  healthy: readonly RolloutRun[],
  stages: number,
): Pick<Simulated, 'rolledBack' | 'finished' | 'finishedMs'> {
  const isRolledBack = ({ stages: all }: RolloutRun): boolean => all.some(({ end }) => end === 'rollback')
  const finished = healthy.filter(({ stages: all }) => all.length === stages && all.every(({ end }) => end === 'left'))
  const times = finished.map(({ stages: all }) => all.reduce((sum, { endMs }) => sum + endMs, 0))
  return {
    rolledBack: shareOfRuns(healthy.filter(isRolledBack).length, healthy.length),
    finished: shareOfRuns(finished.length, healthy.length),
    finishedMs: spreadOf(times),
  }
}

function spreadOf(values: readonly (number | null)[]): Spread {
  return { median: quantileOfRuns(values, 0.5), p95: quantileOfRuns(values, 0.95) }
}

function stageAnswer(
  { block, assumed }: Scene,
  stage: StagePlan,
  index: number,
  healthy: readonly RolloutRun[],
  cells: readonly Cell[],
): StageAnswer {
  const runs = healthy.flatMap(({ stages }) => stages[index] ?? [])
  const { id, title, weightPercent, soakMs } = stage
  return {
    id,
    title,
    weightPercent,
    soakMs,
    deadlineMs: deadlineOf(block.judge, stage),
    requests: Math.round((assumed.perSecond * weightPercent * soakMs) / 100_000),
    rolledBack: shareOfRuns(runs.filter(({ end }) => end === 'rollback').length, runs.length),
    goMs: spreadOf(runs.map(({ goMs }) => goMs)),
    goWithinSoak: shareOfRuns(runs.filter(({ goMs }) => goMs !== null && goMs <= soakMs).length, runs.length),
    keptBy: keptBy(runs),
    regressions: cells.filter((cell) => cell.stage === index).map((cell) => regressionAnswer(cell, assumed)),
  }
}

function keptBy(runs: readonly StageRun[]): StageAnswer['keptBy'] {
  const counts = new Map<string, number>()
  for (const name of runs.flatMap((run) => run.keptBy)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, share: count / runs.length }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
}

function valueOf({ kind, times }: Fault, { errorShare, p95Seconds }: Assumed): number | null {
  if (kind === 'events') return null
  return kind === 'errors' ? Math.min(1, errorShare * times) : p95Seconds * times
}

function regressionAnswer({ fault, runs }: Cell, assumed: Assumed): RegressionAnswer {
  const found = runs.filter(({ end }) => end === 'rollback')
  return {
    ...fault,
    value: valueOf(fault, assumed),
    found: shareOfRuns(found.length, runs.length),
    passed: shareOfRuns(runs.filter(({ end }) => end === 'left').length, runs.length),
    medianMs: quantileOfRuns(
      found.map(({ endMs }) => endMs),
      0.5,
    ),
    medianRequests: quantileOfRuns(
      found.map(({ requests }) => requests),
      0.5,
    ),
  }
}
