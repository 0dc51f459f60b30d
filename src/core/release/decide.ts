/** The release decides: a command in, events or a refusal out. */
import type { Decision, Facts, ReleaseCommand } from './commands.ts'
import type { Plan } from '../plan/plan.ts'
import { levelsOf } from '../roster.ts'
import { settle } from './settle.ts'
import { refuse } from './decision.ts'
import { amend } from './rules/amend.ts'
import { answer, assign, note } from './rules/answers.ts'
import { approve, reject, revokeApproval, roleNotNeeded } from './rules/approvals.ts'
import { beginAttempt, finishAttempt } from './rules/attempts.ts'
import { captureField, fillOnCall, noteRecord, reportDelivery, useRecord } from './rules/errands.ts'
import { markNotApplicable, retry, settle as settleAttempt, waive } from './rules/exceptions.ts'
import { abort, hold, promote, resume, rollback, supersede } from './rules/flow.ts'
import { addFollowUp } from './rules/follow-ups.ts'
import { acknowledge, handOver } from './rules/handover.ts'
import { declareIncident, linkHotfix, setIncidentStatus } from './rules/incidents.ts'
import { confirmMessage, dropMessage, editMessage, sendMessage, waiveMessage } from './rules/messages.ts'
import { bePresent, endPresence } from './rules/presence.ts'
import { startRelease } from './rules/start.ts'
import { overrideWindow, recordWindowReading, reschedule } from './rules/time.ts'
import {
  beginRestore,
  beginShift,
  finishRestore,
  finishShift,
  recordMeasurements,
  recordTriggerReading,
} from './rules/traffic.ts'
import { closeKnownIssue, setKnownIssue } from './rules/known-issues.ts'
import { removeRow, setRow } from './rules/rows.ts'
import { rewatch } from './rules/watches.ts'
import { reportLock, takeLock } from './phase-lock.ts'
import type { ReleaseState } from './state.ts'

/**
 * Decides one command. Accepted events include every automatic consequence that follows at `facts.now`
 * (phases that open, steps that close, stages that are entered), so one append leaves nothing half done.
 */
export function decide(state: ReleaseState | null, command: ReleaseCommand, facts: Facts): Decision {
  const decision = applyRule(state, command, withRoster(planOf(state, command), facts))
  return decision.kind === 'refused'
    ? decision
    : { kind: 'accepted', events: settle(state, decision.events, command.kind === 'Tick', facts) }
}

function applyRule(state: ReleaseState | null, command: ReleaseCommand, facts: Facts): Decision {
  if (command.kind === 'StartRelease')
    return state === null
      ? startRelease(command, facts)
      : refuse('already-started', `${state.id} has already been started.`)
  if (state === null) return refuse('not-started', 'There is no such release.')
  switch (command.kind) {
    case 'Tick':
      return { kind: 'accepted', events: [] }
    case 'Answer':
      return answer(state, command, facts)
    case 'Approve':
      return approve(state, command, facts)
    case 'Reject':
      return reject(state, command, facts)
    case 'RoleNotNeeded':
      return roleNotNeeded(state, command, facts)
    case 'HandOver':
      return handOver(state, command, facts)
    case 'Acknowledge':
      return acknowledge(state, command, facts)
    case 'RevokeApproval':
      return revokeApproval(state, command, facts)
    case 'Waive':
      return waive(state, command, facts)
    case 'MarkNotApplicable':
      return markNotApplicable(state, command, facts)
    case 'Assign':
      return assign(state, command, facts)
    case 'Retry':
      return retry(state, command, facts)
    case 'Promote':
      return promote(state, command, facts)
    case 'BePresent':
      return bePresent(state, command, facts)
    case 'EndPresence':
      return endPresence(state, command, facts)
    case 'Hold':
      return hold(state, command, facts)
    case 'Resume':
      return resume(state, command, facts)
    case 'Abort':
      return abort(state, command, facts)
    case 'Rollback':
      return rollback(state, command, facts)
    case 'Settle':
      return settleAttempt(state, command, facts)
    case 'Amend':
      return amend(state, command, facts)
    case 'SetKnownIssue':
      return setKnownIssue(state, command, facts)
    case 'SetRow':
      return setRow(state, command, facts)
    case 'RemoveRow':
      return removeRow(state, command, facts)
    case 'CloseKnownIssue':
      return closeKnownIssue(state, command, facts)
    case 'Rewatch':
      return rewatch(state, command, facts)
    case 'Note':
      return note(state, command, facts)
    case 'DeclareIncident':
      return declareIncident(state, command, facts)
    case 'SetIncidentStatus':
      return setIncidentStatus(state, command, facts)
    case 'AddFollowUp':
      return addFollowUp(state, command, facts)
    case 'LinkHotfix':
      return linkHotfix(state, command, facts)
    case 'OverrideWindow':
      return overrideWindow(state, command, facts)
    case 'Reschedule':
      return reschedule(state, command, facts)
    case 'RecordWindowReading':
      return recordWindowReading(state, command, facts)
    case 'EditMessage':
      return editMessage(state, command, facts)
    case 'SendMessage':
      return sendMessage(state, command, facts)
    case 'DropMessage':
      return dropMessage(state, command, facts)
    case 'ConfirmMessage':
      return confirmMessage(state, command, facts)
    case 'WaiveMessage':
      return waiveMessage(state, command, facts)
    case 'BeginAttempt':
      return beginAttempt(state, command, facts)
    case 'FinishAttempt':
      return finishAttempt(state, command, facts)
    case 'BeginShift':
      return beginShift(state, command, facts)
    case 'FinishShift':
      return finishShift(state, command, facts)
    case 'BeginRestore':
      return beginRestore(state, command, facts)
    case 'FinishRestore':
      return finishRestore(state, command, facts)
    case 'RecordMeasurements':
      return recordMeasurements(state, command, facts)
    case 'RecordTriggerReading':
      return recordTriggerReading(state, command, facts)
    case 'UseRecord':
      return useRecord(state, command, facts)
    case 'NoteRecord':
      return noteRecord(state, command, facts)
    case 'CaptureField':
      return captureField(state, command, facts)
    case 'FillOnCall':
      return fillOnCall(state, command, facts)
    case 'ReportDelivery':
      return reportDelivery(state, command, facts)
    case 'TakeLock':
      return takeLock(state, command, facts)
    case 'ReportLock':
      return reportLock(state, command, facts)
    case 'Supersede':
      return supersede(state, command.by, facts)
  }
}

/** Before there is a release, that of the start counts. */
function planOf(state: ReleaseState | null, command: ReleaseCommand): Plan | undefined {
  return state?.plan ?? (command.kind === 'StartRelease' ? command.plan : undefined)
}

/** Who is on call holds the roles that the checklist takes from the roster, for as long as the shift lasts. */
function withRoster(plan: Plan | undefined, facts: Facts): Facts {
  if (plan?.rosterRoles === undefined || facts.actor.kind !== 'person') return facts
  // Whoever gave the order has asked, as far as it matters.
  if (plan.roster?.asked !== undefined) return facts
  return { ...facts, actor: { ...facts.actor, onCall: levelsOf(plan, facts.actor.id, facts.now) } }
}
