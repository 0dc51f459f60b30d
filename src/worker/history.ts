/** Reads how two parts of stable differed from one another before a rollout. What cannot be read is said, never guessed. */
import { type Split, splitMatchers, splitMembers } from '../core/judge/split.ts'
import type { ArmSample, SampleBatch } from '../core/judge/verdict.ts'
import type { MetricPlan } from '../core/plan/plan.ts'
import { renderPromql } from '../core/plan/promql-template.ts'
import type { EffectContext, HistoryRequest } from '../core/ports/engine.ts'
import type { HistoryQuestion, MetricSource } from '../core/ports/metrics.ts'
import { variablesOf } from '../core/release/values.ts'
import type { Instant, Millis } from '../core/units.ts'
import { labelsOf } from './arm-labels.ts'
import type { ObserverDeps } from './observer.ts'
import type { OpenSource } from './metric-sources.ts'
import { noData, plain } from './plain-sample.ts'
import { within } from './within.ts'

type HistoryDeps = Pick<ObserverDeps, 'clock' | 'metrics' | 'vault'>
type Arm = 'canary' | 'stable'

/** Both arms of one metric, interval by interval; or why there is nothing. */
type Past =
  | { readonly kind: 'past'; readonly canary: readonly ArmSample[]; readonly stable: readonly ArmSample[] }
  | { readonly kind: 'none'; readonly why: string }

export async function readHistory(
  request: HistoryRequest,
  context: EffectContext,
  deps: HistoryDeps,
): Promise<readonly SampleBatch[]> {
  // A gauge counts nothing: how much two halves of it differ says nothing about chance.
  const metrics = request.judge.metrics.filter(({ kind }) => kind !== 'gauge')
  const redaction = deps.vault.redactor(context.state.plan)
  const pasts = await Promise.all(
    metrics.map(async (metric) => {
      const past = await pastInTime(metric, request, context, deps)
      return { metric: metric.name, past: redacted(past, redaction.text) }
    }),
  )
  return pasts.length === 0 ? [] : batchesOf(pasts, request)
}

function pastInTime(
  metric: MetricPlan,
  request: HistoryRequest,
  context: EffectContext,
  deps: HistoryDeps,
): Promise<Past> {
  const { budgetMs } = request
  return within(budgetMs, context, deps, none(`no answer within ${budgetMs / 1000} s`), (limited) =>
    pastOf(metric, request, limited, deps),
  ).catch((error: unknown) => none(error instanceof Error ? error.message : String(error)))
}

async function pastOf(
  metric: MetricPlan,
  request: HistoryRequest,
  context: EffectContext,
  deps: HistoryDeps,
): Promise<Past> {
  const name = metric.source ?? request.judge.source
  if (name === null) return none('the metric names no source')
  const open = deps.metrics.open(name, context)
  if (!open.source.history || !open.source.members) return none(`a ${open.plan.kind} source keeps no past`)
  const labels = labelsOf(request.judge, 'stable', variablesOf(context.state))
  if (!labels.ok) return none(labels.why)
  if (labels.labels === null) return none('the judge names no arms')
  const stable: Asking = { metric, labels: labels.labels, context }
  const split = await splitOf(stable, request, open)
  if ('why' in split) return none(split.why)
  request.onSplit?.(split.split)
  return countsOf(stable, split.split, request, open)
}

interface Asking {
  readonly metric: MetricPlan
  readonly labels: Readonly<Record<string, string>>
  readonly context: EffectContext
}

async function splitOf(
  asking: Asking,
  { splitBy, weightPercent, seed, endsAt, forMs }: HistoryRequest,
  { source, powers }: OpenSource,
): Promise<{ readonly split: Split } | { readonly why: string }> {
  const queries = queriesFor(asking, '')
  if ('why' in queries) return queries
  const lookMs = Math.min(forMs, Math.max(forMs / 10, shortestLookMs))
  const common = { queries: queries.queries, labels: asking.labels, label: splitBy }
  const [early, late] = await Promise.all(
    [endsAt - forMs + lookMs, endsAt].map((to) => membersAt(source, { ...common, from: to - lookMs, to }, powers)),
  )
  if (early === undefined || late === undefined) return { why: 'not asked' }
  if ('noData' in early) return { why: early.noData }
  if ('noData' in late) return { why: late.noData }
  // Who was there all the time can be compared all the time; a version younger than that has nobody who was.
  const staying = late.members.filter((member) => early.members.includes(member))
  const drawn = splitMembers(staying.length > 1 ? staying : late.members, splitBy, weightPercent, seed)
  return drawn.ok ? { split: drawn.split } : { why: drawn.why }
}

