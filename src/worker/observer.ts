/** Reads one interval of a stage or watch: every metric of both arms, every check, and the weights. What cannot be read is said, never guessed. */
import type { ArmSample, SampleBatch } from '../core/judge/verdict.ts'
import type { MetricPlan, WatchCheck } from '../core/plan/plan.ts'
import { renderPromql } from '../core/plan/promql-template.ts'
import type { CheckResult } from '../core/ports/check.ts'
import type { CheckRunner, EffectContext, Observer } from '../core/ports/engine.ts'
import type { MetricQuestion } from '../core/ports/metrics.ts'
import type { Reached } from '../core/ports/traffic.ts'
import { variablesOf } from '../core/release/values.ts'
import type { Millis } from '../core/units.ts'
import { labelsOf } from './arm-labels.ts'
import { captureOf } from './capture.ts'
import { type DriverDeps, openDriver, trafficPowersOf } from './drivers.ts'
import { readHistory } from './history.ts'
import type { MetricSources, OpenSource } from './metric-sources.ts'
import { type CountsSince, servedSplit } from './served-counts.ts'
import { noData, plain } from './plain-sample.ts'
import { Turns } from './turns.ts'
import { within } from './within.ts'

export interface ObserverDeps extends DriverDeps {
  readonly metrics: MetricSources
  readonly checks: CheckRunner
}

type Deps = ObserverDeps & { readonly turns: Turns; readonly since: CountsSince }
type Request = Parameters<Observer['sample']>[0]
type Arm = 'canary' | 'stable'
const arms: readonly Arm[] = ['canary', 'stable']

/** Samples of several questions each: enough that every connection to a server is busy. */
const samplesAtOnce = 16

export function createObserver(given: ObserverDeps): Observer {
  const deps = { ...given, turns: new Turns(samplesAtOnce), since: new Map() }
  return {
    async sample(request, context) {
      // An answer that comes after the next interval has begun would leave a gap where "no data" belongs.
      const budgetMs = Math.max(100, request.judge.everyMs * 0.8)
      const [samples, checked, weights] = await Promise.all([
        samplesOf(request, context, budgetMs, deps),
        Promise.all(request.checks.map((one) => checkedOf(one, context, budgetMs, deps))),
        Promise.all(request.expected.map((one) => weightOf(one, context, budgetMs, deps))),
      ])
      const { step, stage, from, to } = request
      return { step, stage, from, to, samples: [...samples, ...checked], weights }
    },

    history: (request, context) => readHistory(request, context, deps),

    async trigger(trigger, context) {
      const result = await deps.checks.run(trigger.check, context)
      if (result.outcome === 'passed') return { reading: 'quiet', say: result.say }
      return { reading: result.outcome === 'failed' ? 'firing' : 'blind', say: result.say }
    },

    capture: (capture, at, context) => captureOf(capture, at, context, deps.metrics),
  }
}

/** One question and where its answer goes. A question that cannot be asked is answered already. */
interface Asked {
  readonly metric: string
  readonly arm: Arm
  readonly source: string | null
  readonly question: MetricQuestion | null
  readonly why: string
}

async function samplesOf(
  request: Request,
  context: EffectContext,
  budgetMs: Millis,
  deps: Deps,
): Promise<SampleBatch['samples']> {
  const isCheck = new Set(request.checks.map((check) => check.name))
  const metrics = request.judge.metrics.filter((metric) => !isCheck.has(metric.name))
  const asked = metrics.flatMap((metric) => arms.map((arm) => askedOf(metric, arm, request, context)))
  const bySource = Map.groupBy(asked, (one) => one.source)
  const answers = new Map<Asked, ArmSample>()
  const redaction = deps.vault.redactor(context.state.plan)
  await Promise.all(
    [...bySource].map(async ([source, questions]) => {
      const given = source === null ? [] : await answersOf(source, questions, request, context, budgetMs, deps)
      for (const [i, one] of questions.entries()) answers.set(one, plain(given[i] ?? noData(one.why), redaction.text))
    }),
  )
  const answerOf = (metric: MetricPlan, arm: Arm): ArmSample => {
    const one = asked.find((each) => each.metric === metric.name && each.arm === arm)
    return (one && answers.get(one)) ?? noData('not asked')
  }
  return metrics.map((metric) => ({
    metric: metric.name,
    canary: answerOf(metric, 'canary'),
    stable: answerOf(metric, 'stable'),
  }))
}

function askedOf(metric: MetricPlan, arm: Arm, request: Request, context: EffectContext): Asked {
  const common = { metric: metric.name, arm }
  const refused = (why: string): Asked => ({ ...common, source: null, question: null, why })
  const source = metric.source ?? request.judge.source
  if (source === null) return refused('the metric names no source')
  const variables = variablesOf(context.state)
  const labels = labelsOf(request.judge, arm, variables)
  if (!labels.ok) return refused(labels.why)
  const queries: Record<string, string> = {}
  for (const [name, query] of Object.entries(metric.queries)) {
    const rendered = renderPromql(query, variables, labels.labels)
    if (!rendered.ok) return refused(`${name}: ${rendered.why}`)
    queries[name] = rendered.text
  }
  const { from, to } = request
  const question: MetricQuestion = { kind: metric.kind, queries, arm, labels: labels.labels ?? {}, from, to }
  return { ...common, source, question, why: 'not answered' }
}

