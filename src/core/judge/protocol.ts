/**
 * The judge as a process: one JSON object per line in, one verdict per line out. `start` begins a run and clears all
 * that was known, `history` is an interval from before the rollout, `interval` is judged.
 */
import { z } from 'zod'
import { type ArmCounts, cleanCounts, increaseOf, withinRequests } from './counters.ts'
import { decide, type Decision, patience } from './statistical/decide.ts'
import {
  type Arms,
  beginStage,
  learnInterval,
  type MetricSettings,
  newPolicyState,
  observeInterval,
  type PolicySettings,
  type PolicyState,
  type StageLimits,
} from './statistical/policy.ts'
import { tuning, type Tuning } from './statistical/tuning.ts'

const chance = z.number().gt(0).lt(1)
const positive = z.number().positive()

const eventLimits = z.object({
  direction: z.enum(['lower', 'higher']).default('lower'),
  rollback: positive.default(0.95),
  go: positive.default(0.9),
})

/** What must not be exceeded. All of it optional: what is left out has the default of the method. */
export const protocolLimits = z.object({
  errorRate: z
    .object({ go: chance.default(0.01), rollback: chance.default(0.02), outage: chance.default(0.05) })
    .prefault({}),
  errorRatio: z.object({ rollback: positive.default(1.25), go: positive.default(2) }).prefault({}),
  errorFloor: chance.default(0.001),
  latencyRatio: z.object({ rollback: positive.default(1.2), go: positive.default(1.35) }).prefault({}),
  quantiles: z.array(chance).default([0.75, 0.95, 0.99]),
  latencyAbs: z.record(z.string().regex(/^p\d+(\.\d+)?$/), positive).default({}),
  events: z.record(z.string(), eventLimits).default({}),
})
export type ProtocolLimits = z.infer<typeof protocolLimits>

const edge = z.union([z.number(), z.literal('+Inf')])

const startLine = z.object({
  type: z.literal('start'),
  step: positive,
  le: z.array(edge).default([]),
  plan: z.array(z.object({ share: z.number(), seconds: positive })).min(1),
  warmup: z.number().min(0).default(60),
  minBake: z.number().min(0).optional(),
  counters: z.enum(['delta', 'cumulative']).default('delta'),
  limits: protocolLimits.prefault({}),
  alpha: chance.default(0.01),
  beta: chance.default(0.05),
})
type StartLine = z.infer<typeof startLine>

const intervalLine = z.object({
  type: z.enum(['history', 'interval']),
  t: z.number(),
  dt: positive,
  stage: z.number().int().default(0),
  weight: z.number().nullish(),
  canary: z.unknown(),
  stable: z.unknown(),
})
type IntervalLine = z.infer<typeof intervalLine>

/** One answer; `e` is the evidence for a rollback, which needs `needed`. */
export interface Answer {
  readonly verdict: 'PROCEED' | 'HOLD' | 'ROLLBACK'
  readonly reason: string
  readonly e?: number
  readonly needed?: number
}

/** Laid over what a `start` line says. `early`: a go needs `minBake` only, not the whole stage. */
export interface ProtocolPolicy {
  readonly limits?: ProtocolLimits
  readonly alpha?: number
  readonly beta?: number
  readonly early?: boolean
  readonly tuning?: Tuning
}

/** A judge for a stream of lines. Never throws: what it cannot read is answered with HOLD and the reason. */
export function createLineJudge(policy: ProtocolPolicy = {}): (line: unknown) => Answer {
  let run: Run | null = null
  return (line) => {
    const type = typeof line === 'object' && line !== null ? (line as { type?: unknown }).type : undefined
    if (type === 'start') {
      const start = startLine.safeParse(line)
      run = start.success ? begin(start.data, policy) : null
      return hold(start.success ? 'started' : `this start line cannot be used: ${whatIsWrong(start.error)}`)
    }
    if (run === null) return hold('a run begins with a line of type "start"')
    const parsed = intervalLine.safeParse(line)
    if (!parsed.success) return hold(`this line cannot be used: ${whatIsWrong(parsed.error)}`)
    return parsed.data.type === 'history' ? learn(run, parsed.data) : judge(run, parsed.data)
  }
}

