/** Projects, their environments, and the checklists that they may start. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AccessState, Place, Project, RegisteredChecklist } from '../../core/access/access.ts'
import type { AccessCommand } from '../../core/access/commands.ts'
import { sha256Hex } from '../../core/log/canonical.ts'
import { mandatoryEnvironments } from '../../core/target/mandatory.ts'
import { freshSignInMs } from '../../core/release/rules/approvals.ts'
import { callerMay } from '../auth/caller.ts'
import { askDirectory } from '../auth/ask-directory.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { compileAgain } from '../compile-again.ts'
import { keptDocument } from '../kept-document.ts'
import { reply, router } from '../router.ts'
import { accessName, checklistShape, pageQuery, projectShape } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { linkToNext, pageOf } from '../wire/paging.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { documentBody, shortText, text } from '../wire/shapes.ts'

const done = z.object({ ok: z.literal(true) })
const projectParam = z.object({ project: accessName })

const list = route(needs(['release.read', 'checklist.read', 'people.manage'], 'somewhere'), {
  method: 'get',
  path: '/v1/projects',
  summary: 'Projects that the caller may see, with services and environments',
  responses: answers('Projects', z.array(projectShape)),
})
const create = route(needs('project.manage', 'somewhere'), {
  method: 'post',
  path: '/v1/projects',
  summary: 'Create a project; services that belong to none become its own',
  request: {
    body: jsonBody(
      z.strictObject({
        project: accessName,
        organisation: accessName,
        name: shortText,
        services: z.array(shortText).max(100).default([]),
      }),
    ),
  },
  responses: answers('Created', done, 201),
})
const environment = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/environments',
  summary: 'Declare an environment, and whether it is protected',
  request: {
    params: projectParam,
    body: jsonBody(z.strictObject({ environment: shortText, protected: z.boolean() }), {
      environment: 'production',
      protected: true,
    }),
  },
  responses: answers('Declared', done, 201),
})
const checklists = route(needs('checklist.read', 'somewhere'), {
  method: 'get',
  path: '/v1/checklists',
  summary:
    'Registered checklists of the projects that the caller may see; with `limit` a page of them, and the next one in the header Link',
  request: { query: pageQuery },
  responses: answers('Checklists', z.array(checklistShape)),
})
const register = route(needs('checklist.write', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/checklists',
  summary: 'Register a checklist by its bytes: who may start releases may start this one and nothing else',
  request: {
    params: projectParam,
    body: jsonBody(
      z.strictObject({
        name: accessName,
        document: documentBody,
        /** Where the bytes come from, pinned to the commit; null = an upload. */
        git: z
          .strictObject({
            url: shortText,
            path: shortText,
            ref: shortText,
            commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected the full hash of a commit'),
          })
          .nullable()
          .default(null),
      }),
    ),
  },
  responses: answers('Registered', checklistShape, 201),
})
const retire = route(needs('checklist.write', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/checklists/{name}/retire',
  summary: 'Retire a checklist: nobody starts it any more by having the right to start alone',
  request: {
    params: z.object({ project: accessName, name: accessName }),
    body: jsonBody(z.strictObject({ reason: text })),
  },
  responses: answers('Retired', done),
})
const bytes = route(needs('checklist.read', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/checklists/{name}',
  summary: 'A registered checklist with its document',
  request: { params: z.object({ project: accessName, name: accessName }) },
  responses: answers('The checklist', checklistShape),
})
export function projectRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const accept = async (context: Context<ApiEnv>, command: AccessCommand, status: 200 | 201 = 201) => {
    await askDirectory(deps, context, command)
    return reply(context, { ok: true }, status)
  }

  routes.openapi(list, (context) => {
    const state = context.get('access')
    const mine = visibleProjects(state, context)
    return reply(
      context,
      mine.map(({ environments, ...project }) => ({
        ...project,
        environments: environments.map(({ name, isProtected }) => ({
          name,
          protected: isProtected,
          freshSignInMs: isProtected ? freshSignInMs : null,
        })),
      })),
    )
  })
  routes.openapi(create, (context) => accept(context, { kind: 'CreateProject', ...context.req.valid('json') }))
  routes.openapi(environment, (context) =>
    accept(context, { kind: 'DeclareEnvironment', ...context.req.valid('param'), ...context.req.valid('json') }),
  )
  routes.openapi(checklists, (context) => {
    const state = context.get('access')
    const mine = new Set(visibleProjects(state, context).map(({ id }) => id))
    const query = context.req.valid('query')
    const all = [...state.checklists.values()].filter(({ project }) => mine.has(project))
    const sorted =
      query.limit === undefined ? all : all.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
    const { items, next } = pageOf(sorted, nameOf, query)
    if (next !== null) context.header('link', linkToNext('/v1/checklists', { ...query, after: next }))
    return reply(context, items)
  })
  routes.openapi(register, async (context) => {
    const { project } = context.req.valid('param')
    const { name, document, git } = context.req.valid('json')
    const plan = compileAgain(deps, document)
    const bytesOfDocument = Buffer.from(document.base64, 'base64')
    const shared = document.shared === null ? null : Buffer.from(document.shared.text)
    await deps.store.putEvidence(bytesOfDocument)
    if (shared !== null) await deps.store.putEvidence(shared)
    const calendars = document.calendars ?? []
    const mandatory = mandatoryEnvironments(plan)
    for (const { text } of calendars) await deps.store.putEvidence(Buffer.from(text))
    await askDirectory(deps, context, {
      kind: 'RegisterChecklist',
      project,
      name,
      service: plan.service,
      sha256: sha256Hex(bytesOfDocument),
      sharedSha256: shared && sha256Hex(shared),
      ...(calendars.length > 0 && {
        calendars: calendars.map(({ file, text }) => ({ file, sha256: sha256Hex(text) })),
      }),
      ...(mandatory.length > 0 && { mandatory }),
      plan: plan.digest,
      source: git === null ? { kind: 'upload', file: document.file } : { kind: 'git', ...git },
    })
    const state = await deps.directory.current()
    return reply(context, state.checklists.get(`${project}/${name}`), 201)
  })
  routes.openapi(retire, (context) =>
    accept(context, { kind: 'RetireChecklist', ...context.req.valid('param'), ...context.req.valid('json') }, 200),
  )
  routes.openapi(bytes, async (context) => {
    const { project, name } = context.req.valid('param')
    const found = context.get('access').checklists.get(`${project}/${name}`)
    const document = found && (await keptDocument(deps.store, found))
    if (found === undefined || document == null)
      throw new RouteRefusal('unknown-checklist', `There is no checklist "${project}/${name}".`)
    return reply(context, {
      ...found,
      base64: Buffer.from(document.bytes).toString('base64'),
      shared: document.shared?.text ?? null,
      calendars: document.calendars,
    })
  })
  return routes
}

function nameOf({ project, name }: RegisteredChecklist): string {
  return `${project}/${name}`
}

function visibleProjects(state: AccessState, context: Context<ApiEnv>): readonly Project[] {
  const caller = context.get('caller')
  return [...state.projects.values()].filter((project) => {
    const place: Place = { organisation: project.organisation, project: project.id, environment: null }
    const somewhere = [place, ...project.environments.map(({ name }) => ({ ...place, environment: name }))]
    return somewhere.some(
      (each) => callerMay(state, caller, 'checklist.read', each) || callerMay(state, caller, 'people.manage', each),
    )
  })
}
