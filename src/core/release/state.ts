/** What a release has come to: the fold of its events. Read-only; only `evolve` makes a new one. */
import type { ChannelFacts } from '../ports/notify.ts'
import type { Plan, PhaseId, ReleaseType, StepId, StepPlan } from '../plan/plan.ts'
import type { Instant, Json, Millis, WeightPercent } from '../units.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { PhaseLock } from './phase-lock.ts'
import type { IssueState } from './known-issues.ts'
import type { TableState } from './rows.ts'
import type { StepTable } from './step-table.ts'
import type {
  Actor,
  DecidedRole,
  Evidence,
  EventOf,
  HotfixOrigin,
  IncidentStatus,
  Outcome,
  Purpose,
  RollbackCause,
  CapturedWindow,
} from './events.ts'
import type { TimeState } from './time-state.ts'

export type ReleasePhase =
  | 'running'
  | 'rolling-back'
  | 'rolled-back'
  | 'rollback-failed'
  | 'validating'
  | 'signed-off'
  | 'closed'
  | 'superseded'
  | 'left'

export interface ReleaseState {
  readonly id: string
  /** Version of the stream this state was folded from. */
  readonly version: number
  readonly phase: ReleasePhase
  readonly plan: Plan
  /** Index over the plan, made once per plan. */
  readonly index: PlanIndex
  readonly releaseVersion: string
  readonly previous: string | null
  readonly environment: string
  /** From the versions, or because it was started as a hotfix. */
  readonly releaseType: ReleaseType
  /** What it mends; null = it is no hotfix. */
  readonly hotfixOf: HotfixOrigin | null
  /** Releases that were begun to mend this one, in order. */
  readonly hotfixes: readonly { readonly release: string; readonly version: string; readonly at: Instant }[]
  /** As they were added here; whether they are done is known beside the log. */
  readonly followUps: readonly (Omit<EventOf<'FollowUpAdded'>, 'kind'> & { readonly at: Instant })[]
  /** In the order of their declaration. */
  readonly incidents: readonly IncidentState[]
  /** Project of a server; null = a local release. */
  readonly project: string | null
  /** Address of its page; null = no server shows it to people. */
  readonly link: string | null
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  readonly workspace: EventOf<'ReleaseStarted'>['workspace']
  readonly artefact: string | null
  readonly rehearsal: boolean
  /** Taken back as soon as it is out: a rehearsal of the way back. */
  readonly andBack: boolean
  readonly startedBy: Actor
  readonly startedAt: Instant
  readonly lastEventAt: Instant
  readonly phases: ReadonlyMap<PhaseId, PhaseState>
  readonly steps: StepTable
  readonly rollouts: ReadonlyMap<StepId, RolloutState>
  readonly observations: ReadonlyMap<StepId, ObservationState>
  readonly triggers: ReadonlyMap<string, TriggerState>
  readonly messages: ReadonlyMap<string, MessageState>
  /** Required messages that have not reached whom they are for: while there is one, nothing goes forward. */
  readonly owedMessages: readonly string[]
  /** Values captured by checks, actions, answers and fields, by name. */
  readonly captures: ReadonlyMap<string, string>
  /** People who said that they are there, by name. */
  readonly present: ReadonlyMap<string, PresenceState>
  readonly hold: { readonly by: string; readonly why: string; readonly at: Instant } | null
  /** Somebody wants to stop without taking anything back; a second person has to want it too. */
  readonly leaveProposed: { readonly by: string; readonly why: string; readonly at: Instant } | null
  /** What the next or the open phase holds, or waits for, elsewhere; null = nothing. */
  readonly lock: PhaseLock | null
  readonly rollback: RollbackState | null
  readonly asked: AskedState | null
  readonly notes: readonly {
    readonly at: Instant
    readonly by: string
    readonly step: StepId | null
    readonly note: string
  }[]
  readonly endedAt: Instant | null
  readonly endedWhy: string | null
  readonly time: TimeState
  /** Instant of the first weight above zero: from here on triggers are armed. */
  readonly firstTrafficAt: Instant | null
  /** When it was released and began to be watched, and when it was signed off; null = not yet. */
  readonly validatingAt: Instant | null
  readonly signedOffAt: Instant | null
}

export interface PresenceState {
  readonly by: string
  readonly roles: readonly string[]
  readonly since: Instant
  readonly until: Instant | null
}

