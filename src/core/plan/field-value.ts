/** Values people type into fields and cells, read by their type. */
import { holds, parseLimit } from './limit.ts'
import type { FieldPlan } from './plan.ts'

/** What a typed value has to be. */
export type CellPlan = Pick<FieldPlan, 'type' | 'options' | 'limit'>

export type FieldValue =
  | { readonly kind: 'good'; readonly value: string | number | boolean; readonly within: boolean }
  | { readonly kind: 'bad'; readonly expected: string; readonly within: false }

const good = (value: string | number | boolean, within = true): FieldValue => ({ kind: 'good', value, within })
const bad = (expected: string): FieldValue => ({ kind: 'bad', expected, within: false })

/** Percentages become ratios, durations seconds; what cannot be read is refused with what was expected. */
export function parseFieldValue(field: CellPlan, text: string): FieldValue {
  const trimmed = text.trim()
  if (trimmed === '') return bad('a value')
  switch (field.type) {
    case 'text':
      return good(trimmed)
    case 'number':
      return withLimit(field, finite(trimmed), 'a number such as 12.5')
    case 'percent':
      return withLimit(field, percent(trimmed), 'a percentage such as 0.4%')
    case 'duration':
      return withLimit(field, seconds(trimmed), 'a duration such as 850ms or 1.2s')
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(trimmed) && !Number.isNaN(Date.parse(trimmed))
        ? good(trimmed)
        : bad('a date such as 2026-03-31')
    case 'boolean':
      return /^(yes|true|no|false)$/i.test(trimmed) ? good(/^(yes|true)$/i.test(trimmed)) : bad('yes or no')
    case 'choice':
      return field.options.includes(trimmed) ? good(trimmed) : bad(`one of ${field.options.join(', ')}`)
  }
}

function finite(text: string): number | null {
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

function percent(text: string): number | null {
  if (text.endsWith('%')) {
    const value = finite(text.slice(0, -1).trim())
    return value === null ? null : value / 100
  }
  return finite(text)
}

function seconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text)
  if (!match) return null
  const factor = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? 's'] ?? 1
  return Number(match[1]) * factor
}

function withLimit(field: CellPlan, value: number | null, expected: string): FieldValue {
  if (value === null) return bad(expected)
  return good(value, field.limit === null || holdsLimit(field, value))
}

/** A limit that cannot be read lets nothing through. */
function holdsLimit(field: CellPlan, value: number): boolean {
  const limit = parseLimit(field.limit ?? '')
  return limit.ok && holds(limit.value.limit, value) === true
}