async function answersOf(
  name: string,
  asked: readonly Asked[],
  request: Request,
  context: EffectContext,
  budgetMs: Millis,
  deps: Deps,
): Promise<readonly ArmSample[]> {
  const questions = asked.flatMap((one) => one.question ?? [])
  const all = (why: string): readonly ArmSample[] => asked.map(() => noData(why))
  try {
    return await within(budgetMs, context, deps, all(`no answer within ${budgetMs / 1000} s`), async (limited) => {
      const open = deps.metrics.open(name, limited)
      const sample = () => open.source.sample(questions, open.powers)
      const answers = await deps.turns.take(addressOf(open), limited.signal, sample)
      if (answers.length !== questions.length) return all('the source answered another number of questions')
      return answers.map((answer, i) =>
        comparesWithItself(asked[i], asked, open, request) ? noData(sameArms) : answer,
      )
    })
  } catch (error) {
    return all(error instanceof Error ? error.message : String(error))
  }
}

/** Releases that ask one server stand in one line for it. */
function addressOf({ plan }: OpenSource): string {
  const { url } = plan.config
  return typeof url === 'string' ? url : plan.kind
}

const sameArms = 'the query is the same for both arms: put {{arm}} between its braces'

/** A stable arm asked with the very query of the canary is the canary again: nothing could ever be worse than it. */
function comparesWithItself(
  one: Asked | undefined,
  asked: readonly Asked[],
  open: OpenSource,
  request: Request,
): boolean {
  if (one?.arm !== 'stable' || 'canary' in open.plan.config) return false
  const compared = request.judge.metrics.find((metric) => metric.name === one.metric)
  if (compared === undefined || compared.versusStable.length === 0) return false
  const canary = asked.find((other) => other.arm === 'canary' && other.metric === one.metric)
  return JSON.stringify(canary?.question?.queries) === JSON.stringify(one.question?.queries)
}

/** A check is a gauge for whoever judges: 0 passed, 1 failed, and what cannot be told is no data. */
async function checkedOf(
  { name, check }: WatchCheck,
  context: EffectContext,
  budgetMs: Millis,
  deps: ObserverDeps,
): Promise<SampleBatch['samples'][number]> {
  const attempt = `${context.state.id}/${context.attempt}/${name}`
  const errored = (why: string): CheckResult => ({ outcome: 'errored', say: why, evidence: [] })
  const late = errored(`no answer within ${budgetMs / 1000} s`)
  const inTime = { ...check, timeoutMs: Math.min(check.timeoutMs, budgetMs) }
  const { outcome, say } = await within(budgetMs, context, deps, late, (limited) =>
    deps.checks.run(inTime, { ...limited, attempt }),
  ).catch((error: unknown) => errored(error instanceof Error ? error.message : String(error)))
  if (check.kind === 'command') void tidyUp(attempt, deps)
  const known = outcome === 'passed' || outcome === 'failed'
  const canary: ArmSample = known
    ? { kind: 'gauge', value: outcome === 'passed' ? 0 : 1, say }
    : { kind: 'no-data', why: say, say }
  return { metric: name, canary, stable: noData('a check does not look at stable') }
}

/** A command that is late is ended, and what it said has been told. */
async function tidyUp(attempt: string, { launcher }: ObserverDeps): Promise<void> {
  await launcher.cancel(attempt).catch(() => undefined)
  await launcher.forget(attempt).catch(() => undefined)
}

async function weightOf(
  { component, weightPercent }: Request['expected'][number],
  context: EffectContext,
  budgetMs: Millis,
  deps: Deps,
): Promise<SampleBatch['weights'][number]> {
  const redaction = deps.vault.redactor(context.state.plan)
  const late: Reached = { kind: 'cannot-tell', percent: null, say: `no answer within ${budgetMs / 1000} s` }
  const reached = await within(budgetMs, context, deps, late, async (limited) => {
    const id = (): string => `${context.state.id}/${context.attempt}/${component.name}/read`
    const driver = openDriver(component, limited, deps)
    const powers = trafficPowersOf(component, limited, 'read', id, deps)
    const read = await driver.verify(weightPercent, powers)
    if (read.kind !== 'reached') return read
    const { metrics, since, clock } = deps
    const counting = { component, percent: weightPercent, driver, powers, context: limited, metrics, at: clock.now() }
    const split = await servedSplit({ ...counting, since })
    return split === null ? read : { ...read, kind: split.ok ? 'reached' : 'pending', say: `${read.say}; ${split.say}` }
  }).catch(
    (error: unknown): Reached => ({
      kind: 'cannot-tell',
      percent: null,
      say: error instanceof Error ? error.message : String(error),
    }),
  )
  const percent = reached.percent !== null && Number.isFinite(reached.percent) ? reached.percent : null
  return {
    component: component.name,
    percent,
    ok: reached.kind === 'reached',
    say: redaction.text(`${component.name}: ${reached.say}`),
  }
}
