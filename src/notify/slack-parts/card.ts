/** The release as the first message of its thread: how it stands, who is asked, and buttons for those who may. */
import type { CardAsk, ReleaseCard } from '../../core/ports/card.ts'
import type { Message } from '../../core/ports/notify.ts'
import { oneLine, shortened } from '../http/text.ts'
import { always, context, header, limits, section } from './blocks.ts'
import { escaped } from './mrkdwn.ts'

const signs: Readonly<Record<ReleaseCard['tone'], string>> = {
  good: ':large_green_circle:',
  busy: ':large_blue_circle:',
  person: ':large_yellow_circle:',
  bad: ':red_circle:',
}

/** More asks than that are on the page. */
const mostAsks = 5

export function cardBody(message: Message, card: ReleaseCard, channel: string, hasButtons: boolean): object {
  const title = oneLine(`${card.service} ${card.version} to ${card.environment}`)
  const buttons = hasButtons ? [...asksOf(message, card), ...stopsOf(message, card)] : []
  const page = message.page === undefined ? [] : [link(`open:${message.release}`, 'Open', message.page)]
  const actions = [...buttons, ...page]
  return {
    channel,
    text: shortened(escaped(`${title}: ${oneLine(card.now)}`), limits.fallback),
    blocks: [
      header(title),
      section(shortened(`${signs[card.tone]} ${escaped(oneLine(card.now))}`, limits.section)),
      ...(card.verdict === '' ? [] : [section(shortened(escaped(oneLine(card.verdict)), limits.section))]),
      ...(actions.length === 0 ? [] : [{ type: 'actions', elements: actions }]),
      context(`${oneLine(message.release)} · started by ${oneLine(card.startedBy)}`),
    ],
    ...always(message),
  }
}

function asksOf(message: Message, card: ReleaseCard): readonly object[] {
  return card.asks.slice(0, mostAsks).flatMap((ask): readonly object[] => {
    if (card.isProtected || ask.word === 'fields') return pageOf(message, ask)
    const { step, digest, stage = null } = ask
    if (ask.word === 'promote') return [button('promote', 'Go on', message, { step, stage }, 'primary')]
    if (ask.word === 'approve')
      return digest === undefined
        ? pageOf(message, ask)
        : [button('approve', `Sign: ${oneLine(ask.text)}`, message, { step, digest }, 'primary')]
    return ask.answers.length === 0 || ask.answers.length > 3
      ? pageOf(message, ask)
      : ask.answers.map((answer) => button('answer', `${answer}: ${oneLine(ask.text)}`, message, { step, answer }))
  })
}

/** What needs a sign-in or a form opens the page, which asks for it. */
function pageOf({ page }: Message, { step, word, text }: CardAsk): readonly object[] {
  if (page === undefined) return []
  const place = word === 'approve' ? `${page}/sign/${encodeURIComponent(step)}` : page
  return [link(`page:${step}`, oneLine(text), place)]
}

function stopsOf(message: Message, card: ReleaseCard): readonly object[] {
  if (card.isEnded || card.phase === 'rolling-back' || card.phase === 'rollback-failed') return []
  const hold = card.isHeld
    ? button('resume', 'Resume', message, { step: null })
    : button('hold', 'Hold', message, { step: null })
  return [hold, button('abort', 'Abort', message, { step: null }, 'danger')]
}

interface Pressed {
  readonly step: string | null
  readonly answer?: string
  /** What a signature is to cover. */
  readonly digest?: string
  readonly stage?: number | null
}

function button(
  action: 'approve' | 'answer' | 'promote' | 'hold' | 'resume' | 'abort',
  words: string,
  { release }: Message,
  pressed: Pressed,
  style?: 'primary' | 'danger',
): object {
  return {
    type: 'button',
    // Within one message they have to differ.
    action_id: shortened([action, pressed.step, pressed.answer].filter((part) => part != null).join(':'), 255),
    text: { type: 'plain_text', text: shortened(words, limits.button), emoji: false },
    value: JSON.stringify({ release, ...pressed }),
    ...(style === undefined ? {} : { style }),
    ...(action === 'abort' ? { confirm: confirmation } : {}),
  }
}

const confirmation = {
  title: { type: 'plain_text', text: 'Abort the release?' },
  text: { type: 'plain_text', text: 'Traffic goes back at once, and everything that was done is taken back.' },
  confirm: { type: 'plain_text', text: 'Abort' },
  deny: { type: 'plain_text', text: 'No' },
  style: 'danger',
}

function link(action: string, words: string, url: string): object {
  const text = { type: 'plain_text', text: shortened(words, limits.button), emoji: false }
  return { type: 'button', action_id: shortened(action, 255), text, url }
}
