/** Checks: every kind, its settings validated by the kind's own schema. */
import type { Json } from '../../units.ts'
import type { CheckDefinition } from '../../ports/check.ts'
import { checkConfig, deepest, namesOf } from '../config.ts'
import type { Compiling, DraftStep } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { nearest } from '../nearest.ts'
import type { CheckBlock } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { checkNames, shells } from '../words.ts'
import { readWorker } from '../worker-labels.ts'
import { type Entry, type FilePlace, jsonOf, type Value } from '../yaml.ts'
import {
  addTemplate,
  checkEnvironment,
  checkRole,
  checkSecrets,
  checkKindOfSource,
  checkSource,
  readCaptures,
  readSecrets,
} from './common.ts'
import { readShell } from './command.ts'
import { metricSources } from './fields.ts'
import { withTaken } from './taken-settings.ts'
import { checkQuery } from './queries.ts'

/** Understood by every check, besides the settings of its kind. */
const alsoKnown = [...checkNames, 'expect', 'capture', 'secrets']

/** `step` is null for a trigger's condition. `commands`: also in YAML a check may be a command. `names`: of its matrix. */
export function readCheck(
  block: ReadBlock,
  step: DraftStep | null,
  compiling: Compiling,
  { commands = false, names = [] }: { commands?: boolean; names?: readonly string[] } = {},
): CheckBlock {
  const kind = kindOf(block, commands, compiling)
  return readCheckOf(kind, block, step, compiling, Object.fromEntries(names.map((name) => [name, 'string'])))
}

/** The kind a language stands for; `yaml check` names its own. */
function kindOf(block: ReadBlock, commands: boolean, compiling: Compiling): string | null {
  const { language, settings } = block
  if (language !== 'yaml') return Object.hasOwn(shells, language) ? 'command' : language
  const place = settings.placeOf('kind')
  const kind = settings.text('kind')
  const known = [...compiling.kinds.checks.keys()].filter((name) => commands || name !== 'command')
  if (kind === null)
    return settings.missing(
      'kind',
      `kind: ${nearest('', known)}`,
      '```yaml check\nkind: tcp\nhost: db\nport: 5432\n```',
    )
  if (known.includes(kind)) return kind
  compiling.problems.error('unknown-kind', place, {
    found: `unknown kind "${kind}" of check`,
    expected: nearest(kind, known),
    example: `kind: ${known[0] ?? ''}`,
  })
  return null
}

/** `own` = names that only this check knows, with their CEL types. */
function readCheckOf(
  kind: string | null,
  block: ReadBlock,
  step: DraftStep | null,
  compiling: Compiling,
  own: Readonly<Record<string, string>>,
): CheckBlock {
  const { settings } = block
  const definition = kind === null ? undefined : compiling.kinds.checks.get(kind)
  if (kind !== null && !definition && block.language !== 'yaml') {
    compiling.problems.error('unknown-kind', block.place, {
      found: `"${kind}" checks, which this Holdpoint has not`,
      expected: nearest(kind, [...compiling.kinds.checks.keys()]),
      example: '```sh check',
    })
  }
  const timeoutPlace = settings.placeOf('timeout')
  const saidMs = settings.duration('timeout')
  let timeoutMs = saidMs ?? definition?.timeoutMs ?? 60_000
  const maxAgeMs = settings.duration('max-age')
  const retryForMs = step === null ? null : settings.duration('retry-for')
  const captures = readCaptures(settings, compiling)
  const secrets = readSecrets(settings, compiling)
  // Only commands are handed to workers; for another kind it is a name that it does not know.
  const labels = kind === 'command' ? readWorker(settings) : null
  const more = { ...(labels !== null && { worker: labels }), ...(retryForMs !== null && { retryForMs }) }
  const expectPlace = settings.placeOf('expect')
  const expect = settings.text('expect')
  if (expect !== null && definition) {
    const facts = { ...definition.facts, ...own }
    compiling.conditions.push({ source: expect, place: expectPlace, step, phase: null, facts })
  }
  if (settings.has('on')) checkSourceOf(settings, compiling)
  const known = definition ? namesOf(definition.config) : []
  const script = scriptSettings(kind, block, settings)
  const given = configFrom(settings, known)
  const written = withOnlySource(definition, known, { ...script, ...given.json }, compiling)
  const json = withTaken(definition, written, block.place, compiling)
  if (block.language === 'yaml') for (const { value } of given.values.values()) addSettings(value, compiling)
  if (definition) {
    const config = withTypes(definition.config, json)
    const isValid = checkConfig(
      settings.what,
      settings.place,
      definition,
      {
        json: config,
        values: given.values,
        alsoKnown: step === null ? alsoKnown : [...alsoKnown, 'retry-for', 'matrix'],
        unwritten: Object.keys(script).filter((name) => name !== 'shell'),
      },
      compiling.problems,
    )
    if (isValid) {
      const lastsMs = definition.lastsMs?.(definition.config.parse(config)) ?? 0
      if (saidMs === null && lastsMs > 0) timeoutMs = Math.max(timeoutMs, lastsMs + 60_000)
      if (saidMs !== null && saidMs <= lastsMs) tooShort(saidMs, lastsMs, timeoutPlace, settings)
      checkSecrets(definition.secrets?.(config) ?? [], block.place, compiling)
      for (const role of definition.roles?.(config) ?? [])
        checkRole(role, placeOfRole(role, given.values) ?? block.place, compiling)
      for (const name of definition.environments?.(config) ?? []) checkEnvironment(name, block.place, compiling)
      if (expect === null && captures.captures.length === 0) checkDecided(definition, config, settings)
      addExpressions(definition, config, given.values, block, step, own, compiling)
      checkSourceKind(definition, config, given.values.get('on')?.value.place ?? block.place, compiling)
      checkOwnQuery(config, given.values, block, compiling)
      checkInner(definition, config, given.values, block, compiling)
    }
    const lent = { ...captures, secrets: [...new Set([...secrets, ...lentSecrets(definition, config)])] }
    return { word: 'check', kind: definition.kind, config, timeoutMs, maxAgeMs, ...lent, expect, ...more }
  }
  return { word: 'check', kind: kind ?? '', config: json, timeoutMs, maxAgeMs, ...captures, secrets, expect, ...more }
}

