/** What people and the engine may ask of a release. Orders; each has one named rule in rules/. */
import type { ChannelFacts } from '../ports/notify.ts'
import type { FollowUpSeverity, Plan, StepId } from '../plan/plan.ts'
import type { Instant, Json, Millis } from '../units.ts'
import type {
  Evidence,
  IncidentStatus,
  Outcome,
  Purpose,
  ReleaseFacts,
  RollbackCause,
  CapturedWindow,
} from './events.ts'
import type { SampleBatch, Verdict } from '../judge/verdict.ts'
import type { StartExceptions, TimeEngineCommand, TimePersonCommand } from './time-commands.ts'

export type ReleaseCommand = PersonCommand | EngineCommand

export type PersonCommand =
  | ({ readonly kind: 'StartRelease' } & ReleaseFacts & StartExceptions)
  | TimePersonCommand
  | {
      readonly kind: 'Answer'
      readonly step: StepId
      readonly answer: string
      readonly note: string | null
      readonly fields: Readonly<Record<string, string>>
      readonly evidence: readonly Evidence[]
    }
  /** `digest` = what the person saw; null accepts what stands now. `typed` = the step's id, for a `danger` action. */
  | {
      readonly kind: 'Approve'
      readonly step: StepId
      readonly role: string | null
      readonly digest: string | null
      readonly typed: string | null
      readonly note: string | null
    }
  | { readonly kind: 'Reject'; readonly step: StepId; readonly role: string | null; readonly why: string }
  | {
      readonly kind: 'RoleNotNeeded'
      readonly step: StepId
      readonly role: string
      readonly as: string
      readonly reason: string
    }
  | { readonly kind: 'HandOver'; readonly step: StepId; readonly notes: string }
  /** `digest` = what the person saw; null accepts what stands now. */
  | {
      readonly kind: 'Acknowledge'
      readonly step: StepId
      readonly role: string | null
      readonly digest: string | null
      readonly note: string | null
    }
  | { readonly kind: 'RevokeApproval'; readonly step: StepId; readonly why: string }
  | {
      readonly kind: 'Waive'
      readonly step: StepId
      readonly reason: string
      readonly role: string
      readonly expires: Instant | null
    }
  | { readonly kind: 'MarkNotApplicable'; readonly step: StepId; readonly reason: string; readonly role: string | null }
  | { readonly kind: 'Assign'; readonly step: StepId; readonly to: string }
  | { readonly kind: 'Retry'; readonly step: StepId }
  /** `stage` = the stage index the person saw. */
  | {
      readonly kind: 'Promote'
      readonly stage: number | null
      readonly role: string | null
      readonly reason: string | null
    }
  /** `until` = when they leave; null = when they say so. */
  | { readonly kind: 'BePresent'; readonly until: Instant | null }
  | { readonly kind: 'EndPresence'; readonly why: string }
  | { readonly kind: 'Hold'; readonly why: string }
  | { readonly kind: 'Resume'; readonly why: string }
  | { readonly kind: 'Abort'; readonly why: string; readonly leave: boolean; readonly typed: string | null }
  | { readonly kind: 'Rollback'; readonly why: string }
  | { readonly kind: 'Settle'; readonly step: StepId; readonly as: 'done' | 'failed' | 'retry'; readonly why: string }
  | { readonly kind: 'Amend'; readonly plan: Plan; readonly role: string; readonly reason: string }
  /** A new row (`id` null) or a changed one; what is null stays as it was. */
  | {
      readonly kind: 'SetKnownIssue'
      readonly step: StepId
      readonly id: string | null
      readonly issue: string | null
      readonly workaround: string | null
      readonly severity: string | null
      readonly target: string | null
    }
  | { readonly kind: 'CloseKnownIssue'; readonly step: StepId; readonly id: string; readonly why: string }
  /** A new row of a table (`id` null), or cells of one changed; '' empties a cell, a cell that is not named stays. */
  | {
      readonly kind: 'SetRow'
      readonly step: StepId
      readonly table: string
      readonly id: string | null
      readonly cells: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'RemoveRow'
      readonly step: StepId
      readonly table: string
      readonly id: string
      readonly why: string | null
    }
  /** A watch counts its healthy time from now again; with `extendMs` it wants so much more of it instead. */
  | { readonly kind: 'Rewatch'; readonly step: StepId; readonly extendMs: number | null; readonly why: string }
  | { readonly kind: 'Note'; readonly step: StepId | null; readonly note: string }
  | { readonly kind: 'DeclareIncident'; readonly severity: string; readonly reason: string }
  /** `incident` null = the one that is open. */
  | {
      readonly kind: 'SetIncidentStatus'
      readonly incident: string | null
      readonly status: IncidentStatus
      readonly note: string | null
    }
  /** Accepted after the end too: lessons come late. */
  | {
      readonly kind: 'AddFollowUp'
      readonly title: string
      readonly severity: FollowUpSeverity
      readonly owner: string | null
      readonly due: Instant | null
      readonly link: string | null
    }
  /** Another release mends this one. */
  | { readonly kind: 'LinkHotfix'; readonly release: string; readonly version: string }
  /** Changes a message that has not been sent. */
  | { readonly kind: 'EditMessage'; readonly message: string; readonly subject: string; readonly body: string }
  /** Lets a draft go, or tries one that failed once more. `role` = the role it asks for. */
  | { readonly kind: 'SendMessage'; readonly message: string; readonly role: string | null }
  | { readonly kind: 'DropMessage'; readonly message: string; readonly why: string }
  /** A person told it another way. */
  | {
      readonly kind: 'ConfirmMessage'
      readonly message: string
      readonly note: string
      readonly evidence: readonly Evidence[]
    }
  /** The release goes on although a required message was not sent. */
  | { readonly kind: 'WaiveMessage'; readonly message: string; readonly role: string; readonly reason: string }

