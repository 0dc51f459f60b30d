/** What a message may name, and the compile errors for what it may not: a slip is found before anybody is told nonsense. */
import { releaseNames, valueNames } from './conditions.ts'
import type { Compiling, Draft } from './draft.ts'
import { filters, type FilterUse, type ValueKind } from './message-filters.ts'
import { isBareName, readMessageTemplate, usesOf, type TemplateUse } from './message-template.ts'
import { nearest } from './nearest.ts'
import type { JudgePlan } from './plan.ts'
import type { FilePlace } from './yaml.ts'

/** Names of every message besides those of conditions, with their kinds. What gives them stands in release/message-values.ts. */
export const messageNames: Readonly<Record<string, ValueKind>> = {
  news: 'text',
  now: 'time',
  started_at: 'time',
  expected_end: 'time',
  ended_at: 'time',
  duration: 'duration',
  elapsed: 'duration',
  health: 'text',
  percent: 'text',
  next_stage: 'text',
  next_percent: 'text',
  next_stage_in: 'duration',
  watch_for: 'duration',
  signoff_at: 'time',
  trigger: 'text',
  rollback_eta: 'duration',
  rollback_by: 'time',
  issues: 'list',
  known_issues: 'list',
  on_call: 'list',
  war_room: 'text',
  checklist_url: 'text',
}

/** CEL types of the same names; a duration counts seconds, a time seconds since 1970, a list is one. */
const celTypes: Readonly<Record<ValueKind, string>> = {
  text: 'string',
  number: 'double',
  time: 'double',
  duration: 'double',
  list: 'list',
}

type Kinds = ReadonlyMap<string, ValueKind>

/** Conditions of messages join those of the document, so they are checked with them. Call before that. */
export function addMessageConditions(draft: Draft, compiling: Compiling): void {
  const facts = {
    ...Object.fromEntries(Object.entries(messageNames).map(([name, kind]) => [name, celTypes[kind]])),
    ...Object.fromEntries(measured.map((name) => [name, 'map'])),
  }
  for (const { when } of Object.values(compiling.declared.audiences ?? {})) {
    const place = { file: compiling.problems.file, line: 2, column: 1 }
    if (when !== null) compiling.conditions.push({ source: when, place, step: null, phase: null, facts: null })
  }
  for (const { text, place, where } of compiling.templates) {
    if (where !== 'message') continue
    for (const { part } of usesOf(readMessageTemplate(text).parts)) {
      if (part.kind !== 'if' || isBareName(part.condition)) continue
      const example = '{{#if metric.errors > 0.01}}…{{/if}}'
      const at = placeAt(text, part.offset, place)
      compiling.conditions.push({
        source: part.condition,
        place: at,
        step: null,
        phase: null,
        facts,
        inside: { gives: 'condition', example },
      })
    }
  }
}

const measured = ['metric', 'stable', 'baseline', 'contact', 'role'] as const

export function checkMessages(draft: Draft, compiling: Compiling): void {
  const kinds = kindsOf(draft, compiling)
  for (const { text, place, where } of compiling.templates) {
    if (where !== 'message') continue
    const template = readMessageTemplate(text)
    for (const fault of template.faults)
      compiling.problems.error('bad-template', placeAt(text, fault.offset, place), fault)
    for (const use of usesOf(template.parts)) checkUse(use, text, place, kinds, compiling)
  }
}

function checkUse(use: TemplateUse, text: string, place: FilePlace, kinds: Kinds, compiling: Compiling): void {
  const { part, inEach } = use
  const at = placeAt(text, part.offset, place)
  if (part.kind === 'if') {
    if (isBareName(part.condition)) kindOf(part.condition, inEach, at, kinds, compiling)
    return
  }
  const kind = kindOf(part.name, inEach, at, kinds, compiling)
  if (kind === null) return
  if (part.kind === 'value') return checkFilters(part.filters, kind, at, compiling)
  if (kind === 'list') return
  compiling.problems.error('bad-template', at, {
    found: `{{#each ${part.name}}}, which is no list`,
    expected: nearest(
      part.name,
      [...kinds].flatMap(([name, each]) => (each === 'list' ? [name] : [])),
    ),
    example: '{{#each issues}}- {{ item }} {{/each}}',
  })
}

