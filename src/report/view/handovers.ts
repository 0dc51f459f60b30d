/** A hand-over as surfaces show it: what goes with it, whom it asks, and when the next one is asked. */
import type { HandoverBlock, StepPlan } from '../../core/plan/plan.ts'
import { askedRoles, escalatesAt, handoverLines } from '../../core/release/handover.ts'
import type { ReleaseState, StepState } from '../../core/release/state.ts'
import type { AskView } from './ask-view.ts'
import { dateWords } from '../words.ts'

export function handoverAsk(state: ReleaseState, block: HandoverBlock, step: StepState): AskView {
  const { handover } = step
  return {
    options: [],
    evidence: 'none',
    fields: [],
    roles: handover ? askedRoles(block, handover) : [],
    signedBy: [],
    signaturesNeeded: 0,
    digest: handover?.digest ?? null,
    signs: handover ? handoverLines(state, handover) : [],
    handover: {
      by: handover?.by ?? null,
      notes: handover?.notes ?? '',
      to: askedRoles(block, handover),
      until: escalatesAt(block, step),
    },
  }
}

/** `ana hands over; on-call acknowledges, until 2026-11-21 14:05 UTC`. */
export function handoverWords(block: HandoverBlock, step: StepState): string {
  const { handover } = step
  if (!handover) return `${block.from ?? 'somebody'} hands over to ${block.to[0] ?? 'nobody'}`
  const at = escalatesAt(block, step)
  const now = block.to[handover.asked] ?? ''
  const until = at === null ? '' : `, until ${dateWords(at)}`
  const late = handover.isUnanswered ? '; nobody did in time' : ''
  const before = handover.asked === 0 ? '' : ` (${block.to.slice(0, handover.asked).join(', ')} did not)`
  return `${handover.by} hands over; ${now} acknowledges${until}${before}${late}`
}

/** Who owes it: the giver first, then whom it asks. */
export function handoverOwner(plan: StepPlan, step: StepState | undefined): string | null {
  if (plan.block.word !== 'handover') return null
  return step?.handover ? (plan.block.to[step.handover.asked] ?? null) : plan.block.from
}
