/** Lets everything happen that follows by itself, until nothing does: the heart of "one append leaves nothing half done". */
import { assert, type Instant } from '../units.ts'
import type { Facts } from './commands.ts'
import { incidentConsequence } from './consequences-incidents.ts'
import { phaseConsequence } from './consequences-phases.ts'
import { rollbackConsequence } from './consequences-rollback.ts'
import { rolloutConsequence } from './consequences-rollout.ts'
import { stepConsequence } from './consequences-steps.ts'
import { timeConsequence } from './consequences-time.ts'
import { digestsDue } from './digest.ts'
import { evolve } from './evolve.ts'
import type { ReleaseEvent } from './events.ts'
import { messagesFor, repeatsDue } from './messages.ts'
import { agingDue } from './record-aging.ts'
import { voidedApprovals } from './signatures.ts'
import { isEnded, reopenedSteps } from './standing.ts'
import { thereAndBackConsequence } from './there-and-back.ts'
import { presenceConsequence } from './presence.ts'
import type { ReleaseState } from './state.ts'

/** Far above anything a real plan can cause at once: more means that two consequences chase each other. */
const mostEvents = 200_000

/** Events of the rule, then all their consequences in order. `everything` looks at every step, not only those concerned. */
export function settle(
  before: ReleaseState | null,
  events: readonly ReleaseEvent[],
  everything: boolean,
  facts: Facts,
): readonly ReleaseEvent[] {
  const run = new Settling(before, facts)
  for (const event of events) run.apply(event)
  if (run.state === null) return run.events
  if (everything) {
    run.lookAtAll()
    for (const event of repeatsDue(run.state, facts.now)) run.apply(event)
    for (const event of agingDue(run.state, facts.now)) run.apply(event)
  }
  while (run.next()) assert(run.events.length < mostEvents, 'consequences without end')
  if (everything || isEnded(run.state)) for (const event of digestsDue(run.state, facts.now)) run.apply(event)
  return run.events
}

class Settling {
  state: ReleaseState | null
  readonly events: ReleaseEvent[] = []
  readonly #facts: Facts
  readonly #toLookAt = new Set<string>()

  constructor(state: ReleaseState | null, facts: Facts) {
    this.state = state
    this.#facts = facts
  }

  apply(event: ReleaseEvent): void {
    const wasReopened = event.kind === 'StepClosed' && this.state?.steps.get(event.step)?.reopened != null
    this.#record(event)
    const state = this.#require()
    if (wasReopened && reopenedSteps(state).length === 0) this.lookAtAll()
    concerned(state, event).forEach((id) => this.#toLookAt.add(id))
    if (event.kind !== 'MessageQueued')
      for (const message of messagesFor(state, event, state.version)) this.#record(message)
  }

  lookAtAll(): void {
    for (const step of this.#require().plan.steps) this.#toLookAt.add(step.id)
  }

  /** Takes one more consequence; false when there is none. */
  next(): boolean {
    const { now } = this.#facts
    for (const id of this.#toLookAt) {
      const event = stepConsequence(this.#require(), id, now)
      if (event) {
        this.apply(event)
        return true
      }
      this.#toLookAt.delete(id)
    }
    const state = this.#require()
    const events = isEnded(state) ? [] : releaseConsequence(state, now)
    for (const event of events) this.apply(event)
    return events.length > 0
  }

  #record(event: ReleaseEvent): void {
    this.events.push(event)
    this.state = evolve(this.state, {
      version: (this.state?.version ?? 0) + 1,
      at: this.#facts.now,
      by: this.#facts.actor,
      event,
    })
  }

  #require(): ReleaseState {
    assert(this.state !== null, 'a release without ReleaseStarted')
    return this.state
  }
}

function releaseConsequence(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  for (const consequence of [
    presenceConsequence,
    incidentConsequence,
    rollbackConsequence,
    thereAndBackConsequence,
    voidedApprovals,
    rolloutConsequence,
    timeConsequence,
    phaseConsequence,
  ]) {
    const events = consequence(state, now)
    if (events.length > 0) return events
  }
  return []
}

/** Steps worth a look after an event: itself and whom it concerns; all of them where the whole release turned. */
function concerned(state: ReleaseState, event: ReleaseEvent): readonly string[] {
  switch (event.kind) {
    case 'PhaseOpened':
      return (state.index.stepsOfPhase.get(event.phase) ?? []).map((step) => step.id)
    case 'ReleaseAmended':
    case 'HoldLifted':
    case 'PresenceBegan':
    case 'RollbackStarted':
    case 'RollbackResumed':
    case 'IncidentDeclared':
      return state.plan.steps.map((step) => step.id)
    case 'StepClosed':
      return [event.step, ...state.index.readiness, ...(state.index.dependants.get(event.step) ?? [])]
    case 'StepReached':
    case 'StepWaived':
    case 'AttemptFinished':
    case 'AttemptSettled':
      return [event.step, ...(state.index.dependants.get(event.step) ?? [])]
    case 'StageEntered':
    case 'SoakStarted':
    case 'RolloutFinished':
    case 'StageLeft':
    case 'ShiftVerified':
      return [
        event.rollout,
        ...(state.index.dependants.get(event.rollout) ?? []),
        ...stepsOfRollout(state, event.rollout),
      ]
    case 'MessageLetGo':
    case 'MessageDropped':
    case 'MessageFilled':
    case 'MessageSentByHand':
    case 'MessageWaived':
    case 'MessageDelivered':
      // What waited for it goes on.
      return state.messages.get(event.message)?.required === true ? state.plan.steps.map((step) => step.id) : []
    case 'StepBlocked':
    case 'StepReopened':
    case 'AnswerGiven':
    case 'ApprovalGiven':
    case 'RolesDecided':
    case 'HandoverGiven':
    case 'HandoverEscalated':
    case 'HandoverAcknowledged':
    case 'RoleNotNeeded':
    case 'ApprovalVoided':
    case 'ApprovalRejected':
    case 'RecordUsed':
    case 'RecordMissing':
    case 'FieldCaptured':
    case 'WaitStarted':
    case 'WaitEnded':
    case 'WatchStarted':
    case 'WatchEnded':
    case 'KnownIssueSet':
    case 'KnownIssueClosed':
    case 'RowSet':
    case 'RowRemoved':
    case 'WatchRestarted':
    case 'WatchExtended':
      return [event.step]
    case 'WindowRead':
      return state.steps.open.filter(({ wait }) => wait !== null && !wait.ended).map(({ id }) => id)
    default:
      return []
  }
}

function stepsOfRollout(state: ReleaseState, rollout: string): readonly string[] {
  return state.plan.steps.filter((step) => step.stage?.rollout === rollout).map((step) => step.id)
}
