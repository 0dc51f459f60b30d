/** Windows of low traffic that somebody waits for now: their number has to be read. */
import { isWindowOpen, windowOpensAt } from '../calendar/window.ts'
import type { StepPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { nextForwardPhase } from './consequences-phases.ts'
import { isTrafficLow, mayBeginAt, waitsForTraffic } from './consequences-time.ts'
import type { Effect } from './effects.ts'
import { goesForward, reopenedSteps, stepPlan } from './standing.ts'
import type { ReleaseState } from './state.ts'

/** One effect for each window, however many wait for it. Owed until the traffic is low, or the window closes. */
export function windowEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  if (!goesForward(state)) return []
  const names = new Set([...phaseWindow(state, now), ...stepsWaiting(state, now).flatMap(({ window }) => window)])
  return [...names].flatMap((window): readonly Effect[] => {
    const lowTraffic = state.plan.windows[window]?.lowTraffic
    return lowTraffic === undefined ? [] : [{ kind: 'ReadWindow', key: `window ${window}`, window, lowTraffic }]
  })
}

function phaseWindow(state: ReleaseState, now: Instant): readonly string[] {
  const phase = nextForwardPhase(state)
  if (!phase || phase.window === null || state.phases.get(phase.id)?.status !== 'waiting') return []
  if (reopenedSteps(state).length > 0 || mayBeginAt(state, phase, now) !== now) return []
  return waitsForTraffic(state, phase, now) ? [phase.window] : []
}

/** Steps with `until` whose window has opened by the clock, and whose traffic is not known to be low. */
function stepsWaiting(state: ReleaseState, now: Instant): readonly { readonly window: string }[] {
  return state.steps.open.flatMap(({ id, wait }) => {
    const window = windowWaitedFor(stepPlan(state, id))
    if (window === null || !wait || wait.ended || wait.until > now) return []
    return isOpenByClock(state, window, now) && !isTrafficLow(state, window, now) ? [{ window }] : []
  })
}

function windowWaitedFor({ block }: StepPlan): string | null {
  return block.word === 'wait' ? block.untilWindow : null
}

function isOpenByClock(state: ReleaseState, name: string, now: Instant): boolean {
  const window = state.plan.windows[name]
  return window !== undefined && isWindowOpen(window, now)
}

/** Whether a wait for a window may end: one of low traffic has to be open still, and low. */
export function isWaitedForOpen(state: ReleaseState, plan: StepPlan, now: Instant): boolean {
  const name = windowWaitedFor(plan)
  if (name === null || state.plan.windows[name]?.lowTraffic === undefined) return true
  return isOpenByClock(state, name, now) && isTrafficLow(state, name, now)
}

/** When the clock lets a wait that is over by its own time go on; undefined = it is the traffic that is waited for. */
export function waitGoesOnAt(state: ReleaseState, plan: StepPlan, until: Instant, now: Instant): Instant | undefined {
  if (until > now || isWaitedForOpen(state, plan, now)) return until
  const window = state.plan.windows[windowWaitedFor(plan) ?? '']
  return window === undefined || isWindowOpen(window, now) ? undefined : windowOpensAt(window, now)
}
