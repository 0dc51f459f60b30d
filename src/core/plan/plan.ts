/**
 * The plan: what a checklist compiles to, and all that a release knows of its document.
 * Plain JSON. Document order is compiled into `after`, so the release rules never look at headings or lists.
 */
import type { Instant, Json, Millis, WeightPercent } from '../units.ts'
import type { DrillPart } from './drill-plan.ts'
import type { KnownIssuesBlock } from './plan-issues.ts'
import type { FieldPlan, FieldsBlock, TablePlan } from './plan-fields.ts'
import type { JudgePlan, StageLimits } from './plan-judge.ts'
import type { FollowUpPlan } from './plan-follow-ups.ts'
import type { AudiencePlan, DigestPlan, MessagePlan } from './plan-messages.ts'
import type { Deadline, ReleaseType, SeverityPlan } from './plan-incidents.ts'
import type { RosterLevel, RosterPlan } from './plan-roster.ts'
import type { ReadinessBlock } from './plan-readiness.ts'
import type { WindowPlan } from './plan-windows.ts'
import type { SchedulePlan } from '../schedule/schedule.ts'
import type { RecordWish } from '../records/wish.ts'

export type * from './plan-capture.ts'
export type * from './plan-fields.ts'
export type * from './plan-issues.ts'
export type * from './plan-judge.ts'
export type * from './plan-follow-ups.ts'
export type * from './plan-incidents.ts'
export type * from './plan-messages.ts'
export type * from './plan-roster.ts'
export type * from './plan-readiness.ts'
export type * from './plan-windows.ts'

export type StepId = string
export type PhaseId = string

export interface Plan {
  /** 1 in plans stored before digests were made of those of the steps; see plan-digest.ts. */
  readonly format: 1 | 2
  readonly name: string
  /** What is released; with the environment it names the target. */
  readonly service: string
  readonly source: { readonly file: string; readonly sha256: string }
  /** The document's own text: reports show results in its margin. */
  readonly document: string
  readonly environments: Readonly<Record<string, EnvironmentPlan>>
  readonly inputs: Readonly<Record<string, InputPlan>>
  /** Names of process environment variables that commands may see besides the fixed ones. */
  readonly env: readonly string[]
  /** Labels that a worker must have for commands that name none of their own; absent = any worker of the environment. */
  readonly worker?: readonly string[]
  readonly secrets: Readonly<Record<string, SecretPlan>>
  readonly sources: Readonly<Record<string, SourcePlan>>
  readonly roles: Readonly<Record<string, readonly RoleMember[]>>
  /** Who may sign in a role for a member who is away, by role; absent = nobody. */
  readonly delegates?: Readonly<Record<string, readonly RoleDelegate[]>>
  /** Who is on call; absent = nobody says. */
  readonly roster?: RosterPlan
  /** Roles that whoever is on call at a level holds at that moment, by role; absent = none. */
  readonly rosterRoles?: Readonly<Record<string, RosterLevel>>
  readonly channels: Readonly<Record<string, ChannelPlan>>
  readonly windows: Readonly<Record<string, WindowPlan>>
  readonly contacts: Readonly<Record<string, string>>
  /** The day somebody last made sure of a contact, `2026-11-21`, by its name; absent = nobody said. */
  readonly verifiedContacts?: Readonly<Record<string, string>>
  /** Who is told, by name: the channels that reach them, and when. Absent = none is declared. */
  readonly audiences?: Readonly<Record<string, AudiencePlan>>
  /** When messages to one channel become a digest; absent = the usual (see release/digest.ts). */
  readonly messageDigest?: DigestPlan
  /** How long a rollback may take: what notices of one announce. Absent = nobody said. */
  readonly rollbackWithinMs?: Millis
  /** Of a drill that was started by its name; absent = the plan is a whole checklist. */
  readonly drill?: DrillPart
  /** When it comes again and again; absent = it does not. */
  readonly schedule?: SchedulePlan
  /** How long a closed release is kept; absent = for ever. */
  readonly retentionMs?: Millis
  /** What an incident of each severity does; absent = the usual (see release/rules/incidents.ts). */
  readonly severities?: Readonly<Record<string, SeverityPlan>>
  /** By when the post-mortem of an incident is owed; absent = none is asked for. */
  readonly postMortem?: Deadline
  /** Tasks that a release leaves behind, by name; absent = none of the checklist's own. */
  readonly followUps?: Readonly<Record<string, FollowUpPlan>>
  /** After a release of this type, or a greater one, the checklist itself is due for review. */
  readonly reviewAfter?: 'major' | 'minor' | 'patch'
  /** Document order. Only `gate`, `rollout` and `watch` phases run forward, one after another. */
  readonly phases: readonly PhasePlan[]
  /** Document order, parents before their children. */
  readonly steps: readonly StepPlan[]
  readonly triggers: readonly TriggerPlan[]
  readonly messages: readonly MessagePlan[]
  /** Ids of `run` steps that neither an `undo`, a rollback phase, nor `irreversible` covers. */
  readonly unreversed: readonly StepId[]
  /** Lowest time the forward phases take when nobody dawdles: soaks, waits, watches. */
  readonly expectedMs: Millis
  /** sha-256 (hex) over everything above, as plan-digest.ts says. */
  readonly digest: string
}

