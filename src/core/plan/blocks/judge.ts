/** The judge of a rollout or a watch: what it looks at, how often, and what doubt means. */
import type { Compiling } from '../draft.ts'
import { parseLimits, parseRelativeLimits, type ParsedLimit } from '../limit.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import type { JudgePlan, JudgePolicy, Limit, MetricLimits, MetricPlan, RelativeLimit } from '../plan.ts'
import { parseChance } from '../quantity.ts'
import { Settings } from '../settings.ts'
import { jsonOf, type Entry, type FilePlace } from '../yaml.ts'
import { addTemplate, checkRole, checkSource } from './common.ts'
import { metricSources } from './fields.ts'
import { checkQuery } from './queries.ts'

const minute = 60_000
const example = 'errors: { kind: ratio, bad: "…", total: "…", go: "< 1%", rollback: "> 2%" }'

/** What holds when a document says nothing. Fewer samples than this decide nothing: doubt keeps the gate shut. */
const standard: JudgePlan = {
  policy: 'statistical',
  everyMs: 30_000,
  warmUpMs: 0,
  falseAlarm: 0.01,
  falseGo: 0.05,
  history: { forMs: 60 * minute, splitBy: 'instance' },
  allowedFailures: null,
  sharedBreach: 'hold',
  source: null,
  arms: null,
  metrics: [],
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the plan, never awaited
  noData: { holdMs: 15 * minute, then: 'rollback' },
  grey: { ask: null, withinMs: 30 * minute, otherwise: 'rollback' },
  deadlineFactor: 3,
}
const standardSamples: Readonly<Record<MetricPlan['kind'], number>> = { ratio: 30, histogram: 30, gauge: 1, events: 1 }
const standardWindowMs = 5 * minute

/** `null` settings: the judge above, or the standard one. */
export function readJudge(settings: Settings | null, above: JudgePlan | null, compiling: Compiling): JudgePlan {
  const base = above ?? standard
  if (!settings) return { ...base, source: base.source ?? onlySource(compiling) }
  const sourcePlace = settings.placeOf('source')
  const source = readSource(settings, compiling) ?? base.source ?? onlySource(compiling)
  const policy = settings.choice('policy', ['statistical', 'threshold', 'mann-whitney']) ?? base.policy
  const judge: JudgePlan = {
    ...(policy !== undefined && { policy }),
    everyMs: positive(settings, 'every') ?? base.everyMs,
    warmUpMs: settings.duration('warm-up') ?? base.warmUpMs,
    falseAlarm: settings.parse('false-alarm', parseChance) ?? base.falseAlarm,
    falseGo: settings.parse('false-go', parseChance) ?? base.falseGo ?? 0.05,
    history: readHistory(settings, base),
    allowedFailures: readAllowedFailures(settings, policy) ?? base.allowedFailures ?? null,
    sharedBreach: settings.choice('shared-breach', ['hold', 'rollback']) ?? base.sharedBreach ?? 'hold',
    source,
    arms: readArms(settings, compiling) ?? base.arms,
    metrics: readMetrics(settings, source, compiling) ?? base.metrics,
    noData: readNoData(settings) ?? base.noData,
    grey: readGrey(settings, compiling) ?? base.grey,
    deadlineFactor: settings.parse('deadline', parseFactor) ?? base.deadlineFactor,
  }
  settings.finish('judge: { every: 30s, metrics: { … } }')
  if (source !== base.source && judge.metrics === base.metrics)
    checkInherited(judge.metrics, source, sourcePlace, compiling)
  return judge
}

/** The numbers of the judge above, asked of another source. */
function checkInherited(
  metrics: readonly MetricPlan[],
  source: string | null,
  place: FilePlace,
  compiling: Compiling,
): void {
  for (const { kind, source: own, queries } of metrics) {
    if (own !== null) continue
    for (const [name, text] of Object.entries(queries)) checkQuery({ kind, name, text, place }, source, compiling)
  }
}

function onlySource(compiling: Compiling): string | null {
  const known = metricSources(compiling)
  return known.length === 1 ? (known[0] ?? null) : null
}

