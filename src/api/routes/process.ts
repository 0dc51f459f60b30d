/** The engine process itself: is it there, what it is, secrets lent to its launcher, its orderly end. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { anyone, localOnly, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { secretsBody } from '../wire/shapes.ts'

const done = z.object({ ok: z.literal(true) })
const alive = z.object({ ok: z.literal(true), build: z.string().optional() })
const health = z.object({
  ok: z.literal(true),
  /** What this engine is: told to its owner only. */
  version: z.string().optional(),
  build: z.string().optional(),
  pid: z.number().optional(),
  home: z.string().optional(),
  startedAt: z.number().optional(),
  serving: z.boolean().optional(),
  address: z.string().optional(),
  open: z.number().optional(),
})

const healthz = route(anyone, {
  method: 'get',
  path: '/healthz',
  summary: 'Is the process alive?',
  responses: answers('It is', alive),
})
const readyz = route(anyone, {
  method: 'get',
  path: '/readyz',
  summary: 'Does the store answer?',
  responses: answers('What this engine is', health),
})
const lend = route(localOnly, {
  method: 'post',
  path: '/v1/secrets',
  summary: 'Lend values of secrets to the launcher; kept in memory only',
  request: { body: jsonBody(secretsBody) },
  responses: answers('Taken', done),
})
const stop = route(localOnly, {
  method: 'post',
  path: '/v1/stop',
  summary: 'End in order; commands go on in the launcher',
  responses: answers('It will', done),
})

const READY_WITHIN_MS = 2_000

/** A store that fails, or says nothing for too long, is not ready: 503 whatever the reason. */
async function answerOf(deps: RouteDeps): Promise<number> {
  const late = AbortSignal.timeout(READY_WITHIN_MS)
  const tooLate = new Promise<never>((_, reject) =>
    late.addEventListener('abort', () => reject(new Error('no answer')), { once: true }),
  )
  try {
    return await Promise.race([deps.engine.open(), tooLate])
  } catch {
    throw new RouteRefusal('store-fault', 'The store does not answer.', { retryable: true })
  }
}

export function processRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const { version, build, pid, home, startedAt, serving } = deps.about
  routes.openapi(healthz, (context) =>
    reply(context, context.get('caller').kind === 'local' ? { ok: true, build } : { ok: true }),
  )
  routes.openapi(readyz, async (context) => {
    if (deps.closing.aborted) throw new RouteRefusal('stopping', 'This process is ending; ask another one.')
    const open = await answerOf(deps)
    // Strangers learn that it is ready, and nothing about what it is.
    return reply(
      context,
      context.get('caller').kind === 'local'
        ? { ok: true, version, build, pid, home, startedAt, serving, address: deps.about.address?.(), open }
        : { ok: true },
    )
  })
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