export interface PlanIndex {
  readonly step: ReadonlyMap<StepId, StepPlan>
  readonly stepsOfPhase: ReadonlyMap<PhaseId, readonly StepPlan[]>
  readonly idsOfPhase: ReadonlyMap<PhaseId, readonly StepId[]>
  /** Steps that ask for signatures. */
  readonly approvals: readonly StepId[]
  readonly rollbackPhases: ReadonlySet<PhaseId>
  /** Phases that ask for people to be present. */
  readonly presencePhases: ReadonlySet<PhaseId>
  /** Steps that rest on a record. */
  readonly records: readonly StepId[]
  /** Steps of which a record is written. */
  readonly makers: readonly StepId[]
  /** Steps with tables to fill in. */
  readonly tables: readonly StepId[]
  readonly incidentPhases: ReadonlySet<PhaseId>
  /** Steps whose yes is derived: worth a look whenever another closes. */
  readonly readiness: readonly StepId[]
  /** Steps that name this one in `after`, `afterActionOf` or as parent: whom a closing concerns. */
  readonly dependants: ReadonlyMap<StepId, readonly StepId[]>
}

export interface PhaseState {
  readonly status: 'waiting' | 'open' | 'closed' | 'not-applicable'
  readonly openedAt: Instant | null
  readonly closedAt: Instant | null
  readonly why: string
}

export interface AttemptState {
  readonly id: string
  readonly purpose: Purpose
  readonly epoch: number
  readonly startedAt: Instant
  readonly finishedAt: Instant | null
  readonly observedAt: Instant | null
  /** null while live. `unknown` until settled. */
  readonly outcome: Outcome | null
  readonly settled: 'done' | 'failed' | 'retry' | null
  readonly say: string
  readonly evidence: readonly Evidence[]
  readonly facts: Readonly<Record<string, Json>>
}

export interface ApprovalState {
  readonly by: string
  readonly role: string | null
  readonly digest: string
  readonly at: Instant
  readonly assurance: Actor['assurance']
  readonly note: string | null
  /** The holder in whose place it was signed. */
  readonly for?: string
  /** What it covered, line by line; empty where that is not known. */
  readonly lines: readonly string[]
}

/** A role that signs under a condition, as it was decided for this release. */
export interface RoleStanding extends DecidedRole {
  readonly notNeeded: { readonly by: string; readonly as: string; readonly reason: string } | null
}

export interface HandoverState {
  readonly by: string
  readonly at: Instant
  readonly notes: string
  readonly digest: string
  /** Index of the role asked now. */
  readonly asked: number
  /** Since when it is asked. */
  readonly askedAt: Instant
  /** Every role was asked, and nobody acknowledged in time. */
  readonly isUnanswered: boolean
  readonly acknowledged: {
    readonly by: string
    readonly role: string
    readonly at: Instant
    readonly for?: string
  } | null
}

export interface StepState {
  readonly id: StepId
  readonly reachedAt: Instant | null
  readonly blocked: string | null
  readonly closed: {
    readonly how: EventOf<'StepClosed'>['how']
    readonly at: Instant
    readonly why: string
    /** Who decided that it does not apply; absent = nobody had to. */
    readonly by?: string
  } | null
  readonly attempts: readonly AttemptState[]
  readonly answer: {
    readonly by: string
    readonly at: Instant
    readonly answer: string
    readonly passes: boolean
    readonly note: string | null
    readonly evidence: readonly Evidence[]
  } | null
  readonly fields: Readonly<Record<string, string | number | boolean>>
  /** Of a table of known issues, once a row of it was changed; absent = as the document has it. */
  readonly issues?: readonly IssueState[]
  /** Of tables to fill in, by name, once a row was changed; absent = as the document has them. */
  readonly tables?: Readonly<Record<string, TableState>>
  readonly captureFailures: Readonly<Record<string, string>>
  /** Of fields captured over a window: what it came to, and the samples kept as evidence. */
  readonly windows: Readonly<
    Record<string, { readonly window: CapturedWindow; readonly evidence: readonly Evidence[] }>
  >
  readonly approvals: readonly ApprovalState[]
  /** Of an approval with conditional roles, once it has been reached. */
  readonly conditionalRoles?: readonly RoleStanding[]
  readonly rejected: { readonly by: string; readonly why: string; readonly at: Instant } | null
  readonly confirmations: readonly string[]
  readonly waiver: {
    readonly by: string
    readonly role: string
    readonly reason: string
    readonly expires: Instant | null
    readonly at: Instant
  } | null
  readonly record: {
    readonly record: string
    readonly observedAt: Instant
    readonly say: string
    /** That it ends was told already; absent = not yet. */
    readonly told?: 'ending' | 'ended'
  } | null
  /** Records that were written of this step; absent = none yet. */
  readonly written?: readonly string[]
  readonly recordMissing: string | null
  /** Of a hand-over, once it was given. */
  readonly handover?: HandoverState
  readonly wait: { readonly startedAt: Instant; readonly until: Instant; readonly ended: boolean } | null
  readonly assigned: string | null
  /** Attempts made before this index were made before the step was reopened; they do not count. */
  readonly attemptsFrom: number
  readonly reopened: string | null
}

