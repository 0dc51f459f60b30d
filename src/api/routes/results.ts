/** Results of outside runners: what waits for one, taking one, and the keys with which runners sign. */
import { randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type KeptResult, reportedKey, reportedShelf } from '../../core/ports/reported.ts'
import { liveAttempts } from '../../core/release/standing.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { everywhere } from '../auth/caller.ts'
import { anyone, BEARER, needs, route } from '../auth/declare.ts'
import { actorOf, placeOfRelease, requireAny } from '../auth/guard.ts'
import { actorAt } from '../auth/caller.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { releaseWanted } from '../gates/look.ts'
import { contextOfKey, dropResultKey, keepResultKey, resultKeyOf, resultKeys } from '../reports/result-keys.ts'
import { whoReports } from '../reports/who-reports.ts'
import { RESULT_KEY, RESULT_SIGNATURE } from '../describe.ts'
import { reply, router } from '../router.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody, releaseParam } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { instant, shortText } from '../wire/shapes.ts'

const DAY_MS = 86_400_000
const LONGEST_KEY_DAYS = 366
const KEPT_MS = 30 * DAY_MS
const MOST_PIECES = 10

const done = z.object({ ok: z.literal(true) })
const projectParam = z.object({ project: accessName })
const factName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
  .refine((name) => !(name in {}), 'this name is reserved')

const resultBody = z
  .strictObject({
    release: shortText,
    step: shortText,
    /** Without it the attempt that waits now. */
    attempt: shortText.optional(),
    outcome: z.enum(['passed', 'failed', 'inconclusive']),
    say: z.string().max(1_000).default(''),
    facts: z.record(factName, z.union([z.number(), z.string().max(1_000), z.boolean()])).default({}),
    evidence: z
      .array(
        z.strictObject({ name: shortText, mediaType: z.string().min(1).max(200), base64: z.base64().max(1_400_000) }),
      )
      .max(MOST_PIECES)
      .default([]),
  })
  .openapi('OutsideResult')

const awaitedShape = z
  .looseObject({ step: z.string(), attempt: z.string(), from: z.string(), since: instant, until: instant })
  .openapi('AwaitedResult')

const keyShape = z
  .looseObject({ id: z.string(), machine: z.string(), createdAt: instant, createdBy: z.string(), expires: instant })
  .openapi('ResultKey')

const awaited = route(needs('release.read', 'release'), {
  method: 'get',
  path: '/v1/releases/{id}/awaited-results',
  summary: 'Steps that wait for a result from outside now, each with the attempt to name and until when',
  request: { params: releaseParam },
  responses: answers('What is awaited', z.array(awaitedShape)),
})
const report = route(anyone, {
  method: 'post',
  path: '/v1/results',
  summary: 'Report how work outside went: with a machine’s token, or signed with a key of the project',
  security: [{ [BEARER]: [] }, { [RESULT_KEY]: [], [RESULT_SIGNATURE]: [] }],
  request: {
    body: jsonBody(resultBody, {
      release: 'checkout-1.4.0-k1',
      step: 'release/load-tests',
      outcome: 'passed',
      say: 'p99 210 ms',
      facts: { p99_ms: 210 },
    }),
  },
  responses: answers('Taken', z.object({ ok: z.literal(true), attempt: z.string() }), 201),
})
const list = route(needs('project.manage', 'project'), {
  method: 'get',
  path: '/v1/projects/{project}/result-keys',
  summary: 'Keys with which machines sign results for this project',
  request: { params: projectParam },
  responses: answers('Keys, without their secrets', z.array(keyShape)),
})
const make = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/result-keys',
  summary: 'A key with which a machine signs results for this project; its secret is shown once',
  request: {
    params: projectParam,
    body: jsonBody(
      z.strictObject({ machine: accessName, days: z.number().int().min(1).max(LONGEST_KEY_DAYS).default(90) }),
      { machine: 'load-tests', days: 30 },
    ),
  },
  responses: answers('Made', keyShape, 201),
})
const remove = route(needs('project.manage', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/result-keys/{key}/remove',
  summary: 'What is signed with the key is refused from now on',
  request: { params: z.object({ project: accessName, key: accessName }), body: jsonBody(z.strictObject({})) },
  responses: answers('Removed', done),
})

