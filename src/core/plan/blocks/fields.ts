/** Typed values to fill in or capture: `yaml fields`, and `fields:` of an answer. */
import type { Compiling } from '../draft.ts'
import { nearest } from '../nearest.ts'
import type { FieldPlan, MetricCapture, TablePlan } from '../plan.ts'
import { type Settings, shown } from '../settings.ts'
import type { Entry, FilePlace, Value } from '../yaml.ts'
import { addTemplate, checkMetricSource, declareValue } from './common.ts'
import { readLimits } from './field-limits.ts'
import { readTable } from './field-rows.ts'
import { checkQuery } from './queries.ts'
import { celTypes, fieldExample, readTyped, settingsOf } from './typed.ts'

/** What a block asks people for. */
export interface Asked {
  readonly fields: readonly FieldPlan[]
  readonly tables: readonly TablePlan[]
}

/** A mapping of names, or a list of mappings with `name`. One with `rows` is a table. */
export function readFields(value: Value, from: Settings, compiling: Compiling): Asked {
  const fields: FieldPlan[] = []
  const tables: TablePlan[] = []
  for (const [name, entry] of membersOf(value, from)) {
    const settings = settingsOf(name, entry, from)
    if (settings.has('rows')) tables.push(readTable(name, settings, compiling))
    else fields.push(readField(name, settings, compiling))
  }
  return { fields, tables }
}

function membersOf(value: Value, from: Settings): readonly (readonly [string | null, Entry])[] {
  if (value.kind === 'map') return [...value.entries]
  if (value.kind === 'list') {
    return value.items.flatMap((item): readonly (readonly [string | null, Entry])[] => {
      if (item.kind === 'map') return [[null, { place: item.place, value: item }]]
      if (item.kind === 'scalar' && item.text !== '')
        return [[item.text, { place: item.place, value: { ...item, value: null, text: '' } }]]
      from.error('bad-value', item.place, {
        found: `${shown(item)} as a field`,
        expected: 'a name, or a mapping with a name',
        example: fieldExample,
      })
      return []
    })
  }
  from.error('bad-value', value.place, {
    found: `${shown(value)} as fields`,
    expected: 'a mapping of names',
    example: fieldExample,
  })
  return []
}

function readField(name: string | null, settings: Settings, compiling: Compiling): FieldPlan {
  const written = settings.peek('limit')?.value
  const byEnvironment = written?.kind === 'map' ? written : null
  if (byEnvironment) settings.take('limit')
  const typed = readTyped(name, settings)
  const limits = byEnvironment ? readLimits(byEnvironment, typed.type, settings, compiling) : {}
  const field = { ...typed, ...limits, capture: readCapture(settings, compiling) }
  settings.finish(fieldExample)
  declareValue(field.name, celTypes[field.type], settings.place, compiling)
  return field
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
    checkMetricSource(name, place, compiling)
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
