/** The steps of a scenario as they are written: words that all of them have, and the settings of a kind, which its own schema checks. */
import { z } from 'zod'
import { namesOf } from '../../core/plan/config.ts'
import { isNear, nearest } from '../../core/plan/nearest.ts'
import { meaningAt } from '../../core/plan/schema-at.ts'
import { templateNames } from '../../core/plan/template.ts'
import type { ConfigExpression } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { parseScenario } from '../http-scenario/scenario.ts'
import { durationField } from '../parts/fields.ts'
import { type StepKind, stepKinds } from './kinds.ts'

const words = {
  kind: z.enum([...stepKinds.keys()] as [string, ...string[]]),
  title: z.string().min(1).optional(),
  expect: z.string().min(1).optional(),
  capture: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/, { error: 'expected a name, such as id' }),
      z.string().min(1, { error: 'expected an expression, such as body.id' }),
    )
    .default({}),
  poll: z.strictObject({ every: durationField.default('2s'), for: durationField }).optional(),
  timeout: durationField.optional(),
  repeat: z.number().int().min(2).max(1_000).optional(),
  'for-each': z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .max(1_000)
    .optional(),
  background: z.boolean().default(false),
  cleanup: z.boolean().default(false),
}

const step = z
  .looseObject(words)
  .superRefine((given, context) => {
    for (const issue of issuesOf(given as StepSettings))
      context.issues.push({ ...issue, input: given } as (typeof context.issues)[number])
  })
  .refine(({ background, cleanup, poll, capture }) => !background || (!cleanup && !poll && isEmpty(capture)), {
    error: 'expected `background` without cleanup, poll and capture: nobody waits for its answer',
  })
  .refine((given) => !isRepeated(given) || (!given.background && !(given.repeat && given['for-each'])), {
    error: 'expected repeat: 5 or for-each: [ana, bo], one of them, and not in the `background`',
  })

export type StepSettings = z.infer<typeof step>

/** Steps that are asked for a value; nothing has to be held to anything. */
export const readingField = z
  .array(step)
  .min(1)
  .max(100)
  .refine((steps) => steps.some(({ cleanup }) => !cleanup), { error: 'expected at least one step that is no cleanup' })

export const stepsField = readingField.superRefine((steps, context) => {
  for (const [index, given] of steps.entries()) {
    const missing =
      given.expect !== undefined || isForItsValue(given) ? null : kindOf(given).undecided?.(settingsOf(given))
    if (missing) context.addIssue({ code: 'custom', path: [index], message: `expected ${missing}` })
  }
})

/** What it captures is what it is asked for. */
export function isForItsValue({ capture }: StepSettings): boolean {
  return !isEmpty(capture)
}

/** Of the settings of its kind. A misspelt name is one slip, and not also a missing one. */
function issuesOf(given: StepSettings): readonly z.core.$ZodIssue[] {
  const { config } = kindOf(given)
  const issues = config.safeParse(settingsOf(given)).error?.issues ?? []
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
  return issues
    .filter(({ path }) => path.length !== 1 || !isNear(String(path[0]), unknown))
    .flatMap((issue): readonly z.core.$ZodIssue[] => {
      if (issue.code === 'unrecognized_keys' && issue.path.length === 0)
        return issue.keys.map((key) => ({
          code: 'custom' as const,
          path: [key],
          message: `a setting of ${given.kind}: ${nearest(key, [...namesOf(config), ...Object.keys(words)])}`,
        }))
      const meaning = issue.message.startsWith('Invalid input') ? meaningAt(config, issue.path.map(String)) : null
      return meaning === null ? [issue] : [{ ...issue, message: `${issue.message}: ${meaning}` }]
    })
}

export function isRepeated(given: { readonly repeat?: unknown; readonly 'for-each'?: unknown }): boolean {
  return given.repeat !== undefined || given['for-each'] !== undefined
}

/** What a round of a step that is repeated gives to its own settings, with their types. */
export const roundFacts = { round: 'int', item: 'dyn' } as const

function isEmpty(capture: Readonly<Record<string, string>>): boolean {
  return Object.keys(capture).length === 0
}

export function kindOf(given: { readonly kind: string }): StepKind {
  const kind = stepKinds.get(given.kind)
  if (kind === undefined) throw new Error(`bug: the schema let the kind ${given.kind} through`)
  return kind
}

/** What belongs to the kind. As everywhere, `min-samples` is the `minSamples` of a schema that says so; commands are for bash. */
export function settingsOf(given: StepSettings): Record<string, Json> {
  const known = namesOf(kindOf(given).config)
  const own = Object.entries(given).flatMap(([name, value]) => {
    if (Object.hasOwn(words, name)) return []
    const joined = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return [[known.includes(joined) ? joined : name, value as Json] as const]
  })
  return { ...(given.kind === 'command' ? { shell: 'bash' } : {}), ...Object.fromEntries(own) }
}

