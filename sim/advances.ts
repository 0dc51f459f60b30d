/** I3: every advance was earned: followed through the log, written without the rules that decide it. */
import type { Plan, StepPlan } from '../src/core/plan/plan.ts'
import type { EventOf, ReleaseEvent } from '../src/core/release/events.ts'
import type { History, Log } from './history.ts'

/** Follows which steps are closed as the log goes on, and asks at every advance. */
export function advancesAreEarned(history: History): readonly string[] {
  const { log, plan } = history
  const closed = new Map<string, EventOf<'StepClosed'>['how']>()
  const verdicts = new Map<string, EventOf<'VerdictReached'>>()
  const broken: string[] = []
  let promotedBy: string | null = null
  for (const [index, { event, version }] of log.entries()) {
    if (event.kind === 'StepReopened') closed.delete(event.step)
    if (event.kind === 'StepClosed') {
      closed.set(event.step, event.how)
      broken.push(...closingIsEarned(history, event, log.slice(0, index)).map((why) => `version ${version}: ${why}`))
    }
    if (event.kind === 'VerdictReached') verdicts.set(event.step, event)
    if (event.kind === 'SoakStarted') verdicts.delete(event.rollout)
    if (event.kind === 'Promoted') promotedBy = event.by
    if (event.kind === 'StageEntered') promotedBy = null
    if (event.kind === 'StageLeft')
      broken.push(
        ...leavingIsEarned(plan, event, closed, verdicts.get(event.rollout), promotedBy).map(
          (why) => `version ${version}: ${why}`,
        ),
      )
    if (event.kind === 'PhaseClosed' && event.how === 'done') {
      const open = plan.steps.filter((step) => step.phase === event.phase && !closed.has(step.id))
      if (open.length > 0)
        broken.push(
          `version ${version}: phase ${event.phase} closed with ${open.map((step) => step.id).join(', ')} open`,
        )
    }
    if (event.kind === 'AttemptStarted' && event.purpose === 'action')
      broken.push(...startIsEarned(plan, event.step, closed).map((why) => `version ${version}: ${why}`))
    if (event.kind === 'ReleaseClosed') {
      const open = plan.steps.filter(
        (step) => ['gate', 'rollout', 'watch'].includes(phaseKind(plan, step)) && !closed.has(step.id),
      )
      if (open.length > 0) broken.push(`version ${version}: closed with ${open.map((step) => step.id).join(', ')} open`)
    }
  }
  return broken
}

function phaseKind(plan: Plan, step: StepPlan): string {
  return plan.phases.find((phase) => phase.id === step.phase)?.kind ?? ''
}

function startIsEarned(plan: Plan, id: string, closed: ReadonlyMap<string, string>): readonly string[] {
  const step = plan.steps.find((each) => each.id === id)
  const open = step?.after.filter((before) => !closed.has(before)) ?? []
  return open.length > 0 ? [`the action of ${id} began before ${open.join(', ')} closed`] : []
}

function closingIsEarned(
  { plan, log }: History,
  { step: id, how }: EventOf<'StepClosed'>,
  before: Log,
): readonly string[] {
  const step = plan.steps.find((each) => each.id === id)
  if (!step) return [`${id} is not in the plan`]
  const events = before.map(({ event }) => event)
  const mine = events.slice(events.findLastIndex((event) => event.kind === 'StepReopened' && event.step === id) + 1)
  if (how === 'waived') return events.some((event) => event.kind === 'StepWaived') ? [] : [`${id} was waived by nobody`]
  if (how === 'passed' && step.block.word === 'check') {
    const last = mine.findLast((event) => event.kind === 'AttemptFinished' && event.step === id)
    return last?.kind === 'AttemptFinished' && last.outcome === 'passed' ? [] : [`${id} passed without a passed check`]
  }
  if (how === 'passed' && step.block.word === 'run')
    return actionIsDone(events, id) ? [] : [`${id} passed without a passed action`]
  if (how === 'approved' && step.block.word === 'approve')
    return approvalsAreValid(events, step, log) ? [] : [`${id} approved by too few`]
  if (how === 'answered')
    return mine.some((event) => event.kind === 'AnswerGiven' && event.step === id && event.passes)
      ? []
      : [`${id} answered by nobody`]
  return []
}

function actionIsDone(events: readonly ReleaseEvent[], step: string): boolean {
  const started = events
    .filter((event) => event.kind === 'AttemptStarted')
    .filter((event) => event.step === step && event.purpose === 'action')
  return started.some(({ attempt }) =>
    events.some(
      (event) =>
        (event.kind === 'AttemptFinished' && event.attempt === attempt && event.outcome === 'passed') ||
        (event.kind === 'AttemptSettled' && event.attempt === attempt && event.as === 'done'),
    ),
  )
}

function approvalsAreValid(events: readonly ReleaseEvent[], step: StepPlan, log: Log): boolean {
  const standing = new Map<string, EventOf<'ApprovalGiven'>>()
  for (const event of events) {
    if (event.kind === 'ApprovalGiven' && event.step === step.id) standing.set(event.by, event)
    if (event.kind === 'ApprovalVoided' && event.step === step.id) standing.delete(event.by)
  }
  const { block } = step
  if (block.word !== 'approve') return false
  const signed = [...standing.values()]
  const author = log[0]?.by.id ?? ''
  const sameDigest = new Set(signed.map((approval) => approval.digest)).size <= 1
  const rolesFilled = block.roles.every((role) => signed.some((approval) => approval.role === role))
  return (
    signed.length >= block.count && sameDigest && rolesFilled && !(block.not.includes('author') && standing.has(author))
  )
}

function leavingIsEarned(
  plan: Plan,
  event: EventOf<'StageLeft'>,
  closed: ReadonlyMap<string, string>,
  last: EventOf<'VerdictReached'> | undefined,
  promotedBy: string | null,
): readonly string[] {
  const block = plan.steps.find((step) => step.id === event.rollout)?.block
  const stage = block?.word === 'rollout' ? block.stages[event.stage] : undefined
  if (!stage) return [`stage ${event.stage} is not in the plan`]
  const open = [...stage.actions, ...stage.steps].filter((id) => !closed.has(id))
  const broken = open.length > 0 ? [`stage ${event.stage} left with ${open.join(', ')} open`] : []
  if (event.by === 'person')
    return promotedBy === null ? [...broken, `stage ${event.stage} was promoted by nobody`] : broken
  if (stage.promote !== null) broken.push(`stage ${event.stage} was left without ${stage.promote}`)
  if (last?.verdict.zone !== 'go') broken.push(`stage ${event.stage} was left at ${last?.verdict.zone ?? 'no verdict'}`)
  if (last?.verdict.metrics.some((metric) => metric.canary === null || !Number.isFinite(metric.canary)))
    broken.push(`stage ${event.stage} was left without data`)
  if (event.soakMs < stage.soakMs) broken.push(`stage ${event.stage} soaked ${event.soakMs} of ${stage.soakMs}`)
  return broken
}
