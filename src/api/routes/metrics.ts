/** The process' numbers for Prometheus, for those who may manage the server. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { router } from '../router.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { problemShape } from '../wire/described.ts'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

const metrics = route(needs('server.manage', 'server'), {
  method: 'get',
  path: '/metrics',
  summary: 'Numbers about this process, in Prometheus’ text form',
  responses: {
    200: { description: 'The numbers', content: { 'text/plain': { schema: z.string() } } },
    default: { description: 'Refused', content: { 'application/problem+json': { schema: problemShape } } },
  },
})

export function metricsRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(metrics, async (context) => {
    if (!deps.metrics) throw new RouteRefusal('not-configured', 'This process counts nothing.')
    return context.body(await deps.metrics(), 200, { 'content-type': TEXT }) as never
  })
  return routes
}
