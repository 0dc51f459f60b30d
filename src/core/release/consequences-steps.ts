/** What follows by itself for one step: being reached, and closing. One event at a time; the caller asks until none is left. */
import { evaluateCondition } from '../plan/expression.ts'
import type { FieldsBlock, StepPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { opensAt } from './consequences-phases.ts'
import { checkDueAt } from './due-steps.ts'
import { isWaitedForOpen } from './due-windows.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { escalation } from './handover.ts'
import { decideRoles, isSigned, signaturesNeeded } from './sign-off.ts'
import { fieldWords } from './fields.ts'
import { issuesOf, readIssues } from './known-issues.ts'
import { environmentLeavesOut } from './left-out.ts'
import { tablesLack } from './rows.ts'
import {
  actionStanding,
  countedAttempts,
  goesForward,
  isClosed,
  isEntryOpen,
  isReady,
  isAsideStep,
  isEnded,
  isIncidentStep,
  isRollbackStep,
  latestAttempt,
  reopenedSteps,
  staleSteps,
  stepPlan,
  stepState,
} from './standing.ts'
import type { ReleaseState, StepState } from './state.ts'
import { readinessClosing } from './readiness.ts'
import { bindingsOf, signatureOf } from './values.ts'
import { isInBackground, watchStartsAt } from './watch-times.ts'

export function stepConsequence(state: ReleaseState, id: string, now: Instant): ReleaseEvent | undefined {
  const plan = state.index.step.get(id)
  if (!plan) return undefined
  const step = stepState(state, id)
  if (step.closed) return undefined
  if (!isItsTurn(state, plan, step)) return undefined
  const inherited = inheritedEnd(state, plan)
  if (inherited) return inherited
  if (step.reachedAt === null) return reaching(state, plan, now)
  if (step.blocked !== null && step.waiver === null) return undefined
  return closing(state, plan, step, now)
}

function isItsTurn(state: ReleaseState, plan: StepPlan, step: StepState): boolean {
  if (isIncidentStep(state, plan)) return !isEnded(state) && state.phases.get(plan.phase)?.status === 'open'
  if (isRollbackStep(state, plan))
    return state.phase === 'rolling-back' && state.phases.get(plan.phase)?.status === 'open'
  if (state.phase !== 'running' && state.phase !== 'validating' && state.phase !== 'signed-off') return false
  const status = state.phases.get(plan.phase)?.status
  return status === 'open' || step.reopened !== null || (status === 'closed' && isInBackground(plan))
}

/** A parent that does not apply, or was waived, takes its children with it; a rollout that does not apply, the steps of its stages. */
function inheritedEnd(state: ReleaseState, plan: StepPlan): EventOf<'StepClosed'> | undefined {
  if (plan.stage !== null) {
    const rollout = stepState(state, plan.stage.rollout).closed
    if (rollout?.how === 'not-applicable') return close(plan, 'not-applicable', rollout.why)
  }
  if (plan.parent === null) return undefined
  const parent = stepState(state, plan.parent)
  const how = parent.closed?.how ?? (parent.waiver ? 'waived' : undefined)
  if (how !== 'not-applicable' && how !== 'waived') return undefined
  return close(plan, how, parent.closed?.why ?? parent.waiver?.reason ?? '')
}

function reaching(state: ReleaseState, plan: StepPlan, now: Instant): ReleaseEvent | undefined {
  if (!isReachable(state, plan)) return undefined
  const elsewhere = environmentLeavesOut(plan, state.environment)
  if (elsewhere !== null) return close(plan, 'not-applicable', elsewhere)
  if (plan.when !== null) {
    const answer = evaluateCondition(plan.when, bindingsOf(state))
    if (answer.kind === 'inconclusive')
      return { kind: 'StepBlocked', step: plan.id, why: `cannot decide when="${plan.when}": ${answer.why}` }
    if (!answer.value) return close(plan, 'not-applicable', `${plan.when} is false`)
  }
  const stale = isBarrier(plan) && !isAsideStep(state, plan) ? staleSteps(state, now)[0] : undefined
  return stale ? { kind: 'StepReopened', ...stale } : { kind: 'StepReached', step: plan.id }
}

/** Steps that act or ask for a signature: before them every observation has to be fresh. */
function isBarrier(plan: StepPlan): boolean {
  return ['run', 'rollout', 'approve'].includes(plan.block.word)
}

function isReachable(state: ReleaseState, plan: StepPlan): boolean {
  const isAside = isAsideStep(state, plan)
  if (!isAside && (!goesForward(state) || reopenedSteps(state).length > 0)) return false
  if (plan.parent !== null && stepState(state, plan.parent).reachedAt === null) return false
  if (plan.stage !== null && !isStageOpenFor(state, plan)) return false
  if (plan.afterActionOf !== null && !isActionDone(state, plan.afterActionOf)) return false
  return isEntryOpen(state, plan)
}

/** On entry a stage's actions run; its other steps start once every weight is verified. */
function isStageOpenFor(state: ReleaseState, plan: StepPlan): boolean {
  const rollout = plan.stage && state.rollouts.get(plan.stage.rollout)
  if (!rollout || !plan.stage || rollout.stage !== plan.stage.index) return false
  const { block } = stepPlan(state, plan.stage.rollout)
  const isAction = block.word === 'rollout' && block.stages[plan.stage.index]?.actions.includes(plan.id) === true
  return isAction ? rollout.doing === 'acting' || rollout.doing === 'shifting' : rollout.doing === 'soaking'
}

function isActionDone(state: ReleaseState, id: string): boolean {
  const { block } = stepPlan(state, id)
  const step = stepState(state, id)
  return (
    step.closed !== null ||
    step.waiver !== null ||
    state.rehearsal ||
    (block.word === 'run' && actionStanding(step, block) === 'done')
  )
}

function closing(state: ReleaseState, plan: StepPlan, step: StepState, now: Instant): ReleaseEvent | undefined {
  if (step.waiver !== null)
    return close(plan, 'waived', `${step.waiver.by} as ${step.waiver.role}: ${step.waiver.reason}`)
  if (!isReady(state, plan)) return undefined
  const own = ownClosing(state, plan, step, now)
  if (own?.kind !== 'StepClosed') return own
  if (own.how !== 'warned' && own.how !== 'not-applicable' && tablesLack(plan, step) !== null) return undefined
  if (!plan.children.every((id) => isClosed(state, id) || isInBackground(stepPlan(state, id)))) return undefined
  if (own.how === 'passed' && plan.answer && plan.block.word !== 'record' && step.answer?.passes !== true)
    return step.answer && plan.severity === 'warning' ? close(plan, 'warned', step.answer.answer) : undefined
  return own
}

function ownClosing(state: ReleaseState, plan: StepPlan, step: StepState, now: Instant): ReleaseEvent | undefined {
  const { block } = plan
  switch (block.word) {
    case 'group':
      return close(plan, 'passed', '')
    case 'check':
      return checkClosing(state, plan, step)
    case 'run':
      return actionClosing(state, plan, step)
    case 'fields':
      return block.baseline === true && step.answer === null
        ? baselineClosing(plan, block, step)
        : answerClosing(plan, step)
    case 'known-issues': {
      const reading = readIssues(block, issuesOf(plan, step))
      if (reading.is === 'fine') return close(plan, 'passed', reading.say)
      return reading.is === 'to accept' ? answerClosing(plan, step) : undefined
    }
    case 'answer':
      return answerClosing(plan, step)
    case 'handover':
      return handoverClosing(plan, step, now)
    case 'approve':
      return approvalClosing(state, plan, step)
    case 'readiness':
      return readinessClosing(state, plan, block)
    case 'record':
      if (step.record) return close(plan, 'passed', step.record.say)
      return step.answer?.passes ? close(plan, 'answered', step.answer.answer) : undefined
    case 'wait':
      return waitClosing(state, plan, step, now)
    case 'watch':
      if (state.rehearsal) return close(plan, 'not-applicable', 'rehearsal: nothing was released')
      if (state.observations.has(plan.id))
        return state.observations.get(plan.id)?.ended === true && state.observations.get(plan.id)?.stage === null
          ? close(plan, 'passed', 'the window ended healthy')
          : undefined
      return goesForward(state) && isBefore(watchStartsAt(state, plan), now)
        ? { kind: 'WatchStarted', step: plan.id }
        : undefined
    case 'rollout':
      if (state.rehearsal) return close(plan, 'not-applicable', 'rehearsal: no traffic is moved')
      return state.rollouts.get(plan.id)?.doing === 'done' ? close(plan, 'passed', '') : undefined
  }
}

/** Only signatures over what stands now count together. */
function approvalClosing(state: ReleaseState, plan: StepPlan, step: StepState): ReleaseEvent | undefined {
  if (plan.block.word !== 'approve' || step.rejected !== null) return undefined
  if (plan.block.conditional && step.conditionalRoles === undefined) return decideRoles(state, plan, plan.block)
  if (signaturesNeeded(plan.block, step) === 0) return close(plan, 'not-applicable', nobodyNeeded(step))
  if (step.approvals.length === 0) return undefined
  const { digest } = signatureOf(state, plan.id)
  const valid = step.approvals.filter((approval) => approval.digest === digest)
  if (!isSigned(plan.block, step, valid)) return undefined
  return close(plan, 'approved', valid.map((approval) => approval.by).join(', '))
}

function handoverClosing(plan: StepPlan, step: StepState, now: Instant): ReleaseEvent | undefined {
  if (plan.block.word !== 'handover') return undefined
  const acknowledged = step.handover?.acknowledged
  if (acknowledged) return close(plan, 'approved', `${acknowledged.by} as ${acknowledged.role}`)
  return escalation(step, plan.block, now)
}

function nobodyNeeded({ conditionalRoles }: StepState): string {
  const why = (conditionalRoles ?? []).map(({ role, when, notNeeded }) =>
    notNeeded ? `${role}: ${notNeeded.by} as ${notNeeded.as}: ${notNeeded.reason}` : `${role}: ${when} is false`,
  )
  return why.join('; ')
}

function checkClosing(state: ReleaseState, plan: StepPlan, step: StepState): ReleaseEvent | undefined {
  const last = latestAttempt(step, 'check')
  if (!last || last.outcome === null) return undefined
  if (last.outcome === 'passed') return close(plan, 'passed', last.say)
  return plan.severity === 'warning' && checkDueAt(state, plan, step) === null
    ? close(plan, 'warned', last.say)
    : undefined
}

function actionClosing(state: ReleaseState, plan: StepPlan, step: StepState): ReleaseEvent | undefined {
  if (plan.block.word !== 'run') return undefined
  if (state.rehearsal) return close(plan, 'not-applicable', 'rehearsal: the action was not started')
  const standing = actionStanding(step, plan.block)
  const say = countedAttempts(step).at(-1)?.say ?? ''
  if (standing === 'done') return close(plan, 'passed', say)
  return standing === 'failed' && plan.severity === 'warning' ? close(plan, 'warned', say) : undefined
}

/** Every value captured: nobody has to say so. What is missing, a person gives with a note. */
function baselineClosing(plan: StepPlan, { fields }: FieldsBlock, step: StepState): ReleaseEvent | undefined {
  if (!fields.every(({ name }) => step.fields[name] !== undefined)) return undefined
  const words = fields.map(({ name, type }) => `${name} ${fieldWords(type, step.fields[name] ?? '')}`)
  return close(plan, 'passed', `captured: ${words.join(', ')}`)
}

function answerClosing(plan: StepPlan, step: StepState): ReleaseEvent | undefined {
  if (!step.answer) return undefined
  if (step.answer.passes) return close(plan, 'answered', step.answer.answer)
  return plan.severity === 'warning' ? close(plan, 'warned', step.answer.answer) : undefined
}

function waitClosing(state: ReleaseState, plan: StepPlan, step: StepState, now: Instant): ReleaseEvent | undefined {
  if (plan.block.word !== 'wait') return undefined
  if (state.rehearsal) return close(plan, 'not-applicable', 'rehearsal: nobody waits')
  if (!step.wait) {
    const until =
      plan.block.untilWindow === null ? now + (plan.block.forMs ?? 0) : opensAt(state, plan.block.untilWindow, now)
    return until === undefined
      ? {
          kind: 'StepBlocked',
          step: plan.id,
          why: `the window "${plan.block.untilWindow}" does not open within a year`,
        }
      : { kind: 'WaitStarted', step: plan.id, until }
  }
  if (step.wait.ended) return close(plan, 'passed', 'time has passed')
  const mayEnd = isAsideStep(state, plan) || goesForward(state)
  return mayEnd && now >= step.wait.until && isWaitedForOpen(state, plan, now)
    ? { kind: 'WaitEnded', step: plan.id, lateMs: now - step.wait.until }
    : undefined
}

function isBefore(at: Instant | null, now: Instant): boolean {
  return at !== null && at <= now
}

function close(plan: StepPlan, how: EventOf<'StepClosed'>['how'], why: string): EventOf<'StepClosed'> {
  return { kind: 'StepClosed', step: plan.id, how, why }
}
