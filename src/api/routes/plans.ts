/** A checklist looked at before a start: compiled, told in words, and where the caller could start it. Starts nothing, keeps nothing. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AccessState } from '../../core/access/access.ts'
import { placeOf } from '../../core/access/may.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { isWatching, readTarget } from '../../engine/start.ts'
import { planView } from '../../report/plan-view.ts'
import { placeToStart, type StartAsked } from '../admit-start.ts'
import { refuseOtherChecklist } from '../mandatory-checklist.ts'
import { callerMay } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { readinessBefore } from '../readiness-before.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { type PlanAnswer, planAnswerShape, planBody, type PlanPlace } from '../wire/plan-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'

/** Where a checklist names no environment and its project declares none. */
const USUAL = 'production'

const look = route(needs(['release.start', 'checklist.write'], 'somewhere'), {
  method: 'post',
  path: '/v1/plans',
  summary: 'What a checklist would do, what it asks for, and where the caller may start it; starts nothing',
  request: { body: jsonBody(planBody) },
  responses: answers('The plan in words, or what keeps the document from compiling', planAnswerShape),
})

type Asked = Pick<StartAsked, 'document' | 'plan' | 'project'>

export function planRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(look, async (context) => {
    const { document, project: wanted = null } = context.req.valid('json')
    const { file, shared, calendars = [] } = document
    const { plan, problems } = deps.compile({ file, bytes: Buffer.from(document.base64, 'base64'), shared, calendars })
    const at = deps.clock.now()
    if (plan === null) {
      const nowhere = { project: null, projects: [], places: [], anyEnvironment: false, debt: [] }
      return reply(context, { at, plan, problems, ...nowhere } satisfies PlanAnswer)
    }
    const projects = projectsFor(context, plan.service)
    const project = wanted !== null && projects.includes(wanted) ? wanted : projects.length === 1 ? projects[0] : null
    const asked = { document, plan, project: project ?? null }
    const places = await Promise.all(environmentsFor(context, asked).map((name) => placeOn(deps, context, asked, name)))
    // Its address and its secret are the document's: asked only for whoever could start a release of it just as well.
    const startable = places.flatMap(({ environment, refused }) => (refused === null ? [environment] : []))
    const mayStart = startable.length > 0
    return reply(context, {
      at,
      plan: planView(plan, at, mayStart ? await deps.engine.onCall(plan) : null),
      problems,
      project: project ?? null,
      projects,
      places,
      anyEnvironment: Object.keys(plan.environments).length === 0,
      debt: await deps.debts.of(plan, ({ environment }) => maySee(context.get('access'), context, plan, environment)),
      readiness: await readinessBefore(
        deps,
        context,
        asked,
        (name) => maySee(context.get('access'), context, plan, name),
        startable,
      ),
    } satisfies PlanAnswer)
  })
  return routes
}

/** The one that has the service; else those that the caller may bring it into. */
function projectsFor(context: Context<ApiEnv>, service: string): readonly string[] {
  const state = context.get('access')
  const owner = state.projectOf.get(service)
  if (owner !== undefined) return [owner]
  return [...state.projects.values()]
    .filter(({ id, organisation }) =>
      callerMay(state, context.get('caller'), 'checklist.write', { organisation, project: id, environment: null }),
    )
    .map(({ id }) => id)
}

function environmentsFor(context: Context<ApiEnv>, { plan, project }: Asked): readonly string[] {
  const named = Object.keys(plan.environments)
  if (named.length > 0) return named
  const declared = context.get('access').projects.get(project ?? '')?.environments ?? []
  return declared.length > 0 ? declared.map(({ name }) => name) : [USUAL]
}

async function placeOn(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  asked: Asked,
  environment: string,
): Promise<PlanPlace> {
  const { plan, project } = asked
  const state = context.get('access')
  const ofServer = state.projects.get(project ?? '')?.environments.find(({ name }) => name === environment)
  const place = {
    environment,
    protected: (plan.environments[environment]?.protected ?? false) || (ofServer?.isProtected ?? false),
    refused: refusalOf(context, { ...asked, environment }),
  }
  if (!maySee(state, context, plan, environment)) return { ...place, serving: null, holder: null }
  const { holder, serving, line: starts } = await readTarget(deps.store, { plan, environment })
  const line = starts.length
  const held = holder === null ? null : await deps.engine.state(holder.release)
  if (held === null || held.endedAt !== null) return { ...place, serving, holder: null, line }
  const { id, releaseVersion, phase } = held
  return {
    ...place,
    serving,
    line,
    holder: { release: id, version: releaseVersion, phase, supersedable: isWatching(held) },
  }
}

/** In the words that the start itself would have. */
function refusalOf(context: Context<ApiEnv>, asked: Asked & { readonly environment: string }): string | null {
  const state = context.get('access')
  const owner = state.projectOf.get(asked.plan.service)
  try {
    if (owner !== undefined) refuseOtherChecklist(state, owner, asked)
    if (context.get('caller').kind !== 'local') placeToStart(context, asked)
    return null
  } catch (cause) {
    if (cause instanceof RouteRefusal) return cause.message
    throw cause
  }
}

/** A service of no project may be known to those only who see everything. */
function maySee(state: AccessState, context: Context<ApiEnv>, plan: Plan, environment: string): boolean {
  const place = placeOf(state, plan.service, environment)
  const nowhere = { organisation: null, project: null, environment }
  return callerMay(state, context.get('caller'), 'release.read', place ?? nowhere)
}
