/** The judge of a rollout or a watch: what it looks at, how often, and what doubt means. */
import type { Compiling } from '../draft.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import type { JudgePlan, MetricPlan } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { jsonOf, type Entry, type FilePlace } from '../yaml.ts'
import { addTemplate, checkRole, positive } from './common.ts'
import { metricSources } from './fields.ts'
import { readMetrics, readSource } from './metrics.ts'
import { readPolicy } from './policy.ts'
import { checkQuery } from './queries.ts'
import { readTraffic } from './usual-traffic.ts'

const minute = 60_000

/** What holds when a document says nothing. There is nothing to compare, so nobody has to reckon with chance. */
const standard: JudgePlan = {
  policy: 'threshold',
  everyMs: 30_000,
  warmUpMs: 0,
  falseAlarm: 0.01,
  falseGo: 0.05,
  history: null,
  allowedFailures: null,
  sharedBreach: 'rollback',
  source: null,
  arms: null,
  metrics: [],
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the plan, never awaited
  noData: { holdMs: 15 * minute, then: 'rollback' },
  grey: { ask: null, withinMs: 30 * minute, otherwise: 'rollback' },
  deadlineFactor: 3,
}

/** `null` settings: the judge above, or the standard one. */
export function readJudge(settings: Settings | null, above: JudgePlan | null, compiling: Compiling): JudgePlan {
  const base = above ?? standard
  if (!settings) return { ...base, source: base.source ?? onlySource(compiling) }
  const sourcePlace = settings.placeOf('source')
  const source = readSource(settings, compiling) ?? base.source ?? onlySource(compiling)
  const everyMs = positive(settings, 'every') ?? base.everyMs
  const arms = readArms(settings, compiling) ?? base.arms
  const metrics = readMetrics(settings, source, compiling) ?? base.metrics
  const judge: JudgePlan = {
    ...readPolicy(settings, base, { metrics, everyMs }),
    everyMs,
    warmUpMs: settings.duration('warm-up') ?? base.warmUpMs,
    ...trafficOf(settings, base),
    source,
    arms,
    metrics,
    noData: readNoData(settings) ?? base.noData,
    grey: readGrey(settings, compiling) ?? base.grey,
    deadlineFactor: settings.parse('deadline', parseFactor) ?? base.deadlineFactor,
  }
  settings.finish('judge: { every: 30s, metrics: { … } }')
  if (source !== base.source && judge.metrics === base.metrics)
    checkInherited(judge.metrics, source, sourcePlace, compiling)
  return judge
}

function trafficOf(settings: Settings, base: JudgePlan): Pick<JudgePlan, 'traffic'> {
  const traffic = readTraffic(settings) ?? base.traffic
  return traffic === undefined ? {} : { traffic }
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
