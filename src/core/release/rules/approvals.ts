/** Who may sign, what they sign, and taking it back. */
import type { ApproveBlock, StepPlan } from '../../plan/plan.ts'
import type { Instant } from '../../units.ts'
import type { Decision, Facts, Refusal } from '../commands.ts'
import type { Actor } from '../events.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { isReady, stepState } from '../standing.ts'
import type { ApprovalState, ReleaseState } from '../state.ts'
import { signatureOf } from '../values.ts'
import { openStep, unknownStep } from './answers.ts'

/** An approval counts once per person, for what stands now, and never comes from the person the checklist excludes. */
export const approve: Rule<'Approve'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (plan.danger && plan.block.word === 'run') return confirmDanger(state, plan, command.typed, facts)
  if (plan.block.word !== 'approve') return refuse('wrong-kind', `"${plan.text}" asks for no approval.`)
  if (!isReady(state, plan))
    return refuse('not-reached', `"${plan.text}" cannot be signed before everything above it is closed.`)
  const barred = signer(state, plan.block, facts)
  if (barred) return barred
  const role = chooseRole(state, plan.block, command.role, facts)
  if (role.kind === 'refused') return role
  const step = stepState(state, plan.id)
  if (step.approvals.some((approval) => approval.by === facts.actor.id))
    return refuse('already-signed', `${facts.actor.id} has already signed "${plan.text}".`)
  if (step.rejected)
    return refuse(
      'rejected',
      `${step.rejected.by} rejected it: ${step.rejected.why}. Settle that first, then: holdpoint release retry ${state.id} ${plan.id}`,
    )
  const { digest } = signatureOf(state, plan.id)
  if (command.digest !== null && command.digest !== digest)
    return refuse('stale-view', 'What you saw has changed since. Look again, then sign.')
  return accept({
    kind: 'ApprovalGiven',
    step: plan.id,
    by: facts.actor.id,
    role: role.role,
    digest,
    assurance: facts.actor.assurance,
    note: command.note,
  })
}

/** On a server, which knows who is who, nobody approves what they started, whatever the checklist says and whoever they are. */
function signer(state: ReleaseState, block: ApproveBlock, { actor, now }: Facts): Refusal | null {
  if (isMachine(actor)) return refuse('not-in-role', 'A machine cannot sign.')
  if (actor.id === state.startedBy.id && (block.not.includes('author') || actor.assurance === 'proven'))
    return refuse('self-approval', 'Someone else has to approve what you started.')
  return signInMissing(state, actor, 'an approval', now)
}

/** The engine itself, or a token that is no person's: neither signs, waives or settles. */
export function isMachine(actor: Actor): boolean {
  return actor.kind === 'engine' || actor.kind === 'machine'
}

/** How long a sign-in counts as fresh, in a protected environment and wherever a server asks for a fresh one. */
export const freshSignInMs = 15 * 60_000

/** In a protected environment a claimed name lets nothing go on; it may still answer, hold, abort and roll back. */
export function signInMissing(state: ReleaseState, actor: Actor, decision: string, now: Instant): Refusal | null {
  if (!state.plan.environments[state.environment]?.protected) return null
  if (actor.assurance === 'proven') {
    if (actor.signedInAt !== undefined && now - actor.signedInAt <= freshSignInMs) return null
    return refuse(
      'sign-in-required',
      `${state.environment} is protected: ${decision} there needs a sign-in that is not older than 15 minutes. Sign in again, then decide again.`,
    )
  }
  if (actor.assurance !== 'claimed') return null
  return refuse(
    'sign-in-required',
    `${state.environment} is protected: ${decision} there needs the SSH key listed for you under roles. For example: --sign ~/.ssh/id_ed25519`,
  )
}

