/** When watches begin and end: their offset from the rollout, what is still to be observed, and what waits for that. */
import type { StepPlan, WatchBlock } from '../plan/plan.ts'
import type { Instant, Millis } from '../units.ts'
import { goesForward, isReady, stepPlan } from './standing.ts'
import type { ObservationState, ReleaseState } from './state.ts'

/** A watch that only the closing of the release waits for: phases, parents and the sign-off go on beside it. */
export function isInBackground({ block }: StepPlan): boolean {
  return block.word === 'watch' && block.before === 'close'
}

/** From where `starts` counts: the end of the last rollout that ended; without one the opening of the watch's phase. */
export function watchAnchor(state: ReleaseState, plan: StepPlan): Instant | null {
  const ends = state.plan.steps.flatMap(({ id, block }) => {
    const closed = block.word === 'rollout' ? state.steps.get(id)?.closed : null
    return closed && closed.how !== 'not-applicable' ? [closed.at] : []
  })
  return ends.length > 0 ? Math.max(...ends) : (state.phases.get(plan.phase)?.openedAt ?? null)
}

/** When a watch with `starts` may begin; 0 = at once, in its turn; null = nobody knows yet. */
export function watchStartsAt(state: ReleaseState, plan: StepPlan): Instant | null {
  if (plan.block.word !== 'watch' || plan.block.startsMs === undefined) return 0
  const anchor = watchAnchor(state, plan)
  return anchor === null ? null : anchor + plan.block.startsMs
}

/** Healthy time that the watch needs in all, with what an incident added. */
export function watchNeedsMs(block: WatchBlock, observation: ObservationState | undefined): Millis {
  return block.forMs + (observation?.extendedMs ?? 0)
}

/** The earliest end of a watch as of the last sample that is in the log; null = nobody knows yet. */
export function watchEndsAt(state: ReleaseState, plan: StepPlan): Instant | null {
  if (plan.block.word !== 'watch') return null
  const observation = state.observations.get(plan.id)
  if (observation) {
    const leftMs = Math.max(0, watchNeedsMs(plan.block, observation) - observation.soakMs)
    return (observation.upTo ?? observation.startedAt) + leftMs
  }
  const startsAt = watchStartsAt(state, plan)
  return startsAt === null || startsAt === 0 ? null : startsAt + plan.block.forMs
}

/** Watches that have been reached and are held back by their offset alone. */
export function watchesToStart(state: ReleaseState): readonly { readonly plan: StepPlan; readonly at: Instant }[] {
  if (!goesForward(state)) return []
  return state.steps.open.flatMap(({ id, blocked, waiver }) => {
    const plan = stepPlan(state, id)
    if (plan.block.word !== 'watch' || plan.block.startsMs === undefined) return []
    if (state.observations.has(id) || blocked !== null || waiver !== null || !isReady(state, plan)) return []
    const at = watchStartsAt(state, plan)
    return at === null ? [] : [{ plan, at }]
  })
}

/** `the watch "2 h" has ended, at 2026-11-21 14:05 UTC at the earliest`; null where no watch stands before the step. */
export function watchesBefore(state: ReleaseState, before: readonly StepPlan[]): string | null {
  const open = before.filter(
    (plan) => plan.block.word === 'watch' && !isInBackground(plan) && state.steps.get(plan.id)?.closed == null,
  )
  const [only] = open
  if (!only) return null
  const ends = open.map((plan) => watchEndsAt(state, plan))
  const names = open.map(({ text }) => `"${text}"`)
  const what = open.length === 1 ? `the watch ${names[0]} has ended` : `the watches ${names.join(', ')} have ended`
  const known = ends.filter((at) => at !== null)
  if (known.length < ends.length) return what
  const last = new Date(Math.max(...known)).toISOString()
  return `${what}, at ${last.slice(0, 10)} ${last.slice(11, 16)} UTC at the earliest`
}
