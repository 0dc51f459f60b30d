/** Commands for workers: claimed with a machine's token, where that machine may work, and nowhere else. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AccessState, Place } from '../../core/access/access.ts'
import { placeOf, placesOf } from '../../core/access/may.ts'
import type { CommandPlace, CommandResult } from '../../core/ports/launcher.ts'
import type { ClaimOf, WorkPool } from '../../core/ports/work.ts'
import { signOffer } from '../../core/work/assignment.ts'
import { actorAt, callerMay, type Caller, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import {
  claimBody,
  heartbeatBody,
  heartbeatShape,
  offerShape,
  outputBody,
  resultBody,
  workerShape,
} from '../wire/work-shapes.ts'

type Machine = Extract<Caller, { kind: 'machine' }>
type Belongs = Pick<CommandPlace, 'service' | 'environment'>

const attemptParam = z.object({ attempt: z.string().min(1).max(1_000) })

const claim = route(needs('work', 'somewhere'), {
  method: 'post',
  path: '/v1/work/claim',
  summary: 'Wait for a command to run, up to 25 s; null when there was none',
  request: { body: jsonBody(claimBody) },
  responses: answers(
    'The assignment, signed for this very question',
    z.object({ offer: offerShape.nullable(), told: z.string().nullable(), leaseMs: z.number() }),
  ),
})
const heartbeat = route(needs('work', 'somewhere'), {
  method: 'post',
  path: '/v1/work/{attempt}/heartbeat',
  summary: 'Say that the worker lives; the first one begins the attempt. Waits for a reason to stop',
  request: { params: attemptParam, body: jsonBody(heartbeatBody) },
  responses: answers('Whether it may go on', heartbeatShape),
})
const output = route(needs('work', 'somewhere'), {
  method: 'post',
  path: '/v1/work/{attempt}/output',
  summary: 'Show the end of the output so far, redacted; never recorded',
  request: { params: attemptParam, body: jsonBody(outputBody) },
  responses: answers('Taken', z.object({ ok: z.literal(true) })),
})
const result = route(needs('work', 'somewhere'), {
  method: 'post',
  path: '/v1/work/{attempt}/result',
  summary: 'Hand in how it ended; the same twice counts once, and what comes too late is kept as evidence only',
  request: { params: attemptParam, body: jsonBody(resultBody) },
  responses: answers('What became of it', z.object({ kind: z.enum(['kept', 'already', 'back-in-queue', 'late']) })),
})
const workers = route(needs('release.read', 'somewhere'), {
  method: 'get',
  path: '/v1/workers',
  summary: 'Workers of the last day where the caller may look: what they take, when they were seen, what they have',
  responses: answers('Workers', z.array(workerShape)),
})

export function workRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()

  routes.openapi(claim, async (context) => {
    const pool = poolOf(deps)
    const machine = machineOf(context)
    const { name, claim: question, jobs, version, urgentOnly, waitMs, ...wanted } = context.req.valid('json')
    const state = context.get('access')
    const places = placesOf(state, { holder: machine.id, scope: machine.token.scope }, 'work')
    const environments = environmentsFor(places, wanted.environments)
    const labels = labelsFor(machine, wanted.labels)
    const worker = { machine: machine.id, name }
    await pool.saw({ ...worker, environments, labels, jobs, version, places })
    const offer = await pool.claim({
      worker,
      claim: question,
      environments,
      labels,
      urgentOnly,
      waitMs,
      mayTake: (belongs) => mayStillWork(deps, machine, belongs),
      signal: AbortSignal.any([deps.closing, context.req.raw.signal]),
    })
    return reply(context, {
      offer: offer === null ? null : signOffer(tokenIn(context), question, offer),
      told: toldOf(pool, environments),
      leaseMs: pool.leaseMs,
    })
  })
  routes.openapi(heartbeat, async (context) => {
    const { waitMs, ...held } = context.req.valid('json')
    const of = await workOf(deps, context, held)
    const signal = AbortSignal.any([deps.closing, context.req.raw.signal])
    return reply(context, await poolOf(deps).heartbeat(of, waitMs, signal))
  })
  routes.openapi(output, async (context) => {
    const { text, ...held } = context.req.valid('json')
    await poolOf(deps).output(await workOf(deps, context, held), text)
    return reply(context, { ok: true })
  })
  routes.openapi(result, async (context) => {
    const { sentAt, result: sent, ...held } = context.req.valid('json')
    const of = await workOf(deps, context, held)
    const given = inServerTime(sent, deps.clock.now() - sentAt)
    const finished = await poolOf(deps).finish(of, given)
    if (finished.kind === 'late')
      await deps.audit.tell(
        {
          kind: 'LateResult',
          release: finished.release,
          attempt: of.attempt,
          worker: `${of.worker.machine} on ${of.worker.name}`,
          ended: given.ended,
          exitCode: given.exitCode,
          evidence: finished.evidence,
        },
        actorAt(context.get('access'), machineOf(context), everywhere),
      )
    return reply(context, { kind: finished.kind })
  })
  routes.openapi(workers, async (context) => {
    const state = context.get('access')
    const all = (await deps.work?.workers()) ?? []
    const sees = (place: Place) => callerMay(state, context.get('caller'), 'release.read', place)
    return reply(
      context,
      all
        .filter(({ places }) => places.some(sees))
        .map((worker) => ({ ...worker, places: worker.places.filter(sees) })),
    )
  })
  return routes
}

function poolOf(deps: RouteDeps): WorkPool {
  if (deps.work === undefined) throw new RouteRefusal('forbidden', 'This engine has no workers: it serves one machine.')
  return deps.work
}

/** A token says which machine it is; nothing else does, and nobody else is given commands. */
function machineOf(context: Context<ApiEnv>): Machine {
  const caller = context.get('caller')
  if (caller.kind === 'machine') return caller
  throw new RouteRefusal('forbidden', 'Only a machine with a token of the role worker takes commands.')
}