function readSource(settings: Settings, compiling: Compiling): string | null {
  const place = settings.placeOf('source')
  const source = settings.text('source')
  if (source !== null) checkSource(source, place, compiling)
  return source
}

export function positive(settings: Settings, name: string): number | null {
  const place = settings.placeOf(name)
  const ms = settings.duration(name)
  if (ms !== 0) return ms
  settings.error('bad-value', place, {
    found: `0 for "${name}" in ${settings.what}`,
    expected: 'a duration above 0',
    example: `${name}: 30s`,
  })
  return null
}

/** `3x`: so many times the soak. */
export function parseFactor(text: string): Parsed<number> {
  const match = /^(\d{1,3}(?:\.\d+)?)x$/.exec(text.trim())
  const factor = Number(match?.[1])
  return match && factor >= 1 ? parsed(factor) : unparsed('a multiple of the soak, at least 1x', '3x')
}

function readArms(settings: Settings, compiling: Compiling): JudgePlan['arms'] {
  const arms = settings.group('arms')
  if (!arms) return null
  const read = (name: 'canary' | 'stable'): Readonly<Record<string, string>> => {
    const labels = arms.group(name)
    if (!labels)
      return arms.has(name)
        ? {}
        : (arms.missing(
            name,
            `${name}: its labels`,
            'arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }',
          ) ?? {})
    return Object.fromEntries(
      labels.members().map(([label, entry]) => [label, labelText(label, entry, labels, compiling)]),
    )
  }
  const both = { canary: read('canary'), stable: read('stable') }
  arms.finish('arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }')
  return both
}

function labelText(label: string, entry: Entry, settings: Settings, compiling: Compiling): string {
  if (entry.value.kind === 'scalar' && entry.value.text !== '') {
    addTemplate(entry.value.text, entry.value.place, 'query', compiling)
    return entry.value.text
  }
  settings.error('bad-value', entry.value.place, {
    found: `${JSON.stringify(jsonOf(entry.value))} for the label "${label}"`,
    expected: 'a text in quotes',
    example: 'version: "{{version}}"',
  })
  return ''
}

const historyExample = 'history: { for: 1h, split-by: pod }'

/** `1h`, `none`, or both settings in a group. */
function readHistory(settings: Settings, base: JudgePlan): NonNullable<JudgePlan['history']> | null {
  const before = base.history ?? null
  const given = settings.peek('history')
  if (given === null) return before
  const place = settings.placeOf('history')
  if (given.value.kind === 'scalar' && given.value.text === 'none') {
    settings.take('history')
    return null
  }
  const usual = { forMs: 60 * minute, splitBy: 'instance' }
  const group = given.value.kind === 'map' ? settings.group('history') : null
  const read = {
    forMs: (group === null ? settings.duration('history') : group.duration('for')) ?? usual.forMs,
    splitBy: group?.text('split-by') ?? usual.splitBy,
  }
  group?.finish(historyExample)
  if (read.forMs >= 5 * minute && read.forMs <= 7 * 24 * 60 * minute) return read
  settings.error('bad-value', place, {
    found: `a history of ${read.forMs / 1000} s`,
    expected: '5 minutes to 7 days, or none',
    example: historyExample,
  })
  return before
}

const failuresExample = 'allowed-failures: { consecutive: 2, total: 5 }'

function readAllowedFailures(settings: Settings, policy: JudgePolicy | undefined): JudgePlan['allowedFailures'] {
  const place = settings.placeOf('allowed-failures')
  const group = settings.group('allowed-failures')
  if (group === null) return null
  const consecutive = group.whole('consecutive', 0, 10_000)
  const total = group.whole('total', 0, 10_000)
  group.finish(failuresExample)
  if (policy !== 'threshold')
    settings.error('bad-value', place, {
      found: `"allowed-failures" beside policy: ${policy ?? 'statistical'}`,
      expected: 'policy: threshold; the statistical judge states its chance of a false alarm instead',
      example: `policy: threshold\n${failuresExample}`,
    })
  return { consecutive: consecutive ?? 0, total: total ?? consecutive ?? 0 }
}

