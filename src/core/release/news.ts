/** Which events are news, and the sentence each is told in. */
import { formatDuration } from '../plan/duration.ts'
import type { StepPlan } from '../plan/plan.ts'
import { checkDueAt, isAskedAgain } from './due-steps.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { presenceOf, presenceWords } from './presence.ts'
import { stepPlan, stepState } from './standing.ts'
import type { ReleaseState, StepState } from './state.ts'
import { timeNews } from './time-news.ts'

/** Every topic a message can be sent `on`. */
export const newsTopics = [
  'release.started',
  'phase.opened',
  'step.waiting',
  'step.failed',
  'step.unknown',
  'step.waived',
  'rollout.started',
  'stage.entered',
  'stage.left',
  'rollout.finished',
  'decision.asked',
  'trigger.fired',
  'traffic.drifted',
  'window.overridden',
  'window.leaving',
  'step.overdue',
  'release.rescheduled',
  'release.held',
  'release.resumed',
  'presence.short',
  'handover.given',
  'handover.escalated',
  'rollback.started',
  'rollback.finished',
  'rollback.failed',
  'release.validating',
  'release.signed-off',
  'release.closed',
  'release.left',
  'incident.declared',
  'incident.updated',
  'rollback.over-budget',
  'release.superseded',
  'release.amended',
  'record.ending',
  'record.ended',
  // Told by a server beside releases: see follow-up/notices.ts.
  'follow-up.due',
  'follow-up.overdue',
] as const

export type NewsTopic = (typeof newsTopics)[number]

/** Bad news always reaches the console, whatever the checklist says. */
export const alwaysTold: readonly NewsTopic[] = [
  'step.failed',
  'step.unknown',
  'record.ending',
  'record.ended',
  'decision.asked',
  'trigger.fired',
  'traffic.drifted',
  'incident.declared',
  'rollback.over-budget',
  'window.leaving',
  'step.overdue',
  'release.held',
  'rollback.started',
  'rollback.finished',
  'rollback.failed',
  'presence.short',
  'handover.escalated',
]

export interface News {
  readonly topic: NewsTopic
  readonly say: string
}

export function newsOf(state: ReleaseState, event: ReleaseEvent): readonly News[] {
  switch (event.kind) {
    case 'ReleaseStarted':
      return [
        { topic: 'release.started', say: `${event.plan.service} ${event.version} started for ${event.environment}` },
      ]
    case 'PhaseOpened':
      return [
        {
          topic: 'phase.opened',
          say: `${state.plan.phases.find((phase) => phase.id === event.phase)?.title ?? event.phase} begins`,
        },
      ]
    case 'StepReached':
      return isForPeople(state, event.step)
        ? [{ topic: 'step.waiting', say: `Waiting for a person: ${stepPlan(state, event.step).text}` }]
        : []
    case 'StepBlocked':
      return [{ topic: 'step.failed', say: `Blocked: ${stepPlan(state, event.step).text}: ${event.why}` }]
    case 'AttemptFinished':
      return attemptNews(state, event)
    case 'StepWaived':
      return [
        {
          topic: 'step.waived',
          say: `Waived by ${event.by} as ${event.role}: ${stepPlan(state, event.step).text}: ${event.reason}`,
        },
      ]
    case 'RecordAging':
      return [{ topic: `record.${event.how}`, say: agingWords(state, event) }]
    case 'StageEntered':
      return [
        ...(event.stage === 0 ? [{ topic: 'rollout.started', say: 'The rollout begins' } as const] : []),
        { topic: 'stage.entered', say: `Stage ${event.stage + 1} entered: ${stageTitle(state, event)}` },
      ]
    case 'StageLeft':
      return [{ topic: 'stage.left', say: `Stage ${event.stage + 1} left with go: ${stageTitle(state, event)}` }]
    case 'RolloutFinished':
      return [{ topic: 'rollout.finished', say: `100 % reached: ${state.releaseVersion} serves everyone` }]
    case 'DecisionAsked':
      return [{ topic: 'decision.asked', say: event.question }]
    case 'VerdictReached':
      return isFresh(state, event) && event.verdict.why === 'drift'
        ? [{ topic: 'traffic.drifted', say: `Traffic is not as it was set: ${event.verdict.say}` }]
        : []
    case 'LeaveProposed':
      return [
        {
          topic: 'decision.asked',
          say: `${event.by} wants to stop and take nothing back: ${event.why}. A second person has to agree.`,
        },
      ]
    case 'WindowOverridden':
    case 'WindowLeaving':
    case 'StepOverdue':
    case 'ReleaseRescheduled':
      return [timeNews(state, event)]
    case 'TriggerFired':
      return [{ topic: 'trigger.fired', say: `Trigger ${event.trigger} fired: ${event.say}` }]
    case 'TriggerBlind':
      return [{ topic: 'step.failed', say: `Trigger ${event.trigger} cannot see: ${event.say}` }]
    case 'HandoverGiven':
      return [
        { topic: 'handover.given', say: `${event.by} hands over: ${stepPlan(state, event.step).text}: ${event.notes}` },
      ]
    case 'HandoverEscalated': {
      const { text } = stepPlan(state, event.step)
      const next = event.to === null ? 'Nobody is left to ask' : `Now ${event.to} is asked to acknowledge`
      return [{ topic: 'handover.escalated', say: `${event.from} did not take over in time: ${text}. ${next}.` }]
    }
    case 'PresenceEnded': {
      const standing = presenceOf(state)
      if (!standing || standing.missing === 0) return []
      return [{ topic: 'presence.short', say: `${event.by} is not there any more. ${presenceWords(standing)}` }]
    }
    case 'HoldPlaced':
      return [{ topic: 'release.held', say: `Held by ${event.by}: ${event.why}` }]
    case 'HoldLifted':
      return [{ topic: 'release.resumed', say: `Resumed by ${event.by}` }]
    case 'RollbackStarted':
      return [{ topic: 'rollback.started', say: `Rolling back ${state.releaseVersion}: ${event.why}` }]
    case 'RollbackFinished':
      return [
        { topic: 'rollback.finished', say: `Rolled back in ${Math.round(event.tookMs / 100) / 10} s: ${event.say}` },
      ]
    case 'RollbackFailed':
      return [{ topic: 'rollback.failed', say: `ROLLBACK FAILED: ${event.why}` }]
    case 'ReleaseValidating':
      return [{ topic: 'release.validating', say: `${state.releaseVersion} is validating` }]
    case 'ReleaseSignedOff':
      return [{ topic: 'release.signed-off', say: `${state.releaseVersion} is signed off` }]
    case 'ReleaseClosed':
      return [{ topic: 'release.closed', say: `Closed: ${event.why}` }]
    case 'ReleaseLeft':
      return [{ topic: 'release.left', say: `Left as it is by ${event.by}: ${event.why}` }]
    case 'IncidentDeclared':
      return [
        { topic: 'incident.declared', say: `${event.severity} incident, declared by ${event.by}: ${event.reason}` },
      ]
    case 'IncidentStatusSet':
      return [
        {
          topic: 'incident.updated',
          say: `${event.incident} is ${event.status}, says ${event.by}${event.note === null ? '' : `: ${event.note}`}`,
        },
      ]
    case 'RollbackOverBudget':
      return [
        {
          topic: 'rollback.over-budget',
          say: `The rollback of ${state.releaseVersion} takes longer than the ${formatDuration(event.budgetMs)} it may take`,
        },
      ]
    case 'ReleaseSuperseded':
      return [{ topic: 'release.superseded', say: `Superseded by ${event.by}` }]
    case 'ReleaseAmended':
      return [{ topic: 'release.amended', say: `Plan amended by ${event.by} as ${event.role}: ${event.reason}` }]
    default:
      return []
  }
}

