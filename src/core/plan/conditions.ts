/** Conditions are checked when every name is known: their names, their type, and that they only look back. */
import type { Compiling, Draft, DraftCondition, DraftPhase, DraftStep } from './draft.ts'
import { isForward } from './phase-kinds.ts'
import { withDescendants } from './order.ts'
import { checkCondition, checkValue, pathsOf, type ExpressionFault } from './expression.ts'
import { withoutSlots } from './condition-slots.ts'
import { nearest } from './nearest.ts'

const baselinePrefix = 'baseline.'
const example = 'when="environment == \\"production\\""'

/** What every release knows, with its CEL type. */
export const releaseNames: Readonly<Record<string, string>> = {
  version: 'string',
  previous: 'string',
  environment: 'string',
  service: 'string',
  release: 'string',
  commit: 'string',
  artefact: 'string',
  started_by: 'string',
  stage: 'string',
  weight: 'string',
  verdict: 'string',
  reason: 'string',
  phase: 'string',
  input: 'map',
  steps: 'map',
  release_type: 'string',
}

const inputTypes = { string: 'string', number: 'double', boolean: 'bool' } as const

/** Names that conditions and templates may use besides the steps. */
export function valueNames(compiling: Compiling): Readonly<Record<string, string>> {
  const inputs = Object.entries(compiling.declared.inputs).map(([name, input]) => [name, inputTypes[input.type]])
  const values = [...compiling.values].map(([name, value]) => [name, value.type])
  const hasBaseline = [...compiling.values.keys()].some((name) => name.startsWith(baselinePrefix))
  return {
    ...(hasBaseline && { baseline: 'map' }),
    ...Object.fromEntries(values),
    ...Object.fromEntries(inputs),
    ...releaseNames,
  }
}

interface Known {
  readonly names: Readonly<Record<string, string>>
  readonly steps: ReadonlyMap<string, DraftStep>
  readonly position: ReadonlyMap<DraftStep, number>
  readonly phases: ReadonlyMap<DraftPhase, number>
  readonly compiling: Compiling
}

/** A step that a condition looks back at also becomes something to wait for. */
export function checkConditions(draft: Draft, compiling: Compiling): void {
  if (compiling.conditions.length === 0) return
  const known: Known = {
    names: valueNames(compiling),
    steps: new Map(draft.steps.map((step) => [step.name, step])),
    position: new Map(draft.steps.map((step, index) => [step, index])),
    phases: new Map(draft.phases.map((phase, index) => [phase, index])),
    compiling,
  }
  for (const condition of compiling.conditions) check(condition, known)
}

function check(condition: DraftCondition, known: Known): void {
  const unslotted = withoutSlots(condition.source)
  if (unslotted !== null) {
    known.compiling.problems.error('bad-condition', condition.place, {
      found: `"{{ }}" in the condition "${condition.source.slice(0, 120)}", where it would be compared as text`,
      expected: 'names by themselves, without braces and quotes',
      example: unslotted.slice(0, 120),
    })
    return
  }
  const mentioned = stepsOf(condition, known)
  if (mentioned === null) return
  const direct = Object.fromEntries(
    mentioned.flatMap((step) => (known.names[step.name] === undefined ? [[step.name, 'map']] : [])),
  )
  const names = { ...direct, ...known.names, ...condition.facts }
  const isValue = condition.inside?.gives === 'value'
  const fault = isValue ? valueFault(condition.source, names) : checkCondition(condition.source, names)
  if (fault) {
    known.compiling.problems.error('bad-condition', condition.place, {
      found: `the ${isValue ? 'expression' : 'condition'} "${condition.source.slice(0, 120)}": ${fault.found} at character ${fault.column}`,
      expected: fault.expected,
      example: condition.inside?.example ?? (condition.facts ? exampleOf(condition.facts) : example),
    })
  }
}

function valueFault(source: string, names: Readonly<Record<string, string>>): ExpressionFault | null {
  const checked = checkValue(source, names)
  return 'found' in checked ? checked : null
}

function exampleOf(facts: Readonly<Record<string, string>>): string {
  const [name, type] = Object.entries(facts)[0] ?? ['environment', 'string']
  return type === 'string' ? `expect="${name} == \\"ready\\""` : `expect="${name} == 0"`
}

