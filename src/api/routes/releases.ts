/** Releases: start one, list them, look at one. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'
import { admitStart } from '../admit-start.ts'
import type { Context } from 'hono'
import { placeOf } from '../../core/access/may.ts'
import { callerMay, everywhere, visibleServices } from '../auth/caller.ts'
import { localOnly, needs, route } from '../auth/declare.ts'
import type { SampleBatch } from '../../core/judge/verdict.ts'
import { batchLine } from '../../core/log/measurements.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { tooFewSigners } from '../../core/readiness/signers.ts'
import { releaseStream } from '../../engine/lane.ts'
import { viewOf } from '../../report/view.ts'
import { planToStart } from '../compile-again.ts'
import { calibrationsOf } from '../calibrations.ts'
import type { RouteDeps } from '../deps.ts'
import { findRelease } from '../find-release.ts'
import { keptStart } from '../queued-starts.ts'
import { signersFor } from '../signers.ts'
import { reply, router } from '../router.ts'
import { answers, eventShape, jsonBody, releaseParam, summaryShape, viewShape } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { environmentBody, startBody } from '../wire/shapes.ts'

const count = z.coerce.number().int().min(0)
const EVENTS_PER_PAGE = 5_000

const start = route(needs('release.start', 'somewhere'), {
  method: 'post',
  path: '/v1/releases',
  summary: 'Start a release',
  request: { body: jsonBody(startBody) },
  responses: answers(
    'The release that was started, or the one that this key started before; with `queue`, its place in line if the target is busy',
    z.union([
      z.object({
        kind: z.literal('started'),
        release: z.string(),
        warnings: z
          .array(z.string())
          .optional()
          .openapi({ description: 'What will keep it from going through as things stand; absent = nothing known' }),
      }),
      z.object({ kind: z.literal('queued'), release: z.string(), place: z.number() }),
    ]),
    201,
  ),
})

const lend = route(localOnly, {
  method: 'post',
  path: '/v1/releases/{id}/environment',
  summary: 'Lend values of names under `env:` that this engine does not have for the release; kept in memory only',
  request: { params: releaseParam, body: jsonBody(environmentBody) },
  responses: answers('Taken', z.object({ ok: z.literal(true) })),
})

const list = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/releases',
  summary: 'Releases, newest first',
  request: {
    query: z.strictObject({
      open: z.enum(['true', 'false']).optional(),
      service: z.string().max(300).optional(),
      limit: count.max(20_000).optional(),
      /** Id of the last release of the page before. */
      after: z.string().max(200).optional(),
    }),
  },
  responses: answers('One line per release', z.array(summaryShape)),
})

const show = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}',
  summary: 'A release as every surface shows it',
  request: { params: releaseParam },
  responses: answers('The view', viewShape),
})

const plan = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/plan',
  summary: 'The plan as it stands after amendments',
  request: { params: releaseParam },
  responses: answers('The plan', z.looseObject({ digest: z.string() })),
})

const events = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/events',
  summary: 'Stored events with a version above `after`',
  request: { params: releaseParam, query: z.strictObject({ after: count.optional() }) },
  responses: answers('At most 5,000, ascending; ask again after the last', z.array(eventShape)),
})

