/** Whether what a person decided on has changed since they looked. Pure. */
import type { StoredEvent } from '../core/ports/store.ts'
import type { PersonCommand, Refusal } from '../core/release/commands.ts'
import type { ReleaseEvent } from '../core/release/events.ts'

/** Stopping is never refused as stale: whoever saw any danger saw enough. */
const alwaysFresh: ReadonlySet<PersonCommand['kind']> = new Set([
  'Abort',
  'Rollback',
  'Hold',
  'Note',
  'Assign',
  'Rewatch',
  'BePresent',
  'EndPresence',
  'DeclareIncident',
  'SetIncidentStatus',
  'LinkHotfix',
  'AddFollowUp',
])

/** News about a step that does not change what is decided about it. */
const quiet: ReadonlySet<ReleaseEvent['kind']> = new Set([
  'NoteAdded',
  'StepAssigned',
  'StepReached',
  'MeasurementsRecorded',
  'LateResultKept',
  'VerdictReached',
  // A second signer saw the same digest: the rule of approvals compares that itself.
  'ApprovalGiven',
  // Whom it asks changes nothing about what is taken over.
  'HandoverEscalated',
])

/** News that changes what it means to let a release go on. */
const turning: ReadonlySet<ReleaseEvent['kind']> = new Set([
  'StageEntered',
  'StageLeft',
  'HoldPlaced',
  'HoldLifted',
  'RollbackStarted',
  'RollbackFailed',
  'RollbackFinished',
  'ReleaseAmended',
  'ReleaseRescheduled',
  'ReleaseClosed',
  'ReleaseLeft',
  'ReleaseSuperseded',
])

export function staleView(command: PersonCommand, since: readonly StoredEvent<ReleaseEvent>[]): Refusal | null {
  if (alwaysFresh.has(command.kind)) return null
  const step = 'step' in command ? command.step : null
  const changed = since.find(({ event }) =>
    step === null ? turning.has(event.kind) : concerns(event, step) && !isOtherRow(command, event),
  )
  if (!changed) return null
  return {
    kind: 'refused',
    code: 'stale-view',
    reason: `Since you looked, this changed: ${changed.event.kind} by ${changed.by.id}. Look again and decide again.`,
  }
}

/** Two people write into one table: only who changes the same row has to look again. */
function isOtherRow(command: PersonCommand, event: ReleaseEvent): boolean {
  if (command.kind !== 'SetRow' && command.kind !== 'RemoveRow') return false
  if (event.kind !== 'RowSet' && event.kind !== 'RowRemoved') return false
  return event.id !== command.id || event.table !== command.table
}

function concerns(event: ReleaseEvent, step: string): boolean {
  if (event.kind === 'ReleaseAmended') return event.changed.includes(step) || event.removed.includes(step)
  return 'step' in event && event.step === step && !quiet.has(event.kind)
}
