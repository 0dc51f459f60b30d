/**
 * Everything that can have happened to a release, in the past tense. Only ever grows: old streams stay readable.
 * An event never carries raw measurements, output bytes or secrets; it carries digests and sentences.
 */
import type { MessageEvent } from './message-events.ts'
import type { Plan, PhaseId, StepId } from '../plan/plan.ts'
import type { Instant, Json, Millis, WeightPercent } from '../units.ts'
import type { Summary } from '../series/summary.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { TimeEvent } from './time-events.ts'
import type { HotfixOrigin, IncidentEvent } from './incident-events.ts'
import type { IssueEvent } from './issue-events.ts'
import type { RowEvent } from './row-events.ts'

export type * from './incident-events.ts'

/** Who did it. `claimed` = a local operating-system user's word; `signed` = an SSH signature; `proven` = the server's sign-in. */
export interface Actor {
  readonly id: string
  /** A `machine` acts by a token of its own and never signs. */
  readonly kind: 'person' | 'engine' | 'scripted' | 'machine'
  readonly assurance: 'claimed' | 'signed' | 'proven' | 'engine'
  /** With `signed`: the line that was signed and the armored SSH signature over it, to be checked without us. */
  readonly proof?: { readonly statement: string; readonly signature: string }
  /** With `proven`: the roles that the server gives this person where the release goes. */
  readonly roles?: readonly string[]
  /** With `proven`: roles of others in whose place this person may act there now. */
  readonly standsIn?: readonly { readonly role: string; readonly for: string }[]
  /** Levels of the roster at which this person is on call; filled in where an order is decided. */
  readonly onCall?: readonly string[]
  /** Where a service says who is on call: which it was and when it answered, and whom it means by this person. */
  readonly rosterSaid?: RosterSaid
  /** With `proven`: when this person last showed who they are; absent for a token, which shows nothing. */
  readonly signedInAt?: Instant
}

export interface RosterSaid {
  /** Host that answered. */
  readonly by: string
  readonly at: Instant
  /** Id of the person's user there. */
  readonly user: string
}

/** `unknown` = its condition could not be decided: the role is needed until somebody shows that it is not. */
export interface DecidedRole {
  readonly role: string
  readonly when: string
  readonly needed: 'yes' | 'no' | 'unknown'
  /** What the condition read, `input.security_change = true`; or why it could not be decided. */
  readonly why: string
}

export type Outcome = 'passed' | 'failed' | 'inconclusive' | 'errored' | 'unknown'

/** What an attempt is for. `probe` reads whether an unknown action took effect; `undo` takes an action back. */
export type Purpose = 'check' | 'action' | 'probe' | 'undo'

/** Bytes kept by their hash. */
export interface Evidence {
  readonly name: string
  readonly sha256: string
  readonly size: number
  readonly mediaType: string
  readonly truncated: boolean
}

/** A window of a metric, as it was captured. */
export interface CapturedWindow extends Summary {
  readonly from: Instant
  readonly to: Instant
}

/** What a release is begun with. */
export interface ReleaseFacts {
  readonly release: string
  readonly plan: Plan
  readonly version: string
  readonly previous: string | null
  readonly environment: string
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  /** Where commands run: the folder of the checklist, its commit and whether the tree was dirty. */
  readonly workspace: { readonly root: string; readonly commit: string | null; readonly dirty: boolean }
  readonly artefact: string | null
  readonly superseded: string | null
  /** True for `run --dry-run`: checks run, actions and traffic do not. */
  readonly rehearsal: boolean
  /** It is brought out to be taken back: a rehearsal of the way back, between two real versions. */
  readonly andBack?: true
  /** Present = it is a hotfix. */
  readonly hotfixOf?: HotfixOrigin
  /** Project of a server that it belongs to: only records of that project count for it. Absent for a local release. */
  readonly project?: string
  /** When the first rollout is to begin; absent = as soon as it can. */
  readonly plannedAt?: Instant
  /** Why it was started although its lead times could not be kept; absent = they could. */
  readonly lateWhy?: string
  /** Address of its page, where people reach the server that has it; absent = nobody does. */
  readonly link?: string
}