function whatIsWrong(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'unknown' : `${issue.path.join('.') || 'the line'}: ${issue.message}`
}

function hold(reason: string): Answer {
  return { verdict: 'HOLD', reason }
}

interface Run {
  readonly start: StartLine
  readonly le: readonly number[]
  readonly early: boolean
  readonly settings: PolicySettings
  readonly limits: StageLimits
  readonly state: PolicyState
  readonly raw: { canary: ArmCounts | null; stable: ArmCounts | null }
  /** Per metric, when both arms last brought numbers for it. */
  readonly heard: number[]
  lastEnd: number
  stage: number
  stageStart: number
  final: Answer | null
}

function begin(start: StartLine, policy: ProtocolPolicy): Run {
  const limits = policy.limits ?? start.limits
  const settings: PolicySettings = {
    alpha: policy.alpha ?? start.alpha,
    beta: policy.beta ?? start.beta,
    stepSeconds: start.step,
    planSeconds: start.plan.reduce((sum, stage) => sum + stage.seconds, 0),
    metrics: metricsOf(limits),
    tuning: policy.tuning ?? tuning,
  }
  return {
    start,
    le: start.le.map((each) => (each === '+Inf' ? Number.POSITIVE_INFINITY : each)),
    early: policy.early ?? false,
    settings,
    limits: stageLimits(limits),
    state: newPolicyState(settings),
    raw: { canary: null, stable: null },
    heard: settings.metrics.map(() => Number.NEGATIVE_INFINITY),
    lastEnd: Number.NEGATIVE_INFINITY,
    stage: 0,
    stageStart: 0,
    final: null,
  }
}

function metricsOf(limits: ProtocolLimits): readonly MetricSettings[] {
  return [
    { kind: 'share', name: 'errors', worse: 'higher', floor: limits.errorFloor, outage: limits.errorRate.outage },
    { kind: 'latency', name: 'latency', quantiles: limits.quantiles, absolute: absoluteOf(limits) },
    ...Object.entries(limits.events).map(
      ([name, { direction }]): MetricSettings => ({ kind: 'share', name, worse: direction, floor: null, outage: null }),
    ),
  ]
}

function absoluteOf({ latencyAbs }: ProtocolLimits): { quantile: number; go: number; rollback: number }[] {
  return Object.entries(latencyAbs).map(([name, seconds]) => ({
    quantile: Number(name.slice(1)) / 100,
    go: seconds,
    rollback: seconds,
  }))
}

function stageLimits(limits: ProtocolLimits): StageLimits {
  const { errorRate, errorRatio, latencyRatio } = limits
  return [
    { kind: 'share', limits: { ratio: errorRatio, rollback: errorRate.rollback, go: errorRate.go } },
    { kind: 'latency', limits: { ratio: [{ quantile: null, ...latencyRatio }], absolute: absoluteOf(limits) } },
    ...Object.values(limits.events).map(
      ({ rollback, go }) => ({ kind: 'share', limits: { ratio: { rollback, go }, rollback: null, go: null } }) as const,
    ),
  ]
}

/** The counts of this interval; null = the line is late or has been seen. */
function countsOf(run: Run, line: IntervalLine): { canary: ArmCounts | null; stable: ArmCounts | null } | null {
  if (!(line.t > run.lastEnd)) return null
  run.lastEnd = line.t
  const arm = (name: 'canary' | 'stable'): ArmCounts | null => {
    const now = cleanCounts(line[name], run.le.length)
    if (now === null) return null
    if (run.start.counters === 'delta') return withinRequests(now)
    const before = run.raw[name]
    run.raw[name] = now
    // The first sample of a counter says nothing yet about an interval.
    return before === null ? null : withinRequests(increaseOf(now, before))
  }
  return { canary: arm('canary'), stable: arm('stable') }
}

