/** One event as one line: what a pipe prints, and what stays above the live region when it is done. */
import { lockWords } from '../../core/release/phase-lock.ts'
import type { EventOf, ReleaseEvent } from '../../core/release/events.ts'
import { dateWords, durationWords, measuredWords, percentWords, withoutZone } from '../../report/words.ts'
import type { Line, Tone } from './line.ts'
import { signs } from './states.ts'

export interface News {
  readonly icon: string
  readonly tone: Tone
  readonly text: string
  /** Worth keeping above a live region, where progress is shown anyway. */
  readonly lasting: boolean
}

/** Words for ids, from the plan. */
export interface Titles {
  step(id: string): string
  phase(id: string): string
}

export function newsLine({ icon, tone, text }: News): Line {
  return [[icon, tone], ` ${text}`]
}

const lasting = (icon: string, tone: Tone, text: string): News => ({ icon, tone, text, lasting: true })
const passing = (icon: string, tone: Tone, text: string): News => ({ icon, tone, text, lasting: false })
const detail = (...parts: readonly (string | null)[]) =>
  parts.filter((part) => part !== null && part !== '').join(' · ')

/** A kind of event that this program does not know comes from a newer engine: it is named, not hidden. */
export function newsOf(event: ReleaseEvent, titles: Titles): News {
  const tell = Object.hasOwn(telling, event.kind)
    ? (telling[event.kind] as (event: ReleaseEvent, titles: Titles) => News)
    : null
  return tell ? tell(event, titles) : passing('·', 'dim', event.kind)
}

type Telling = { readonly [K in ReleaseEvent['kind']]: (event: EventOf<K>, titles: Titles) => News }

