/**
 * P10: what a judgement costs. The policy alone beside parsing the line that carries its counts, the judge behind the
 * port with 5 metrics as a share of a core for 5,000 rollouts, and the memory of the line protocol over many lines.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { JudgePlan, MetricPlan, StagePlan } from '../src/core/plan/plan.ts'
import type { JudgeSubject } from '../src/core/ports/judge.ts'
import { createLineJudge } from '../src/core/judge/protocol.ts'
import { decide } from '../src/core/judge/statistical/decide.ts'
import {
  type Arms,
  newPolicyState,
  observeInterval,
  type PolicySettings,
  type StageLimits,
} from '../src/core/judge/statistical/policy.ts'
import { normalCdf } from '../src/core/judge/statistical/normal.ts'
import { tuning } from '../src/core/judge/statistical/tuning.ts'
import { statisticalJudge } from '../src/core/judge/statistical-judge.ts'
import type { ArmSample, SampleBatch } from '../src/core/judge/verdict.ts'
import { percentile, report } from './measure.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const rollouts = 5000
const stepSeconds = 15
const rounds = Number(process.argv[2] ?? 7)
const judgements = Number(process.argv[3] ?? 20_000)
const lines = Number(process.argv[4] ?? 200_000)

const le = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY]

interface Arm {
  readonly requests: number
  readonly errors: number
  readonly buckets: readonly number[]
}

/** Counts that vary, so that nothing is the same twice; always the same ones. */
function arm(requests: number, n: number): Arm {
  const slower = 1 + 0.05 * Math.sin(n)
  const buckets = le.map((edge) =>
    edge === Number.POSITIVE_INFINITY
      ? requests
      : Math.round(requests * normalCdf(Math.log(edge / (0.15 * slower)) / 0.8)),
  )
  return { requests, errors: Math.round(requests * 0.003 + 2 * Math.sin(3 * n)), buckets }
}

const counts = Array.from({ length: 200 }, (_, n) => ({ canary: arm(2000, n), stable: arm(8000, n + 0.5) }))

/** The shape of the line protocol: errors with limits of their own, latency at three quantiles and two absolute limits. */
const absolute = [0.95, 0.99].map((quantile, i) => ({ quantile, go: 1 + i, rollback: 1 + i }))
const settings: PolicySettings = {
  alpha: 0.01,
  beta: 0.05,
  stepSeconds,
  planSeconds: 1800,
  metrics: [
    { kind: 'share', name: 'errors', worse: 'higher', floor: 0.001, outage: 0.05 },
    { kind: 'latency', name: 'latency', quantiles: [0.75, 0.95, 0.99], absolute },
  ],
  tuning,
}
const limits: StageLimits = [
  { kind: 'share', limits: { ratio: { rollback: 1.25, go: 2 }, rollback: 0.02, go: 0.01 } },
  { kind: 'latency', limits: { ratio: [{ quantile: null, rollback: 1.2, go: 1.35 }], absolute } },
]
const intervals = counts.map(({ canary, stable }): readonly Arms[] => [
  {
    kind: 'share',
    canary: { x: canary.errors, n: canary.requests },
    stable: { x: stable.errors, n: stable.requests },
  },
  { kind: 'latency', le, canary: canary.buckets, stable: stable.buckets },
])

const times = { parse: [] as number[], policy: [] as number[], port: [] as number[] }
const texts = counts.map((both, n) => JSON.stringify(lineAt(n, both)))
const subject = subjectOfFive()
const batches = counts.map(({ canary, stable }, n) => batchOf(n, canary, stable))
parse()
policy()
port()
for (let round = 0; round < rounds; round += 1) {
  times.parse.push(parse())
  times.policy.push(policy())
  times.port.push(port())
}
report('P10 a judgement of the policy beside 10 us', {
  value: usual(times.policy),
  baseline: 10,
  unit: 'us',
  goal: 1,
})
report('P10 a judgement of the policy beside parsing its line', {
  value: usual(times.policy),
  baseline: usual(times.parse),
  unit: 'us',
  goal: 12,
})
report(`P10 ${rollouts} rollouts of 5 metrics every ${stepSeconds} s, as a share of one core`, {
  value: (100 * usual(times.port) * rollouts) / (stepSeconds * 1e6),
  baseline: 5,
  unit: '%',
  goal: 1,
})
memory()

/** Processor time, and of that the lower quartile: what else runs on the machine only ever adds. */
function usual(values: readonly number[]): number {
  return percentile(values, 0.25)
}

