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
    const { digest, lines } = signatureOf(state, step.id)
    const stale = step.approvals.filter((approval) => approval.digest !== digest)
    if (stale.length === 0) continue
    const voided = stale.map(
      (approval) =>
        ({
          kind: 'ApprovalVoided',
          step: step.id,
          by: approval.by,
          why: `what was signed has changed since${movedWords(approval.lines, lines)}`,
        }) as const,
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

const mostMoved = 3

/** `: tests: passed → tests: waived`. Lines of the same step stand beside each other. */
function movedWords(before: readonly string[], after: readonly string[]): string {
  if (before.length === 0) return ''
  const gone = before.filter((line) => !after.includes(line))
  const come = after.filter((line) => !before.includes(line))
  const moved = gone.map((line) => {
    const match = come.findIndex((other) => subjectOf(other) === subjectOf(line))
    return match < 0 ? `no more: ${line}` : `${line} → ${come.splice(match, 1)[0]}`
  })
  const told = [...moved, ...come.map((line) => `new: ${line}`)]
  if (told.length === 0) return ''
  const more = told.length > mostMoved ? ` and ${told.length - mostMoved} more` : ''
  return `: ${told.slice(0, mostMoved).join('; ')}${more}`
}

/** What a line is about: the words before its first colon, space or equals sign. */
function subjectOf(line: string): string {
  return /^[^\s:=]+/.exec(line)?.[0] ?? line
}