/** Names in settings, however deep they stand: a secret has to be declared. */
function addSettings(value: Value, compiling: Compiling): void {
  if (value.kind === 'scalar') addTemplate(value.text, value.place, 'setting', compiling)
  else if (value.kind === 'list') for (const item of value.items) addSettings(item, compiling)
  else for (const entry of value.entries.values()) addSettings(entry.value, compiling)
}

/** A kind that works by a script of its own has in it what its settings name. */
function lentSecrets(definition: CheckDefinition<never>, config: Record<string, Json>): readonly string[] {
  return definition.needs.includes('command') ? (definition.secrets?.(config) ?? []) : []
}

function checkDecided(definition: CheckDefinition<never>, config: Record<string, Json>, settings: Settings): void {
  const missing = definition.undecided?.(config) ?? null
  if (missing === null) return
  settings.error('missing-attribute', settings.place, {
    found: `${settings.what} without anything that it is held to`,
    expected: missing,
    example: definition.example,
  })
}

function tooShort(timeoutMs: number, lastsMs: number, place: FilePlace, settings: Settings): void {
  settings.error('bad-value', place, {
    found: `a "timeout" of ${timeoutMs / 1000}s in ${settings.what}, which lasts ${lastsMs / 1000}s by its other settings`,
    expected: 'no timeout, or a longer one',
    example: settings.line('timeout', `${Math.ceil(lastsMs / 60_000) + 1}m`),
  })
}

function placeOfRole(role: string, values: ReadonlyMap<string, Entry>): FilePlace | undefined {
  const written = [...values.values()].find(({ value }) => value.kind === 'scalar' && value.text === role)
  return written?.value.place
}

/** Expressions inside a config are conditions like any other: their names must be known, and what they read comes first. */
function addExpressions(
  definition: CheckDefinition<never>,
  config: Record<string, Json>,
  values: ReadonlyMap<string, Entry>,
  block: ReadBlock,
  step: DraftStep | null,
  own: Readonly<Record<string, string>>,
  compiling: Compiling,
): void {
  for (const { source, line, setting, facts, ...inside } of definition.expressions?.(config as never) ?? []) {
    const written = deepest(inside.path ?? [setting], values)
    const from = written?.place ?? block.place
    // The body of a fence begins on the line after its opening, a text of several lines on the line after its name.
    const isBelow = !written || (written.kind === 'scalar' && written.text.includes('\n'))
    const place = isBelow ? { ...from, line: from.line + line, column: 1 } : from
    compiling.conditions.push({ source, place, step, phase: null, facts: { ...facts, ...own }, inside })
  }
}

