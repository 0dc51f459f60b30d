/** Registered checklists as their pages show them: versions, who does each step, what lint says, and the releases made with them. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { placeOf } from '../../core/access/may.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import type { Survey } from '../../import/desk/jobs.ts'
import { askDocuments, dayOf } from '../ask-documents.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { ChecklistHistory, type ChecklistPast, type ChecklistVersion } from '../checklist-history.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers } from '../wire/described.ts'
import { checklistAboutShape } from '../wire/import-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'

const MOST_RELEASES = 30
const MOST_SURVEYS = 200
const MOST_ORIGINS = 5_000

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
  const history = new ChecklistHistory(deps.store)
  const surveys = new Surveys(deps)
  const origins = new Origins(deps)

  routes.openapi(retired, async (context) => {
    const pasts = [...(await history.current()).values()]
    return reply(
      context,
      pasts.filter((past) => past.retired !== null && mayRead(context, past)),
    )
  })
  routes.openapi(about, async (context) => {
    const { project, name } = context.req.valid('param')
    const past = (await history.current()).get(`${project}/${name}`)
    const [newest] = past?.versions ?? []
    if (past === undefined || newest === undefined)
      throw new RouteRefusal('unknown-checklist', `There is no checklist "${project}/${name}".`)
    const releases = (await deps.store.summaries({ service: newest.service, limit: MOST_RELEASES })).filter((summary) =>
      maySee(context, summary),
    )
    const made = await Promise.all(
      releases.map(async (summary) => ({ ...summary, ...(await origins.of(summary, past)) })),
    )
    return reply(context, { ...past, ...(await surveys.of(newest)), releases: made })
  })
  return routes
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

/** What a document says of itself, kept by its hash: it changes with the day at most. */
class Surveys {
  readonly #deps: RouteDeps
  readonly #kept = new Map<string, Promise<Survey>>()

  constructor(deps: RouteDeps) {
    this.#deps = deps
  }

  of(version: ChecklistVersion): Promise<Survey> {
    const today = dayOf(this.#deps.clock.now())
    const key = `${version.sha256} ${version.sharedSha256} ${today}`
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const asked = this.#ask(version, today)
    this.#kept.set(key, asked)
    asked.catch(() => this.#kept.delete(key))
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_SURVEYS) break
      this.#kept.delete(oldest)
    }
    return asked
  }

  async #ask({ sha256, sharedSha256, source, project, name }: ChecklistVersion, today: string): Promise<Survey> {
    const { store } = this.#deps
    const bytes = await store.getEvidence(sha256)
    const settings = sharedSha256 === null ? null : await store.getEvidence(sharedSha256)
    if (bytes === null || (sharedSha256 !== null && settings === null))
      throw new RouteRefusal('unknown-checklist', `The bytes of "${project}/${name}" are not kept here any more.`)
    const shared = settings && { file: 'holdpoint.yaml', text: Buffer.from(settings).toString('utf8') }
    const file = source.kind === 'git' ? source.path : source.file
    return askDocuments(this.#deps, (documents) => documents.survey({ file, bytes, shared, today }))
  }
}

interface Origin {
  readonly sha256: string
  readonly rehearsal: boolean
}

/** Which document each release was made from; of one that has ended this never changes. */
class Origins {
  readonly #deps: RouteDeps
  readonly #kept = new Map<string, Origin>()

  constructor(deps: RouteDeps) {
    this.#deps = deps
  }

  async of(
    summary: ReleaseSummary,
    { versions }: ChecklistPast,
  ): Promise<{ readonly made: number | null; readonly rehearsal: boolean }> {
    const origin = this.#kept.get(summary.id) ?? (await this.#look(summary))
    const made = versions.find(({ sha256 }) => sha256 === origin?.sha256)?.number ?? null
    return { made, rehearsal: origin?.rehearsal ?? false }
  }

  async #look({ id, open }: ReleaseSummary): Promise<Origin | null> {
    const state = await this.#deps.engine.state(id)
    if (state === null) return null
    const origin = { sha256: state.plan.source.sha256, rehearsal: state.rehearsal }
    if (!open) this.#kept.set(id, origin)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ORIGINS) break
      this.#kept.delete(oldest)
    }
    return origin
  }
}
