/** Counts what was really served of a component since its weight was first read back: by its balancer, a command, or a metric source. */
import type { ComponentPlan } from '../core/plan/plan.ts'
import { renderPromql } from '../core/plan/promql-template.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { TrafficDriver, TrafficPowers } from '../core/ports/traffic.ts'
import { asSeenBy } from '../core/release/serving.ts'
import { variablesOf } from '../core/release/values.ts'
import { beganAnew, type Served, type Split, splitOf } from '../core/traffic/served-split.ts'
import type { Instant, WeightPercent } from '../core/units.ts'
import type { MetricSources } from './metric-sources.ts'

/** What was counted when a weight began, by release and component. An engine that begins anew counts from its first look. */
export type CountsSince = Map<string, { readonly percent: WeightPercent; readonly served: Served }>

const mostKept = 1000
const commandTimeoutMs = 10_000

interface Counting {
  readonly component: ComponentPlan
  readonly percent: WeightPercent
  readonly driver: TrafficDriver
  readonly powers: TrafficPowers
  readonly context: EffectContext
  readonly metrics: MetricSources
  readonly at: Instant
  readonly since: CountsSince
}

/** null = nobody counts here. What cannot be counted where somebody wants it counted is not ok. */
export async function servedSplit(counting: Counting): Promise<Split | null> {
  const { component, percent, context, since } = counting
  const counted = await countsOf(counting)
  if (counted === null) return null
  if ('noData' in counted) return { ok: false, say: `what was served cannot be counted: ${counted.noData}` }
  const key = JSON.stringify([context.state.id, component.name])
  const before = since.get(key)
  if (before?.percent !== percent || beganAnew(before.served, counted)) {
    since.delete(key)
    since.set(key, { percent, served: counted })
    if (since.size > mostKept) since.delete(since.keys().next().value ?? '')
    return { ok: true, say: 'counting begins' }
  }
  return splitOf(before.served, counted, percent)
}

type Counted = Served | { readonly noData: string }

async function countsOf(counting: Counting): Promise<Counted | null> {
  const { component, driver, powers } = counting
  const { counts } = component
  if (counts === undefined) return driver.counts === undefined ? null : driver.counts(powers)
  return 'command' in counts ? byCommand(counts.command, powers) : byMetric(counts, counting)
}

/** Its last line: what the canary served, and what stable did. */
async function byCommand(script: string, powers: TrafficPowers): Promise<Counted> {
  const result = await powers.command({ shell: 'bash', script, timeoutMs: commandTimeoutMs, env: {}, cwd: null })
  if (result.ended !== 'exit' || result.exitCode !== 0)
    return { noData: `"counts" ended with ${result.exitCode ?? result.ended}` }
  const line = Buffer.from(result.stdout).toString('utf8').trim().split('\n').at(-1) ?? ''
  const found = /^(\d{1,15})\s+(\d{1,15})$/.exec(line.trim())
  if (!found) return { noData: `"${line.slice(0, 60)}" is not two numbers, such as 120 2280` }
  return { canary: Number(found[1]), stable: Number(found[2]) }
}

async function byMetric(
  counts: Exclude<NonNullable<ComponentPlan['counts']>, { readonly command: string }>,
  { component, context, metrics, at }: Counting,
): Promise<Counted> {
  const variables = variablesOf(asSeenBy(context.state, component.name))
  const read = async (query: string): Promise<number | { readonly noData: string }> => {
    const rendered = renderPromql(query, variables)
    if (!rendered.ok) return { noData: rendered.why }
    const answer = await metrics.metric(counts.source, rendered.text, at, context)
    return 'noData' in answer ? answer : answer.value
  }
  const [canary, stable] = await Promise.all([read(counts.canary), read(counts.stable)])
  // A version that has served nothing yet has no series: the other one says whether there is a counter at all.
  if (typeof stable !== 'number') return stable
  return { canary: typeof canary === 'number' ? canary : 0, stable }
}
