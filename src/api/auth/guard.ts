/** Checks what a route demands of its caller, before any body is read. Deny by default; what may not be seen is not there. */
import { createMiddleware } from 'hono/factory'
import type { Context, MiddlewareHandler } from 'hono'
import { type AccessState, type Place } from '../../core/access/access.ts'
import { placeOf } from '../../core/access/may.ts'
import { type Right, rightWords } from '../../core/access/rights.ts'
import type { Actor } from '../../core/release/events.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv, Guarding } from '../env.ts'
import { findRelease, unknownRelease } from '../find-release.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { actorAt, type Caller, callerMay, callerMayAnywhere, everywhere, visibleServices } from './caller.ts'
import type { Demand } from './demand.ts'

export function guarding(deps: RouteDeps): Guarding {
  return (demand) => createMiddleware<ApiEnv>((context, next) => check(deps, demand, context, next))
}

const check = async (
  deps: RouteDeps,
  demand: Demand,
  context: Context<ApiEnv>,
  next: Parameters<MiddlewareHandler>[1],
): Promise<void> => {
  const caller = context.get('caller')
  if (demand.kind === 'public') return next()
  if (caller.kind === 'nobody') throw notSignedIn(caller)
  if (demand.kind === 'local' && caller.kind !== 'local')
    throw new RouteRefusal('forbidden', 'Only the owner of the server may do this, on the machine where it runs.')
  if (demand.kind === 'local' && context.req.param('id') !== undefined)
    context.set('release', await visibleRelease(deps, context, caller))
  if (demand.kind === 'right') await checkRight(deps, demand, context, caller)
  return next()
}

async function checkRight(
  deps: RouteDeps,
  { rights, where }: Extract<Demand, { kind: 'right' }>,
  context: Context<ApiEnv>,
  caller: Exclude<Caller, { kind: 'nobody' }>,
): Promise<void> {
  const state = context.get('access')
  if (where === 'somewhere') {
    if (!rights.some((right) => callerMayAnywhere(state, caller, right))) throw forbidden(rights)
    return
  }
  if (where === 'release') {
    const release = await visibleRelease(deps, context, caller)
    context.set('release', release)
    return requireAny(state, caller, rights, placeOfRelease(state, release))
  }
  const place = where === 'server' ? everywhere : placeOfProject(state, caller, context.req.param('project') ?? '')
  return requireAny(state, caller, rights, place)
}

/** A release whose project the caller may not see does not exist for them: the answer is the same. */
async function visibleRelease(deps: RouteDeps, context: Context<ApiEnv>, caller: Caller): Promise<ReleaseState> {
  const given = context.req.param('id') ?? ''
  const state = context.get('access')
  const found = await findRelease(deps, given, visibleServices(state, caller, 'release.read'))
  if (!callerMay(state, caller, 'release.read', placeOfRelease(state, found))) throw unknownRelease(given)
  return found
}

function placeOfProject(state: AccessState, caller: Caller, id: string): Place {
  const project = state.projects.get(id)
  const place = project && { organisation: project.organisation, project: id, environment: null }
  const sees = (right: Right) => place !== undefined && callerMay(state, caller, right, place)
  if (place === undefined || !(sees('release.read') || sees('checklist.read') || sees('people.manage')))
    throw new RouteRefusal('unknown-project', `There is no project "${id}".`)
  return place
}

/** A release of no project belongs to those whose roles hold everywhere. */
export function placeOfRelease(state: AccessState, { plan, environment }: ReleaseState): Place {
  return placeOf(state, plan.service, environment) ?? { ...everywhere, environment }
}

/** Throws unless one of the rights is held at that place. */
export function requireAny(state: AccessState, caller: Caller, rights: readonly Right[], place: Place): void {
  if (caller.kind === 'nobody') throw notSignedIn(caller)
  if (!rights.some((right) => callerMay(state, caller, right, place))) throw forbidden(rights)
}

export function require(context: Context<ApiEnv>, rights: readonly Right[], place: Place): void {
  requireAny(context.get('access'), context.get('caller'), rights, place)
}

/** Who decides, as the release at this place records it. */
export function actorOf(context: Context<ApiEnv>, place: Place): Actor {
  const caller = context.get('caller')
  if (caller.kind === 'nobody') throw notSignedIn(caller)
  return actorAt(context.get('access'), caller, place)
}

function notSignedIn({ why }: Extract<Caller, { kind: 'nobody' }>): RouteRefusal {
  return new RouteRefusal('not-signed-in', why)
}

function forbidden(rights: readonly Right[]): RouteRefusal {
  return new RouteRefusal(
    'forbidden',
    `You may not do that there: it takes ${rightWords(rights)}. Someone who manages people can grant it to you.`,
  )
}