/** null = nobody gives it, which has been reported. */
function kindOf(name: string, inEach: boolean, at: FilePlace, kinds: Kinds, compiling: Compiling): ValueKind | null {
  if (inEach && /^item(?:\.|$)/.test(name)) return 'text'
  const kind = kinds.get(name)
  if (kind !== undefined) return kind
  const isSecret = name.startsWith('secret.')
  compiling.problems.error('unknown-variable', at, {
    found: isSecret
      ? `the secret {{ ${name} }} in a message, which many may read`
      : `{{ ${name} }}, a value that nothing gives`,
    expected: isSecret ? 'a value that everybody may see' : nearest(name, [...kinds.keys()]),
    example: '{{ version }}',
  })
  return null
}

function checkFilters(uses: readonly FilterUse[], first: ValueKind, at: FilePlace, compiling: Compiling): void {
  let kind = first
  for (const { word } of uses) {
    const filter = filters[word]
    if (!filter) return
    if (!filter.takes.includes(kind)) {
      const fitting = Object.entries(filters).flatMap(([name, each]) => (each.takes.includes(kind) ? [name] : []))
      compiling.problems.error('bad-template', at, {
        found: `the filter "${word}" on a ${kind}`,
        expected: `one for a ${kind}: ${fitting.join(', ')}`,
        example: '{{ started_at | time "HH:mm" }}',
      })
      return
    }
    kind = filter.gives ?? kind
  }
}

/** Everything this document's messages may name. */
export function kindsOf(draft: Pick<Draft, 'steps'>, compiling: Compiling): Kinds {
  const { declared } = compiling
  const texts = [
    ...Object.keys(valueNames(compiling)),
    ...Object.keys(releaseNames),
    ...Object.keys(declared.inputs).map((name) => `input.${name}`),
    ...Object.keys(declared.contacts).map((name) => `contact.${name}`),
    ...Object.keys(declared.roles).map((name) => `role.${name}`),
  ].filter((name) => name !== 'input' && name !== 'steps')
  return new Map<string, ValueKind>([
    ...texts.map((name) => [name, kindOfValue(name, compiling)] as const),
    ...judgesOf(draft).flatMap(metricNames),
    ...Object.entries(messageNames),
  ])
}

function kindOfValue(name: string, { values }: Compiling): ValueKind {
  if (values.get(name)?.type === 'list') return 'list'
  return name.startsWith('baseline.') ? 'number' : 'text'
}

function judgesOf(draft: Pick<Draft, 'steps'>): readonly JudgePlan[] {
  return draft.steps.flatMap((step) => {
    if (step.rollout) return [step.rollout.block.judge]
    return step.block.word === 'watch' ? [step.block.judge] : []
  })
}

function metricNames(judge: JudgePlan): readonly (readonly [string, ValueKind])[] {
  return judge.metrics.flatMap((metric) => {
    const limits = [...metric.go, ...metric.rollback, ...metric.versusStable, ...(metric.goVersusStable ?? [])]
    const quantiles = limits.flatMap(({ quantile }) => (quantile == null ? [] : [quantileName(metric.name, quantile)]))
    return [metric.name, ...quantiles].flatMap((name) =>
      (['metric', 'stable'] as const).map((arm) => [`${arm}.${name}`, 'number'] as const),
    )
  })
}

/** `latency` at 0.95 is `latency.p95`. */
export function quantileName(metric: string, quantile: number): string {
  return `${metric}.p${String(Number((quantile * 100).toFixed(4))).replace('.', '_')}`
}

function placeAt(text: string, offset: number, place: FilePlace): FilePlace {
  const before = text.slice(0, offset)
  const lines = before.split('\n').length - 1
  const column = offset - (before.lastIndexOf('\n') + 1) + 1
  return { ...place, line: place.line + lines, column: lines === 0 ? place.column + column - 1 : column }
}
