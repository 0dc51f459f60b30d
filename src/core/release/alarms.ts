/** Every instant at which time alone changes what is due. `tick` alarms are automatic transitions, the others retries. */
import type { Instant } from '../units.ts'
import { overBudgetAt, undecidedOf } from './consequences-incidents.ts'
import { nextForwardPhase } from './consequences-phases.ts'
import { mayBeginAt, timeAlarms, waitsForTraffic } from './consequences-time.ts'
import { digestsAt } from './digest.ts'
import { actionDueAt, checkDueAt } from './due-steps.ts'
import { escalatesAt } from './handover.ts'
import { nextShift, shiftDueAt } from './due-traffic.ts'
import { waitGoesOnAt } from './due-windows.ts'
import { repeatsOf } from './messages.ts'
import { presenceAlarms } from './presence.ts'
import { agingOf } from './record-aging.ts'
import { questionsOf } from './questions.ts'
import { nextUndo, unrestored } from './rollback.ts'
import { goesForward, isAsideStep, isEnded, reopenedSteps, rolloutsOf, stepPlan } from './standing.ts'
import type { ReleaseState } from './state.ts'
import { watchesToStart } from './watch-times.ts'

export interface Alarm {
  readonly at: Instant
  readonly tick: boolean
}

const tick = (at: Instant): Alarm => ({ at, tick: true })
const retry = (at: Instant): Alarm => ({ at, tick: false })

export function alarmsOf(state: ReleaseState, now: Instant): readonly Alarm[] {
  if (isEnded(state)) return []
  const digests = digestsAt(state).map((digest) => tick(digest.at))
  if (state.phase === 'rolling-back')
    return [
      ...digests,
      ...repeatsOf(state).map((repeat) => tick(repeat.at)),
      ...retries(state),
      ...undoAlarm(state),
      ...asideWaits(state),
      ...overBudget(state),
      ...unrestored(state).map(({ component }) => retry(shiftDueAt(component))),
    ]
  if (state.phase === 'rollback-failed') return digests
  return [
    ...(state.incidents.length > 0 ? incidentAlarms(state) : []),
    ...digests,
    ...questionsOf(state).map((question) => tick(question.at)),
    ...repeatsOf(state).map((repeat) => tick(repeat.at)),
    ...agingOf(state).map(({ at }) => tick(at)),
    ...timeAlarms(state, now).map(tick),
    ...presenceAlarms(state).map(tick),
    ...handovers(state),
    ...retries(state),
    ...rolloutsOf(state)
      .flatMap((rollout) => nextShift(rollout) ?? [])
      .map(({ component }) => retry(shiftDueAt(component))),
    ...(goesForward(state) ? [...waits(state, now), ...answersOwed(state), ...windowAlarm(state, now)] : []),
    ...watchesToStart(state).map(({ at }) => tick(at)),
  ]
}

function waits(state: ReleaseState, now: Instant): readonly Alarm[] {
  const waiting = state.steps.open.filter((step) => step.wait !== null && !step.wait.ended)
  return waiting.flatMap(({ id, wait }) => {
    const at = wait ? waitGoesOnAt(state, stepPlan(state, id), wait.until, now) : undefined
    return at === undefined ? [] : [tick(at)]
  })
}

/** Of phases that go on whatever the forward ones do. */
function asideWaits(state: ReleaseState): readonly Alarm[] {
  const waiting = state.steps.open.filter((step) => step.wait !== null && !step.wait.ended)
  const aside = waiting.filter((step) => isAsideStep(state, stepPlan(state, step.id)))
  return aside.flatMap(({ wait }) => (wait ? [tick(wait.until)] : []))
}

function overBudget(state: ReleaseState): readonly Alarm[] {
  const at = overBudgetAt(state)
  return at === null ? [] : [tick(at)]
}

function incidentAlarms(state: ReleaseState): readonly Alarm[] {
  const decideBy = undecidedOf(state)?.decideBy ?? null
  const forHolds = state.hold === null ? [] : asideWaits(state)
  return [...(decideBy === null ? [] : [tick(decideBy)]), ...forHolds]
}

function answersOwed(state: ReleaseState): readonly Alarm[] {
  return state.asked?.until != null ? [tick(state.asked.until)] : []
}

/** Looked for from `now` on: a window that opened and closed while nobody was there is gone. */
function windowAlarm(state: ReleaseState, now: Instant): readonly Alarm[] {
  const phase = nextForwardPhase(state)
  if (!phase || state.phases.get(phase.id)?.status !== 'waiting') return []
  const begins = mayBeginAt(state, phase, now)
  const isUpToTime = reopenedSteps(state).length === 0 && !waitsForTraffic(state, phase, now)
  return begins === undefined || (begins === now && !isUpToTime) ? [] : [tick(begins)]
}

function retries(state: ReleaseState): readonly Alarm[] {
  // Most steps of a long checklist have not been tried yet.
  const tried = state.steps.open.filter((step) => step.attempts.length > 0)
  return tried.flatMap((step) => {
    const plan = stepPlan(state, step.id)
    const at = plan.block.word === 'check' ? checkDueAt(state, plan, step) : actionDueAt(state, plan, step)
    return at === null || at === 0 ? [] : [retry(at)]
  })
}

function undoAlarm(state: ReleaseState): readonly Alarm[] {
  const next = nextUndo(state)
  return next.kind === 'undo' && next.notBefore > 0 ? [retry(next.notBefore)] : []
}

/** A hand-over that nobody acknowledges goes on to the next. */
function handovers(state: ReleaseState): readonly Alarm[] {
  return state.steps.open.flatMap((step) => {
    const { block } = stepPlan(state, step.id)
    const at = block.word === 'handover' ? escalatesAt(block, step) : null
    return at === null ? [] : [tick(at)]
  })
}
