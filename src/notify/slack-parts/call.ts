/** One call of Slack's Web API: its answer, or a fault in words. `ok: false` comes with status 200. */
import { z } from 'zod'
import { NotifyFault } from '../../core/ports/notify.ts'
import { hostOf, isRetryableStatus, postPatiently, type PostPowers } from '../http/post.ts'

export interface SlackAccount {
  readonly token: string
  readonly url: string
}

export interface SlackAnswer {
  readonly ts: string
  readonly channel: string
  /** Of `auth.test`: `releases of Acme`. */
  readonly who: string
}

/** A refusal of Slack; `code` is its own word for it. */
export class SlackFault extends NotifyFault {
  readonly code: string
  constructor(message: string, code: string) {
    super(message, { retryable: passing.has(code) })
    this.code = code
  }
}

export async function callSlack(
  method: 'chat.postMessage' | 'chat.update' | 'auth.test',
  body: string,
  { token, url }: SlackAccount,
  powers: PostPowers,
): Promise<SlackAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' }
  const answer = await postPatiently(`${url.replace(/\/$/, '')}/${method}`, headers, body, powers)
  if (answer.status !== 200)
    throw new NotifyFault(`${hostOf(url)} answered ${answer.status}`, { retryable: isRetryableStatus(answer.status) })
  const said = answerOf.safeParse(await answer.json().catch(() => null))
  if (!said.success) throw new NotifyFault(`${hostOf(url)} did not answer as Slack does`, { retryable: false })
  const { ok, error = 'no reason', ts, channel, needed } = said.data
  const { user = 'a bot', team = 'a workspace' } = said.data
  if (ok) return { ts: ts ?? '', channel: channel ?? '', who: `${user} of ${team}` }
  const more = [...(needed === undefined ? [] : [`needs ${needed}`]), ...(said.data.response_metadata?.messages ?? [])]
  throw new SlackFault(
    `Slack refused it: ${faults[error] ?? 'see its reference of errors'} (${[error, ...more].join('; ')})`,
    error,
  )
}

const answerOf = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  needed: z.string().optional(),
  ts: z.string().optional(),
  user: z.string().optional(),
  team: z.string().optional(),
  channel: z.string().optional(),
  response_metadata: z.object({ messages: z.array(z.string()).optional() }).optional(),
})

/** Trying again can help with these. */
const passing = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])

const faults: Readonly<Record<string, string>> = {
  not_authed: 'no token was sent',
  invalid_auth: 'the token is not known',
  account_inactive: 'the bot was removed',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired',
  missing_scope: 'the bot lacks a right; add chat:write and install it again',
  channel_not_found: 'there is no such channel, or the bot does not see it',
  not_in_channel: 'the bot is no member; invite it to the channel',
  is_archived: 'the channel is archived',
  restricted_action: 'the workspace lets the bot post nothing there',
  msg_too_long: 'the message is too long',
  no_text: 'the message has no text',
  invalid_blocks: 'its blocks are not accepted',
  invalid_json: 'what was sent is no JSON',
  message_not_found: 'the message is not there any more',
  thread_not_found: 'the thread is not there any more',
  cant_update_message: 'the message is not one of this bot',
  ratelimited: 'too many messages',
  rate_limited: 'too many messages',
  internal_error: 'something broke at Slack',
  fatal_error: 'something broke at Slack',
  service_unavailable: 'Slack is not available at the moment',
  request_timeout: 'the message did not arrive whole',
}
