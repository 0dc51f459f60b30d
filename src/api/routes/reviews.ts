/** Reviews of overrides: which there are, and that somebody else has looked at one. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { placeOf } from '../../core/access/may.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf, placeOfRelease } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { allReviews, findReview, isOverdue, type KeptReview, type Review, writeReview } from '../reviews.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody, releaseParam } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { text } from '../wire/shapes.ts'

const reviewShape = z
  .looseObject({
    release: z.string(),
    version: z.number(),
    service: z.string(),
    environment: z.string(),
    what: z.string(),
    reason: z.string(),
    by: z.string(),
    at: z.number(),
    due: z.number(),
    closed: z.looseObject({ by: z.string(), at: z.number(), note: z.string() }).nullable(),
    overdue: z.boolean(),
  })
  .openapi('Review')

const list = route(needs(['audit.read', 'release.read'], 'somewhere'), {
  method: 'get',
  path: '/v1/reviews',
  summary: 'What was let through without a pass, and whether somebody has looked at it since; open ones first',
  responses: answers('Reviews', z.array(reviewShape)),
})

const close = route(needs('release.approve', 'release'), {
  method: 'post',
  path: '/v1/reviews/{id}/{version}/close',
  summary: 'Say that an override of somebody else was looked at',
  request: {
    params: releaseParam.extend({ version: z.coerce.number().int().min(1) }),
    body: jsonBody(z.strictObject({ note: text })),
  },
  responses: answers('The review, closed', reviewShape),
})

export function reviewRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const shown = (review: Review) => ({ ...review, overdue: isOverdue(review, deps.clock.now()) })
  routes.openapi(list, async (context) => {
    const visible = (await allReviews(deps.store)).filter((review) => maySee(context, review))
    return reply(context, visible.map(shown))
  })
  routes.openapi(close, async (context) => {
    const release = context.get('release')
    const note = context.req.valid('json').note.trim()
    if (note === '') throw new RouteRefusal('reason-required', '"note" is empty: say what you looked at and found.')
    const kept = await closable(deps, context, context.req.valid('param').version)
    const actor = actorOf(context, placeOfRelease(context.get('access'), release))
    const closed = { by: actor.id, at: deps.clock.now(), note }
    const review = { ...kept.review, closed }
    if (!(await writeReview(deps.store, { ...kept, review }))) throw alreadyClosed()
    await deps.audit.tell({ kind: 'ReviewClosed', release: release.id, version: review.version, note }, actor)
    return reply(context, shown(review))
  })
  return routes
}

/** The review that the caller may close: open, and of what somebody else has done. */
async function closable(deps: RouteDeps, context: Context<ApiEnv>, version: number): Promise<KeptReview> {
  const caller = context.get('caller')
  if (caller.kind !== 'person')
    throw new RouteRefusal('forbidden', 'A review is closed by a person who signed in to the server.')
  const kept = await findReview(deps.store, context.get('release').id, version)
  if (kept === null)
    throw new RouteRefusal('unknown-review', `Nothing of this release is up for review under version ${version}.`)
  const { by, sentBy, closed } = kept.review
  if (caller.id === by || caller.id === sentBy)
    throw new RouteRefusal('self-approval', 'Someone else has to look at what you let through.')
  if (closed !== null) throw alreadyClosed()
  return kept
}

function alreadyClosed(): RouteRefusal {
  return new RouteRefusal('already-closed', 'This review is closed already.')
}

function maySee(context: Context<ApiEnv>, { service, environment }: Review): boolean {
  const state = context.get('access')
  const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
  const caller = context.get('caller')
  return callerMay(state, caller, 'audit.read', place) || callerMay(state, caller, 'release.read', place)
}