export type ReleaseEvent =
  | IncidentEvent
  | IssueEvent
  | RowEvent
  | TimeEvent
  | ({ readonly kind: 'ReleaseStarted' } & ReleaseFacts)
  | { readonly kind: 'PhaseOpened'; readonly phase: PhaseId }
  | {
      readonly kind: 'PhaseClosed'
      readonly phase: PhaseId
      readonly how: 'done' | 'not-applicable'
      readonly why: string
    }
  /**
   * A phase that acts elsewhere waits for what it has to hold; said again with another holder. `streams` as `core/target`
   * names them, `say` = who is in the way, empty before anybody looked.
   */
  | {
      readonly kind: 'LockAwaited'
      readonly phase: PhaseId
      readonly streams: readonly string[]
      readonly say: string
    }
  /** It holds them now: in the same append they have been claimed. Let go with the phase, or with the release. */
  | { readonly kind: 'LockTaken'; readonly phase: PhaseId; readonly streams: readonly string[] }
  | { readonly kind: 'StepReached'; readonly step: StepId }
  /** `when`, `only` or `never` could not be decided: needs a person. */
  | { readonly kind: 'StepBlocked'; readonly step: StepId; readonly why: string }
  | {
      readonly kind: 'StepClosed'
      readonly step: StepId
      readonly how: 'passed' | 'answered' | 'approved' | 'waived' | 'not-applicable' | 'warned'
      readonly why: string
      /** Who decided that it does not apply; absent = what the checklist says, or a record of an older program. */
      readonly by?: string
    }
  /** A closed step must be done again: its observation is too old, it was amended, or a person asked. */
  | { readonly kind: 'StepReopened'; readonly step: StepId; readonly why: string }
  | {
      readonly kind: 'AttemptStarted'
      readonly step: StepId
      readonly attempt: string
      readonly purpose: Purpose
      readonly epoch: number
    }
  | {
      readonly kind: 'AttemptFinished'
      readonly step: StepId
      readonly attempt: string
      readonly outcome: Outcome
      readonly say: string
      readonly evidence: readonly Evidence[]
      readonly captures: Readonly<Record<string, string>>
      readonly facts: Readonly<Record<string, Json>>
      /** Instant of the observation; age rules count from here, not from when it was recorded. */
      readonly observedAt: Instant
    }
  /** A result that came after its attempt was settled or replaced: kept, changes nothing. */
  | {
      readonly kind: 'LateResultKept'
      readonly step: StepId
      readonly attempt: string
      readonly outcome: Outcome
      readonly evidence: readonly Evidence[]
    }
  | {
      readonly kind: 'AttemptSettled'
      readonly step: StepId
      readonly attempt: string
      readonly as: 'done' | 'failed' | 'retry'
      readonly by: 'probe' | 'person' | 'idempotence'
      readonly why: string
    }
  | { readonly kind: 'DangerConfirmed'; readonly step: StepId; readonly by: string }
  | {
      readonly kind: 'AnswerGiven'
      readonly step: StepId
      readonly by: string
      readonly answer: string
      readonly passes: boolean
      readonly note: string | null
      readonly fields: Readonly<Record<string, string | number | boolean>>
      readonly evidence: readonly Evidence[]
    }
  | {
      readonly kind: 'FieldCaptured'
      readonly step: StepId
      readonly field: string
      readonly value: number
      readonly say: string
      /** Of a window: what its samples came to; absent = one number. */
      readonly window?: CapturedWindow
      readonly evidence?: readonly Evidence[]
    }
  | { readonly kind: 'FieldCaptureFailed'; readonly step: StepId; readonly field: string; readonly say: string }
  | {
      readonly kind: 'ApprovalGiven'
      readonly step: StepId
      readonly by: string
      readonly role: string | null
      readonly digest: string
      readonly assurance: Actor['assurance']
      readonly note: string | null
      /** The holder of the role in whose place it was signed; absent = the signer's own. */
      readonly for?: string
      /** The role follows from a roster that a service keeps: its answer. */
      readonly rosterSaid?: RosterSaid
    }
  /** Which of the roles that sign under a condition have to, with the values that decided it. */
  | { readonly kind: 'RolesDecided'; readonly step: StepId; readonly roles: readonly DecidedRole[] }
  /** A person shows that a role need not sign here. */
  | {
      readonly kind: 'RoleNotNeeded'
      readonly step: StepId
      readonly role: string
      readonly by: string
      readonly as: string
      readonly reason: string
    }
  | { readonly kind: 'ApprovalVoided'; readonly step: StepId; readonly by: string; readonly why: string }
  | {
      readonly kind: 'ApprovalRejected'
      readonly step: StepId
      readonly by: string
      readonly role: string | null
      readonly why: string
    }
  | {
      readonly kind: 'StepWaived'
      readonly step: StepId
      readonly by: string
      readonly role: string
      readonly reason: string
      readonly expires: Instant | null
    }
  /** `digest` covers the notes and the way back, as the receiver sees them. */
  | {
      readonly kind: 'HandoverGiven'
      readonly step: StepId
      readonly by: string
      readonly notes: string
      readonly digest: string
    }
  /** Nobody acknowledged in time. `to` = the role asked next; null = there is nobody left to ask. */
  | { readonly kind: 'HandoverEscalated'; readonly step: StepId; readonly from: string; readonly to: string | null }
  | {
      readonly kind: 'HandoverAcknowledged'
      readonly step: StepId
      readonly by: string
      readonly role: string
      readonly digest: string
      readonly assurance: Actor['assurance']
      readonly for?: string
      /** The role follows from a roster that a service keeps: its answer. */
      readonly rosterSaid?: RosterSaid
      readonly note: string | null
    }
  | { readonly kind: 'StepAssigned'; readonly step: StepId; readonly to: string; readonly by: string }
  | {
      readonly kind: 'RecordUsed'
      readonly step: StepId
      readonly record: string
      readonly observedAt: Instant
      readonly say: string
    }
  | { readonly kind: 'RecordMissing'; readonly step: StepId; readonly say: string }
  /** A record that the release rests on is near its end (`ending`), or past it. Nothing is reopened by that alone. */
  | {
      readonly kind: 'RecordAging'
      readonly step: StepId
      readonly record: string
      readonly until: Instant
      readonly how: 'ending' | 'ended'
    }
  /** The ledger has a record of how a step went. `attempt` is null where a person answered. */
  | {
      readonly kind: 'RecordWritten'
      readonly step: StepId
      readonly attempt: string | null
      readonly name: string
      readonly record: string
      readonly outcome: 'passed' | 'failed'
    }
  | {
      readonly kind: 'PresenceBegan'
      readonly by: string
      /** Those of theirs that phases count by. */
      readonly roles: readonly string[]
      /** When they leave; null = when they say so. */
      readonly until: Instant | null
    }
  | { readonly kind: 'PresenceEnded'; readonly by: string; readonly why: string }
  | { readonly kind: 'NoteAdded'; readonly step: StepId | null; readonly by: string; readonly note: string }
  | { readonly kind: 'WaitStarted'; readonly step: StepId; readonly until: Instant }
  /** `lateMs` = how long after its due time the wait was noticed to be over. */
  | { readonly kind: 'WaitEnded'; readonly step: StepId; readonly lateMs: Millis }
  // Rollout
  | { readonly kind: 'StageEntered'; readonly rollout: StepId; readonly stage: number }
  | {
      readonly kind: 'ShiftStarted'
      readonly rollout: StepId
      readonly component: string
      readonly weightPercent: WeightPercent
      readonly purpose: 'advance' | 'put-back'
      readonly attempt: string
      readonly epoch: number
    }
  | {
      readonly kind: 'ShiftVerified'
      readonly rollout: StepId
      readonly component: string
      readonly attempt: string
      readonly weightPercent: WeightPercent
      readonly say: string
    }
  | {
      readonly kind: 'ShiftFailed'
      readonly rollout: StepId
      readonly component: string
      readonly attempt: string
      readonly say: string
    }
  | { readonly kind: 'SoakStarted'; readonly rollout: StepId; readonly stage: number }
  | {
      readonly kind: 'StageLeft'
      readonly rollout: StepId
      readonly stage: number
      readonly by: 'judge' | 'person'
      readonly soakMs: Millis
    }
  | {
      readonly kind: 'Promoted'
      readonly rollout: StepId
      readonly stage: number
      readonly by: string
      readonly role: string | null
      readonly reason: string | null
    }
  | { readonly kind: 'RolloutFinished'; readonly rollout: StepId }
  // Observation of rollouts and watches
  | { readonly kind: 'WatchStarted'; readonly step: StepId }
  | { readonly kind: 'WatchEnded'; readonly step: StepId; readonly observedMs: Millis }
  /** After an incident: its healthy time counts from here again. */
  | { readonly kind: 'WatchRestarted'; readonly step: StepId; readonly by: string; readonly why: string }
  /** After an incident: it wants so much more healthy time. */
  | {
      readonly kind: 'WatchExtended'
      readonly step: StepId
      readonly by: string
      readonly why: string
      readonly byMs: Millis
    }
  /**
   * A bundle of stored sample batches became part of the log.
   * `from`/`to` are interval ends, `digest` covers the batches, `judgeStateDigest` the judge's state after folding them.
   */
  | {
      readonly kind: 'MeasurementsRecorded'
      readonly step: StepId
      readonly stage: number | null
      readonly from: Instant
      readonly to: Instant
      readonly batches: number
      readonly digest: string
      readonly judgeStateDigest: string
      readonly soakMs: Millis
      /** With the first samples of a rollout or watch: what was learned of the time before, or why nothing was. */
      readonly history?: string
    }
  | { readonly kind: 'VerdictReached'; readonly step: StepId; readonly stage: number | null; readonly verdict: Verdict }
  | {
      readonly kind: 'DecisionAsked'
      readonly step: StepId
      readonly stage: number | null
      readonly role: string | null
      readonly question: string
      readonly until: Instant | null
      readonly otherwise: 'rollback' | 'hold'
    }
  | { readonly kind: 'TriggerArmed'; readonly trigger: string }
  | { readonly kind: 'TriggerDisarmed'; readonly trigger: string; readonly why: string }
  | {
      readonly kind: 'TriggerFired'
      readonly trigger: string
      readonly say: string
      readonly action: 'rollback' | 'ask' | 'page'
    }
  | { readonly kind: 'TriggerBlind'; readonly trigger: string; readonly say: string }
  | { readonly kind: 'TriggerSees'; readonly trigger: string }
  // Standing still, going back
  | { readonly kind: 'HoldPlaced'; readonly by: string; readonly why: string }
  | { readonly kind: 'HoldLifted'; readonly by: string; readonly why: string }
  | {
      readonly kind: 'RollbackStarted'
      readonly cause: RollbackCause
      readonly by: string
      readonly why: string
      readonly serving: string | null
    }
  /** Traffic of one component is back on stable, read back. */
  | { readonly kind: 'TrafficRestored'; readonly component: string; readonly say: string }
  | {
      readonly kind: 'TrafficRestoreStarted'
      readonly rollout: StepId
      readonly component: string
      readonly attempt: string
      readonly epoch: number
    }
  | {
      readonly kind: 'TrafficRestoreFailed'
      readonly component: string
      readonly attempt: string
      readonly say: string
    }
  | { readonly kind: 'RollbackFinished'; readonly tookMs: Millis; readonly say: string }
  | { readonly kind: 'RollbackFailed'; readonly why: string }
  | { readonly kind: 'RollbackResumed'; readonly by: string; readonly why: string }
  /** `abort --leave` is dangerous: the first person proposes it, a second one does it. */
  | { readonly kind: 'LeaveProposed'; readonly by: string; readonly why: string }
  /** `abort --leave`: stopped, nothing taken back, on a person's reason. */
  | { readonly kind: 'ReleaseLeft'; readonly by: string; readonly why: string }
  // The way to the end
  | { readonly kind: 'ReleaseValidating' }
  | { readonly kind: 'ReleaseSignedOff' }
  | { readonly kind: 'ReleaseClosed'; readonly why: string }
  | { readonly kind: 'ReleaseSuperseded'; readonly by: string }
  | {
      readonly kind: 'ReleaseAmended'
      readonly plan: Plan
      readonly by: string
      readonly role: string
      readonly reason: string
      readonly kept: readonly StepId[]
      readonly changed: readonly StepId[]
      readonly added: readonly StepId[]
      readonly removed: readonly StepId[]
    }
  | MessageEvent

export type RollbackCause = 'rehearsal' | 'abort' | 'verdict' | 'trigger' | 'person' | 'no-answer' | 'no-data'

export type EventOf<K extends ReleaseEvent['kind']> = Extract<ReleaseEvent, { kind: K }>

/** An event as the store keeps it. `version` counts from 1 within the stream. */
export interface Recorded<E = ReleaseEvent> {
  readonly version: number
  readonly at: Instant
  readonly by: Actor
  readonly event: E
}
