/** Organisations of a server, and whether the world may see what they release. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type AccessState, type Place } from '../../core/access/access.ts'
import type { Right } from '../../core/access/rights.ts'
import { askDirectory } from '../auth/ask-directory.ts'
import { type Caller, callerMay } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { shortText } from '../wire/shapes.ts'

const done = z.object({ ok: z.literal(true) })
const organisationShape = z
  .object({
    id: z.string(),
    name: z.string(),
    statusPage: z.boolean().openapi({ description: 'Anybody may read /status/{id}' }),
  })
  .openapi('Organisation')

/** Whoever may any of these somewhere in an organisation sees that it is there. */
const seeing: readonly Right[] = ['release.read', 'people.manage', 'project.manage', 'organisation.manage']

const list = route(needs(seeing, 'somewhere'), {
  method: 'get',
  path: '/v1/organisations',
  summary: 'Organisations in which the caller may see something',
  responses: answers('Organisations', z.array(organisationShape)),
})
const create = route(needs('organisation.manage', 'server'), {
  method: 'post',
  path: '/v1/organisations',
  summary: 'Create an organisation',
  request: { body: jsonBody(z.strictObject({ organisation: accessName, name: shortText })) },
  responses: answers('Created', done, 201),
})
const statusPage = route(needs('organisation.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/organisations/{organisation}/status-page',
  summary: 'Show anybody which services are being released to protected environments, or stop doing so',
  request: {
    params: z.object({ organisation: accessName }),
    body: jsonBody(z.strictObject({ on: z.boolean() })),
  },
  responses: answers('Set', done),
})

export function organisationRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, (context) => {
    const state = context.get('access')
    const mine = [...state.organisations].filter(([id]) => sees(state, context.get('caller'), id))
    return reply(
      context,
      mine.map(([id, name]) => ({ id, name, statusPage: state.statusPages.has(id) })),
    )
  })
  routes.openapi(create, async (context) => {
    await askDirectory(deps, context, { kind: 'CreateOrganisation', ...context.req.valid('json') })
    return reply(context, { ok: true }, 201)
  })
  routes.openapi(statusPage, async (context) => {
    const { organisation } = context.req.valid('param')
    await askDirectory(deps, context, { kind: 'SetStatusPage', organisation, isOn: context.req.valid('json').on })
    return reply(context, { ok: true })
  })
  return routes
}

function sees(state: AccessState, caller: Caller, organisation: string): boolean {
  const whole: Place = { organisation, project: null, environment: null }
  const projects = [...state.projects.values()].filter((project) => project.organisation === organisation)
  const places = projects.flatMap(({ id, environments }) => [
    { ...whole, project: id },
    ...environments.map(({ name }) => ({ ...whole, project: id, environment: name })),
  ])
  return [whole, ...places].some((place) => seeing.some((right) => callerMay(state, caller, right, place)))
}