/** The role a signature fills: the one asked for, else the first open one this person is in. */
function chooseRole(
  state: ReleaseState,
  block: ApproveBlock,
  wanted: string | null,
  { actor }: Facts,
): { kind: 'role'; role: string | null } | Refusal {
  if (block.roles.length === 0)
    return wanted === null || isInRole(state, wanted, actor)
      ? { kind: 'role', role: wanted }
      : notInRole(state, wanted, actor.id)
  if (wanted !== null && !block.roles.includes(wanted))
    return refuse('unknown-role', `This step asks for ${block.roles.join(', ')}, not for "${wanted}".`)
  const candidates = wanted === null ? block.roles : [wanted]
  const role = candidates.find((each) => isInRole(state, each, actor))
  return role === undefined ? notInRole(state, candidates.join(' or '), actor.id) : { kind: 'role', role }
}

/**
 * Where the checklist declares no roles at all, any may be claimed, except in a protected environment. Whom a server knows
 * is in the roles that the checklist or the server gives, and claims none.
 */
export function isInRole(state: ReleaseState, role: string, { id: person, assurance, roles }: Actor): boolean {
  const members = state.plan.roles[role]
  if (assurance === 'proven')
    return (roles ?? []).includes(role) || (members ?? []).some((member) => member.id === person)
  if (!members)
    return Object.keys(state.plan.roles).length === 0 && !state.plan.environments[state.environment]?.protected
  return members.some((member) => member.id === person)
}

export function notInRole(state: ReleaseState, role: string, person: string): Refusal {
  const members = state.plan.roles[role]?.map((member) => member.id).join(', ')
  const known = Object.keys(state.plan.roles)
  if (!members && known.length > 0)
    return refuse('unknown-role', `This checklist has no role "${role}"; it has ${known.join(', ')}.`)
  return refuse('not-in-role', `${person} is not ${role}${members ? `; that is ${members}` : ''}.`)
}

/** One signature for each role, by distinct people, and at least `count` of them. */
export function isApproved(block: ApproveBlock, approvals: readonly ApprovalState[]): boolean {
  if (new Set(approvals.map((approval) => approval.by)).size < Math.max(block.count, 1)) return false
  return fillsRoles([...block.roles], approvals)
}

/** Whether every role can be given a signature of its own; tried out, because one person may be in several roles. */
function fillsRoles(roles: string[], approvals: readonly ApprovalState[]): boolean {
  return roles.every((role) => {
    const needed = roles.filter((each) => each === role).length
    return approvals.filter((approval) => approval.role === role).length >= needed
  })
}

/** A dangerous action: two people, each types the id of the step. */
function confirmDanger(state: ReleaseState, plan: StepPlan, typed: string | null, facts: Facts): Decision {
  const step = stepState(state, plan.id)
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine cannot confirm a dangerous action.')
  const unsigned = signInMissing(state, facts.actor, 'confirming a dangerous action', facts.now)
  if (unsigned) return unsigned
  if (typed !== plan.id)
    return refuse(
      'typed-confirmation',
      `"${plan.text}" is dangerous: type its id to confirm. For example: --confirm ${plan.id}`,
    )
  if (step.confirmations.includes(facts.actor.id))
    return refuse('already-signed', `${facts.actor.id} has already confirmed; a second person has to.`)
  return accept({ kind: 'DangerConfirmed', step: plan.id, by: facts.actor.id })
}

export const reject: Rule<'Reject'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (plan.block.word !== 'approve') return refuse('wrong-kind', `"${plan.text}" asks for no approval.`)
  if (command.why.trim() === '')
    return refuse('reason-required', 'Say why you reject. For example: --reason "error budget is spent"')
  const role = chooseRole(state, plan.block, command.role, facts)
  if (role.kind === 'refused') return role
  return accept({ kind: 'ApprovalRejected', step: plan.id, by: facts.actor.id, role: role.role, why: command.why })
}

/** A signature can be taken back while its step has not led to anything yet: while the step is open. */
export const revokeApproval: Rule<'RevokeApproval'> = (state, command, facts) => {
  if (!state.index.step.has(command.step)) return unknownStep(state, command.step)
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  const mine = stepState(state, plan.id).approvals.some((approval) => approval.by === facts.actor.id)
  if (!mine) return refuse('nothing-to-promote', `${facts.actor.id} has not signed "${plan.text}".`)
  return accept({
    kind: 'ApprovalVoided',
    step: plan.id,
    by: facts.actor.id,
    why: command.why || `taken back by ${facts.actor.id}`,
  })
}
