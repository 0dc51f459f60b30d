/** What a typed value is, of a field as of a column: its type, what can be chosen, whether it is needed, its limit. */
import { parseLimit } from '../limit.ts'
import { parsed } from '../parsed.ts'
import type { ColumnPlan, FieldPlan } from '../plan.ts'
import { Settings } from '../settings.ts'
import type { Entry } from '../yaml.ts'

const types = ['text', 'number', 'percent', 'duration', 'date', 'boolean', 'choice'] as const

export const fieldExample = 'error-rate: { label: "Error rate", type: percent, limit: "< 1%" }'

export const celTypes: Readonly<Record<FieldPlan['type'], string>> = {
  text: 'string',
  number: 'double',
  percent: 'double',
  duration: 'double',
  date: 'string',
  boolean: 'bool',
  choice: 'string',
}

/** A bare word is the type: `tickets: number`. */
export function settingsOf(name: string | null, entry: Entry, from: Settings, what = 'field'): Settings {
  const { value } = entry
  const entries =
    value.kind === 'map'
      ? value.entries
      : value.kind === 'scalar' && value.value !== null
        ? new Map([['type', { place: value.place, value }]])
        : new Map<string, Entry>()
  return new Settings(`the ${what} "${name ?? '?'}"`, entry.place, entries, from.problems)
}

/** Leaves the settings that only some of them have; the caller calls `finish`. */
export function readTyped(name: string | null, settings: Settings): ColumnPlan {
  const options = settings.names('options') ?? []
  const type = settings.choice('type', types) ?? (options.length > 0 ? 'choice' : 'text')
  const written = readName(name, settings)
  if (type === 'choice' && options.length === 0)
    settings.missing('options', 'options: what can be chosen', 'options: [low, high]')
  return {
    name: written.replaceAll('-', '_'),
    label: readLabel(written, settings),
    type,
    options,
    required: settings.has('required') ? settings.flag('required') : true,
    limit: readLimit(settings, type),
  }
}

/** As the author wrote it: expressions know `error-rate` as `error_rate`. */
export function readName(name: string | null, settings: Settings): string {
  return name ?? settings.text('name') ?? settings.missing('name', 'name: a short name', 'name: error-rate') ?? 'field'
}

export function readLabel(written: string, settings: Settings): string {
  return settings.text('label') ?? written.replaceAll(/[-_]/g, ' ')
}

export function readLimit(settings: Settings, type: FieldPlan['type']): string | null {
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
    example: fieldExample,
  })
  return null
}
