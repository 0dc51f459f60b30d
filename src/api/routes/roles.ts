/** Roles: those of every server, those that a team defined, and what each of them may do. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AccessState } from '../../core/access/access.ts'
import { machineRoles, rightsOf, type StandardRole, standardRoles } from '../../core/access/rights.ts'
import { askDirectory } from '../auth/ask-directory.ts'
import { known, needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName, roleShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { text } from '../wire/shapes.ts'

const about: Readonly<Record<StandardRole, string>> = {
  viewer: 'sees releases, checklists and records',
  author: 'writes checklists and records, and does the work of a release',
  'release-engineer': 'starts, steers and stops releases',
  approver: 'answers, signs and stops releases',
  administrator: 'manages people, projects and the server; signs nothing by that',
  worker: 'takes commands of an environment and runs them',
  pipeline: 'starts releases and asks gates; it can never sign',
}

const list = route(known, {
  method: 'get',
  path: '/v1/roles',
  summary: 'All roles of this server, and the rights that each brings where it is granted',
  responses: answers("Those of every server first, then the team's own", z.array(roleShape)),
})
const define = route(needs('people.manage', 'server'), {
  method: 'post',
  path: '/v1/roles',
  summary: "Define a role of the team's own, which may sign where it is granted",
  request: { body: jsonBody(z.strictObject({ role: accessName, about: text })) },
  responses: answers('Defined', z.object({ ok: z.literal(true) }), 201),
})

export function roleRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, (context) => reply(context, rolesIn(context.get('access'))))
  routes.openapi(define, async (context) => {
    await askDirectory(deps, context, { kind: 'DefineRole', ...context.req.valid('json') })
    return reply(context, { ok: true }, 201)
  })
  return routes
}

function rolesIn(state: AccessState): readonly z.infer<typeof roleShape>[] {
  const standard = Object.keys(standardRoles).map((id) => ({ id, about: about[id as StandardRole], own: false }))
  const own = [...state.roles].map(([id, words]) => ({ id, about: words, own: true }))
  return [...standard, ...own].map((role) => ({
    ...role,
    machines: machineRoles.has(role.id),
    rights: [...rightsOf(role.id)],
  }))
}