function readNoData(settings: Settings): JudgePlan['noData'] | null {
  const group = settings.group('no-data')
  if (!group) return null
  const noData = {
    holdMs: group.duration('hold') ?? standard.noData.holdMs,
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the plan, never awaited
    then: group.choice('then', ['rollback', 'ask']) ?? standard.noData.then,
  }
  group.finish('no-data: { hold: 15m, then: rollback }')
  return noData
}

function readGrey(settings: Settings, compiling: Compiling): JudgePlan['grey'] | null {
  const group = settings.group('grey')
  if (!group) return null
  const place = group.placeOf('ask')
  const ask = group.text('ask')
  if (ask !== null) checkRole(ask, place, compiling)
  const grey = {
    ask,
    withinMs: group.duration('within') ?? standard.grey.withinMs,
    otherwise: group.choice('otherwise', ['rollback', 'hold']) ?? standard.grey.otherwise,
  }
  group.finish('grey: { ask: release-engineer, within: 30m, otherwise: rollback }')
  return grey
}

function readMetrics(settings: Settings, source: string | null, compiling: Compiling): readonly MetricPlan[] | null {
  const group = settings.group('metrics')
  return group && group.members().flatMap(([name, entry]) => readMetric(name, entry, source, group, compiling))
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
  const hasLimits = ['go', 'rollback', 'versus-stable'].some((limit) => settings.has(limit))
  const limits = readLimits(settings)
  const metric: MetricPlan = {
    name,
    kind,
    source: own,
    queries,
    ...limits.limits,
    forMs: settings.duration('for') ?? 0,
    minSamples: settings.whole('min-samples', 1, 1_000_000_000) ?? standardSamples[kind],
    windowMs: positive(settings, 'window') ?? standardWindowMs,
    unit: unitOf(kind, queries, limits.units),
    dryRun: settings.flag('dry-run'),
    worse: settings.choice('worse', ['higher', 'lower']) ?? (kind === 'events' ? 'lower' : 'higher'),
    ...(kind === 'ratio' && {
      floor: settings.parse('floor', parseChance) ?? null,
      outage: settings.parse('outage', parseChance) ?? null,
    }),
  }
  settings.finish(example)
  if (hasLimits) checkMetric(metric, limits.units, settings)
  else
    settings.error('bad-limit', settings.place, {
      found: `the metric "${name}" without a limit`,
      expected: 'go, rollback or versus-stable',
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

function checkMetric(metric: MetricPlan, units: readonly ParsedLimit['unit'][], settings: Settings): void {
  const { name, kind } = metric
  const refuse = (found: string, expected: string): void =>
    settings.error('bad-limit', settings.place, { found, expected, example })
  // A ratio may be written as 0.01; anything else beside percentages is a slip of the unit.
  const odd = units.find((unit) => unit !== metric.unit && !(metric.unit === 'ratio' && unit === 'plain'))
  if (odd) refuse(`limits of the metric "${name}" in ${odd} beside ${metric.unit}`, 'one unit for all its limits')
  const withQuantile = [
    ...metric.go,
    ...metric.rollback,
    ...metric.versusStable,
    ...(metric.goVersusStable ?? []),
  ].find((limit) => (limit.quantile !== null) !== (kind === 'histogram'))
  if (withQuantile) {
    const expected =
      kind === 'histogram' ? 'a quantile in each limit of a histogram: p95 < 2s' : 'quantiles only for a histogram'
    refuse(`the limit "${withQuantile.text}" of the ${kind} "${name}"`, expected)
  }
}

/** Limits that one stage lays over the rollout's own: `{ errors: { rollback: "> 1.5%" } }`. */
export function readOverrides(
  settings: Settings | null,
  metrics: readonly MetricPlan[],
): Readonly<Record<string, Partial<MetricLimits>>> {
  const overrides: Record<string, Partial<MetricLimits>> = {}
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
    const { limits } = readLimits(own)
    own.finish('judge: { errors: { rollback: "> 1.5%" } }')
    overrides[name] = overrideOf(metric, limits)
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
