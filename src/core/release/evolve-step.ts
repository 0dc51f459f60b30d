/** What events about one step do to the state. Returns undefined for events of other concern. */
import { signatureOf } from './values.ts'
import { baselinePrefix } from './baseline.ts'
import { issuesOf, type IssueState } from './known-issues.ts'
import { withRow } from './open-rows.ts'
import { withTableRow, withoutTableRow } from './rows.ts'
import type { Moment } from './moment.ts'
import type { StepPlan } from '../plan/plan.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { withDoing } from './evolve-rollout.ts'
import { isChanged } from './serving.ts'
import type { AttemptState, HandoverState, ReleaseState, StepState } from './state.ts'

export function evolveStep(state: ReleaseState, event: ReleaseEvent, { at }: Moment): ReleaseState | undefined {
  switch (event.kind) {
    case 'StepReached':
      return change(state, event.step, (step) => ({ ...step, reachedAt: step.reachedAt ?? at, blocked: null }))
    case 'StepBlocked':
      return change(state, event.step, (step) => ({ ...step, reachedAt: step.reachedAt ?? at, blocked: event.why }))
    case 'StepClosed':
      return stageOf(
        change(state, event.step, (step) => ({
          ...step,
          reachedAt: step.reachedAt ?? at,
          blocked: null,
          closed: { how: event.how, at, why: event.why, ...(event.by !== undefined && { by: event.by }) },
          reopened: null,
        })),
        event.step,
      )
    case 'StepReopened':
      return change(state, event.step, (step) => reopened(step, event.why))
    case 'AttemptStarted':
      return change(state, event.step, (step) => ({ ...step, attempts: [...step.attempts, started(event, at)] }))
    case 'AttemptFinished':
      return finished(state, event, at)
    case 'LateResultKept':
      return change(state, event.step, (step) =>
        replaceAttempt(step, event.attempt, (attempt) => ({
          ...attempt,
          evidence: [...attempt.evidence, ...event.evidence],
        })),
      )
    case 'AttemptSettled':
      return change(state, event.step, (step) =>
        replaceAttempt(step, event.attempt, (attempt) => ({
          ...attempt,
          settled: event.as,
          say: event.why || attempt.say,
        })),
      )
    case 'DangerConfirmed':
      return change(state, event.step, (step) => ({ ...step, confirmations: [...step.confirmations, event.by] }))
    case 'AnswerGiven':
      return answered(state, event, at)
    case 'FieldCaptured':
      return withCaptures(
        change(state, event.step, (step) => ({
          ...step,
          fields: { ...step.fields, [event.field]: event.value },
          captureFailures: without(step.captureFailures, event.field),
          windows:
            event.window === undefined
              ? without(step.windows, event.field)
              : { ...step.windows, [event.field]: { window: event.window, evidence: event.evidence ?? [] } },
        })),
        { [`${prefixOf(state, event.step)}${event.field}`]: String(event.value) },
      )
    case 'KnownIssueSet':
      return withIssue(state, event.step, {
        id: event.id,
        issue: event.issue,
        workaround: event.workaround,
        severity: event.severity,
        target: event.target,
        closed: null,
      })
    case 'KnownIssueClosed': {
      const plan = state.index.step.get(event.step)
      const row = plan && issuesOf(plan, state.steps.get(event.step)).find(({ id }) => id === event.id)
      return row ? withIssue(state, event.step, { ...row, closed: event.why }) : state
    }
    case 'RowSet':
      return changeTable(state, event.step, (plan, step) =>
        withTableRow(plan, step, event.table, { id: event.id, cells: event.cells }),
      )
    case 'RowRemoved':
      return changeTable(state, event.step, (plan, step) => withoutTableRow(plan, step, event.table, event.id))
    case 'FieldCaptureFailed':
      return change(state, event.step, (step) => ({
        ...step,
        captureFailures: { ...step.captureFailures, [event.field]: event.say },
      }))
    case 'ApprovalGiven':
      return signed(state, event, at)
    case 'RolesDecided':
      return change(state, event.step, (step) => ({
        ...step,
        conditionalRoles: event.roles.map((role) => ({ ...role, notNeeded: null })),
      }))
    case 'RoleNotNeeded':
      return change(state, event.step, (step) => ({
        ...step,
        conditionalRoles: (step.conditionalRoles ?? []).map((one) =>
          one.role === event.role ? { ...one, notNeeded: { by: event.by, as: event.as, reason: event.reason } } : one,
        ),
      }))
    case 'HandoverGiven':
      return change(state, event.step, (step) => ({
        ...step,
        handover: {
          by: event.by,
          at,
          notes: event.notes,
          digest: event.digest,
          // Given again it still asks whomever it has come to.
          asked: step.handover?.asked ?? 0,
          askedAt: at,
          isUnanswered: false,
          acknowledged: null,
        },
      }))
    case 'HandoverEscalated':
      return changeHandover(state, event.step, (handover) =>
        event.to === null
          ? { ...handover, isUnanswered: true }
          : { ...handover, asked: handover.asked + 1, askedAt: at },
      )
    case 'HandoverAcknowledged': {
      const { by, role, for: holder } = event
      const acknowledged = { by, role, at, ...(holder !== undefined && { for: holder }) }
      return changeHandover(state, event.step, (handover) => ({ ...handover, acknowledged }))
    }
    case 'ApprovalVoided':
      return change(state, event.step, (step) => ({
        ...step,
        approvals: step.approvals.filter((approval) => approval.by !== event.by),
      }))
    case 'ApprovalRejected':
      return change(state, event.step, (step) => ({ ...step, rejected: { by: event.by, why: event.why, at } }))
    case 'StepWaived':
      return change(state, event.step, (step) => ({
        ...step,
        waiver: { by: event.by, role: event.role, reason: event.reason, expires: event.expires, at },
      }))
    case 'StepAssigned':
      return change(state, event.step, (step) => ({ ...step, assigned: event.to }))
    case 'RecordUsed':
      return change(state, event.step, (step) => ({
        ...step,
        record: { record: event.record, observedAt: event.observedAt, say: event.say },
        recordMissing: null,
      }))
    case 'RecordMissing':
      return change(state, event.step, (step) => ({ ...step, recordMissing: event.say }))
    case 'RecordAging':
      return change(state, event.step, (step) => ({
        ...step,
        record: step.record?.record === event.record ? { ...step.record, told: event.how } : step.record,
      }))
    case 'RecordWritten':
      return change(state, event.step, (step) => ({ ...step, written: [...(step.written ?? []), event.record] }))
    case 'WaitStarted':
      return change(state, event.step, (step) => ({
        ...step,
        wait: { startedAt: at, until: event.until, ended: false },
      }))
    case 'WaitEnded':
      return change(state, event.step, (step) => ({ ...step, wait: step.wait ? { ...step.wait, ended: true } : null }))
    default:
      return undefined
  }
}

