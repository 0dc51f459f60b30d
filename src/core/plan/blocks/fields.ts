/** Typed values to fill in or capture: `yaml fields`, and `fields:` of an answer. */
import type { Compiling } from '../draft.ts'
import { parseLimit } from '../limit.ts'
import { nearest } from '../nearest.ts'
import { parsed } from '../parsed.ts'
import type { FieldPlan, MetricCapture } from '../plan.ts'
import { Settings, shown } from '../settings.ts'
import type { Entry, FilePlace, Value } from '../yaml.ts'
import { addTemplate, checkSource, declareValue } from './common.ts'
import { checkQuery } from './queries.ts'

const types = ['text', 'number', 'percent', 'duration', 'date', 'boolean', 'choice'] as const
const example = 'error-rate: { label: "Error rate", type: percent, limit: "< 1%" }'

const celTypes: Readonly<Record<FieldPlan['type'], string>> = {
  text: 'string',
  number: 'double',
  percent: 'double',
  duration: 'double',
  date: 'string',
  boolean: 'bool',
  choice: 'string',
}

/** A mapping of names, or a list of mappings with `name`. */
export function readFields(value: Value, from: Settings, compiling: Compiling): readonly FieldPlan[] {
  if (value.kind === 'map') return [...value.entries].map(([name, entry]) => readField(name, entry, from, compiling))
  if (value.kind === 'list') {
    return value.items.flatMap((item) => {
      if (item.kind === 'map') return [readField(null, { place: item.place, value: item }, from, compiling)]
      if (item.kind === 'scalar' && item.text !== '')
        return [readField(item.text, { place: item.place, value: { ...item, value: null, text: '' } }, from, compiling)]
      from.error('bad-value', item.place, {
        found: `${shown(item)} as a field`,
        expected: 'a name, or a mapping with a name',
        example,
      })
      return []
    })
  }
  from.error('bad-value', value.place, { found: `${shown(value)} as fields`, expected: 'a mapping of names', example })
  return []
}

function readField(name: string | null, entry: Entry, from: Settings, compiling: Compiling): FieldPlan {
  const { value } = entry
  // A bare word is the type: `tickets: number`.
  const entries =
    value.kind === 'map'
      ? value.entries
      : value.kind === 'scalar' && value.value !== null
        ? new Map([['type', { place: value.place, value }]])
        : new Map<string, Entry>()
  const settings = new Settings(`the field "${name ?? '?'}"`, entry.place, entries, from.problems)
  const options = settings.names('options') ?? []
  const type = settings.choice('type', types) ?? (options.length > 0 ? 'choice' : 'text')
  const written =
    name ?? settings.text('name') ?? settings.missing('name', 'name: a short name', 'name: error-rate') ?? 'field'
  const own = written.replaceAll('-', '_')
  if (type === 'choice' && options.length === 0)
    settings.missing('options', 'options: what can be chosen', 'options: [low, high]')
  const field: FieldPlan = {
    name: own,
    label: settings.text('label') ?? written.replaceAll(/[-_]/g, ' '),
    type,
    options,
    required: settings.has('required') ? settings.flag('required') : true,
    limit: readLimit(settings, type),
    capture: readCapture(settings, compiling),
  }
  settings.finish(example)
  declareValue(own, celTypes[type], entry.place, compiling)
  return field
}

function readLimit(settings: Settings, type: FieldPlan['type']): string | null {
  const place = settings.placeOf('limit')
  const limit = settings.parse(
    'limit',
    (text) => {
      const answer = parseLimit(text)
      return answer.ok ? parsed(answer.value.limit) : answer
    },
    'bad-limit',
  )
  if (limit === null) return null
  if (limit.quantile === null && (type === 'number' || type === 'percent' || type === 'duration')) return limit.text
  settings.error('bad-limit', place, {
    found: `the limit "${limit.text}" of a ${type}`,
    expected: 'a limit only for a number, a percentage or a duration, without a quantile',
    example,
  })
  return null
}

/** `capture: promql <query>` with `on:` for the source; the only declared metric source needs no naming. */
function readCapture(settings: Settings, compiling: Compiling): MetricCapture | null {
  const onPlace = settings.placeOf('on')
  const on = settings.text('on')
  const place = settings.placeOf('capture')
  const text = settings.text('capture')
  if (text === null) return null
  const match = /^promql\s+(\S[^]*)$/.exec(text.trim())
  if (!match) {
    settings.error('bad-value', place, {
      found: `"${text.slice(0, 60)}" for "capture" in ${settings.what}`,
      expected: '"promql" and a query',
      example: 'capture: promql avg(up), on: prom',
    })
    return null
  }
  addTemplate(match[1] ?? '', place, 'query', compiling)
  const query = match[1] ?? ''
  const source = metricSource(on, on === null ? place : onPlace, compiling)
  checkQuery({ kind: 'value', name: 'capture', text: query, place }, source, compiling)
  return { source, query }
}

/** The named source, or the only one there is. */
export function metricSource(name: string | null, place: FilePlace, compiling: Compiling): string {
  if (name !== null) {
    checkSource(name, place, compiling)
    return name
  }
  const metric = metricSources(compiling)
  const only = metric.length === 1 ? metric[0] : undefined
  if (only !== undefined) return only
  compiling.problems.error('unknown-source', place, {
    found: 'a query without a source',
    expected: metric.length === 0 ? 'a metric source declared in the front matter' : `on: ${nearest('', metric)}`,
    example: 'sources: { prom: { kind: prometheus, url: http://localhost:9090 } }',
  })
  return ''
}

export function metricSources(compiling: Compiling): readonly string[] {
  const { sources } = compiling.declared
  return Object.keys(sources).filter((name) => compiling.kinds.sources.has(sources[name]?.kind ?? ''))
}
