/** What must hold before a release begins. */
import type { CommandOf, Decision } from '../commands.ts'
import { isOpenThroughout, windowOpensAt } from '../../calendar/window.ts'
import { leastTimeOf } from '../../plan/least-time.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Instant } from '../../units.ts'
import { accept, refuse } from '../decision.ts'
import { isForwardPhase } from '../standing.ts'

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
  const late = outgrownWindow(plan, now)
  if (late !== null) return refuse('outside-window', late)
  const defaults = Object.entries(plan.inputs).flatMap(([name, input]) =>
    input.default === null ? [] : [[name, input.default] as const],
  )
  return accept({ kind: 'ReleaseStarted', ...facts, inputs: { ...Object.fromEntries(defaults), ...inputs } })
}

/** The first phase that would still be moving when its window closes, even if nobody dawdles; null = none. */
function outgrownWindow(plan: Plan, now: Instant): string | null {
  let at = now
  for (const phase of plan.phases.filter(isForwardPhase)) {
    const window = phase.window === null ? undefined : plan.windows[phase.window]
    const neededMs = leastTimeOf(plan, phase.id)
    if (window) {
      const opens = windowOpensAt(window, at)
      if (opens === undefined) return `The window "${phase.window}" of "${phase.title}" does not open within a year.`
      if (!isOpenThroughout(window, opens, opens + neededMs)) {
        return `"${phase.title}" takes at least ${Math.ceil(neededMs / 60_000)} minutes, and its window "${phase.window}" closes before that. Start it earlier in the window.`
      }
      at = opens
    }
    at += neededMs
  }
  return null
}