export interface EnvironmentPlan {
  /** Accepts only authenticated sign-off; unreversed actions block the start. */
  readonly protected: boolean
  /** Nothing but this checklist, and those that say it as well, releases its service there. */
  readonly mandatory?: true
  /** Names of locks that everything released there shares; absent = none. */
  readonly locks?: readonly string[]
}

export interface InputPlan {
  readonly type: 'string' | 'number' | 'boolean'
  readonly required: boolean
  readonly default: string | number | boolean | null
  readonly options: readonly string[] | null
  readonly description: string | null
}

/** Where a secret's value is found at the moment a command or request starts. The value itself is never in a plan. */
export type SecretPlan =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string }
  /** A name that the vault of whoever runs Holdpoint knows. */
  | { readonly from: 'command'; readonly name: string }

/** A declared place that answers: a metric server, a database, an HTTP base address. `kind` names the adapter. */
export interface SourcePlan {
  /** `prometheus`, `scrape`, `postgres`, `sqlite`, `http`. */
  readonly kind: string
  /** The adapter's own settings (`url`, `file`, ...); secrets appear as `{{ secret.NAME }}`. */
  readonly config: Readonly<Record<string, Json>>
}

export interface RoleMember {
  readonly id: string
  /** OpenSSH public key (`ssh-ed25519 AAAA...`) that proves this person in a protected environment. */
  readonly key: string | null
}

/** Signs in place of one member of a role. */
export interface RoleDelegate extends RoleMember {
  readonly for: string
}

export interface ChannelPlan {
  /** `console`, `file`, `webhook`; more come with the notify folder. */
  readonly kind: string
  readonly config: Readonly<Record<string, Json>>
}

export type PhaseKind = 'gate' | 'rollout' | 'watch' | 'rollback' | 'drill' | 'incident' | 'reference'

export interface PhasePlan {
  readonly id: PhaseId
  readonly title: string
  readonly kind: PhaseKind
  readonly line: number
  /** Environment this phase acts on, when it is not the release's own. */
  readonly environment: string | null
  /** CEL; decided once, when the phase is reached. */
  readonly when: string | null
  /** Name of a window that must be open when the phase is entered. */
  readonly window: string | null
  readonly lead: string | null
  /** When its steps have to be done, counted from the planned start; absent = whenever they are reached. */
  readonly due?: LeadTime
  readonly owner: string | null
  /** Exclusive alternatives: phases with the same `branch` group; the first whose `when` holds runs. */
  readonly branch: string | null
  /** People who have to be present for it to begin and to go on; absent = nobody in particular. */
  readonly present?: PresencePlan
  /** A rollback phase for one rollout component; null = the whole release. */
  readonly for: string | null
  /** Of a rollback phase: how long the whole way back may take; absent = nobody said. */
  readonly budgetMs?: Millis
  /** Of an incident phase: that it was opened turns the release back. */
  readonly starts?: 'rollback'
  /** Types of release that it is for; absent = all. */
  readonly onlyFor?: readonly ReleaseType[]
}

/** `2 working days before`, `2d before`, `1h after` the planned start. */
export interface LeadTime {
  readonly side: 'before' | 'after'
  readonly unit: 'working-days' | 'ms'
  readonly amount: number
}

export interface PresencePlan {
  readonly count: number
  /** Who counts; empty = everybody. */
  readonly roles: readonly string[]
}

