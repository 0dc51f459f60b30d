/** Targets: who holds each, what serves there, who stands in line; and how a start leaves a line. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Place } from '../../core/access/access.ts'
import { placeOf } from '../../core/access/may.ts'
import { placeOfStream } from '../../core/target/locks.ts'
import { targetStream } from '../../core/target/target.ts'
import { actorAt, callerMay, everywhere, visibleServices } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { requireAny } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { findInLine, type KnownStream, knownStreams, targetViewOf } from '../target-views.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { leaveLineBody, targetShape, type TargetView } from '../wire/target-shapes.ts'

const list = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/targets',
  summary: 'Targets and shared locks: who holds each, and which starts stand in line',
  request: {
    query: z.strictObject({ service: z.string().max(300).optional(), environment: z.string().max(300).optional() }),
  },
  responses: answers('By name; of one service and environment with both given', z.array(targetShape)),
})

const leave = route(needs('release.read', 'somewhere'), {
  method: 'post',
  path: '/v1/line/{start}/leave',
  summary: 'Take a start out of the line: whoever asked for it may, and whoever may stop releases there',
  request: { params: z.object({ start: z.string().min(1).max(200) }), body: jsonBody(leaveLineBody) },
  responses: answers('It has left', z.object({ ok: z.literal(true) })),
})

export function targetRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(list, async (context) => {
    const { service, environment } = context.req.valid('query')
    const known =
      service !== undefined && environment !== undefined
        ? [{ stream: targetStream(service, environment), service, environment, project: null }]
        : await allKnown(deps, context)
    const views: TargetView[] = []
    for (const each of known.filter((one) => maySee(context, one))) views.push(await targetViewOf(deps, each))
    return reply(
      context,
      views
        .filter(
          (view) =>
            (service ?? view.service) === view.service && (environment ?? view.environment) === view.environment,
        )
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    )
  })

  routes.openapi(leave, async (context) => {
    const { start: id } = context.req.valid('param')
    const caller = context.get('caller')
    const access = context.get('access')
    const found = await findInLine(deps, id)
    const place = found && placeOfTarget(context, found.stream)
    if (!found || !place || caller.kind === 'nobody' || !callerMay(access, caller, 'release.read', place))
      throw new RouteRefusal(
        'not-in-line',
        `No start "${id}" stands in line; \`holdpoint targets\` shows those that do.`,
      )
    const actor = actorAt(access, caller, place)
    if (found.start.by.id !== actor.id) requireAny(access, caller, ['release.stop'], place)
    const { why } = context.req.valid('json')
    const hasLeft = await deps.engine.leaveLine(found.stream, {
      release: id,
      actor,
      why: why.trim() === '' ? `taken out by ${actor.id}` : why,
    })
    if (!hasLeft)
      throw new RouteRefusal('not-in-line', `${id} has just left the line: it began, or somebody was quicker.`)
    return reply(context, { ok: true })
  })

  return routes
}

async function allKnown(deps: RouteDeps, context: Context<ApiEnv>): Promise<readonly KnownStream[]> {
  const services = visibleServices(context.get('access'), context.get('caller'), 'release.read')
  return [...(await knownStreams(deps, services)).values()]
}

function maySee(context: Context<ApiEnv>, { service, environment, project }: KnownStream): boolean {
  const access = context.get('access')
  const owner = access.projects.get(project ?? '')
  const ofLock = owner ? { organisation: owner.organisation, project: owner.id, environment: null } : everywhere
  const place: Place =
    service === null || environment === null
      ? ofLock
      : (placeOf(access, service, environment) ?? { ...everywhere, environment })
  return callerMay(access, context.get('caller'), 'release.read', place)
}

function placeOfTarget(context: Context<ApiEnv>, stream: string): Place {
  const { service, environment } = placeOfStream(stream)
  return placeOf(context.get('access'), service, environment) ?? { ...everywhere, environment }
}