/** `log in`, or `step 2 (sql)`. */
export function titleOf(given: StepSettings, index: number): string {
  return given.title ?? `step ${index + 1} (${given.kind})`
}

/** Names that the whole step would give a value, as far as its settings say. */
export function namesGivenBy(given: StepSettings): readonly string[] {
  return [...Object.keys(given.capture), ...insideRequests(given)]
}

function insideRequests(given: StepSettings): readonly string[] {
  const text = given['requests']
  if (given.kind !== 'http' || typeof text !== 'string') return []
  return parseScenario(text).scenario.requests.flatMap(({ captures }) => captures.map(({ name }) => name))
}

/** Names that it cannot do without: its templates, and for a command the values of this scenario that its script speaks of. */
export function namesUsedBy(given: StepSettings, ofScenario: readonly string[]): readonly string[] {
  const own = new Set(insideRequests(given))
  const slots = templateNames(JSON.stringify([settingsOf(given), given['for-each'] ?? []])).map(({ name }) => name)
  const script = given.kind === 'command' ? String(given['script']) : ''
  const inScript = ofScenario.filter((name) => script.includes(variableOf(name)))
  return [...slots, ...inScript].filter((name) => !own.has(name) && !name.startsWith('secret.'))
}

/** How a command sees a captured value, here as between the blocks of a checklist. */
export function variableOf(name: string): string {
  return `HOLDPOINT_VALUE_${name.toUpperCase()}`
}

export function secretsOf(config: Readonly<Record<string, Json>>): readonly string[] {
  const names = templateNames(JSON.stringify(config)).map(({ name }) => name)
  const inText = names.flatMap((name) => (name.startsWith('secret.') ? [name.slice('secret.'.length)] : []))
  const inSteps = stepsIn(config).flatMap((step) => kindOf(step).secrets?.(settingsOf(step)) ?? [])
  return [...new Set([...inText, ...inSteps])]
}

/** Addresses that the kinds of the steps name themselves, or make of their settings. */
export function addressesOf(config: Readonly<Record<string, Json>>): readonly string[] {
  return stepsIn(config).flatMap((step) => {
    const { addresses = [] } = kindOf(step)
    return typeof addresses === 'function' ? addresses(settingsOf(step)) : addresses
  })
}

/** Of settings as they are written, of which nothing is sure yet. */
function stepsIn({ steps }: Readonly<Record<string, Json>>): readonly StepSettings[] {
  return (Array.isArray(steps) ? (steps as readonly unknown[]) : []).filter(
    (step): step is StepSettings =>
      typeof step === 'object' && step !== null && stepKinds.has(String((step as { kind?: unknown }).kind)),
  )
}

/** In the order in which they are evaluated, so that each may name what those before it captured. */
export function expressionsOf(steps: readonly StepSettings[]): readonly ConfigExpression[] {
  const captured: Record<string, 'dyn'> = {}
  const numbered = steps.map((given, index) => ({ given, index }))
  const ordered = [...numbered.filter(({ given }) => !given.cleanup), ...numbered.filter(({ given }) => given.cleanup)]
  return ordered.flatMap(({ given, index }) => {
    const kind = kindOf(given)
    const known = { ...captured, ...(isRepeated(given) ? roundFacts : {}) }
    const facts = { ...known, ...kind.facts }
    const settings = kind.config.parse(settingsOf(given))
    const inside = (kind.expressions?.(settings) ?? []).map((each) => ({
      ...each,
      facts: { ...known, ...each.facts },
      path: ['steps', index, ...(each.path ?? [each.setting])],
    }))
    const expects = given.expect === undefined ? [] : [expression(given.expect, 'condition', ['expect'], index, facts)]
    const captures = Object.entries(given.capture).map(([name, from]) =>
      expression(from, 'value', ['capture', name], index, facts),
    )
    if (!given.background) for (const name of namesGivenBy(given)) captured[name] = 'dyn'
    return [...inside, ...expects, ...captures]
  })
}

function expression(
  source: string,
  gives: ConfigExpression['gives'],
  path: readonly string[],
  index: number,
  facts: ConfigExpression['facts'],
): ConfigExpression {
  const example = gives === 'condition' ? 'expect: value == "active"' : 'capture: { id: body.id }'
  return { source, gives, setting: 'steps', path: ['steps', index, ...path], line: 0, facts, example }
}
