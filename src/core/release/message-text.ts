/** Fills a message's text in. What nobody knows is said so, and named, so that a required message can be held for it. */
import type { Json } from '../units.ts'
import { filters, isNothing, type ListItem, type MessageValue, written } from '../plan/message-filters.ts'
import { isBareName, type MessagePart, readMessageTemplate } from '../plan/message-template.ts'
import { evaluateCondition } from '../plan/expression.ts'
import { type Escape, escapeFor } from '../plan/template.ts'

export interface FilledText {
  readonly text: string
  /** Names whose value nobody knows, and conditions that could not be decided: each once. */
  readonly missing: readonly string[]
}

export interface MessageScope {
  /** undefined = not known now. */
  readonly value: (name: string) => MessageValue | undefined
  /** For conditions in CEL. */
  readonly bindings: Readonly<Record<string, Json>>
}

/** What stands where a value should. */
export const notKnown = 'not known'

export function fillMessage(text: string, scope: MessageScope, escape: Escape): FilledText {
  const missing = new Set<string>()
  const filled = fill(readMessageTemplate(text).parts, { ...scope, escape, missing, item: null })
  // A tag alone on the last line leaves the break before it.
  return { text: text.endsWith('\n') ? filled : filled.replace(/\n+$/, ''), missing: [...missing] }
}

interface Filling extends MessageScope {
  readonly escape: Escape
  readonly missing: Set<string>
  readonly item: ListItem | null
}

function fill(parts: readonly MessagePart[], filling: Filling): string {
  return parts.map((part) => fillPart(part, filling)).join('')
}

function fillPart(part: MessagePart, filling: Filling): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'value':
      return fillValue(part, filling)
    case 'if':
      return fill(holds(part.condition, filling) ? part.then : part.otherwise, filling)
    case 'each': {
      const list = valueOf(part.name, filling)
      if (list === undefined) filling.missing.add(part.name)
      return list?.kind === 'list' ? list.items.map((item) => fill(part.body, { ...filling, item })).join('') : ''
    }
  }
}

function fillValue(part: MessagePart & { kind: 'value' }, filling: Filling): string {
  const value = valueOf(part.name, filling)
  const instead = part.filters.find(({ word }) => word === 'or')
  if (value === undefined) {
    if (instead) return escapeFor(instead.given ?? '', filling.escape)
    filling.missing.add(part.name)
    return notKnown
  }
  const filtered = part.filters.reduce((each, use) => filters[use.word]?.apply(each, use.given) ?? each, value)
  // Only its cells are escaped: its bars and line breaks are what makes it a table.
  if (filling.escape === 'markdown' && filtered.kind === 'list' && filtered.table && filtered.items.length > 0)
    return filtered.table((cell) => escapeFor(cell, 'markdown'))
  return escapeFor(written(filtered), filling.escape)
}

/** One name asks whether there is anything to say; a condition that cannot be decided does not hold, and is named. */
function holds(condition: string, filling: Filling): boolean {
  if (isBareName(condition)) {
    const value = valueOf(condition, filling)
    return value !== undefined && !isNothing(value)
  }
  const answer = evaluateCondition(condition, filling.bindings)
  if (answer.kind === 'inconclusive') filling.missing.add(condition)
  return answer.kind === 'value' && answer.value
}

function valueOf(name: string, { value, item }: Filling): MessageValue | undefined {
  if (item === null || !/^item(?:\.|$)/.test(name)) return value(name)
  return { kind: 'text', text: name === 'item' ? item.text : (item.columns?.[name.slice('item.'.length)] ?? '') }
}
