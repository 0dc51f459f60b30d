/** Checklists that come again and again: how each of their times stands, and that one need not be done. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { standingOf, occurrencesBetween, type Skip } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import { callerMay, type Caller } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { placeOfRecord } from '../record-rights.ts'
import { reply, router } from '../router.ts'
import { type KeptTime, sinceOf, timeOf, timesOf, writeTime } from '../schedules/kept.ts'
import { runNow } from '../schedules/run-now.ts'
import { type Registered, RegisteredSchedules } from '../schedules/registered.ts'
import { standingWords, startWords } from '../schedules/words.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import {
  runBody,
  runShape,
  type Schedule,
  scheduleShape,
  type ScheduleTime,
  skipBody,
} from '../wire/schedule-shapes.ts'

const YEAR_MS = 366 * 86_400_000
/** Times of a daily one that are shown. */
const MOST_TIMES = 100

const list = route(needs('record.read', 'somewhere'), {
  method: 'get',
  path: '/v1/schedules',
  summary: 'Checklists that come again and again, with how each of their times stands',
  responses: answers('Schedules', z.array(scheduleShape)),
})
const skip = route(needs('release.steer', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/schedules/{name}/skip',
  summary: 'One time need not be done: nobody is reminded of it any more, and the reason stays',
  request: {
    params: z.object({ project: accessName, name: accessName }),
    body: jsonBody(skipBody, { at: 1_772_445_600_000, reason: 'the data centre moves in that week' }),
  },
  responses: answers('The schedule', scheduleShape),
})

const run = route(needs('release.start', 'project'), {
  method: 'post',
  path: '/v1/projects/{project}/schedules/{name}/run',
  summary: 'Start it now: as the time that is open, if there is one, which the server then starts no more',
  request: { params: z.object({ project: accessName, name: accessName }), body: jsonBody(runBody, {}) },
  responses: answers('What was started, and the schedule', runShape, 201),
})

export function scheduleRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const schedules = new RegisteredSchedules(deps)
  const visible = async (context: Context<ApiEnv>): Promise<readonly Registered[]> => {
    const state = context.get('access')
    const caller: Caller = context.get('caller')
    const all = await schedules.of(state)
    return all.filter(({ project }) => callerMay(state, caller, 'record.read', placeOfRecord(context, project)))
  }
  routes.openapi(list, async (context) => {
    const shown: Schedule[] = []
    for (const one of await visible(context)) shown.push(await told(deps, one))
    return reply(context, shown)
  })
  routes.openapi(skip, async (context) => {
    const { project, name } = context.req.valid('param')
    const { at, reason, role } = context.req.valid('json')
    const one = (await visible(context)).find(({ id }) => id === `${project}/${name}`)
    if (one === undefined)
      throw new RouteRefusal('unknown-schedule', `The checklist "${project}/${name}" has no schedule here.`)
    const actor = actorOf(context, placeOfRecord(context, project))
    const now = deps.clock.now()
    const entry: Skip = { by: actor.id, role: role ?? null, reason: reason.trim(), at: now }
    await writeSkip(deps, one, at, entry)
    const { id: checklist } = one
    await deps.audit.tell(
      { kind: 'OccurrenceSkipped', checklist, time: at, role: entry.role, reason: entry.reason },
      actor,
    )
    return reply(context, await told(deps, one))
  })
  routes.openapi(run, async (context) => {
    const { project, name } = context.req.valid('param')
    const { environment = null } = context.req.valid('json')
    const one = (await visible(context)).find(({ id }) => id === `${project}/${name}`)
    if (one === undefined)
      throw new RouteRefusal('unknown-schedule', `The checklist "${project}/${name}" has no schedule here.`)
    const caller = context.get('caller')
    if (caller.kind === 'nobody') throw new RouteRefusal('not-signed-in', caller.why)
    const actor = actorOf(context, { ...placeOfRecord(context, project), environment })
    const release = await runNow(deps, context.get('access'), one, { caller, actor, environment })
    return reply(context, { release, schedule: await told(deps, one) }, 201)
  })
  return routes
}

async function writeSkip(deps: RouteDeps, one: Registered, at: number, entry: Skip): Promise<void> {
  if (entry.reason === '') throw new RouteRefusal('reason-required', '"reason" is empty: say why it need not be done.')
  const shown = await told(deps, one)
  const time = shown.times.find((each) => each.at === at)
  if (time === undefined)
    throw new RouteRefusal(
      'unknown-schedule',
      `"${one.id}" has no such time; the next is ${iso(shown.times.at(-1)?.at)}.`,
    )
  if (time.state === 'done') throw new RouteRefusal('already-closed', 'It was done already.')
  if (time.skip !== null) throw new RouteRefusal('already-closed', `It was skipped already, by ${time.skip.by}.`)
  for (;;) {
    const kept = await timeOf(deps.store, one.id, at)
    if ((await writeTime(deps.store, one.id, { ...kept, value: { ...kept.value, skip: entry } })) !== null) return
  }
}

function iso(at: number | undefined): string {
  return at === undefined ? 'not known' : `${at} (${new Date(at).toISOString()})`
}

async function told({ store, clock }: RouteDeps, one: Registered): Promise<Schedule> {
  const { id, project, name, service, plan, schedule } = one
  const now = clock.now()
  const since = await sinceOf(store, id, schedule, now)
  const [kept, all] = await Promise.all([timesOf(store, id), store.records(schedule.record)])
  const records = all.filter((record) => record.project === project)
  const found = occurrencesBetween(schedule, Math.max(since, now - YEAR_MS), now + YEAR_MS + 86_400_000)
  const next = found.findIndex(({ opens }) => opens > now)
  const shown = found.slice(Math.max(0, next + 1 - MOST_TIMES), next + 1)
  const times = shown.map((occurrence): ScheduleTime => {
    const known = kept.get(occurrence.at)?.value
    const standing = standingOf(occurrence, records, known?.skip ?? null, now)
    const say =
      standingWords(occurrence, standing, known?.skip?.reason ?? null, now) + startWords(known?.start ?? null, standing)
    return timeShown(occurrence, standing, known, say)
  })
  const { words: every, zone, record, owner, to } = schedule
  return {
    id,
    project,
    name,
    service,
    title: plan.name,
    every,
    zone,
    record,
    owner,
    to: [...to],
    since,
    start: schedule.start ?? null,
    times,
  }
}

function timeShown(
  { at, opens, deadline }: Occurrence,
  { state, record, isLate }: ReturnType<typeof standingOf>,
  known: KeptTime | undefined,
  say: string,
): ScheduleTime {
  const notices = Object.entries(known?.told ?? {}).map(([key, { state: sent, at: when, say: proof }]) => {
    const split = key.lastIndexOf(' ')
    return { notice: key.slice(0, split), channel: key.slice(split + 1), state: sent, at: when, say: proof }
  })
  const done = record === null ? null : { id: record.id, observedAt: record.observedAt, by: record.by }
  const { start: tried = null, skip: skipped = null } = known ?? {}
  const start = tried && { state: tried.state, release: tried.release, why: tried.why, at: tried.at }
  return { at, opens, deadline, state, say, late: isLate, record: done, start, skip: skipped, told: notices }
}