export type EngineCommand =
  | TimeEngineCommand
  /** Time has passed or something else changed: take every automatic step that is due now. */
  | { readonly kind: 'Tick' }
  /** Claims an attempt; refused with `not-due` if someone was quicker. */
  | { readonly kind: 'BeginAttempt'; readonly step: StepId; readonly purpose: Purpose; readonly epoch: number }
  | {
      readonly kind: 'FinishAttempt'
      readonly step: StepId
      readonly attempt: string
      readonly outcome: Outcome
      readonly say: string
      readonly evidence: readonly Evidence[]
      readonly captures: Readonly<Record<string, string>>
      readonly facts: Readonly<Record<string, Json>>
      readonly observedAt: Instant
    }
  | { readonly kind: 'BeginShift'; readonly rollout: StepId; readonly component: string; readonly epoch: number }
  | {
      readonly kind: 'FinishShift'
      readonly rollout: StepId
      readonly component: string
      readonly attempt: string
      readonly ok: boolean
      readonly weightPercent: number | null
      readonly say: string
    }
  | { readonly kind: 'BeginRestore'; readonly rollout: StepId; readonly component: string; readonly epoch: number }
  | {
      readonly kind: 'FinishRestore'
      readonly component: string
      readonly attempt: string
      readonly ok: boolean
      readonly say: string
    }
  | {
      readonly kind: 'RecordMeasurements'
      readonly step: StepId
      readonly stage: number | null
      readonly from: Instant
      readonly to: Instant
      readonly batches: number
      readonly digest: string
      readonly judgeStateDigest: string
      readonly soakMs: number
      readonly history?: string
      readonly verdict: Verdict
    }
  | {
      readonly kind: 'RecordTriggerReading'
      readonly trigger: string
      readonly reading: 'quiet' | 'firing' | 'blind'
      readonly say: string
    }
  | {
      readonly kind: 'UseRecord'
      readonly step: StepId
      readonly record: string | null
      readonly observedAt: Instant | null
      readonly say: string
    }
  | {
      readonly kind: 'NoteRecord'
      readonly step: StepId
      readonly attempt: string | null
      readonly record: string
      readonly name: string
      readonly outcome: 'passed' | 'failed'
    }
  | {
      readonly kind: 'CaptureField'
      readonly step: StepId
      readonly field: string
      readonly value: number | null
      readonly say: string
      readonly window?: CapturedWindow
      readonly evidence?: readonly Evidence[]
    }
  | {
      readonly kind: 'ReportDelivery'
      readonly message: string
      readonly ok: boolean
      readonly final: boolean
      readonly say: string
      readonly keep?: ChannelFacts
      readonly afterMs?: Millis
    }
  /** null = who is on call could not be read. */
  | { readonly kind: 'FillOnCall'; readonly message: string; readonly people: readonly string[] | null }
  | { readonly kind: 'Supersede'; readonly by: string }
  /** Only together with the claims that it stands for. */
  | { readonly kind: 'TakeLock'; readonly phase: string }
  | { readonly kind: 'ReportLock'; readonly phase: string; readonly say: string }

export type CommandOf<K extends ReleaseCommand['kind']> = Extract<ReleaseCommand, { kind: K }>

/** What a rule may know besides the state. Nothing is read. */
export interface Facts {
  readonly now: Instant
  readonly actor: import('./events.ts').Actor
}

/** A refusal is a value: `code` is stable, `reason` is written for the person who will read it. */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: RefusalCode
  readonly reason: string
}
export interface Accepted {
  readonly kind: 'accepted'
  readonly events: readonly import('./events.ts').ReleaseEvent[]
}
export type Decision = Accepted | Refusal

export type RefusalCode =
  | 'not-started'
  | 'already-started'
  | 'ended'
  | 'not-running'
  | 'already-rolling-back'
  | 'unknown-step'
  | 'unknown-message'
  | 'already-sent'
  | 'not-reached'
  | 'already-closed'
  | 'wrong-kind'
  | 'not-due'
  | 'bad-answer'
  | 'evidence-required'
  | 'self-approval'
  | 'unknown-role'
  | 'not-in-role'
  | 'sign-in-required'
  | 'stale-view'
  | 'already-signed'
  | 'reason-required'
  | 'typed-confirmation'
  | 'nothing-to-promote'
  | 'not-go'
  | 'not-held'
  | 'nothing-unknown'
  | 'would-change-started-action'
  | 'wrong-target'
  | 'no-change'
  | 'unreversed-actions'
  | 'missing-input'
  | 'target-busy'
  | 'other-checklist'
  | 'outside-window'
  | 'not-overridable'
  | 'too-late'
  | 'unknown-attempt'
  | 'not-waivable'
  | 'rejected'

export type { RollbackCause, SampleBatch }
