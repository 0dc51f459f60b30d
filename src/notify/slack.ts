/** Channel `slack`: one message in a channel of Slack per message, as Block Kit, through chat.postMessage. */
import { z } from 'zod'
import { defineNotifier, type Message, NotifyFault } from '../core/ports/notify.ts'
import type { OutboundAnswer } from '../core/ports/outbound.ts'
import { hostOf, isRetryableStatus, postPatiently } from './http/post.ts'
import { oneLine, piecesOf, shortened, visibleText } from './http/text.ts'
import { escaped, mrkdwnOf } from './slack-parts/mrkdwn.ts'

/** What Slack takes, as its reference of blocks says. */
const limits = { header: 150, section: 3_000, sections: 45, fallback: 4_000 } as const
const slackApi = 'https://slack.com/api'

const config = z.strictObject({
  token: z
    .string()
    .regex(/^(?:xox[a-z]-\S+|\{\{.*\}\})$/, { error: 'expected the bot token (xoxb-…), as {{ secret.NAME }}' })
    .describe('Bot token with the right `chat:write`; `{{ secret.NAME }}`'),
  channel: z
    .string()
    .regex(/^(?:[#CDGU]?[\p{L}\p{N}_.-]{1,80}|.*\{\{.*\}\}.*)$/u, {
      error: 'expected the id of a channel such as C0123456789, or its name such as #releases',
    })
    .describe('Id of the channel (`C0123456789`), or its name (`"#releases"`); the bot has to be a member'),
  url: z.string().min(1).default(slackApi).describe("Address of Slack's Web API"),
})

export const slack = defineNotifier({
  kind: 'slack',
  summary: 'A message in a channel of Slack, as Block Kit',
  config,
  example: 'channels:\n  chat: { kind: slack, token: "{{ secret.SLACK_TOKEN }}", channel: C0123456789 }',
  addresses: [slackApi],
  render: (message, { channel }) => JSON.stringify(bodyOf(message, channel)),
  async send(rendered, _message, { token, url }, powers) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' }
    const answer = await postPatiently(`${url.replace(/\/$/, '')}/chat.postMessage`, headers, rendered, powers)
    return proofOf(answer, url)
  },
})

/** Where Slack's answer can be said as a sentence: `ok: false` comes with status 200. */
async function proofOf(answer: OutboundAnswer, url: string): Promise<string> {
  if (answer.status !== 200)
    throw new NotifyFault(`${hostOf(url)} answered ${answer.status}`, { retryable: isRetryableStatus(answer.status) })
  const said = answerOf.safeParse(await answer.json().catch(() => null))
  if (!said.success) throw new NotifyFault(`${hostOf(url)} did not answer as Slack does`, { retryable: false })
  const { ok, error = 'no reason', ts, channel, needed } = said.data
  if (ok) return `posted in ${channel ?? 'the channel'} at ${ts ?? 'no time'}`
  const more = [...(needed === undefined ? [] : [`needs ${needed}`]), ...(said.data.response_metadata?.messages ?? [])]
  throw new NotifyFault(
    `Slack refused it: ${faults[error] ?? 'see its reference of errors'} (${[error, ...more].join('; ')})`,
    { retryable: passing.has(error) },
  )
}

const answerOf = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  needed: z.string().optional(),
  ts: z.string().optional(),
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
  ratelimited: 'too many messages',
  rate_limited: 'too many messages',
  internal_error: 'something broke at Slack',
  fatal_error: 'something broke at Slack',
  service_unavailable: 'Slack is not available at the moment',
  request_timeout: 'the message did not arrive whole',
}

function bodyOf(message: Message, channel: string): object {
  const subject = oneLine(message.subject) || message.on
  const body = visibleText(message.body).trim()
  const pieces = body === '' || oneLine(body) === subject ? [] : piecesOf(mrkdwnOf(body), limits.section)
  const cut = pieces.length > limits.sections
  return {
    channel,
    // What notifications and readers of the screen say.
    text: shortened(escaped(subject), limits.fallback),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shortened(subject, limits.header), emoji: false } },
      ...pieces.slice(0, limits.sections).map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
      context(cut ? '… the rest of the message is too long for Slack' : null, message),
    ],
    // A repeat is recognised by whoever reads the metadata: Slack itself drops none.
    metadata: { event_type: 'holdpoint_message', event_payload: { id: message.id, release: message.release } },
    unfurl_links: false,
    unfurl_media: false,
  }
}

function context(cut: string | null, { release, on }: Message): object {
  const words = [...(cut === null ? [] : [cut]), `${oneLine(release)} · ${on}`].join(' · ')
  return { type: 'context', elements: [{ type: 'plain_text', text: shortened(words, limits.section), emoji: false }] }
}