export interface StepPlan {
  readonly id: StepId
  /** The id as CEL sees it: every character outside [A-Za-z0-9_] is `_`. */
  readonly name: string
  readonly text: string
  readonly line: number
  readonly endLine: number
  readonly phase: PhaseId
  readonly section: readonly string[]
  readonly parent: StepId | null
  readonly children: readonly StepId[]
  /** Steps that must be closed before this step is reached. */
  readonly after: readonly StepId[]
  /** A parent whose own action must have passed before this child is reached. */
  readonly afterActionOf: StepId | null
  /** The rollout stage this step belongs to. */
  readonly stage: { readonly rollout: StepId; readonly index: number } | null
  readonly when: string | null
  readonly only: readonly string[]
  readonly never: readonly string[]
  /** A `warning` never blocks: whatever its outcome, it closes. */
  readonly severity: 'blocker' | 'warning'
  readonly owner: string | null
  /** An action that needs two distinct people who each type the step's id. */
  readonly danger: boolean
  readonly block: Block
  readonly undo: CommandSpec | null
  /** Evidence or fields asked besides the main block; a plain step has an `answer` block instead. */
  readonly answer: AnswerSpec | null
  /** sha-256 (hex) over this step's own canonical content: `amend` keeps the results of steps whose digest stayed. */
  readonly digest: string
}

export type Block =
  | { readonly word: 'group' }
  | AnswerBlock
  | CheckBlock
  | RunBlock
  | ApproveBlock
  | ReadinessBlock
  | HandoverBlock
  | RecordBlock
  | FieldsBlock
  | KnownIssuesBlock
  | RolloutBlock
  | WatchBlock
  | WaitBlock

/** A command as a checklist gives it. The script reaches the interpreter as a file, values only as environment. */
/** Values that a step gives to later ones, by their names. */
export interface Captures {
  readonly captures: readonly string[]
  /** What a value is called where it comes from, by its name; absent = all are called the same. */
  readonly captureFrom?: Readonly<Record<string, string>>
}

export interface CommandSpec extends Captures {
  /** `bash` (bash --noprofile --norc -euo pipefail), `posix` (sh -eu), `python`, `node`. */
  readonly shell: string
  readonly script: string
  readonly cwd: string | null
  readonly timeoutMs: Millis
  readonly secrets: readonly string[]
  /** Names this command may write as `name=value` lines into $HOLDPOINT_OUTPUT. */
  readonly captures: Captures['captures']
  /** Labels that a worker must have to run it; absent = the plan's. */
  readonly worker?: readonly string[]
  /** Only of an undo: it may run although nobody knows whether its action took effect. */
  readonly idempotent?: boolean
}

export interface AnswerSpec {
  readonly evidence: 'required' | 'optional'
  /** Free options to choose from; null = passed / failed. The first listed counts as yes unless `passes` says otherwise. */
  readonly options: readonly string[] | null
  readonly passes: readonly string[] | null
  readonly fields: readonly FieldPlan[]
  /** Tables to fill in row by row; absent = none. */
  readonly tables?: readonly TablePlan[]
  readonly due: Millis | null
}
export interface AnswerBlock extends AnswerSpec {
  readonly word: 'answer'
  /** Name of the record that is written of how it went; absent = none. */
  readonly makes?: string
}

/** A read-only check of one kind. `config` is validated by the kind's own schema when the plan is compiled. */
export interface CheckBlock extends Captures {
  readonly word: 'check'
  /** Name of the record that is written of how it went; absent = none. */
  readonly makes?: string
  /** `command`, `http`, `sql`, `promql`, `tcp`, `file`, `report`, ... */
  readonly kind: string
  readonly config: Readonly<Record<string, Json>>
  readonly timeoutMs: Millis
  /** Greatest age of the observation at a decision; older runs again. */
  readonly maxAgeMs: Millis | null
  readonly secrets: readonly string[]
  /** Of a command: labels that a worker must have to run it; absent = the plan's. */
  readonly worker?: readonly string[]
  /** CEL on what the kind observed (`exit`, `stdout`, `value`, `rows`, `status`, ...); null = the kind's own rule. */
  readonly expect: string | null
  /** It is asked again until it passes, for so long after it was first asked; absent = it is asked once. */
  readonly retryForMs?: Millis
  /** It reads the version of this component that serves before anything of it changes. */
  readonly serving?: string
  /** It looks on the way back whether this component serves again what it served. */
  readonly servesAgain?: string
  /** The component whose `previous` it sees, where it is not the release's. */
  readonly component?: string
  /** Values of its cell of a matrix by their names: variables of this check alone, in its commands as `$name`. Absent = none. */
  readonly matrix?: Readonly<Record<string, string>>
}

export interface RunBlock {
  readonly word: 'run'
  /** Name of the record that is written of how it went; absent = none. */
  readonly makes?: string
  readonly command: CommandSpec
  /** Reads whether the action took effect: exit 0 done, 1 not done, anything else cannot tell. */
  readonly probe: CommandSpec | null
  readonly idempotent: boolean
  /** Only with `idempotent`. */
  readonly retries: number
  readonly irreversible: string | null
  /** Rollout component this action belongs to; lets a rollback phase `for:` it replace the undo. */
  readonly component: string | null
}

