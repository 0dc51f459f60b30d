/** Channel `slack`: one thread per release. Its first message is the release as it stands, kept up to date; each message is a reply. */
import { z } from 'zod'
import {
  type ChannelFacts,
  defineNotifier,
  type Delivered,
  type Message,
  NotifyFault,
  type NotifyPowers,
} from '../core/ports/notify.ts'
import type { ReleaseCard } from '../core/ports/card.ts'
import { messageBody } from './slack-parts/blocks.ts'
import { callSlack, type SlackAnswer, SlackFault } from './slack-parts/call.ts'
import { cardBody } from './slack-parts/card.ts'

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
  thread: z
    .boolean()
    .default(true)
    .describe('One thread per release under a card that shows how it stands; `false`: each message by itself'),
  buttons: z
    .boolean()
    .default(false)
    .describe('Buttons on the card: sign, answer, hold, abort. The server has to know the app: see docs/messages.md'),
  url: z.string().min(1).default(slackApi).describe("Address of Slack's Web API"),
})

type Config = z.infer<typeof config>

export const slack = defineNotifier({
  kind: 'slack',
  summary: 'A thread for each release in a channel of Slack, under a card that shows how it stands',
  config,
  example: 'channels:\n  chat: { kind: slack, token: "{{ secret.SLACK_TOKEN }}", channel: C0123456789 }',
  addresses: [slackApi],
  render: (message, { channel }) => JSON.stringify(messageBody(message, channel)),
  async send(rendered, message, given, powers) {
    if (given.thread && message.card) return threaded(rendered, message, message.card, given, powers)
    if (message.quiet) return 'nothing to update: messages of this channel stand by themselves'
    return postedWords(await callSlack('chat.postMessage', rendered, given, powers))
  },
  // Whether the bot is in the channel only a message would show.
  ask: async (given, powers) => `the token is that of ${(await callSlack('auth.test', '{}', given, powers)).who}`,
})

interface Thread {
  readonly ts: string
  readonly channel: string
}

/** Everything reached before a failure is kept: the next try goes on in the same thread. */
async function threaded(
  rendered: string,
  message: Message,
  card: ReleaseCard,
  given: Config,
  powers: NotifyPowers,
): Promise<Delivered> {
  const known = threadIn(message.kept)
  const standing = known && (await updated(known, message, card, given, powers))
  if (message.quiet)
    return standing
      ? { say: 'card updated' }
      : { say: 'the card is not there any more; the next message starts another', keep: { ts: '', channel: '' } }
  const thread = standing || (await begun(message, card, given, powers))
  const keep = { ...thread }
  try {
    const answer = await callSlack('chat.postMessage', replyOf(rendered, thread, card), given, powers)
    return { say: postedWords(answer), keep }
  } catch (fault) {
    if (!(fault instanceof NotifyFault)) throw fault
    throw new NotifyFault(fault.message, { retryable: fault.retryable, cause: fault, keep })
  }
}

function threadIn(kept: ChannelFacts | undefined): Thread | null {
  const { ts = '', channel = '' } = kept ?? {}
  return ts === '' || channel === '' ? null : { ts, channel }
}

/** Null when somebody deleted it. */
async function updated(
  thread: Thread,
  message: Message,
  card: ReleaseCard,
  given: Config,
  powers: NotifyPowers,
): Promise<Thread | null> {
  const body = { ...cardBody(message, card, thread.channel, given.buttons), ts: thread.ts }
  try {
    await callSlack('chat.update', JSON.stringify(body), given, powers)
    return thread
  } catch (fault) {
    if (fault instanceof SlackFault && fault.code === 'message_not_found') return null
    throw fault
  }
}

async function begun(message: Message, card: ReleaseCard, given: Config, powers: NotifyPowers): Promise<Thread> {
  const body = JSON.stringify(cardBody(message, card, given.channel, given.buttons))
  const { ts, channel } = await callSlack('chat.postMessage', body, given, powers)
  return { ts, channel: channel || given.channel }
}

/** Bad news is shown in the channel too: a thread that nobody has open tells nobody. */
function replyOf(rendered: string, thread: Thread, card: ReleaseCard): string {
  const body = objectIn(rendered)
  if (body === null) return rendered
  const isLoud = card.tone === 'bad'
  return JSON.stringify({
    ...body,
    channel: thread.channel,
    thread_ts: thread.ts,
    ...(isLoud ? { reply_broadcast: true } : {}),
  })
}

function objectIn(text: string): object | null {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' ? value : null
}

function postedWords({ ts, channel }: SlackAnswer): string {
  return `posted in ${channel || 'the channel'} at ${ts || 'no time'}`
}
