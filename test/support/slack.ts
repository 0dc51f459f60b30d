/** chat.postMessage as Slack describes it: who may post where, what blocks may be, and its words for what they may not. */
import { createHmac } from 'node:crypto'
import {
  limiting,
  objectIn,
  type Posted,
  type PostedAnswer,
  type PostedServer,
  startPostedServer,
  textOf,
} from './posted-server.ts'

export interface SlackSettings {
  /** How many requests are answered 429 first, and the seconds they are told to wait. */
  readonly limited?: { readonly times: number; readonly seconds: string | null }
}

export interface SlackMessage {
  readonly channel: string
  readonly text: string
  readonly blocks: readonly Block[]
  readonly ts: string
  /** Of a reply: the message it is under. */
  readonly thread: string | null
  readonly isBroadcast: boolean
}

interface Block {
  readonly type?: string
  readonly text?: { readonly type?: string; readonly text?: string }
  readonly elements?: readonly {
    readonly type?: string
    readonly text?: string | { readonly type?: string; readonly text?: string }
    readonly action_id?: string
    readonly url?: string
    readonly value?: string
    readonly style?: string
  }[]
}

export interface SlackStandIn extends PostedServer {
  /** As they stand now: an update replaces one. */
  readonly messages: readonly SlackMessage[]
  /** As somebody who deletes a message in the client does. */
  delete(ts: string): void
}

export const slackToken = 'xoxb-1234-5678-aBcDeF'
const names: Readonly<Record<string, string>> = { '#releases': 'C0123456789', releases: 'C0123456789' }

export async function startSlack(settings: SlackSettings = {}): Promise<SlackStandIn> {
  const messages: SlackMessage[] = []
  const { times = 0, seconds = null } = settings.limited ?? {}
  const limit = limiting(times, seconds)
  let count = 0
  const next = (): string => `1700000000.${String((count += 1)).padStart(6, '0')}`
  const server = await startPostedServer((request) => limit() ?? answered(request, messages, next))
  const remove = (ts: string): void => {
    const at = messages.findIndex((one) => one.ts === ts)
    if (at >= 0) messages.splice(at, 1)
  }
  return { ...server, messages, delete: remove }
}

function answered(request: Posted, messages: SlackMessage[], next: () => string): PostedAnswer {
  const isUpdate = request.path === '/api/chat.update'
  if (request.path === '/api/auth.test') return authenticated(request)
  if (!isUpdate && request.path !== '/api/chat.postMessage') return said({ ok: false, error: 'unknown_method' })
  const body = objectIn(request.body)
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  const error = whyNot(request, isJson ? body : null, isJson)
  if (error !== null) return said({ ok: false, ...error })
  const channel = textOf(body?.['channel'])
  const blocks = (body?.['blocks'] ?? []) as readonly Block[]
  if (isUpdate) return changed(messages, channel, textOf(body?.['ts']), { text: textOf(body?.['text']), blocks })
  const thread = body?.['thread_ts'] === undefined ? null : textOf(body['thread_ts'])
  if (thread !== null && !messages.some((one) => one.ts === thread))
    return said({ ok: false, error: 'thread_not_found' })
  const ts = next()
  const isBroadcast = body?.['reply_broadcast'] === true
  messages.push({ channel: names[channel] ?? channel, text: textOf(body?.['text']), blocks, ts, thread, isBroadcast })
  return said({ ok: true, channel: names[channel] ?? channel, ts, message: { type: 'message', ts } })
}

/** Unlike posting, updating takes no name of a channel, only its id. */
function changed(
  messages: SlackMessage[],
  channel: string,
  ts: string,
  what: Pick<SlackMessage, 'text' | 'blocks'>,
): PostedAnswer {
  const at = messages.findIndex((one) => one.ts === ts)
  const known = messages[at]
  if (Object.hasOwn(names, channel) || channel === '') return said({ ok: false, error: 'channel_not_found' })
  if (known === undefined) return said({ ok: false, error: 'message_not_found' })
  messages[at] = { ...known, ...what }
  return said({ ok: true, channel, ts })
}

function authenticated(request: Posted): PostedAnswer {
  const error = whyNot(request, { channel: 'C0123456789', text: 'x' }, true)
  if (error !== null && error.error !== 'missing_scope') return said({ ok: false, ...error })
  return said({ ok: true, team: 'Acme', user: 'releases', user_id: 'U0BOT', team_id: 'T0ACME' })
}

interface SlackFault {
  readonly error: string
  readonly needed?: string
  readonly response_metadata?: { readonly messages: readonly string[] }
}

function whyNot(request: Posted, body: Readonly<Record<string, unknown>> | null, isJson: boolean): SlackFault | null {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return { error: 'not_authed' }
  if (token === 'xoxb-revoked') return { error: 'token_revoked' }
  if (token === 'xoxb-reader') return { error: 'missing_scope', needed: 'chat:write' }
  if (token === 'xoxb-broken') return { error: 'internal_error' }
  if (token !== slackToken) return { error: 'invalid_auth' }
  if (!isJson) return { error: 'invalid_form_data' }
  if (body === null) return { error: 'invalid_json' }
  return whyNotThere(textOf(body['channel'])) ?? whyNotThat(body)
}

