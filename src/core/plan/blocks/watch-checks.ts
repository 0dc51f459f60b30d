/** The checks of a watch: each runs at every sample and is judged as a gauge, 0 while it passes and 1 when it fails. */
import type { Millis } from '../../units.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { CheckBlock, JudgePlan, MetricPlan, WatchCheck } from '../plan.ts'
import { Settings } from '../settings.ts'
import type { Entry, MapValue, Value } from '../yaml.ts'
import { readCheck } from './check.ts'
import { addTemplate } from './common.ts'

const example = 'checks: [{ name: health, kind: http, requests: "GET https://shop.example/health", fails: 2 }]'

interface WatchChecks {
  readonly checks: readonly WatchCheck[]
  /** What the judge makes of them, in the same order. */
  readonly metrics: readonly MetricPlan[]
}

export function readWatchChecks(block: ReadBlock, judge: JudgePlan, compiling: Compiling): WatchChecks {
  const taken = new Set(judge.metrics.map((metric) => metric.name))
  const read = itemsOf(block.settings).flatMap((item) => {
    const one = readOne(block, item, judge.everyMs, compiling)
    return one !== null && isNew(one, taken, item, block.settings) ? [one] : []
  })
  return {
    checks: read.map(({ name, check }) => ({ name, check })),
    metrics: read.map(({ name, fails }) => gaugeOf(name, fails, judge.everyMs)),
  }
}

function itemsOf(settings: Settings): readonly MapValue[] {
  const entry = settings.take('checks')
  if (!entry) return []
  const items = entry.value.kind === 'list' ? entry.value.items : []
  if (items.length === 0) refuse('no list', entry.value, 'a list of checks, each with a name and a kind', settings)
  for (const item of items) if (item.kind !== 'map') refuse('a text', item, 'a mapping with name and kind', settings)
  return items.filter((item) => item.kind === 'map')
}

function refuse(found: string, { place }: Value, expected: string, settings: Settings): void {
  settings.error('bad-value', place, { found: `${found} for "checks" in ${settings.what}`, expected, example })
}

interface ReadOne extends WatchCheck {
  readonly fails: number
}

function readOne(block: ReadBlock, item: MapValue, everyMs: Millis, compiling: Compiling): ReadOne | null {
  const written = item.entries.get('name')?.value
  const what = written?.kind === 'scalar' && written.text !== '' ? `the check "${written.text}"` : 'a check'
  const settings = new Settings(`${what} of a watch`, item.place, withShell(item), block.settings.problems)
  const hasName = settings.has('name')
  const name = settings.text('name')
  if (!hasName) settings.missing('name', 'name: what the sentence about it begins with', example)
  const fails = settings.whole('fails', 1, 1000) ?? 1
  refuseOnceOnly(settings)
  const timeout = settings.peek('timeout')
  const check = readCheck({ ...block, settings }, compiling.at, compiling, { commands: true })
  addSlots(check, item, compiling)
  const mostMs = everyMs * 0.8
  if (timeout && check.timeoutMs > mostMs) {
    settings.error('bad-value', timeout.value.place, {
      found: `a "timeout" of ${check.timeoutMs / 1000}s in ${settings.what}, which looks every ${everyMs / 1000}s`,
      expected: 'at most four fifths of the "every" of its judge',
      example: `timeout: ${Math.max(1, Math.floor(mostMs / 1000))}s`,
    })
  }
  return name === null ? null : { name, fails, check: { ...check, timeoutMs: Math.min(check.timeoutMs, mostMs) } }
}

/** A command says its shell in the opening line of its block; here it is bash unless it says otherwise. */
function withShell({ entries, place }: MapValue): ReadonlyMap<string, Entry> {
  const kind = entries.get('kind')?.value
  if (kind?.kind !== 'scalar' || kind.text !== 'command' || entries.has('shell')) return entries
  const bash: Entry = { place, value: { kind: 'scalar', value: 'bash', text: 'bash', place } }
  return new Map([...entries, ['shell', bash]])
}

/** What only has a meaning for a check that runs once. */
const onceOnly: readonly (readonly [string, string])[] = [
  ['capture', 'no captures: later steps have nothing to wait for'],
  ['max-age', 'nothing: it looks again at every sample'],
  ['for', '"fails": how many looks in a row must fail'],
  ['every', '"every" of the judge: all of the watch is sampled together'],
]

function refuseOnceOnly(settings: Settings): void {
  for (const [name, expected] of onceOnly) {
    const entry = settings.take(name)
    if (entry)
      settings.error('unknown-attribute', entry.place, {
        found: `"${name}" in ${settings.what}`,
        expected,
        example,
      })
  }
}

function addSlots(check: CheckBlock, item: MapValue, compiling: Compiling): void {
  for (const [name, where] of [
    ['requests', 'request'],
    ['query', 'query'],
  ] as const) {
    const value = item.entries.get(name)?.value
    // The slots of a database query are bind parameters, checked by their kind.
    if (value?.kind === 'scalar' && check.kind !== 'sql') addTemplate(value.text, value.place, where, compiling)
  }
}

/** A sentence begins with the name: a metric and a check of one name could not be told apart. */
function isNew({ name }: ReadOne, taken: Set<string>, item: MapValue, settings: Settings): boolean {
  if (!taken.has(name)) {
    taken.add(name)
    return true
  }
  settings.error('bad-value', item.entries.get('name')?.value.place ?? item.place, {
    found: `a check "${name}" beside another check or metric of this name in ${settings.what}`,
    expected: 'a name of its own',
    example,
  })
  return false
}

function gaugeOf(name: string, fails: number, everyMs: Millis): MetricPlan {
  const broken = fails === 1 ? 'fails' : `fails ${fails} times in a row`
  return {
    name,
    kind: 'gauge',
    source: null,
    queries: {},
    go: [{ quantile: null, operator: '<', value: 1, text: 'passes' }],
    rollback: [{ quantile: null, operator: '>', value: 0, text: broken }],
    versusStable: [],
    forMs: (fails - 1) * everyMs,
    minSamples: 1,
    windowMs: everyMs,
    unit: 'plain',
    dryRun: false,
    worse: 'higher',
  }
}
