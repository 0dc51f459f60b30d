/** Signatures that no longer cover what stands now are void, and say which line moved. */
import type { ReleaseEvent } from './events.ts'
import { goesForward, reopenedSteps, stepState } from './standing.ts'
import type { ReleaseState } from './state.ts'
import { signatureOf } from './values.ts'

const known = new WeakMap<ReleaseState['steps'], boolean>()

/** While something is being done again nothing is compared: a recheck with the same outcome keeps every signature. */
export function voidedApprovals(state: ReleaseState): readonly ReleaseEvent[] {
  if (!goesForward(state) || known.get(state.steps) === true) return []
  const signed = state.index.approvals.map((id) => stepState(state, id)).filter((step) => step.approvals.length > 0)
  // An approval that is itself asked for again has nothing else to wait for: its old signatures are compared at once.
  if (signed.length > 0 && reopenedSteps(state).some((step) => !state.index.approvals.includes(step.id))) return []
  for (const step of signed) {
    const { digest } = signatureOf(state, step.id)
    const stale = step.approvals.filter((approval) => approval.digest !== digest)
    if (stale.length === 0) continue
    const voided = stale.map(
      ({ by }) => ({ kind: 'ApprovalVoided', step: step.id, by, why: 'what was signed has changed since' }) as const,
    )
    return step.closed
      ? [
          ...voided,
          { kind: 'StepReopened', step: step.id, why: 'its signatures are void: what was signed has changed' },
        ]
      : voided
  }
  known.set(state.steps, true)
  return []
}
