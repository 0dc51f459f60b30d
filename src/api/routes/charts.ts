/** A rollout or watch as a chart: what was measured, interval by interval, and what the judge made of it. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { needs, route } from '../auth/declare.ts'
import { Charts } from '../charts.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { chartShape } from '../wire/chart-shapes.ts'
import { answers, releaseParam } from '../wire/described.ts'

const chart = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/chart',
  summary: 'A rollout or watch as a chart, with the intervals that ended after `after`',
  request: {
    params: releaseParam,
    query: z.strictObject({ step: z.string().max(300), after: z.coerce.number().min(0).optional() }),
  },
  responses: answers('The chart; null = nothing of this step has been observed', chartShape.nullable()),
})

export function chartRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const charts = new Charts(deps.store)
  routes.openapi(chart, async (context) => {
    const { step, after } = context.req.valid('query')
    return reply(context, await charts.of(context.get('release').id, step, after ?? null))
  })
  return routes
}