function whyNotThere(channel: string): SlackFault | null {
  const id = names[channel] ?? channel
  if (id === 'C0ARCHIVED') return { error: 'is_archived' }
  if (id === 'C0PRIVATE') return { error: 'not_in_channel' }
  return id === 'C0123456789' ? null : { error: 'channel_not_found' }
}

function whyNotThat({ text, blocks }: Readonly<Record<string, unknown>>): SlackFault | null {
  if (text !== undefined && typeof text !== 'string') return { error: 'invalid_arguments' }
  if ((text ?? '') === '' && blocks === undefined) return { error: 'no_text' }
  if ((text ?? '').length > 40_000) return { error: 'msg_too_long' }
  if (blocks === undefined) return null
  if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format' }
  const wrong = [
    ...(blocks.length > 50 ? ['no more than 50 items allowed [json-pointer:/blocks]'] : []),
    ...(blocks as readonly Block[]).flatMap(wrongInBlock),
  ]
  return wrong.length === 0 ? null : { error: 'invalid_blocks', response_metadata: { messages: wrong } }
}

function wrongInBlock(block: Block, index: number): readonly string[] {
  const at = `/blocks/${index}`
  if (block.type === 'header')
    return block.text?.type === 'plain_text'
      ? wrongLength(block.text.text, 150, `${at}/text/text`)
      : [`must be plain_text [json-pointer:${at}/text/type]`]
  if (block.type === 'section') return wrongLength(block.text?.text, 3_000, `${at}/text/text`)
  if (block.type === 'actions') return wrongActions(block, at)
  if (block.type !== 'context') return [`unsupported type: ${block.type} [json-pointer:${at}/type]`]
  if (!block.elements || block.elements.length === 0 || block.elements.length > 10)
    return [`1 to 10 elements [json-pointer:${at}/elements]`]
  return block.elements.flatMap(({ text }, item) =>
    wrongLength(typeof text === 'string' ? text : undefined, 3_000, `${at}/elements/${item}/text`),
  )
}

/** Buttons only: 1 to 25, each with a text of 75 characters and an action of its own of 255. */
function wrongActions({ elements = [] }: Block, at: string): readonly string[] {
  const actions = elements.map(({ action_id }) => action_id ?? '')
  return [
    ...(elements.length === 0 || elements.length > 25 ? [`1 to 25 elements [json-pointer:${at}/elements]`] : []),
    ...(new Set(actions).size === actions.length ? [] : [`action_id already exists [json-pointer:${at}/elements]`]),
    ...elements.flatMap(({ type, text, action_id, value, url, style }, item) => [
      ...(type === 'button' ? [] : [`unsupported type: ${type} [json-pointer:${at}/elements/${item}/type]`]),
      ...(typeof text === 'object' && text.type === 'plain_text'
        ? wrongLength(text.text, 75, `${at}/elements/${item}/text/text`)
        : [`must be plain_text [json-pointer:${at}/elements/${item}/text/type]`]),
      ...wrongLength(action_id, 255, `${at}/elements/${item}/action_id`),
      ...(value === undefined ? [] : wrongLength(value, 2_000, `${at}/elements/${item}/value`)),
      ...(url === undefined ? [] : wrongLength(url, 3_000, `${at}/elements/${item}/url`)),
      ...(style === undefined || style === 'primary' || style === 'danger'
        ? []
        : [`must be primary or danger [json-pointer:${at}/elements/${item}/style]`]),
    ]),
  ]
}

function wrongLength(text: string | undefined, longest: number, at: string): readonly string[] {
  if (text === undefined || text === '') return [`must be more than 0 characters [json-pointer:${at}]`]
  return text.length > longest ? [`must be less than ${longest + 1} characters [json-pointer:${at}]`] : []
}

function said(answer: object): PostedAnswer {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(answer) }
}

export const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'

export interface Pressing {
  readonly user?: string
  readonly action: string
  /** Absent = a button that is a link. */
  readonly value?: object | string
  readonly answerTo?: string
  /** Of the signature. */
  readonly at?: number
  readonly secret?: string
}

/** A press of a button as Slack posts it: a form with one payload, signed over time and body. */
export function pressed({
  user = 'U0ANA',
  action,
  value,
  answerTo,
  at = Date.now(),
  secret = signingSecret,
}: Pressing): {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
} {
  const payload = {
    type: 'block_actions',
    user: { id: user, username: `${user.toLowerCase()}.slack`, name: user.toLowerCase(), team_id: 'T0ACME' },
    api_app_id: 'A02',
    token: 'deprecated',
    container: { type: 'message', message_ts: '1700000000.000001', channel_id: 'C0123456789', is_ephemeral: false },
    trigger_id: '12466734323.1395872398',
    team: { id: 'T0ACME', domain: 'acme' },
    channel: { id: 'C0123456789', name: 'releases' },
    ...(answerTo === undefined ? {} : { response_url: answerTo }),
    actions: [
      {
        action_id: action,
        block_id: 'a1',
        text: { type: 'plain_text', text: 'Press' },
        ...(value === undefined ? {} : { value: typeof value === 'string' ? value : JSON.stringify(value) }),
        type: 'button',
        action_ts: `${at / 1_000}`,
      },
    ],
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor(at / 1_000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
  }
}
