/** Something that a person decides about a release: rights, fresh sign-in, the release's own rules, and the review that may be due. */
import type { Context } from 'hono'
import { releaseStream } from '../engine/lane.ts'
import type { PersonCommand } from '../core/release/commands.ts'
import type { Actor, ReleaseEvent } from '../core/release/events.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { namesOf, sentenceOf } from '../report/timeline.ts'
import { environmentsOf } from './admit-start.ts'
import { actorOf, placeOfRelease, require } from './auth/guard.ts'
import { freshEnough, opensGate, rightsFor } from './auth/release-rights.ts'
import { compileAgain } from './compile-again.ts'
import type { ApiDeps, RouteDeps } from './deps.ts'
import type { ApiEnv } from './env.ts'
import { refuseOtherAmendment } from './mandatory-checklist.ts'
import { openReview, reviewOf } from './reviews.ts'
import { SignatureFault, signerOf } from './ssh-signature.ts'
import type { CommandBody } from './wire/command-shapes.ts'
import { RouteRefusal } from './wire/problem.ts'
import { signedDecisionOf, statementOf } from './wire/signed-decision.ts'

const MOST_CHANGES = 20

export interface Accepted {
  readonly version: number
  readonly events: readonly ReleaseEvent[]
}

/** About the release and as the caller that the request carries, however it came. Refusals are thrown. */
export async function decideOn(deps: RouteDeps, context: Context<ApiEnv>, body: CommandBody): Promise<Accepted> {
  const state = context.get('release')
  const place = placeOfRelease(context.get('access'), state)
  require(context, rightsFor(body.command), place)
  if (context.get('caller').kind !== 'local' && opensGate(body.command)) freshEnough(deps, context, place)
  const actor = await signedActor(state, body, actorOf(context, place))
  const order = orderOf(deps, body)
  if (order.kind === 'Amend') {
    // Commands of a phase run where the phase is: an amendment reaches no further than whoever makes it.
    for (const environment of environmentsOf(order.plan)) require(context, ['release.steer'], { ...place, environment })
    admitAmendment(context, body, order.plan)
  }
  const answer = await deps.engine.ask(state.id, order, actor, body.seen)
  if (answer.kind === 'accepted') {
    if (answer.events.length > 0) await askForReview(deps, context, body.command, actor, answer.version)
    return { version: answer.version, events: answer.events }
  }
  throw new RouteRefusal(answer.code, answer.reason, await whatChanged(deps, state, answer.code, body.seen))
}

/** Throws a RouteRefusal. */
function admitAmendment(context: Context<ApiEnv>, { command }: CommandBody, plan: Plan): void {
  const { environment, rehearsal, plan: before } = context.get('release')
  const project = context.get('access').projectOf.get(before.service)
  if (command.kind !== 'Amend' || project === undefined) return
  const releasesNothing = rehearsal || before.drill !== undefined
  refuseOtherAmendment(context.get('access'), project, {
    document: command.document,
    plan,
    environment,
    rehearsal: releasesNothing,
  })
}

function orderOf(deps: ApiDeps, { command }: CommandBody): Exclude<PersonCommand, { kind: 'StartRelease' }> {
  if (command.kind !== 'Amend') return command
  return { kind: 'Amend', plan: compileAgain(deps, command.document), role: command.role, reason: command.reason }
}

/** A signature proves who decides, whatever name the request claimed; one that proves nobody is refused, not ignored. */
async function signedActor(state: ReleaseState, body: CommandBody, claimed: Actor): Promise<Actor> {
  const { command, seen, signature } = body
  if (signature === undefined || signature === null) return claimed
  const step = 'step' in command && command.step !== null ? state.index.step.get(command.step) : undefined
  const decision = signedDecisionOf(state.id, command, seen, step?.block.word ?? null)
  if ('unsignable' in decision) throw new RouteRefusal(decision.code, decision.unsignable)
  const named = [...Object.values(state.plan.roles), ...Object.values(state.plan.delegates ?? {})].flat()
  const id = await signerOf(decision, signature, named).catch((cause: unknown) => {
    if (cause instanceof SignatureFault) throw new RouteRefusal('bad-signature', cause.message)
    throw cause
  })
  if (id === null) {
    throw new RouteRefusal(
      'bad-signature',
      'This signature is by no key listed under roles:, or it is over another release, step, role or content, or over what has changed since.',
    )
  }
  return { id, kind: 'person', assurance: 'signed', proof: { statement: statementOf(decision, id), signature } }
}

/** What was let through over the network without a pass is for somebody else to look at afterwards. */
async function askForReview(
  { store, audit, clock }: RouteDeps,
  context: Context<ApiEnv>,
  command: CommandBody['command'],
  by: Actor,
  version: number,
): Promise<void> {
  const caller = context.get('caller')
  if (caller.kind !== 'person' && caller.kind !== 'machine') return
  const state = context.get('release')
  const review = reviewOf({ state, version, command, by, sentBy: caller.id, now: clock.now() })
  if (review === null) return
  const { release, what, due } = review
  // Into the log first: it then tells of the review also where the entry cannot be kept.
  await audit.tell({ kind: 'ReviewDue', release, version, what, due }, by)
  await openReview(store, review)
}

type Changes = { readonly version?: number; readonly changed?: readonly string[] }

async function whatChanged(deps: ApiDeps, state: ReleaseState, code: string, seen: number | null): Promise<Changes> {
  if (code !== 'stale-view' || seen === null) return {}
  const since = await deps.store.read(releaseStream(state.id), seen)
  const names = namesOf(state.plan)
  const changed = since
    .map(({ event, by }) => ({ say: sentenceOf(event as ReleaseEvent, names), by: by.id }))
    .filter(({ say }) => say !== null)
    .map(({ say, by }) => `${say} (${by})`)
  const last = since.at(-1)
  return { changed: changed.slice(-MOST_CHANGES), ...(last === undefined ? {} : { version: last.version }) }
}
