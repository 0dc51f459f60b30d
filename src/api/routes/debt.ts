/** Steps that releases with a checklist let pass again and again. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { placeOf } from '../../core/access/may.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers } from '../wire/described.ts'
import { debtShape } from '../wire/plan-shapes.ts'
import { shortText } from '../wire/shapes.ts'

const list = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/debt',
  summary:
    'Steps that the last five releases with a checklist waived, left out or let fail as a warning, twice or more',
  request: {
    query: z.strictObject({
      service: shortText,
      checklist: shortText.openapi({ description: 'Its name: what stands in its title, or in `name:`' }),
    }),
  },
  responses: answers('Worst first', z.array(debtShape)),
})

export function debtRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, async (context) => {
    const { service, checklist } = context.req.valid('query')
    const state = context.get('access')
    const debt = await deps.debts.of({ service, name: checklist }, ({ environment }) => {
      const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
      return callerMay(state, context.get('caller'), 'release.read', place)
    })
    return reply(context, debt)
  })
  return routes
}
