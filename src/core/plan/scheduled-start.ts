/** `start:` of a schedule: that the server starts the checklist, or one drill of it, when its time has come. */
import type { ScheduledStart } from '../schedule/schedule.ts'
import type { Millis } from '../units.ts'
import { drillEnvironment, drillPlan } from './drill-plan.ts'
import type { Plan } from './plan.ts'
import type { Problems } from './problem.ts'
import type { Settings } from './settings.ts'

const example = 'start: { drill: restore-drill, environment: staging, give-up: 2h, missed: skip }'

/** `true`, or what is special about it. null = people start it. */
export function readScheduledStart(settings: Settings, dueWithinMs: Millis): ScheduledStart | null {
  const usual: ScheduledStart = { drill: null, environment: null, giveUpMs: dueWithinMs, missed: 'start' }
  if (settings.peek('start')?.value.kind !== 'map') return settings.flag('start') ? usual : null
  const inner = settings.group('start')
  if (inner === null) return null
  const start: ScheduledStart = {
    drill: inner.text('drill'),
    environment: inner.text('environment'),
    giveUpMs: inner.duration('give-up') ?? dueWithinMs,
    missed: inner.choice('missed', ['start', 'skip']) ?? 'start',
  }
  inner.finish(example)
  return start
}

/** Said when it is written, and not by a start that is refused a quarter later. */
export function checkScheduledStart(plan: Plan, problems: Problems): void {
  const start = plan.schedule?.start
  if (start === undefined) return
  const wrong = (found: string, expected: string): void =>
    problems.error(
      'bad-value',
      { line: 1, column: 1 },
      { found: `"start" of the schedule: ${found}`, expected, example },
    )
  const drill = start.drill === null ? null : drillPlan(plan, start.drill)
  if (drill?.kind === 'refused') wrong(drill.reason, 'a phase of kind: drill, by its id or title')
  const own = drill?.kind === 'drill' ? drillEnvironment(drill.plan) : null
  if (own !== null && start.environment !== null && start.environment !== own)
    wrong(
      `the environment "${start.environment}", and the drill "${start.drill}" runs in ${own}`,
      `environment: ${own}, or none`,
    )
  const declared = Object.keys(plan.environments)
  if (start.environment !== null && declared.length > 0 && !declared.includes(start.environment))
    wrong(`the environment "${start.environment}" is not declared`, declared.join(', '))
  const missing = Object.entries(plan.inputs).flatMap(([name, { required, default: usual }]) =>
    required && usual === null ? [name] : [],
  )
  if (missing.length > 0)
    wrong(`nobody is there to say ${missing.join(', ')}`, 'a default for every input that is required')
}
