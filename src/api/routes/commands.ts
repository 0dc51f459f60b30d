/** What people decide about a running release. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { needs, route } from '../auth/declare.ts'
import { decideOn } from '../decide-release.ts'
import type { RouteDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { commandBody } from '../wire/command-shapes.ts'
import { answers, eventShape, jsonBody, releaseParam } from '../wire/described.ts'

const decide = route(needs(['release.act', 'release.approve', 'release.stop', 'release.steer'], 'release'), {
  method: 'post',
  path: '/v1/releases/{id}/commands',
  summary: 'Decide something about a release',
  request: { params: releaseParam, body: jsonBody(commandBody) },
  responses: answers(
    'Accepted: what happened because of it',
    z.object({ kind: z.literal('accepted'), version: z.number(), events: z.array(eventShape.shape.event) }),
  ),
})

export function commandRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(decide, async (context) => {
    const { version, events } = await decideOn(deps, context, context.req.valid('json'))
    return reply(context, { kind: 'accepted', version, events })
  })
  return routes
}
