/** The metrics of a judge: what is asked of a source, and the limits that its answers are held to. */
import type { Compiling } from '../draft.ts'
import { parseLimits, parseRelativeLimits, type ParsedLimit } from '../limit.ts'
import type { Limit, MetricLimits, MetricPlan, RelativeLimit, StageLimits } from '../plan.ts'
import { parseChance } from '../quantity.ts'
import { nearest } from '../nearest.ts'
import { Settings } from '../settings.ts'
import type { Entry } from '../yaml.ts'
import { addTemplate, checkEnvironment, checkMetricSource, positive } from './common.ts'
import { checkGoDistance, checkMetric, example, refuseShareSettings, writtenIn } from './metric-checks.ts'
import { checkQuery } from './queries.ts'

/** Fewer samples than this decide nothing: doubt keeps the gate shut. */
const standardSamples: Readonly<Record<MetricPlan['kind'], number>> = { ratio: 30, histogram: 30, gauge: 1, events: 1 }
const standardWindowMs = 5 * 60_000

export function readSource(settings: Settings, compiling: Compiling): string | null {
  const place = settings.placeOf('source')
  const source = settings.text('source')
  if (source !== null) checkMetricSource(source, place, compiling)
  return source
}

export function readMetrics(
  settings: Settings,
  source: string | null,
  compiling: Compiling,
): readonly MetricPlan[] | null {
  const group = settings.group('metrics')
  return group && group.members().flatMap(([name, entry]) => readMetric(name, entry, source, group, compiling))
}

const baselineExample = 'errors: { …, versus-baseline: "+20%", baseline: error-rate }'

/** The baseline of the metric's own name unless it names another. */
function readVersusBaseline(
  name: string,
  settings: Settings,
  compiling: Compiling,
): Pick<MetricPlan, 'versusBaseline'> {
  const place = settings.placeOf(settings.has('baseline') ? 'baseline' : 'versus-baseline')
  const named = settings.text('baseline')
  const limits = settings.parse('versus-baseline', parseRelativeLimits, 'bad-limit')
  if (limits === null) {
    if (named !== null) settings.missing('versus-baseline', 'how far from it is too far', baselineExample)
    return {}
  }
  const baseline = (named ?? name).replaceAll('-', '_')
  if (!compiling.values.has(`baseline.${baseline}`)) {
    const known = [...compiling.values.keys()].filter((one) => one.startsWith('baseline.'))
    settings.error('unknown-metric', place, {
      found: `the baseline "${named ?? name}", which nothing before it captures`,
      expected:
        known.length === 0 ? 'a "yaml baseline" block in a step before it' : nearest(`baseline.${baseline}`, known),
      example: baselineExample,
    })
    return {}
  }
  // Whatever is judged by it comes after the step that captures it.
  addTemplate(`{{ baseline.${baseline} }}`, place, 'query', compiling)
  return { versusBaseline: { baseline, limits } }
}

const byEnvironmentExample = 'environments: { staging: { go: "< 5%", rollback: "> 10%" } }'

/** What one environment says of a limit stands instead of what is said for all. */
function readByEnvironment(settings: Settings, compiling: Compiling): Pick<MetricPlan, 'inEnvironment'> {
  const group = settings.group('environments')
  if (group === null) return {}
  const own = group.members().flatMap(([name, entry]) => {
    checkEnvironment(name, entry.place, compiling)
    if (entry.value.kind !== 'map') {
      group.error('bad-value', entry.value.place, {
        found: `limits for "${name}" that are no mapping`,
        expected: 'go, rollback or versus-stable',
        example: byEnvironmentExample,
      })
      return []
    }
    const inner = group.inside(name, entry.value)
    const { limits } = readLimits(inner)
    inner.finish(byEnvironmentExample)
    const { go, rollback, versusStable, goVersusStable = [] } = limits
    const given: Partial<MetricLimits> = {
      ...(go.length > 0 && { go }),
      ...(rollback.length > 0 && { rollback }),
      ...(versusStable.length > 0 && { versusStable }),
      ...(goVersusStable.length > 0 && { goVersusStable }),
    }
    return [[name, given] as const]
  })
  return { inEnvironment: Object.fromEntries(own) }
}