const telling: Telling = {
  ReleaseStarted: (event) =>
    lasting(
      '▶',
      'busy',
      `release ${event.release} started: ${event.plan.service} ${event.version} → ${event.environment}${event.rehearsal ? ' (rehearsal)' : ''}${event.plan.drill ? ` (drill: ${event.plan.drill.title})` : ''}`,
    ),
  LockAwaited: (event, titles) =>
    event.say === ''
      ? passing('◌', 'dim', `${titles.phase(event.phase)}: asks for ${lockWords(event)}`)
      : lasting('◌', 'warn', detail(`${titles.phase(event.phase)} waits for ${lockWords(event)}`, event.say)),
  LockTaken: (event, titles) => passing('✔', 'good', `${titles.phase(event.phase)} holds ${lockWords(event)}`),
  PhaseOpened: (event, titles) => lasting('▾', 'busy', titles.phase(event.phase)),
  PhaseClosed: (event, titles) =>
    passing(
      event.how === 'done' ? '✔' : '–',
      event.how === 'done' ? 'good' : 'dim',
      detail(`${titles.phase(event.phase)} ${event.how === 'done' ? 'done' : 'does not apply'}`, event.why),
    ),
  StepReached: (event, titles) => passing('◌', 'dim', `${titles.step(event.step)}: begun`),
  StepBlocked: (event, titles) =>
    lasting(signs.blocked.icon, 'warn', detail(`${titles.step(event.step)}: blocked`, event.why)),
  StepClosed: (event, titles) => closedNews(event, titles),
  StepReopened: (event, titles) =>
    lasting(signs.stale.icon, 'warn', detail(`${titles.step(event.step)}: to be done again`, event.why)),
  AttemptStarted: (event, titles) =>
    passing('…', 'busy', `${titles.step(event.step)}: ${purposeStarts[event.purpose]}`),
  AttemptFinished: (event, titles) => attemptNews(event, titles),
  LateResultKept: (event, titles) =>
    passing('–', 'dim', `${titles.step(event.step)}: a late result (${event.outcome}) is kept, and changes nothing`),
  AttemptSettled: (event, titles) =>
    lasting('✔', 'warn', detail(`${titles.step(event.step)}: settled as ${event.as} by ${event.by}`, event.why)),
  DangerConfirmed: (event, titles) => lasting('!', 'person', `${titles.step(event.step)}: confirmed by ${event.by}`),
  AnswerGiven: (event, titles) =>
    lasting(
      event.passes ? '✔' : '✖',
      event.passes ? 'good' : 'bad',
      detail(`${titles.step(event.step)}: ${event.by} answered ${event.answer}`, event.note),
    ),
  FieldCaptured: (event, titles) =>
    passing('=', 'plain', `${titles.step(event.step)}: ${event.field} = ${event.value} (${event.say})`),
  FieldCaptureFailed: (event, titles) =>
    lasting('≈', 'warn', `${titles.step(event.step)}: ${event.field} could not be captured: ${event.say}`),
  ApprovalGiven: (event, titles) =>
    lasting(
      '✔',
      'good',
      detail(
        `${titles.step(event.step)}: signed by ${event.by}${event.role ? ` as ${event.role}` : ''} (${event.assurance})`,
        event.note,
      ),
    ),
  RolesDecided: (event, titles) =>
    passing(
      '·',
      'dim',
      `${titles.step(event.step)}: ${event.roles.map(({ role, needed, why }) => `${role} ${needed === 'no' ? 'need not sign' : 'has to sign'} (${why})`).join('; ')}`,
    ),
  RoleNotNeeded: (event, titles) =>
    lasting(
      '–',
      'warn',
      detail(`${titles.step(event.step)}: ${event.role} not needed, says ${event.by} as ${event.as}`, event.reason),
    ),
  ApprovalVoided: (event, titles) =>
    lasting('↻', 'warn', detail(`${titles.step(event.step)}: the signature of ${event.by} is void`, event.why)),
  ApprovalRejected: (event, titles) =>
    lasting('✖', 'bad', `${titles.step(event.step)}: rejected by ${event.by}: ${event.why}`),
  StepWaived: (event, titles) =>
    lasting(
      signs.waived.icon,
      'warn',
      `${titles.step(event.step)}: waived by ${event.by} (${event.role}): ${event.reason}`,
    ),
  WindowOverridden: (event, titles) =>
    lasting(
      '!',
      'warn',
      `${titles.phase(event.phase)}: ${event.by} (${event.role}) overrode the window ${event.window}: ${event.reason}`,
    ),
  WindowLeaving: (event, titles) =>
    lasting(
      '!',
      'warn',
      `${titles.phase(event.phase)}: leaves its window ${event.window}, closed from ${dateWords(event.closesAt)}; ends ${dateWords(event.endsAt)} at the earliest`,
    ),
  WindowRead: (event) => passing('·', event.isLow ? 'good' : 'dim', `window ${event.window}: ${event.say}`),
  StepOverdue: (event, titles) =>
    lasting('!', 'warn', `${titles.step(event.step)}: overdue, was due ${dateWords(event.dueAt)}`),
  ReleaseRescheduled: (event) =>
    lasting('↷', 'warn', `${event.by} moved the start to ${dateWords(event.to)}: ${event.reason}`),
  HandoverGiven: (event, titles) =>
    lasting('→', 'person', detail(`${titles.step(event.step)}: handed over by ${event.by}`, event.notes)),
  HandoverEscalated: (event, titles) =>
    lasting(
      '!',
      'warn',
      `${titles.step(event.step)}: ${event.from} did not acknowledge in time; ${event.to === null ? 'nobody is left to ask' : `${event.to} is asked`}`,
    ),
  HandoverAcknowledged: (event, titles) =>
    lasting('✔', 'good', detail(`${titles.step(event.step)}: ${event.by} took over as ${event.role}`, event.note)),
  PresenceBegan: (event) => lasting('●', 'good', `${event.by} is there`),
  PresenceEnded: (event) => lasting('○', 'warn', detail(`${event.by} is not there any more`, event.why)),
  StepAssigned: (event, titles) =>
    lasting('☛', 'person', `${titles.step(event.step)}: assigned to ${event.to} by ${event.by}`),
  RecordUsed: (event, titles) =>
    lasting('✔', 'good', detail(`${titles.step(event.step)}: a fresh record is used`, event.say)),
  RecordMissing: (event, titles) => lasting('☛', 'person', `${titles.step(event.step)}: ${event.say}`),
  RecordAging: (event, titles) =>
    lasting(
      '☛',
      event.how === 'ended' ? 'person' : 'warn',
      `${titles.step(event.step)}: its record is ${event.how === 'ended' ? 'too old since' : 'good until'} ${dateWords(event.until)}`,
    ),
  RecordWritten: (event, titles) =>
    lasting('✎', 'plain', `${titles.step(event.step)}: recorded as ${event.name}, ${event.outcome}`),
  NoteAdded: (event, titles) =>
    lasting('✎', 'plain', `note by ${event.by}${event.step ? ` on ${titles.step(event.step)}` : ''}: ${event.note}`),
  WaitStarted: (event, titles) =>
    passing('…', 'busy', `${titles.step(event.step)}: waits until ${dateWords(event.until)}`),
  WaitEnded: (event, titles) =>
    passing(
      '✔',
      'good',
      `${titles.step(event.step)}: the wait is over${event.lateMs > 1000 ? ` (noticed ${durationWords(event.lateMs)} late)` : ''}`,
    ),
  StageEntered: (event, titles) =>
    passing('▾', 'busy', `${titles.step(event.rollout)}: stage ${event.stage + 1} entered`),
  ShiftStarted: (event) =>
    passing(
      '…',
      'busy',
      `${event.component}: ${event.purpose === 'advance' ? 'moving' : 'putting back'} to ${percentWords(event.weightPercent)}`,
    ),
  ShiftVerified: (event) =>
    lasting('→', 'busy', detail(`${event.component}: ${percentWords(event.weightPercent)} read back`, event.say)),
  ShiftFailed: (event) => lasting('✖', 'bad', `${event.component}: traffic could not be moved: ${event.say}`),
  SoakStarted: (event) => passing('…', 'busy', `stage ${event.stage + 1}: soak started`),
  StageLeft: (event) =>
    lasting(
      '✔',
      'good',
      `stage ${event.stage + 1} left with go by ${event.by === 'judge' ? 'the judge' : 'a person'} after ${durationWords(event.soakMs)} of healthy time`,
    ),
  Promoted: (event) =>
    lasting('✔', 'good', detail(`promoted by ${event.by}${event.role ? ` (${event.role})` : ''}`, event.reason)),
  RolloutFinished: (event, titles) => passing('✔', 'good', `${titles.step(event.rollout)}: rollout finished`),
  WatchStarted: (event, titles) => passing('…', 'busy', `${titles.step(event.step)}: watch started`),
  WatchEnded: (event, titles) =>
    passing('✔', 'good', `${titles.step(event.step)}: healthy for ${durationWords(event.observedMs)}`),
  KnownIssueSet: (event, titles) =>
    lasting('✎', 'plain', `${titles.step(event.step)}: ${event.by} noted "${event.issue}" (${event.severity})`),
  KnownIssueClosed: (event, titles) =>
    lasting('✔', 'good', detail(`${titles.step(event.step)}: row ${event.id} closed by ${event.by}`, event.why)),
  RowSet: (event, titles) =>
    lasting(
      '✎',
      'plain',
      detail(`${titles.step(event.step)}: ${event.table} row ${event.id} by ${event.by}`, event.say),
    ),
  RowRemoved: (event, titles) =>
    lasting(
      '✎',
      'plain',
      detail(`${titles.step(event.step)}: ${event.table} row ${event.id} removed by ${event.by}`, event.why),
    ),
  WatchRestarted: (event, titles) =>
    lasting('↻', 'warn', detail(`${titles.step(event.step)}: begins again (${event.by})`, event.why)),
  WatchExtended: (event, titles) =>
    lasting(
      '↻',
      'warn',
      detail(`${titles.step(event.step)}: ${durationWords(event.byMs)} longer (${event.by})`, event.why),
    ),
  MeasurementsRecorded: (event) =>
    event.history === undefined
      ? passing('=', 'dim', `${event.batches} measurements recorded, ${durationWords(event.soakMs)} healthy so far`)
      : lasting('=', 'dim', `before the rollout: ${event.history}`),
  VerdictReached: verdictNews,
  DecisionAsked: (event) =>
    lasting(
      '☛',
      'person',
      detail(
        event.question,
        event.role,
        event.until === null ? null : `${event.otherwise} if nobody decides until ${dateWords(event.until)}`,
      ),
    ),
  TriggerArmed: (event) => passing('◎', 'dim', `trigger armed: ${event.trigger}`),
  TriggerDisarmed: (event) => passing('○', 'dim', `trigger disarmed: ${event.trigger}: ${event.why}`),
  TriggerFired: (event) => lasting('✖', 'bad', `trigger ${event.trigger} fired (${event.action}): ${event.say}`),
  TriggerBlind: (event) => lasting('≈', 'warn', `trigger ${event.trigger} sees nothing: ${event.say}`),
  TriggerSees: (event) => passing('◎', 'dim', `trigger ${event.trigger} sees again`),
  HoldPlaced: (event) => lasting('‖', 'warn', `held by ${event.by}: ${event.why}`),
  HoldLifted: (event) => lasting('▶', 'busy', `hold lifted by ${event.by}: ${event.why}`),
  RollbackStarted: (event) => lasting('↩', 'bad', `rolling back (${event.cause}, ${event.by}): ${event.why}`),
  TrafficRestoreStarted: (event) => passing('…', 'busy', `${event.component}: all traffic back to stable`),
  TrafficRestored: (event) =>
    lasting('↩', 'warn', detail(`${event.component}: all traffic is back on stable`, event.say)),
  TrafficRestoreFailed: (event) =>
    lasting('✖', 'bad', `${event.component}: traffic could not be restored: ${event.say}`),
  RollbackFinished: (event) => lasting('↩', 'warn', detail(`rolled back in ${measuredWords(event.tookMs)}`, event.say)),
  RollbackFailed: (event) => lasting('✖', 'bad', `the rollback failed: ${event.why}`),
  RollbackResumed: (event) => lasting('↩', 'warn', `rollback goes on, by ${event.by}: ${event.why}`),
  IncidentDeclared: (event) =>
    lasting('!', 'bad', `${event.severity} incident declared by ${event.by}: ${event.reason}`),
  IncidentStatusSet: (event) =>
    lasting(
      '!',
      event.status === 'resolved' ? 'good' : 'warn',
      detail(`${event.incident} is ${event.status}, says ${event.by}`, event.note),
    ),
  RollbackOverBudget: (event) =>
    lasting('✖', 'bad', `the way back takes longer than the ${durationWords(event.budgetMs)} it may take`),
  FollowUpAdded: (event) =>
    lasting(
      '☛',
      'plain',
      detail(
        `follow-up${event.owner === null ? '' : ` for ${event.owner}`}: ${event.title}`,
        event.due === null ? null : `due ${dateWords(event.due)}`,
      ),
    ),
  HotfixBegun: (event) => lasting('↻', 'plain', `hotfix ${event.version} begun by ${event.by}: ${event.release}`),
  LeaveProposed: (event) =>
    lasting('✖', 'person', `${event.by} wants to take nothing back: ${event.why}; a second person has to agree`),
  ReleaseLeft: (event) => lasting('✖', 'bad', `left as it is by ${event.by}: ${event.why}`),
  ReleaseValidating: () => lasting('✔', 'good', 'released; validating'),
  ReleaseSignedOff: () => lasting('✔', 'good', 'signed off'),
  ReleaseClosed: (event) => lasting('✔', 'good', detail('closed', event.why)),
  ReleaseSuperseded: (event) => lasting('–', 'warn', `superseded by ${event.by}`),
  ReleaseAmended: (event) =>
    lasting(
      '✎',
      'warn',
      `amended by ${event.by} (${event.role}): ${event.reason}; ${event.changed.length} changed, ${event.added.length} added, ${event.removed.length} removed`,
    ),
  MessageQueued: (event) =>
    event.draft
      ? lasting('✉', 'warn', `a message to ${event.channel} waits for a person: ${event.subject}`)
      : passing(
          '✉',
          'dim',
          event.quiet ? `${event.channel} follows: ${event.on}` : `${event.on} to ${event.channel}: ${event.subject}`,
        ),
  MessageEdited: (event) => lasting('✉', 'plain', `message changed by ${event.by}: ${event.subject}`),
  MessageLetGo: (event) => lasting('✉', 'plain', `message let go by ${event.by}`),
  MessageFilled: ({ onCall }) =>
    onCall === null
      ? lasting('✉', 'warn', 'who is on call could not be read for a message')
      : passing('✉', 'dim', `on call for a message: ${onCall.join(', ')}`),
  MessageDropped: (event) => lasting('✉', 'warn', `message dropped by ${event.by}: ${event.why}`),
  MessageSentByHand: (event) => lasting('✉', 'warn', `told another way by ${event.by}: ${event.note}`),
  MessageWaived: (event) =>
    lasting('✉', 'warn', `gone on without a message, by ${event.by} (${event.role}): ${event.reason}`),
  MessageDelivered: (event) => passing('✉', 'dim', `message sent: ${event.say}`),
  MessageFailed: (event) =>
    event.final
      ? lasting('✉', 'bad', `message not sent after ${event.tries} tries: ${event.say}`)
      : passing('✉', 'warn', `message not sent yet (try ${event.tries}): ${event.say}`),
}

