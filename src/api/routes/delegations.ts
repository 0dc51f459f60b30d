/** Who acts in a role of somebody else for a while: seen, given, ended. */
import { randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type AccessState, type Delegation, everywhere, grantsOf } from '../../core/access/access.ts'
import { isCurrent } from '../../core/access/delegations.ts'
import { askDirectory } from '../auth/ask-directory.ts'
import { type Caller, callerMay } from '../auth/caller.ts'
import { known, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName, delegationShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { instant, text } from '../wire/shapes.ts'

const list = route(known, {
  method: 'get',
  path: '/v1/delegations',
  summary: 'Who acts in whose place: the caller’s own, and those of people whom the caller manages',
  responses: answers('Delegations that nobody ended', z.array(delegationShape)),
})
const give = route(known, {
  method: 'post',
  path: '/v1/delegations',
  summary: 'Let somebody act in a role of yours for a while; it ends by itself, and with the role',
  request: {
    body: jsonBody(
      z.strictObject({
        role: accessName,
        /** Whose role it is; absent = the caller's. */
        from: accessName.optional(),
        to: accessName,
        /** When it begins; absent = now. */
        start: instant.optional(),
        until: instant,
        reason: text,
      }),
      { role: 'approver', to: 'bo', until: 1_900_000_000_000, reason: 'on holiday' },
    ),
  },
  responses: answers('Given', z.object({ id: z.string() }), 201),
})
const end = route(known, {
  method: 'post',
  path: '/v1/delegations/{delegation}/end',
  summary: 'End it at once; either of the two may, and whoever manages the holder',
  request: {
    params: z.object({ delegation: accessName }),
    body: jsonBody(z.strictObject({ reason: text }), { reason: 'back from holiday' }),
  },
  responses: answers('Ended', z.object({ ok: z.literal(true) })),
})

export function delegationRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, (context) => {
    const state = context.get('access')
    const seen = [...state.delegations.values()].filter((one) => maySee(state, context.get('caller'), one))
    return reply(
      context,
      seen.map((one) => ({ ...one, current: isCurrent(state, one) })),
    )
  })
  routes.openapi(give, async (context) => {
    const { from, start, ...asked } = context.req.valid('json')
    const caller = context.get('caller')
    const holder = from ?? (caller.kind === 'person' ? caller.id : undefined)
    if (holder === undefined)
      throw new RouteRefusal('bad-body', 'Say whose role it is: "from" names a person. For example: "from": "ana"')
    const id = randomBytes(6).toString('hex')
    const given = { id, ...asked, from: holder, start: start ?? deps.clock.now() }
    await askDirectory(deps, context, { kind: 'GiveDelegation', ...given })
    return reply(context, { id }, 201)
  })
  routes.openapi(end, async (context) => {
    const { delegation: id } = context.req.valid('param')
    await askDirectory(deps, context, { kind: 'EndDelegation', id, ...context.req.valid('json') })
    return reply(context, { ok: true })
  })
  return routes
}

function maySee(state: AccessState, caller: Caller, { from, to }: Delegation): boolean {
  if (caller.kind === 'local') return true
  if (caller.kind === 'person' && [from, to].includes(caller.id)) return true
  const places = grantsOf(state, from).map(({ place }) => place)
  return (places.length === 0 ? [everywhere] : places).every((place) =>
    callerMay(state, caller, 'people.manage', place),
  )
}
