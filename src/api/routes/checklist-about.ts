/** Registered checklists as their pages show them: versions, who does each step, what lint says, and the releases made with them. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { placeOf } from '../../core/access/may.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { ChecklistPast } from '../checklist-history.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import type { Origin } from '../release-origins.ts'
import { answers } from '../wire/described.ts'
import { checklistAboutShape } from '../wire/import-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'

const MOST_RELEASES = 30

const retired = route(needs('checklist.read', 'somewhere'), {
  method: 'get',
  path: '/v1/checklists/retired',
  summary: 'Checklists that are retired, of the projects that the caller may see',
  responses: answers('Retired ones', z.array(z.looseObject({ project: z.string(), name: z.string() }))),
})

const about = route(needs('checklist.read', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/checklists/{name}/about',
  summary: 'A checklist with its versions, who does each step, what lint says, and the releases made with it',
  request: { params: z.object({ project: accessName, name: accessName }) },
  responses: answers('The checklist', checklistAboutShape),
})

export function checklistAboutRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(retired, async (context) => {
    const pasts = [...(await deps.checklists.current()).values()]
    return reply(
      context,
      pasts.filter((past) => past.retired !== null && mayRead(context, past)),
    )
  })
  routes.openapi(about, async (context) => {
    const { project, name } = context.req.valid('param')
    const past = (await deps.checklists.current()).get(`${project}/${name}`)
    const [newest] = past?.versions ?? []
    if (past === undefined || newest === undefined)
      throw new RouteRefusal('unknown-checklist', `There is no checklist "${project}/${name}".`)
    const releases = (await deps.store.summaries({ service: newest.service, limit: MOST_RELEASES })).filter((summary) =>
      maySee(context, summary),
    )
    const made = await Promise.all(
      releases.map(async (summary) => ({ ...summary, ...madeWith(await deps.origins.of(summary), past) })),
    )
    const survey = await deps.surveys.of(newest)
    const debt =
      survey.plan === null
        ? []
        : await deps.debts.of({ service: newest.service, name: survey.plan.name }, (one) => maySee(context, one))
    return reply(context, { ...past, ...survey, releases: made, debt })
  })
  return routes
}

function madeWith(origin: Origin | null, { versions }: ChecklistPast) {
  const made = versions.find(({ sha256 }) => sha256 === origin?.sha256)?.number ?? null
  return { made, rehearsal: origin?.rehearsal ?? false }
}

function mayRead(context: Context<ApiEnv>, { project }: ChecklistPast): boolean {
  const state = context.get('access')
  const organisation = state.projects.get(project)?.organisation
  if (organisation === undefined) return false
  return callerMay(state, context.get('caller'), 'checklist.read', { organisation, project, environment: null })
}

function maySee(context: Context<ApiEnv>, { service, environment }: ReleaseSummary): boolean {
  const state = context.get('access')
  const place = placeOf(state, service, environment) ?? { ...everywhere, environment }
  return callerMay(state, context.get('caller'), 'release.read', place)
}
