/** `judge simulate`: what the judge of a checklist will do at some traffic, before anything is released. */
import { type Assumed, assumedFor, type Given, type NoiseName, noises } from '../../core/judge/simulate/assumed.ts'
import type { Scene } from '../../core/judge/simulate/rollout.ts'
import { type Progress, simulate, type Simulated } from '../../core/judge/simulate/simulate.ts'
import { parseLatency } from '../../core/plan/blocks/usual-traffic.ts'
import type { Parsed } from '../../core/plan/parsed.ts'
import type { Plan, RolloutBlock, StepPlan } from '../../core/plan/plan.ts'
import { parseChance, parseRate } from '../../core/plan/quantity.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { UsageFault } from '../faults.ts'
import { planStep } from '../plan-steps.ts'
import { simulatedLines } from '../simulate-text.ts'
import { paint } from '../terminal/line.ts'
import { count, text } from '../values.ts'

export const judgeSimulate: Run = async (context, words, options) => {
  const [file = ''] = words
  const { plan } = await loadPlan(file)
  const { step, block } = rolloutOf(plan, text(options, 'rollout'))
  const given = givenBy(options)
  const runs = text(options, 'runs')
  const scene: Scene = {
    step: step.id,
    block,
    assumed: assumedFor(block.judge, given),
    seed: text(options, 'seed') ?? '1',
  }
  const answer = await answered(scene, runs === null ? null : runsIn(runs))
  const noise = given.noise ?? 'quiet'
  if (context.json) printJson(context, documentOf(plan, scene, noise, answer))
  else {
    const historyMs = scene.assumed.history ? (block.judge.history?.forMs ?? null) : null
    const lines = simulatedLines({
      name: plan.name,
      step: step.text,
      everyMs: block.judge.everyMs,
      seed: scene.seed,
      noise,
      historyMs,
      assumed: scene.assumed,
      answer,
    })
    const paper = { ...context.paper(), width: Number.POSITIVE_INFINITY }
    for (const line of lines) context.out(paint(line, paper))
  }
  return 0
}

const mostRuns = 10_000

function runsIn(given: string): number {
  const runs = count(given, '--runs')
  if (runs <= mostRuns) return runs
  throw new UsageFault(`--runs is "${given}", expected at most ${mostRuns}, for example --runs 1000`)
}

interface RolloutStep {
  readonly step: StepPlan
  readonly block: RolloutBlock
}

/** The rollout that was named, or the first with something to judge. */
function rolloutOf(plan: Plan, named: string | null): RolloutStep {
  const rollouts = plan.steps.flatMap((step): readonly RolloutStep[] =>
    step.block.word === 'rollout' ? [{ step, block: step.block }] : [],
  )
  const chosen = named === null ? undefined : planStep(plan, named)
  if (chosen && chosen.block.word !== 'rollout')
    throw new UsageFault(
      `"${named}" is "${chosen.text}", which is no rollout; the rollouts are\n${rollouts.map(({ step }) => `  ${step.id}   ${step.text}`).join('\n')}`,
    )
  const found = chosen
    ? rollouts.find(({ step }) => step.id === chosen.id)
    : rollouts.find(({ block }) => block.judge.metrics.length > 0)
  if (!found || found.block.judge.metrics.length === 0)
    throw new UsageFault(
      'there is no rollout with metrics to judge, expected one under "judge:", for example\n  judge: { metrics: { errors: { kind: ratio, bad: "…", total: "…", go: "< 1%", rollback: "> 2%" } } }',
    )
  return found
}

function givenBy(options: Values): Given {
  const noise = text(options, 'noise')
  return {
    perSecond: read(options, 'rps', (given) => parseRate(`${given}/s`), '200', 'requests per second, more than 0'),
    errorShare: read(options, 'error-rate', parseChance, '0.3%'),
    eventShare: read(options, 'event-rate', parseChance, '5%'),
    p95Seconds: read(options, 'p95', parseLatency, '380ms'),
    edges: edgesIn(options),
    ...(noise === null ? {} : { noise: noise as NoiseName }),
    history: text(options, 'history') !== 'no',
  }
}

function read(
  options: Values,
  name: string,
  parse: (given: string) => Parsed<number>,
  example: string,
  expected?: string,
): number | null {
  const given = text(options, camel(name))
  if (given === null) return null
  const found = parse(given)
  if (found.ok) return found.value
  throw new UsageFault(
    `--${name} is "${given}", expected ${expected ?? found.expected}, for example --${name} ${example}`,
  )
}

/** As the parser of the command line calls an option. */
function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function edgesIn(options: Values): readonly number[] | null {
  const given = text(options, 'buckets')
  if (given === null) return null
  const edges = given.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const isAscending = edges.every((edge, i) => edge > (edges[i - 1] ?? 0) && Number.isFinite(edge))
  if (isAscending && edges.length >= 2 && edges.length <= 100) return edges
  throw new UsageFault(
    `--buckets is "${given}", expected 2 to 100 edges in seconds, ascending, for example --buckets 0.1,0.25,0.5,1,2.5`,
  )
}

/** In slices, so that the process hears when it is told to end. */
async function answered(scene: Scene, runs: number | null): Promise<Simulated> {
  const tell = progressTold()
  const work = simulate(scene, runs)
  try {
    for (let since = Date.now(); ; ) {
      const next = work.next()
      if (next.done === true) return next.value
      if (Date.now() - since < 100) continue
      tell.say(next.value)
      await new Promise<void>((resume) => setImmediate(resume))
      since = Date.now()
    }
  } finally {
    tell.clear()
  }
}

/** One line that changes for people, and nothing that scripts would have to skip. */
function progressTold(): { say(progress: Progress): void; clear(): void } {
  const isSeen = process.stderr.isTTY && process.env['TERM'] !== 'dumb'
  if (!isSeen) return { say: () => {}, clear: () => {} }
  return {
    say: ({ what, done, of }) => void process.stderr.write(`\r\x1b[Ksimulating ${what}: ${done} of ${of}`),
    clear: () => void process.stderr.write('\r\x1b[K'),
  }
}

function documentOf(plan: Plan, { step, assumed, seed }: Scene, noise: NoiseName, answer: Simulated): unknown {
  return {
    plan: plan.digest,
    step,
    seed,
    noise,
    assumed: { ...assumed, noise: noises[noise] } satisfies Assumed,
    ...answer,
  }
}
