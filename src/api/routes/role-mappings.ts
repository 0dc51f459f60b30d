/** Which claims of an OpenID provider bring which role where. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { askDirectory } from '../auth/ask-directory.ts'
import { callerMay } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName, placeShape, roleMappingShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'

const done = z.object({ ok: z.literal(true) })
const claim = z.string().regex(/^[\w.:/-]{1,200}$/, 'expected the name of a claim, such as groups')
const asked = jsonBody(
  z.strictObject({
    /** Whose claim it is; absent = of the provider that this server lets people in through. */
    issuer: z.string().min(1).max(300).optional(),
    claim,
    value: z.string().min(1).max(300),
    role: accessName,
    place: placeShape,
  }),
  {
    claim: 'groups',
    value: 'releases',
    role: 'approver',
    place: { organisation: 'acme', project: 'shop', environment: 'production' },
  },
)

const list = route(needs('people.manage', 'somewhere'), {
  method: 'get',
  path: '/v1/role-mappings',
  summary: 'Which claims of the OpenID provider bring which role, where the caller manages people',
  responses: answers('Mappings', z.array(roleMappingShape)),
})
const map = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/role-mappings',
  summary: 'From the next sign-in on, whoever the provider claims this of has the role at the place',
  request: { body: asked },
  responses: answers('Mapped', done, 201),
})
const unmap = route(needs('people.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/role-mappings/remove',
  summary: 'The claim brings the role no more; everyone who has it by this claim loses it at once',
  request: { body: asked },
  responses: answers('Removed', done),
})

export function roleMappingRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const withIssuer = <T extends { readonly issuer?: string | undefined }>(body: T) => {
    const issuer = body.issuer ?? deps.openid?.issuer
    if (issuer !== undefined) return { ...body, issuer }
    throw new RouteRefusal(
      'openid-off',
      'This server lets nobody in through an OpenID provider, so it has no claims of anybody. Start it with --openid-issuer, or name the issuer.',
    )
  }
  routes.openapi(list, (context) => {
    const state = context.get('access')
    const caller = context.get('caller')
    return reply(
      context,
      state.mappings.filter(({ place }) => callerMay(state, caller, 'people.manage', place)),
    )
  })
  routes.openapi(map, async (context) => {
    await askDirectory(deps, context, { kind: 'MapRole', ...withIssuer(context.req.valid('json')) })
    return reply(context, { ok: true }, 201)
  })
  routes.openapi(unmap, async (context) => {
    await askDirectory(deps, context, { kind: 'UnmapRole', ...withIssuer(context.req.valid('json')) })
    return reply(context, { ok: true })
  })
  return routes
}
