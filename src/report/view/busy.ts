/** Whether machines are at work on a release: something will change without a person and without a wait. */
import { alarmsOf } from '../../core/release/alarms.ts'
import { due } from '../../core/release/due.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'
import type { PhaseView, RolloutView, WaitingView } from '../view.ts'
import type { Scene } from './steps.ts'

/** Does something change without a person? Waits by the clock and watches are no work. */
export function isBusy(
  { state, now }: Pick<Scene, 'state' | 'now'>,
  phases: readonly PhaseView[],
  rollouts: readonly RolloutView[],
  waits: readonly WaitingView[],
): boolean {
  if (state.phase === 'rolling-back') return isTakingBack(state, now)
  if (state.phase !== 'running') return false
  if (rollouts.some((rollout) => rolloutIsBusy(state, rollout))) return true
  return phases
    .filter((phase) => phase.status === 'open')
    .flatMap((phase) => phase.steps)
    .some(
      (step) =>
        !['group', 'wait', 'watch', 'rollout', 'readiness'].includes(step.word) &&
        !waits.some((wait) => wait.kind === 'time' && wait.step === step.id) &&
        (step.state === 'running' || (step.state === 'waiting' && step.since !== null)),
    )
}

/** On the way back a step may wait for a person like any other: then nothing moves until that person acts. */
function isTakingBack(state: ReleaseState, now: Instant): boolean {
  const errands = ['SendMessage', 'LookUpRecord']
  return (
    due(state, now).some((effect) => !errands.includes(effect.kind)) ||
    alarmsOf(state, now).some((alarm) => alarm.at > now && !alarm.tick)
  )
}

function rolloutIsBusy(state: ReleaseState, { doing, observed }: RolloutView): boolean {
  if (state.hold || state.asked) return false
  if (doing === 'shifting' || doing === 'putting-back') return true
  return doing === 'soaking' && !(observed && observed.soakMs >= observed.neededMs && observed.verdict?.zone === 'go')
}