const purposeStarts = {
  check: 'checking',
  action: 'acting',
  probe: 'asking its probe',
  undo: 'taking it back',
} as const

function attemptNews(event: EventOf<'AttemptFinished'>, titles: Titles): News {
  const { icon, tone } = signs[event.outcome]
  const text = detail(`${titles.step(event.step)}: ${event.outcome}`, event.say)
  // A pass is printed once, when its step closes.
  return { icon, tone, text, lasting: event.outcome !== 'passed' }
}

function closedNews(event: EventOf<'StepClosed'>, titles: Titles): News {
  const how = event.how.replaceAll('-', ' ')
  if (event.how === 'passed') return lasting('✔', 'good', detail(titles.step(event.step), event.why))
  if (event.how === 'not-applicable')
    return lasting('–', 'dim', detail(`${titles.step(event.step)}: ${how}`, event.why))
  if (event.how === 'warned')
    return lasting('!', 'warn', `${titles.step(event.step)}: only a warning, the release goes on`)
  // Answers, signatures and waivers were news of their own a moment before.
  return passing('✔', 'good', detail(`${titles.step(event.step)}: ${how}`, event.why))
}

function verdictNews({ verdict: { zone, say } }: EventOf<'VerdictReached'>): News {
  const { icon, tone } = (
    {
      go: { icon: '✔', tone: 'good' },
      hold: { icon: '‖', tone: 'warn' },
      rollback: { icon: '✖', tone: 'bad' },
    } as const
  )[zone]
  return { icon, tone, text: `verdict ${zone}: ${withoutZone(say, zone)}`, lasting: zone === 'rollback' }
}