function change(state: ReleaseState, id: string, make: (step: StepState) => StepState): ReleaseState {
  const step = state.steps.get(id)
  if (!step) return state
  return { ...state, steps: state.steps.with(make(step)) }
}

function changeHandover(
  state: ReleaseState,
  id: string,
  make: (handover: HandoverState) => HandoverState,
): ReleaseState {
  return change(state, id, (step) => (step.handover ? { ...step, handover: make(step.handover) } : step))
}

function stageOf(state: ReleaseState, id: string): ReleaseState {
  const stage = state.index.step.get(id)?.stage
  return stage ? withDoing(state, stage.rollout) : state
}

/** What was signed is kept line by line as long as the signature stands, so that it can be told what moved. */
function signed(state: ReleaseState, event: EventOf<'ApprovalGiven'>, at: number): ReleaseState {
  const { by, role, digest, assurance, note } = event
  if (!state.index.step.has(event.step)) return state
  const covered = signatureOf(state, event.step)
  const lines = covered.digest === digest ? covered.lines : []
  const approval = { by, role, digest, at, assurance, note, lines, ...(event.for !== undefined && { for: event.for }) }
  return change(state, event.step, (step) => ({ ...step, approvals: [...step.approvals, approval] }))
}

function reopened({ conditionalRoles: _decided, handover: _given, ...step }: StepState, why: string): StepState {
  return {
    ...step,
    closed: null,
    reopened: why,
    attemptsFrom: step.attempts.length,
    answer: null,
    waiver: null,
    record: null,
    recordMissing: null,
    wait: null,
    rejected: null,
    captureFailures: {},
    // A condition that could not be decided is looked at again, as if the step had just been reached.
    ...(step.blocked === null ? {} : { reachedAt: null, blocked: null, reopened: null }),
  }
}

