/** GitHub's custom deployment protection rule: its signed requests, and which of a project's gates a repository asks. */
import { createHmac } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { anyone, needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import { isSameText } from '../auth/keys.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { pointOf, pointQuery } from '../gates/asked.ts'
import {
  bind,
  bindingKey,
  bindingOf,
  bindings,
  isKnownDelivery,
  keepWaiting,
  rememberDelivery,
  requestedBody,
} from '../gates/github-waiting.ts'
import { everywhere } from '../auth/caller.ts'
import { GITHUB_SIGNATURE } from '../describe.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { shortText } from '../wire/shapes.ts'

const done = z.object({ ok: z.literal(true) })
const projectParam = z.object({ project: accessName })
const repository = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'expected owner/name')
const bindingShape = z
  .looseObject({
    repository: z.string(),
    githubEnvironment: z.string(),
    service: z.string(),
    environment: z.string(),
    point: z.looseObject({ kind: z.string() }),
  })
  .openapi('GithubGate')

const inbound = route(anyone, {
  method: 'post',
  path: '/v1/gates/github',
  summary: 'Webhook of a GitHub App with a deployment protection rule; signed by GitHub',
  security: [{ [GITHUB_SIGNATURE]: [] }],
  request: { body: jsonBody(z.looseObject({})) },
  responses: answers('Taken; the decision goes to GitHub later', z.looseObject({ ok: z.literal(true) })),
})

const list = route(needs('release.read', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/github-gates',
  summary: 'Repositories whose deployments ask gates of this project',
  request: { params: projectParam },
  responses: answers('Repositories and what they ask', z.array(bindingShape)),
})

const add = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/github-gates',
  summary: 'Let deployments of a repository to an environment at GitHub wait for a gate of a service',
  request: {
    params: projectParam,
    body: jsonBody(
      z.strictObject({
        repository,
        /** As GitHub calls it. */
        githubEnvironment: shortText,
        service: shortText,
        environment: shortText,
        ...pointQuery,
      }),
      {
        repository: 'acme/checkout',
        githubEnvironment: 'production',
        service: 'checkout',
        environment: 'production',
        step: 'go-live',
      },
    ),
  },
  responses: answers('Kept', done, 201),
})

const remove = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/github-gates/remove',
  summary: 'Deployments of the repository ask this project no more; those that wait go on waiting',
  request: { params: projectParam, body: jsonBody(z.strictObject({ repository, githubEnvironment: shortText })) },
  responses: answers('Removed', done),
})

export function githubGateRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(inbound, async (context) => {
    const { github } = deps
    if (!github) throw notConfigured()
    const text = await context.req.text()
    if (!isSigned(text, context.req.header('x-hub-signature-256'), github.webhookSecret))
      throw new RouteRefusal('bad-signature', 'X-Hub-Signature-256 is not the signature of this body.')
    const delivery = context.req.header('x-github-delivery') ?? ''
    if (!/^[\w-]{1,100}$/.test(delivery))
      throw new RouteRefusal('bad-body', 'X-GitHub-Delivery is missing: without it a repetition could not be told.')
    if (context.req.header('x-github-event') !== 'deployment_protection_rule')
      return reply(context, { ok: true, ignored: true })
    const parsed = requestedBody.safeParse(JSON.parse(text))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new RouteRefusal('bad-body', `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not as expected'}`)
    }
    const { environment, deployment, installation, deployment_callback_url: callback } = parsed.data
    const full = parsed.data.repository.full_name
    refuseForeignCallback(callback, `${github.api}/repos/${full}/actions/runs/`)
    if (await isKnownDelivery(deps.store, delivery)) return reply(context, { ok: true, repeated: true })
    // Waits before the delivery is remembered: a crash between the two makes GitHub's repetition count.
    await keepWaiting(deps.store, `${installation.id}/${callback.slice(github.api.length)}/${environment}`, {
      repository: full,
      githubEnvironment: environment,
      callback,
      installation: installation.id,
      sha: deployment.sha,
      ref: deployment.ref,
      askedAt: deps.clock.now(),
      tries: 0,
      notBefore: 0,
      say: '',
    })
    await rememberDelivery(deps.store, delivery, deps.clock.now())
    return reply(context, { ok: true })
  })

  routes.openapi(list, async (context) => {
    const { project } = context.req.valid('param')
    const mine = (await bindings(deps.store)).filter(({ value }) => value.project === project)
    return reply(
      context,
      mine.map(({ value: { project: _project, ...binding } }) => binding),
    )
  })

  routes.openapi(add, async (context) => {
    if (!deps.github) throw notConfigured()
    const { project } = context.req.valid('param')
    const { repository: name, githubEnvironment, service, environment, ...given } = context.req.valid('json')
    const point = pointOf(given)
    if (point === null) throw new RouteRefusal('bad-body', 'At most one of step, phase and stage.')
    if (context.get('access').projectOf.get(service) !== project)
      throw new RouteRefusal('forbidden', `The service "${service}" does not belong to ${project}.`)
    const found = await bindingOf(deps.store, name, githubEnvironment)
    if (found !== null && found.value.project !== project)
      throw new RouteRefusal('name-taken', `${name} ${githubEnvironment} asks a gate of another project already.`)
    const binding = { repository: name, githubEnvironment, project, service, environment, point }
    if (!(await bind(deps.store, binding, bindingKey(name, githubEnvironment), found?.revision ?? 0)))
      throw new RouteRefusal('stale-view', 'Someone else was quicker. Look again.')
    await deps.audit.tell(
      { kind: 'GateBound', project, repository: name, environment: githubEnvironment },
      actorOf(context, everywhere),
    )
    return reply(context, { ok: true }, 201)
  })

  routes.openapi(remove, async (context) => {
    const { project } = context.req.valid('param')
    const { repository: name, githubEnvironment } = context.req.valid('json')
    const found = await bindingOf(deps.store, name, githubEnvironment)
    if (found?.value.project !== project || !(await bind(deps.store, null, found.key, found.revision)))
      throw new RouteRefusal('no-change', `${name} ${githubEnvironment} asks no gate of ${project}.`)
    await deps.audit.tell(
      { kind: 'GateUnbound', project, repository: name, environment: githubEnvironment },
      actorOf(context, everywhere),
    )
    return reply(context, { ok: true })
  })
  return routes
}

function isSigned(text: string, signature: string | undefined, secret: string): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`
  return signature !== undefined && isSameText(signature, expected)
}

/** The signature is GitHub's, and still: an answer goes to the address of that repository's runs and nowhere else. */
function refuseForeignCallback(callback: string, beginning: string): void {
  const isOurs =
    callback.startsWith(beginning) && /^\d{1,20}\/deployment_protection_rule$/.test(callback.slice(beginning.length))
  if (!isOurs) throw new RouteRefusal('bad-body', `deployment_callback_url is not below ${beginning}`)
}

function notConfigured(): RouteRefusal {
  return new RouteRefusal(
    'not-configured',
    'No GitHub App is set up on this server. Set HOLDPOINT_GITHUB_APP, HOLDPOINT_GITHUB_KEY_FILE and HOLDPOINT_GITHUB_WEBHOOK_SECRET_FILE; see docs/gates.md.',
  )
}
