/** What did not go as the checklist says: where a person went around a gate, and what went wrong on the way. */
import type { StepPlan } from '../core/plan/plan.ts'
import type { Actor, EventOf, Recorded, ReleaseEvent } from '../core/release/events.ts'
import type { Instant } from '../core/units.ts'
import { messagesIn, namesOf, sentenceOf, withoutRepeats } from './timeline.ts'
import type { Names } from './timeline.ts'
import { dateWords, durationWords } from './words.ts'

export interface Exception {
  readonly version: number
  readonly at: Instant
  readonly who: string
  readonly kind: ReleaseEvent['kind']
  readonly say: string
}

export interface Exceptions {
  /** A named person opened a gate, or changed what was to be done. */
  readonly overrides: readonly Exception[]
  /** Failures, doubts, delays. */
  readonly deviations: readonly Exception[]
}

interface Scene {
  readonly names: Names
  readonly steps: ReadonlyMap<string, StepPlan>
  /** Zone of the last verdict by step. */
  readonly zones: ReadonlyMap<string, string>
}

export function exceptionsOf(events: readonly Recorded[]): Exceptions {
  const overrides: Exception[] = []
  const deviations: Exception[] = []
  const zones = new Map<string, string>()
  const messages = messagesIn(events)
  let scene: Scene = { names: namesOf(null, messages), steps: new Map(), zones }
  for (const recorded of withoutRepeats(events)) {
    const { event } = recorded
    if (event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended')
      scene = {
        names: namesOf(event.plan, messages),
        steps: new Map(event.plan.steps.map((step) => [step.id, step])),
        zones,
      }
    const told = overrideOf(recorded, scene)
    if (told !== null) overrides.push(exception(recorded, told))
    const deviation = deviationOf(event, scene)
    if (deviation !== null) deviations.push(exception(recorded, deviation))
    if (event.kind === 'VerdictReached') zones.set(event.step, event.verdict.zone)
  }
  return { overrides, deviations }
}

function exception({ version, at, by, event }: Recorded, say: string): Exception {
  return { version, at, who: by.id, kind: event.kind, say }
}

function overrideOf({ event, by }: Recorded, { names, steps, zones }: Scene): string | null {
  const sentence = () => sentenceOf(event, names)
  switch (event.kind) {
    case 'StepWaived':
      return `${sentence()}${event.expires === null ? '' : ` (until ${dateWords(event.expires)})`}`
    case 'StepClosed':
      return event.how === 'not-applicable' && isWordOf(by, event.why) ? sentence() : null
    case 'AttemptSettled':
      return event.by === 'person' ? sentence() : null
    case 'Promoted': {
      const block = steps.get(event.rollout)?.block
      const isPlanned = block?.word === 'rollout' && (block.stages[event.stage]?.promote ?? null) !== null
      const zone = zones.get(event.rollout)
      return isPlanned && zone === 'go' ? null : `${sentence()} (the verdict was ${zone ?? 'not there yet'})`
    }
    case 'WindowOverridden':
    case 'ReleaseRescheduled':
      return sentence()
    case 'ReleaseStarted':
      return event.superseded === null ? null : `The release ${event.superseded} was superseded to start this one.`
    case 'RoleNotNeeded':
    case 'ReleaseAmended':
    case 'MessageWaived':
    case 'LeaveProposed':
    case 'ReleaseLeft':
    case 'HoldLifted':
    case 'RollbackResumed':
      return sentence()
    default:
      return null
  }
}

/** What follows by itself from a person's command is recorded under that person's name too; only an order names its giver. */
function isWordOf(by: Actor, why: string): boolean {
  return by.kind !== 'engine' && why.startsWith(by.id)
}

/** A wait that was noticed to be over this late is worth a line. */
const lateMs = 60_000

function deviationOf(event: ReleaseEvent, { names }: Scene): string | null {
  const sentence = () => sentenceOf(event, names)
  switch (event.kind) {
    case 'ReleaseStarted':
      return startDeviation(event)
    case 'StepOverdue':
    case 'WindowLeaving':
      return sentence()
    case 'AttemptFinished':
      return event.outcome === 'passed' ? null : sentence()
    case 'AnswerGiven':
      return event.passes ? null : sentence()
    case 'StepClosed':
      return event.how === 'warned' ? sentence() : null
    case 'StepReopened':
      return event.why.endsWith('tries again') ? sentence() : null
    case 'ShiftStarted':
      return event.purpose === 'put-back' ? sentence() : null
    case 'VerdictReached':
      return isWorthALine(event.verdict.why) ? sentence() : null
    case 'WaitEnded':
      return event.lateMs >= lateMs
        ? `${names.step(event.step)}: the wait was noticed to be over ${durationWords(event.lateMs)} late.`
        : null
    case 'MessageFailed':
      return event.final ? sentence() : null
    case 'MessageDropped':
    case 'MessageSentByHand':
    case 'HandoverEscalated':
    case 'StepBlocked':
    case 'LateResultKept':
    case 'FieldCaptureFailed':
    case 'ApprovalVoided':
    case 'ApprovalRejected':
    case 'ShiftFailed':
    case 'TrafficRestoreFailed':
    case 'DecisionAsked':
    case 'TriggerFired':
    case 'TriggerBlind':
    case 'HoldPlaced':
    case 'IncidentDeclared':
    case 'RollbackOverBudget':
    case 'RollbackStarted':
    case 'RollbackFailed':
      return sentence()
    default:
      return null
  }
}

function startDeviation({ workspace, lateWhy }: EventOf<'ReleaseStarted'>): string | null {
  const said = [
    workspace.dirty ? 'The working tree had changes that no commit holds.' : '',
    lateWhy === undefined ? '' : `Started although its lead times could not be kept: ${lateWhy}`,
  ].filter((part) => part !== '')
  return said.length === 0 ? null : said.join(' ')
}

/** Warming up and waiting for samples is how every soak begins. */
function isWorthALine(why: string): boolean {
  return why !== 'healthy' && why !== 'warm-up' && why !== 'too-few'
}