export interface ApproveBlock {
  readonly word: 'approve'
  /** One signature for each role listed; empty = any `count` people. */
  readonly roles: readonly string[]
  /** Distinct people needed (at least the number of roles). 0 = only those of `conditional` that are needed. */
  readonly count: number
  /** `author` = not the person who started the release. */
  readonly not: readonly string[]
  /** Roles that must sign as well where their condition holds; absent = none. */
  readonly conditional?: readonly ConditionalRole[]
  /** Written so: nobody signs before every watch above it has ended. */
  readonly afterWatch?: true
}

/** One person hands over, another acknowledges: release notes and the way back go with it. */
export interface HandoverBlock {
  readonly word: 'handover'
  /** Role that hands over; null = anybody. */
  readonly from: string | null
  /** Roles asked to acknowledge: the first, and each next one when nobody did within `withinMs`. */
  readonly to: readonly string[]
  readonly withinMs: Millis | null
}

export interface ConditionalRole {
  readonly role: string
  /** CEL; decided once, when the step is reached. What cannot be decided counts as needed. */
  readonly when: string
}

export interface RecordBlock extends RecordWish {
  readonly word: 'record'
  /** It is of a rehearsal of this checklist's way back, as `wayBack` says; absent = of anything. */
  readonly of?: 'way-back'
  /** The drill that makes a new record, if one is named. */
  readonly drill: string | null
}

export interface WaitBlock {
  readonly word: 'wait'
  readonly forMs: Millis | null
  /** Name of a window to wait for. */
  readonly untilWindow: string | null
}

export interface RolloutBlock {
  readonly word: 'rollout'
  /** Moved in this order at every stage. */
  readonly components: readonly ComponentPlan[]
  readonly stages: readonly StagePlan[]
  readonly judge: JudgePlan
}

export interface ComponentPlan {
  readonly name: string
  /** `haproxy`, `nginx`, `command`, `demo`. */
  readonly driver: string
  readonly config: Readonly<Record<string, Json>>
  /** Counts what was really served; absent = the driver does, or nobody. */
  readonly counts?: CountsPlan
}

/** Requests served so far by canary and by stable: a command that prints both, or a query for each. */
export type CountsPlan =
  | { readonly command: string }
  | { readonly source: string; readonly canary: string; readonly stable: string }

export interface StagePlan {
  readonly id: string
  readonly title: string
  readonly line: number
  readonly weightPercent: WeightPercent
  readonly soakMs: Millis
  /** Greatest time in the stage before `grey` decides; null = judge default. */
  readonly deadlineMs: Millis | null
  /** Role that must say go; null = the judge promotes. */
  readonly promote: string | null
  readonly onInconclusive: 'hold' | 'ask'
  /** `run` steps that act on entry, document order. */
  readonly actions: readonly StepId[]
  /** All other steps of this stage. */
  readonly steps: readonly StepId[]
  /** Limits of this stage, by metric name, laid over the rollout's own. */
  readonly overrides: Readonly<Record<string, StageLimits>>
}

export interface WatchBlock {
  readonly word: 'watch'
  /** Observed healthy time needed. */
  readonly forMs: Millis
  readonly judge: JudgePlan
  /**
   * Offset from the end of the rollout before it, or without one from the opening of its phase; it then runs beside the
   * steps around it. Absent = in its turn.
   */
  readonly startsMs?: Millis
  /** `close`: only the closing of the release waits for its end; absent = everything behind it does. */
  readonly before?: 'close'
  /** What an incident that does not turn the release back does to it; absent = nothing. */
  readonly onIncident?: { readonly does: 'restart' } | { readonly does: 'extend'; readonly byMs: Millis }
  /** Run at every sample; each has a gauge of its name in `judge.metrics`: 0 while it passes, 1 when it fails. */
  readonly checks: readonly WatchCheck[]
  /** What a rollback verdict does here. */
  readonly onFailure: 'rollback' | 'ask'
}

export interface WatchCheck {
  readonly name: string
  readonly check: CheckBlock
}

export interface TriggerPlan {
  readonly id: string
  readonly line: number
  readonly text: string
  readonly severity: string
  readonly action: 'rollback' | 'ask' | 'page'
  readonly everyMs: Millis
  /** How long the condition must hold. */
  readonly forMs: Millis
  /** A check that *passes* while all is well and *fails* when the trigger's condition holds. */
  readonly check: CheckBlock
}

/** A block's time of life in the document, for messages about it. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something wrong with a document. `error` keeps it from compiling. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Stable, such as `unknown-word`; each has a paragraph in docs/lint.md. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly found: string
  readonly expected: string
  readonly example: string
}

export type { Instant }
