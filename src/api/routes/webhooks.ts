/** Webhooks of a project: who wants to hear of its releases, and what became of what was sent. */
import { randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type NewsTopic, newsTopics } from '../../core/release/news.ts'
import { everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { addHook, contextOf, due, finished, type Hook, hookOf, hooks, removeHook } from '../webhooks/hooks.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { instant } from '../wire/shapes.ts'

const MOST_HOOKS = 50
const MOST_SHOWN = 200
const projectParam = z.object({ project: accessName })
const hookParam = z.object({ project: accessName, hook: accessName })
const topics = z.array(z.enum(newsTopics)).min(1).max(newsTopics.length)

const hookShape = z
  .looseObject({
    id: z.string(),
    url: z.string().openapi({ description: 'Without what stands after the path: it may be a secret' }),
    topics: z.array(z.string()),
    createdAt: instant,
    createdBy: z.string(),
    secret: z.string().optional().openapi({ description: 'Once, when it is made' }),
  })
  .openapi('Webhook')

const deliveryShape = z
  .looseObject({
    id: z.string(),
    topic: z.string(),
    release: z.string(),
    state: z.enum(['waiting', 'delivered', 'given up']),
    tries: z.number(),
    say: z.string(),
    queuedAt: instant,
  })
  .openapi('WebhookDelivery')

const list = route(needs('project.manage', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/webhooks',
  summary: 'Addresses that hear of the releases of this project',
  request: { params: projectParam },
  responses: answers('Webhooks', z.array(hookShape)),
})
const add = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/webhooks',
  summary: 'Let an address hear of the releases of this project, signed with a secret that is shown once',
  request: {
    params: projectParam,
    body: jsonBody(z.strictObject({ url: z.string().min(1).max(2_000), topics }), {
      url: 'https://hooks.example.com/releases',
      topics: ['release.started', 'rollback.started'],
    }),
  },
  responses: answers('Made', hookShape, 201),
})
const remove = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/webhooks/{hook}/remove',
  summary: 'The address hears no more; what waits for it is dropped',
  request: { params: hookParam, body: jsonBody(z.strictObject({})) },
  responses: answers('Removed', z.object({ ok: z.literal(true) })),
})
const deliveries = route(needs('project.manage', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/webhooks/{hook}/deliveries',
  summary: 'What waits, and what was delivered or given up within a week, newest first',
  request: { params: hookParam },
  responses: answers('Deliveries', z.array(deliveryShape)),
})

export function webhookRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const ofProject = async ({ project, hook }: { project: string; hook: string }): Promise<Hook> => {
    const found = await hookOf(deps.store, hook)
    if (found?.value.project !== project) throw new RouteRefusal('unknown-webhook', `There is no webhook "${hook}".`)
    return found.value
  }
  routes.openapi(list, async (context) => {
    const { project } = context.req.valid('param')
    const mine = (await hooks(deps.store)).filter(({ value }) => value.project === project)
    return reply(
      context,
      mine.map(({ value }) => shown(value)),
    )
  })
  routes.openapi(add, async (context) => {
    const { sealer } = deps
    if (!sealer)
      throw new RouteRefusal(
        'not-configured',
        'Webhooks have secrets, and this server has no key to keep them with. Make one (openssl rand -base64 32), keep it in a file, and set HOLDPOINT_SECRET_KEY_FILE.',
      )
    const { project } = context.req.valid('param')
    const { url, topics: wanted } = context.req.valid('json')
    await refuseUnreachable(deps, url)
    if ((await hooks(deps.store)).filter(({ value }) => value.project === project).length >= MOST_HOOKS)
      throw new RouteRefusal('bad-body', `A project has at most ${MOST_HOOKS} webhooks.`)
    const id = `wh-${randomBytes(6).toString('hex')}`
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const actor = actorOf(context, everywhere)
    const hook: Hook = {
      id,
      project,
      url,
      topics: [...new Set<NewsTopic>(wanted)],
      secret: sealer.seal(secret, contextOf(id)),
      createdAt: deps.clock.now(),
      createdBy: actor.id,
      after: await deps.store.head(),
    }
    await addHook(deps.store, hook)
    await deps.audit.tell({ kind: 'WebhookAdded', project, webhook: id, host: new URL(url).host }, actor)
    return reply(context, { ...shown(hook), secret }, 201)
  })
  routes.openapi(remove, async (context) => {
    const { id, project } = await ofProject(context.req.valid('param'))
    await removeHook(deps.store, id)
    const actor = actorOf(context, everywhere)
    await deps.audit.tell({ kind: 'WebhookRemoved', project, webhook: id }, actor)
    return reply(context, { ok: true })
  })
  routes.openapi(deliveries, async (context) => {
    const { id } = await ofProject(context.req.valid('param'))
    const waiting = (await due(deps.store, id)).map(({ value: { body: _body, ...rest } }) => ({
      ...rest,
      state: 'waiting' as const,
    }))
    const all = [...waiting, ...(await finished(deps.store, id))]
    return reply(context, all.toSorted((a, b) => b.queuedAt - a.queuedAt).slice(0, MOST_SHOWN))
  })
  return routes
}

/** The query of an address often is a secret of its receiver. */
function shown({ secret: _secret, after: _after, url, ...hook }: Hook): object {
  const { origin, pathname } = new URL(url)
  return { ...hook, url: `${origin}${pathname}` }
}

async function refuseUnreachable(deps: RouteDeps, text: string): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : null
  const isNamed = (deps.webhookHosts ?? []).some(
    ({ host, port }) => host === url?.hostname && (port === null || port === Number(url.port || 80)),
  )
  const isFine = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isNamed))
  if (!isFine || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new RouteRefusal(
      'bad-body',
      '"url": expected an https address without a name or password in it, for example https://hooks.example.com/releases',
    )
  const why = await deps.webhookTrouble?.(text)
  if (why != null) throw new RouteRefusal('bad-body', `"url": ${why}`)
}
