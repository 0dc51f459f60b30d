/** Something is wrong with a release: declared by a person on it, or by another system that knows only the service. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Actor } from '../../core/release/events.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { actorAt, visibleServices } from '../auth/caller.ts'
import { anyone, BEARER, needs, route } from '../auth/declare.ts'
import { actorOf, placeOfRelease, requireAny } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import { RESULT_KEY, RESULT_SIGNATURE } from '../describe.ts'
import type { ApiEnv } from '../env.ts'
import { releaseWanted } from '../gates/look.ts'
import { type Reporter, whoReports } from '../reports/who-reports.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody, releaseParam } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { shortText, text } from '../wire/shapes.ts'

const declared = z
  .object({ release: z.string(), incident: z.string(), severity: z.string(), action: z.string() })
  .openapi('DeclaredIncident')

const problem = { severity: shortText, reason: text }

const onRelease = route(needs(['release.act', 'release.stop'], 'release'), {
  method: 'post',
  path: '/v1/releases/{id}/incident',
  summary: 'Report a problem with a release: what its severity means is done at once',
  request: {
    params: releaseParam,
    body: jsonBody(z.strictObject(problem), { severity: 'P1', reason: 'orders are lost at checkout' }),
  },
  responses: answers('Declared', declared, 201),
})

const fromOutside = route(anyone, {
  method: 'post',
  path: '/v1/incidents',
  summary: 'Report a problem from another system: with a machine’s token, or signed with a key of the project',
  security: [{ [BEARER]: [] }, { [RESULT_KEY]: [], [RESULT_SIGNATURE]: [] }],
  request: {
    body: jsonBody(
      z.strictObject({
        ...problem,
        /** Or `service` and `environment`: the release that is open there. */
        release: shortText.optional(),
        service: shortText.optional(),
        environment: shortText.optional(),
      }),
      { service: 'checkout', environment: 'production', severity: 'P2', reason: '40 complaints in ten minutes' },
    ),
  },
  responses: answers('Declared', declared, 201),
})

export function incidentRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(onRelease, async (context) => {
    const state = context.get('release')
    const by = actorOf(context, placeOfRelease(context.get('access'), state))
    return reply(context, await declare(deps, state, context.req.valid('json'), by), 201)
  })
  routes.openapi(fromOutside, async (context) => {
    const reporter = await whoReports(deps, context, await context.req.text())
    const { severity, reason, ...where } = context.req.valid('json')
    const state = await stateWanted(deps, where, reporter)
    const place = placeOfRelease(reporter.access, state)
    requireAny(reporter.access, reporter.caller, ['release.act'], place)
    if (reporter.caller.kind === 'nobody') throw new Error('bug: nobody reports')
    const by = actorAt(reporter.access, reporter.caller, place)
    return reply(context, await declare(deps, state, { severity, reason }, by), 201)
  })
  return routes
}

type Problem = { readonly severity: string; readonly reason: string }

async function declare(deps: RouteDeps, state: ReleaseState, { severity, reason }: Problem, by: Actor) {
  const answer = await deps.engine.ask(state.id, { kind: 'DeclareIncident', severity, reason }, by, null)
  if (answer.kind === 'refused') throw new RouteRefusal(answer.code, answer.reason)
  const event = answer.events.find((each) => each.kind === 'IncidentDeclared')
  if (event?.kind !== 'IncidentDeclared') throw new Error('bug: an accepted incident was not declared')
  return { release: state.id, incident: event.incident, severity: event.severity, action: event.action }
}

interface Where {
  readonly release?: string | undefined
  readonly service?: string | undefined
  readonly environment?: string | undefined
}

/** Who reports often knows only what is broken: then it is the newest release that is open there. */
async function stateWanted(deps: RouteDeps, where: Where, reporter: Reporter): Promise<ReleaseState> {
  if (where.release !== undefined) return releaseWanted(deps, { kind: 'id', id: where.release }, reporter)
  const { service, environment } = where
  if (service === undefined || environment === undefined)
    throw new RouteRefusal(
      'bad-body',
      'Say which release: "release", or "service" and "environment". For example: { "service": "checkout", "environment": "production" }',
    )
  const services = visibleServices(reporter.access, reporter.caller, 'release.read')
  const open = await deps.store.summaries({ service, open: true, ...(services === null ? {} : { services }) })
  const found = open.find((one) => one.environment === environment)
  if (!found)
    throw new RouteRefusal('unknown-release', `No release of ${service} is open in ${environment}: nothing to stop.`)
  return releaseWanted(deps, { kind: 'id', id: found.id }, reporter)
}
