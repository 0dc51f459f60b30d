/** The state of a release that never was: what is needed to send a message or fill a template of a plan by itself. */
import type { Plan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { evolve } from './evolve.ts'
import type { ReleaseEvent } from './events.ts'
import type { ReleaseState } from './state.ts'

/** Inputs have their defaults; the environment is none of the plan's, so nothing that only one may do is done. */
export function stateOfPlan(plan: Plan, called: string, at: Instant): ReleaseState {
  const given = Object.entries(plan.inputs).flatMap(([name, input]) =>
    input.default === null ? [] : [[name, input.default] as const],
  )
  const event: ReleaseEvent = {
    kind: 'ReleaseStarted',
    release: called,
    plan,
    version: 'none',
    previous: null,
    environment: 'schedule',
    inputs: Object.fromEntries(given),
    workspace: { root: '/nonexistent', commit: null, dirty: false },
    artefact: null,
    superseded: null,
    rehearsal: true,
  }
  const by = { id: 'schedule', kind: 'engine', assurance: 'engine' } as const
  const state = evolve(null, { version: 1, at, by, event })
  if (state === null) throw new Error('bug: a start without a state')
  return state
}