const queryNames: Readonly<
  Record<MetricPlan['kind'], { readonly needed: readonly string[]; readonly allowed: readonly string[] }>
> = {
  ratio: { needed: ['bad', 'total'], allowed: [] },
  histogram: { needed: ['buckets'], allowed: [] },
  gauge: { needed: ['query'], allowed: [] },
  events: { needed: ['count'], allowed: ['total'] },
}

function readMetric(
  name: string,
  entry: Entry,
  source: string | null,
  from: Settings,
  compiling: Compiling,
): readonly MetricPlan[] {
  if (entry.value.kind !== 'map') {
    from.error('bad-value', entry.value.place, {
      found: `the metric "${name}" without settings`,
      expected: 'a mapping with its kind, its queries and its limits',
      example,
    })
    return []
  }
  const settings = new Settings(`the metric "${name}"`, entry.place, entry.value.entries, from.problems)
  const wanted = settings.has('kind')
  const kind = settings.choice('kind', ['ratio', 'histogram', 'gauge', 'events'])
  if (kind === null) {
    if (!wanted) settings.missing('kind', 'kind: ratio, histogram, gauge or events', example)
    return []
  }
  const own = readSource(settings, compiling)
  if (own === null && source === null) {
    settings.error('unknown-source', settings.place, {
      found: `the metric "${name}" without a source`,
      expected: '"source" of the metric or of the judge',
      example: 'judge: { source: prom, metrics: { … } }',
    })
  }
  const queries = readQueries(settings, kind, own ?? source, compiling)
  const written = writtenIn(settings)
  const hasLimits = ['go', 'rollback', 'versus-stable', 'go-versus-stable', 'versus-baseline', 'environments'].some(
    (limit) => settings.has(limit),
  )
  const limits = readLimits(settings)
  const metric: MetricPlan = {
    name,
    kind,
    source: own,
    queries,
    ...limits.limits,
    ...readVersusBaseline(name, settings, compiling),
    ...readByEnvironment(settings, compiling),
    forMs: settings.duration('for') ?? 0,
    minSamples: settings.whole('min-samples', 1, 1_000_000_000) ?? standardSamples[kind],
    windowMs: positive(settings, 'window') ?? standardWindowMs,
    unit: unitOf(kind, queries, limits.units),
    dryRun: settings.flag('dry-run'),
    worse: settings.choice('worse', ['higher', 'lower']) ?? (kind === 'events' ? 'lower' : 'higher'),
    ...(kind === 'ratio' && {
      floor: settings.parse('floor', parseChance),
      outage: settings.parse('outage', parseChance),
    }),
  }
  if (kind !== 'ratio') refuseShareSettings(metric, written, settings)
  settings.finish(example)
  if (hasLimits) checkMetric(metric, limits.units, written, settings)
  else
    settings.error('bad-limit', settings.place, {
      found: `the metric "${name}" without a limit`,
      expected: 'go, rollback, versus-stable, go-versus-stable or versus-baseline',
      example,
    })
  return [metric]
}

function readQueries(
  settings: Settings,
  kind: MetricPlan['kind'],
  source: string | null,
  compiling: Compiling,
): Readonly<Record<string, string>> {
  const { needed, allowed } = queryNames[kind]
  const queries: Record<string, string> = {}
  for (const name of [...needed, ...allowed]) {
    const place = settings.placeOf(name)
    const query = settings.text(name)
    if (query !== null) {
      queries[name] = query
      addTemplate(query, place, 'query', compiling)
      checkQuery({ kind, name, text: query, place }, source, compiling)
    } else if (needed.includes(name)) settings.missing(name, `"${name}": the query of a ${kind}`, example)
  }
  return queries
}

