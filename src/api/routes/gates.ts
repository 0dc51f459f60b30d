/** Gates that other deployers ask: a plain one for scripts, Flagger's confirm hooks, and a web metric for Argo Rollouts. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type GatePoint, wantsRollback } from '../../core/release/gate.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { anyone, needs, route } from '../auth/declare.ts'
import { callerBySecret } from '../auth/identify.ts'
import { kindOfKey } from '../auth/keys.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { gateShape, pointOf, type PointGiven, pointQuery, targetQuery, wantedOf } from '../gates/asked.ts'
import { type Asker, gateAt, releaseWanted } from '../gates/look.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody, releaseParam } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { shortText } from '../wire/shapes.ts'

const one = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/gate',
  summary: 'May one go on at this point of the release? For scripts and other deployers',
  request: { params: releaseParam, query: z.strictObject(pointQuery) },
  responses: answers('The gate; only `open` is a yes', gateShape),
})

const byTarget = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/gate',
  summary: 'The same, of the release of a version of a service in an environment',
  request: { query: z.strictObject({ ...targetQuery, ...pointQuery }) },
  responses: answers('The gate; only `open` is a yes', gateShape),
})

const argo = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/gates/argo',
  summary: 'A web metric for Argo Rollouts: an answer when the gate is open or closed, none while it waits',
  request: { query: z.strictObject({ ...targetQuery, ...pointQuery }) },
  responses: answers('`status` is `open` or `closed`; `value` is 1 or 0', gateShape),
})

/** What Flagger posts to a webhook; members of newer versions are let through. */
const flaggerBody = z.looseObject({
  name: shortText,
  namespace: shortText,
  phase: z.string().max(300).optional(),
  metadata: z
    .looseObject({ token: z.string().max(200).optional(), ...targetQuery, ...pointQuery })
    .nullable()
    .optional(),
})
type FlaggerBody = z.infer<typeof flaggerBody>

const flagger = route(anyone, {
  method: 'post',
  path: '/v1/gates/flagger/{hook}',
  summary: 'Flagger’s confirm and rollback hooks: 200 = go (or go back), 403 = not now',
  description: 'Flagger sends no credentials in headers: a token stands in `metadata.token`.',
  request: {
    params: z.object({ hook: z.enum(['confirm', 'rollback']) }),
    body: jsonBody(flaggerBody),
  },
  responses: answers('Go', z.object({ ok: z.literal(true), say: z.string() })),
})

export function gateRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const asker = (context: Context<ApiEnv>): Asker => ({
    access: context.get('access'),
    caller: context.get('caller'),
  })
  const wanted = async (context: Context<ApiEnv>, given: Parameters<typeof wantedOf>[0]): Promise<ReleaseState> => {
    const what = wantedOf(given)
    if (what === null)
      throw new RouteRefusal(
        'bad-query',
        'Which release? Give its id, or all of service, environment and version. For example: ?service=shop&environment=production&version=1.4.0',
      )
    return releaseWanted(deps, what, asker(context))
  }

  routes.openapi(one, (context) =>
    reply(context, gateAt(context.get('release'), pointGiven(context.req.valid('query')))),
  )
  routes.openapi(byTarget, async (context) => {
    const query = context.req.valid('query')
    const point = pointGiven(query)
    return reply(context, gateAt(await wanted(context, query), point))
  })
  routes.openapi(argo, async (context) => {
    const query = context.req.valid('query')
    const point = pointGiven(query)
    const gate = gateAt(await wanted(context, query), point)
    // Argo Rollouts counts every answer and passes an analysis at its count; what is no answer it asks again.
    if (gate.status === 'waiting') throw new RouteRefusal('gate-waiting', gate.say)
    return reply(context, gate)
  })
  routes.openapi(flagger, async (context) => {
    const { hook } = context.req.valid('param')
    const answer = await flaggerAnswer(deps, context, hook, context.req.valid('json'))
    if (!answer.go) throw new RouteRefusal('gate-shut', answer.say)
    return reply(context, { ok: true, say: answer.say })
  })
  return routes
}

interface Answer {
  readonly go: boolean
  readonly say: string
}

/** Whatever goes wrong is a no: 403 is what Flagger waits at, and what a rollback hook does nothing at. */
async function flaggerAnswer(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  hook: 'confirm' | 'rollback',
  { metadata }: FlaggerBody,
): Promise<Answer> {
  try {
    const given = metadata ?? {}
    const who = await flaggerAsker(deps, context, given.token)
    const point = pointOf(given)
    const what = wantedOf(given)
    if (what === null || point === null)
      return no(
        'metadata names no release: give service, environment and version, or release; and at most one of step, phase, stage',
      )
    const state = await releaseWanted(deps, what, who)
    return hook === 'rollback' ? rollbackAnswer(state) : confirmAnswer(state, point)
  } catch (cause) {
    if (cause instanceof RouteRefusal) return no(cause.message)
    return no('Holdpoint cannot tell: its store does not answer.')
  }
}

/** Flagger sends no headers of one's own; the token may stand in the metadata of the hook, or in basic authentication. */
async function flaggerAsker(deps: RouteDeps, context: Context<ApiEnv>, token: string | undefined): Promise<Asker> {
  const caller = context.get('caller')
  if (caller.kind !== 'nobody') return { access: context.get('access'), caller }
  if (token === undefined)
    throw new RouteRefusal('not-signed-in', 'metadata.token is missing: a token that may read the release')
  if (kindOfKey(token) !== 'token') throw new RouteRefusal('not-signed-in', 'metadata.token is no token of this server')
  const access = await deps.directory.current()
  return { access, caller: await callerBySecret(deps, token, access) }
}

function confirmAnswer(state: ReleaseState, point: GatePoint): Answer {
  const { open, say } = gateAt(state, point)
  return { go: open, say }
}

function rollbackAnswer(state: ReleaseState): Answer {
  return wantsRollback(state)
    ? { go: true, say: `${state.id} goes back: ${state.rollback?.why ?? ''}` }
    : no(`${state.id} does not go back`)
}

function no(say: string): Answer {
  return { go: false, say }
}

function pointGiven(given: PointGiven): GatePoint {
  const point = pointOf(given)
  if (point === null)
    throw new RouteRefusal('bad-query', 'At most one of step, phase and stage. For example: ?step=go-live')
  return point
}