function started(event: EventOf<'AttemptStarted'>, at: number): AttemptState {
  return {
    id: event.attempt,
    purpose: event.purpose,
    epoch: event.epoch,
    startedAt: at,
    finishedAt: null,
    observedAt: null,
    outcome: null,
    settled: null,
    say: '',
    evidence: [],
    facts: {},
  }
}

function finished(state: ReleaseState, event: EventOf<'AttemptFinished'>, at: number): ReleaseState {
  const next = change(state, event.step, (step) =>
    replaceAttempt(step, event.attempt, (attempt) => ({
      ...attempt,
      finishedAt: at,
      observedAt: event.observedAt,
      outcome: event.outcome,
      say: event.say,
      evidence: event.evidence,
      facts: event.facts,
    })),
  )
  return event.outcome === 'passed' && !isTooLate(state, event.step) ? withCaptures(next, event.captures) : next
}

/** What served before is what served before anything changed: a later look finds what this release brought. */
function isTooLate(state: ReleaseState, step: string): boolean {
  const block = state.index.step.get(step)?.block
  return block?.word === 'check' && block.serving !== undefined && isChanged(state, block.serving)
}

function replaceAttempt(step: StepState, id: string, make: (attempt: AttemptState) => AttemptState): StepState {
  return { ...step, attempts: step.attempts.map((attempt) => (attempt.id === id ? make(attempt) : attempt)) }
}

function answered(state: ReleaseState, event: EventOf<'AnswerGiven'>, at: number): ReleaseState {
  const { by, answer, passes, note, evidence } = event
  const next = change(state, event.step, (step) => ({
    ...step,
    answer: { by, at, answer, passes, note, evidence },
    fields: { ...step.fields, ...event.fields },
  }))
  return withCaptures(
    next,
    Object.fromEntries(
      Object.entries(event.fields).map(([name, value]) => [`${prefixOf(state, event.step)}${name}`, String(value)]),
    ),
  )
}

/** Whoever accepted the rows before has not accepted these. */
function withIssue(state: ReleaseState, id: string, row: IssueState): ReleaseState {
  const plan = state.index.step.get(id)
  if (!plan) return state
  return change(state, id, (step) => {
    const issues = withRow(issuesOf(plan, step), row)
    return { ...step, issues, answer: step.closed ? step.answer : null }
  })
}

/** Whoever answered for the rows before has not answered for these. */
function changeTable(
  state: ReleaseState,
  id: string,
  make: (plan: StepPlan, step: StepState) => StepState['tables'],
): ReleaseState {
  const plan = state.index.step.get(id)
  if (!plan) return state
  return change(state, id, (step) => {
    const tables = make(plan, step)
    return { ...step, ...(tables && { tables }), answer: step.closed ? step.answer : null }
  })
}

function prefixOf(state: ReleaseState, step: string): string {
  const block = state.index.step.get(step)?.block
  return block?.word === 'fields' && block.baseline === true ? baselinePrefix : ''
}

function withCaptures(state: ReleaseState, captures: Readonly<Record<string, string>>): ReleaseState {
  const names = Object.keys(captures)
  if (names.length === 0) return state
  return { ...state, captures: new Map([...state.captures, ...Object.entries(captures)]) }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}