interface ReadLimits {
  readonly limits: MetricLimits
  readonly units: readonly ParsedLimit['unit'][]
}

function readLimits(settings: Settings): ReadLimits {
  const go = settings.parse('go', parseLimits, 'bad-limit') ?? []
  const rollback = settings.parse('rollback', parseLimits, 'bad-limit') ?? []
  const versusStable = settings.parse('versus-stable', parseRelativeLimits, 'bad-limit') ?? []
  const goVersusStable = settings.parse('go-versus-stable', parseRelativeLimits, 'bad-limit') ?? []
  const plain = (limits: readonly ParsedLimit[]): readonly Limit[] => limits.map((each) => each.limit)
  return {
    limits: { go: plain(go), rollback: plain(rollback), versusStable, goVersusStable },
    units: [...go, ...rollback].map((each) => each.unit),
  }
}

function unitOf(
  kind: MetricPlan['kind'],
  queries: Readonly<Record<string, string>>,
  units: readonly ParsedLimit['unit'][],
): MetricPlan['unit'] {
  if (kind === 'ratio') return 'ratio'
  const first = units[0]
  if (first !== undefined) return first
  if (kind === 'histogram') return 'seconds'
  return kind === 'events' && queries['total'] !== undefined ? 'ratio' : 'plain'
}

/** Limits that one stage lays over the rollout's own: `{ errors: { rollback: "> 1.5%" } }`. */
export function readOverrides(
  settings: Settings | null,
  metrics: readonly MetricPlan[],
  compiling: Compiling,
): Readonly<Record<string, StageLimits>> {
  const overrides: Record<string, StageLimits> = {}
  for (const [name, entry] of settings?.members() ?? []) {
    const metric = metrics.find((each) => each.name === name)
    if (!metric || entry.value.kind !== 'map' || !settings) {
      settings?.error('unknown-metric', entry.place, {
        found: `limits for the unknown metric "${name}"`,
        expected: `one of: ${metrics.map((each) => each.name).join(', ') || 'no metric is declared'}`,
        example: 'judge: { errors: { rollback: "> 1.5%" } }',
      })
      continue
    }
    const own = settings.inside(name, entry.value)
    const place = own.placeOf('go-versus-stable')
    const { limits } = readLimits(own)
    const distance = readVersusBaseline(metric.versusBaseline?.baseline ?? name, own, compiling)
    checkGoDistance(limits.goVersusStable ?? [], metric, place, settings)
    own.finish('judge: { errors: { rollback: "> 1.5%" } }')
    overrides[name] = { ...overrideOf(metric, limits), ...distance }
  }
  return overrides
}

/** Only what the stage says. A distance without a quantile is meant for the quantiles the metric already has. */
function overrideOf(metric: MetricPlan, limits: MetricLimits): Partial<MetricLimits> {
  const versusStable = limits.versusStable.flatMap((limit) => withQuantiles(limit, metric))
  const goVersusStable = (limits.goVersusStable ?? []).flatMap((limit) => withQuantiles(limit, metric))
  return {
    ...(limits.go.length > 0 && { go: limits.go }),
    ...(limits.rollback.length > 0 && { rollback: limits.rollback }),
    ...(versusStable.length > 0 && { versusStable }),
    ...(goVersusStable.length > 0 && { goVersusStable }),
  }
}

function withQuantiles(limit: RelativeLimit, metric: MetricPlan): readonly RelativeLimit[] {
  if (limit.quantile !== null || metric.kind !== 'histogram') return [limit]
  const quantiles = new Set(
    [...metric.versusStable, ...(metric.versusStable.length === 0 ? metric.go : [])].map((each) => each.quantile),
  )
  return [...quantiles].map((quantile) => ({ ...limit, quantile }))
}
