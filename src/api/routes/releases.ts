/** Releases: start one, list them, look at one. */
import { createRoute, z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { SampleBatch } from '../../core/judge/verdict.ts'
import { batchLine } from '../../core/log/measurements.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { releaseStream } from '../../engine/lane.ts'
import { viewOf } from '../../report/view.ts'
import { actorOf } from '../actor.ts'
import { compileAgain } from '../compile-again.ts'
import { calibrationsOf } from '../calibrations.ts'
import type { ApiDeps } from '../deps.ts'
import { findRelease } from '../find-release.ts'
import { reply, router } from '../router.ts'
import { answers, eventShape, jsonBody, releaseParam, summaryShape, viewShape } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { environmentBody, startBody } from '../wire/shapes.ts'

const count = z.coerce.number().int().min(0)
const EVENTS_PER_PAGE = 5_000

const start = createRoute({
  method: 'post',
  path: '/v1/releases',
  summary: 'Start a release',
  request: { body: jsonBody(startBody) },
  responses: answers(
    'The release that was started, or the one that this key started before',
    z.object({ kind: z.literal('started'), release: z.string() }),
    201,
  ),
})

const lend = createRoute({
  method: 'post',
  path: '/v1/releases/{id}/environment',
  summary: 'Lend values of names under `env:` that this engine does not have for the release; kept in memory only',
  request: { params: releaseParam, body: jsonBody(environmentBody) },
  responses: answers('Taken', z.object({ ok: z.literal(true) })),
})

const list = createRoute({
  method: 'get',
  path: '/v1/releases',
  summary: 'Releases, newest first',
  request: {
    query: z.strictObject({
      open: z.enum(['true', 'false']).optional(),
      service: z.string().max(300).optional(),
      limit: count.max(20_000).optional(),
    }),
  },
  responses: answers('One line per release', z.array(summaryShape)),
})

const show = createRoute({
  method: 'get',
  path: '/v1/releases/{id}',
  summary: 'A release as every surface shows it',
  request: { params: releaseParam },
  responses: answers('The view', viewShape),
})

const plan = createRoute({
  method: 'get',
  path: '/v1/releases/{id}/plan',
  summary: 'The plan as it stands after amendments',
  request: { params: releaseParam },
  responses: answers('The plan', z.looseObject({ digest: z.string() })),
})

const events = createRoute({
  method: 'get',
  path: '/v1/releases/{id}/events',
  summary: 'Stored events with a version above `after`',
  request: { params: releaseParam, query: z.strictObject({ after: count.optional() }) },
  responses: answers('At most 5,000, ascending; ask again after the last', z.array(eventShape)),
})

const measurements = createRoute({
  method: 'get',
  path: '/v1/releases/{id}/measurements',
  summary: 'Stored sample batches',
  request: {
    params: releaseParam,
    query: z.strictObject({
      step: z.string().max(300).optional(),
      stage: z.union([count, z.literal('none')]).optional(),
      exact: z.literal('true').optional().openapi({
        description: 'Numbers that JSON cannot hold as `{ "number": "Infinity" }`, as in a bundle; else null',
      }),
    }),
  },
  responses: answers(
    'In order of interval ends',
    z.array(z.looseObject({ step: z.string(), from: z.number(), to: z.number() })),
  ),
})

export function releaseRoutes(deps: ApiDeps): OpenAPIHono {
  const routes = router()

  routes.openapi(start, async (context) => {
    const { document, env = {}, ...rest } = context.req.valid('json')
    const compiled = compileAgain(deps, document)
    const started = await deps.engine.start(
      { ...rest, plan: compiled, onNamed: (release) => deps.lendEnvironment(release, env) },
      actorOf(context, deps.about.user),
    )
    if (started.kind === 'refused') throw new RouteRefusal(started.code, started.reason)
    return reply(context, started, 201)
  })

  routes.openapi(lend, async (context) => {
    const { id } = await findRelease(deps, context.req.valid('param').id)
    deps.lendEnvironment(id, context.req.valid('json').env)
    return reply(context, { ok: true })
  })

  routes.openapi(list, async (context) => {
    const { open, ...filter } = context.req.valid('query')
    return reply(
      context,
      await deps.store.summaries({ ...filter, ...(open === undefined ? {} : { open: open === 'true' }) }),
    )
  })

  routes.openapi(show, async (context) => {
    const state = await findRelease(deps, context.req.valid('param').id)
    const calibrations = await calibrationsOf(deps, state)
    return reply(context, viewOf(state, deps.engine.live(state.id), deps.clock.now(), { calibrations }))
  })

  routes.openapi(plan, async (context) => reply(context, (await findRelease(deps, context.req.valid('param').id)).plan))

  routes.openapi(events, async (context) => {
    const { id } = await findRelease(deps, context.req.valid('param').id)
    const stored = await deps.store.read(releaseStream(id), context.req.valid('query').after ?? 0)
    return reply(context, stored.slice(0, EVENTS_PER_PAGE))
  })

  routes.openapi(measurements, async (context) => {
    const state = await findRelease(deps, context.req.valid('param').id)
    const { step, stage, exact } = context.req.valid('query')
    const wanted = observedPlaces(state.plan).filter(
      (place) =>
        (step === undefined || place.step === step) &&
        (stage === undefined || place.stage === (stage === 'none' ? null : stage)),
    )
    const batches = await Promise.all(wanted.map((place) => deps.store.batches(state.id, place.step, place.stage)))
    const spelled = (batch: SampleBatch): unknown => (exact === undefined ? batch : JSON.parse(batchLine(batch)))
    return reply(context, batches.flat().map(spelled))
  })

  return routes
}

interface ObservedPlace {
  readonly step: string
  readonly stage: number | null
}

/** Everything that samples are taken for: each stage of each rollout, and each watch. */
function observedPlaces(plan: Plan): readonly ObservedPlace[] {
  return plan.steps.flatMap(({ id, block }): readonly ObservedPlace[] => {
    if (block.word === 'rollout') return block.stages.map((_, stage) => ({ step: id, stage }))
    return block.word === 'watch' ? [{ step: id, stage: null }] : []
  })
}
