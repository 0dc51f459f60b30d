/** What must hold before a release begins. */
import type { CommandOf, Decision } from '../commands.ts'
import type { Instant } from '../../units.ts'
import { courseOf } from '../course.ts'
import { accept, refuse } from '../decision.ts'

export function startRelease(command: CommandOf<'StartRelease'>, now: Instant): Decision {
  const { plan, environment, inputs } = command
  const { kind: _, ...facts } = command
  const known = Object.keys(plan.environments)
  if (known.length > 0 && !(environment in plan.environments)) {
    return refuse(
      'wrong-target',
      `This checklist has no environment "${environment}"; it names ${known.join(', ')}. For example: --env ${known[0]}`,
    )
  }
  for (const [name, input] of Object.entries(plan.inputs)) {
    const value = inputs[name]
    if (value === undefined && input.default === null && input.required) {
      return refuse(
        'missing-input',
        `The input "${name}" is required${input.description ? ` (${input.description})` : ''}. For example: --set ${name}=…`,
      )
    }
    if (value !== undefined && typeof value !== input.type) {
      return refuse('missing-input', `The input "${name}" has to be a ${input.type}, found ${JSON.stringify(value)}.`)
    }
    if (value !== undefined && input.options && !input.options.includes(String(value))) {
      return refuse(
        'missing-input',
        `The input "${name}" has to be one of ${input.options.join(', ')}, found ${JSON.stringify(value)}.`,
      )
    }
  }
  const unknown = Object.keys(inputs).find((name) => !(name in plan.inputs))
  if (unknown !== undefined) {
    const names = Object.keys(plan.inputs)
    return refuse(
      'missing-input',
      `This checklist has no input "${unknown}"; ${names.length > 0 ? `it has ${names.join(', ')}` : 'it declares none'}.`,
    )
  }
  if (plan.environments[environment]?.protected && plan.unreversed.length > 0) {
    return refuse(
      'unreversed-actions',
      `${environment} is protected and nobody takes back: ${plan.unreversed.join(', ')}. Give each an undo, a rollback phase, or irreversible="reason".`,
    )
  }
  const course = courseOf(plan, now)
  if (course.kind === 'outgrown') return refuse('outside-window', course.why)
  const defaults = Object.entries(plan.inputs).flatMap(([name, input]) =>
    input.default === null ? [] : [[name, input.default] as const],
  )
  return accept({ kind: 'ReleaseStarted', ...facts, inputs: { ...Object.fromEntries(defaults), ...inputs } })
}