function spent(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function parse(): number {
  const start = spent()
  let seen = 0
  for (let i = 0; i < judgements; i += 1)
    if ((JSON.parse(texts[i % texts.length] as string) as { t: number }).t >= 0) seen += 1
  if (seen !== judgements) throw new Error('bug: a line was not read')
  return (spent() - start) / judgements
}

function policy(): number {
  const state = newPolicyState(settings)
  let held = 0
  const start = spent()
  for (let i = 0; i < judgements; i += 1) {
    const at = stepSeconds * (i + 1)
    const metrics = intervals[i % intervals.length] as readonly Arms[]
    observeInterval(state, settings, { at, seconds: stepSeconds, warming: false, weight: 0.2, limits, metrics })
    if (decide(state, settings, { at, limits, alone: false, sharedBreach: 'hold' }).zone !== 'rollback') held += 1
  }
  const took = spent() - start
  if (held !== judgements) throw new Error('bug: a healthy canary was rolled back')
  return took / judgements
}

/** As the engine does: fold one batch, report the verdict with its readings and sentences. */
function port(): number {
  let state = statisticalJudge.start(subject, null)
  let said = 0
  const start = spent()
  for (let i = 0; i < judgements; i += 1) {
    const batch = batches[i % batches.length] as SampleBatch
    const to = (i + 1) * stepSeconds * 1000
    state = statisticalJudge.observe(state, { ...batch, from: to - stepSeconds * 1000, to }, subject)
    said += statisticalJudge.report(state, subject).verdict.metrics.length
  }
  const took = spent() - start
  if (said < 5 * judgements) throw new Error('bug: a metric was not told')
  return took / judgements
}

function lineAt(n: number, both: { readonly canary: Arm; readonly stable: Arm }): Record<string, unknown> {
  return { type: 'interval', t: stepSeconds * (n + 1), dt: stepSeconds, stage: 0, weight: 0.2, ...both }
}

function subjectOfFive(): JudgeSubject {
  const metric = (given: Partial<MetricPlan>): MetricPlan => ({
    name: 'errors',
    kind: 'ratio',
    source: null,
    queries: {},
    forMs: 0,
    minSamples: 30,
    windowMs: 300_000,
    unit: 'ratio',
    go: [],
    rollback: [],
    versusStable: [],
    ...given,
  })
  const away = (relative: number, quantile: number | null = null) => ({ quantile, relative, points: null, text: '' })
  const below = (value: number, quantile: number | null = null) =>
    ({ quantile, operator: '<', value, text: `< ${value}` }) as const
  const above = (value: number, quantile: number | null = null) =>
    ({ quantile, operator: '>', value, text: `> ${value}` }) as const
  const metrics = [
    metric({ go: [below(0.01)], rollback: [above(0.02)], versusStable: [away(0.25)] }),
    metric({ name: 'timeouts', versusStable: [away(0.5)] }),
    metric({
      name: 'latency',
      kind: 'histogram',
      unit: 'seconds',
      go: [below(1, 0.95)],
      rollback: [above(2, 0.95)],
      versusStable: [away(0.2, 0.75), away(0.2, 0.95), away(0.2, 0.99)],
    }),
    metric({ name: 'signups', kind: 'events', versusStable: [away(-0.1)] }),
    metric({ name: 'memory', kind: 'gauge', unit: 'plain', forMs: 30_000, rollback: [above(80)] }),
  ]
  const judge: JudgePlan = {
    policy: 'statistical',
    everyMs: stepSeconds * 1000,
    warmUpMs: 60_000,
    falseAlarm: 0.01,
    source: null,
    arms: { canary: {}, stable: {} },
    metrics,
    noData: { holdMs: 60_000, ['then']: 'rollback' },
    grey: { ask: null, withinMs: 60_000, otherwise: 'hold' },
    deadlineFactor: 3,
  }
  const stage: StagePlan = {
    id: 'stage-1',
    title: '20 %',
    line: 1,
    weightPercent: 20,
    soakMs: 1_800_000,
    deadlineMs: null,
    promote: null,
    onInconclusive: 'hold',
    actions: [],
    steps: [],
    overrides: {},
  }
  return { judge, stage, startedAt: 0, plannedMs: 1_800_000 }
}

function batchOf(n: number, canary: Arm, stable: Arm): SampleBatch {
  const ratio = ({ requests, errors }: Arm): ArmSample => ({ kind: 'ratio', bad: errors, total: requests })
  const events = ({ requests }: Arm): ArmSample => ({
    kind: 'events',
    count: Math.round(requests * (0.05 + 0.005 * Math.sin(n))),
    total: requests,
  })
  const latency = ({ buckets }: Arm): ArmSample => ({ kind: 'histogram', le, counts: buckets })
  return {
    step: 'rollout',
    stage: 0,
    from: 0,
    to: 0,
    samples: [
      { metric: 'errors', canary: ratio(canary), stable: ratio(stable) },
      { metric: 'timeouts', canary: ratio(canary), stable: ratio(stable) },
      { metric: 'latency', canary: latency(canary), stable: latency(stable) },
      { metric: 'signups', canary: events(canary), stable: events(stable) },
      {
        metric: 'memory',
        canary: { kind: 'gauge', value: 60 + Math.sin(n) },
        stable: { kind: 'no-data', why: 'not asked' },
      },
    ],
    weights: [{ component: 'api', percent: 20, ok: true, say: 'api at 20 %' }],
  }
}

/** One run after another, as a scoreboard plays them; what is kept of a run must not outlive its `start`. */
function memory(): void {
  const judge = createLineJudge()
  const start = {
    type: 'start',
    step: stepSeconds,
    le: [...le.slice(0, -1), '+Inf'],
    plan: [{ share: 0.2, seconds: 1800 }],
  }
  const play = (count: number): void => {
    for (let i = 0; i < count; i += 1) {
      const n = i % 1000
      if (n === 0) judge(start)
      judge(JSON.parse((texts[n % texts.length] as string).replace(/"t":\d+/, `"t":${stepSeconds * (n + 1)}`)))
    }
  }
  play(lines / 2)
  const before = settled()
  play(lines)
  const after = settled()
  const name = `after ${lines} more lines of the protocol`
  report(`P10 memory in use ${name}`, { value: after.used, baseline: before.used, unit: 'MB', goal: 1.05 })
  // What the collector has taken from the system and not given back moves by itself.
  report(`P10 resident memory ${name}`, { value: after.resident, baseline: before.resident, unit: 'MB', goal: 1.25 })
}

function settled(): { readonly used: number; readonly resident: number } {
  for (let i = 0; i < 3; i += 1) collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { used: heapUsed / 2 ** 20, resident: rss / 2 ** 20 }
}
