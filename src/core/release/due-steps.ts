/** What is owed to steps now: attempts to start or await, records, captured fields, undos. */
import type { CheckBlock, StepPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { Effect } from './effects.ts'
import { nextUndo } from './rollback.ts'
import {
  actionStanding,
  backoffMs,
  countedAttempts,
  goesForward,
  isEnded,
  isReady,
  isAsideStep,
  isIncidentStep,
  isRollbackStep,
  liveAttempts,
  lostCheckTries,
  reopenedSteps,
  stepPlan,
  stepState,
  wasLost,
} from './standing.ts'
import type { AttemptState, PlanIndex, ReleaseState, StepState } from './state.ts'

/** A check that verifies a rollback is tried this often: services need a moment to come back. */
export const rollbackCheckTries = 4

export function stepEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  if (state.phase === 'rolling-back')
    return [
      ...cancelEffects(state),
      ...openEffects(state, true, now),
      ...incidentEffects(state, now),
      ...undoEffects(state, now),
    ]
  if (state.phase === 'rollback-failed') return incidentEffects(state, now)
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return []
  return openEffects(state, false, now)
}

/** What is owed to one step: the same answer as above, without asking about all the others. */
export function effectsOfStep(state: ReleaseState, plan: StepPlan, now: Instant): readonly Effect[] {
  const step = stepState(state, plan.id)
  const isBack = isRollbackStep(state, plan)
  if (isIncidentStep(state, plan))
    return step.reachedAt === null || step.closed !== null || isEnded(state) ? [] : ownEffects(state, plan, now)
  if (state.phase === 'rolling-back' && !isBack)
    return undoEffects(state, now).filter((effect) => 'step' in effect && effect.step === plan.id)
  if (step.reachedAt === null || step.closed !== null) return []
  return isBack === (state.phase === 'rolling-back') && state.phase !== 'rollback-failed' && !isEnded(state)
    ? ownEffects(state, plan, now)
    : []
}

function openEffects(state: ReleaseState, rollback: boolean, now: Instant): readonly Effect[] {
  return nothing.concat(...state.steps.openParts.map((part) => effectsOfPart(state, part, rollback, now)))
}

/** Beside a way back what an incident asks for goes on. */
function incidentEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  if (state.incidents.length === 0) return []
  return state.steps.openParts
    .flat()
    .map((step) => stepPlan(state, step.id))
    .filter((plan) => isIncidentStep(state, plan))
    .flatMap((plan) => effectsOfStep(state, plan, now))
}

/** Of parts in which nothing changed the answer is known: a long checklist is asked about after every event. */
const known = new WeakMap<readonly StepState[], { readonly of: PlanIndex; readonly effects: readonly Effect[] }>()

function effectsOfPart(
  state: ReleaseState,
  part: readonly StepState[],
  rollback: boolean,
  now: Instant,
): readonly Effect[] {
  const before = known.get(part)
  if (!rollback && before?.of === state.index) return before.effects
  const plans = part.map((step) => stepPlan(state, step.id))
  const effects = plans
    .filter((plan) => isRollbackStep(state, plan) === rollback)
    .flatMap((plan) => ownEffects(state, plan, now))
  const isLasting = part.every((step, at) => isForItselfAlone(state, step, plans[at]!))
  if (!rollback && isLasting) known.set(part, { of: state.index, effects })
  return effects
}

/** Neither time nor anything outside the step changes what is owed to it. */
function isForItselfAlone(state: ReleaseState, step: StepState, plan: StepPlan): boolean {
  const isSettledByItself = liveAttempts(step).length > 0 || countedAttempts(step).length === 0
  return plan.block.word === 'check' && plan.after.length === 0 && isSettledByItself && !isAsideStep(state, plan)
}

function ownEffects(state: ReleaseState, plan: StepPlan, now: Instant): readonly Effect[] {
  const step = stepState(state, plan.id)
  const live = liveAttempts(step)
  if (live.length > 0) return live.map((attempt) => awaited(plan, attempt))
  if (step.blocked !== null || step.waiver !== null || !isReady(state, plan)) return nothing
  const { block } = plan
  switch (block.word) {
    case 'check':
      return isCheckDue(state, plan, step, now) ? runOf(plan, block) : nothing
    case 'run':
      return actionEffects(state, plan, step, now)
    case 'record':
      // Looked up again and again while it is missing: somebody may add the record at any moment.
      return step.record === null && step.answer === null
        ? [{ kind: 'LookUpRecord', key: `record ${plan.id}`, step: plan.id, wish: block }]
        : []
    case 'fields':
      return block.fields.flatMap((field) =>
        field.capture && step.fields[field.name] === undefined && step.captureFailures[field.name] === undefined
          ? [
              {
                kind: 'CaptureField',
                key: `field ${plan.id} ${field.name}`,
                step: plan.id,
                field: field.name,
                capture: field.capture,
              } as const,
            ]
          : [],
      )
    default:
      return []
  }
}

/** Asked for after every event, of every check that has still to run: made once for each. */
const runs = new WeakMap<StepPlan, readonly Effect[]>()
const nothing: readonly Effect[] = []

