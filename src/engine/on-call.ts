/** Orders that rest on a roster which a service keeps: it is asked at that moment, and what it said goes with the order. */
import type { Refusal } from '../core/release/commands.ts'
import type { Actor } from '../core/release/events.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { RosterAnswer, RosterReader } from '../core/ports/roster.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Order, Submitted } from './lane.ts'
import type { StartRequest } from './service.ts'

type Answer = Submitted | Refusal

/** Without it somebody is refused who may be on call: then it is asked, and the order given again. */
const restOnRoles: readonly string[] = ['not-in-role', 'self-approval']

/** Not asked where the order stands without it: an outage of the service holds up nobody who needs no roster. */
export async function submitAsking(
  order: Order,
  lane: { readonly state: ReleaseState | null; submit(order: Order): Promise<Answer> },
  roster: RosterReader | undefined,
): Promise<Answer> {
  const { command, actor } = order
  // Presence is accepted whatever the role; what it counts for is decided here.
  const first = command.kind === 'BePresent' ? null : await lane.submit(order)
  if (first !== null && (first.kind !== 'refused' || !restOnRoles.includes(first.code))) return first
  const plan = lane.state?.plan
  if (actor.kind !== 'person' || plan === undefined || !asks(plan)) return first ?? lane.submit(order)
  const answer = await answerOf(plan, roster)
  const onCall = answer.kind === 'answered' ? onCallOf(actor, answer) : null
  const second = onCall === null && first !== null ? first : await lane.submit({ ...order, actor: onCall ?? actor })
  return second.kind === 'refused' && second.code === 'not-in-role' ? explained(second, answer, actor) : second
}

/** A start overrides a window in a role that may rest on the roster; the same is asked, and no other start waits for it. */
export async function startAsking<T extends { readonly kind: string }>(
  request: Pick<StartRequest, 'plan' | 'override'>,
  actor: Actor,
  roster: RosterReader | undefined,
  start: (actor: Actor) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  const first = await start(actor)
  const isOnRole = isRefusal(first) && restOnRoles.includes(first.code) && request.override !== undefined
  if (!isOnRole || actor.kind !== 'person' || !asks(request.plan)) return first
  const answer = await answerOf(request.plan, roster)
  const onCall = answer.kind === 'answered' ? onCallOf(actor, answer) : null
  const second = onCall === null ? first : await start(onCall)
  return isRefusal(second) && second.code === 'not-in-role' ? explained(second, answer, actor) : second
}

function isRefusal(answer: { readonly kind: string }): answer is Refusal {
  return answer.kind === 'refused'
}

function asks(plan: Plan): boolean {
  return plan.roster?.asked !== undefined && plan.rosterRoles !== undefined
}

async function answerOf(plan: Plan, roster: RosterReader | undefined): Promise<RosterAnswer> {
  return roster?.read(plan, 'now') ?? { kind: 'unknown', by: '', at: 0, say: 'nothing here asks for it' }
}

/** null = not on call. */
function onCallOf(actor: Actor, answer: Extract<RosterAnswer, { kind: 'answered' }>): Actor | null {
  const mine = answer.onCall.filter(({ person }) => person === actor.id)
  const [first] = mine
  if (first === undefined) return null
  const rosterSaid = { by: answer.by, at: answer.at, user: first.user }
  return { ...actor, onCall: mine.map(({ level }) => level), rosterSaid }
}

/** The service may name somebody else, a stranger, or have nothing to say: whoever is refused learns which. */
function explained(refusal: Refusal, answer: RosterAnswer, { id }: Actor): Refusal {
  if (answer.kind === 'unknown')
    return { ...refusal, reason: `${refusal.reason} Who is on call cannot be read: ${answer.say}` }
  const named = [
    ...answer.onCall.map(({ level, person }) => `${person} (${level})`),
    ...answer.strangers.map(({ level, who }) => `${who} (${level}), whom "people" of the roster does not name`),
  ]
  const others = named.length === 0 ? 'nobody' : named.join(', ')
  return { ...refusal, reason: `${refusal.reason} ${answer.by} names ${others}, not ${id}.` }
}
