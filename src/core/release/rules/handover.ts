/** Handing over, and taking over: two people, each by their own word. */
import type { Decision, Refusal } from '../commands.ts'
import type { HandoverBlock, StepPlan } from '../../plan/plan.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { askedRoles, handoverDigest } from '../handover.ts'
import { isReady, stepState } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { openStep } from './answers.ts'
import { isInRole, isMachine, notInRole, roleToSignIn, saidOf, signInMissing } from './approvals.ts'

interface Open {
  readonly kind: 'open'
  readonly plan: StepPlan
  readonly block: HandoverBlock
}

function openHandover(state: ReleaseState, id: string): Open | Refusal {
  const plan = openStep(state, id)
  if ('kind' in plan) return plan
  const { block } = plan
  if (block.word !== 'handover') return refuse('wrong-kind', `"${plan.text}" is no hand-over.`)
  if (!isReady(state, plan)) return refuse('not-reached', `"${plan.text}" waits until everything above it is closed.`)
  return { kind: 'open', plan, block }
}

/** Until somebody has acknowledged it may be given again: whoever is asked then sees the new notes. */
export const handOver: Rule<'HandOver'> = (state, command, facts): Decision => {
  const found = openHandover(state, command.step)
  if (found.kind === 'refused') return found
  const { plan, block } = found
  const { id } = facts.actor
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine hands nothing over.')
  if (block.from !== null && !isInRole(state, block.from, facts.actor)) return notInRole(state, block.from, id)
  if (command.notes.trim() === '')
    return refuse(
      'reason-required',
      'Say what changes and what to look at. For example: --note "new checkout, watch refunds"',
    )
  const digest = handoverDigest(state, { by: id, notes: command.notes })
  if (stepState(state, plan.id).handover?.digest === digest)
    return refuse('no-change', `${id} has handed exactly this over already.`)
  return accept({ kind: 'HandoverGiven', step: plan.id, by: id, notes: command.notes, digest })
}

export const acknowledge: Rule<'Acknowledge'> = (state, command, facts): Decision => {
  const found = openHandover(state, command.step)
  if (found.kind === 'refused') return found
  const { plan, block } = found
  const { handover } = stepState(state, plan.id)
  const { actor } = facts
  if (!handover) return refuse('not-due', `"${plan.text}" has not been handed over yet.`)
  if (isMachine(actor)) return refuse('not-in-role', 'A machine takes nothing over.')
  if (actor.id === handover.by)
    return refuse('self-approval', 'Whoever hands over does not take over: somebody else acknowledges.')
  const unsigned = signInMissing(state, actor, 'an acknowledgement', facts.now)
  if (unsigned) return unsigned
  const roles = askedRoles(block, handover)
  if (command.role !== null && !roles.includes(command.role))
    return refuse('unknown-role', `It was handed over to ${roles.join(' and ')}, not to "${command.role}".`)
  const candidates = command.role === null ? roles : [command.role]
  const chosen = roleToSignIn(state, candidates, actor, [handover.by])
  if (chosen === null) return notInRole(state, candidates.join(' or '), actor.id)
  if (command.digest !== null && command.digest !== handover.digest)
    return refuse('stale-view', 'What you saw has been handed over anew since. Look again, then acknowledge.')
  return accept({
    kind: 'HandoverAcknowledged',
    step: plan.id,
    by: actor.id,
    role: chosen.role,
    digest: handover.digest,
    assurance: actor.assurance,
    ...(chosen.for !== null && { for: chosen.for }),
    ...(chosen.for === null && saidOf(state, chosen.role, actor)),
    note: command.note,
  })
}
