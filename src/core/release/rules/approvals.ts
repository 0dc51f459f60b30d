/** Who may sign, what they sign, and taking it back. */
import type { ApproveBlock, StepPlan } from '../../plan/plan.ts'
import type { Instant } from '../../units.ts'
import type { Decision, Facts, Refusal } from '../commands.ts'
import type { Actor } from '../events.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import { rolesNeeded } from '../sign-off.ts'
import { tablesLack } from '../rows.ts'
import { isReady, stepState } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { signatureOf } from '../values.ts'
import { afterWatches, openStep, unknownStep } from './answers.ts'

/** An approval counts once per person, for what stands now, and never comes from the person the checklist excludes. */
export const approve: Rule<'Approve'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (plan.danger && plan.block.word === 'run') return confirmDanger(state, plan, command.typed, facts)
  if (plan.block.word !== 'approve') return refuse('wrong-kind', `"${plan.text}" asks for no approval.`)
  if (!isReady(state, plan))
    return refuse(
      'not-reached',
      `"${plan.text}" cannot be signed before everything above it is closed.${afterWatches(state, plan.id)}`,
    )
  const lack = tablesLack(plan, stepState(state, plan.id))
  if (lack !== null)
    return refuse(
      'bad-answer',
      `Nobody signs what is not whole: ${lack}. Fill it in with: holdpoint release row ${state.id} ${plan.id}`,
    )
  const barred = signer(state, plan.block, facts)
  if (barred) return barred
  const role = chooseRole(state, plan, plan.block, command.role, facts)
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
    ...(role.for !== null && { for: role.for }),
    ...(role.for === null && saidOf(state, role.role, facts.actor)),
  })
}

/** What the service that keeps the roster answered, where a role rests on it. */
export function saidOf({ plan }: Where, role: string | null, { onCall, rosterSaid }: Actor) {
  const level = role === null ? undefined : plan.rosterRoles?.[role]
  return level !== undefined && onCall?.includes(level) && rosterSaid ? { rosterSaid } : {}
}

/** On a server, which knows who is who, nobody approves what they started, whatever the checklist says and whoever they are. */
function signer(state: ReleaseState, block: ApproveBlock, { actor, now }: Facts): Refusal | null {
  if (isMachine(actor)) return refuse('not-in-role', 'A machine cannot sign.')
  if (isExcluded(state, block, actor.id, actor))
    return refuse('self-approval', 'Someone else has to approve what you started.')
  return signInMissing(state, actor, 'an approval', now)
}

/** Where somebody acts: enough to know who is in which role, also before there is a release. */
export type Where = Pick<ReleaseState, 'plan' | 'environment'>

/** The engine itself, or a token that is no person's: neither signs, waives or settles. */
export function isMachine(actor: Actor): boolean {
  return actor.kind === 'engine' || actor.kind === 'machine'
}

/** How long a sign-in counts as fresh, in a protected environment and wherever a server asks for a fresh one. */
export const freshSignInMs = 15 * 60_000

