/** Bytes kept by their hash: what people attach, and what checks saved. */
import { createRoute, z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { answers } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { sha256 } from '../wire/shapes.ts'

const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } }

const keep = createRoute({
  method: 'post',
  path: '/v1/evidence',
  summary: 'Keep bytes; the same bytes twice are one',
  request: { body: { required: true, content: bytes } },
  responses: answers('Their hash', z.object({ sha256, size: z.number() }), 201),
})

const give = createRoute({
  method: 'get',
  path: '/v1/evidence/{sha256}',
  summary: 'The bytes with this hash',
  request: { params: z.object({ sha256 }) },
  responses: { 200: { description: 'The bytes', content: bytes }, 404: { description: 'No such bytes' } },
})

export function evidenceRoutes(deps: ApiDeps): OpenAPIHono {
  const routes = router()
  routes.openapi(keep, async (context) =>
    reply(context, await deps.store.putEvidence(new Uint8Array(await context.req.arrayBuffer())), 201),
  )
  routes.openapi(give, async (context) => {
    const hash = context.req.valid('param').sha256
    const found = await deps.store.getEvidence(hash)
    if (found === null) throw new RouteRefusal('unknown-evidence', `No bytes with the hash ${hash} are kept here.`)
    // Never as a page of ours: what a check saved may be anybody's HTML.
    return context.body(Buffer.from(found), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${hash}"`,
      'x-content-type-options': 'nosniff',
    })
  })
  return routes
}
