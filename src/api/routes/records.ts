/** Records with an age: restore test, rotation, drill, rehearsal. */
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody, recordShape } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { recordBody } from '../wire/shapes.ts'

const list = route(needs('record.read', 'somewhere'), {
  method: 'get',
  path: '/v1/records',
  summary: 'Records, all or of one name',
  request: { query: z.strictObject({ name: z.string().max(300).optional() }) },
  responses: answers('Records', z.array(recordShape)),
})

const add = route(needs('record.write', 'somewhere'), {
  method: 'post',
  path: '/v1/records',
  summary: 'Record something that was observed',
  request: { body: jsonBody(recordBody) },
  responses: answers('The record', recordShape, 201),
})

export function recordRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(list, async (context) => reply(context, await deps.store.records(context.req.valid('query').name)))
  routes.openapi(add, async (context) => {
    const body = context.req.valid('json')
    const recordedAt = deps.clock.now()
    if (body.observedAt > recordedAt)
      throw new RouteRefusal('bad-body', '"observedAt" lies in the future: a record is of something that was seen.')
    for (const hash of body.evidence) {
      if ((await deps.store.getEvidence(hash)) === null)
        throw new RouteRefusal('unknown-evidence', `No bytes with the hash ${hash} are kept here; send them first.`)
    }
    const record = { ...body, id: randomUUID(), recordedAt, by: actorOf(context, everywhere).id, release: null }
    await deps.store.addRecord(record)
    return reply(context, record, 201)
  })
  return routes
}
