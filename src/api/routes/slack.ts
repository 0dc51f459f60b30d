/** Buttons in Slack: what Slack sends when one is pressed, and which user of Slack a person is. */
import { z } from '@hono/zod-openapi'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { anyone, known, route } from '../auth/declare.ts'
import type { RouteDeps } from '../deps.ts'
import { SLACK_SIGNATURE } from '../describe.ts'
import type { ApiEnv } from '../env.ts'
import { reply, router } from '../router.ts'
import { linkByCode, linksOf, type SlackLink, unlink, userOfCode } from '../slack/links.ts'
import { decidePress } from '../slack/press.ts'
import { checkSigned, pressIn } from '../slack/signed.ts'
import { answers, jsonBody } from '../wire/described.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { personAs } from './sign-in.ts'

/** Told to Slack when the app is made. */
export const SLACK_INTERACTIONS = '/v1/slack/interactions'

const done = z.object({ ok: z.literal(true) })
const userShape = z.object({ team: z.string(), user: z.string(), name: z.string() })
const linkShape = userShape.extend({ at: z.number() }).openapi('SlackLink')

const inbound = route(anyone, {
  method: 'post',
  path: SLACK_INTERACTIONS,
  summary: 'A button was pressed in Slack; signed by Slack',
  security: [{ [SLACK_SIGNATURE]: [] }],
  request: {
    body: { content: { 'application/x-www-form-urlencoded': { schema: z.object({ payload: z.string() }) } } },
  },
  responses: answers('Taken; the user hears of it in Slack', done),
})
const list = route(known, {
  method: 'get',
  path: '/v1/slack/links',
  summary: 'Users of Slack that the caller is',
  responses: answers('Users of Slack', z.array(linkShape)),
})
const add = route(known, {
  method: 'post',
  path: '/v1/slack/links',
  summary: 'Say by a code that Slack showed which user of Slack the caller is; without `confirm` only who that is',
  request: {
    body: jsonBody(z.strictObject({ code: z.string().min(1).max(40), confirm: z.boolean().default(false) })),
  },
  responses: answers('The user of Slack', userShape.extend({ linked: z.boolean() })),
})
const remove = route(known, {
  method: 'post',
  path: '/v1/slack/links/remove',
  summary: 'A user of Slack is the caller no more',
  request: { body: jsonBody(z.strictObject({ team: z.string().max(100), user: z.string().max(100) })) },
  responses: answers('Removed', done),
})

export function slackRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const routes = router()
  routes.openapi(inbound, async (context) => {
    const { slack } = deps
    if (!slack)
      throw new RouteRefusal(
        'not-configured',
        'This server knows no app of Slack: it takes HOLDPOINT_SLACK_SIGNING_SECRET_FILE, the signing secret of the app.',
      )
    const form = await context.req.text()
    const timestamp = context.req.header('x-slack-request-timestamp')
    const signature = context.req.header('x-slack-signature')
    await checkSigned({ timestamp, signature }, form, slack.signingSecret, deps.store, deps.clock.now())
    const press = pressIn(form)
    if (press === null || press.value === null) return reply(context, { ok: true })
    const text = await decidePress(deps, context, { ...press, value: press.value })
    // Slack waits three seconds: what the user is told goes its own way.
    if (press.answerTo !== null) void slack.tell(press.answerTo, text)
    return reply(context, { ok: true })
  })
  routes.openapi(list, async (context) => reply(context, (await linksOf(deps.store, personIn(context))).map(onWire)))
  routes.openapi(add, async (context) => {
    const person = personIn(context)
    const { code, confirm } = context.req.valid('json')
    const user = confirm
      ? await linkByCode(deps.store, code, person, deps.clock.now())
      : await userOfCode(deps.store, code, deps.clock.now())
    if (user === null)
      throw new RouteRefusal('used-up', 'There is no such code, or it is used up or older than ten minutes.')
    const { team, user: id, name } = user
    if (confirm) await deps.audit.tell({ kind: 'SlackLinked', person, user: `${team}/${id}`, name }, personAs(person))
    return reply(context, { team, user: id, name, linked: confirm })
  })
  routes.openapi(remove, async (context) => {
    const person = personIn(context)
    const { team, user } = context.req.valid('json')
    if (!(await unlink(deps.store, person, { team, user })))
      throw new RouteRefusal('no-change', 'You are not linked to that user of Slack.')
    await deps.audit.tell({ kind: 'SlackUnlinked', person, user: `${team}/${user}` }, personAs(person))
    return reply(context, { ok: true })
  })
  return routes
}

function onWire({ team, user, name, at }: SlackLink): Omit<SlackLink, 'person'> {
  return { team, user, name, at }
}

/** With a sign-in: whoever found a token makes nobody of Slack its holder. */
function personIn(context: Context<ApiEnv>): string {
  const caller = context.get('caller')
  if (caller.kind === 'person' && caller.session !== null) return caller.id
  throw new RouteRefusal(
    'forbidden',
    'This is for a person who has signed in: a token or a machine is nobody in Slack.',
  )
}
