/** Bytes kept by their hash: what people attach, and what checks saved. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import type { Context } from 'hono'
import { releaseStream } from '../../engine/lane.ts'
import { visibleServices } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { placeOfRelease, require } from '../auth/guard.ts'
import { download } from '../download.ts'
import { findRelease } from '../find-release.ts'
import type { RouteDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { answers } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { sha256 } from '../wire/shapes.ts'

const bytes = { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } }

const keep = route(needs(['release.act', 'record.write'], 'somewhere'), {
  method: 'post',
  path: '/v1/evidence',
  summary: 'Keep bytes; the same bytes twice are one',
  request: { body: { required: true, content: bytes } },
  responses: answers('Their hash', z.object({ sha256, size: z.number() }), 201),
})

const give = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/evidence/{sha256}',
  summary: 'The bytes with this hash',
  description: 'Over the network the release that names it has to be given: `?release=ID`.',
  request: { params: z.object({ sha256 }), query: z.strictObject({ release: z.string().max(200).optional() }) },
  responses: { 200: { description: 'The bytes', content: bytes }, 404: { description: 'No such bytes' } },
})

export function evidenceRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(keep, async (context) =>
    reply(context, await deps.store.putEvidence(new Uint8Array(await context.req.arrayBuffer())), 201),
  )
  routes.openapi(give, async (context) => {
    const hash = context.req.valid('param').sha256
    await mayHave(deps, context, hash, context.req.valid('query').release)
    const found = await deps.store.getEvidence(hash)
    if (found === null) throw new RouteRefusal('unknown-evidence', `No bytes with the hash ${hash} are kept here.`)
    // Never as a page of ours: what a check saved may be anybody's HTML.
    return download(context, new Uint8Array(found), { type: 'application/octet-stream', name: hash })
  })
  return routes
}

/** Bytes are seen by whoever may see a release that names them: a hash alone opens nothing. */
async function mayHave(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  hash: string,
  release: string | undefined,
): Promise<void> {
  const caller = context.get('caller')
  if (caller.kind === 'local') return
  const unknown = new RouteRefusal('unknown-evidence', `No release that you may see names bytes with the hash ${hash}.`)
  if (release === undefined) throw unknown
  const services = visibleServices(context.get('access'), caller, 'release.read')
  const state = await findRelease(deps, release, services)
  require(context, ['release.read'], placeOfRelease(context.get('access'), state))
  const events = await deps.store.read(releaseStream(state.id))
  if (!events.some(({ event }) => JSON.stringify(event).includes(hash))) throw unknown
}
