/** Keeps the metric sources of releases open: some remember counters between two readings. */
import { digestOf } from '../core/log/canonical.ts'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { SourcePlan } from '../core/plan/plan.ts'
import type { CheckPowers } from '../core/ports/check.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { DatabaseRows, MetricPowers, MetricSource, MetricSourceDefinition } from '../core/ports/metrics.ts'
import { variablesOf } from '../core/release/values.ts'
import type { Millis } from '../core/units.ts'
import type { Outbound } from './outbound.ts'
import { allowanceOf, keptApart, type MetricReader, outboundFor, type SeriesReader, sourceOf } from './powers.ts'
import type { SecretVault } from './secret-vault.ts'

export interface MetricSourcesDeps {
  readonly clock: Clock
  readonly outbound: Outbound
  readonly vault: SecretVault
  readonly sources: ReadonlyMap<string, MetricSourceDefinition<never>>
  /** How a declared database is asked; absent = none can be. */
  readonly database?: DatabaseReader
  /** Checklists are kept apart from this process: a database that is a file is not opened for them. */
  readonly isApart?: boolean
}

/** `on` = name of the source. Throws a sentence. */
export type DatabaseReader = (
  given: { readonly on: string; readonly query: string },
  source: SourcePlan,
  powers: {
    readonly http: CheckPowers['http']
    readonly place: CheckPowers['place']
    readonly signal: AbortSignal
    readonly variables: Readonly<Record<string, string>>
    readonly root: string
    readonly timeoutMs: Millis
  },
) => Promise<DatabaseRows>

export interface OpenSource {
  readonly source: MetricSource
  readonly plan: SourcePlan
  readonly powers: MetricPowers
}

export interface MetricSources {
  /** The declared source with this name; one for the whole release, so that its counters go on from step to step. Throws a sentence. */
  open(name: string, context: EffectContext): OpenSource
  readonly metric: MetricReader
  /** A number at each of these instants, which stand at equal distances; only of sources that keep a past. Never throws. */
  readonly series: SeriesReader
}

/** More than any engine attends at once; what falls out begins again with a first reading. */
const mostOpen = 500

export function createMetricSources(deps: MetricSourcesDeps): MetricSources {
  const kept = new Map<string, MetricSource>()

  const open = (name: string, context: EffectContext): OpenSource => {
    const { state, signal } = context
    const plan = sourceOf(state.plan, name, variablesOf(state), deps.vault)
    const definition = deps.sources.get(plan.kind)
    if (!definition) throw new Error(`${name} is a source of the kind ${plan.kind}, which holds no metrics`)
    const key = digestOf([state.id, name, plan])
    const source = kept.get(key) ?? openNew(definition, plan, name)
    kept.delete(key)
    kept.set(key, source)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostOpen) break
      kept.delete(oldest)
    }
    // As they are written: what comes out of a value is not trusted as the document is.
    const written = state.plan.sources[name]?.config ?? {}
    const http = outboundFor(state, deps, definition.addresses?.(written))
    return { source, plan, powers: { signal, clock: deps.clock, http, ...databaseOf(http, context, deps) } }
  }

  return {
    open,
    async series(name, query, instants, context) {
      const redaction = deps.vault.redactor(context.state.plan)
      try {
        const { source, plan, powers } = open(name, context)
        if (!source.history) return { noData: `${name} is a ${plan.kind} source, which keeps no past` }
        const [first = 0, second = first + 60_000] = instants
        const everyMs = second - first
        const span = { from: first - everyMs, to: instants.at(-1) ?? first, everyMs }
        const question = { kind: 'gauge', queries: { query }, arm: 'canary', labels: {}, ...span } as const
        const [samples = []] = await source.history([question], powers)
        const none = samples.find((sample) => sample.kind === 'no-data')
        const points = instants.map((at, index) => ({ at, value: valueAt(samples[index]) }))
        if (none?.kind === 'no-data' && points.every(({ value }) => value === null))
          return { noData: redaction.text(none.why) }
        return { points }
      } catch (error) {
        return { noData: redaction.text(error instanceof Error ? error.message : String(error)) }
      }
    },
    async metric(name, query, at, context) {
      const redaction = deps.vault.redactor(context.state.plan)
      try {
        const { source, powers } = open(name, context)
        const answer = await source.value(query, at, powers)
        if ('noData' in answer) return { noData: redaction.text(answer.noData) }
        return Number.isFinite(answer.value) ? answer : { noData: 'the answer is no finite number' }
      } catch (error) {
        return { noData: redaction.text(error instanceof Error ? error.message : String(error)) }
      }
    },
  }
}

function databaseOf(
  http: CheckPowers['http'],
  { state }: EffectContext,
  deps: MetricSourcesDeps,
): Pick<MetricPowers, 'database'> {
  const { database: ask } = deps
  if (ask === undefined) return {}
  const root = state.workspace.root
  const place: CheckPowers['place'] = (address) => deps.outbound.place(address, allowanceOf(state, deps.vault))
  return {
    database: async (name, query, variables, bounds) => {
      const source = keptApart(name, sourceOf(state.plan, name, variablesOf(state), deps.vault), deps)
      return ask({ on: name, query }, source, { http, place, variables, root, ...bounds })
    },
  }
}

function valueAt(sample: ArmSample | undefined): number | null {
  return sample?.kind === 'gauge' && Number.isFinite(sample.value) ? sample.value : null
}

function openNew(definition: MetricSourceDefinition<never>, plan: SourcePlan, name: string): MetricSource {
  const config = definition.config.safeParse(plan.config)
  if (!config.success)
    throw new Error(`source ${name}: ${config.error.issues[0]?.message ?? 'its settings are not accepted'}`)
  return definition.open(config.data)
}
