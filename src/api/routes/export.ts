/** The record of a release as a file: for people, for programs, and as one bundle that proves itself. */
import { createRoute, z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import { fold } from '../../core/release/evolve.ts'
import { assert } from '../../core/units.ts'
import { releaseStream } from '../../engine/lane.ts'
import { reportJson } from '../../report/json.ts'
import { reportMarkdown } from '../../report/markdown.ts'
import type { ApiDeps } from '../deps.ts'
import { findRelease } from '../find-release.ts'
import { router } from '../router.ts'
import { releaseParam } from '../wire/described.ts'

const forms = {
  md: { type: 'text/markdown; charset=utf-8', make: reportMarkdown },
  json: { type: 'application/json', make: reportJson },
} as const

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/releases/{id}/export',
  summary: 'The record of a release as a file',
  request: { params: releaseParam, query: z.strictObject({ format: z.enum(['md', 'json']) }) },
  responses: {
    200: {
      description: 'The file',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
})

export function exportRoutes(deps: ApiDeps): OpenAPIHono {
  const routes = router()
  routes.openapi(exportRoute, async (context) => {
    const { id } = await findRelease(deps, context.req.valid('param').id)
    const { type, make } = forms[context.req.valid('query').format]
    const events = (await deps.store.read(releaseStream(id))) as readonly StoredEvent<ReleaseEvent>[]
    // Folded from the very events that are shown, so that both are of one moment.
    const state = fold(events)
    assert(state !== null, `${id} has a state but no events`)
    return context.body(make(state, events, { now: deps.clock.now() }), 200, { 'content-type': type }) as never
  })
  return routes
}
