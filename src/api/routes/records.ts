/** Records with an age: restore test, rotation, drill, rehearsal. */
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import type { Context } from 'hono'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import type { Instant } from '../../core/units.ts'
import type { RouteDeps } from '../deps.ts'
import { mayReadRecord, placeOfRecord } from '../record-rights.ts'
import { reply, router } from '../router.ts'
import { tellRecorded } from '../sent-evidence.ts'
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
  routes.openapi(list, async (context) => {
    const all = await deps.store.records(context.req.valid('query').name)
    return reply(
      context,
      all.filter((record) => mayReadRecord(context, record)),
    )
  })
  routes.openapi(add, async (context) => {
    const { project, tookMs, outcome, ...body } = context.req.valid('json')
    const of = projectFor(context, project ?? null)
    const recordedAt = deps.clock.now()
    const observedAt = observedOf(body.observedAt, recordedAt)
    for (const hash of body.evidence) {
      if ((await deps.store.getEvidence(hash)) === null)
        throw new RouteRefusal('unknown-evidence', `No bytes with the hash ${hash} are kept here; send them first.`)
    }
    const by = actorOf(context, everywhere).id
    const took = { ...(tookMs != null && { tookMs }), ...(outcome === 'failed' && { outcome }) }
    const record = { ...body, ...took, ...of, observedAt, id: randomUUID(), recordedAt, by, release: null }
    await deps.store.addRecord(record)
    await tellRecorded(deps.store, context.get('caller'), record)
    return reply(context, record, 201)
  })
  return routes
}

/** Clocks differ by a little: what lies just ahead of this one was seen now. */
const SKEW_MS = 30_000
/** No age that a checklist can allow is longer. */
const LONGEST_MS = 3660 * 86_400_000

function observedOf(given: Instant, now: Instant): Instant {
  if (given > now + SKEW_MS)
    throw new RouteRefusal('bad-body', '"observedAt" lies in the future: a record is of something that was seen.')
  if (given < now - LONGEST_MS)
    throw new RouteRefusal(
      'bad-body',
      '"observedAt" lies more than ten years back: no checklist can ask for anything that old. It is in milliseconds since 1970.',
    )
  return Math.min(given, now)
}

/** The project that the record is to belong to; the only one where the caller may write need not be named. */
function projectFor(context: Context<ApiEnv>, given: string | null): { project?: string } {
  const state = context.get('access')
  const caller = context.get('caller')
  const writable = (project: string) => callerMay(state, caller, 'record.write', placeOfRecord(context, project))
  if (given !== null) {
    if (!state.projects.has(given) || !writable(given))
      throw new RouteRefusal('unknown-project', `There is no project "${given}" where you may write records.`)
    return { project: given }
  }
  if (caller.kind === 'local') return {}
  const mine = [...state.projects.keys()].filter(writable)
  const [one] = mine
  if (one !== undefined && mine.length === 1) return { project: one }
  throw new RouteRefusal(
    'unknown-project',
    `Say which project the record is of: "project", for example "${one ?? 'shop'}".`,
  )
}
