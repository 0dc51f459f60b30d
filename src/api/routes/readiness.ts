/** Is a release ready? Derived when it is asked. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { allFollowUps } from '../../core/ports/follow-up.ts'
import { readinessOf } from '../../report/readiness.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { keepFollowUpsOfLog } from '../follow-ups/from-log.ts'
import { reply, router } from '../router.ts'
import { answers, releaseParam } from '../wire/described.ts'

const readinessShape = z
  .object({
    release: z.string(),
    service: z.string(),
    version: z.string(),
    at: z.number(),
    ready: z.boolean(),
    lines: z.array(
      z.object({
        id: z.string(),
        what: z.string(),
        answer: z.enum(['yes', 'no', 'not asked']),
        say: z.string(),
        steps: z.array(z.string()),
      }),
    ),
  })
  .openapi('Readiness')

const show = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/readiness',
  summary:
    'Is it ready? Yes and no for items, tests, security, rollback, training, signatures, records and what is left',
  request: { params: releaseParam },
  responses: answers('Derived now', readinessShape),
})

export function readinessRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(show, async (context) => {
    const state = context.get('release')
    const { name, service } = state.plan
    await keepFollowUpsOfLog(deps.store)
    const followUps = (await allFollowUps(deps.store)).filter(
      (one) => one.environment === null || one.environment === state.environment,
    )
    const debt = await deps.debts.of(
      { service, name, before: { id: state.id, startedAt: state.startedAt } },
      ({ environment }) => environment === state.environment,
    )
    return reply(context, readinessOf(state, { now: deps.clock.now(), followUps, debt }))
  })
  return routes
}
