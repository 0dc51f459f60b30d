/** Which decisions a step and a release offer in the state they are in; what is asked for most comes first. */
import type { AskView, ReleaseView, StepView } from '../../../../src/api/wire/web.ts'
import {
  aborting,
  answering,
  approving,
  assigning,
  beingPresent,
  confirming,
  type Decision,
  handingOver,
  holding,
  leaving,
  notApplicable,
  notNeeding,
  noting,
  promoting,
  rejecting,
  resuming,
  rollingBack,
  settling,
  takingOver,
  waiving,
} from './decisions.ts'
import { followingUp, reporting } from './problems.ts'
import { addingRow } from './row-decisions.ts'
import { overriderOf, overriding, rescheduling } from './time-decisions.ts'

export interface Offer {
  readonly word: string
  readonly decision: () => Decision
  readonly isMain?: boolean
  readonly isStop?: boolean
  /** Needs no words: it is done at once. */
  readonly isPlain?: boolean
}

/** What stands in the margin, beside the step. */
export function offersOf(step: StepView): readonly Offer[] {
  switch (step.state) {
    case 'needs a person':
    case 'stale':
      return askedOf(step)
    case 'failed':
    case 'errored':
    case 'inconclusive':
      if (!step.blocks) return []
      if (step.asks === null) return [retry(step, 'Retry')]
      // Somebody rejected it: nothing can be signed before it is asked for again.
      return step.word === 'approve' ? [retry(step, 'Ask again')] : askedOf(step)
    case 'unknown':
      return [{ word: 'Settle', decision: () => settling(step), isMain: true }]
    default:
      return []
  }
}

function askedOf(step: StepView): readonly Offer[] {
  const { asks } = step
  if (asks === null)
    return step.word === 'run' ? [{ word: 'Confirm', decision: () => confirming(step), isStop: true }] : []
  if (asks.handover !== undefined)
    return [
      ...(asks.handover.by === null ? [] : [{ word: 'Take over', decision: () => takingOver(step), isMain: true }]),
      { word: 'Hand over', decision: () => handingOver(step), isMain: asks.handover.by === null },
    ]
  const tables = asks.tables ?? []
  const lacking = tables.find(({ isWhole, mayAdd }) => !isWhole && mayAdd)
  if (lacking !== undefined)
    return [
      { word: 'Add a row', decision: () => addingRow(lacking), isMain: true },
      ...answersTo(step, asks).map((offer) => ({ ...offer, isMain: false })),
    ]
  return answersTo(step, asks)
}

function answersTo(step: StepView, asks: AskView): readonly Offer[] {
  if (asks.signaturesNeeded > 0)
    return [
      { word: 'Sign', decision: () => approving(step), isMain: true },
      { word: 'Reject', decision: () => rejecting(step) },
    ]
  if (asks.fields.length > 0 || asks.options.length === 0 || asks.options.length > 3)
    return [
      { word: asks.fields.length > 0 ? 'Fill in' : 'Answer', decision: () => answering(step, null), isMain: true },
    ]
  return asks.options.map((option, at) => ({
    word: option,
    decision: () => answering(step, option),
    isMain: at === 0,
  }))
}

function retry(step: StepView, word: string): Offer {
  return {
    word,
    isMain: true,
    isPlain: true,
    decision: () => ({
      title: `Try again: ${step.text}`,
      action: 'Try again',
      inputs: [],
      command: () => ({ kind: 'Retry', step: step.id }),
    }),
  }
}

/** What the rules refuse in any case is not offered. */
const unwaivable: ReadonlySet<string> = new Set(['rollout', 'watch'])
const alwaysApplies: ReadonlySet<string> = new Set(['rollout', 'approve'])

const closed: ReadonlySet<string> = new Set(['passed', 'waived', 'not applicable'])

/** Everything else that can be decided about it. */
export function moreOffersOf(step: StepView, roles: readonly string[]): readonly Offer[] {
  const note: Offer = { word: 'Note', decision: () => noting(step) }
  if (closed.has(step.state) || step.word === 'group') return [note]
  const isReached = step.since !== null
  return [
    note,
    { word: 'Assign', decision: () => assigning(step) },
    ...excusable(step).map((role) => ({
      word: `${role} not needed`,
      decision: () => notNeeding(step, role, roles),
    })),
    ...(isReached && !unwaivable.has(step.word) ? [{ word: 'Waive', decision: () => waiving(step, roles) }] : []),
    ...(isReached && !alwaysApplies.has(step.word)
      ? [{ word: 'Not applicable', decision: () => notApplicable(step, roles) }]
      : []),
  ]
}

/** Roles that sign only under a condition, and still have to here. */
function excusable({ asks }: StepView): readonly string[] {
  const signed = asks?.signedBy.map(({ role }) => role) ?? []
  return (asks?.conditionalRoles ?? [])
    .filter(({ role, needed, notNeeded }) => needed !== 'no' && notNeeded === null && !signed.includes(role))
    .map(({ role }) => role)
}

const followUp: Offer = { word: 'Follow-up', decision: followingUp }

/** What can be decided about the release as a whole. */
export function releaseOffers(view: ReleaseView): readonly Offer[] {
  if (view.decision?.ended === true) return [{ word: 'Note', decision: () => noting(null) }, followUp]
  const isForward = view.rollback === null
  return [
    ...(isForward && isAskedToPromote(view)
      ? [{ word: 'Promote', decision: () => promoting(view), isMain: true }]
      : []),
    ...timeOffers(view),
    ...presenceOffers(view),
    ...(isForward && view.hold === null ? [{ word: 'Hold', decision: holding }] : []),
    ...(view.hold === null ? [] : [{ word: 'Lift the hold', decision: () => resuming(view), isMain: true }]),
    { word: 'Note', decision: () => noting(null) },
    followUp,
    { word: 'Report a problem', decision: () => reporting(view), isStop: true },
    ...(isForward ? [{ word: 'Roll back', decision: () => rollingBack(view), isStop: true }] : []),
    ...(isForward ? [{ word: 'Abort', decision: () => aborting(view), isStop: true }] : []),
  ]
}

/** A soak is neither skipped nor shortened: a person is asked where a stage wants their word, or where the judge cannot tell. */
function isAskedToPromote({ waitsFor, rollouts, hold }: ReleaseView): boolean {
  return (
    hold === null &&
    waitsFor.some(
      ({ kind, step }) =>
        (kind === 'promote' || kind === 'decide') && rollouts.some((rollout) => rollout.step === step),
    )
  )
}

/** Where a phase goes on only with people present. Whoever is there already may tell it again, and leave. */
function presenceOffers({ presence }: ReleaseView): readonly Offer[] {
  if (presence === undefined) return []
  const isMain = presence.missing > 0
  return [
    { word: 'I am here', decision: () => beingPresent(presence), isMain },
    ...(presence.here.length > 0 ? [{ word: 'I leave', decision: () => leaving() }] : []),
  ]
}

/** Where a phase waits for a window that somebody may override, and while the planned start lies ahead. */
function timeOffers(view: ReleaseView): readonly Offer[] {
  const { time, rollback } = view
  const role = overriderOf(view)
  if (rollback !== null) return []
  return [
    ...(role === null ? [] : [{ word: 'Override the window', decision: () => overriding(role), isStop: true }]),
    ...(time?.phase?.begun === false && time.plannedAt !== null
      ? [{ word: 'Move the start', decision: () => rescheduling(time) }]
      : []),
  ]
}