const measurements = route(needs('release.read', 'release'), {
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

export function releaseRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(start, async (context) => {
    const { env = {}, queue = null, idempotencyKey, ...body } = context.req.valid('json')
    const { document, project = null, drill, ...rest } = body
    const compiled = planToStart(deps, document, drill)
    const asked = { document, plan: compiled, env, project, idempotencyKey, ...rest }
    const { actor, workspace, key, ...of } = await admitStart(deps, context, asked)
    const mended = await mendedBy(deps, context, compiled, rest.hotfixOf?.release ?? null)
    const caller = context.get('caller')
    if (caller.kind === 'nobody') throw new RouteRefusal('not-signed-in', caller.why)
    const line = queue && {
      until: queue.forMs === null ? null : deps.clock.now() + queue.forMs,
      kept: keptStart({ ...body, ...of, workspace }, caller),
    }
    const started = await deps.engine.start(
      {
        ...rest,
        ...of,
        workspace,
        idempotencyKey: key,
        plan: compiled,
        ...(line === null ? {} : { queue: line }),
        onNamed: (release) => deps.lendEnvironment(release, env),
      },
      actor,
    )
    if (started.kind === 'refused') throw new RouteRefusal(started.code, started.reason)
    // One that stands in line is told of when it begins.
    if (mended !== null && started.kind === 'started') {
      const link = { kind: 'LinkHotfix', release: started.release, version: rest.version } as const
      // Said before by the same start, sent twice: nothing to add.
      await deps.engine.ask(mended, link, actor, null)
    }
    const warnings = warningsOf(context, compiled, rest.environment, of.project)
    return reply(context, warnings.length === 0 ? started : { ...started, warnings }, 201)
  })

  routes.openapi(lend, async (context) => {
    const { id } = context.get('release')
    deps.lendEnvironment(id, context.req.valid('json').env)
    return reply(context, { ok: true })
  })

  routes.openapi(list, async (context) => {
    const { open, after, ...filter } = context.req.valid('query')
    const services = visibleServices(context.get('access'), context.get('caller'), 'release.read')
    const found = await deps.store.summaries({
      ...filter,
      ...(open === undefined ? {} : { open: open === 'true' }),
      ...(services === null ? {} : { services }),
      ...(after === undefined ? {} : { after: await placeInList(deps, after, services) }),
    })
    return reply(
      context,
      found.filter(({ service, environment }) => maySee(context, service, environment)),
    )
  })

  routes.openapi(show, async (context) => {
    const state = context.get('release')
    const calibrations = await calibrationsOf(deps, state)
    return reply(context, viewOf(state, deps.engine.live(state.id), deps.clock.now(), { calibrations }))
  })

  routes.openapi(plan, async (context) => reply(context, context.get('release').plan))

  routes.openapi(events, async (context) => {
    const { id } = context.get('release')
    const stored = await deps.store.read(releaseStream(id), context.req.valid('query').after ?? 0)
    return reply(context, stored.slice(0, EVENTS_PER_PAGE))
  })

  routes.openapi(measurements, async (context) => {
    const state = context.get('release')
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

/** Signatures that nobody could give are told at once, and not when the release waits for them. */
function warningsOf(context: Context<ApiEnv>, plan: Plan, environment: string, project?: string): readonly string[] {
  const state = context.get('access')
  const known = state.projects.get(project ?? '')
  const place = known === undefined ? null : { organisation: known.organisation, project: known.id, environment }
  const signers = signersFor(state, context.get('caller'), plan, place)
  return tooFewSigners(plan, environment, signers).map(({ say }) => say)
}

/** The release that is mended: of the same service, and one that the caller sees. */
async function mendedBy(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  { service }: Plan,
  wanted: string | null,
): Promise<string | null> {
  if (wanted === null) return null
  const services = visibleServices(context.get('access'), context.get('caller'), 'release.read')
  const { id, plan, environment } = await findRelease(deps, wanted, services)
  if (!maySee(context, plan.service, environment))
    throw new RouteRefusal('unknown-release', `There is no release "${wanted}".`)
  if (plan.service !== service)
    throw new RouteRefusal('wrong-target', `${id} is a release of ${plan.service}, and this is a hotfix of ${service}.`)
  return id
}

/** Of a project where somebody has a role in one environment only, the others stay unseen. */
function maySee(context: Context<ApiEnv>, service: string, environment: string): boolean {
  const state = context.get('access')
  const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
  return callerMay(state, context.get('caller'), 'release.read', place)
}

async function placeInList(deps: RouteDeps, after: string, services: readonly string[] | null) {
  const { id, startedAt } = await findRelease(deps, after, services)
  return { id, startedAt }
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
