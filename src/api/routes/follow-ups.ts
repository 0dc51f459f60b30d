/** Follow-ups: what releases, drills and incidents left to do, who does it, and that it was done. */
import { randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Place } from '../../core/access/access.ts'
import { placeOf } from '../../core/access/may.ts'
import { allFollowUps, type FollowUp, isOverdueFollowUp } from '../../core/ports/follow-up.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf, require } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { keepFollowUpsOfLog } from '../follow-ups/from-log.ts'
import { findFollowUp, keepFollowUp, type KeptFollowUp, writeFollowUp } from '../follow-ups/keep.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { followUpBody, followUpChange, followUpShape } from '../wire/follow-up-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { text } from '../wire/shapes.ts'

/** Ids hold slashes: they are given in the body, or as a query. */
const id = z.string().min(1).max(600)

const list = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/follow-ups',
  summary: 'What is left to do, the earliest deadline first; then what was done',
  request: {
    query: z.strictObject({
      service: z.string().max(300).optional(),
      release: z.string().max(300).optional(),
      open: z.enum(['true', 'false']).optional(),
    }),
  },
  responses: answers('Follow-ups', z.array(followUpShape)),
})
const add = route(needs('release.act', 'somewhere'), {
  method: 'post',
  path: '/v1/follow-ups',
  summary: 'Something to be done that came out of no release in particular',
  request: { body: jsonBody(followUpBody, { title: 'Alert on a full disk', service: 'checkout', severity: 'high' }) },
  responses: answers('Kept', followUpShape, 201),
})
const change = route(needs('release.act', 'somewhere'), {
  method: 'post',
  path: '/v1/follow-ups/change',
  summary: 'Another owner, deadline, severity or link; what is left out stays',
  request: { body: jsonBody(followUpChange.extend({ id })) },
  responses: answers('As it is now', followUpShape),
})
const close = route(needs('release.act', 'somewhere'), {
  method: 'post',
  path: '/v1/follow-ups/close',
  summary: 'It was done',
  request: { body: jsonBody(z.strictObject({ id, note: text })) },
  responses: answers('Closed', followUpShape),
})

export function followUpRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const shown = (followUp: FollowUp) => ({ ...followUp, overdue: isOverdueFollowUp(followUp, deps.clock.now()) })

  routes.openapi(list, async (context) => {
    const { service, release, open } = context.req.valid('query')
    await keepFollowUpsOfLog(deps.store)
    const found = (await allFollowUps(deps.store)).filter(
      (one) =>
        (service === undefined || one.service === service) &&
        (release === undefined || one.release === release) &&
        (open === undefined || (one.closed === null) === (open === 'true')) &&
        may(context, one, 'release.read'),
    )
    return reply(context, found.map(shown))
  })

  routes.openapi(add, async (context) => {
    const body = context.req.valid('json')
    const place = placeOfFollowUp(context, body)
    require(context, ['release.act'], place)
    const followUp: FollowUp = {
      kind: 'other',
      ...body,
      title: titleIn(body.title),
      id: `follow-up-${randomBytes(4).toString('hex')}`,
      release: null,
      by: actorOf(context, place).id,
      at: deps.clock.now(),
      closed: null,
    }
    await keepFollowUp(deps.store, followUp)
    await deps.audit.tell(
      { kind: 'FollowUpKept', followUp: followUp.id, title: followUp.title },
      actorOf(context, place),
    )
    return reply(context, shown(followUp), 201)
  })

  routes.openapi(change, async (context) => {
    const { id: wanted, ...changes } = context.req.valid('json')
    const kept = await changeable(deps, context, wanted)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const followUp = { ...kept.followUp, ...given }
    if (!(await writeFollowUp(deps.store, { ...kept, followUp }))) throw stale()
    const actor = actorOf(context, placeOfFollowUp(context, followUp))
    await deps.audit.tell({ kind: 'FollowUpChanged', followUp: followUp.id, changed: Object.keys(given) }, actor)
    return reply(context, shown(followUp))
  })

  routes.openapi(close, async (context) => {
    const { id: wanted, note } = context.req.valid('json')
    const kept = await changeable(deps, context, wanted)
    if (note.trim() === '') throw new RouteRefusal('reason-required', '"note" is empty: say what was done.')
    const actor = actorOf(context, placeOfFollowUp(context, kept.followUp))
    const closed = { by: actor.id, at: deps.clock.now(), note: note.trim() }
    const followUp = { ...kept.followUp, closed }
    if (!(await writeFollowUp(deps.store, { ...kept, followUp }))) throw stale()
    await deps.audit.tell({ kind: 'FollowUpClosed', followUp: followUp.id, note: closed.note }, actor)
    return reply(context, shown(followUp))
  })
  return routes
}

/** What the caller may not see is not there. */
async function changeable(deps: RouteDeps, context: Context<ApiEnv>, id: string): Promise<KeptFollowUp> {
  await keepFollowUpsOfLog(deps.store)
  const kept = await findFollowUp(deps.store, id)
  if (kept === null || !may(context, kept.followUp, 'release.read'))
    throw new RouteRefusal('unknown-follow-up', `There is no follow-up "${id}"; holdpoint follow-up list shows them.`)
  require(context, ['release.act'], placeOfFollowUp(context, kept.followUp))
  if (kept.followUp.closed !== null)
    throw new RouteRefusal('already-closed', `It was done already: ${kept.followUp.closed.note}`)
  return kept
}

function titleIn(given: string): string {
  if (given.trim() === '') throw new RouteRefusal('reason-required', '"title" is empty: say what is to be done.')
  return given.trim()
}

function stale(): RouteRefusal {
  return new RouteRefusal('stale-view', 'Somebody else changed it just now. Look again.')
}

type Of = Pick<FollowUp, 'service'> & { readonly environment: string | null }

/** Without an environment it belongs to the whole project of its service; a service of no project to those of everywhere. */
function placeOfFollowUp(context: Context<ApiEnv>, { service, environment }: Of): Place {
  const place = placeOf(context.get('access'), service, environment ?? '')
  if (place === null) return { ...everywhere, environment }
  return { ...place, environment }
}

function may(context: Context<ApiEnv>, followUp: Of, right: 'release.read' | 'release.act'): boolean {
  return callerMay(context.get('access'), context.get('caller'), right, placeOfFollowUp(context, followUp))
}
