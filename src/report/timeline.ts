/** The log as sentences: what happened, when, and who did it. */
import { lockWords } from '../core/release/phase-lock.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { EventOf, Recorded, ReleaseEvent, RosterSaid } from '../core/release/events.ts'
import type { Instant } from '../core/units.ts'
import { dateWords, durationWords, percentWords } from './words.ts'

export interface TimelineEntry {
  readonly version: number
  readonly at: Instant
  readonly who: string
  readonly kind: ReleaseEvent['kind']
  readonly say: string
}

/** Every event but those that only repeat what another one says. */
export function timelineOf(events: readonly Recorded[]): readonly TimelineEntry[] {
  const messages = messagesIn(events)
  let names = namesOf(null, messages)
  return withoutRepeats(events).flatMap(({ version, at, by, event }) => {
    if (event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended') names = namesOf(event.plan, messages)
    const say = sentenceOf(event, names)
    return say === null ? [] : [{ version, at, who: by.id, kind: event.kind, say }]
  })
}

/** A verdict that only confirms the one before it is left out: a soak of an hour has sixty of them. */
export function withoutRepeats(events: readonly Recorded[]): readonly Recorded[] {
  const standings = new Map<string, string>()
  return events.filter(({ event }) => {
    if (event.kind === 'SoakStarted') standings.delete(event.rollout)
    if (event.kind !== 'VerdictReached') return true
    const standing = `${event.verdict.zone} ${event.verdict.why}`
    const isNew = standings.get(event.step) !== standing
    standings.set(event.step, standing)
    return isNew
  })
}

/** Where each message goes and what it is about, by id. */
export function messagesIn(events: readonly Recorded[]): ReadonlyMap<string, string> {
  const queued = events.flatMap(({ event }) => (event.kind === 'MessageQueued' ? [event] : []))
  return new Map(queued.map(({ message, channel, on }) => [message, `to ${channel} about ${on}`]))
}

/** How the plan calls its parts. */
export interface Names {
  readonly step: (id: string) => string
  readonly phase: (id: string) => string
  readonly stage: (rollout: string, index: number) => string
  readonly trigger: (id: string) => string
  readonly message: (id: string) => string
}

export function namesOf(plan: Plan | null, messages: ReadonlyMap<string, string> = new Map()): Names {
  const steps = new Map(plan?.steps.map((step) => [step.id, step]))
  const phases = new Map(plan?.phases.map((phase) => [phase.id, phase.title]))
  const triggers = new Map(plan?.triggers.map((trigger) => [trigger.id, trigger.text]))
  return {
    step: (id) => quoted(steps.get(id)?.text || id),
    phase: (id) => quoted(phases.get(id) || id),
    trigger: (id) => quoted(triggers.get(id) || id),
    message: (id) => messages.get(id) ?? id,
    stage: (rollout, index) => {
      const block = steps.get(rollout)?.block
      const stage = block?.word === 'rollout' ? block.stages[index] : undefined
      return stage ? `stage ${index + 1} (${percentWords(stage.weightPercent)})` : `stage ${index + 1}`
    },
  }
}

function quoted(text: string): string {
  return `“${text.length > 120 ? `${text.slice(0, 119)}…` : text}”`
}

const purposes = { check: 'check', action: 'action', probe: 'probe', undo: 'undo' } as const

type Sentence<K extends ReleaseEvent['kind']> = (event: EventOf<K>, names: Names) => string | null
type Sentences = { readonly [K in ReleaseEvent['kind']]: Sentence<K> }

/** One sentence for one event; null where the event is only bookkeeping beside another one. */
export function sentenceOf(event: ReleaseEvent, names: Names): string | null {
  const sentence = sentences[event.kind] as ((event: ReleaseEvent, names: Names) => string | null) | undefined
  // An event of a newer program: its name is better than silence.
  return sentence ? sentence(event, names) : event.kind
}

const ofStep = {
  StepReached: (event, { step }) => `Reached ${step(event.step)}.`,
  StepBlocked: (event, { step }) => `Blocked ${step(event.step)}: ${event.why}`,
  StepClosed: (event, { step }) =>
    `Closed ${step(event.step)} as ${event.how.replace('-', ' ')}${because(reasonOf(event))}`,
  StepReopened: (event, { step }) => `Opened ${step(event.step)} again${because(event.why)}`,
  AttemptStarted: (event, { step }) => `Started the ${purposes[event.purpose]} of ${step(event.step)}.`,
  AttemptFinished: (event, { step }) => `${step(event.step)}: ${event.outcome}${because(event.say)}`,
  LateResultKept: (event, { step }) =>
    `A late result of ${step(event.step)} (${event.outcome}) was kept and changes nothing.`,
  AttemptSettled: (event, { step }) =>
    `${step(event.step)}: the unknown result was settled as ${event.as} by ${event.by}${because(event.why)}`,
  FieldCaptured: (event, { step }) => `${step(event.step)}: ${event.say || `${event.field} = ${event.value}`}`,
  FieldCaptureFailed: (event, { step }) => `${step(event.step)}: ${event.field} could not be read${because(event.say)}`,
  RecordUsed: (event, { step }) =>
    `${step(event.step)}: record ${event.record} of ${dateWords(event.observedAt)}${because(event.say)}`,
  RecordMissing: (event, { step }) => `${step(event.step)}: no fresh record${because(event.say)}`,
  RecordAging: (event, { step }) =>
    event.how === 'ending'
      ? `${step(event.step)}: its record is good until ${dateWords(event.until)}.`
      : `${step(event.step)}: its record is too old since ${dateWords(event.until)}.`,
  RecordWritten: (event, { step }) => `${step(event.step)}: recorded as ${event.name}, ${event.outcome}.`,
  WaitStarted: (event, { step }) => `${step(event.step)}: waits until ${dateWords(event.until)}.`,
  WaitEnded: (event, { step }) =>
    `${step(event.step)}: the wait is over${event.lateMs >= 1000 ? `, noticed ${durationWords(event.lateMs)} late` : ''}.`,
} satisfies Partial<Sentences>

const ofPeople = {
  DangerConfirmed: (event, { step }) => `${event.by} confirmed the dangerous ${step(event.step)}.`,
  AnswerGiven: (event, { step }) => `${event.by} answered ${event.answer} to ${step(event.step)}${because(event.note)}`,
  ApprovalGiven: (event, { step }) =>
    `${event.by}${inPlaceOf(event.for)}${asRole(event.role)} signed ${step(event.step)} (${event.assurance}${rosterWords(event.rosterSaid)})${because(event.note)}`,
  RolesDecided: (event, { step }) =>
    `${step(event.step)}: ${event.roles.map(({ role, when, needed, why }) => `${role} ${neededWords[needed]}, because of ${when} (${why})`).join('; ')}.`,
  RoleNotNeeded: (event, { step }) =>
    `${event.by}${asRole(event.as)} showed that ${event.role} is not needed for ${step(event.step)}${because(event.reason)}`,
  ApprovalVoided: (event, { step }) =>
    `The signature of ${event.by} on ${step(event.step)} is void${because(event.why)}`,
  ApprovalRejected: (event, { step }) =>
    `${event.by}${asRole(event.role)} rejected ${step(event.step)}${because(event.why)}`,
  StepWaived: (event, { step }) =>
    `${event.by}${asRole(event.role)} waived ${step(event.step)}${because(event.reason)}`,
  HandoverGiven: (event, { step }) => `${event.by} handed over ${step(event.step)}: ${event.notes}`,
  HandoverEscalated: (event, { step }) =>
    `${step(event.step)}: ${event.from} did not acknowledge in time; ${event.to === null ? 'nobody is left to ask' : `${event.to} is asked`}.`,
  HandoverAcknowledged: (event, { step }) =>
    `${event.by}${inPlaceOf(event.for)}${asRole(event.role)} took over ${step(event.step)} (${event.assurance}${rosterWords(event.rosterSaid)})${because(event.note)}`,
  PresenceBegan: (event) =>
    `${event.by} is there${event.until === null ? '' : ` until ${dateWords(event.until)}`}${asRole(event.roles.join(', '))}.`,
  PresenceEnded: (event) => `${event.by} is not there any more${because(event.why)}`,
  StepAssigned: (event, { step }) => `${event.by} assigned ${step(event.step)} to ${event.to}.`,
  WindowOverridden: (event, { phase }) =>
    `${event.by}${asRole(event.role)} overrode the window ${event.window} for ${phase(event.phase)}${because(event.reason)}`,
  ReleaseRescheduled: (event) =>
    `${event.by} moved the planned start${event.from === null ? '' : ` from ${dateWords(event.from)}`} to ${dateWords(event.to)}${because(event.reason)}`,
  NoteAdded: (event, { step }) =>
    `${event.by} noted${event.step === null ? '' : ` on ${step(event.step)}`}: ${event.note}`,
} satisfies Partial<Sentences>

const ofTraffic = {
  StageEntered: (event, { stage }) => `Entered ${stage(event.rollout, event.stage)}.`,
  ShiftStarted: (event) =>
    `${event.purpose === 'put-back' ? 'Putting' : 'Moving'} ${event.component} ${event.purpose === 'put-back' ? 'back ' : ''}to ${percentWords(event.weightPercent)}.`,
  ShiftVerified: (event) => `${event.component} is at ${percentWords(event.weightPercent)}${because(event.say)}`,
  ShiftFailed: (event) => `${event.component} could not be moved${because(event.say)}`,
  SoakStarted: (event, { stage }) => `Soaking in ${stage(event.rollout, event.stage)}.`,
  StageLeft: (event, { stage }) =>
    `Left ${stage(event.rollout, event.stage)} on the word of ${event.by === 'judge' ? 'the judge' : 'a person'}, after ${durationWords(event.soakMs)} of observed healthy time.`,
  Promoted: (event, { stage }) =>
    `${event.by}${asRole(event.role)} promoted ${stage(event.rollout, event.stage)}${because(event.reason)}`,
  RolloutFinished: (event, { step }) => `Finished ${step(event.rollout)}.`,
  WatchStarted: (event, { step }) => `Watching ${step(event.step)}.`,
  WatchEnded: (event, { step }) =>
    `The watch ${step(event.step)} ended after ${durationWords(event.observedMs)} of observed healthy time.`,
  KnownIssueSet: (event, { step }) =>
    `${event.by} noted "${event.issue}" (${event.severity}) as row ${event.id} of ${step(event.step)}.`,
  KnownIssueClosed: (event, { step }) =>
    `${event.by} closed row ${event.id} of ${step(event.step)}${because(event.why)}`,
  RowSet: (event, { step }) =>
    `${event.by} ${event.before === null ? 'added' : 'changed'} row ${event.id} of ${event.table} in ${step(event.step)}${because(event.say)}`,
  RowRemoved: (event, { step }) =>
    `${event.by} removed row ${event.id} of ${event.table} in ${step(event.step)} (${event.say})${because(event.why)}`,
  WatchRestarted: (event, { step }) => `${event.by} began the watch ${step(event.step)} again${because(event.why)}`,
  WatchExtended: (event, { step }) =>
    `${event.by} extended the watch ${step(event.step)} by ${durationWords(event.byMs)}${because(event.why)}`,
  // A verdict that holds begins its own sentence with that word.
  VerdictReached: ({ verdict }) =>
    `Verdict ${verdict.zone} (${verdict.why})${because(verdict.say.replace(/^hold: /, ''))}`,
  DecisionAsked: (event) => `Asked${asRole(event.role)}: ${event.question}`,
  WindowLeaving: (event, { phase }) =>
    `${phase(event.phase)} leaves its window ${event.window}: it ends ${dateWords(event.endsAt)} at the earliest, and the window is closed from ${dateWords(event.closesAt)}.`,
  WindowRead: (event) =>
    `Window ${event.window}: ${event.isLow ? 'traffic is low' : 'traffic is not low'}${because(event.say)}`,
  StepOverdue: (event, { step }) => `${step(event.step)} is overdue: it was due ${dateWords(event.dueAt)}.`,
  TriggerArmed: (event, { trigger }) => `Trigger ${trigger(event.trigger)} is armed.`,
  TriggerDisarmed: (event, { trigger }) => `Trigger ${trigger(event.trigger)} is disarmed${because(event.why)}`,
  TriggerFired: (event, { trigger }) =>
    `Trigger ${trigger(event.trigger)} fired (${event.action})${because(event.say)}`,
  TriggerBlind: (event, { trigger }) => `Trigger ${trigger(event.trigger)} cannot see${because(event.say)}`,
  TriggerSees: (event, { trigger }) => `Trigger ${trigger(event.trigger)} sees again.`,
  TrafficRestored: (event) => `All traffic of ${event.component} is back on stable${because(event.say)}`,
  TrafficRestoreStarted: (event) => `Taking all traffic of ${event.component} back to stable.`,
  TrafficRestoreFailed: (event) => `Traffic of ${event.component} could not be taken back${because(event.say)}`,
} satisfies Partial<Sentences>

function drillWords({ drill }: Plan): string {
  return drill === undefined ? '' : ` as the drill “${drill.title}”`
}

const ofRelease = {
  ReleaseStarted: (event) =>
    `Started ${event.plan.service} ${event.version} for ${event.environment}${event.rehearsal ? ' as a rehearsal' : ''}${drillWords(event.plan)}.`,
  LockAwaited: (event, { phase }) => `Phase ${phase(event.phase)} waits for ${lockWords(event)}${because(event.say)}`,
  LockTaken: (event, { phase }) => `Phase ${phase(event.phase)} holds ${lockWords(event)}.`,
  PhaseOpened: (event, { phase }) => `Phase ${phase(event.phase)} began.`,
  PhaseClosed: (event, { phase }) =>
    `Phase ${phase(event.phase)} ${event.how === 'done' ? 'is done' : 'does not apply'}${because(event.why)}`,
  HoldPlaced: (event) => `Held by ${event.by}${because(event.why)}`,
  HoldLifted: (event) => `${event.by} lifted the hold${because(event.why)}`,
  RollbackStarted: (event) => `Rollback (${event.cause}) by ${event.by}${because(event.why)}`,
  RollbackFinished: (event) => `Rolled back in ${durationWords(event.tookMs)}${because(event.say)}`,
  RollbackFailed: (event) => `The rollback failed${because(event.why)}`,
  RollbackResumed: (event) => `${event.by} resumed the rollback${because(event.why)}`,
  LeaveProposed: (event) => `${event.by} asked to leave everything as it is${because(event.why)}`,
  ReleaseLeft: (event) => `${event.by} stopped the release and left everything as it was${because(event.why)}`,
  ReleaseValidating: () => 'Released; validating.',
  ReleaseSignedOff: () => 'Signed off.',
  ReleaseClosed: (event) => `Closed${because(event.why)}`,
  ReleaseSuperseded: (event) => `Superseded by ${event.by}.`,
  ReleaseAmended: (event) =>
    `${event.by}${asRole(event.role)} amended the plan (${event.changed.length} changed, ${event.added.length} added, ${event.removed.length} removed)${because(event.reason)}`,
  MessageQueued: (event) =>
    event.quiet
      ? `What ${event.channel} shows is brought up to date: ${event.on}`
      : `Message to ${event.channel} about ${event.on}: ${event.subject}`,
  MessageEdited: (event, { message }) => `${event.by} changed the text of the message ${message(event.message)}.`,
  MessageLetGo: (event, { message }) => `${event.by} had the message ${message(event.message)} sent.`,
  MessageFilled: (event, { message }) =>
    event.onCall === null
      ? `Who is on call could not be read for the message to ${message(event.message)}.`
      : `On call for the message to ${message(event.message)}: ${event.onCall.join(', ')}.`,
  MessageDropped: (event, { message }) =>
    `${event.by} dropped the message ${message(event.message)}${because(event.why)}`,
  MessageSentByHand: (event, { message }) =>
    `${event.by} told the message ${message(event.message)} another way${because(event.note)}`,
  MessageWaived: (event, { message }) =>
    `${event.by}${asRole(event.role)} went on without the message ${message(event.message)}${because(event.reason)}`,
  MessageDelivered: (event, { message }) => `The message ${message(event.message)} was delivered${because(event.say)}`,
  MessageFailed: (event, { message }) =>
    `The message ${message(event.message)} was not delivered${event.final ? ', and will not be tried again' : ''}${because(event.say)}`,
} satisfies Partial<Sentences>

const ofIncidents = {
  IncidentDeclared: (event, { trigger }) =>
    `${event.by} declared a ${event.severity} incident${event.trigger === null ? '' : ` (trigger ${trigger(event.trigger)})`}${because(event.reason)}`,
  IncidentStatusSet: (event) => `${event.by} set ${event.incident} to ${event.status}${because(event.note)}`,
  RollbackOverBudget: (event) => `The way back takes longer than the ${durationWords(event.budgetMs)} it may take.`,
  FollowUpAdded: (event) =>
    `${event.by} added a follow-up${event.owner === null ? '' : ` for ${event.owner}`}${event.due === null ? '' : `, due ${dateWords(event.due)}`}: ${event.title}`,
  HotfixBegun: (event) => `${event.by} began the hotfix ${event.version}: ${event.release}.`,
} satisfies Partial<Sentences>

const sentences: Sentences = {
  ...ofStep,
  ...ofPeople,
  ...ofTraffic,
  ...ofRelease,
  ...ofIncidents,
  // The numbers stand in the verdict that follows; the time before has no verdict.
  MeasurementsRecorded: ({ history }) => (history === undefined ? null : `Before the rollout: ${history}.`),
}

/** A pass has said why with its result; anything else needs its reason beside it. */
function reasonOf({ how, why }: EventOf<'StepClosed'>): string {
  return how === 'waived' || how === 'not-applicable' || how === 'warned' ? why : ''
}

function because(why: string | null): string {
  const words = why?.trim() ?? ''
  if (words === '') return '.'
  return `: ${words}`
}

function asRole(role: string | null): string {
  return role === null || role === '' ? '' : ` (${role})`
}

/** `, on call according to api.pagerduty.com`. */
function rosterWords(said: RosterSaid | undefined): string {
  return said === undefined ? '' : `, on call according to ${said.by}`
}

/** ` for ana`: signed in her place. */
function inPlaceOf(holder: string | undefined): string {
  return holder === undefined ? '' : ` for ${holder}`
}

const neededWords = { yes: 'has to sign', no: 'need not sign', unknown: 'has to sign in doubt' } as const
