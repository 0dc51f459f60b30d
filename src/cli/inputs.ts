/** Inputs, environment and secrets of a start, checked against what the plan declares. */
import type { InputPlan, Plan } from '../core/plan/plan.ts'
import { UsageFault } from './faults.ts'
import { pairs } from './values.ts'

export function environmentOf(plan: Plan, given: string | null): string {
  const declared = Object.keys(plan.environments)
  if (given !== null) {
    if (declared.length > 0 && !declared.includes(given))
      throw new UsageFault(`--env is "${given}", expected one of ${declared.join(', ')}`)
    return given
  }
  const [only] = declared
  if (declared.length > 1)
    throw new UsageFault(`This checklist knows ${declared.join(', ')}: say which, for example --env ${only}`)
  return only ?? 'production'
}

/** As `knownInputs`, and missing required ones are named all at once. */
export function inputsOf(plan: Plan, given: readonly string[]): Readonly<Record<string, string | number | boolean>> {
  const values = knownInputs(plan, given)
  const missing = Object.keys(plan.inputs).filter(
    (name) => values[name] === undefined && plan.inputs[name]?.required === true,
  )
  if (missing.length > 0)
    throw new UsageFault(
      `missing ${missing.map((name) => describe(name, plan.inputs[name])).join(', ')}; for example ${missing.map((name) => `--set ${name}=…`).join(' ')}`,
    )
  return values
}

/** Typed values by name; defaults filled in. */
export function knownInputs(plan: Plan, given: readonly string[]): Readonly<Record<string, string | number | boolean>> {
  const texts = pairs(given, '--set')
  const names = Object.keys(plan.inputs)
  const unknown = Object.keys(texts).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new UsageFault(
      `--set ${unknown}: this checklist has ${names.length > 0 ? `the inputs ${names.join(', ')}` : 'no inputs'}`,
    )
  const values: Record<string, string | number | boolean> = {}
  for (const [name, input] of Object.entries(plan.inputs)) {
    const value = texts[name] === undefined ? input.default : typed(name, texts[name], input)
    if (value !== null) values[name] = value
  }
  return values
}

function describe(name: string, input: InputPlan | undefined): string {
  return input?.description ? `input ${name} (${input.description})` : `input ${name}`
}

function typed(name: string, text: string, input: InputPlan): string | number | boolean {
  const wrong = (expected: string) => new UsageFault(`--set ${name}=${text}: expected ${expected}`)
  if (input.options && !input.options.includes(text)) throw wrong(`one of ${input.options.join(', ')}`)
  if (input.type === 'number') {
    if (text.trim() === '' || !Number.isFinite(Number(text))) throw wrong('a number')
    return Number(text)
  }
  if (input.type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw wrong('true or false')
    return text === 'true'
  }
  return text
}

/** Values of the names under `env:` that this terminal has: lent to the engine's memory for one release, never written. */
export function environmentToLend(
  plan: Plan,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of plan.env) {
    const value = environment[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

/** Values of the secrets that come from this terminal's environment: lent to the launcher's memory, never written. */
export function secretsToLend(
  plan: Plan,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const secret of Object.values(plan.secrets)) {
    if (secret.from !== 'env') continue
    const value = environment[secret.name]
    if (value !== undefined) found[secret.name] = value
  }
  return found
}
