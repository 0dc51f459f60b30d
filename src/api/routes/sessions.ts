/** Where the caller is signed in now, and ending one of these sign-ins from another. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { OpenSession } from '../auth/accounts.ts'
import type { Caller } from '../auth/caller.ts'
import { known, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { openSessionShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { personAs } from './sign-in.ts'

type Person = Extract<Caller, { kind: 'person' }>

const list = route(known, {
  method: 'get',
  path: '/v1/sessions',
  summary: 'Sign-ins of the caller that are not over, the one used last first',
  responses: answers('Sign-ins', z.array(openSessionShape)),
})
const end = route(known, {
  method: 'post',
  path: '/v1/sessions/{id}/end',
  summary: 'End one sign-in of the caller, as if they had signed out there',
  request: { params: z.object({ id: z.string().min(1).max(100) }), body: jsonBody(z.strictObject({})) },
  responses: answers('Over', z.object({ ok: z.literal(true) })),
})

export function sessionRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, async (context) => {
    const person = personIn(context)
    const all = await deps.accounts.sessionsOf(person.id)
    return reply(
      context,
      all.map((session) => onWire(session, person)),
    )
  })
  routes.openapi(end, async (context) => {
    const person = personIn(context)
    const { id } = context.req.valid('param')
    const found = (await deps.accounts.sessionsOf(person.id)).find((session) => session.id === id)
    if (found === undefined)
      throw new RouteRefusal('unknown-session', 'You have no such sign-in; it may be over already.')
    await deps.accounts.closeSession(found.key)
    await deps.audit.tell({ kind: 'SignedOut', person: person.id, sessions: 1 }, personAs(person.id))
    return reply(context, { ok: true })
  })
  return routes
}

function onWire({ id, how, startedAt, usedAt, expires, key }: OpenSession, person: Person) {
  return { id, how, startedAt, usedAt, expires, current: person.session?.key === key }
}

/** A token is not a sign-in: whoever found one learns nothing about its holder by it. */
function personIn(context: Context<ApiEnv>): Person {
  const caller = context.get('caller')
  if (caller.kind === 'person' && caller.session !== null) return caller
  throw new RouteRefusal('forbidden', 'Only a person who has signed in has sign-ins to look at.')
}