function runOf(plan: StepPlan, check: CheckBlock): readonly Effect[] {
  const known = runs.get(plan)
  if (known) return known
  const made: readonly Effect[] = [{ kind: 'RunCheck', key: `check ${plan.id}`, step: plan.id, check }]
  runs.set(plan, made)
  return made
}

function awaited(plan: StepPlan, attempt: AttemptState): Effect {
  return {
    kind: 'AwaitAttempt',
    key: `attempt ${attempt.id}`,
    step: plan.id,
    attempt: attempt.id,
    purpose: attempt.purpose,
    epoch: attempt.epoch,
  }
}

/** A check runs once; again only if its runner was lost, while it verifies a rollback, or for as long as it says. */
function isCheckDue(state: ReleaseState, plan: StepPlan, step: StepState, now: Instant): boolean {
  return isBefore(checkDueAt(state, plan, step), now)
}

function isBefore(at: Instant | null, now: Instant): boolean {
  return at !== null && at <= now
}

/** When the check's next attempt may start; null = not without a person. */
export function checkDueAt(state: ReleaseState, plan: StepPlan, step: StepState): Instant | null {
  const checks = countedAttempts(step).filter((attempt) => attempt.purpose === 'check')
  const last = checks.at(-1)
  if (!last) return 0
  if (last.outcome === null || last.outcome === 'passed') return null
  const tries = wasLost(last) ? lostCheckTries : isRollbackStep(state, plan) ? rollbackCheckTries : 1
  const finishedAt = last.finishedAt ?? 0
  if (checks.length < tries) return finishedAt + backoffMs(checks.length)
  const forMs = plan.block.word === 'check' ? (plan.block.retryForMs ?? 0) : 0
  const until = (checks[0]?.startedAt ?? 0) + forMs
  // The last look is at the end of its time, not before it.
  return finishedAt < until
    ? Math.min(finishedAt + Math.min(backoffMs(checks.length), mostBetweenLooksMs), until)
    : null
}

/** A check that has not passed yet has still time to: its last look is no failure. */
export function isAskedAgain(state: ReleaseState, plan: StepPlan, step: StepState): boolean {
  const mayBe = plan.block.word === 'check' && plan.block.retryForMs !== undefined
  return mayBe && checkDueAt(state, plan, step) !== null
}

/** Somebody waits for what is looked at again and again. */
const mostBetweenLooksMs = 5_000

function actionEffects(state: ReleaseState, plan: StepPlan, step: StepState, now: Instant): readonly Effect[] {
  const { block } = plan
  if (block.word !== 'run') return []
  const standing = actionStanding(step, block)
  if (standing === 'probe-wanted' && block.probe)
    return [{ kind: 'RunCommand', key: `probe ${plan.id}`, step: plan.id, purpose: 'probe', command: block.probe }]
  if (!isBefore(actionDueAt(state, plan, step), now)) return []
  return [{ kind: 'RunCommand', key: `action ${plan.id}`, step: plan.id, purpose: 'action', command: block.command }]
}

/** When the action's next attempt may start; null = not without a person or another event. */
export function actionDueAt(state: ReleaseState, plan: StepPlan, step: StepState): Instant | null {
  const { block } = plan
  if (block.word !== 'run' || state.rehearsal || !mayAct(state, plan)) return null
  if (plan.danger && new Set(step.confirmations).size < 2) return null
  const standing = actionStanding(step, block)
  if (standing === 'not-started') return 0
  if (standing !== 'again') return null
  const actions = countedAttempts(step).filter((attempt) => attempt.purpose === 'action')
  return (actions.at(-1)?.finishedAt ?? 0) + backoffMs(actions.length)
}

/** What has to be done again comes before what is new; among themselves such steps do not wait for each other. */
function mayAct(state: ReleaseState, plan: StepPlan): boolean {
  if (isRollbackStep(state, plan)) return state.phase === 'rolling-back'
  if (isIncidentStep(state, plan)) return !isEnded(state)
  const again = reopenedSteps(state)
  return goesForward(state) && (again.length === 0 || again.some((step) => step.id === plan.id))
}

function cancelEffects(state: ReleaseState): readonly Effect[] {
  return state.plan.steps
    .filter((plan) => !isAsideStep(state, plan))
    .flatMap((plan) =>
      liveAttempts(stepState(state, plan.id)).map((attempt): Effect => {
        const isForward = attempt.purpose === 'action' || attempt.purpose === 'check'
        return isForward
          ? { kind: 'CancelAttempt', key: `cancel ${attempt.id}`, step: plan.id, attempt: attempt.id }
          : awaited(plan, attempt)
      }),
    )
}

function undoEffects(state: ReleaseState, now: Instant): readonly Effect[] {
  const next = nextUndo(state)
  if (next.kind === 'probe')
    return [
      { kind: 'RunCommand', key: `probe ${next.plan.id}`, step: next.plan.id, purpose: 'probe', command: next.probe },
    ]
  if (next.kind === 'undo' && next.notBefore <= now)
    return [
      { kind: 'RunCommand', key: `undo ${next.plan.id}`, step: next.plan.id, purpose: 'undo', command: next.undo },
    ]
  return []
}
