/** What must hold before a release begins. */
import type { CommandOf, Decision, Facts, Refusal } from '../commands.ts'
import { drillEnvironment } from '../../plan/drill-plan.ts'
import type { PhasePlan, Plan } from '../../plan/plan.ts'
import type { Instant } from '../../units.ts'
import { courseOf, standsInTheWay, type Course } from '../course.ts'
import { accept, refuse } from '../decision.ts'
import type { ReleaseEvent } from '../events.ts'
import { anchorOf } from '../planned-start.ts'
import { plannedBy } from '../start-now.ts'
import { missedLead, overridden, overrideRefused, plannedWrong } from './time.ts'

export function startRelease(command: CommandOf<'StartRelease'>, given: Facts): Decision {
  const { plan, environment, inputs } = command
  const { kind: _, override: __, ...facts } = command
  const known = Object.keys(plan.environments)
  if (known.length > 0 && !(environment in plan.environments)) {
    return refuse(
      'wrong-target',
      `This checklist has no environment "${environment}"; it names ${known.join(', ')}. For example: --env ${known[0]}`,
    )
  }
  const aimless = aimlessRehearsal(command)
  if (aimless !== null) return refuse('wrong-target', aimless)
  const misplaced = misplacedDrill(command)
  if (misplaced !== null) return refuse('wrong-target', misplaced)
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
  const time = timeOf(command, given)
  if (time.kind === 'refused') return time
  const defaults = Object.entries(plan.inputs).flatMap(([name, input]) =>
    input.default === null ? [] : [[name, input.default] as const],
  )
  const { plannedAt } = time
  return accept(
    {
      kind: 'ReleaseStarted',
      ...facts,
      inputs: { ...Object.fromEntries(defaults), ...inputs },
      ...(plannedAt !== null && { plannedAt }),
    },
    ...time.overrides,
  )
}

/** A drill acts where its phase says, and in a protected environment only if that says so. null = it is in its place. */
function misplacedDrill({ plan, environment }: CommandOf<'StartRelease'>): string | null {
  if (plan.drill === undefined) return null
  const named = drillEnvironment(plan)
  const { title } = plan.drill
  if (named !== null)
    return named === environment ? null : `The drill "${title}" is of ${named}, not of ${environment}: --env ${named}`
  if (plan.environments[environment]?.protected !== true) return null
  return `${environment} is protected, and the drill "${title}" does not name it. Drill elsewhere, or write it into its phase: kind: drill, environment: ${environment}`
}

/** The way back is rehearsed between two real versions, and where it may fail. null = it may begin. */
function aimlessRehearsal({ andBack, plan, environment, previous, version, rehearsal }: CommandOf<'StartRelease'>) {
  if (andBack !== true) return null
  if (plan.environments[environment]?.protected === true)
    return `${environment} is protected: the way back is rehearsed elsewhere. For example: --env staging`
  if (rehearsal) return 'A dry run changes nothing, so there is nothing to take back: leave out --dry-run.'
  if (plan.drill !== undefined) return 'A drill has no way back of its own: leave out --drill.'
  if (previous === null || previous === version)
    return `The way back leads to another version than ${version}: say which serves now. For example: --from 1.2.2 --to 1.2.3`
  const acts = plan.steps.some(({ block }) => block.word === 'run' || block.word === 'rollout')
  return acts ? null : 'This checklist brings nothing out, so there is no way back to rehearse.'
}

interface StartTime {
  readonly kind: 'time'
  readonly plannedAt: Instant | null
  readonly overrides: readonly ReleaseEvent[]
}

/** Whether windows and lead times let it begin now, or as planned; with whatever windows are overridden for it. */
function timeOf(command: CommandOf<'StartRelease'>, facts: Facts): StartTime | Refusal {
  const { plan, override, rehearsal } = command
  const { now } = facts
  const given = command.plannedAt ?? null
  const overrides = override === undefined ? [] : overridesOf(command, override, facts)
  if ('kind' in overrides) return overrides
  const phases = new Set(overrides.map(({ id }) => id))
  const anchor = anchorOf(plan)
  const wrong = given === null ? null : plannedWrong(plan, given, now, anchor !== undefined && phases.has(anchor.id))
  if (wrong) return wrong
  const course = courseOf(plan, now, { plannedAt: given, isOverridden: ({ id }) => phases.has(id) })
  if (course.kind === 'outgrown') return refuse('outside-window', `${course.why}${overrideHint(plan, course)}`)
  const plannedAt = given ?? plannedBy(plan, course)
  const missed = plannedAt === null || rehearsal ? null : missedLead(plan, plannedAt, now)
  if (missed !== null && (command.lateWhy ?? '').trim() === '')
    return refuse(
      'too-late',
      `${missed}. Plan a later start, for example --at 2026-12-01T10:00, or say why it goes on without: --reason "the fix cannot wait"`,
    )
  const events = overrides.map((phase) => overridden(phase, override ?? { role: '', reason: '' }, facts))
  return { kind: 'time', plannedAt, overrides: events }
}

/** Every phase that a window would keep waiting, or has no room for, and that this role may let begin. */
function overridesOf(
  { plan, environment, plannedAt }: CommandOf<'StartRelease'>,
  override: { readonly role: string; readonly reason: string },
  facts: Facts,
): readonly PhasePlan[] | Refusal {
  const found: PhasePlan[] = []
  let refusal: Refusal | null = null
  const isOverridden = (phase: PhasePlan, at: Instant): boolean => {
    if (!standsInTheWay(plan, phase, at)) return false
    const refused = overrideRefused({ plan, environment }, phase, override, facts)
    refusal ??= refused
    if (refused === null) found.push(phase)
    return refused === null
  }
  courseOf(plan, facts.now, { plannedAt: plannedAt ?? null, isOverridden })
  if (found.length > 0) return found
  return refusal ?? refuse('no-change', 'No window stands in the way of this start: leave out --override-window.')
}

function overrideHint(plan: Plan, { phase, window }: Extract<Course, { kind: 'outgrown' }>): string {
  const role = plan.windows[window]?.override
  const waiting = plan.phases.find(({ id }) => id === phase)
  if (role === undefined) return ` Nobody may override the window "${window}".`
  if (!waiting) return ''
  return ` Whoever is ${role} may override it: --override-window "why" --role ${role}`
}