export function resultRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(awaited, (context) => reply(context, awaitedOf(context.get('release'))))

  routes.openapi(report, async (context) => {
    const reporter = await whoReports(deps, context, await context.req.text())
    const { release, step, attempt, ...result } = context.req.valid('json')
    const state = await releaseWanted(deps, { kind: 'id', id: release }, reporter)
    const place = placeOfRelease(reporter.access, state)
    requireAny(reporter.access, reporter.caller, ['release.act'], place)
    if (reporter.caller.kind === 'nobody') throw new Error('bug: nobody reports')
    const live = attemptFor(state, step, attempt)
    const by = actorAt(reporter.access, reporter.caller, place)
    const kept: KeptResult = { ...result, by: by.id, at: deps.clock.now() }
    const isFirst = await deps.store.putEntry(reportedShelf, reportedKey(state.id, live), JSON.stringify(kept), {
      expected: 0,
      expires: kept.at + KEPT_MS,
    })
    if (isFirst === null) throw new RouteRefusal('used-up', `${step} has been given its result already.`)
    await deps.audit.tell({ kind: 'ResultReported', release: state.id, step, outcome: result.outcome }, by)
    return reply(context, { ok: true, attempt: live }, 201)
  })

  routes.openapi(list, async (context) => {
    const { project } = context.req.valid('param')
    const mine = (await resultKeys(deps.store)).filter((key) => key.project === project)
    return reply(
      context,
      mine.map(({ secret: _secret, ...key }) => key),
    )
  })
  routes.openapi(make, async (context) => {
    const { sealer } = deps
    if (!sealer)
      throw new RouteRefusal(
        'not-configured',
        'Keys for results are kept sealed, and this server has no key for that: set HOLDPOINT_SECRET_KEY_FILE (openssl rand -base64 32). A machine’s token needs none.',
      )
    const { project } = context.req.valid('param')
    const { machine, days } = context.req.valid('json')
    const access = context.get('access')
    const organisation = access.projects.get(project)?.organisation
    if (!access.machines.has(machine) || organisation === undefined)
      throw new RouteRefusal(
        'unknown-holder',
        `There is no machine "${machine}". Add it first: holdpoint machine add ${machine}`,
      )
    const id = `rk-${randomBytes(6).toString('hex')}`
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const actor = actorOf(context, everywhere)
    const at = deps.clock.now()
    const key = { id, project, organisation, machine, createdAt: at, createdBy: actor.id, expires: at + days * DAY_MS }
    await keepResultKey(deps.store, { ...key, secret: sealer.seal(secret, contextOfKey(id)) })
    await deps.audit.tell({ kind: 'ResultKeyMade', project, key: id, machine }, actor)
    return reply(context, { ...key, secret }, 201)
  })
  routes.openapi(remove, async (context) => {
    const { project, key: id } = context.req.valid('param')
    const key = await resultKeyOf(deps.store, id)
    if (key?.project !== project) throw new RouteRefusal('unknown-token', `There is no key "${id}".`)
    await dropResultKey(deps.store, id)
    await deps.audit.tell({ kind: 'ResultKeyRemoved', project, key: id }, actorOf(context, everywhere))
    return reply(context, { ok: true })
  })
  return routes
}

function awaitedOf(state: ReleaseState) {
  return state.plan.steps.flatMap((plan) => {
    const { block } = plan
    if (block.word !== 'check' || block.kind !== 'external') return []
    const step = state.steps.get(plan.id)
    return (step === undefined ? [] : liveAttempts(step)).map(({ id, startedAt }) => ({
      step: plan.id,
      attempt: id,
      from: typeof block.config['from'] === 'string' ? block.config['from'] : '',
      since: startedAt,
      until: startedAt + block.timeoutMs,
    }))
  })
}

/** The attempt that waits; a result for one that has ended comes too late. */
function attemptFor(state: ReleaseState, step: string, given: string | undefined): string {
  const block = state.index.step.get(step)?.block
  if (block === undefined)
    throw new RouteRefusal(
      'unknown-step',
      `${state.id} has no step "${step}"; /v1/releases/${state.id}/awaited-results lists what waits.`,
    )
  if (block.word !== 'check' || block.kind !== 'external')
    throw new RouteRefusal('wrong-kind', `"${step}" waits for no result from outside.`)
  const live = awaitedOf(state).find((one) => one.step === step)
  if (live === undefined) throw new RouteRefusal('not-due', `"${step}" does not wait for a result now.`)
  if (given !== undefined && given !== live.attempt)
    throw new RouteRefusal('unknown-attempt', `"${step}" waits for the result of ${live.attempt}, not of ${given}.`)
  return live.attempt
}