/** Long enough to meet a scrape, however seldom. */
const shortestLookMs: Millis = 120_000

type Members = Awaited<ReturnType<NonNullable<MetricSource['members']>>>

async function membersAt(
  source: MetricSource,
  question: Parameters<NonNullable<MetricSource['members']>>[0],
  powers: OpenSource['powers'],
): Promise<Members> {
  return (await source.members?.(question, powers)) ?? { noData: 'not answered' }
}

async function countsOf(
  asking: Asking,
  split: Split,
  request: HistoryRequest,
  { source, powers }: OpenSource,
): Promise<Past> {
  const questions: HistoryQuestion[] = []
  for (const arm of ['canary', 'stable'] as const) {
    const queries = queriesFor(asking, splitMatchers(split, arm))
    if ('why' in queries) return none(queries.why)
    questions.push(questionOf(asking, arm, queries.queries, split, request))
  }
  const [canary, stable, ...more] = (await source.history?.(questions, powers)) ?? []
  const wanted = intervalsOf(request).length
  if (canary?.length !== wanted || stable?.length !== wanted || more.length > 0)
    return none('the source answered another number of intervals')
  return pastFrom(canary, stable)
}

function questionOf(
  { metric, labels }: Asking,
  arm: Arm,
  queries: Readonly<Record<string, string>>,
  split: Split,
  request: HistoryRequest,
): HistoryQuestion {
  const { everyMs } = request.judge
  const to = request.endsAt
  const from = to - intervalsOf(request).length * everyMs
  // The split is a matcher of the arm as any other label of it.
  return { kind: metric.kind, queries, arm, labels: { ...labels, [split.label]: '' }, from, to, everyMs }
}

/** An interval counts only where both sides have numbers; without a single one there is no past. */
function pastFrom(canary: readonly ArmSample[], stable: readonly ArmSample[]): Past {
  if (canary.some((sample, i) => sample.kind !== 'no-data' && stable[i]?.kind !== 'no-data'))
    return { kind: 'past', canary, stable }
  const why = [...canary, ...stable].findLast((sample) => sample.kind === 'no-data')?.why
  return none(why ?? 'nothing was asked')
}

function queriesFor(
  { metric, labels, context }: Asking,
  matchers: string,
): { readonly queries: Readonly<Record<string, string>> } | { readonly why: string } {
  const queries: Record<string, string> = {}
  for (const [name, query] of Object.entries(metric.queries)) {
    if (!/\{\{\s*arm\s*\}\}/.test(query))
      return { why: `${name}: the query is the same for both arms: it has no {{arm}}` }
    const rendered = renderPromql(query, variablesOf(context.state), labels, matchers)
    if (!rendered.ok) return { why: `${name}: ${rendered.why}` }
    queries[name] = rendered.text
  }
  return { queries }
}

/** Ends of the intervals, oldest first. */
function intervalsOf({ judge, endsAt, forMs }: HistoryRequest): readonly Instant[] {
  const count = Math.max(1, Math.floor(forMs / judge.everyMs))
  return Array.from({ length: count }, (_, i) => endsAt - (count - 1 - i) * judge.everyMs)
}

function batchesOf(
  pasts: readonly { readonly metric: string; readonly past: Past }[],
  request: HistoryRequest,
): readonly SampleBatch[] {
  const { step, stage, judge, endsAt } = request
  return intervalsOf(request).flatMap((to, i): readonly SampleBatch[] => {
    const samples = pasts.flatMap(({ metric, past }): SampleBatch['samples'] => {
      if (past.kind === 'none') return to === endsAt ? [bothWithout(metric, past.why)] : []
      const [canary, stable] = [past.canary[i] ?? noData('not answered'), past.stable[i] ?? noData('not answered')]
      return canary.kind === 'no-data' || stable.kind === 'no-data' ? [] : [{ metric, canary, stable }]
    })
    return samples.length === 0
      ? []
      : [{ step, stage, history: true, from: to - judge.everyMs, to, samples, weights: [] }]
  })
}

function bothWithout(metric: string, why: string): SampleBatch['samples'][number] {
  return { metric, canary: noData(why), stable: noData(why) }
}

function redacted(past: Past, redact: (text: string) => string): Past {
  if (past.kind === 'none') return none(redact(past.why))
  const all = (samples: readonly ArmSample[]): readonly ArmSample[] => samples.map((sample) => plain(sample, redact))
  return { kind: 'past', canary: all(past.canary), stable: all(past.stable) }
}

function none(why: string): Past {
  return { kind: 'none', why }
}