export interface RolloutState {
  /** Index of the stage entered last; -1 before the first. */
  readonly stage: number
  readonly doing: 'waiting' | 'acting' | 'shifting' | 'putting-back' | 'soaking' | 'done'
  readonly stageEnteredAt: Instant | null
  readonly soakStartedAt: Instant | null
  readonly promotedBy: string | null
  readonly components: ReadonlyMap<string, ComponentState>
  readonly restored: ReadonlyMap<string, string>
}

export interface ComponentState {
  readonly name: string
  /** Last weight read back as reached; 0 before the first. */
  readonly verifiedPercent: WeightPercent
  /** Weight the stage before left it with: where a failed shift puts it back to. */
  readonly stageBasePercent: WeightPercent
  readonly live: {
    readonly attempt: string
    readonly epoch: number
    readonly weightPercent: WeightPercent
    readonly purpose: 'advance' | 'put-back' | 'restore'
  } | null
  readonly failures: number
  readonly lastFailureAt: Instant | null
  /** A shift was ever started: restore is owed on rollback. */
  readonly touched: boolean
  readonly say: string
}

/** A stage's or watch's standing as of the last event; between events the engine's fold is younger. */
export interface ObservationState {
  readonly step: StepId
  readonly stage: number | null
  readonly startedAt: Instant
  readonly soakMs: Millis
  readonly verdict: Verdict | null
  readonly verdictAt: Instant | null
  readonly upTo: Instant | null
  readonly ended: boolean
  /** Of a watch: how often it began again, and the healthy time that incidents added to it. */
  readonly restarts: number
  readonly extendedMs: Millis
}

export interface TriggerState {
  readonly id: string
  readonly status: 'waiting' | 'armed' | 'blind' | 'fired' | 'disarmed'
  readonly say: string
}

export interface MessageState {
  readonly id: string
  readonly notify: string
  readonly channel: string
  readonly subject: string
  readonly body: string
  readonly on: string
  readonly queuedAt: Instant
  readonly tries: number
  readonly lastTryAt: Instant | null
  readonly status: MessageStatus
  readonly say: string
  /** What it is for a status page, where the checklist says so; `status` above is how far it has come. */
  readonly told?: string
  readonly quiet?: true
  /** What the channel gave back, for the next message of this release. */
  readonly keep?: ChannelFacts
  /** The other side asked to be left alone until then. */
  readonly retryAt?: Instant
  readonly required: boolean
  readonly draft: EventOf<'MessageQueued'>['draft'] | null
  readonly missing: readonly string[]
  /** Who is on call is to be asked before it is sent. */
  readonly asksOnCall?: boolean
  readonly audience: string | null
  /** Who changed its text last, and when; null = it stands as it was filled in. */
  readonly edited: { readonly by: string; readonly at: Instant } | null
  /** Tries count from here: a person who has it tried again gives it all of them anew. */
  readonly triesFrom: number
  /** Who let it go, dropped it, sent it by hand or waived it. */
  readonly settledBy: string | null
  readonly evidence: readonly Evidence[]
}

/** `gathered` = it waits for a digest, `digested` = one has said it. */
export type MessageStatus =
  | 'draft'
  | 'queued'
  | 'delivered'
  | 'failed'
  | 'dropped'
  | 'by-hand'
  | 'waived'
  | 'gathered'
  | 'digested'

export interface RollbackState {
  readonly cause: RollbackCause
  readonly by: string
  readonly why: string
  readonly startedAt: Instant
  readonly finishedAt: Instant | null
  readonly failed: string | null
  /** Phase the release was in when it turned back. */
  readonly from: ReleasePhase
  /** Tries of undo and restore count from here: a person who tries again gives them all anew. */
  readonly triesFrom: Instant
  /** When the last piece of the way back was done: what an incident adds beside it is no part of it. */
  readonly lastPieceAt: Instant
  readonly isOverBudget: boolean
}

export interface IncidentState extends Omit<EventOf<'IncidentDeclared'>, 'kind'> {
  readonly at: Instant
  readonly status: IncidentStatus
  readonly note: string | null
  readonly resolvedAt: Instant | null
}

export interface AskedState {
  readonly step: StepId
  readonly stage: number | null
  readonly role: string | null
  readonly question: string
  readonly askedAt: Instant
  readonly until: Instant | null
  readonly otherwise: 'rollback' | 'hold'
}