/** A query to a metric source, in whatever kind asks it. A database reads its own. */
function checkOwnQuery(
  { on, query, versus }: Record<string, Json>,
  values: ReadonlyMap<string, Entry>,
  block: ReadBlock,
  compiling: Compiling,
): void {
  // What it compares with is a name as one in its query is.
  if (typeof versus === 'string')
    addTemplate(`{{ ${versus} }}`, values.get('versus')?.value.place ?? block.place, 'query', compiling)
  if (typeof on !== 'string' || typeof query !== 'string') return
  const place = values.get('query')?.value.place ?? { ...block.place, line: block.place.line + 1, column: 1 }
  checkQuery({ kind: 'value', name: 'query', text: query, place }, on, compiling)
}

/** Checks inside a check name sources, and ask them, as others do. */
function checkInner(
  definition: CheckDefinition<never>,
  config: Record<string, Json>,
  values: ReadonlyMap<string, Entry>,
  block: ReadBlock,
  compiling: Compiling,
): void {
  for (const inner of definition.inner?.(definition.config.parse(config)) ?? []) {
    const { on, query } = inner.config
    const placeOf = (name: string) => deepest([...inner.path, name], values)?.place ?? block.place
    if (typeof on !== 'string') continue
    checkSource(on, placeOf('on'), compiling)
    checkSourceKind(compiling.kinds.checks.get(inner.kind), inner.config, placeOf('on'), compiling)
    if (typeof query === 'string')
      checkQuery({ kind: 'value', name: 'query', text: query, place: placeOf('query') }, on, compiling)
  }
}

/** Of several metric sources one is named; the only one needs no naming. */
function withOnlySource(
  definition: CheckDefinition<never> | undefined,
  known: readonly string[],
  json: Record<string, Json>,
  compiling: Compiling,
): Record<string, Json> {
  if (!asksMetrics(definition) || json['on'] !== undefined || !known.includes('on')) return json
  const [only, ...more] = metricSources(compiling)
  return only === undefined || more.length > 0 ? json : { ...json, on: only }
}

function checkSourceOf(settings: Settings, compiling: Compiling): void {
  const place = settings.placeOf('on')
  const entry = settings.peek('on')
  if (entry?.value.kind === 'scalar') checkSource(entry.value.text, place, compiling)
}

function checkSourceKind(
  definition: CheckDefinition<never> | undefined,
  { on }: Readonly<Record<string, Json>>,
  place: FilePlace,
  compiling: Compiling,
): void {
  const wanted = definition?.sourceKinds ?? (asksMetrics(definition) ? [...compiling.kinds.sources.keys()] : undefined)
  if (typeof on === 'string' && wanted !== undefined) checkKindOfSource(on, wanted, place, compiling)
}

function asksMetrics(definition: CheckDefinition<never> | undefined): boolean {
  return definition?.needs.some((need) => need === 'metric' || need === 'series') === true
}

/** The code in the fence, under the name its kind has for it. */
function scriptSettings(kind: string | null, block: ReadBlock, settings: Settings): Record<string, Json> {
  if (block.language === 'yaml') return {}
  if (kind === 'http') return { requests: block.body }
  if (kind !== 'command') return { query: block.body.trim() }
  const patterns = Object.fromEntries(
    ['match', 'forbid'].flatMap((name) => {
      const sources = settings.patterns(name)
      return sources === null ? [] : [[name, sources.length === 1 ? (sources[0] ?? '') : sources]]
    }),
  )
  return { shell: readShell(block.language, settings), script: block.body, ...patterns }
}

/** What is left belongs to the kind. Names with hyphens become the schema's own where it has them in one word. */
export function configFrom(
  settings: Settings,
  known: readonly string[],
): { json: Record<string, Json>; values: ReadonlyMap<string, Entry> } {
  const values = new Map<string, Entry>()
  for (const [name, entry] of settings.members()) {
    const joined = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    values.set(known.includes(joined) ? joined : name, entry)
  }
  return { json: Object.fromEntries([...values].map(([name, entry]) => [name, jsonOf(entry.value)])), values }
}

/** Settings of an info string are words; where the schema wants a number or a yes and the word is one, it becomes one. */
export function withTypes(
  schema: {
    safeParse(json: unknown): {
      success: boolean
      error?: { issues: readonly { path: readonly PropertyKey[]; code?: string; expected?: string }[] }
    }
  },
  json: Record<string, Json>,
): Record<string, Json> {
  const answer = schema.safeParse(json)
  if (answer.success) return json
  const config = { ...json }
  for (const issue of answer.error?.issues ?? []) {
    const name = issue.path.length === 1 ? String(issue.path[0]) : ''
    const value = config[name]
    if (typeof value !== 'string' || issue.code !== 'invalid_type') continue
    if (/^-?\d{1,15}(\.\d+)?$/.test(value)) config[name] = Number(value)
    else if (issue.expected === 'boolean' && value === 'true') config[name] = true
  }
  return config
}
