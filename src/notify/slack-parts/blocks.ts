/** A message as Block Kit, within what Slack's reference of blocks says it takes. */
import type { Message } from '../../core/ports/notify.ts'
import { oneLine, piecesOf, shortened, visibleText } from '../http/text.ts'
import { escaped, mrkdwnOf } from './mrkdwn.ts'

export const limits = { header: 150, section: 3_000, sections: 45, fallback: 4_000, button: 75, value: 2_000 } as const

export function messageBody(message: Message, channel: string): object {
  const subject = oneLine(message.subject) || message.on
  const body = visibleText(message.body).trim()
  const pieces = body === '' || oneLine(body) === subject ? [] : piecesOf(mrkdwnOf(body), limits.section)
  const cut = pieces.length > limits.sections
  return {
    channel,
    // What notifications and readers of the screen say.
    text: shortened(escaped(subject), limits.fallback),
    blocks: [
      header(subject),
      ...pieces.slice(0, limits.sections).map(section),
      context([...(cut ? ['… the rest of the message is too long for Slack'] : []), wordsFrom(message)].join(' · ')),
    ],
    ...always(message),
  }
}

export function header(text: string): object {
  return { type: 'header', text: { type: 'plain_text', text: shortened(text, limits.header), emoji: false } }
}

/** `text` is mrkdwn: what came from outside is escaped by whoever writes it. */
export function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

export function context(words: string): object {
  return { type: 'context', elements: [{ type: 'plain_text', text: shortened(words, limits.section), emoji: false }] }
}

export function wordsFrom({ release, on }: Message): string {
  return `${oneLine(release)} · ${on}`
}

/** A repeat is recognised by whoever reads the metadata: Slack itself drops none. */
export function always(message: Message): object {
  return {
    metadata: { event_type: 'holdpoint_message', event_payload: { id: message.id, release: message.release } },
    unfurl_links: false,
    unfurl_media: false,
  }
}
