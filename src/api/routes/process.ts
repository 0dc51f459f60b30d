/** The engine process itself: is it there, what it is, secrets lent to its launcher, its orderly end. */
import { createRoute, z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { secretsBody } from '../wire/shapes.ts'

const done = z.object({ ok: z.literal(true) })
const alive = z.object({ ok: z.literal(true), build: z.string() })
const health = z.object({
  version: z.string(),
  build: z.string(),
  pid: z.number(),
  home: z.string(),
  startedAt: z.number(),
  open: z.number(),
})

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Is the process alive?',
  responses: answers('It is', alive),
})
const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Does the store answer?',
  responses: answers('What this engine is', health),
})
const lend = createRoute({
  method: 'post',
  path: '/v1/secrets',
  summary: 'Lend values of secrets to the launcher; kept in memory only',
  request: { body: jsonBody(secretsBody) },
  responses: answers('Taken', done),
})
const stop = createRoute({
  method: 'post',
  path: '/v1/stop',
  summary: 'End in order; commands go on in the launcher',
  responses: answers('It will', done),
})

export function processRoutes(deps: ApiDeps): OpenAPIHono {
  const routes = router()
  const { version, build, pid, home, startedAt } = deps.about
  routes.openapi(healthz, (context) => reply(context, { ok: true, build }))
  routes.openapi(readyz, async (context) =>
    reply(context, { version, build, pid, home, startedAt, open: await deps.engine.open() }),
  )
  routes.openapi(lend, async (context) => {
    await deps.lend(context.req.valid('json').secrets)
    return reply(context, { ok: true })
  })
  routes.openapi(stop, (context) => {
    deps.stop()
    return reply(context, { ok: true })
  })
  return routes
}
