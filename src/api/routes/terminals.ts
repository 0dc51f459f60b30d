/** Lets a terminal in by a browser on the same machine: whoever has signed in here, in whichever way, says yes to it. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { known, route } from '../auth/declare.ts'
import { createSignIns, terminalAddress, terminalShape } from '../auth/openid-sign-in.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'

const letIn = route(known, {
  method: 'post',
  path: '/v1/terminals',
  summary:
    'Let a terminal on this machine in as the caller: the answer is where the browser takes the one-time code to',
  request: { body: jsonBody(terminalShape) },
  responses: answers('Where to go', z.object({ address: z.string() }), 201),
})

export function terminalRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const signIns = createSignIns(deps.store, deps.clock)
  routes.openapi(letIn, async (context) => {
    const caller = context.get('caller')
    if (caller.kind !== 'person' || caller.session === null)
      throw new RouteRefusal('forbidden', 'Only a person who has signed in lets a terminal in; a token lets nobody in.')
    const { key, how, signedInAt, startedAt, provider = null } = caller.session
    const terminal = context.req.valid('json')
    const by = { key, startedAt }
    const code = await signIns.leave({ person: caller.id, provenAt: signedInAt, how, provider, by }, terminal)
    return reply(context, { address: terminalAddress(terminal, { code }) }, 201)
  })
  return routes
}