function agingWords(state: ReleaseState, { step, until, how }: EventOf<'RecordAging'>): string {
  const { text, block } = stepPlan(state, step)
  const name = block.word === 'record' ? block.name : step
  const when = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return how === 'ending'
    ? `The record ${name} is good until ${when}: ${text}`
    : `The record ${name} is too old since ${when}: ${text}. The next decision asks for a new one.`
}

/** A verdict is told over and over while it stands; it is news when it has just begun to. */
function isFresh(state: ReleaseState, { step, verdict }: EventOf<'VerdictReached'>): boolean {
  const { block } = stepPlan(state, step)
  const everyMs = block.word === 'rollout' || block.word === 'watch' ? block.judge.everyMs : 0
  return verdict.upTo - verdict.since <= everyMs
}

function isForPeople(state: ReleaseState, id: string): boolean {
  const { word } = stepPlan(state, id).block
  return word === 'approve' || word === 'handover' || word === 'answer' || word === 'fields'
}

function attemptNews(state: ReleaseState, event: EventOf<'AttemptFinished'>): readonly News[] {
  if (event.outcome === 'passed') return []
  const step = stepState(state, event.step)
  const purpose = step.attempts.find((attempt) => attempt.id === event.attempt)?.purpose
  const plan = stepPlan(state, event.step)
  if (purpose === 'probe' || isTriedAgain(state, plan, step, event)) return []
  const { text } = plan
  if (event.outcome === 'unknown') return [{ topic: 'step.unknown', say: `Result unknown: ${text}: ${event.say}` }]
  return [{ topic: 'step.failed', say: `${event.outcome}: ${text}: ${event.say}` }]
}

/** It has still time to pass; or it was lost with its runner, and is to be run again without anybody: a check only reads, an action may be declared idempotent. */
function isTriedAgain(
  state: ReleaseState,
  plan: StepPlan,
  step: StepState,
  event: EventOf<'AttemptFinished'>,
): boolean {
  if (isAskedAgain(state, plan, step)) return true
  if (event.facts['lost'] !== true) return false
  const { block } = plan
  return block.word === 'run' ? block.idempotent && block.probe === null : checkDueAt(state, plan, step) !== null
}

function stageTitle(state: ReleaseState, event: { rollout: string; stage: number }): string {
  const { block } = stepPlan(state, event.rollout)
  return block.word === 'rollout' ? (block.stages[event.stage]?.title ?? '') : ''
}
