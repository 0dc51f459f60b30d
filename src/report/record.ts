/** All that a report says of a release, as plain JSON: the Markdown and the JSON report are two forms of it. */
import type { FieldPlan } from '../core/plan/plan.ts'
import { fieldsOf } from '../core/release/fields.ts'
import { stepPlan } from '../core/release/standing.ts'
import type { ChainHead } from '../core/log/chain.ts'
import { emptyChain } from '../core/log/chain.ts'
import type { FollowUp } from '../core/ports/follow-up.ts'
import type { StoredEvent } from '../core/ports/store.ts'
import type { Actor, Evidence, Recorded, ReleaseEvent } from '../core/release/events.ts'
import type { AttemptState, MessageState, ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import type { Debt } from './debt.ts'
import { exceptionsOf } from './exceptions.ts'
import type { Exceptions } from './exceptions.ts'
import { observedParts } from './rollout-history.ts'
import type { ObservedPart } from './rollout-history.ts'
import { timelineOf } from './timeline.ts'
import type { TimelineEntry } from './timeline.ts'
import { viewOf } from './view.ts'
import type { ReleaseView } from './view.ts'

export interface ReportOptions {
  /** When the report is made. */
  readonly now: Instant
  /** What releases with this checklist before it let pass again and again; absent = nobody looked. */
  readonly debt?: readonly Debt[]
  /** How its follow-ups stand beside the log; absent = nobody looked. */
  readonly followUps?: readonly FollowUp[]
}

export interface StepRecord {
  readonly id: string
  readonly closedAt: Instant | null
  /** Who closed it: the engine for what a machine proved. */
  readonly closedBy: string | null
  readonly attempts: readonly AttemptState[]
  readonly evidence: readonly Evidence[]
  readonly fields: Readonly<Record<string, string | number | boolean>>
  /** How to read each field: a `percent` is kept as a ratio, a `duration` as seconds. */
  readonly fieldTypes: Readonly<Record<string, FieldPlan['type']>>
}

export interface ApprovalRecord {
  readonly step: string
  readonly at: Instant
  readonly by: string
  readonly role: string | null
  readonly assurance: Actor['assurance']
  readonly digest: string
  readonly note: string | null
  /** The holder of the role in whose place it was given. */
  readonly for?: string
  /** Why it counts no more; null while it stands. */
  readonly voided: string | null
}

export interface ReleaseRecord extends Exceptions {
  readonly kind: 'holdpoint-release-report'
  readonly format: 1
  readonly view: ReleaseView
  readonly steps: Readonly<Record<string, StepRecord>>
  readonly observed: readonly ObservedPart[]
  readonly approvals: readonly ApprovalRecord[]
  readonly messages: readonly MessageState[]
  /** Debt of the checklist when the report was made; absent = nobody looked. */
  readonly debt?: readonly Debt[]
  /** What it left to do, as it stood when the report was made; absent = nobody looked. */
  readonly followUps?: readonly FollowUp[]
  readonly coverage: Coverage
  readonly timeline: readonly TimelineEntry[]
  readonly head: ChainHead
}

/** How much a machine proved, how much a person promised, how much was let pass. */
export interface Coverage {
  readonly steps: number
  readonly proven: number
  readonly promised: number
  readonly waived: number
  readonly notApplicable: number
  readonly open: number
}

export type ReleaseLog = readonly StoredEvent<ReleaseEvent>[]

export function recordOf(
  state: ReleaseState,
  events: ReleaseLog,
  { now, debt, followUps }: ReportOptions,
): ReleaseRecord {
  const view = viewOf(state, null, state.endedAt ?? now)
  const last = events.at(-1)
  return {
    kind: 'holdpoint-release-report',
    format: 1,
    view,
    steps: stepRecords(state, events),
    observed: observedParts(events),
    approvals: approvalsOf(events),
    messages: [...state.messages.values()],
    ...(debt !== undefined && { debt }),
    ...(followUps !== undefined && { followUps }),
    coverage: coverageOf(view),
    ...exceptionsOf(events),
    timeline: timelineOf(events),
    head: last ? { version: last.version, hash: last.hash } : emptyChain,
  }
}

function stepRecords(state: ReleaseState, events: ReleaseLog): Readonly<Record<string, StepRecord>> {
  const closers = new Map<string, string>()
  for (const { event, by } of events) if (event.kind === 'StepClosed') closers.set(event.step, by.id)
  const records = [...state.steps.values()].map((step): [string, StepRecord] => [
    step.id,
    {
      id: step.id,
      closedAt: step.closed?.at ?? null,
      closedBy: step.closed ? (closers.get(step.id) ?? null) : null,
      attempts: step.attempts,
      evidence: distinct([...step.attempts.flatMap(({ evidence }) => evidence), ...(step.answer?.evidence ?? [])]),
      fields: step.fields,
      fieldTypes: Object.fromEntries(fieldsOf(stepPlan(state, step.id)).map(({ name, type }) => [name, type])),
    },
  ])
  return Object.fromEntries(records)
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(evidence.map((each) => [each.sha256, each])).values()]
}

function approvalsOf(events: readonly Recorded[]): readonly ApprovalRecord[] {
  const approvals: ApprovalRecord[] = []
  for (const { event, at } of events) {
    if (event.kind === 'ApprovalGiven') {
      const { step, by, role, assurance, digest, note } = event
      const inPlace = event.for === undefined ? {} : { for: event.for }
      approvals.push({ step, at, by, role, assurance, digest, note, ...inPlace, voided: null })
    }
    if (event.kind !== 'ApprovalVoided') continue
    const index = approvals.findLastIndex(
      ({ step, by, voided }) => step === event.step && by === event.by && voided === null,
    )
    if (index >= 0) approvals[index] = { ...approvals[index]!, voided: event.why }
  }
  return approvals
}

const promises = new Set(['answer', 'approve', 'handover', 'fields', 'known-issues'])

function coverageOf(view: ReleaseView): Coverage {
  const steps = view.phases
    .filter(({ kind }) => kind === 'gate' || kind === 'rollout' || kind === 'watch')
    .flatMap((phase) => phase.steps)
    .filter(({ word }) => word !== 'group')
  const count = (fits: (step: (typeof steps)[number]) => boolean) => steps.filter(fits).length
  const isSettled = new Set(['passed', 'waived', 'not applicable'])
  return {
    steps: steps.length,
    proven: count(({ state, word }) => state === 'passed' && !promises.has(word)),
    promised: count(({ state, word }) => state === 'passed' && promises.has(word)),
    waived: count(({ state }) => state === 'waived'),
    notApplicable: count(({ state }) => state === 'not applicable'),
    open: count(({ state }) => !isSettled.has(state)),
  }
}