/** The steps a condition reads, in this document; null = one of them may not be read, which has been reported. */
function stepsOf(condition: DraftCondition, known: Known): readonly DraftStep[] | null {
  const steps: DraftStep[] = []
  for (const path of pathsOf(condition.source)) {
    const [first = '', second] = path.split('.')
    if (Object.hasOwn(condition.facts ?? {}, first)) continue
    const isNamed = first === 'steps' && second !== undefined
    const step = known.steps.get(isNamed ? second : first)
    if (first === 'input' && second !== undefined && !Object.hasOwn(known.compiling.declared.inputs, second)) {
      report(
        'bad-condition',
        condition,
        `the unknown input "${second}"`,
        nearest(second, Object.keys(known.compiling.declared.inputs)),
        known,
      )
      return null
    }
    const baseline = `${baselinePrefix}${second ?? ''}`
    if (first === 'baseline' && known.names['baseline'] === 'map' && second !== undefined) {
      if (!known.compiling.values.has(baseline)) {
        const all = [...known.compiling.values.keys()].filter((name) => name.startsWith(baselinePrefix))
        report('bad-condition', condition, `the unknown baseline "${second}"`, nearest(baseline, all), known)
        return null
      }
      if (!waitsForValue(baseline, condition, known)) return null
      continue
    }
    if (isNamed && !step) {
      report('unknown-step', condition, `the unknown step "${second}"`, nearest(second, [...known.steps.keys()]), known)
      return null
    }
    if (!isNamed && known.names[first] !== undefined) {
      if (!waitsForValue(first, condition, known)) return null
      continue
    }
    if (!step) continue
    if (!looksBack(condition, step, known)) {
      report(
        'condition-cycle',
        condition,
        `a condition that looks at "${step.id}", which is not closed before it`,
        'only steps that come before it',
        known,
      )
      return null
    }
    waitFor(condition.step, step)
    steps.push(step)
  }
  return steps
}

/** A captured value is there when the step that captures it is closed. */
function waitsForValue(name: string, condition: DraftCondition, known: Known): boolean {
  const by = known.compiling.values.get(name)?.by
  if (!by || Object.hasOwn(releaseNames, name)) return true
  if (looksBack(condition, by, known)) {
    waitFor(condition.step, by)
    return true
  }
  const found = `a condition on "${name}", which "${by.id}" gives only later`
  report('condition-cycle', condition, found, 'values of steps that come before it', known)
  return false
}

function report(
  code: 'bad-condition' | 'unknown-step' | 'condition-cycle',
  condition: DraftCondition,
  found: string,
  expected: string,
  known: Known,
): void {
  known.compiling.problems.error(code, condition.place, {
    found,
    expected,
    example: 'when="steps.restore_test.outcome == \\"passed\\""',
  })
}

function looksBack(condition: DraftCondition, read: DraftStep, known: Known): boolean {
  const { step, phase } = condition
  if (phase) return phaseAt(read.phase, known) < phaseAt(phase, known)
  if (!step) return true
  if (isInside(step, read)) return false
  // A phase that only runs when something went wrong has nothing to say to one that runs forward.
  if (step.phase !== read.phase && !isForward(read.phase.plan.kind)) return false
  return (known.position.get(read) ?? 0) < (known.position.get(step) ?? 0)
}

function phaseAt(phase: DraftPhase, known: Known): number {
  return known.phases.get(phase) ?? 0
}

/** Is the step part of the other: below it, or in a stage of its rollout? Then the other closes later. */
export function isInside(step: DraftStep, other: DraftStep): boolean {
  for (let each: DraftStep | null = step; each; each = each.parent) {
    if (each === other) return true
    if (each.stage && other.rollout?.stages.includes(each.stage)) return true
  }
  return false
}

/**
 * Makes a step, and all that stands inside it and shares its condition, wait for another it reads. Within one phase and
 * one stage order alone may leave them side by side; across them it never does.
 */
export function waitFor(step: DraftStep | null, read: DraftStep): void {
  if (!step || step.phase !== read.phase || step.stage !== read.stage) return
  for (const each of withDescendants(step)) if (!each.after.includes(read)) each.after = [...each.after, read]
}
