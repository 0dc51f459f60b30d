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
import { mayReadRecord } from '../record-rights.ts'
import type { RouteDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { isShownWith, tellSent } from '../sent-evidence.ts'
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

const give = route(needs(['release.read', 'record.read'], 'somewhere'), {
  method: 'get',
  path: '/v1/evidence/{sha256}',
  summary: 'The bytes with this hash',
  description: 'Over the network the release or record that names it has to be given: `?release=ID` or `?record=ID`.',
  request: {
    params: z.object({ sha256 }),
    query: z.strictObject({ release: z.string().max(200).optional(), record: z.string().max(200).optional() }),
  },
  responses: { 200: { description: 'The bytes', content: bytes }, 404: { description: 'No such bytes' } },
})

export function evidenceRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(keep, async (context) => {
    const kept = await deps.store.putEvidence(new Uint8Array(await context.req.arrayBuffer()))
    await tellSent(deps.store, context.get('caller'), kept.sha256, deps.clock.now())
    return reply(context, kept, 201)
  })
  routes.openapi(give, async (context) => {
    const hash = context.req.valid('param').sha256
    const { release, record } = context.req.valid('query')
    if (record === undefined) await mayHave(deps, context, hash, release)
    else await mayHaveOfRecord(deps, context, hash, record)
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

/** Bytes of a record are seen by whoever may see the record, if its writer had them: here too a hash alone opens nothing. */
async function mayHaveOfRecord(deps: RouteDeps, context: Context<ApiEnv>, hash: string, id: string): Promise<void> {
  const record = (await deps.store.records()).find((each) => each.id === id)
  const isThere = record !== undefined && record.evidence.includes(hash) && mayReadRecord(context, record)
  if (!isThere || !(context.get('caller').kind === 'local' || (await isShownWith(deps.store, record, hash))))
    throw new RouteRefusal('unknown-evidence', `No record that you may see shows bytes with the hash ${hash}.`)
}
