/** How a checklist's messages will read, filled in from values that somebody makes up. Nothing is sent. */
import { parseDuration } from '../plan/duration.ts'
import type { MessageValue, ValueKind } from '../plan/message-filters.ts'
import { messageNames } from '../plan/message-names.ts'
import type { Plan } from '../plan/plan.ts'
import type { Json } from '../units.ts'
import { fillMessage, type MessageScope } from './message-text.ts'
import { routesOf } from './messages.ts'

export interface PreviewedMessage {
  readonly id: string
  readonly line: number
  readonly on: string
  readonly to: readonly { readonly channel: string; readonly audience: string | null; readonly when: string | null }[]
  readonly when: string | null
  readonly everyMs: number | null
  readonly required: boolean
  /** null = it is sent at once; a role, or `ask` for anybody. */
  readonly preview: string | null
  readonly text: string
  /** Names that nobody gave a value. */
  readonly missing: readonly string[]
}

/** A value that does not fit its name: what it is, and what was expected. */
export interface PreviewFault {
  readonly name: string
  readonly expected: string
}

export function previewOf(
  plan: Plan,
  given: Readonly<Record<string, string>>,
): { readonly messages: readonly PreviewedMessage[]; readonly faults: readonly PreviewFault[] } {
  const read = Object.entries(given).map(([name, text]) => ({ name, value: readValue(kindOf(name), text) }))
  const values = new Map(read.flatMap(({ name, value }) => ('kind' in value ? [[name, value] as const] : [])))
  const faults = read.flatMap(({ name, value }) => ('kind' in value ? [] : [{ name, expected: value.expected }]))
  const scope: MessageScope = { value: (name) => values.get(name), bindings: bindingsOf(values) }
  const messages = plan.messages.map((message): PreviewedMessage => {
    const { text, missing } = fillMessage(message.body === '' ? '{{ news }}' : message.body, scope, 'none')
    return {
      id: message.id,
      line: message.line,
      on: message.on,
      to: routesOf(message),
      when: message.when,
      everyMs: message.everyMs,
      required: message.required === true,
      preview: message.preview ? (message.preview.role ?? 'ask') : null,
      text,
      missing,
    }
  })
  return { messages, faults }
}

function kindOf(name: string): ValueKind {
  if (/^(?:metric|stable|baseline)\./.test(name)) return 'number'
  return Object.hasOwn(messageNames, name) ? (messageNames[name] ?? 'text') : 'text'
}

/** As people write values: `0.3%`, `1.2s`, `30m`, `2025-11-05T14:00Z`, `one, two`. */
function readValue(kind: ValueKind, text: string): MessageValue | { readonly expected: string } {
  switch (kind) {
    case 'text':
      return { kind, text }
    case 'list':
      return { kind, items: text.split(',').flatMap((item) => (item.trim() === '' ? [] : [{ text: item.trim() }])) }
    case 'duration': {
      const duration = parseDuration(text)
      return duration.ok ? { kind, ms: duration.value } : { expected: 'a duration such as 30m' }
    }
    case 'time': {
      const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN
      return Number.isFinite(at) ? { kind, at } : { expected: 'a time such as 2026-03-01T10:00Z' }
    }
    case 'number':
      return readNumber(text)
  }
}

function readNumber(text: string): MessageValue | { readonly expected: string } {
  const [, digits, unit] = /^\s*(-?\d+(?:\.\d+)?)\s*(%|ms|s)?\s*$/.exec(text) ?? []
  if (digits === undefined) return { expected: 'a number such as 0.3%, 250ms, 1.2s or 42' }
  const value = Number(digits)
  if (unit === '%') return { kind: 'number', value: value / 100, unit: 'ratio' }
  if (unit === 'ms') return { kind: 'number', value: value / 1000, unit: 'seconds' }
  return { kind: 'number', value, unit: unit === 's' ? 'seconds' : 'plain' }
}

function bindingsOf(values: ReadonlyMap<string, MessageValue>): Record<string, Json> {
  const bindings: Record<string, Json> = {}
  for (const [name, value] of values) {
    const [first = '', ...rest] = name.split('.')
    if (rest.length === 0) bindings[first] = bindingOf(value)
    else if (rest.length === 1) {
      const below = bindings[first]
      const others = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : {}
      bindings[first] = Object.assign({}, others, { [rest[0] ?? '']: bindingOf(value) })
    }
  }
  return bindings
}

function bindingOf(value: MessageValue): Json {
  if (value.kind === 'text') return value.text === 'true' || value.text === 'false' ? value.text === 'true' : value.text
  if (value.kind === 'number') return value.value
  if (value.kind === 'list') return value.items.map((item) => item.text)
  return (value.kind === 'time' ? value.at : value.ms) / 1000
}
