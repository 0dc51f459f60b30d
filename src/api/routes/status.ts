/** Entries of an organisation's status page: written, moved on and withdrawn by people. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Place } from '../../core/access/access.ts'
import type { Right } from '../../core/access/rights.ts'
import { statusWords } from '../../core/plan/status-words.ts'
import { entryAt, isPublic, type StatusCommand, type StatusEntry, standingOf } from '../../core/status/entries.ts'
import type { Instant } from '../../core/units.ts'
import { callerMay, everywhere } from '../auth/caller.ts'
import { needs, route } from '../auth/declare.ts'
import { actorOf } from '../auth/guard.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { statusEntries, writeStatus } from '../status/book.ts'
import { accessName } from '../wire/access-shapes.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { shortText } from '../wire/shapes.ts'
import type { StatusEntryAnswer } from '../wire/status-answers.ts'

/** Who writes what strangers read: whoever manages the organisation, or steers releases somewhere in it. */
const writing: readonly Right[] = ['organisation.manage', 'release.steer']

const word = z.enum(statusWords)
const text = z.string().min(1).max(10_000)
const instant = z.number().int().min(0)
const entryShape = z
  .object({
    id: z.string(),
    about: z.enum(['incident', 'maintenance']),
    title: z.string(),
    services: z.array(z.string()),
    status: word,
    from: instant.nullable(),
    until: instant.nullable(),
    publishAt: instant,
    endsItself: z.boolean(),
    withdrawn: z.boolean(),
    public: z.boolean().openapi({ description: 'Strangers see it now, if the page is on' }),
    updates: z.array(z.object({ at: instant, by: z.string().nullable(), status: word, text: z.string() })),
  })
  .openapi('StatusEntry')

const of = z.object({ organisation: accessName })
const ofEntry = z.object({ organisation: accessName, entry: z.string().min(1).max(200) })

const list = route(needs(writing, 'somewhere'), {
  method: 'get',
  path: '/v1/organisations/{organisation}/status',
  summary: 'Entries of the status page, those included that strangers do not see yet; the newest first',
  request: { params: of },
  responses: answers('Entries', z.array(entryShape)),
})
const open = route(needs(writing, 'somewhere'), {
  method: 'post',
  path: '/v1/organisations/{organisation}/status',
  summary: 'Open an entry of the status page: an incident, or a maintenance that begins by itself at its time',
  request: {
    params: of,
    body: jsonBody(
      z.strictObject({
        title: shortText,
        status: word,
        text: text.optional(),
        services: z.array(shortText).max(50).default([]),
        from: instant.optional(),
        until: instant.optional(),
        publishAt: instant.optional(),
        endsItself: z.boolean().default(false),
      }),
    ),
  },
  responses: answers('The entry', entryShape, 201),
})
const update = route(needs(writing, 'somewhere'), {
  method: 'post',
  path: '/v1/organisations/{organisation}/status/{entry}',
  summary: 'Move an entry of the status page on, or end it',
  request: {
    params: ofEntry,
    body: jsonBody(z.strictObject({ status: word.optional(), text: text.optional() })),
  },
  responses: answers('The entry', entryShape),
})
const withdraw = route(needs(writing, 'somewhere'), {
  method: 'post',
  path: '/v1/organisations/{organisation}/status/{entry}/withdraw',
  summary: 'Take an entry off the status page; it stays in the log',
  request: { params: ofEntry, body: jsonBody(z.strictObject({ reason: text })) },
  responses: answers('The entry', entryShape),
})

export function statusRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  const write = async (context: Context<ApiEnv>, organisation: string, command: StatusCommand) => {
    mustWrite(context, organisation)
    const now = deps.clock.now()
    return answerOf(await writeStatus(deps.store, organisation, command, actorOf(context, everywhere), now), now)
  }
  routes.openapi(list, async (context) => {
    const { organisation } = context.req.valid('param')
    mustWrite(context, organisation)
    const now = deps.clock.now()
    const entries = [...(await statusEntries(deps.store, organisation)).values()]
    return reply(context, entries.map((entry) => answerOf(entry, now)).toReversed())
  })
  routes.openapi(open, async (context) => {
    const { text: words = null, from = null, until = null, publishAt = null, ...rest } = context.req.valid('json')
    const command = { kind: 'OpenEntry', text: words, from, until, publishAt, ...rest } as const
    return reply(context, await write(context, context.req.valid('param').organisation, command), 201)
  })
  routes.openapi(update, async (context) => {
    const { organisation, entry } = context.req.valid('param')
    const { status = null, text: words = null } = context.req.valid('json')
    return reply(context, await write(context, organisation, { kind: 'UpdateEntry', entry, status, text: words }))
  })
  routes.openapi(withdraw, async (context) => {
    const { organisation, entry } = context.req.valid('param')
    const { reason } = context.req.valid('json')
    return reply(context, await write(context, organisation, { kind: 'WithdrawEntry', entry, reason }))
  })
  return routes
}

function answerOf(stored: StatusEntry, now: Instant): StatusEntryAnswer {
  const entry = entryAt(stored, now)
  const { isWithdrawn, ...rest } = entry
  return { ...rest, status: standingOf(entry), withdrawn: isWithdrawn, public: isPublic(entry, now) }
}

/** Strangers to an organisation are not told whether it is there. */
function mustWrite(context: Context<ApiEnv>, organisation: string): void {
  const access = context.get('access')
  const whole: Place = { organisation, project: null, environment: null }
  const projects = [...access.projects.values()].filter((project) => project.organisation === organisation)
  const places = projects.flatMap(({ id, environments }) => [
    { ...whole, project: id },
    ...environments.map(({ name }) => ({ ...whole, project: id, environment: name })),
  ])
  const may = [whole, ...places].some((place) =>
    writing.some((right) => callerMay(access, context.get('caller'), right, place)),
  )
  if (!may || !access.organisations.has(organisation))
    throw new RouteRefusal(
      'unknown-organisation',
      `There is no organisation "${organisation}" whose status page you may write.`,
    )
}
