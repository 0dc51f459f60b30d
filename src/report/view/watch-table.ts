/** Every watch of a release in one table: when it begins, what it has observed, when it can end at the earliest, who waits for it. */
import type { StepPlan, WatchBlock } from '../../core/plan/plan.ts'
import { watchEndsAt, watchNeedsMs, watchStartsAt } from '../../core/release/watch-times.ts'
import type { MilestonesView, ObservedView, WatchRowView, WatchView } from '../view.ts'
import { durationWords } from '../words.ts'
import type { Scene } from './steps.ts'

export function watchTable(scene: Scene, watches: readonly WatchView[]): readonly WatchRowView[] {
  const observed = new Map(watches.map((watch) => [watch.step, watch.observed]))
  return scene.state.plan.steps.flatMap((plan) =>
    plan.block.word === 'watch' ? [rowOf(scene, plan, plan.block, observed.get(plan.id) ?? null)] : [],
  )
}

function rowOf(scene: Scene, plan: StepPlan, block: WatchBlock, observed: ObservedView | null): WatchRowView {
  const { state } = scene
  const step = state.steps.get(plan.id)
  const observation = state.observations.get(plan.id)
  const startsAt = step?.closed ? null : watchStartsAt(state, plan)
  const neededMs = watchNeedsMs(block, observation)
  const soakMs = observed?.soakMs ?? 0
  const standing = standingOf(step?.closed?.how ?? null, observed)
  return {
    step: plan.id,
    text: plan.text,
    standing,
    startsAt: observed?.startedAt ?? (startsAt === 0 ? null : startsAt),
    observedMs: soakMs,
    neededMs,
    // The youngest sample is younger than the newest event: what it counted is not waited for again.
    endsAt: standing === 'running' && observed ? scene.now + (neededMs - soakMs) : endOf(scene, plan, standing),
    endedAt: standing === 'ended' ? (step?.closed?.at ?? null) : null,
    before: block.before ?? 'sign-off',
    restarts: observation?.restarts ?? 0,
    extendedMs: observation?.extendedMs ?? 0,
    zone: observed?.verdict?.zone ?? null,
    say: observed?.verdict?.say ?? '',
  }
}

function standingOf(closed: string | null, observed: ObservedView | null): WatchRowView['standing'] {
  if (closed === 'not-applicable') return 'not applicable'
  if (closed !== null || observed?.ended === true) return 'ended'
  return observed === null ? 'to come' : 'running'
}

function endOf(scene: Scene, plan: StepPlan, standing: WatchRowView['standing']): number | null {
  return standing === 'to come' ? watchEndsAt(scene.state, plan) : null
}

export function milestonesOf({ state }: Scene): MilestonesView {
  const { validatingAt, signedOffAt } = state
  return { validatingAt, signedOffAt, closedAt: state.phase === 'closed' ? state.endedAt : null }
}

/** `begun again twice, 30 min longer`; empty where nothing happened to it. */
export function courseWords({ restarts, extendedMs, before }: WatchRowView): string {
  const again = restarts === 0 ? '' : restarts === 1 ? 'begun again once' : `begun again ${restarts} times`
  const longer = extendedMs === 0 ? '' : `${durationWords(extendedMs)} longer`
  const background = before === 'close' ? 'goes on after the sign-off' : ''
  return [again, longer, background].filter((one) => one !== '').join(', ')
}