/** What is nobody's or somebody else's does not exist for this worker: the answer is the same. */
async function workOf(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  { name, claim: question }: { readonly name: string; readonly claim: string },
): Promise<ClaimOf> {
  const machine = machineOf(context)
  const { attempt } = attemptParam.parse({ attempt: context.req.param('attempt') })
  const belongs = await poolOf(deps).placeOf(attempt)
  if (belongs === null || !mayWork(context.get('access'), machine, belongs))
    throw new RouteRefusal('unknown-attempt', `There is no attempt "${attempt}" for this worker.`)
  return { attempt, claim: question, worker: { machine: machine.id, name } }
}

function mayWork(state: AccessState, machine: Machine, { service, environment }: Belongs): boolean {
  return callerMay(state, machine, 'work', placeOf(state, service, environment) ?? { ...everywhere, environment })
}

/** A question waits for a while: what was revoked in the meantime gets nothing. */
async function mayStillWork(deps: RouteDeps, machine: Machine, belongs: Belongs): Promise<boolean> {
  const state = await deps.directory.current()
  const token = state.tokens.get(machine.token.id)
  const isGood = token !== undefined && !token.isRevoked && token.expires > deps.clock.now()
  return isGood && mayWork(state, machine, belongs)
}

/** null = all that it may. */
function environmentsFor(places: readonly Place[], wanted: readonly string[] | null): readonly string[] | null {
  const names = places.map(({ environment }) => environment)
  const foreign = wanted?.find((name) => !names.includes(null) && !names.includes(name))
  if (foreign !== undefined)
    throw new RouteRefusal('forbidden', `This token brings no work of the environment "${foreign}".`)
  if (wanted !== null) return wanted
  return names.includes(null) ? null : [...new Set(names.filter((name) => name !== null))]
}

/** A worker may say less than its token, never more: labels decide what it is trusted with. */
function labelsFor({ token }: Machine, wanted: readonly string[] | null): readonly string[] {
  const foreign = wanted?.find((label) => !token.scope.labels.includes(label))
  if (foreign !== undefined)
    throw new RouteRefusal('forbidden', `This token brings no label "${foreign}"; issue one that has it.`)
  return wanted ?? token.scope.labels
}

function toldOf(pool: WorkPool, environments: readonly string[] | null): string | null {
  const here = (environments ?? []).filter((name) => pool.runsHere(name))
  if (here.length === 0) return null
  return `The server runs the commands of ${here.join(', ')} itself; start it with --no-local-worker, or with --local-worker and other environments.`
}

/** The guard saw the same header before: it is a token that holds. */
function tokenIn(context: Context<ApiEnv>): string {
  return (context.req.header('authorization') ?? '').replace(/^Bearer /i, '')
}

function inServerTime(sent: z.infer<typeof resultBody>['result'], aheadMs: number): CommandResult {
  return {
    ...sent,
    stdout: Buffer.from(sent.stdout, 'base64'),
    stderr: Buffer.from(sent.stderr, 'base64'),
    startedAt: sent.startedAt + aheadMs,
    endedAt: sent.endedAt + aheadMs,
  }
}