/** In a protected environment a claimed name lets nothing go on; it may still answer, hold, abort and roll back. */
export function signInMissing(state: Where, actor: Actor, decision: string, now: Instant): Refusal | null {
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

interface ChosenRole {
  readonly kind: 'role'
  readonly role: string | null
  /** The holder in whose place this person signs; null = they hold the role themselves. */
  readonly for: string | null
}

/** The role a signature fills: the one asked for, else the first open one this person is in, themselves or for another. */
function chooseRole(
  state: ReleaseState,
  plan: StepPlan,
  block: ApproveBlock,
  wanted: string | null,
  { actor }: Facts,
): ChosenRole | Refusal {
  const roles = rolesNeeded(block, stepState(state, plan.id))
  if (roles.length === 0 && wanted === null) return { kind: 'role', role: null, for: null }
  if (roles.length > 0 && wanted !== null && !roles.includes(wanted))
    return refuse('unknown-role', `This step asks for ${roles.join(', ')}, not for "${wanted}".`)
  const candidates = wanted === null ? roles : [wanted]
  const own = candidates.find((each) => holdsRole(state, each, actor))
  if (own !== undefined) return { kind: 'role', role: own, for: null }
  const others = candidates.flatMap((role) => standsInFor(state, role, actor).map((holder) => ({ role, holder })))
  const found = others.find(({ holder }) => !isExcluded(state, block, holder, actor))
  if (found) return { kind: 'role', role: found.role, for: found.holder }
  if (others.length > 0)
    return refuse(
      'self-approval',
      `${actor.id} stands in for ${state.startedBy.id}, who started this. Someone else has to approve it.`,
    )
  return notInRole(state, candidates.join(' or '), actor.id)
}

/** The first of these roles that this person holds, else one in which they stand in for somebody who is not kept out. */
export function roleToSignIn(
  state: ReleaseState,
  roles: readonly string[],
  actor: Actor,
  keptOut: readonly string[],
): { readonly role: string; readonly for: string | null } | null {
  const own = roles.find((each) => holdsRole(state, each, actor))
  if (own !== undefined) return { role: own, for: null }
  const others = roles.flatMap((role) => standsInFor(state, role, actor).map((holder) => ({ role, for: holder })))
  return others.find((one) => !keptOut.includes(one.for)) ?? null
}

/** Who may not sign here, themselves or through a delegate: the one who started the release. */
function isExcluded(state: ReleaseState, block: ApproveBlock, person: string, signer: Actor): boolean {
  return person === state.startedBy.id && (block.not.includes('author') || signer.assurance === 'proven')
}

/**
 * Where the checklist declares no roles at all, any may be claimed, except in a protected environment. Whom a server knows
 * is in the roles that the checklist or the server gives, and claims none.
 */
export function isInRole(state: Where, role: string, actor: Actor): boolean {
  return holdsRole(state, role, actor) || standsInFor(state, role, actor).length > 0
}

function holdsRole(state: Where, role: string, { id: person, assurance, roles, onCall }: Actor): boolean {
  const members = state.plan.roles[role]
  const level = state.plan.rosterRoles?.[role]
  if (level !== undefined && onCall?.includes(level) === true) return true
  if (assurance === 'proven')
    return (roles ?? []).includes(role) || (members ?? []).some((member) => member.id === person)
  if (!members)
    return Object.keys(state.plan.roles).length === 0 && !state.plan.environments[state.environment]?.protected
  return members.some((member) => member.id === person)
}

/** Holders of the role in whose place this person may act: as the checklist says, and as holders told the server. */
export function standsInFor(state: Where, role: string, actor: Actor): readonly string[] {
  const written = (state.plan.delegates?.[role] ?? []).filter(({ id }) => id === actor.id)
  const given = actor.assurance === 'proven' ? (actor.standsIn ?? []).filter((one) => one.role === role) : []
  return [...new Set([...given, ...written].map((one) => one.for))]
}

export function notInRole(state: Where, role: string, person: string): Refusal {
  const asked = role.split(' or ')
  const known = Object.keys(state.plan.roles)
  if (known.length > 0 && !asked.some((each) => known.includes(each)))
    return refuse('unknown-role', `This checklist has no role "${role}"; it has ${known.join(', ')}.`)
  const members = asked.flatMap((each) => (state.plan.roles[each] ?? []).map(({ id }) => id))
  const levels = asked.flatMap((each) => state.plan.rosterRoles?.[each] ?? [])
  const away = asked.flatMap((each) => (state.plan.delegates?.[each] ?? []).map((one) => `${one.id} for ${one.for}`))
  const who = [...members, ...away, ...levels.map((level) => `whoever is on call now (${level})`)]
  return refuse('not-in-role', `${person} is not ${role}${who.length > 0 ? `; that is ${who.join(', ')}` : ''}.`)
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
  const role = chooseRole(state, plan, plan.block, command.role, facts)
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

/** A role that signs under a condition need not: shown by somebody in a role, with a reason. What was signed before is void then. */
export const roleNotNeeded: Rule<'RoleNotNeeded'> = (state, command, facts) => {
  const plan = openStep(state, command.step)
  if ('kind' in plan) return plan
  if (plan.block.word !== 'approve') return refuse('wrong-kind', `"${plan.text}" asks for no approval.`)
  const barred = signer(state, plan.block, facts)
  if (barred) return barred
  const conditional = (plan.block.conditional ?? []).map(({ role }) => role)
  if (!conditional.includes(command.role))
    return refuse(
      'not-waivable',
      `${command.role} always signs here${conditional.length > 0 ? `; only ${conditional.join(', ')} may be shown not to be needed` : ''}.`,
    )
  if (command.reason.trim() === '' || command.as.trim() === '')
    return refuse(
      'reason-required',
      'Say in which role you decide it, and why. For example: --role qa-lead --reason "only texts changed"',
    )
  if (!isInRole(state, command.as, facts.actor)) return notInRole(state, command.as, facts.actor.id)
  const standing = stepState(state, plan.id).conditionalRoles?.find((one) => one.role === command.role)
  if (!standing) return refuse('not-reached', `Whether ${command.role} is needed is decided when the step is reached.`)
  if (standing.needed === 'no' || standing.notNeeded !== null)
    return refuse('no-change', `${command.role} is not needed here already.`)
  return accept({
    kind: 'RoleNotNeeded',
    step: plan.id,
    role: command.role,
    by: facts.actor.id,
    as: command.as,
    reason: command.reason,
  })
}
