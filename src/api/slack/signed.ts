/** What Slack sends when somebody presses a button: checked to come from Slack, lately and once, and read strictly. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { hashOfKey, isSameText } from '../auth/keys.ts'
import { RouteRefusal } from '../wire/problem.ts'

/** As Slack recommends: what is older was kept by somebody. */
const OLDEST_MS: Millis = 300_000
const SEEN = 'slack-seen'

export interface SlackHeaders {
  readonly timestamp: string | undefined
  readonly signature: string | undefined
}

export function slackSignature(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
}

/** Throws what Slack is answered. A request that came before does nothing again. */
export async function checkSigned(
  { timestamp, signature }: SlackHeaders,
  body: string,
  secret: string,
  store: Pick<Store, 'putEntry'>,
  now: Instant,
): Promise<void> {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signature === undefined)
    throw refused('X-Slack-Signature and X-Slack-Request-Timestamp are missing: this did not come from Slack.')
  if (!isSameText(signature, slackSignature(secret, timestamp, body)))
    throw refused('X-Slack-Signature is not the signature of this body: look at the signing secret of the app.')
  if (Math.abs(now - Number(timestamp) * 1_000) > OLDEST_MS)
    throw refused('This request was signed more than five minutes ago, or the clocks differ by as much.')
  const isFirst = await store.putEntry(SEEN, hashOfKey(signature), '{}', { expected: 0, expires: now + 3 * OLDEST_MS })
  if (isFirst === null) throw refused('This request came before: it does nothing again.')
}

function refused(words: string): RouteRefusal {
  return new RouteRefusal('bad-signature', words)
}

const id = z.string().regex(/^[A-Z0-9]{2,40}$/)
const name = z.string().max(200)

/** Of all that Slack sends: who pressed what, and where the answer goes. */
const pressed = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id, name: name.optional(), username: name.optional(), team_id: id.optional() }),
  team: z.object({ id }).nullish(),
  response_url: z.string().max(2_000).optional(),
  actions: z
    .array(z.object({ type: z.string(), action_id: z.string().max(255), value: z.string().max(2_000).optional() }))
    .min(1)
    .max(25),
})

const buttonValue = z.strictObject({
  release: z.string().min(1).max(300),
  step: z.string().min(1).max(300).nullable(),
  answer: z.string().min(1).max(300).optional(),
  digest: z.string().min(1).max(300).optional(),
  stage: z.number().int().min(0).nullable().optional(),
})

export type ButtonValue = z.infer<typeof buttonValue>

export interface SlackUser {
  readonly team: string
  readonly user: string
  readonly name: string
}

export interface Press {
  readonly by: SlackUser
  /** First part of the action's id: `hold`, `approve`. */
  readonly action: string
  /** null = a link, which Slack tells too. */
  readonly value: ButtonValue | null
  readonly answerTo: string | null
}

/** null = something else that Slack tells, and that nobody here waits for. */
export function pressIn(form: string): Press | null {
  const [payload, ...more] = new URLSearchParams(form).getAll('payload')
  if (payload === undefined || more.length > 0) throw malformed('expected one "payload" in a form')
  const json = jsonIn(payload)
  if (typeof json === 'object' && json !== null && 'type' in json && json.type !== 'block_actions') return null
  const parsed = pressed.safeParse(json)
  if (!parsed.success) throw malformed(parsed.error.issues[0]?.path.join('.') ?? 'not as expected')
  const { user, team, actions, response_url: answerTo = null } = parsed.data
  const [first] = actions
  const teamId = team?.id ?? user.team_id
  if (first === undefined || teamId === undefined) throw malformed('expected a team and an action')
  const by = { team: teamId, user: user.id, name: user.username ?? user.name ?? user.id }
  const [action = ''] = first.action_id.split(':')
  return { by, action, value: first.value === undefined ? null : valueIn(first.value), answerTo }
}

function valueIn(text: string): ButtonValue {
  const parsed = buttonValue.safeParse(jsonIn(text))
  if (parsed.success) return parsed.data
  throw malformed('the value of the button is none of ours')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new Error('a member called __proto__')
      return value
    })
  } catch {
    throw malformed('expected JSON')
  }
}

function malformed(what: string): RouteRefusal {
  return new RouteRefusal('bad-body', `This is no press of a button as Slack sends it: ${what}.`)
}