function armsOf(run: Run, { canary, stable }: { canary: ArmCounts | null; stable: ArmCounts | null }): readonly Arms[] {
  return run.settings.metrics.map((metric): Arms => {
    if (metric.kind === 'latency')
      return { kind: 'latency', le: run.le, canary: canary?.buckets ?? null, stable: stable?.buckets ?? null }
    if (metric.name === 'errors' && metric.outage !== null)
      return { kind: 'share', canary: shareOf(canary, canary?.errors), stable: shareOf(stable, stable?.errors) }
    const own = (counts: ArmCounts | null): { x: number; n: number } | null =>
      shareOf(counts, counts?.events[metric.name])
    return { kind: 'share', canary: own(canary), stable: own(stable) }
  })
}

function shareOf(counts: ArmCounts | null, x: number | undefined): { x: number; n: number } | null {
  return counts === null || x === undefined ? null : { x, n: counts.requests }
}

function learn(run: Run, line: IntervalLine): Answer {
  const counts = countsOf(run, line)
  if (counts === null) return hold('a line that is late or has been seen')
  learnInterval(run.state, run.settings, line.dt, armsOf(run, counts))
  return hold('history')
}

function judge(run: Run, line: IntervalLine): Answer {
  if (run.final !== null) return run.final
  const counts = countsOf(run, line)
  if (counts === null) return hold('a line that is late or has been seen')
  if (line.stage !== run.stage) {
    run.stage = line.stage
    run.stageStart = line.t - line.dt
    beginStage(run.state, run.settings)
  }
  const metrics = armsOf(run, counts)
  for (const [i, { canary, stable }] of metrics.entries()) if (canary !== null && stable !== null) run.heard[i] = line.t
  observeInterval(run.state, run.settings, {
    at: line.t,
    seconds: line.dt,
    warming: line.t <= run.start.warmup,
    weight: line.weight ?? null,
    limits: run.limits,
    metrics,
  })
  const decision = decide(run.state, run.settings, {
    at: line.t,
    limits: run.limits,
    alone: (line.weight ?? 0) >= 1 && (run.state.lastStable === null || run.state.lastStable < line.t),
    sharedBreach: 'hold',
  })
  return answer(run, decision, line.t)
}

function answer(run: Run, decision: Decision, at: number): Answer {
  const { evidence: e, needed, by } = decision
  if (decision.zone === 'rollback' && by !== null) {
    run.final = { verdict: 'ROLLBACK', reason: nameOf(by), e, needed }
    return run.final
  }
  const bake = run.start.plan[run.stage]?.seconds ?? Number.POSITIVE_INFINITY
  const soak = run.early ? Math.min(run.start.minBake ?? 0, bake) : bake
  const silent = decision.zone === 'go' ? silentMetric(run, at) : undefined
  if (silent !== undefined) return { verdict: 'HOLD', reason: `${silent} no-data`, e, needed }
  if (decision.zone === 'go' && at - run.stageStart >= soak)
    return { verdict: 'PROCEED', reason: 'certified', e, needed }
  const first = decision.missing[0]
  return {
    verdict: 'HOLD',
    reason: first === undefined ? 'soaking' : `${nameOf(first)} ${first.why}`.trim(),
    e,
    needed,
  }
}

/** What was certified once does not stand in for numbers that no longer come. */
function silentMetric({ heard, settings }: Run, at: number): string | undefined {
  return settings.metrics.find((_, i) => at - (heard[i] as number) > patience(settings))?.name
}

function nameOf({ metric, quantile }: { readonly metric: string | null; readonly quantile: number | null }): string {
  return [metric, quantile === null ? null : `p${Number((quantile * 100).toFixed(4))}`]
    .filter((one) => one !== null)
    .join(' ')
}
